/*
 * replay.c - plays a recording as an engine; engine/replay.h describes what.
 *
 * An item's output is settled when it is submitted and waits for its time. running[] is in order
 * of submission and has no gaps. All but the wake flag belongs to the one driving thread.
 */
#include "engine/replay.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "engine/recording.h"

#define SLOTS 64

struct running {
    uint64_t ticket;
    struct surety_item item;
    char *text;  /* the output, or what went wrong */
    char *owned; /* the same when it was made for this item; else NULL */
    enum surety_err error;
    enum surety_finish finish;
    enum fail_kind fail;
    int64_t start_ms;
    uint32_t delay_ms;
    uint32_t prompt_tokens, completion_tokens;
    uint32_t shown; /* tokens last reported as progress */
    bool cancelled;
    double logprobs[SURETY_LABELS_MAX]; /* [n_labels], of a choice */
    size_t n_labels;
};

struct replay {
    struct recording recording;
    struct running *running; /* [slots] */
    size_t n_running, slots;
    struct surety_model model;
    char engine[8], hash[17], repro[32];
    char *name, *profile; /* of the model */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool woken; /* under lock */
};

/* ---- open, close ---- */
static void replay_fini(struct replay *r)
{
    for (size_t i = 0; i < r->n_running; i++)
        free(r->running[i].owned);
    free(r->running);
    recording_fini(&r->recording);
    free(r->name);
    free(r->profile);
    *r = (struct replay){0};
}

static enum surety_err read_slots(const struct engine_config *config, size_t *ret_slots,
                                  struct surety_error *err)
{
    const char *text = engine_option(config, "slots");
    char *end = NULL;
    errno = 0;
    unsigned long slots = text ? strtoul(text, &end, 10) : SLOTS;
    if (text && (errno || end == text || *end || *text == '-'))
        slots = 0;
    if (config->slots)
        slots = config->slots;
    if (slots < 1 || slots > SURETY_SLOTS_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "replay: slots must be a number from 1 to %d",
                           SURETY_SLOTS_MAX);
    *ret_slots = slots;
    return SURETY_OK;
}

/* A copy of an option's value that may stand as a name, or of fallback. */
static enum surety_err read_name(const struct engine_config *config, const char *key,
                                 const char *fallback, char **ret_name, struct surety_error *err)
{
    const char *name = engine_option(config, key);
    if (!name)
        name = fallback;
    size_t len = strlen(name);
    if (len > SURETY_NAME_MAX || !utf8_is_valid(name, len))
        return surety_fail(err, SURETY_ERR_INVALID, "replay: %s must be UTF-8 of at most %d bytes",
                           key, SURETY_NAME_MAX);
    *ret_name = strdup(name);
    return *ret_name ? SURETY_OK : surety_fail(err, SURETY_ERR_NOMEM, "replay: no memory");
}

static enum surety_err replay_open(void *state, const struct engine_config *config,
                                   struct surety_error *err)
{
    static const char *const known[] = {"", "file", "slots", "model", "profile", "repeats", NULL};
    struct replay *r = state;
    enum surety_err code = engine_check_options(config, known, err);
    if (code)
        return code;
    const char *path = engine_option(config, "file");
    if (!path)
        path = engine_option(config, "");
    if (!path)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "replay needs a recording: --engine replay:FILE.jsonl");
    code = read_slots(config, &r->slots, err);
    if (!code)
        code = read_name(config, "model", "replay", &r->name, err);
    if (!code && !*r->name)
        code = surety_fail(err, SURETY_ERR_INVALID, "replay: model must not be empty");
    if (!code)
        code = read_name(config, "profile", "", &r->profile, err);
    const char *repeats = engine_option(config, "repeats");
    if (!code && repeats && strcmp(repeats, "refuse") != 0)
        code = surety_fail(err, SURETY_ERR_INVALID, "replay: repeats can only be 'refuse'");
    if (!code)
        code = recording_load(path, repeats != NULL, config->log, &r->recording, err);
    if (!code && !(r->running = calloc(r->slots, sizeof *r->running)))
        code = surety_fail(err, SURETY_ERR_NOMEM, "replay: no memory for %zu slots", r->slots);
    if (code) {
        replay_fini(r);
        return code;
    }
    snprintf(r->engine, sizeof r->engine, "%s", engine_replay.name);
    hash_hex(r->recording.hash, r->hash);
    snprintf(r->repro, sizeof r->repro, "replay/1 %s", r->hash);
    r->model = (struct surety_model){.name = r->name,
                                     .id = r->hash,
                                     .engine = r->engine,
                                     .profile = r->profile,
                                     .repro = r->repro,
                                     .slots = (uint32_t)r->slots,
                                     .chooses = r->recording.chooses};
    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&r->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return SURETY_OK;
}

static void replay_close(void *state)
{
    struct replay *r = state;
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    replay_fini(r);
}

static const struct surety_model *replay_model(const void *state)
{
    return &((const struct replay *)state)->model;
}

/* ---- what an item gives ---- */
static void settle_error(struct running *run, enum surety_err code, char *message)
{
    run->error = message ? code : SURETY_ERR_NOMEM;
    run->text = run->owned = message;
}

static char *say(const char *format, ...) SURETY_PRINTF(1, 2);
static char *say(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    return text;
}

static void settle_take(struct running *run, const struct take *take)
{
    run->text = take->text;
    run->finish = take->finish;
    run->delay_ms = take->delay_ms;
    run->completion_tokens = take->tokens;
    run->fail = run->item.attempt < take->fail_attempts ? take->fail : FAIL_NOT;
}

/* Of a verdict: a choice by its log-probabilities, or by text without any. */
static void settle_reply(const struct surety_task *task, const struct take *take,
                         struct running *run)
{
    static char nothing[] = "";
    settle_take(run, take);
    bool chosen = task->n_labels > 0 && take->n_labels > 0;
    for (size_t i = 0; i < task->n_labels && chosen; i++) {
        run->logprobs[i] = take_label(take, task->labels[i]);
        if (!isnan(run->logprobs[i]))
            continue;
        settle_error(run, SURETY_ERR_NOT_FOUND,
                     say("no log-probability is recorded for the label '%.60s'", task->labels[i]));
        return;
    }
    if (!chosen && !take->text) {
        settle_error(run, SURETY_ERR_NOT_FOUND,
                     say("the verdict is recorded as log-probabilities only, and text was asked "
                         "for"));
        return;
    }
    if (!chosen)
        return;
    run->n_labels = task->n_labels;
    run->text = nothing;
    run->finish = SURETY_FINISH_STOP;
    run->completion_tokens = 0;
}

static void settle_sample(const struct takes *problem, struct running *run)
{
    if (run->item.index < problem->n)
        settle_take(run, takes_at(problem, run->item.index));
    else
        settle_error(
            run, SURETY_ERR_EXHAUSTED,
            say("the recording holds %zu samples of the problem; number %u is past the end",
                problem->n, run->item.index));
}

/* The last line of text that is not blank, without the white space around it. */
static const char *last_line(const char *text, size_t *ret_len)
{
    static const char space[] = " \t\r\v\f";
    size_t end = strlen(text);
    while (end > 0 && strchr(" \t\n\r\v\f", text[end - 1]))
        end--;
    size_t start = end;
    while (start > 0 && text[start - 1] != '\n')
        start--;
    start += strspn(text + start, space);
    *ret_len = end - start;
    return text + start;
}

/* A joint reply made of the verdicts on the single claims. */
static void settle_joined(const struct replay *r, const struct takes *problem,
                          const struct surety_task *task, struct running *run)
{
    struct buf text;
    buf_init(&text, SURETY_TEXT_MAX);
    for (size_t i = 0; i < task->n_claims; i++) {
        enum surety_err code;
        const struct takes *takes = recording_claim(&r->recording, problem, task->claims[i], &code);
        if (!takes) {
            buf_fini(&text);
            settle_error(run, code ? code : SURETY_ERR_NOT_FOUND,
                         say("no verdict is recorded for the claim \"%.200s\"", task->claims[i]));
            return;
        }
        struct running one = {.item = run->item};
        const struct surety_task by_text = {0};
        settle_reply(&by_text, takes_at(takes, run->item.index % takes->n), &one);
        if (one.error) {
            buf_fini(&text);
            settle_error(run, one.error, one.owned);
            return;
        }
        size_t len;
        const char *line = last_line(one.text, &len);
        size_t numbered = len >= 2 && memcmp(line, "1:", 2) == 0 ? 2 : 0; /* as the only claim */
        buf_printf(&text, "%s%zu:%s", i ? "\n" : "", i + 1, numbered ? "" : " ");
        buf_append(&text, line + numbered, len - numbered);
        if (one.delay_ms > run->delay_ms)
            run->delay_ms = one.delay_ms;
        if (!run->fail)
            run->fail = one.fail;
    }
    run->owned = buf_detach(&text, NULL);
    buf_fini(&text);
    if (!run->owned) {
        settle_error(run, SURETY_ERR_LIMIT, say("the joined verdicts are longer than 16 MiB"));
        return;
    }
    run->text = run->owned;
    run->finish = SURETY_FINISH_STOP;
    run->completion_tokens = count_words(run->owned);
}

static void settle_verdict(const struct replay *r, const struct takes *problem,
                           const struct surety_task *task, struct running *run)
{
    struct buf joined;
    buf_init(&joined, SURETY_TEXT_MAX);
    for (size_t i = 0; i < task->n_claims; i++) {
        buf_puts(&joined, i ? "\n" : "");
        buf_puts(&joined, task->claims[i]);
    }
    enum surety_err code = joined.failed;
    const struct takes *takes = NULL;
    if (joined.data && !code)
        takes = recording_claim(&r->recording, problem, joined.data, &code);
    buf_fini(&joined);
    if (code)
        settle_error(run, code,
                     say("looking up %zu claims: %s", task->n_claims, surety_err_text(code)));
    else if (takes)
        settle_reply(task, takes_at(takes, run->item.index % takes->n), run);
    else if (task->n_claims == 0)
        settle_error(run, SURETY_ERR_INVALID, say("a verification without claims"));
    else
        settle_joined(r, problem, task, run);
}

static void settle(const struct replay *r, const struct surety_task *task, struct running *run)
{
    const struct takes *problem = recording_problem(&r->recording, task->problem);
    if (!problem)
        settle_error(run, SURETY_ERR_NOT_FOUND,
                     say("the problem is not in the recording: \"%.200s\"", task->problem));
    else if (task->stage == SURETY_STAGE_SAMPLE)
        settle_sample(problem, run);
    else
        settle_verdict(r, problem, task, run);
}

static enum surety_err replay_submit(void *state, uint64_t ticket, const struct surety_task *task,
                                     struct surety_error *err)
{
    struct replay *r = state;
    enum surety_err code = engine_check_choice(task, err);
    if (code)
        return code;
    if (task->n_items > r->slots - r->n_running)
        return surety_fail(err, SURETY_ERR_BUSY, "replay: %zu items, but %zu of %zu slots are free",
                           task->n_items, r->slots - r->n_running, r->slots);
    uint32_t prompt_tokens = 0;
    for (size_t i = 0; i < task->n_messages; i++)
        prompt_tokens += count_words(task->messages[i].content);
    int64_t now = clock_now_ms();
    for (size_t i = 0; i < task->n_items; i++) {
        struct running *run = &r->running[r->n_running++];
        *run = (struct running){.ticket = ticket,
                                .item = task->items[i],
                                .start_ms = now,
                                .prompt_tokens = prompt_tokens};
        settle(r, task, run);
    }
    return SURETY_OK;
}

static void replay_cancel(void *state, uint64_t ticket, uint32_t index)
{
    struct replay *r = state;
    for (size_t i = 0; i < r->n_running; i++)
        if (r->running[i].ticket == ticket && r->running[i].item.index == index)
            r->running[i].cancelled = true;
}

/* ---- playing ---- */
static int64_t due_ms(const struct running *run)
{
    if (run->cancelled)
        return run->start_ms;
    return run->fail == FAIL_HANG ? INT64_MAX : run->start_ms + run->delay_ms;
}

static void deliver(const struct running *run, const struct engine_sink *sink)
{
    if (run->fail == FAIL_CRASH && !run->cancelled)
        abort();
    static char nothing[] = "";
    struct surety_output output = {
        .index = run->item.index,
        .attempt = run->item.attempt,
        .text = nothing,
        .prompt_tokens = run->prompt_tokens,
        .logprob = NAN,
    };
    if (run->cancelled) {
        output.finish = SURETY_FINISH_CANCELLED;
    } else if (run->error) {
        output.finish = SURETY_FINISH_ERROR;
        surety_fail(&output.error, run->error, "%s",
                    run->text ? run->text : surety_err_text(run->error));
    } else if (run->fail == FAIL_ERROR) {
        output.finish = SURETY_FINISH_ERROR;
        surety_fail(&output.error, SURETY_ERR_ENGINE, "a recorded failure of item %u (attempt %u)",
                    run->item.index, run->item.attempt);
    } else {
        output.finish = run->finish;
        output.text = run->text;
        output.completion_tokens = run->completion_tokens;
        output.n_labels = run->n_labels;
        memcpy(output.label_logprobs, run->logprobs, sizeof run->logprobs);
    }
    sink->output(sink->user, run->ticket, &output);
}

/* A delayed item shows its tokens in proportion to the time; a hanging one stands still. */
static void show_progress(struct running *run, int64_t now, const struct engine_sink *sink)
{
    uint32_t tokens = run->prompt_tokens;
    if (run->fail != FAIL_HANG && run->delay_ms > 0)
        tokens +=
            (uint32_t)((int64_t)run->completion_tokens * (now - run->start_ms) / run->delay_ms);
    if (tokens != run->shown)
        sink->progress(sink->user, run->ticket, run->item.index, run->shown = tokens);
}

/* Delivers what is due and returns whether anything was; *ret_next: when the next one is. */
static bool play(struct replay *r, const struct engine_sink *sink, int64_t *ret_next)
{
    int64_t now = clock_now_ms();
    size_t kept = 0;
    *ret_next = INT64_MAX;
    for (size_t i = 0; i < r->n_running; i++) {
        struct running *run = &r->running[i];
        int64_t due = due_ms(run);
        if (due <= now) {
            deliver(run, sink);
            free(run->owned);
            continue;
        }
        show_progress(run, now, sink);
        if (due < *ret_next)
            *ret_next = due;
        r->running[kept++] = *run;
    }
    bool delivered = kept < r->n_running;
    r->n_running = kept;
    return delivered;
}

/* Until the time comes or wake was called; a wake that came before counts. */
static void wait_until(struct replay *r, int64_t until_ms)
{
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    pthread_mutex_lock(&r->lock);
    while (!r->woken && pthread_cond_timedwait(&r->changed, &r->lock, &until) == 0)
        continue;
    r->woken = false;
    pthread_mutex_unlock(&r->lock);
}

static enum surety_err replay_step(void *state, int max_wait_ms, const struct engine_sink *sink,
                                   struct surety_error *err)
{
    struct replay *r = state;
    int64_t next;
    if (play(r, sink, &next) || max_wait_ms <= 0)
        return SURETY_OK;
    int64_t until = clock_now_ms() + max_wait_ms;
    wait_until(r, next < until ? next : until);
    play(r, sink, &next);
    return SURETY_OK;
}

static void replay_wake(void *state)
{
    struct replay *r = state;
    pthread_mutex_lock(&r->lock);
    r->woken = true;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

const struct engine_ops engine_replay = {
    .name = "replay",
    .summary =
        "recorded samples and verdicts: [file=]FILE.jsonl, slots=N, model=NAME, profile=NAME",
    .state_bytes = sizeof(struct replay),
    .open = replay_open,
    .model = replay_model,
    .submit = replay_submit,
    .cancel = replay_cancel,
    .step = replay_step,
    .wake = replay_wake,
    .close = replay_close,
};
