/*
 * engine_choice.c - what every engine that answers choices asks of their labels (engine.h).
 */
#include <string.h>

#include "engine/engine.h"

enum surety_err engine_check_choice(const struct surety_task *task, struct surety_error *err)
{
    size_t n = task->n_labels;
    if (n == 1 || n > SURETY_LABELS_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "a choice has 2 to %d labels, not %zu",
                           SURETY_LABELS_MAX, n);
    if (task->opened && strlen(task->opened) > SURETY_OPENED_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "the opened reply is longer than %d bytes",
                           SURETY_OPENED_MAX);
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(task->labels[i]);
        if (len == 0 || len > SURETY_LABEL_MAX)
            return surety_fail(err, SURETY_ERR_INVALID, "label %zu must have 1 to %d bytes", i + 1,
                               SURETY_LABEL_MAX);
        for (size_t j = 0; j < n; j++)
            if (j != i && strncmp(task->labels[i], task->labels[j], len) == 0)
                return surety_fail(err, SURETY_ERR_INVALID,
                                   "label %zu ('%.60s') begins label %zu: word them so that none "
                                   "begins another",
                                   i + 1, task->labels[i], j + 1);
    }
    return SURETY_OK;
}
