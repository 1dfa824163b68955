/*
 * input.h - what the commands read: whole texts, profiles, and files of problems.
 *
 * Everything that is returned is valid UTF-8 (see base/utf8.h). Does not print.
 */
#ifndef SURETY_SCALER_CLI_INPUT_H
#define SURETY_SCALER_CLI_INPUT_H

#include <stdio.h>

#include <jansson.h>

#include "base/jsonl.h"
#include <surety/types.h>

/* All of a file ("-": stdin), made valid. IO, LIMIT (names the limit), NOMEM. The caller frees. */
enum surety_err input_text(const char *path, size_t max_bytes, char **ret_text,
                           struct surety_error *err);

/* The text of the profile NAME|FILE, checked. NULL name: *ret_text is NULL. The caller frees. */
enum surety_err input_profile(const char *name, char **ret_text, struct surety_error *err);

/* ---- problems, one a line: {"id"?, "problem", "gold"?, ...} ---- */

/* What these members are called in a file. NULL and 0: as above, and all lines. Borrowed. */
struct problem_form {
    const char *id, *problem, *gold;
    uint64_t limit; /* only the first so many lines */
};

struct problem {
    char *id;                  /* given, or the line's number */
    char *problem;             /* NULL when the line failed */
    char *gold;                /* NULL: none; may be known of a line that failed */
    json_t *line;              /* the whole object; NULL when it could not be parsed */
    size_t number;             /* of the line, from 1 */
    struct surety_error error; /* OK, or what is wrong with the line */
};

void problem_fini(struct problem *problem);

struct problems {
    FILE *file;
    char *name;
    struct jsonl reader;
    struct problem_form form;
    json_t *ids;    /* id -> number of its line */
    json_t *asked;  /* id -> {"problem": its hash (base/hash.h, 16 digits), "gold"?} */
    size_t n_bad;   /* lines without a usable id */
    uint64_t taken; /* lines that were delivered */
};

/*
 * Opens a file of problems ("-": stdin, which is kept in a temporary file) and reads it through
 * once. INVALID when an id occurs twice (names both lines); IO; NOMEM. The caller closes.
 */
enum surety_err problems_open(struct problems *problems, const char *path,
                              const struct problem_form *form, struct surety_error *err);
void problems_close(struct problems *problems);

size_t problems_count(const struct problems *problems); /* lines that will be delivered */

/* The next line, also one that failed (problem->error); false at the end. */
bool problems_next(struct problems *problems, struct problem *ret);

#endif
