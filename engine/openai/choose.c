/*
 * choose.c - an item that is a choice: its requests one after the other, and what is done where a
 * server does not tell its labels. Then the item goes on as any other, on the same server.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/openai/engine.h"

/* ---- the labels of a task ---- */
bool choose_copy(struct job *job, const struct surety_task *task)
{
    job->opened = strdup(task->opened ? task->opened : "");
    job->labels = calloc(task->n_labels, sizeof *job->labels);
    bool fine = job->opened && job->labels;
    while (fine && job->n_labels < task->n_labels) {
        char *label = strdup(task->labels[job->n_labels]);
        fine = label != NULL;
        if (fine)
            job->labels[job->n_labels++] = label;
    }
    return fine;
}

void choose_free(struct job *job)
{
    for (size_t i = 0; i < job->n_labels; i++)
        free(job->labels[i]);
    free(job->labels);
    free(job->opened);
}

/* ---- requests ---- */
static bool on_bytes(void *user, const char *data, size_t len)
{
    struct item *item = user;
    item->bytes_came = true;
    return buf_append(&item->count, data, len) == SURETY_OK;
}

static void on_end(void *user, const struct http_end *end);

static enum surety_err ask(struct item *item, struct server *server, struct surety_error *err)
{
    enum choice_place place;
    free(item->body);
    item->body = labels_ask(item->choice, &place);
    if (!item->body)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a request");
    buf_fini(&item->count);
    buf_init(&item->count, CHOICE_BODY_MAX);
    const struct http_request request = {.url = server_place(server, place),
                                         .body = item->body,
                                         .body_len = strlen(item->body),
                                         .key = item->engine->key,
                                         .bytes = on_bytes,
                                         .end = on_end,
                                         .user = item};
    return http_start(item->engine->http, &request, &item->call, err);
}

/* All labels are known: the reply is one of no text. */
static void made(struct item *item)
{
    static const struct http_end fine = {.status = 200, .retry_after_ms = -1};
    struct reply *reply = &item->reply;
    buf_fini(&item->count);
    reply->finished = reply->done = true;
    reply->prompt_tokens = item->choice->prompt_tokens;
    reply->cached_tokens = item->choice->cached_tokens;
    reply->completion_tokens = 0;
    item->engine->ended(item, &fine);
}

static void ask_for_text(struct item *item)
{
    if (item->choice->prompt_tokens > 0)
        item->engine->spent += (double)item->choice->prompt_tokens;
    choose_stop(item);
    free(item->body);
    item->body = NULL;
    item->unchosen = true;
    item->engine->ask_text(item);
}

static void on_end(void *user, const struct http_end *end)
{
    struct item *item = user;
    struct server *server = item->server;
    struct surety_error error = {0};
    const char *body = item->count.data ? item->count.data : "";
    const struct fault_place place = {.url = server->chat, .model = server->model};
    bool fine = end->fault == HTTP_FINE && end->status == 200;
    enum choice_step step = CHOICE_CANNOT;
    item->call = NULL;
    item->heard_ms = clock_now_ms();
    if (fine && item->count.len)
        step = labels_take(item->choice, body, item->count.len);
    else if (!fine && fault_explain(end, body, item->count.len, &place, &error) != FAULT_FINAL) {
        reply_push(&item->reply, body, item->count.len, NULL);
        item->engine->ended(item, end);
        return;
    }
    if (step == CHOICE_MADE)
        made(item);
    else if (step == CHOICE_CANNOT || ask(item, server, &error))
        ask_for_text(item);
}

enum surety_err choose_start(struct item *item, struct server *server, struct surety_error *err)
{
    const struct job *job = item->job;
    const struct choice_question question = {.messages = json_object_get(job->body, "messages"),
                                             .labels = job->labels,
                                             .n_labels = job->n_labels,
                                             .opened = job->opened,
                                             .model = server->model,
                                             .fields = server->fields};
    item->choice = malloc(sizeof *item->choice);
    if (!item->choice)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a choice");
    labels_init(item->choice, server->choice, &question);
    enum surety_err code = ask(item, server, err);
    if (code)
        choose_stop(item);
    return code;
}

void choose_stop(struct item *item)
{
    if (item->choice)
        labels_fini(item->choice);
    free(item->choice);
    item->choice = NULL;
    buf_fini(&item->count);
}
