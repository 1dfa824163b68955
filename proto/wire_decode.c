/*
 * Unpacking a checked body into structs. msgpack-c's objects live in a zone that ends here; what
 * the message keeps is copied into the caller's arena. Members are fetched through the get_
 * functions, which record the first thing that is wrong by the name of its key and return
 * defaults after that, so that a run of fetches is checked once.
 */
#include "proto/wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <msgpack.h>

#include "base/utf8.h"
#include "proto/settings_table.h"
#include <surety/settings.h>

#define ZONE_CHUNK_BYTES 8192

struct reader {
    struct arena *arena;
    const char *command;
    struct surety_error *err;
    enum surety_err code; /* of the first failure */
};

typedef const msgpack_object *object;

static void fail(struct reader *r, enum surety_err code, const char *key, const char *what)
{
    if (!r->code)
        r->code = surety_fail(r->err, code, "%s: \"%s\" %s", r->command, key, what);
}

static bool is_key(const msgpack_object *text, const char *key)
{
    return text->via.str.size == strlen(key) &&
           memcmp(text->via.str.ptr, key, text->via.str.size) == 0;
}

/* The member of a map, or NULL when it is missing or nil. A key that occurs twice is refused: two
 * readers would take two different values. */
static object get(struct reader *r, object map, const char *key)
{
    object found = NULL;
    for (uint32_t i = 0; map && i < map->via.map.size; i++) {
        const msgpack_object_kv *kv = &map->via.map.ptr[i];
        if (!is_key(&kv->key, key))
            continue;
        if (found)
            fail(r, SURETY_ERR_PROTOCOL, key, "occurs twice");
        found = &kv->val;
    }
    return found && found->type != MSGPACK_OBJECT_NIL ? found : NULL;
}

static object get_typed(struct reader *r, object map, const char *key, msgpack_object_type type,
                        const char *what)
{
    object value = get(r, map, key);
    if (value && value->type == type)
        return value;
    fail(r, SURETY_ERR_PROTOCOL, key, value ? what : "is missing");
    return NULL;
}

static object get_map(struct reader *r, object map, const char *key)
{
    return get_typed(r, map, key, MSGPACK_OBJECT_MAP, "is no map");
}

/* An array's elements, all of one type; *ret_n is 0 when it is missing or wrong. */
static object get_array(struct reader *r, object map, const char *key, msgpack_object_type type,
                        size_t max, size_t *ret_n)
{
    object value = get(r, map, key);
    *ret_n = 0;
    if (!value)
        return NULL;
    if (value->type != MSGPACK_OBJECT_ARRAY) {
        fail(r, SURETY_ERR_PROTOCOL, key, "is no array");
        return NULL;
    }
    if (value->via.array.size > max) {
        fail(r, SURETY_ERR_LIMIT, key, "has too many elements");
        return NULL;
    }
    for (uint32_t i = 0; i < value->via.array.size; i++) {
        if (value->via.array.ptr[i].type != type) {
            fail(r, SURETY_ERR_PROTOCOL, key, "has an element of the wrong type");
            return NULL;
        }
    }
    *ret_n = value->via.array.size;
    return value->via.array.ptr;
}

/* A valid copy in the arena. */
static char *copy_text(struct reader *r, object value, const char *key, size_t max)
{
    const char *bytes = value->via.str.ptr;
    size_t len = value->via.str.size;
    char *valid = NULL, *copy = NULL;
    if (len > max) {
        fail(r, SURETY_ERR_LIMIT, key, "is too long");
        return NULL;
    }
    if (!utf8_is_valid(bytes, len)) {
        valid = utf8_make_valid(bytes, len, &len);
        bytes = valid;
    }
    if (bytes && len > max)
        fail(r, SURETY_ERR_LIMIT, key, "is too long");
    else if (!bytes || !(copy = arena_strndup(r->arena, bytes, len)))
        fail(r, SURETY_ERR_NOMEM, key, "does not fit into memory");
    free(valid);
    return copy;
}

static char *get_text_or_null(struct reader *r, object map, const char *key, size_t max)
{
    object value = get(r, map, key);
    if (!value)
        return NULL;
    if (value->type != MSGPACK_OBJECT_STR) {
        fail(r, SURETY_ERR_PROTOCOL, key, "is no string");
        return NULL;
    }
    return copy_text(r, value, key, max);
}

static char *get_text(struct reader *r, object map, const char *key, size_t max)
{
    char *text = get_text_or_null(r, map, key, max);
    if (!text)
        fail(r, SURETY_ERR_PROTOCOL, key, "is missing");
    return text;
}

/* fallback when the member is missing. */
static int64_t get_int_or(struct reader *r, object map, const char *key, int64_t min, int64_t max,
                          int64_t fallback)
{
    object value = get(r, map, key);
    if (!value)
        return fallback;
    if (value->type == MSGPACK_OBJECT_NEGATIVE_INTEGER && value->via.i64 >= min)
        return value->via.i64;
    if (value->type == MSGPACK_OBJECT_POSITIVE_INTEGER && value->via.u64 <= (uint64_t)max)
        return (int64_t)value->via.u64;
    fail(r, SURETY_ERR_PROTOCOL, key, "is no integer in range");
    return fallback;
}

static uint32_t get_u32(struct reader *r, object map, const char *key)
{
    if (!get(r, map, key))
        fail(r, SURETY_ERR_PROTOCOL, key, "is missing");
    return (uint32_t)get_int_or(r, map, key, 0, UINT32_MAX, 0);
}

static uint64_t get_u64(struct reader *r, object map, const char *key)
{
    object value = get_typed(r, map, key, MSGPACK_OBJECT_POSITIVE_INTEGER, "is no integer");
    return value ? value->via.u64 : 0;
}

static double number_of(struct reader *r, object value, const char *key)
{
    switch (value->type) {
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return (double)value->via.u64;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return (double)value->via.i64;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        if (isfinite(value->via.f64))
            return value->via.f64;
        break;
    default:
        break;
    }
    fail(r, SURETY_ERR_PROTOCOL, key, "is no finite number");
    return 0;
}

static double get_number_or(struct reader *r, object map, const char *key, double fallback)
{
    object value = get(r, map, key);
    return value ? number_of(r, value, key) : fallback;
}

static bool get_bool_or(struct reader *r, object map, const char *key, bool fallback)
{
    object value = get(r, map, key);
    if (!value)
        return fallback;
    if (value->type != MSGPACK_OBJECT_BOOLEAN)
        fail(r, SURETY_ERR_PROTOCOL, key, "is not true or false");
    return value->via.boolean;
}

static void *new_array(struct reader *r, const char *key, size_t n, size_t bytes)
{
    void *made = arena_array(r->arena, n, bytes);
    if (!made)
        fail(r, SURETY_ERR_NOMEM, key, "does not fit into memory");
    return made;
}

static char **get_texts(struct reader *r, object map, const char *key, size_t max_n, size_t max,
                        size_t *ret_n)
{
    object elements = get_array(r, map, key, MSGPACK_OBJECT_STR, max_n, ret_n);
    char **texts = new_array(r, key, *ret_n, sizeof *texts);
    for (size_t i = 0; i < *ret_n && !r->code; i++)
        texts[i] = copy_text(r, &elements[i], key, max);
    return texts;
}

static void read_model(struct reader *r, object o, struct surety_model *model)
{
    model->name = get_text(r, o, "name", SURETY_NAME_MAX);
    model->id = get_text(r, o, "id", SURETY_NAME_MAX);
    model->engine = get_text(r, o, "engine", SURETY_NAME_MAX);
    model->profile = get_text(r, o, "profile", SURETY_NAME_MAX);
    model->repro = get_text(r, o, "repro", SURETY_NAME_MAX);
    model->context_tokens = get_u32(r, o, "context_tokens");
    model->slots = get_u32(r, o, "slots");
    model->chooses = get_bool_or(r, o, "chooses", false);
    model->passes = get_bool_or(r, o, "passes", false);
}

static void read_hello(struct reader *r, object map, struct wire_message *m)
{
    const char *role = get_text(r, map, "role", SURETY_NAME_MAX);
    m->hello.version = get_text(r, map, "version", SURETY_NAME_MAX);
    if (r->code)
        return;
    m->hello.worker = strcmp(role, "worker") == 0;
    if (!m->hello.worker) {
        if (strcmp(role, "client") != 0)
            fail(r, SURETY_ERR_PROTOCOL, "role", "is not \"worker\" or \"client\"");
        return;
    }
    read_model(r, get_map(r, map, "model"), &m->hello.model);
    m->hello.origin.pid = (uint32_t)get_int_or(r, map, "pid", 0, UINT32_MAX, 0);
    m->hello.origin.host = get_text_or_null(r, map, "host", SURETY_NAME_MAX);
    m->hello.origin.name = get_text_or_null(r, map, "name", SURETY_NAME_MAX);
    if (m->hello.model.slots < 1 || m->hello.model.slots > SURETY_SLOTS_MAX)
        fail(r, SURETY_ERR_PROTOCOL, "slots", "is out of range");
}

static void read_models(struct reader *r, object map, struct wire_message *m)
{
    object o = get_array(r, map, "models", MSGPACK_OBJECT_MAP, WIRE_MODELS_MAX, &m->models.n);
    m->models.list = new_array(r, "models", m->models.n, sizeof *m->models.list);
    for (size_t i = 0; i < m->models.n && !r->code; i++)
        read_model(r, &o[i], &m->models.list[i]);
}

/* A code by its wire name; one that this version does not know is an error all the same. */
static enum surety_err get_code(struct reader *r, object map)
{
    enum surety_err code = surety_err_from_name(get_text_or_null(r, map, "code", SURETY_NAME_MAX));
    return code ? code : SURETY_ERR_INTERNAL;
}

static void read_error(struct reader *r, object map, struct surety_error *error)
{
    const char *message = get_text(r, map, "message", WIRE_MESSAGE_MAX);
    error->code = get_code(r, map);
    if (!message)
        return;
    size_t len = strlen(message);
    len = len < sizeof error->message ? len : utf8_cut(message, sizeof error->message - 1);
    memcpy(error->message, message, len);
}

static void read_labels(struct reader *r, object map, struct surety_output *o)
{
    object value = get(r, map, "labels");
    if (value && (value->type != MSGPACK_OBJECT_ARRAY || value->via.array.size > SURETY_LABELS_MAX))
        fail(r, SURETY_ERR_PROTOCOL, "labels", "is no array of at most 26 numbers");
    for (uint32_t i = 0; value && !r->code && i < value->via.array.size; i++)
        o->label_logprobs[o->n_labels++] = number_of(r, &value->via.array.ptr[i], "labels");
}

static void read_output(struct reader *r, object map, struct wire_message *m)
{
    struct surety_output *o = &m->output.output;
    m->output.request = get_u64(r, map, "request");
    m->output.task = get_u32(r, map, "task");
    o->index = get_u32(r, map, "index");
    o->attempt = get_u32(r, map, "attempt");
    if (!surety_finish_from_name(get_text(r, map, "finish", SURETY_NAME_MAX), &o->finish))
        fail(r, SURETY_ERR_PROTOCOL, "finish", "is no name of a finish");
    o->text = get_text(r, map, "text", SURETY_TEXT_MAX);
    o->prompt_tokens = get_u32(r, map, "prompt_tokens");
    o->cached_tokens = get_u32(r, map, "cached_tokens");
    o->completion_tokens = get_u32(r, map, "completion_tokens");
    o->logprob = get_number_or(r, map, "logprob", NAN);
    read_labels(r, map, o);
    if (o->finish == SURETY_FINISH_ERROR)
        read_error(r, get_map(r, map, "error"), &o->error);
}

static struct wire_item_key get_item_key(struct reader *r, object map)
{
    return (struct wire_item_key){.request = get_u64(r, map, "request"),
                                  .task = get_u32(r, map, "task"),
                                  .index = get_u32(r, map, "index"),
                                  .attempt = get_u32(r, map, "attempt")};
}

static void read_heartbeat(struct reader *r, object map, struct wire_message *m)
{
    m->heartbeat.outputs = (uint64_t)get_int_or(r, map, "outputs", 0, INT64_MAX, 0);
    m->heartbeat.tokens = (uint64_t)get_int_or(r, map, "tokens", 0, INT64_MAX, 0);
    m->heartbeat.waiting = (uint32_t)get_int_or(r, map, "waiting", 0, UINT32_MAX, 0);
    m->heartbeat.why = get_text_or_null(r, map, "why", WIRE_WHY_MAX);
    object o = get_array(r, map, "items", MSGPACK_OBJECT_MAP, SURETY_SLOTS_MAX, &m->heartbeat.n);
    m->heartbeat.items = new_array(r, "items", m->heartbeat.n, sizeof *m->heartbeat.items);
    for (size_t i = 0; i < m->heartbeat.n && !r->code; i++)
        m->heartbeat.items[i] =
            (struct wire_progress){.key = get_item_key(r, &o[i]),
                                   .tokens = get_u32(r, &o[i], "tokens"),
                                   .alive = get_bool_or(r, &o[i], "alive", false)};
}

static void read_cancel(struct reader *r, object map, struct wire_message *m)
{
    m->cancel.id = get_text_or_null(r, map, "id", SURETY_NAME_MAX);
    object o = get_array(r, map, "items", MSGPACK_OBJECT_MAP, SURETY_SLOTS_MAX, &m->cancel.n);
    m->cancel.items = new_array(r, "items", m->cancel.n, sizeof *m->cancel.items);
    for (size_t i = 0; i < m->cancel.n && !r->code; i++)
        m->cancel.items[i] = get_item_key(r, &o[i]);
    if (m->cancel.id && m->cancel.n)
        fail(r, SURETY_ERR_PROTOCOL, "items", "stands beside \"id\"");
}

static void read_names(struct reader *r, object map, const struct setting *row, unsigned *set)
{
    size_t n;
    unsigned one;
    char **names = get_texts(r, map, row->key, 32, SURETY_NAME_MAX, &n);
    for (size_t i = 0; i < n && !r->code; i++) {
        if (!setting_from_name(row, names[i], strlen(names[i]), &one))
            fail(r, SURETY_ERR_INVALID, row->key, "has an element that is none of its names");
        *set |= one;
    }
}

/* What the member can hold is read; whether it is in the setting's range is asked later, by a check
 * whose sentence says the range. */
static void read_integer(struct reader *r, object map, const struct setting *row,
                         struct surety_settings *s)
{
    int64_t least = row->storage == SETTING_I32 ? INT32_MIN : 0;
    int64_t most = row->storage == SETTING_I32   ? INT32_MAX
                   : row->storage == SETTING_U32 ? UINT32_MAX
                                                 : INT64_MAX;
    setting_set_integer(row, s, get_int_or(r, map, row->key, least, most, setting_integer(row, s)));
}

static void read_setting(struct reader *r, object map, const struct setting *row,
                         struct surety_settings *s)
{
    unsigned value = (unsigned)setting_integer(row, s);
    const char *name;
    switch (row->type) {
    case SETTING_INTEGER:
        read_integer(r, map, row, s);
        return;
    case SETTING_NUMBER:
    case SETTING_NUMBER_OR_DEFAULT:
        setting_set_number(row, s, get_number_or(r, map, row->key, setting_number(row, s)));
        return;
    case SETTING_SWITCH:
        value = get_bool_or(r, map, row->key, value);
        break;
    case SETTING_NAME:
        name = get_text_or_null(r, map, row->key, SURETY_NAME_MAX);
        if (name && !setting_from_name(row, name, strlen(name), &value))
            fail(r, SURETY_ERR_INVALID, row->key, "is none of its names");
        break;
    case SETTING_NAMES:
        read_names(r, map, row, &value);
        break;
    }
    setting_set_integer(row, s, value);
}

/* Ranges are checked at once: of a task no one asks later, as of a request. */
static void read_sampling(struct reader *r, object map, struct surety_sampling *ret)
{
    struct surety_settings s;
    surety_settings_init(&s);
    for (size_t i = 0; i < settings_count; i++) {
        if (!setting_is_sampling(&settings_table[i]))
            continue;
        read_setting(r, map, &settings_table[i], &s);
        if (!r->code)
            r->code = setting_check(&settings_table[i], &s, r->err);
    }
    *ret = s.sampling;
    ret->stop = get_texts(r, map, "stop", SURETY_STOPS_MAX, SURETY_STOP_MAX, &ret->n_stop);
}

static void read_messages(struct reader *r, object map, struct surety_message **ret_messages,
                          size_t *ret_n)
{
    object o = get_array(r, map, "messages", MSGPACK_OBJECT_MAP, SURETY_MESSAGES_MAX, ret_n);
    struct surety_message *messages = new_array(r, "messages", *ret_n, sizeof *messages);
    for (size_t i = 0; i < *ret_n && !r->code; i++) {
        messages[i].role = get_text(r, &o[i], "role", SURETY_NAME_MAX);
        messages[i].content = get_text(r, &o[i], "content", SURETY_TEXT_MAX);
    }
    *ret_messages = messages;
}

static enum surety_stage get_stage(struct reader *r, object map)
{
#define X(NAME, name) #name,
    static const char *const stages[] = {SURETY_STAGE_TABLE(X)};
#undef X
    const char *text = get_text(r, map, "stage", SURETY_NAME_MAX);
    for (enum surety_stage stage = 0; text && stage < SURETY_STAGE_COUNT_; stage++)
        if (strcmp(text, stages[stage]) == 0)
            return stage;
    if (text)
        fail(r, SURETY_ERR_PROTOCOL, "stage", "is none that is known");
    return SURETY_STAGE_SAMPLE;
}

static void read_batch(struct reader *r, object map, struct wire_message *m)
{
    struct surety_task *t = &m->batch.task;
    m->batch.request = get_u64(r, map, "request");
    t->id = get_u32(r, map, "task");
    t->stage = get_stage(r, map);
    read_messages(r, map, &t->messages, &t->n_messages);
    read_sampling(r, get_map(r, map, "sampling"), &t->sampling);
    t->problem = get_text(r, map, "problem", SURETY_PROBLEM_MAX);
    t->claims = get_texts(r, map, "claims", SURETY_M_MAX, SURETY_CLAIM_MAX, &t->n_claims);
    t->labels = get_texts(r, map, "labels", SURETY_LABELS_MAX, SURETY_LABEL_MAX, &t->n_labels);
    t->opened = get_text_or_null(r, map, "opened", SURETY_OPENED_MAX);
    t->body = get_text_or_null(r, map, "body", SURETY_BODY_MAX);
    object o = get_array(r, map, "items", MSGPACK_OBJECT_MAP, SURETY_SLOTS_MAX, &t->n_items);
    if (t->n_items == 0)
        fail(r, SURETY_ERR_PROTOCOL, "items", "is missing or empty");
    t->items = new_array(r, "items", t->n_items, sizeof *t->items);
    for (size_t i = 0; i < t->n_items && !r->code; i++)
        t->items[i] = (struct surety_item){.index = get_u32(r, &o[i], "index"),
                                           .seed = get_u32(r, &o[i], "seed"),
                                           .attempt = get_u32(r, &o[i], "attempt")};
}

static void refuse_key(struct reader *r, object key, const char *what)
{
    size_t len;
    char *name = utf8_make_valid(key->via.str.ptr, key->via.str.size, &len);
    for (size_t i = 0; name && i < len; i++) /* goes into a log and onto terminals */
        if ((unsigned char)name[i] < ' ' || name[i] == 0x7F)
            name[i] = '?';
    if (!name)
        fail(r, SURETY_ERR_NOMEM, what, "does not fit into memory");
    else
        r->code = surety_fail(r->err, SURETY_ERR_UNSUPPORTED,
                              "this broker (surety %s) does not know the %s '%.*s': use the "
                              "same version of surety on both sides",
                              SURETY_VERSION, what, (int)utf8_cut(name, len < 60 ? len : 60), name);
    free(name);
}

static bool is_setting(object key)
{
    return setting_find(key->via.str.ptr, key->via.str.size);
}

/* To ignore a part of a request would be to answer another question than was asked. */
static void refuse_unknown(struct reader *r, object map, const char *what,
                           bool (*known)(object key))
{
    for (uint32_t i = 0; map && !r->code && i < map->via.map.size; i++) {
        const msgpack_object_kv *kv = &map->via.map.ptr[i];
        if (kv->val.type != MSGPACK_OBJECT_NIL && !known(&kv->key))
            refuse_key(r, &kv->key, what);
    }
}

static void read_settings(struct reader *r, object map, struct surety_settings *s)
{
    refuse_unknown(r, map, "setting", is_setting);
    for (size_t i = 0; i < settings_count; i++)
        read_setting(r, map, &settings_table[i], s);
}

/* Input that is planned and not built is refused, not ignored. */
static void refuse_later(struct reader *r, object map, const char *key)
{
    if (get(r, map, key))
        fail(r, SURETY_ERR_UNSUPPORTED, key, "is not built yet");
}

/* What follows reads, no more and no less. */
static bool is_key_of_request(object key)
{
    static const char *const known[] = {
        "id",       "problem",  "model",       "profile",       "verifier_model",
        "settings", "progress", "deadline_ms", "budget_tokens", "messages",
        "stop",     "user",     "body"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (is_key(key, known[i]))
            return true;
    return false;
}

static void read_request(struct reader *r, object map, struct wire_message *m)
{
    struct surety_request *q = &m->request;
    refuse_later(r, map, "context");
    refuse_later(r, map, "constraints");
    refuse_unknown(r, map, "key of a request", is_key_of_request);
    q->id = get_text(r, map, "id", SURETY_NAME_MAX);
    q->problem = get_text(r, map, "problem", SURETY_PROBLEM_MAX);
    q->model_name = get_text_or_null(r, map, "model", SURETY_NAME_MAX);
    q->verifier_model = get_text_or_null(r, map, "verifier_model", SURETY_NAME_MAX);
    q->profile = get_text_or_null(r, map, "profile", SURETY_PROFILE_MAX);
    q->user = get_text_or_null(r, map, "user", SURETY_NAME_MAX);
    surety_settings_init(&q->settings);
    if (get(r, map, "settings"))
        read_settings(r, get_map(r, map, "settings"), &q->settings);
    q->deadline_ms = get_int_or(r, map, "deadline_ms", 0, INT64_MAX, 0);
    q->budget_tokens = get_int_or(r, map, "budget_tokens", 0, INT64_MAX, 0);
    q->progress = get_bool_or(r, map, "progress", false);
    read_messages(r, map, &q->messages, &q->n_messages);
    q->stop = get_texts(r, map, "stop", SURETY_STOPS_MAX, SURETY_STOP_MAX, &q->n_stop);
    q->body = get_text_or_null(r, map, "body", SURETY_BODY_MAX);
}

static void read_delta(struct reader *r, object map, struct wire_message *m)
{
    m->delta.id = get_text_or_null(r, map, "id", SURETY_NAME_MAX);
    if (m->delta.id)
        m->delta.at = get_u64(r, map, "at");
    else
        m->delta.key = get_item_key(r, map);
    m->delta.status = get_u32(r, map, "status");
    m->delta.text = get_text(r, map, "text", SURETY_TEXT_MAX);
}

static void read_message(struct reader *r, object map, struct wire_message *m)
{
    switch (m->command) {
    case WIRE_HELLO:
        read_hello(r, map, m);
        break;
    case WIRE_WELCOME:
        m->welcome.version = get_text(r, map, "version", SURETY_NAME_MAX);
        m->welcome.heartbeat_ms = get_u32(r, map, "heartbeat_ms");
        m->welcome.window = (uint32_t)get_int_or(r, map, "window", 0, UINT32_MAX, 0);
        m->welcome.users = get_bool_or(r, map, "users", false);
        break;
    case WIRE_BATCH:
        read_batch(r, map, m);
        break;
    case WIRE_OUTPUT:
        read_output(r, map, m);
        break;
    case WIRE_HEARTBEAT:
        read_heartbeat(r, map, m);
        break;
    case WIRE_CANCEL:
        read_cancel(r, map, m);
        break;
    case WIRE_REQUEST:
        read_request(r, map, m);
        break;
    case WIRE_ACCEPTED:
        m->accepted.id = get_text(r, map, "id", SURETY_NAME_MAX);
        break;
    case WIRE_PROGRESS:
    case WIRE_RESULT:
        m->result.id = get_text(r, map, "id", SURETY_NAME_MAX);
        m->result.json = get_text(r, map, "json", WIRE_JSON_MAX);
        break;
    case WIRE_STATUS:
        m->status.json = get_text_or_null(r, map, "json", WIRE_JSON_MAX);
        if (!m->status.json)
            m->status.json = new_array(r, "json", 1, 1);
        break;
    case WIRE_MODELS:
        read_models(r, map, m);
        break;
    case WIRE_DELTA:
        read_delta(r, map, m);
        break;
    case WIRE_ERROR:
        m->error.code = get_code(r, map);
        m->error.message = get_text(r, map, "message", WIRE_MESSAGE_MAX);
        m->error.id = get_text_or_null(r, map, "id", SURETY_NAME_MAX);
        break;
    case WIRE_BYE:
        break;
    case WIRE_COMMAND_COUNT_:
        r->code = surety_fail(r->err, SURETY_ERR_PROTOCOL, "no such command");
        break;
    }
}

enum surety_err wire_decode(enum wire_command command, const void *body, size_t len,
                            struct arena *arena, struct wire_message *ret_message,
                            struct surety_error *err)
{
    enum surety_err code = wire_check(body, len, err);
    if (code)
        return code;
    msgpack_zone zone;
    if (!msgpack_zone_init(&zone, ZONE_CHUNK_BYTES))
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory to read a message");
    struct wire_message message = {.command = command};
    struct reader r = {.arena = arena, .command = wire_command_name(command), .err = err};
    msgpack_object root;
    size_t at = 0;
    if (msgpack_unpack(body, len, &at, &zone, &root) != MSGPACK_UNPACK_SUCCESS)
        r.code = surety_fail(err, SURETY_ERR_NOMEM, "no memory to read a message");
    else
        read_message(&r, &root, &message);
    msgpack_zone_destroy(&zone);
    if (!r.code)
        *ret_message = message;
    return r.code;
}

char *wire_decode_id(const void *body, size_t len, struct arena *arena)
{
    struct surety_error ignored;
    struct reader r = {.arena = arena, .command = "", .err = &ignored};
    msgpack_zone zone;
    msgpack_object root;
    size_t at = 0;
    char *id = NULL;
    if (wire_check(body, len, &ignored) || !msgpack_zone_init(&zone, ZONE_CHUNK_BYTES))
        return NULL;
    if (msgpack_unpack(body, len, &at, &zone, &root) == MSGPACK_UNPACK_SUCCESS)
        id = get_text_or_null(&r, &root, "id", SURETY_NAME_MAX);
    msgpack_zone_destroy(&zone);
    return r.code ? NULL : id;
}
