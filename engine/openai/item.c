/* item.c - one item: its request, its reply, its output. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/jsonl.h"
#include "engine/openai/engine.h"

/* ---- tasks ---- */
void job_unref(struct job *job)
{
    if (!job || --job->refs > 0)
        return;
    for (size_t i = 0; i < job->sampling.n_stop; i++)
        free(job->sampling.stop[i]);
    free(job->sampling.stop);
    choose_free(job);
    json_decref(job->body);
    free(job->passed);
    free(job);
}

struct job *job_create(const struct surety_task *task, bool chooses)
{
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    job->refs = 1;
    job->sampling = task->sampling;
    job->sampling.n_stop = 0;
    job->sampling.stop = calloc(task->sampling.n_stop + 1, sizeof *job->sampling.stop);
    bool fine = job->sampling.stop != NULL;
    for (size_t i = 0; fine && i < task->sampling.n_stop; i++) {
        job->sampling.stop[i] = strdup(task->sampling.stop[i]);
        fine = job->sampling.stop[i] != NULL;
        job->sampling.n_stop += fine;
    }
    fine = fine && (!chooses || choose_copy(job, task));
    if (task->body)
        job->passed = fine ? strdup(task->body) : NULL;
    else
        job->body = fine ? ask_body(task->messages, task->n_messages, &task->sampling) : NULL;
    if (!job->body && !job->passed) {
        job_unref(job);
        return NULL;
    }
    job->counted_tokens = -1;
    job->bytes = ask_bytes(task->messages, task->n_messages, &job->distinct);
    size_t asked = job->passed ? strlen(job->passed) : job->bytes;
    job->prompt_tokens = (uint32_t)(asked / BYTES_OF_TOKEN) + 1;
    return job;
}

/* ---- a request ---- */
static bool on_bytes(void *user, const char *data, size_t len)
{
    struct item *item = user;
    uint32_t pieces = item->reply.pieces;
    enum surety_err code = reply_push(&item->reply, data, len, &item->broken);
    item->bytes_came = true;
    if (item->reply.pieces != pieces)
        item->heard_ms = clock_now_ms();
    return !code && !item->reply.enough;
}

/* What it counts is read beside, and may be anything. */
static bool on_passed_bytes(void *user, const char *data, size_t len)
{
    struct item *item = user;
    struct surety_error ignored;
    int status = http_status(item->call);
    item->bytes_came = true;
    item->heard_ms = clock_now_ms();
    if (!item->reply_broken && status == 200)
        item->reply_broken = reply_push(&item->reply, data, len, &ignored) != SURETY_OK;
    return !relay_push(&item->relay, (uint32_t)status, data, len, &item->broken);
}

static void on_end(void *user, const struct http_end *end)
{
    struct item *item = user;
    item->call = NULL;
    item->engine->ended(item, end);
}

enum surety_err item_send(struct item *item, struct server *server, struct surety_error *err)
{
    const bool passes = item->job->passed != NULL;
    item->body = passes ? strdup(item->job->passed)
                        : ask_text(item->job->body, server->fields, server->model, item->item.seed);
    if (!item->body)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a request");
    const struct http_request request = {.url = server->chat,
                                         .body = item->body,
                                         .body_len = strlen(item->body),
                                         .key = item->engine->key,
                                         .bytes = passes ? on_passed_bytes : on_bytes,
                                         .end = on_end,
                                         .user = item};
    return http_start(item->engine->http, &request, &item->call, err);
}

enum surety_err item_start(struct item *item, struct server *server, int64_t now_ms,
                           struct surety_error *err)
{
    bool chooses = item->job->n_labels > 0 && server->choice && !item->unchosen;
    enum surety_err code = chooses ? choose_start(item, server, err) : item_send(item, server, err);
    if (code)
        return code;
    uint32_t most = (uint32_t)item->job->sampling.max_tokens;
    if (item->job->passed)
        reply_init(&item->reply, NULL, 0);
    else
        reply_init(&item->reply, &item->job->sampling, most ? most : server->context_tokens);
    relay_fini(&item->relay);
    relay_init(&item->relay);
    item->reply_broken = false;
    item->broken = (struct surety_error){0};
    item->heard_ms = now_ms;
    item->bytes_came = false;
    item->server = server;
    item->state = ITEM_RUNS;
    server->in_flight++;
    return SURETY_OK;
}

void item_stop(struct item *item)
{
    if (item->state != ITEM_RUNS)
        return;
    if (item->call)
        http_stop(item->engine->http, item->call);
    item->call = NULL;
    item->server->in_flight--;
    item->state = ITEM_WAITS;
    reply_fini(&item->reply);
    choose_stop(item);
    free(item->body);
    item->body = NULL;
}

uint32_t item_tokens(const struct item *item)
{
    return item->state == ITEM_RUNS ? item->job->prompt_tokens + item->reply.pieces : 0;
}

/* ---- an output ---- */
/* Servers that cut a long prompt do so silently (Ollama at 4,096 tokens, unless told otherwise): a
 * token stands for four or five bytes of text, rarely for more than seven. */
static bool looks_cut(const struct job *job, int64_t prompt_tokens, double bytes_of_token)
{
    return prompt_tokens >= 0 &&
           (double)job->distinct > (double)prompt_tokens * bytes_of_token + CUT_BYTES;
}

/* The chat format only adds tokens to those of the messages; a few may be lost where they join. */
static bool was_cut(const struct job *job, int64_t prompt_tokens)
{
    if (job->counted_tokens > 0)
        return prompt_tokens >= 0 &&
               (double)job->counted_tokens > 1.02 * (double)prompt_tokens + 16;
    return looks_cut(job, prompt_tokens, CUT_BYTES_OF_TOKEN);
}

static bool on_count_bytes(void *user, const char *data, size_t len)
{
    struct item *item = user;
    return buf_append(&item->count, data, len) == SURETY_OK;
}

static void on_count_end(void *user, const struct http_end *end)
{
    static const struct http_end fine = {.status = 200, .retry_after_ms = -1};
    struct item *item = user;
    json_t *reply = NULL;
    item->call = NULL;
    item->job->counted_tokens = 0; /* if it cannot tell: not asked again */
    if (end->status == 200 && item->count.len &&
        json_load_text(item->count.data, item->count.len, &reply, NULL) == SURETY_OK)
        item->job->counted_tokens = (int64_t)json_array_size(json_object_get(reply, "tokens"));
    json_decref(reply);
    item->engine->ended(item, &fine);
}

bool item_count(struct item *item)
{
    struct job *job = item->job;
    if (!item->server->tokenize || job->counted_tokens >= 0 ||
        !looks_cut(job, item->reply.prompt_tokens, DOUBT_BYTES_OF_TOKEN))
        return false;
    struct buf text;
    size_t i;
    const json_t *message;
    buf_init(&text, 2 * job->bytes + 1000);
    json_array_foreach(json_object_get(job->body, "messages"), i, message)
        buf_puts(&text, json_get_string(message, "content", ""));
    json_t *body = json_pack("{s:s, s:s, s:s}", "content", text.data, "prompt", text.data, "model",
                             item->server->model);
    buf_fini(&text);
    free(item->body);
    item->body = json_to_text(body);
    json_decref(body);
    buf_init(&item->count, REPLY_WHOLE_MAX);
    const struct http_request request = {.url = item->server->tokenize,
                                         .body = item->body,
                                         .body_len = item->body ? strlen(item->body) : 0,
                                         .key = item->engine->key,
                                         .timeout_ms = item->engine->timeout_ms,
                                         .bytes = on_count_bytes,
                                         .end = on_count_end,
                                         .user = item};
    return item->body && !http_start(item->engine->http, &request, &item->call, NULL);
}

static void count_tokens(struct item *item, struct surety_output *output)
{
    const struct reply *reply = &item->reply;
    int64_t completion = reply->completion_tokens;
    if (completion < 0 || (completion == 0 && reply->pieces > 0))
        completion = reply->shape == REPLY_STREAM
                         ? reply->pieces
                         : (int64_t)((reply->text.len + reply->thinking.len) / BYTES_OF_TOKEN) + 1;
    if (reply->prompt_tokens > 0)
        item->job->prompt_tokens = (uint32_t)reply->prompt_tokens;
    output->prompt_tokens = item->job->prompt_tokens;
    output->cached_tokens = reply->cached_tokens > 0 ? (uint32_t)reply->cached_tokens : 0;
    output->completion_tokens = (uint32_t)completion;
    item->engine->spent += output->prompt_tokens + (double)completion;
    pace_take(&item->engine->tokens, output->prompt_tokens + (double)completion, clock_now_ms());
}

/* The tokens of a reply that comes to nothing were made all the same. */
static void count_lost(struct item *item)
{
    uint32_t tokens = item->state == ITEM_RUNS && item->reply.pieces ? item_tokens(item) : 0;
    item->engine->spent += tokens;
    pace_take(&item->engine->tokens, tokens, clock_now_ms());
}

void item_fail(struct item *item, const struct surety_error *error)
{
    count_lost(item);
    item_stop(item);
    item->state = ITEM_ENDED;
    item->output = (struct surety_output){.logprob = NAN, .finish = SURETY_FINISH_ERROR};
    if (item->cancelled)
        item->output.finish = SURETY_FINISH_CANCELLED;
    else
        item->output.error = *error;
}

void item_finish(struct item *item)
{
    struct surety_error error = {0};
    struct surety_output output = {
        .finish = item->reply.cut ? SURETY_FINISH_LENGTH : SURETY_FINISH_STOP,
        .logprob = item->reply.logprob,
        .text = reply_text(&item->reply),
    };
    if (!output.text) {
        surety_fail(&error, SURETY_ERR_NOMEM, "no memory for a reply");
    } else if (was_cut(item->job, item->reply.prompt_tokens)) {
        surety_fail(&error, SURETY_ERR_LIMIT,
                    "%.150s read %lld tokens of a prompt of %zu bytes: it was probably cut; give "
                    "the server a longer context (Ollama: OLLAMA_CONTEXT_LENGTH)",
                    item->server->chat, (long long)item->reply.prompt_tokens, item->job->bytes);
    }
    if (item->choice) {
        output.n_labels = item->job->n_labels;
        memcpy(output.label_logprobs, item->choice->logprobs, sizeof output.label_logprobs);
    }
    if (error.code) {
        free(output.text);
        item_fail(item, &error);
        return;
    }
    count_tokens(item, &output);
    item_stop(item);
    item->state = ITEM_ENDED;
    item->output = output;
}

bool item_passed(struct item *item, const struct http_end *end)
{
    struct surety_error ignored, error = item->broken;
    struct surety_output output = {.finish = SURETY_FINISH_STOP, .logprob = NAN};
    item->relay.ended = true;
    if (end->fault == HTTP_FINE && !error.code) {
        if (!item->reply_broken && end->status == 200)
            reply_end(&item->reply, &ignored);
        item->relay.status = (uint32_t)end->status;
        if (end->status == 200)
            count_tokens(item, &output);
        item_stop(item);
        item->state = ITEM_ENDED;
        item->output = output;
        return true;
    }
    if (!error.code && item->relay.told)
        surety_fail(&error, SURETY_ERR_LOST, "%.150s broke off in its reply", item->server->chat);
    if (error.code)
        item_fail(item, &error);
    else
        relay_fini(&item->relay);
    return error.code;
}

void item_free(struct item *item)
{
    item_stop(item);
    relay_fini(&item->relay);
    free(item->output.text);
    job_unref(item->job);
    free(item);
}
