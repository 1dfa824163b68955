#include "scaler/broker/store.h"

#include <stdlib.h>

struct null_state {
    uint64_t *numbers; /* answered next, in order */
    size_t n, size;
};

static enum surety_err null_put(void *state, uint64_t number, const struct surety_request *request,
                                struct surety_error *err)
{
    struct null_state *s = state;
    if (s->n == s->size) {
        size_t size = s->size ? s->size * 2 : 16;
        uint64_t *grown = realloc(s->numbers, size * sizeof *grown);
        if (!grown)
            return surety_fail(err, SURETY_ERR_NOMEM, "no memory to note a request");
        s->numbers = grown;
        s->size = size;
    }
    s->numbers[s->n++] = number;
    return SURETY_OK;
}

static bool null_next(void *state, uint64_t *ret_number, struct surety_error *ret_error)
{
    struct null_state *s = state;
    if (s->n == 0)
        return false;
    *ret_number = s->numbers[0];
    ret_error->code = SURETY_OK;
    s->n--;
    for (size_t i = 0; i < s->n; i++)
        s->numbers[i] = s->numbers[i + 1];
    return true;
}

static int null_fd(void *state)
{
    return -1;
}

static void null_end(void *state, uint64_t number, const struct store_end *end)
{
}

static void null_close(void *state)
{
    struct null_state *s = state;
    free(s->numbers);
    *s = (struct null_state){0};
}

const struct store_ops store_null = {
    .name = "null",
    .state_bytes = sizeof(struct null_state),
    .put = null_put,
    .next = null_next,
    .fd = null_fd,
    .end = null_end,
    .close = null_close,
};
