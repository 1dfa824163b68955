/*
 * recording.h - a file of recorded samples and verdicts in memory, found by problem and claim.
 *
 * Knows the format (engine/replay.h describes it) and the look-up; does not play anything.
 * Immutable after loading.
 */
#ifndef SURETY_ENGINE_RECORDING_H
#define SURETY_ENGINE_RECORDING_H

#include "base/log.h"
#include <surety/arena.h>
#include <surety/types.h>

enum fail_kind { FAIL_NOT, FAIL_ERROR, FAIL_CRASH, FAIL_HANG };

struct take {         /* one recorded output */
    char *text;       /* NULL: none, only log-probabilities */
    char **labels;    /* [n_labels], trimmed; of a choice */
    double *logprobs; /* [n_labels] */
    size_t n_labels;
    struct take *next;
    uint32_t tokens; /* words of text */
    uint32_t delay_ms;
    enum surety_finish finish;
    enum fail_kind fail;
    uint32_t fail_attempts; /* fails while attempt < this */
};

struct takes {                   /* those of one problem, or of one claim of a problem */
    const struct takes *problem; /* NULL: this is a problem */
    const char *key;             /* the problem, or the claim with its white space folded */
    uint64_t hash;
    size_t line; /* of the file, where the key was first seen */
    size_t n;
    struct take *first, *last;
};

struct recording {
    struct arena arena;   /* holds everything but the table */
    struct takes **table; /* open addressing, [size], size is a power of two */
    size_t n, size;
    size_t n_problems;
    bool chooses;  /* some verdict has log-probabilities */
    uint64_t hash; /* of all that can change an output, in file order */
};

/* NOT_FOUND, IO, or the first bad line as PARSE or LIMIT with its number; NOMEM. once: a line with
 * the problem of an earlier one is bad, too, unless its samples are the same. On failure
 * *ret_recording is untouched. log may be NULL. */
enum surety_err recording_load(const char *path, bool once, const struct log *log,
                               struct recording *ret_recording, struct surety_error *err);
void recording_fini(struct recording *recording); /* NULL is fine */

/* The samples of a problem; NULL: not recorded. */
const struct takes *recording_problem(const struct recording *recording, const char *problem);

/* The verdicts on a claim of a problem; NULL: none. *ret_err is NOMEM when the look-up failed. */
const struct takes *recording_claim(const struct recording *recording, const struct takes *problem,
                                    const char *claim, enum surety_err *ret_err);

/* Take number i, which is below takes->n. */
const struct take *takes_at(const struct takes *takes, size_t i);

/* The recorded log-probability of a label, white space around it aside; NaN: none. */
double take_label(const struct take *take, const char *label);

/* Words between white space. */
uint32_t count_words(const char *text);

#endif
