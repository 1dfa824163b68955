/*
 * What must reach a client goes through its outbox, one message on its way at a time, so that a
 * full queue neither drops nor reorders it. PROGRESS, STATUS and HEARTBEAT go past it: they may be
 * lost. Delivered results are kept for a while, because a client that repeats a request (it may
 * not know that we got it) shall get the same answer, not a second run. A client that goes on
 * asking and never reads is lost before its outbox grows without bound: more messages than one
 * that listens can ever leave, or a quarter of all that the broker may hold.
 */
#include "scaler/broker/core_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "base/utf8.h"

#define DELTA_BYTES 65536 /* of one message that pieces are put into */

static void outgoing_free(struct outgoing *message)
{
    free(message->id);
    free(message->text);
    free(message);
}

static void box_push(struct core *core, struct outbox *box, struct outgoing *message)
{
    message->next = NULL;
    if (box->tail)
        box->tail->next = message;
    else
        box->head = message;
    box->tail = message;
    box->n++;
    box->bytes += message->bytes;
    core->queued_bytes += message->bytes;
}

static struct outgoing *box_pop(struct core *core, struct outbox *box)
{
    struct outgoing *message = box->head;
    box->head = message->next;
    if (!box->head)
        box->tail = NULL;
    box->n--;
    box->bytes -= message->bytes;
    core->queued_bytes -= message->bytes;
    return message;
}

void outbox_clear(struct core *core, struct outbox *box)
{
    while (box->head)
        outgoing_free(box_pop(core, box));
}

void outbox_give_up(struct core *core, struct client *client)
{
    core->n_deaf += !client->deaf;
    client->deaf = true;
}

uint32_t outbox_results(const struct client *client)
{
    uint32_t n = 0;
    for (const struct outgoing *m = client->out.head; m; m = m->next)
        n += m->command == WIRE_RESULT;
    return n;
}

static struct outgoing *outgoing_new(struct core *core, struct client *client,
                                     enum wire_command command, const char *id, const char *text)
{
    struct outgoing *message = calloc(1, sizeof *message);
    if (!message) {
        core->failed = true;
        return NULL;
    }
    message->command = command;
    message->id = id ? strdup(id) : NULL;
    message->text = text ? strdup(text) : NULL;
    if ((id && !message->id) || (text && !message->text)) {
        outgoing_free(message);
        core->failed = true;
        return NULL;
    }
    message->bytes = sizeof *message + (id ? strlen(id) : 0) + (text ? strlen(text) : 0);
    box_push(core, &client->out, message);
    core->some_unsent = true;
    bool stuck = client->retry_ms > 0; /* its queue was full when it was last tried */
    if (client->out.n > WAITING_MAX(core->config.window) ||
        (stuck && client->out.bytes > core->config.max_queued_bytes / 4))
        outbox_give_up(core, client);
    return message;
}

void outbox_result(struct core *core, struct client *client, const struct request *request,
                   const char *json)
{
    struct outgoing *message = outgoing_new(core, client, WIRE_RESULT, request->wanted.id, json);
    if (message)
        message->content = request->content;
    core->count.results++;
    rate_add(&core->results, core->now_ms, 1);
}

/* Many small pieces would fill the box: one that waits takes them up. */
static bool add_to_last(struct core *core, struct client *client, const char *id, uint32_t status,
                        const char *text)
{
    struct outgoing *last = client->out.tail;
    size_t more = strlen(text), len;
    if (!last || last->command != WIRE_DELTA || strcmp(last->id, id) != 0 ||
        last->status != status || (client->sending && last == client->out.head) ||
        (len = strlen(last->text)) + more > DELTA_BYTES)
        return false;
    char *grown = realloc(last->text, len + more + 1);
    if (!grown) {
        core->failed = true;
        return true;
    }
    memcpy(grown + len, text, more + 1);
    last->text = grown;
    last->bytes += more;
    client->out.bytes += more;
    core->queued_bytes += more;
    return true;
}

void outbox_delta(struct core *core, struct request *request, uint32_t status, const char *text)
{
    const char *id = request->wanted.id;
    uint64_t at = request->told_bytes;
    request->told_bytes += strlen(text);
    if (add_to_last(core, request->client, id, status, text))
        return;
    struct outgoing *message = outgoing_new(core, request->client, WIRE_DELTA, id, text);
    if (message) {
        message->status = status;
        message->at = at;
    }
}

void outbox_accepted(struct core *core, struct client *client, const char *id)
{
    outgoing_new(core, client, WIRE_ACCEPTED, id, NULL);
}

void outbox_error(struct core *core, struct client *client, const char *id, enum surety_err code,
                  const char *format, ...)
{
    char text[sizeof(((struct surety_error *)0)->message)];
    va_list args;
    va_start(args, format);
    plain_vprint(text, sizeof text, format, args);
    va_end(args);
    text[utf8_cut(text, strlen(text))] = '\0';
    struct outgoing *message = outgoing_new(core, client, WIRE_ERROR, id, text);
    if (message)
        message->code = code;
    core->count.errors++;
}

bool outbox_again(struct core *core, struct client *client, const char *id, uint64_t content)
{
    for (struct outgoing *m = client->out.head; m; m = m->next)
        if (m->command == WIRE_RESULT && m->content == content && strcmp(m->id, id) == 0)
            return true; /* it is still on its way */
    for (struct outgoing *m = client->kept.head; m; m = m->next) {
        if (m->content != content || strcmp(m->id, id) != 0)
            continue;
        struct outgoing *copy = outgoing_new(core, client, WIRE_RESULT, m->id, m->text);
        if (copy)
            copy->content = content;
        return true;
    }
    return false;
}

void outbox_sent(struct core *core, struct client *client, enum core_sent sent)
{
    client->sending = 0;
    if (!client->out.head)
        return;
    if (sent == CORE_SENT_FULL) {
        client->retry_ms = core->now_ms + RETRY_MS;
        return;
    }
    client->retry_ms = 0;
    struct outgoing *message = box_pop(core, &client->out);
    if (message->command != WIRE_RESULT) {
        outgoing_free(message);
        return;
    }
    for (struct outgoing *m = client->kept.head; m; m = m->next)
        if (m->content == message->content && strcmp(m->id, message->id) == 0) {
            outgoing_free(message); /* it was a repetition */
            return;
        }
    box_push(core, &client->kept, message);
    while (client->kept.n > KEPT_RESULTS || client->kept.bytes > KEPT_BYTES)
        outgoing_free(box_pop(core, &client->kept));
}

void outbox_flush(struct core *core, struct client *client)
{
    const struct outgoing *next = client->out.head;
    if (!next || client->sending || client->retry_ms > core->now_ms)
        return;
    struct wire_message *message = core_send(core, CORE_CLIENTS, &client->peer, next->command);
    if (!message)
        return;
    core->actions[core->n_actions - 1].send.confirm = true;
    client->sending = core->ticket;
    /* the strings live in the outbox until the outcome of this SEND is told */
    if (next->command == WIRE_ACCEPTED) {
        message->accepted.id = next->id;
    } else if (next->command == WIRE_RESULT) {
        message->result.id = next->id;
        message->result.json = next->text;
    } else if (next->command == WIRE_DELTA) {
        message->delta.id = next->id;
        message->delta.status = next->status;
        message->delta.at = next->at;
        message->delta.text = next->text;
    } else {
        message->error.code = next->code;
        message->error.message = next->text;
        message->error.id = next->id;
    }
}
