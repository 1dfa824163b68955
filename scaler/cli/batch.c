#include "scaler/cli/batch.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "proto/result_json.h"
#include "proto/seed.h"
#include "scaler/cli/origin.h"
#include "scaler/report/grading.h"

static void clear(struct batch *batch)
{
    if (batch->clear)
        batch->clear(batch->user);
}

/* What the first result that is one says of model and settings, for --summary. */
static void take_origin(struct batch *batch, const struct surety_result *result,
                        const json_t *object)
{
    if (!batch->origin && origin_is_told(result))
        batch->origin = json_incref(json_object_get(object, "run"));
}

/* ---- do all results of the file belong together? ---- */

/* One that was made otherwise: refused, or said once where the table takes it. */
static enum surety_err take_other(struct batch *batch, const char *id, const char *why,
                                  struct surety_error *err)
{
    const struct options *o = batch->options;
    if (o->resume && !o->force)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "%s: '%.80s': %s; name another file, or mix them with --force",
                           o->output, id, why);
    if (batch->mixed)
        return SURETY_OK;
    batch->mixed = true;
    clear(batch);
    cli_fail(batch->command, CLI_DONE, "'%.80s': %s: the table mixes them", id, why);
    return SURETY_OK;
}

/* The first one, written or expected, is what the others are held against. */
static enum surety_err set_first(struct batch *batch, const struct surety_result *result,
                                 struct surety_error *err)
{
    json_t *object = surety_result_to_json(result, true);
    enum surety_err code = object ? surety_result_from_json(object, &batch->first, err)
                                  : surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    json_decref(object);
    batch->has_first = !code;
    return code;
}

/* Watches that grade's table does not mix what different models or settings gave. */
static enum surety_err watch_run(struct batch *batch, const struct surety_result *result, bool kept,
                                 struct surety_error *err)
{
    char why[400];
    const struct surety_result *first = &batch->first;
    if (batch->command->user != USER_GRADE || !origin_is_told(result))
        return SURETY_OK;
    if (!batch->has_first)
        return set_first(batch, result, err);
    if (origin_differs(kept ? result : first, kept ? first : result, why, sizeof why))
        return take_other(batch, result->id, why, err);
    if (!*first->run.model_id && *result->run.model_id) { /* it was expected, this one came */
        surety_result_fini(&batch->first);
        return set_first(batch, result, err);
    }
    return SURETY_OK;
}

/* Was the one that is kept asked what would be asked now? */
static enum surety_err watch_asked(struct batch *batch, const struct surety_result *result,
                                   struct surety_error *err)
{
    const json_t *asked = json_object_get(batch->problems.asked, result->id);
    const char *gold = json_get_string(asked, "gold", NULL);
    char why[400];
    if (!asked)
        return SURETY_OK; /* no longer a line of this file */
    bool told = result->problem_hash != NULL;
    if (!told && !batch->untold)
        cli_fail(batch->command, CLI_DONE,
                 "%s: '%.80s' does not say which problem it is of, so that is not compared",
                 batch->options->output, result->id);
    batch->untold |= !told;
    if (told && strcmp(result->problem_hash, json_get_string(asked, "problem", "")) != 0)
        snprintf(why, sizeof why, "it is of another problem than that of this id here");
    else if ((told && !result->gold != !gold) ||
             (gold && result->gold && strcmp(gold, result->gold) != 0))
        snprintf(why, sizeof why, "the gold answer is %s%.80s%s there and %s%.80s%s here",
                 result->gold ? "'" : "", result->gold ? result->gold : "not given",
                 result->gold ? "'" : "", gold ? "'" : "", gold ? gold : "not given",
                 gold ? "'" : "");
    else if (origin_is_told(result) &&
             result->run.settings.seed != seed_of_line(batch->options->settings.seed, result->id))
        snprintf(why, sizeof why, "it has another --seed than %llu",
                 (unsigned long long)batch->options->settings.seed);
    else
        return SURETY_OK;
    return take_other(batch, result->id, why, err);
}

static enum surety_err tally(struct batch *batch, const struct surety_result *result,
                             struct surety_error *err)
{
    batch->graded += result->correct.known;
    batch->right += result->correct.known && result->correct.clr == 1;
    return summary_add(batch->summary, result) ? surety_fail(err, SURETY_ERR_NOMEM, "out of memory")
                                               : SURETY_OK;
}

static enum surety_err keep(void *user, struct surety_result *result, struct surety_error *err)
{
    struct batch *batch = user;
    enum surety_err code = watch_asked(batch, result, err);
    if (!code)
        code = watch_run(batch, result, true, err);
    if (code)
        return code;
    json_t *object = batch->origin ? NULL : surety_result_to_json(result, true);
    take_origin(batch, result, object);
    json_decref(object);
    if (result->gold && grading_mark_compatible(result))
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    if (batch->options->lenient)
        grading_accept_compatible(result);
    batch->kept++;
    return tally(batch, result, err);
}

/* One that exists: a device may be named twice. */
static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return a && b && strcmp(a, "-") != 0 && strcmp(b, "-") != 0 && stat(a, &x) == 0 &&
           stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int batch_open(struct batch *batch, const struct command *command, const struct options *options)
{
    struct surety_error error = {0};
    *batch = (struct batch){.command = command, .options = options, .began_ms = clock_now_ms()};
    if (!options->output)
        return cli_fail(command, CLI_USAGE, "where do the results go? -o FILE, or -o - for stdout");
    batch->fresh = options->summary && access(options->summary, F_OK) != 0;
    FILE *file = options->summary ? fopen(options->summary, "ae") : NULL;
    if (options->summary && !file) /* better now than after hours */
        return cli_fail(command, CLI_USAGE, "%s: %s", options->summary, strerror(errno));
    if (file)
        fclose(file);
    const char *in = options->operands[0], *out = options->output;
    if (same_file(in, out) || same_file(in, options->summary) || same_file(out, options->summary))
        return cli_fail(command, CLI_USAGE,
                        "the problems, the results (-o) and the summary must be different files");
    batch->summary = summary_create();
    if (!batch->summary)
        return cli_fail(command, CLI_UNREACHABLE, "out of memory");
    if (options->lenient)
        summary_set_lenient(batch->summary);
    if (problems_open(&batch->problems, options->operands[0], &options->form, &error))
        return cli_fail(command, CLI_USAGE, "%s", error.message);
    batch->open = true;
    batch->total = problems_count(&batch->problems);
    if (output_check(options->output, options->resume, &error))
        return cli_fail(command, CLI_USAGE, "%s%s", error.message,
                        command->user == USER_GRADE && !options->resume &&
                                error.code == SURETY_ERR_INVALID
                            ? ", or let grade go on with it (--resume)"
                            : "");
    return CLI_DONE;
}

int batch_begin(struct batch *batch, const struct surety_result *run)
{
    const struct options *options = batch->options;
    struct surety_error error = {0};
    if ((run && run->id && set_first(batch, run, &error)) ||
        output_open(&batch->output, options->output, options->resume, options->stable, keep, batch,
                    &error))
        return cli_fail(batch->command, cli_exit_of(error.code, CLI_USAGE), "%s", error.message);
    const char *id;
    json_t *number;
    json_object_foreach(batch->problems.ids, id, number) batch->before +=
        output_has(&batch->output, id);
    batch->ready = true;
    return CLI_DONE;
}

static enum surety_err put(struct batch *batch, size_t place, struct surety_result *result,
                           struct surety_error *err)
{
    json_t *object = surety_result_to_json(result, batch->options->stable);
    char *text = object ? json_to_text(object) : NULL;
    take_origin(batch, result, object);
    json_decref(object);
    if (!text)
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    enum surety_err code = watch_run(batch, result, false, err);
    if (code)
        free(text);
    else
        code = output_put(&batch->output, place, text, err);
    if (code)
        return code;
    batch->done++;
    batch->failed += result->stop == SURETY_STOP_FAILED;
    if (batch->options->lenient) /* the table; results say what is exact */
        grading_accept_compatible(result);
    return tally(batch, result, err);
}

enum surety_err batch_put(struct batch *batch, const struct problem *problem, size_t place,
                          struct surety_result *result, struct surety_error *err)
{
    char hash[17];
    if (problem->problem) {
        hash_hex(hash_text(0, problem->problem), hash);
        result->problem_hash = hash;
        result->problem = batch->options->settings.text ? problem->problem : NULL;
    }
    result->gold = problem->gold;
    enum surety_err code = put(batch, place, result, err);
    result->problem = result->problem_hash = result->gold = NULL; /* they were lent */
    return code;
}

enum surety_err batch_fail(struct batch *batch, const struct problem *problem, size_t place,
                           const struct surety_error *why, struct surety_error *err)
{
    char empty[] = "", version[] = SURETY_VERSION;
    struct surety_result result = {.id = problem->id,
                                   .reliability = NAN,
                                   .stop = SURETY_STOP_FAILED,
                                   .error = *why,
                                   .error_line = problem->number};
    result.verifier.valid_rate = result.verifier.unparsed_rate = NAN;
    result.run.version = version;
    result.run.model = result.run.model_id = result.run.profile = empty;
    result.run.profile_hash = result.run.repro = empty;
    result.run.settings = batch->options->settings;
    if (batch->command->user == USER_SCORE && !batch->options->k)
        result.run.settings.k = 1; /* "all samples", of which there are none */
    if (problem->gold)             /* no answer is not right: leaving it out would flatter */
        (void)grading_fill(&result, problem->gold, problem->problem, NULL,
                           0); /* compares nothing */
    clear(batch);
    /* the reader's own messages name the place already */
    if (problem->line)
        cli_fail(batch->command, CLI_LINES_FAILED, "%s:%zu: %s", batch->problems.name,
                 problem->number, why->message);
    else
        cli_fail(batch->command, CLI_LINES_FAILED, "%s", why->message);
    return batch_put(batch, problem, place, &result, err);
}

bool batch_next(struct batch *batch, struct problem *ret, size_t *ret_place,
                struct surety_error *err)
{
    while (problems_next(&batch->problems, ret)) {
        size_t place = batch->place++;
        enum surety_err code = SURETY_OK;
        if (!ret->id) {
            code = surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
        } else if (ret->error.code == SURETY_ERR_IO) {
            code = surety_fail(err, SURETY_ERR_IO, "%s", ret->error.message);
        } else if (ret->error.code) {
            code = batch_fail(batch, ret, place, &ret->error, err);
        } else if (output_has(&batch->output, ret->id)) {
            batch->skipped++;
            code = output_put(&batch->output, place, NULL, err);
        } else {
            *ret_place = place;
            return true;
        }
        problem_fini(ret);
        if (code)
            return false;
    }
    return false;
}

static bool write_summary(struct batch *batch, const char *path)
{
    json_t *object = summary_to_json(batch->summary, batch->options->stable);
    char *text = object ? json_to_text(object) : NULL;
    json_decref(object);
    errno = 0;
    FILE *file = text ? fopen(path, "we") : NULL;
    bool ok = file && fprintf(file, "%s\n", text) > 0;
    if (file && fclose(file))
        ok = false;
    free(text);
    if (!ok)
        cli_fail(batch->command, CLI_UNREACHABLE, "%s could not be written: %s", path,
                 errno ? strerror(errno) : "out of memory");
    return ok;
}

int batch_close(struct batch *batch, int code)
{
    struct surety_error error = {0};
    bool to_stdout = batch->output.file == stdout;
    size_t done = batch->done + batch->skipped;
    size_t left = done < batch->total ? batch->total - done : 0; /* a file may grow */
    bool resumable = batch->command->user == USER_GRADE && batch->output.whole >= 0;
    bool out_of_order = batch->options->stable && batch->skipped && batch->output.whole >= 0;
    clear(batch);
    if (output_close(&batch->output, &error)) {
        cli_fail(batch->command, CLI_UNREACHABLE, "%s", error.message);
        code = code ? code : CLI_UNREACHABLE;
    }
    /* what was done before --resume stands before what was done now */
    if (out_of_order && output_sort(batch->options->output, batch->problems.ids, &error)) {
        cli_fail(batch->command, CLI_UNREACHABLE, "%s", error.message);
        code = code ? code : CLI_UNREACHABLE;
    }
    const bool told = batch->ready && (!code || batch->done || batch->skipped);
    if (told) {
        const struct summary_origin origin = {.lines = batch->total,
                                              .done = done,
                                              .before = batch->kept,
                                              .problems = batch->options->operands[0],
                                              .results = batch->options->output,
                                              .seed = batch->options->settings.seed,
                                              .run = batch->mixed ? NULL : batch->origin};
        summary_set_origin(batch->summary, &origin);
        summary_set_seconds(batch->summary, (double)(clock_now_ms() - batch->began_ms) / 1000);
        if (batch->options->summary && !write_summary(batch, batch->options->summary))
            code = code ? code : CLI_UNREACHABLE;
        summary_print(batch->summary, to_stdout ? stderr : stdout);
        if (!cli_flush(batch->command))
            code = code ? code : CLI_UNREACHABLE;
    }
    if (batch->ready && left && resumable)
        cli_fail(batch->command, CLI_DONE, "%zu of %zu problems are left: --resume goes on with %s",
                 left, batch->total, left == 1 ? "it" : "them");
    if (batch->fresh && !told) /* nothing came of it */
        unlink(batch->options->summary);
    if (batch->open)
        problems_close(&batch->problems);
    summary_free(batch->summary);
    surety_result_fini(&batch->first);
    json_decref(batch->origin);
    return code ? code : batch->failed ? CLI_LINES_FAILED : CLI_DONE;
}
