/*
 * exec.c - see exec.h. items[] is in order of submission; a child belongs to at most one item that
 * runs. An item that waits gets the first free child.
 */
#include "engine/exec/exec.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/jsonl.h"
#include "base/utf8.h"
#include "engine/exec/child.h"

#define TIMEOUT_S 600
#define BYTES_OF_TOKEN 4 /* where nothing is told */

struct item {
    uint64_t ticket;
    struct surety_item item;
    json_int_t id;
    char *line; /* what the command is told */
    size_t line_len, sent, prompt_bytes;
    char **stop; /* [n_stop], strings of its own */
    size_t n_stop;
    size_t n_labels;     /* of a choice */
    struct child *child; /* NULL: it waits or has ended */
    int64_t began_ms;
    uint32_t tokens, shown;
    bool ended;
    struct surety_output output; /* text is its own, or NULL */
};

struct exec {
    char **words;
    struct child *children; /* [model.slots] */
    struct item *items;     /* [n_items], up to model.slots */
    size_t n_items;
    struct surety_model model;
    char *name, *profile;
    char id[17], repro[64];
    int64_t timeout_ms;
    uint64_t last_id;
    int wake_fd;
    struct pollfd *polls; /* [model.slots + 1] */
};

/* ---- open, close ---- */
static void item_fini(struct item *item)
{
    for (size_t i = 0; i < item->n_stop; i++)
        free(item->stop[i]);
    free(item->stop);
    free(item->line);
    free(item->output.text);
}

static void exec_close(void *state)
{
    struct exec *e = state;
    while (e->n_items > 0)
        item_fini(&e->items[--e->n_items]);
    for (size_t i = 0; e->children && i < e->model.slots; i++)
        child_kill(&e->children[i]);
    if (e->wake_fd > 0)
        close(e->wake_fd);
    free(e->children);
    free(e->items);
    free(e->polls);
    free(e->words);
    free(e->name);
    free(e->profile);
    *e = (struct exec){0};
}

static enum surety_err read_number(const struct engine_config *config, const char *key,
                                   unsigned long fallback, unsigned long most, unsigned long *ret,
                                   struct surety_error *err)
{
    const char *text = engine_option(config, key);
    char *end = NULL;
    errno = 0;
    unsigned long n = text ? strtoul(text, &end, 10) : fallback;
    if (text && (errno || *text < '1' || *text > '9' || *end || n > most))
        return surety_fail(err, SURETY_ERR_INVALID, "exec: %s must be a number from 1 to %lu", key,
                           most);
    *ret = n;
    return SURETY_OK;
}

static const char *command_of(const struct engine_config *config)
{
    const char *command = engine_option(config, "command");
    return command ? command : engine_option(config, "");
}

static enum surety_err read_options(struct exec *e, const struct engine_config *config,
                                    struct surety_error *err)
{
    static const char *const known[] = {"",        "command", "slots",   "timeout", "model",
                                        "profile", "repeats", "chooses", NULL};
    unsigned long slots = 1, timeout = TIMEOUT_S;
    const char *command = command_of(config), *repeats = engine_option(config, "repeats");
    const char *chooses = engine_option(config, "chooses");
    const char *name = engine_option(config, "model"), *profile = engine_option(config, "profile");
    enum surety_err code = engine_check_options(config, known, err);
    if (!code && !command)
        code = surety_fail(err, SURETY_ERR_INVALID, "exec: no command; write exec:command=...");
    if (!code && repeats && strcmp(repeats, "yes") != 0 && strcmp(repeats, "no") != 0)
        code = surety_fail(err, SURETY_ERR_INVALID, "exec: repeats must be yes or no");
    if (!code && chooses && strcmp(chooses, "yes") != 0 && strcmp(chooses, "no") != 0)
        code = surety_fail(err, SURETY_ERR_INVALID, "exec: chooses must be yes or no");
    if (!code)
        code = read_number(config, "slots", 1, SURETY_SLOTS_MAX, &slots, err);
    if (!code)
        code = read_number(config, "timeout", TIMEOUT_S, 86400, &timeout, err);
    if (!code && config->slots > SURETY_SLOTS_MAX)
        code = surety_fail(err, SURETY_ERR_INVALID, "exec: slots must be a number from 1 to %d",
                           SURETY_SLOTS_MAX);
    if (!code && ((name && strlen(name) > SURETY_NAME_MAX) ||
                  (profile && strlen(profile) > SURETY_NAME_MAX)))
        code = surety_fail(err, SURETY_ERR_INVALID, "exec: a name is longer than %d bytes",
                           SURETY_NAME_MAX);
    if (!code)
        code = child_words(command, &e->words, err);
    if (code)
        return code;
    e->timeout_ms = (int64_t)timeout * 1000;
    hash_hex(hash_text(0, command), e->id);
    snprintf(e->repro, sizeof e->repro, "none");
    if (repeats && strcmp(repeats, "yes") == 0)
        snprintf(e->repro, sizeof e->repro, "exec/1 %s", e->id);
    name = name && *name ? name : "exec";
    e->name = utf8_make_valid(name, strlen(name), NULL);
    e->profile = utf8_make_valid(profile ? profile : "", profile ? strlen(profile) : 0, NULL);
    e->model.chooses = chooses && strcmp(chooses, "yes") == 0;
    e->model.slots = config->slots ? config->slots : (uint32_t)slots;
    return SURETY_OK;
}

static enum surety_err exec_open(void *state, const struct engine_config *config,
                                 struct surety_error *err)
{
    static char engine[] = "exec";
    struct exec *e = state;
    enum surety_err code = read_options(e, config, err);
    if (!code) {
        e->children = calloc(e->model.slots, sizeof *e->children);
        e->items = calloc(e->model.slots, sizeof *e->items);
        e->polls = calloc((size_t)e->model.slots + 1, sizeof *e->polls);
        e->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (!e->children || !e->items || !e->polls || !e->name || !e->profile || e->wake_fd < 0)
            code = surety_fail(err, SURETY_ERR_NOMEM, "no memory for an engine");
    }
    if (!code) /* so that a command that cannot be run is known now */
        code = child_start(&e->children[0], e->words, err);
    if (code) {
        exec_close(e);
        return code;
    }
    e->model.name = e->name;
    e->model.id = e->id;
    e->model.engine = engine;
    e->model.profile = e->profile;
    e->model.repro = e->repro;
    return SURETY_OK;
}

static const struct surety_model *exec_model(const void *state)
{
    return &((const struct exec *)state)->model;
}

/* ---- submit, cancel ---- */
/* n_labels: 0 where the command does not choose */
static json_t *request_of(const struct surety_task *task, size_t n_labels)
{
    const struct surety_sampling *s = &task->sampling;
    json_t *messages = json_array(), *stop = json_array(), *labels = json_array();
    for (size_t i = 0; i < task->n_messages; i++)
        json_array_append_new(messages, json_pack("{s:s, s:s}", "role", task->messages[i].role,
                                                  "content", task->messages[i].content));
    for (size_t i = 0; i < s->n_stop; i++)
        json_array_append_new(stop, json_string(s->stop[i]));
#define X(NAME, name) #name,
    static const char *const stages[] = {SURETY_STAGE_TABLE(X)};
#undef X
    json_t *request =
        json_pack("{s:o, s:s, s:f, s:f, s:i, s:i, s:o}", "messages", messages, "stage",
                  stages[task->stage], "temperature", s->temperature, "top_p", s->top_p, "top_k",
                  (int)s->top_k, "max_tokens", (int)s->max_tokens, "stop", stop);
    for (size_t i = 0; i < n_labels; i++)
        json_array_append_new(labels, json_string(task->labels[i]));
    if (n_labels > 0)
        json_object_set(request, "labels", labels);
    if (n_labels > 0 && task->opened)
        json_object_set_new(request, "opened", json_string(task->opened));
    json_decref(labels);
    return request;
}

static bool item_init(struct exec *e, struct item *item, uint64_t ticket,
                      const struct surety_task *task, size_t i, json_t *request)
{
    *item = (struct item){.ticket = ticket, .item = task->items[i], .id = (json_int_t)++e->last_id};
    json_object_set_new(request, "id", json_integer(item->id));
    json_object_set_new(request, "seed", json_integer(task->items[i].seed));
    char *text = json_to_text(request);
    if (!text || asprintf(&item->line, "%s\n", text) < 0)
        item->line = NULL;
    free(text);
    for (size_t m = 0; m < task->n_messages; m++)
        item->prompt_bytes += strlen(task->messages[m].content);
    item->stop = calloc(task->sampling.n_stop + 1, sizeof *item->stop);
    for (; item->stop && item->n_stop < task->sampling.n_stop; item->n_stop++)
        if (!(item->stop[item->n_stop] = strdup(task->sampling.stop[item->n_stop])))
            return false;
    item->line_len = item->line ? strlen(item->line) : 0;
    return item->line && item->stop;
}

static enum surety_err exec_submit(void *state, uint64_t ticket, const struct surety_task *task,
                                   struct surety_error *err)
{
    struct exec *e = state;
    size_t first = e->n_items;
    if (task->n_items > e->model.slots - e->n_items)
        return surety_fail(err, SURETY_ERR_BUSY, "exec: %zu items, but %zu of %u slots are free",
                           task->n_items, e->model.slots - e->n_items, e->model.slots);
    size_t n_labels = e->model.chooses ? task->n_labels : 0;
    enum surety_err code = n_labels ? engine_check_choice(task, err) : SURETY_OK;
    if (code)
        return code;
    json_t *request = request_of(task, n_labels);
    bool fine = request != NULL;
    for (size_t i = 0; fine && i < task->n_items; i++) {
        struct item *item = &e->items[e->n_items++];
        fine = item_init(e, item, ticket, task, i, request);
        item->n_labels = n_labels;
    }
    json_decref(request);
    if (fine)
        return SURETY_OK;
    while (e->n_items > first)
        item_fini(&e->items[--e->n_items]);
    return surety_fail(err, SURETY_ERR_NOMEM, "no memory for %zu items", task->n_items);
}

/* The item ends; what its child still does is of no use. */
static void end(struct item *item, enum surety_finish finish, enum surety_err code,
                const char *message)
{
    item->ended = true;
    item->child = NULL;
    item->output.finish = finish;
    item->output.logprob = NAN;
    if (code)
        surety_fail(&item->output.error, code, "%s", message);
}

static void exec_cancel(void *state, uint64_t ticket, uint32_t index)
{
    struct exec *e = state;
    for (size_t i = 0; i < e->n_items; i++) {
        struct item *item = &e->items[i];
        if (item->ticket != ticket || item->item.index != index || item->ended)
            continue;
        if (item->child)
            child_kill(item->child);
        end(item, SURETY_FINISH_CANCELLED, SURETY_OK, NULL);
    }
}

/* ---- what the command says ---- */
static uint32_t tokens_of(const json_t *reply, const char *key, size_t bytes)
{
    double n = json_get_number(reply, key, -1);
    return n >= 0 && n <= SURETY_TOKENS_MAX ? (uint32_t)n : (uint32_t)(bytes / BYTES_OF_TOKEN) + 1;
}

static void take_text(struct item *item, const json_t *reply, const char *text)
{
    struct surety_output *o = &item->output;
    size_t len = strlen(text);
    for (size_t i = 0; i < item->n_stop; i++) {
        const char *at = item->stop[i][0] ? strstr(text, item->stop[i]) : NULL;
        if (at && (size_t)(at - text) < len)
            len = (size_t)(at - text);
    }
    if (len > SURETY_TEXT_MAX) {
        end(item, SURETY_FINISH_ERROR, SURETY_ERR_LIMIT, "exec: the text is longer than 16 MiB");
        return;
    }
    o->text = strndup(text, len);
    if (!o->text) {
        end(item, SURETY_FINISH_ERROR, SURETY_ERR_NOMEM, "no memory for a text");
        return;
    }
    o->prompt_tokens = tokens_of(reply, "prompt_tokens", item->prompt_bytes);
    o->completion_tokens = tokens_of(reply, "completion_tokens", len);
    bool cut = strcmp(json_get_string(reply, "finish_reason", ""), "length") == 0;
    end(item, cut ? SURETY_FINISH_LENGTH : SURETY_FINISH_STOP, SURETY_OK, NULL);
}

/* The log-probabilities of a choice. */
static void take_labels(struct item *item, const json_t *reply, const json_t *logprobs)
{
    struct surety_output *o = &item->output;
    bool good = item->n_labels > 0 && json_array_size(logprobs) == item->n_labels;
    for (size_t i = 0; good && i < item->n_labels; i++) {
        const json_t *value = json_array_get(logprobs, i);
        o->label_logprobs[i] = json_number_value(value);
        good = json_is_number(value) && o->label_logprobs[i] <= 0;
    }
    if (!good) {
        end(item, SURETY_FINISH_ERROR, SURETY_ERR_PARSE,
            "exec: the command's \"logprobs\" are not one number up to 0 for each of the "
            "\"labels\"");
        return;
    }
    o->n_labels = item->n_labels;
    o->text = strdup("");
    o->prompt_tokens = tokens_of(reply, "prompt_tokens", item->prompt_bytes);
    end(item, o->text ? SURETY_FINISH_STOP : SURETY_FINISH_ERROR,
        o->text ? SURETY_OK : SURETY_ERR_NOMEM, "no memory for a text");
}

/* A line of the command that has the item. What is no answer is an error: to wait for another one
 * would be to wait for the timeout. */
static void take_line(struct item *item, const char *line, size_t len)
{
    json_t *reply = NULL;
    char why[300];
    json_load_text(line, len, &reply, NULL);
    const json_t *id = json_object_get(reply, "id");
    const char *error = json_get_string(reply, "error", NULL);
    const char *text = json_get_string(reply, "text", NULL);
    if (!json_is_integer(id) || json_integer_value(id) != item->id) {
        snprintf(why, sizeof why, "exec: the command wrote no answer to item %lld, but: %.150s",
                 (long long)item->id, line);
        char *valid = utf8_make_valid(why, strlen(why), NULL);
        end(item, SURETY_FINISH_ERROR, SURETY_ERR_PARSE, valid ? valid : "exec: no answer");
        free(valid);
    } else if (error) {
        snprintf(why, sizeof why, "exec: the command says: %.250s", error);
        end(item, SURETY_FINISH_ERROR, SURETY_ERR_ENGINE, why);
    } else if (json_object_get(reply, "logprobs")) {
        take_labels(item, reply, json_object_get(reply, "logprobs"));
    } else if (text) {
        take_text(item, reply, text);
    } else {
        item->tokens = tokens_of(reply, "tokens", item->prompt_bytes);
    }
    json_decref(reply);
}

static void take_end(struct item *item, enum surety_err code, int status)
{
    char why[200];
    if (code == SURETY_ERR_LIMIT)
        snprintf(why, sizeof why, "exec: the command wrote a line of more than %zu MiB",
                 CHILD_LINE_MAX >> 20);
    else if (WIFEXITED(status))
        snprintf(why, sizeof why,
                 "exec: the command ended with status %d; see what it wrote to stderr",
                 WEXITSTATUS(status));
    else
        snprintf(why, sizeof why, "exec: the command was killed (signal %d)", WTERMSIG(status));
    end(item, SURETY_FINISH_ERROR, code == SURETY_ERR_LIMIT ? code : SURETY_ERR_ENGINE, why);
}

/* ---- a step ---- */
static bool is_free(const struct exec *e, const struct child *child)
{
    for (size_t i = 0; i < e->n_items; i++)
        if (e->items[i].child == child)
            return false;
    return true;
}

/* Gives items that wait to children that are free, those that run already before others. */
static void place(struct exec *e, int64_t now)
{
    for (size_t i = 0; i < e->n_items; i++) {
        struct item *item = &e->items[i];
        struct surety_error error = {0};
        struct child *child = NULL;
        if (item->child || item->ended)
            continue;
        for (size_t c = 0; c < e->model.slots; c++)
            if ((!child || (!child->pid && e->children[c].pid)) && is_free(e, &e->children[c]))
                child = &e->children[c];
        if (child->pid && child_read(child)) /* it ended while nobody asked */
            child_kill(child);
        for (size_t len; child->pid && child_line(child, &len);)
            continue; /* nor is what it wrote then an answer */
        if (!child->pid && child_start(child, e->words, &error)) {
            end(item, SURETY_FINISH_ERROR, error.code, error.message);
            continue;
        }
        item->child = child;
        item->began_ms = now;
        item->sent = 0;
    }
}

/* Reads and writes what can be; ends items that are answered, lost or late. */
static void talk(struct exec *e, int64_t now)
{
    for (size_t i = 0; i < e->n_items; i++) {
        struct item *item = &e->items[i];
        struct child *child = item->child;
        size_t len;
        if (!child)
            continue;
        enum surety_err code = child_write(child, item->line, item->line_len, &item->sent);
        enum surety_err read_code = child_read(child);
        for (char *line; !item->ended && (line = child_line(child, &len));)
            take_line(item, line, len);
        bool wrong = item->ended && item->output.error.code == SURETY_ERR_PARSE;
        if (item->ended && !wrong)
            continue;
        code = read_code ? read_code : code;
        if (code && !item->ended)
            take_end(item, code, child_kill(child));
        else if (wrong)
            child_kill(child); /* what it writes next would be taken for the next item's */
        else if (now - item->began_ms >= e->timeout_ms) {
            child_kill(child);
            end(item, SURETY_FINISH_ERROR, SURETY_ERR_STALLED, "exec: no answer within timeout=");
        }
    }
}

static void wait_for_words(struct exec *e, int wait_ms)
{
    size_t n = 0;
    uint64_t count;
    e->polls[n++] = (struct pollfd){.fd = e->wake_fd, .events = POLLIN};
    for (size_t i = 0; i < e->n_items; i++) {
        const struct item *item = &e->items[i];
        if (item->ended)
            wait_ms = 0;
        if (item->child)
            e->polls[n++] = (struct pollfd){
                .fd = item->child->fd,
                .events = (short)(POLLIN | (item->sent < item->line_len ? POLLOUT : 0))};
    }
    poll(e->polls, n, wait_ms);
    if (read(e->wake_fd, &count, sizeof count) < 0)
        return; /* nobody has called */
}

static void deliver(struct exec *e, const struct engine_sink *sink)
{
    static char nothing[] = "";
    size_t kept = 0;
    for (size_t i = 0; i < e->n_items; i++) {
        struct item *item = &e->items[i];
        if (item->ended) {
            struct surety_output output = item->output;
            output.index = item->item.index;
            output.attempt = item->item.attempt;
            output.text = output.text ? output.text : nothing;
            sink->output(sink->user, item->ticket, &output);
            item_fini(item);
            continue;
        }
        if (item->tokens != item->shown)
            sink->progress(sink->user, item->ticket, item->item.index, item->shown = item->tokens);
        else if (sink->alive) /* it has its child, for timeout_ms at most, or waits for one */
            sink->alive(sink->user, item->ticket, item->item.index);
        e->items[kept++] = *item;
    }
    e->n_items = kept;
}

static enum surety_err exec_step(void *state, int max_wait_ms, const struct engine_sink *sink,
                                 struct surety_error *err)
{
    struct exec *e = state;
    place(e, clock_now_ms());
    talk(e, clock_now_ms());
    wait_for_words(e, max_wait_ms < 0 ? 0 : max_wait_ms);
    talk(e, clock_now_ms());
    deliver(e, sink);
    return SURETY_OK;
}

static void exec_wake(void *state)
{
    uint64_t one = 1;
    while (write(((struct exec *)state)->wake_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

const struct engine_ops engine_exec = {
    .name = "exec",
    .summary = "a command that speaks JSON lines: [command=]COMMAND, slots=N, timeout=SECONDS, "
               "model=NAME, profile=NAME, repeats=yes, chooses=yes",
    .state_bytes = sizeof(struct exec),
    .open = exec_open,
    .model = exec_model,
    .submit = exec_submit,
    .cancel = exec_cancel,
    .step = exec_step,
    .wake = exec_wake,
    .close = exec_close,
};
