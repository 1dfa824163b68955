/*
 * batch.h - what score and grade share: lines in, results out, the table at the end.
 *
 * Prints to stderr what goes wrong with a line, and goes on.
 */
#ifndef SURETY_SCALER_CLI_BATCH_H
#define SURETY_SCALER_CLI_BATCH_H

#include "scaler/cli/cli.h"
#include "scaler/cli/input.h"
#include "scaler/cli/output.h"
#include "scaler/report/summary.h"

struct batch {
    const struct command *command;
    const struct options *options;
    struct problems problems;
    struct output output;
    struct summary *summary;
    bool open;            /* the problems are */
    bool ready;           /* the results too */
    bool fresh;           /* --summary names no file that was there */
    size_t place;         /* of the next line */
    size_t total;         /* lines */
    size_t kept;          /* results that --resume found */
    size_t before;        /* of them, those of lines of this file */
    size_t skipped;       /* lines so far that are among them */
    size_t done;          /* written now, failed ones too */
    size_t failed;        /* of them */
    size_t graded, right; /* of all in the table */
    int64_t began_ms;
    struct surety_result first; /* the run that all others are held against */
    bool has_first;
    bool mixed;                /* others differ, and the table has them all the same */
    bool untold;               /* there were kept ones that do not say what was asked */
    json_t *origin;            /* "run" of the first result; NULL: none yet */
    void (*clear)(void *user); /* called before anything is printed; NULL: nothing to clear */
    void *user;
};

/* Opens the problems and checks the files that will be written. Prints what is wrong and returns
 * the exit code; CLI_DONE: all is well. Ended by batch_close in either case. */
int batch_open(struct batch *batch, const struct command *command, const struct options *options);

/* Opens the results, and takes up what --resume finds done; before any other call but batch_close,
 * and likewise. What was asked otherwise than now is refused, unless --force: with run (NULL or
 * zero: not known yet) now, else when the first result is to be written. */
int batch_begin(struct batch *batch, const struct surety_result *run);

/* The next line that has to be done and its place; lines that cannot be used get their failed
 * result here. False at the end, or with err. */
bool batch_next(struct batch *batch, struct problem *ret, size_t *ret_place,
                struct surety_error *err);

/* Writes a problem's result, graded before, and counts it. IO: the run must end. */
enum surety_err batch_put(struct batch *batch, const struct problem *problem, size_t place,
                          struct surety_result *result, struct surety_error *err);

/* Writes a failed result for a problem, which counts as wrong where there is a gold answer. */
enum surety_err batch_fail(struct batch *batch, const struct problem *problem, size_t place,
                           const struct surety_error *why, struct surety_error *err);

/* Closes, prints the table and writes --summary; the exit code, at least code. */
int batch_close(struct batch *batch, int code);

#endif
