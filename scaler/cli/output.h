/*
 * output.h - the file of results: whole lines, written as they come, and continued by --resume.
 *
 * A line is on its way to the disk before the next is begun; a line that could not be written
 * whole is taken back. Does not print.
 */
#ifndef SURETY_SCALER_CLI_OUTPUT_H
#define SURETY_SCALER_CLI_OUTPUT_H

#include <stdio.h>

#include <jansson.h>

#include <surety/types.h>

struct output {
    FILE *file;
    const char *path; /* borrowed; "-": stdout */
    json_t *kept;     /* ids that --resume found done -> true */
    bool ordered;     /* write in the order of the places */
    size_t place;     /* the next to write, from 0 */
    char **held;      /* [n_held] lines of the places from `place` on; NULL: not there yet */
    size_t n_held;
    long long whole; /* bytes of whole lines; -1: no regular file */
};

/* Shown each result that --resume keeps; what it returns but OK, with err, ends output_open, and
 * the file stays as it was. */
typedef enum surety_err output_kept(void *user, struct surety_result *result,
                                    struct surety_error *err);

/* Whether output_open will refuse path: INVALID; IO when it cannot be written. Changes nothing. */
enum surety_err output_check(const char *path, bool resume, struct surety_error *err);

/*
 * Opens path for writing, and locks it: INVALID when another process writes to it. INVALID (with
 * what to do, but for --resume) when it is a file with content and resume is not wanted. With
 * resume the file keeps its results that are done: a torn last line, failed, cancelled and repeated
 * ones are dropped (rewritten beside it and renamed), and each kept one is shown to kept, which may
 * be NULL. IO, NOMEM. The caller closes.
 */
enum surety_err output_open(struct output *out, const char *path, bool resume, bool ordered,
                            output_kept *kept, void *user, struct surety_error *err);

/* True when --resume found this id done. */
bool output_has(const struct output *out, const char *id);

/* Writes the line of a place; text NULL: this place has no line. Takes text (malloc'ed). Places
 * count from 0 without gaps; without `ordered` they do not matter. IO: see err; NOMEM. */
enum surety_err output_put(struct output *out, size_t place, char *text, struct surety_error *err);

/* Puts the lines of a closed file into an order: that of order[id], else that of error.line. The
 * file is replaced as a whole or not at all. IO, NOMEM; INVALID when another process writes to it.
 */
enum surety_err output_sort(const char *path, const json_t *order, struct surety_error *err);

/* Writes what was held back for a place that never came, and flushes to the disk. IO. Frees
 * everything, also after a failure of output_open. */
enum surety_err output_close(struct output *out, struct surety_error *err);

#endif
