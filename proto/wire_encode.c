/*
 * Packing writes into a buffer that cannot grow beyond WIRE_BODY_MAX. Every text is held against
 * the limit that the receiver will hold it against, so that a message which was encoded is never
 * refused for its size.
 */
#include "proto/wire.h"

#include <math.h>
#include <string.h>

#include <msgpack.h>

#include "base/buf.h"
#include "proto/settings_table.h"
#include <surety/settings.h>

struct writer {
    msgpack_packer packer;
    struct buf buf;
    struct surety_error *err;
    enum surety_err code; /* of the first failure */
};

static int write_to_buf(void *data, const char *bytes, size_t len)
{
    return buf_append(data, bytes, len) ? -1 : 0;
}

static void put_text(struct writer *w, const char *text, size_t max)
{
    size_t len = text ? strlen(text) : 0;
    if (!w->code && !text)
        w->code = surety_fail(w->err, SURETY_ERR_INVALID, "a message without one of its texts");
    if (!w->code && len > max)
        w->code = surety_fail(w->err, SURETY_ERR_LIMIT,
                              "a text of %zu bytes; at most %zu are allowed", len, max);
    if (!w->code)
        msgpack_pack_str_with_body(&w->packer, text, len);
}

static void put_map(struct writer *w, size_t n)
{
    msgpack_pack_map(&w->packer, n);
}

static void put_array(struct writer *w, size_t n, size_t max)
{
    if (!w->code && n > max)
        w->code = surety_fail(w->err, SURETY_ERR_LIMIT,
                              "a list of %zu elements; at most %zu are allowed", n, max);
    msgpack_pack_array(&w->packer, n);
}

static void put_key(struct writer *w, const char *key)
{
    put_text(w, key, SURETY_NAME_MAX);
}

static void key_text(struct writer *w, const char *key, const char *text, size_t max)
{
    put_key(w, key);
    put_text(w, text, max);
}

static void key_uint(struct writer *w, const char *key, uint64_t value)
{
    put_key(w, key);
    msgpack_pack_uint64(&w->packer, value);
}

static void key_int(struct writer *w, const char *key, int64_t value)
{
    put_key(w, key);
    msgpack_pack_int64(&w->packer, value);
}

static void key_number(struct writer *w, const char *key, double value)
{
    put_key(w, key);
    msgpack_pack_double(&w->packer, value);
}

static void key_nil(struct writer *w, const char *key)
{
    put_key(w, key);
    msgpack_pack_nil(&w->packer);
}

static void key_bool(struct writer *w, const char *key, bool value)
{
    put_key(w, key);
    if (value)
        msgpack_pack_true(&w->packer);
    else
        msgpack_pack_false(&w->packer);
}

static void put_model(struct writer *w, const struct surety_model *model)
{
    put_map(w, 7u + model->chooses + model->passes);
    key_text(w, "name", model->name, SURETY_NAME_MAX);
    key_text(w, "id", model->id, SURETY_NAME_MAX);
    key_text(w, "engine", model->engine, SURETY_NAME_MAX);
    key_text(w, "profile", model->profile, SURETY_NAME_MAX);
    key_text(w, "repro", model->repro, SURETY_NAME_MAX);
    key_uint(w, "context_tokens", model->context_tokens);
    key_uint(w, "slots", model->slots);
    if (model->chooses)
        key_bool(w, "chooses", true);
    if (model->passes)
        key_bool(w, "passes", true);
}

static void put_hello(struct writer *w, const struct wire_message *m)
{
    const struct wire_origin *from = &m->hello.origin;
    put_map(w, m->hello.worker ? 3 + !!from->pid + !!from->host + !!from->name : 2);
    key_text(w, "role", m->hello.worker ? "worker" : "client", SURETY_NAME_MAX);
    key_text(w, "version", m->hello.version, SURETY_NAME_MAX);
    if (m->hello.worker) {
        put_key(w, "model");
        put_model(w, &m->hello.model);
        if (from->pid)
            key_uint(w, "pid", from->pid);
        if (from->host)
            key_text(w, "host", from->host, SURETY_NAME_MAX);
        if (from->name)
            key_text(w, "name", from->name, SURETY_NAME_MAX);
    }
}

static void put_error(struct writer *w, const struct surety_error *error)
{
    put_map(w, 2);
    key_text(w, "code", surety_err_name(error->code), SURETY_NAME_MAX);
    key_text(w, "message", error->message, sizeof error->message);
}

static void put_output(struct writer *w, const struct wire_message *m)
{
    const struct surety_output *o = &m->output.output;
    put_map(w, 10u + (o->finish == SURETY_FINISH_ERROR) + (o->n_labels > 0));
    key_uint(w, "request", m->output.request);
    key_uint(w, "task", m->output.task);
    key_uint(w, "index", o->index);
    key_uint(w, "attempt", o->attempt);
    key_text(w, "finish", surety_finish_name(o->finish), SURETY_NAME_MAX);
    key_text(w, "text", o->text, SURETY_TEXT_MAX);
    key_uint(w, "prompt_tokens", o->prompt_tokens);
    key_uint(w, "cached_tokens", o->cached_tokens);
    key_uint(w, "completion_tokens", o->completion_tokens);
    if (isfinite(o->logprob))
        key_number(w, "logprob", o->logprob);
    else
        key_nil(w, "logprob");
    if (o->n_labels > 0) {
        put_key(w, "labels");
        put_array(w, o->n_labels, SURETY_LABELS_MAX);
        for (size_t i = 0; i < o->n_labels && !w->code; i++)
            msgpack_pack_double(&w->packer, o->label_logprobs[i]);
    }
    if (o->finish == SURETY_FINISH_ERROR) {
        put_key(w, "error");
        put_error(w, &o->error);
    }
}

static void put_item_key(struct writer *w, const struct wire_item_key *key)
{
    key_uint(w, "request", key->request);
    key_uint(w, "task", key->task);
    key_uint(w, "index", key->index);
    key_uint(w, "attempt", key->attempt);
}

static void put_heartbeat(struct writer *w, const struct wire_message *m)
{
    put_map(w, 1 + !!m->heartbeat.outputs + !!m->heartbeat.tokens + !!m->heartbeat.waiting +
                   !!m->heartbeat.why);
    if (m->heartbeat.outputs)
        key_uint(w, "outputs", m->heartbeat.outputs);
    if (m->heartbeat.tokens)
        key_uint(w, "tokens", m->heartbeat.tokens);
    if (m->heartbeat.waiting)
        key_uint(w, "waiting", m->heartbeat.waiting);
    if (m->heartbeat.why)
        key_text(w, "why", m->heartbeat.why, WIRE_WHY_MAX);
    put_key(w, "items");
    put_array(w, m->heartbeat.n, SURETY_SLOTS_MAX);
    for (size_t i = 0; i < m->heartbeat.n && !w->code; i++) {
        const struct wire_progress *item = &m->heartbeat.items[i];
        put_map(w, item->alive ? 6 : 5);
        put_item_key(w, &item->key);
        key_uint(w, "tokens", item->tokens);
        if (item->alive)
            key_bool(w, "alive", true);
    }
}

static void put_cancel(struct writer *w, const struct wire_message *m)
{
    put_map(w, 1);
    if (m->cancel.id) {
        key_text(w, "id", m->cancel.id, SURETY_NAME_MAX);
        return;
    }
    put_key(w, "items");
    put_array(w, m->cancel.n, SURETY_SLOTS_MAX);
    for (size_t i = 0; i < m->cancel.n && !w->code; i++) {
        put_map(w, 4);
        put_item_key(w, &m->cancel.items[i]);
    }
}

static void put_names(struct writer *w, const struct setting *row, unsigned set)
{
    put_array(w, (size_t)__builtin_popcount(set), 32);
    for (unsigned bit = 1; bit && bit <= set; bit <<= 1)
        if (set & bit)
            put_text(w, row->name(bit), SURETY_NAME_MAX);
}

static void put_setting(struct writer *w, const struct setting *row,
                        const struct surety_settings *s)
{
    switch (row->type) {
    case SETTING_INTEGER:
        key_int(w, row->key, setting_integer(row, s));
        break;
    case SETTING_NUMBER:
        key_number(w, row->key, setting_number(row, s));
        break;
    case SETTING_NUMBER_OR_DEFAULT:
        if (setting_number(row, s) < 0)
            key_nil(w, row->key);
        else
            key_number(w, row->key, setting_number(row, s));
        break;
    case SETTING_SWITCH:
        key_bool(w, row->key, setting_integer(row, s));
        break;
    case SETTING_NAME:
        key_text(w, row->key, row->name((unsigned)setting_integer(row, s)), SURETY_NAME_MAX);
        break;
    case SETTING_NAMES:
        put_key(w, row->key);
        put_names(w, row, (unsigned)setting_integer(row, s));
        break;
    }
}

static void put_settings(struct writer *w, const struct surety_settings *s)
{
    size_t n = 0;
    for (size_t i = 0; i < settings_count; i++)
        n += setting_is_told(&settings_table[i], s);
    put_map(w, n);
    for (size_t i = 0; i < settings_count; i++)
        if (setting_is_told(&settings_table[i], s))
            put_setting(w, &settings_table[i], s);
}

static void put_stops(struct writer *w, char *const *stop, size_t n)
{
    put_key(w, "stop");
    put_array(w, n, SURETY_STOPS_MAX);
    for (size_t i = 0; i < n && !w->code; i++)
        put_text(w, stop[i], SURETY_STOP_MAX);
}

/* Of the settings those that an engine needs, and the profile's stop strings. */
static void put_sampling(struct writer *w, const struct surety_sampling *sampling)
{
    const struct surety_settings s = {.sampling = *sampling};
    size_t n = 0;
    for (size_t i = 0; i < settings_count; i++)
        n += setting_is_sampling(&settings_table[i]) && setting_is_told(&settings_table[i], &s);
    put_map(w, n + 1);
    for (size_t i = 0; i < settings_count; i++)
        if (setting_is_sampling(&settings_table[i]) && setting_is_told(&settings_table[i], &s))
            put_setting(w, &settings_table[i], &s);
    put_stops(w, sampling->stop, sampling->n_stop);
}

static void put_messages(struct writer *w, const struct surety_message *messages, size_t n)
{
    put_key(w, "messages");
    put_array(w, n, SURETY_MESSAGES_MAX);
    for (size_t i = 0; i < n && !w->code; i++) {
        put_map(w, 2);
        key_text(w, "role", messages[i].role, SURETY_NAME_MAX);
        key_text(w, "content", messages[i].content, SURETY_TEXT_MAX);
    }
}

#define X(NAME, name) #name,
static const char *const stages[] = {SURETY_STAGE_TABLE(X)};
#undef X

static void put_batch(struct writer *w, const struct wire_message *m)
{
    const struct surety_task *t = &m->batch.task;
    put_map(w, 8u + (t->n_labels > 0) + (t->opened != NULL) + (t->body != NULL));
    key_uint(w, "request", m->batch.request);
    key_uint(w, "task", t->id);
    key_text(w, "stage", stages[t->stage], SURETY_NAME_MAX);
    put_messages(w, t->messages, t->n_messages);
    put_key(w, "sampling");
    put_sampling(w, &t->sampling);
    key_text(w, "problem", t->problem, SURETY_PROBLEM_MAX);
    put_key(w, "claims");
    put_array(w, t->n_claims, SURETY_M_MAX);
    for (size_t i = 0; i < t->n_claims && !w->code; i++)
        put_text(w, t->claims[i], SURETY_CLAIM_MAX);
    if (t->n_labels > 0) {
        put_key(w, "labels");
        put_array(w, t->n_labels, SURETY_LABELS_MAX);
        for (size_t i = 0; i < t->n_labels && !w->code; i++)
            put_text(w, t->labels[i], SURETY_LABEL_MAX);
    }
    if (t->opened)
        key_text(w, "opened", t->opened, SURETY_OPENED_MAX);
    if (t->body)
        key_text(w, "body", t->body, SURETY_BODY_MAX);
    put_key(w, "items");
    put_array(w, t->n_items, SURETY_SLOTS_MAX);
    for (size_t i = 0; i < t->n_items && !w->code; i++) {
        put_map(w, 3);
        key_uint(w, "index", t->items[i].index);
        key_uint(w, "seed", t->items[i].seed);
        key_uint(w, "attempt", t->items[i].attempt);
    }
}

static void put_request(struct writer *w, const struct wire_message *m)
{
    const struct surety_request *r = &m->request;
    put_map(w, 6 + !!r->model_name + !!r->verifier_model + !!r->profile + !!r->n_messages +
                   !!r->n_stop + !!r->user + !!r->body);
    key_text(w, "id", r->id, SURETY_NAME_MAX);
    key_text(w, "problem", r->problem, SURETY_PROBLEM_MAX);
    if (r->model_name)
        key_text(w, "model", r->model_name, SURETY_NAME_MAX);
    if (r->verifier_model)
        key_text(w, "verifier_model", r->verifier_model, SURETY_NAME_MAX);
    if (r->profile)
        key_text(w, "profile", r->profile, SURETY_PROFILE_MAX);
    if (r->n_messages)
        put_messages(w, r->messages, r->n_messages);
    if (r->n_stop)
        put_stops(w, r->stop, r->n_stop);
    if (r->user)
        key_text(w, "user", r->user, SURETY_NAME_MAX);
    if (r->body)
        key_text(w, "body", r->body, SURETY_BODY_MAX);
    put_key(w, "settings");
    put_settings(w, &r->settings);
    key_int(w, "deadline_ms", r->deadline_ms);
    key_int(w, "budget_tokens", r->budget_tokens);
    key_bool(w, "progress", r->progress);
}

static void put_welcome(struct writer *w, const struct wire_message *m)
{
    put_map(w, 3 + m->welcome.users);
    key_text(w, "version", m->welcome.version, SURETY_NAME_MAX);
    key_uint(w, "heartbeat_ms", m->welcome.heartbeat_ms);
    key_uint(w, "window", m->welcome.window);
    if (m->welcome.users)
        key_bool(w, "users", true);
}

static void put_models(struct writer *w, const struct wire_message *m)
{
    put_map(w, m->models.n ? 1 : 0);
    if (!m->models.n)
        return;
    put_key(w, "models");
    put_array(w, m->models.n, WIRE_MODELS_MAX);
    for (size_t i = 0; i < m->models.n && !w->code; i++)
        put_model(w, &m->models.list[i]);
}

static void put_delta(struct writer *w, const struct wire_message *m)
{
    put_map(w, m->delta.id ? 4 : 6);
    if (m->delta.id) {
        key_text(w, "id", m->delta.id, SURETY_NAME_MAX);
        key_uint(w, "at", m->delta.at);
    } else {
        put_item_key(w, &m->delta.key);
    }
    key_uint(w, "status", m->delta.status);
    key_text(w, "text", m->delta.text, SURETY_TEXT_MAX);
}

static void put_error_message(struct writer *w, const struct wire_message *m)
{
    put_map(w, m->error.id ? 3 : 2);
    key_text(w, "code", surety_err_name(m->error.code), SURETY_NAME_MAX);
    key_text(w, "message", m->error.message, WIRE_MESSAGE_MAX);
    if (m->error.id)
        key_text(w, "id", m->error.id, SURETY_NAME_MAX);
}

static void put_message(struct writer *w, const struct wire_message *m)
{
    switch (m->command) {
    case WIRE_HELLO:
        put_hello(w, m);
        break;
    case WIRE_WELCOME:
        put_welcome(w, m);
        break;
    case WIRE_BATCH:
        put_batch(w, m);
        break;
    case WIRE_OUTPUT:
        put_output(w, m);
        break;
    case WIRE_HEARTBEAT:
        put_heartbeat(w, m);
        break;
    case WIRE_CANCEL:
        put_cancel(w, m);
        break;
    case WIRE_REQUEST:
        put_request(w, m);
        break;
    case WIRE_ACCEPTED:
        put_map(w, 1);
        key_text(w, "id", m->accepted.id, SURETY_NAME_MAX);
        break;
    case WIRE_PROGRESS:
    case WIRE_RESULT:
        put_map(w, 2);
        key_text(w, "id", m->result.id, SURETY_NAME_MAX);
        key_text(w, "json", m->result.json, WIRE_JSON_MAX);
        break;
    case WIRE_STATUS:
        put_map(w, 1);
        key_text(w, "json", m->status.json, WIRE_JSON_MAX);
        break;
    case WIRE_MODELS:
        put_models(w, m);
        break;
    case WIRE_DELTA:
        put_delta(w, m);
        break;
    case WIRE_ERROR:
        put_error_message(w, m);
        break;
    case WIRE_BYE:
        put_map(w, 0);
        break;
    case WIRE_COMMAND_COUNT_:
        w->code = surety_fail(w->err, SURETY_ERR_INVALID, "no such command");
        break;
    }
}

enum surety_err wire_encode(const struct wire_message *message, char **ret_body, size_t *ret_len,
                            struct surety_error *err)
{
    struct writer w = {.err = err};
    buf_init(&w.buf, WIRE_BODY_MAX);
    msgpack_packer_init(&w.packer, &w.buf, write_to_buf);
    put_message(&w, message);
    if (!w.code && w.buf.failed)
        w.code = surety_fail(err, w.buf.failed, "the message %s does not fit into %u bytes",
                             wire_command_name(message->command), WIRE_BODY_MAX);
    char *body = w.code ? NULL : buf_detach(&w.buf, ret_len);
    if (!w.code && !body)
        w.code = surety_fail(err, SURETY_ERR_NOMEM, "no memory for a message");
    buf_fini(&w.buf);
    if (!w.code)
        *ret_body = body;
    return w.code;
}
