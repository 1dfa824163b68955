/*
 * A request comes in: refused, or stored and accepted. And it goes out: ended once, then gone. What
 * happens in between stands in core_state.c.
 */
#include "scaler/broker/core_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/plain.h"
#include "base/utf8.h"
#include "proto/settings_table.h"
#include <surety/settings.h>

#define REQUEST_BYTES_MAX (32u << 20)

/* ---- copies ---- */

static bool copy_texts(struct arena *arena, char *const *from, size_t n, char ***ret)
{
    *ret = n ? ARENA_ARRAY(arena, char *, n) : NULL;
    for (size_t i = 0; *ret && i < n; i++)
        if (!((*ret)[i] = arena_strdup(arena, from[i])))
            return false;
    return *ret || !n;
}

static bool copy_messages(struct arena *arena, const struct surety_request *from,
                          struct surety_request *to)
{
    size_t n = from->n_messages;
    to->messages = n ? ARENA_ARRAY(arena, struct surety_message, n) : NULL;
    for (size_t i = 0; to->messages && i < n; i++) {
        to->messages[i].role = arena_strdup(arena, from->messages[i].role);
        to->messages[i].content = arena_strdup(arena, from->messages[i].content);
        if (!to->messages[i].role || !to->messages[i].content)
            return false;
    }
    return to->messages || !n;
}

static bool copy_request(struct arena *arena, const struct surety_request *from,
                         struct surety_request *to)
{
    *to = *from;
    to->id = arena_strdup(arena, from->id);
    to->problem = arena_strdup(arena, from->problem);
    to->model_name = arena_strdup(arena, from->model_name);
    to->verifier_model = arena_strdup(arena, from->verifier_model);
    to->profile = arena_strdup(arena, from->profile);
    to->user = arena_strdup(arena, from->user);
    to->body = arena_strdup(arena, from->body);
    const struct surety_sampling *sampling = &from->settings.sampling;
    return copy_texts(arena, sampling->stop, sampling->n_stop, &to->settings.sampling.stop) &&
           copy_texts(arena, from->stop, from->n_stop, &to->stop) &&
           copy_messages(arena, from, to) && to->id && to->problem &&
           (to->model_name || !from->model_name) && (to->verifier_model || !from->verifier_model) &&
           (to->profile || !from->profile) && (to->user || !from->user) &&
           (to->body || !from->body);
}

/* Of all that decides the answer, and of how long it may take. */
static uint64_t content_hash(const struct surety_request *r)
{
    uint64_t h = hash_text(0, r->problem);
    h = hash_text(h, r->model_name ? r->model_name : "");
    h = hash_text(h, r->verifier_model ? r->verifier_model : "");
    h = hash_text(h, r->profile ? r->profile : "");
    h = hash_u64(h, (uint64_t)r->deadline_ms);
    h = hash_u64(h, (uint64_t)r->budget_tokens);
    for (size_t i = 0; i < r->n_messages; i++)
        h = hash_text(hash_text(h, r->messages[i].role), r->messages[i].content);
    h = hash_u64(h, r->n_messages);
    h = r->body ? hash_text(h, r->body) : h;
    for (size_t i = 0; i < r->n_stop; i++)
        h = hash_text(h, r->stop[i]);
    return settings_hash(h, &r->settings, SETTING_HASHED);
}

/* ---- the beginning ---- */

/* Of the first request with this number or a higher one. */
static size_t position(const struct core *core, uint64_t number)
{
    size_t low = 0, high = core->n_requests;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (core->requests[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct request *request_find(struct core *core, uint64_t number)
{
    size_t at = position(core, number);
    bool found = at < core->n_requests && core->requests[at]->number == number;
    return found ? core->requests[at] : NULL;
}

static struct request *find_id(const struct core *core, const struct client *client, const char *id)
{
    for (size_t i = 0; i < core->n_requests; i++)
        if (core->requests[i]->client == client && strcmp(core->requests[i]->wanted.id, id) == 0)
            return core->requests[i];
    return NULL;
}

static void request_add(struct core *core, struct client *client,
                        const struct surety_request *wanted, uint64_t content)
{
    struct request **grown = core_grow(core, core->requests, core->n_requests, &core->requests_size,
                                       sizeof(*core->requests));
    if (!grown)
        return;
    core->requests = grown;
    struct request *request = calloc(1, sizeof *request);
    struct core_action *action = request ? core_act(core, CORE_PERSIST) : NULL;
    if (!action) {
        core->failed = true;
        free(request);
        return;
    }
    core->requests[core->n_requests++] = request;
    arena_init(&request->arena, REQUEST_BYTES_MAX);
    due_init(request);
    due_touch(core, request);
    request->number = core->next_number++;
    request->client = client;
    request->content = content;
    request->since_ms = core->now_ms;
    client->n_requests++;
    core->count.requests++;
    if (!copy_request(&request->arena, wanted, &request->wanted))
        core->failed = true;
    service_init(request);
    memory_weigh(core, request);
    action->persist.request = request->number;
    action->persist.wanted = &request->wanted;
}

/* Tells client and log. While another request with this id runs, the id would end that one. */
static void refuse(struct core *core, struct client *client, const char *id, enum surety_err code,
                   const char *format, ...) SURETY_PRINTF(5, 6);

static void refuse(struct core *core, struct client *client, const char *id, enum surety_err code,
                   const char *format, ...)
{
    struct surety_error why;
    va_list args;
    va_start(args, format);
    plain_vprint(why.message, sizeof why.message, format, args);
    va_end(args);
    why.message[utf8_cut(why.message, strlen(why.message))] = '\0';
    note_refused(core, client, id, why.message);
    outbox_error(core, client, find_id(core, client, id) ? NULL : id, code, "%s", why.message);
}

void request_refuse(struct core *core, struct client *client, const char *id,
                    const struct surety_error *why)
{
    refuse(core, client, id, why->code, "%s", why->message);
}

void request_new(struct core *core, struct client *client, const struct surety_request *wanted)
{
    struct surety_error err;
    const char *id = wanted->id;
    uint64_t content = content_hash(wanted);
    struct request *twin = find_id(core, client, id);
    uint32_t in_flight = client->n_requests + outbox_results(client);
    if (twin && twin->content == content) {
        if (twin->stored) /* said again: the answer is on its way */
            outbox_accepted(core, client, id);
    } else if (twin) {
        refuse(core, client, id, SURETY_ERR_INVALID,
               "the id '%.100s' is taken by a request that still runs", id);
    } else if (outbox_again(core, client, id, content)) {
        return;
    } else if (core->stopping) {
        refuse(core, client, id, SURETY_ERR_CANCELLED, "the broker is ending");
    } else if (surety_request_check(wanted, &err)) {
        refuse(core, client, id, err.code, "%s", err.message);
    } else if (in_flight >= core->config.window) {
        refuse(core, client, id, SURETY_ERR_BUSY,
               "%u requests of this client are in flight; wait for a result", in_flight);
    } else if (core->n_requests >= core->config.max_requests || memory_is_full(core)) {
        refuse(core, client, id, SURETY_ERR_BUSY,
               "the broker's queue is full (%zu requests, %zu bytes); try again later",
               core->n_requests, core->queued_bytes);
    } else {
        request_add(core, client, wanted, content);
    }
}

void request_persisted(struct core *core, uint64_t number, const struct surety_error *error)
{
    struct request *request = request_find(core, number);
    if (!request || request->state != REQUEST_STORING) /* it did not wait for the store */
        return;
    if (error) {
        outbox_error(core, request->client, request->wanted.id, error->code,
                     "the broker cannot store the request: %s", error->message);
        request_done(core, request, SURETY_STOP_FAILED, error, NULL);
        return;
    }
    due_touch(core, request);
    request->stored = true;
    request->state = REQUEST_WAITING;
    request->since_ms = core->now_ms;
    note_accepted(core, request);
    outbox_accepted(core, request->client, request->wanted.id);
}

void request_cancel(struct core *core, struct client *client, const char *id)
{
    struct request *request = find_id(core, client, id);
    if (request)
        request_end(core, request, SURETY_STOP_CANCELLED, SURETY_ERR_CANCELLED,
                    "cancelled by the client");
}

/* ---- the end ---- */

void request_free(struct core *core, struct request *request)
{
    size_t at = position(core, request->number);
    core->n_requests--;
    memmove(&core->requests[at], &core->requests[at + 1],
            (core->n_requests - at) * sizeof(*core->requests));
    due_forget(core, request);
    for (size_t s = 0; s < request->n_services; s++)
        share_leave(&request->services[s]);
    core->n_alone -= request->n_alone;
    core->workers_moved = core->workers_moved || request->n_alone;
    if (request->client)
        request->client->n_requests--;
    core->queued_bytes -= request->bytes;
    items_free(request);
    plan_job_free(request->pending);
    plan_free(request->plan);
    arena_fini(&request->arena);
    free(request);
}

/* The plan goes back to the pool, for freeing it may take a while. */
void request_done(struct core *core, struct request *request, enum surety_stop stop,
                  const struct surety_error *error, const char *json)
{
    note_ended(core, request, stop, error);
    struct core_action *action = core_act(core, CORE_ENDED);
    if (action) {
        struct store_end *end = &action->ended.end;
        action->ended.request = request->number;
        *end = (struct store_end){.stop = stop, .error = *error, .json = json};
        if (request->broker_ended && stop == SURETY_STOP_CANCELLED)
            end->how = STORE_BROKER_ENDED;
        else
            end->how = request->client ? STORE_ANSWERED : STORE_CLIENT_GONE;
    }
    if (request->plan) {
        struct plan_job *job = plan_job_create(request->number, PLAN_JOB_FREE);
        if (job) {
            job->plan = request->plan;
            request->plan = NULL;
            core_plan(core, job);
        }
    }
    request_free(core, request);
}

void request_end(struct core *core, struct request *request, enum surety_stop stop,
                 enum surety_err code, const char *format, ...)
{
    if (request->state == REQUEST_ENDING)
        return;
    request->state = REQUEST_ENDING;
    request->stop = stop;
    request->broker_ended = core->stopping;
    due_touch(core, request);
    for (size_t s = 0; s < request->n_services; s++)
        share_leave(&request->services[s]);
    items_cancel(core, request);
    if (request->job_out)
        core_hurry(core, request->number);
    /* a partial answer is an answer; without any the result says why */
    if (stop == SURETY_STOP_COMPLETE || (stop != SURETY_STOP_FAILED && request->n_samples_ok))
        return;
    va_list args;
    va_start(args, format);
    request->why.code = code;
    plain_vprint(request->why.message, sizeof request->why.message, format, args);
    va_end(args);
    request->why.message[utf8_cut(request->why.message, strlen(request->why.message))] = '\0';
}
