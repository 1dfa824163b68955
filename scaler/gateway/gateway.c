/*
 * gateway.c - what happens between a body that came and the reply that goes.
 *
 * One loop: let the HTTP side run, give the broker what its window takes, see what it says, and a
 * few times a second look for clients that went and tell those who stream that work goes on. A
 * request is WAITING (for the window), then FLYING (at the broker); its exchange may end before it
 * does, and then the broker is told to cancel it.
 */
#include "scaler/gateway/gateway.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/jsonl.h"
#include "base/plain.h"
#include "scaler/gateway/gateway_chat.h"
#include "scaler/gateway/gateway_http.h"
#include "scaler/gateway/gateway_reply.h"

#define LOOP_MS 100           /* longest sleep */
#define LOOK_MS 250           /* between looks for clients that went */
#define MODELS_MS 500         /* between questions for what is served */
#define COMMENT_FIRST_MS 1000 /* before a stream says that work goes on */
#define COMMENT_MS 2000       /* between two of these */
#define QUIET_BYTES 256       /* more than that not yet taken: nothing is added */
#define REJOIN_MS 1000
#define GOODBYE_MS 1000 /* for last replies, at the end */
#define EVENTS_MAX 256  /* of the broker before the HTTP side has its turn */
#define RETRY_S 1
#define MODELS_MAX 256 /* names that are remembered */

struct known_model {
    char *name;
    int64_t created;
    bool served; /* now; else it was */
    bool passes; /* takes bodies as they are: offered under its own name too */
};

enum state { WAITING, FLYING };

/* Who asks: of the broker's window each gets at most half of what is left, so that it is never
 * one's alone. */
struct user {
    struct user *next;
    char name[17]; /* a hash: the broker need not know more */
    uint32_t n_jobs, n_flying;
};

struct job {
    struct job *next;
    struct user *user;
    struct gateway_exchange *x; /* NULL: its client has gone */
    struct gateway_chat chat;
    enum state state;
    char id[40];
    size_t bytes; /* of its body */
    int64_t created, since_ms, told_ms;
    bool streaming;   /* the stream has begun */
    size_t n_samples; /* that PROGRESS told of */
    /* of a reply that is passed through */
    uint32_t status;   /* of HTTP; 0: nothing has come */
    uint64_t came;     /* bytes */
    struct buf passed; /* if it is no stream */
};

struct gateway {
    const struct gateway_config *config;
    struct session *session;
    struct gateway_http *http;
    struct job *jobs, **jobs_end; /* in order of arrival */
    struct user *users;           /* that have jobs */
    uint32_t n_waiting, n_flying;
    size_t waiting_bytes;
    uint64_t salt, counter; /* of ids */
    struct known_model models[MODELS_MAX];
    size_t n_models;
    bool models_known, told;
    int64_t look_ms, ask_ms, rejoin_ms;
};

/* ---- replies ---- */

static void refuse(struct gateway_exchange *x, const struct gateway_fault *fault, int status,
                   const char *allow)
{
    int retry = status == 429 || status == 503 ? RETRY_S : 0;
    gateway_http_reply(x, status, gateway_error_json(fault, status), retry, allow);
}

static void refuse_for(struct gateway_exchange *x, const char *param, enum surety_err code,
                       int status, const char *message)
{
    struct gateway_fault fault = {.param = ""};
    gateway_fail(&fault, param, code, "%s", message);
    refuse(x, &fault, status, NULL);
}

static char *refusal(int status, const char *message)
{
    struct gateway_fault fault = {.param = ""};
    gateway_fail(&fault, NULL, status == 429 ? SURETY_ERR_BUSY : SURETY_ERR_LIMIT, "%s", message);
    return gateway_error_json(&fault, status);
}

/* ---- jobs ---- */

static struct user *user_ref(struct gateway *g, uint64_t hash)
{
    char name[17];
    hash_hex(hash, name);
    struct user *user = g->users;
    while (user && strcmp(user->name, name) != 0)
        user = user->next;
    if (!user && (user = calloc(1, sizeof *user))) {
        memcpy(user->name, name, sizeof name);
        user->next = g->users;
        g->users = user;
    }
    if (user)
        user->n_jobs++;
    return user;
}

static void user_unref(struct gateway *g, struct user *user)
{
    if (--user->n_jobs)
        return;
    struct user **at = &g->users;
    while (*at != user)
        at = &(*at)->next;
    *at = user->next;
    free(user);
}

static void job_free(struct gateway *g, struct job *job)
{
    struct job **at = &g->jobs;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    if (g->jobs_end == &job->next)
        g->jobs_end = at;
    g->n_waiting -= job->state == WAITING;
    g->waiting_bytes -= job->state == WAITING ? job->bytes : 0;
    g->n_flying -= job->state == FLYING;
    job->user->n_flying -= job->state == FLYING;
    user_unref(g, job->user);
    if (job->x)
        gateway_http_set_user(job->x, NULL);
    gateway_chat_fini(&job->chat);
    buf_fini(&job->passed);
    free(job);
}

/* Ends the job with an error, which a stream that has begun can only tell as an event. */
static void job_fail(struct gateway *g, struct job *job, const struct gateway_fault *fault,
                     int status)
{
    if (job->x && job->streaming) {
        char *json = gateway_error_json(fault, status);
        if (json) {
            gateway_http_send(job->x, "data: ", 6);
            gateway_http_send(job->x, json, strlen(json));
            gateway_http_send(job->x, "\n\n", 2);
        }
        free(json);
        gateway_http_end_stream(job->x);
    } else if (job->x) {
        refuse(job->x, fault, status, NULL);
    }
    job_free(g, job);
}

static void job_answer(struct gateway *g, struct job *job, const char *result)
{
    struct gateway_fault fault = {.param = ""};
    struct buf events;
    char *json = NULL;
    enum surety_err code = SURETY_OK;
    buf_init(&events, GATEWAY_STREAM_MAX);
    if (job->x && job->chat.stream)
        code = gateway_reply_events(&job->chat, job->id, job->created, result, &events, &fault);
    else if (job->x)
        code = gateway_reply_json(&job->chat, job->id, job->created, result, &json, &fault);
    if (code) {
        job_fail(g, job, &fault, gateway_error_status(code));
    } else {
        if (job->x && job->chat.stream) {
            if (!job->streaming)
                gateway_http_begin_stream(job->x);
            gateway_http_send(job->x, events.data, events.len);
            gateway_http_end_stream(job->x);
        } else if (job->x) {
            gateway_http_reply(job->x, 200, json, 0, NULL);
        }
        job_free(g, job);
    }
    buf_fini(&events);
}

/* ---- what is passed through ---- */

/* A stream goes on as it comes; what is none is kept until it is whole. */
static void job_pass(struct gateway *g, struct job *job, const struct client_event *event)
{
    struct gateway_fault fault = {.param = ""};
    size_t len = strlen(event->text);
    if (event->at != job->came) { /* the broker is another one, and has begun anew */
        gateway_fail(&fault, NULL, SURETY_ERR_LOST, "a part of the reply was lost");
        client_cancel(g->session->client, job->id, NULL);
        job_fail(g, job, &fault, 502);
        return;
    }
    if (!job->came && job->x && job->chat.stream && event->status == 200 && *event->text != '{') {
        gateway_http_begin_stream(job->x);
        job->streaming = true;
    }
    job->status = event->status;
    job->came += len;
    if (!job->streaming)
        buf_append(&job->passed, event->text, len);
    else if (job->x)
        gateway_http_send(job->x, event->text, len);
}

/* What the server said, whole: JSON, or else an error that quotes it. */
static void reply_passed(struct job *job)
{
    struct gateway_fault fault = {.param = ""};
    int status = (int)job->status;
    json_t *json = NULL;
    bool error = status < 200 || status >= 300;
    const char *text = job->passed.data ? job->passed.data : "";
    if (!job->passed.failed && !json_load_text(text, job->passed.len, &json, &fault.error)) {
        char *copy = strdup(text);
        gateway_http_reply(job->x, status, copy, status == 429 || status == 503 ? RETRY_S : 0,
                           NULL);
    } else {
        gateway_fail(&fault, NULL, SURETY_ERR_ENGINE,
                     "the model's server replied with status %d and no JSON: %.200s", status, text);
        refuse(job->x, &fault, error && status >= 400 ? status : 502, NULL);
    }
    json_decref(json);
}

/* The RESULT of what was passed through: it is whole, or broke off. */
static void job_passed(struct gateway *g, struct job *job, const char *result)
{
    struct gateway_fault fault = {.param = ""};
    enum surety_err code = gateway_reply_error(result, &fault);
    if (!code && !job->status)
        code = gateway_fail(&fault, NULL, SURETY_ERR_ENGINE, "the model's server said nothing");
    if (code) {
        job_fail(g, job, &fault, gateway_error_status(code));
        return;
    }
    if (job->x && job->streaming)
        gateway_http_end_stream(job->x);
    else if (job->x)
        reply_passed(job);
    job_free(g, job);
}

static struct job *find_job(struct gateway *g, const char *id)
{
    for (struct job *job = g->jobs; job; job = job->next)
        if (strcmp(job->id, id) == 0)
            return job;
    return NULL;
}

/* Gives the broker what its window takes. */
static void pump(struct gateway *g)
{
    struct client *client = g->session->client;
    struct job *next;
    for (struct job *job = g->jobs; client && job && g->n_waiting; job = next) {
        next = job->next;
        if (job->state != WAITING)
            continue;
        uint32_t window = client_window(client);
        if (g->n_flying >= window)
            return;
        if (job->user->n_flying && job->user->n_flying >= window - g->n_flying)
            continue;
        struct gateway_fault fault = {.param = ""};
        struct surety_request request = job->chat.request;
        request.id = job->id;
        request.model_name =
            (char *)job->chat.model + (job->chat.pass ? 0 : strlen(GATEWAY_PREFIX));
        request.settings.text = true;
        request.progress = job->chat.stream && !job->chat.pass;
        request.user = job->user->name;
        enum surety_err code = client_send(client, &request, &fault.error);
        if (code) {
            job_fail(g, job, &fault, gateway_error_status(code));
            continue;
        }
        job->state = FLYING;
        g->n_flying++;
        job->user->n_flying++;
        g->n_waiting--;
        g->waiting_bytes -= job->bytes;
    }
}

static void fail_all(struct gateway *g, const struct surety_error *why)
{
    struct gateway_fault fault = {.error = *why};
    while (g->jobs)
        job_fail(g, g->jobs, &fault, 503);
}

/* ---- models ---- */

static struct known_model *find_model(struct gateway *g, const char *name)
{
    for (size_t i = 0; i < g->n_models; i++)
        if (strcmp(g->models[i].name, name) == 0)
            return &g->models[i];
    return NULL;
}

static bool any_served(const struct gateway *g)
{
    for (size_t i = 0; i < g->n_models; i++)
        if (g->models[i].served)
            return true;
    return false;
}

/* The names under which models can be asked: see(arg, model, prefix) for each. */
static void each_name(const struct gateway *g,
                      void (*see)(void *arg, const struct known_model *model, const char *prefix),
                      void *arg)
{
    for (size_t i = 0; i < g->n_models; i++) {
        const struct known_model *model = &g->models[i];
        if (model->served)
            see(arg, model, GATEWAY_PREFIX);
        if (model->served && model->passes)
            see(arg, model, "");
    }
}

static void list_name(void *arg, const struct known_model *model, const char *prefix)
{
    struct buf *list = arg;
    buf_printf(list, "%s%s%s", list->len ? ", " : "", prefix, model->name);
}

static void take_models(struct gateway *g, const struct client_event *event)
{
    g->models_known = true;
    for (size_t i = 0; i < g->n_models; i++)
        g->models[i].served = g->models[i].passes = false;
    for (size_t i = 0; i < event->n_models; i++) {
        struct known_model *model = find_model(g, event->models[i].name);
        if (!model && g->n_models < MODELS_MAX) {
            model = &g->models[g->n_models];
            *model =
                (struct known_model){.name = strdup(event->models[i].name), .created = time(NULL)};
            g->n_models += model->name != NULL;
        }
        if (model && model->name) {
            model->served = true;
            model->passes |= event->models[i].passes;
        }
    }
    if (g->told || !any_served(g))
        return;
    g->told = true;
    if (g->config->ready)
        g->config->ready(g->config->user, gateway_http_address(g->http), event->models,
                         event->n_models);
}

/* ---- what is asked ---- */

static void show_name(void *arg, const struct known_model *model, const char *prefix)
{
    json_array_append_new(arg, json_pack("{s:s+,s:s,s:I,s:s}", "id", prefix, model->name, "object",
                                         "model", "created", (json_int_t)model->created, "owned_by",
                                         "surety"));
}

static void show_models(struct gateway *g, struct gateway_exchange *x,
                        const struct gateway_request *request)
{
    json_t *list = json_array();
    each_name(g, show_name, list);
    json_t *object = json_pack("{s:s,s:o}", "object", "list", "data", list);
    gateway_http_reply(x, 200, object ? json_to_text(object) : NULL, 0, NULL);
    json_decref(object);
}

static void show_health(struct gateway *g, struct gateway_exchange *x,
                        const struct gateway_request *request)
{
    gateway_http_reply(x, 200, strdup("{\"status\":\"ok\"}"), 0, NULL);
}

static void show_ready(struct gateway *g, struct gateway_exchange *x,
                       const struct gateway_request *request)
{
    if (!g->session->client)
        refuse_for(x, NULL, SURETY_ERR_UNREACHABLE, 503, "the broker does not answer");
    else if (!any_served(g))
        refuse_for(x, NULL, SURETY_ERR_UNREACHABLE, 503, "no worker serves a model yet");
    else
        gateway_http_reply(x, 200, strdup("{\"status\":\"ready\"}"), 0, NULL);
}

struct header_reading {
    struct gateway_chat *chat;
    struct gateway_fault *fault;
    enum surety_err code;
    uint64_t user; /* hash of what tells one from another */
};

static bool tells_user(const char *header)
{
    static const char *const names[] = {"Authorization", "X-Forwarded-For"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(header) == strlen(names[i]) &&
            plain_compare(header, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static void read_header(void *arg, const char *name, const char *value)
{
    struct header_reading *r = arg;
    if (tells_user(name))
        r->user = hash_text(r->user, value);
    if (!r->code)
        r->code = gateway_chat_header(r->chat, name, value, r->fault);
}

/* True when the model is one that can be asked; else the refusal was sent. */
static bool check_model(struct gateway *g, struct gateway_exchange *x, const char *model)
{
    char message[480];
    size_t prefix = strlen(GATEWAY_PREFIX);
    const struct known_model *itself = find_model(g, model);
    if (!g->session->client || !g->models_known || !g->n_models) {
        show_ready(g, x, NULL);
        return false;
    }
    if (strncmp(model, GATEWAY_PREFIX, prefix) == 0 && find_model(g, model + prefix))
        return true;
    if (itself && itself->passes)
        return true;
    struct buf served;
    buf_init(&served, 64 * 1024);
    each_name(g, list_name, &served);
    if (itself)
        snprintf(message, sizeof message,
                 "'%.100s' itself cannot be asked, for the engine that serves it passes nothing "
                 "through; ask for '" GATEWAY_PREFIX
                 "%.100s', which answers with the most reliable of many samples",
                 model, model);
    else
        snprintf(message, sizeof message, "there is no model '%.100s'; served: %.300s", model,
                 served.data ? served.data : "");
    buf_fini(&served);
    refuse_for(x, "model", SURETY_ERR_NOT_FOUND, 404, message);
    return false;
}

/* ---- a completion ---- */

static void job_add(struct gateway *g, struct gateway_exchange *x, struct job *job, size_t bytes)
{
    job->x = x;
    job->bytes = bytes;
    job->created = time(NULL);
    buf_init(&job->passed, SURETY_TEXT_MAX);
    job->since_ms = job->told_ms = clock_now_ms();
    snprintf(job->id, sizeof job->id, "chatcmpl-%016llx",
             (unsigned long long)hash_u64(g->salt, g->counter++));
    gateway_http_set_user(x, job);
    *g->jobs_end = job;
    g->jobs_end = &job->next;
    g->n_waiting++;
    g->waiting_bytes += bytes;
    pump(g);
}

static bool is_json(const char *type)
{
    static const char json[] = "application/json";
    return plain_compare(type, json, strlen(json)) == 0 && strchr("; \t", type[strlen(json)]);
}

static void complete(struct gateway *g, struct gateway_exchange *x,
                     const struct gateway_request *request)
{
    struct gateway_fault fault = {.param = ""};
    if (!is_json(request->content_type)) {
        refuse_for(x, NULL, SURETY_ERR_INVALID, 415,
                   "the body must be JSON: send the header Content-Type: application/json");
        return;
    }
    if (g->n_waiting >= GATEWAY_WAITING_MAX ||
        g->waiting_bytes + request->len > GATEWAY_WAITING_BYTES) {
        refuse_for(x, NULL, SURETY_ERR_BUSY, 429, "too many requests are waiting: try again later");
        return;
    }
    struct job *job = calloc(1, sizeof *job);
    if (!job) {
        refuse_for(x, NULL, SURETY_ERR_NOMEM, 503, "out of memory");
        return;
    }
    enum surety_err code =
        gateway_chat_read(request->body, request->len, g->config->defaults, &job->chat, &fault);
    struct header_reading headers = {&job->chat, &fault, code, g->salt};
    gateway_http_headers(x, read_header, &headers);
    code = headers.code;
    if (!code)
        code = gateway_chat_check(&job->chat, &fault);
    if (code)
        refuse(x, &fault, gateway_error_status(code), NULL);
    if (!code && job->chat.user)
        headers.user = hash_text(headers.user, job->chat.user);
    job->user = code ? NULL : user_ref(g, headers.user);
    if (!code && !job->user)
        refuse_for(x, NULL, SURETY_ERR_NOMEM, 503, "out of memory");
    if (job->user && check_model(g, x, job->chat.model)) {
        job_add(g, x, job, request->len);
        return;
    }
    if (job->user)
        user_unref(g, job->user);
    gateway_chat_fini(&job->chat);
    free(job);
}

static const struct {
    const char *path, *method;
    void (*serve)(struct gateway *g, struct gateway_exchange *x, const struct gateway_request *r);
} paths[] = {{"/v1/chat/completions", "POST", complete},
             {"/v1/models", "GET", show_models},
             {"/healthz", "GET", show_health},
             {"/readyz", "GET", show_ready}};

static void on_request(void *user, struct gateway_exchange *x,
                       const struct gateway_request *request)
{
    struct gateway_fault fault = {.param = ""};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (strcmp(paths[i].path, request->path) != 0)
            continue;
        if (strcmp(paths[i].method, request->method) == 0) {
            paths[i].serve(user, x, request);
        } else {
            gateway_fail(&fault, NULL, SURETY_ERR_INVALID, "%.80s is asked with %s, not %.20s",
                         paths[i].path, paths[i].method, request->method);
            refuse(x, &fault, 405, paths[i].method);
        }
        return;
    }
    gateway_fail(&fault, NULL, SURETY_ERR_NOT_FOUND,
                 "there is no '%.100s'; there are /v1/chat/completions, /v1/models, /healthz and "
                 "/readyz",
                 request->path);
    refuse(x, &fault, 404, NULL);
}

/* The exchange is over. A job that is still there has lost its client. */
static void on_ended(void *user, struct gateway_exchange *x)
{
    struct gateway *g = user;
    struct job *job = gateway_http_user(x);
    if (!job)
        return;
    job->x = NULL;
    if (job->state == WAITING)
        job_free(g, job);
    else if (g->session->client) /* its RESULT ends it */
        client_cancel(g->session->client, job->id, NULL);
}

static const struct gateway_http_calls calls = {on_request, on_ended, refusal};

/* ---- the loop ---- */

static size_t count_samples(const char *json)
{
    json_t *so_far = NULL;
    if (json_load_text(json, strlen(json), &so_far, NULL))
        return 0;
    size_t n = json_array_size(json_object_get(so_far, "trajectories"));
    json_decref(so_far);
    return n;
}

static void take_event(struct gateway *g, const struct client_event *event)
{
    struct job *job = event->id ? find_job(g, event->id) : NULL;
    struct gateway_fault fault = {.error = event->error};
    if (event->kind == CLIENT_MODELS)
        take_models(g, event);
    else if (job && event->kind == CLIENT_DELTA)
        job_pass(g, job, event);
    else if (job && event->kind == CLIENT_RESULT && job->chat.pass)
        job_passed(g, job, event->json);
    else if (job && event->kind == CLIENT_RESULT)
        job_answer(g, job, event->json);
    else if (job && event->kind == CLIENT_FAILED)
        job_fail(g, job, &fault,
                 event->error.code == SURETY_ERR_BUSY ? 503
                                                      : gateway_error_status(event->error.code));
    else if (job && event->kind == CLIENT_PROGRESS)
        job->n_samples = count_samples(event->json);
}

/* A client that took nothing of what it was sent last gets nothing on top. */
static void comment(struct job *job, int64_t now)
{
    char text[160];
    int64_t due = job->streaming ? COMMENT_MS : COMMENT_FIRST_MS;
    if (!job->x || !job->chat.stream || job->chat.pass || now - job->told_ms < due)
        return;
    job->told_ms = now;
    if (!job->streaming)
        gateway_http_begin_stream(job->x);
    job->streaming = true;
    int n = snprintf(text, sizeof text, ": %s, %zu of %u samples after %lld s\n\n",
                     job->state == WAITING ? "waiting" : "working", job->n_samples,
                     job->chat.request.settings.k, (long long)((now - job->since_ms) / 1000));
    if (gateway_http_queued(job->x) < QUIET_BYTES)
        gateway_http_send(job->x, text, (size_t)n);
}

static void look_after_jobs(struct gateway *g, int64_t now)
{
    if (now < g->look_ms)
        return;
    g->look_ms = now + LOOK_MS;
    for (struct job *job = g->jobs; job; job = job->next)
        if (job->x && gateway_http_is_wanted(job->x))
            comment(job, now);
}

static int wait_ms(const struct gateway *g)
{
    int64_t ms = gateway_http_wait_ms(g->http);
    return ms < 0 || ms > LOOP_MS ? LOOP_MS : (int)ms;
}

/* What the broker says, until it is silent; sleeps first, unless the HTTP side has something. */
static enum surety_err hear_broker(struct gateway *g, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    int wait = wait_ms(g);
    struct client_event event = {.kind = CLIENT_ACCEPTED};
    for (int i = 0; !code && i < EVENTS_MAX && event.kind != CLIENT_NOTHING; i++, wait = 0) {
        event.kind = CLIENT_NOTHING;
        code = session_next(g->session, wait, &event, err);
        if (!code)
            take_event(g, &event);
    }
    return code;
}

/* The broker is gone: nobody is kept waiting, and it is looked for now and then. */
static void lose_broker(struct gateway *g, const struct surety_error *why)
{
    log_printf(g->config->log, LOG_WARN, "%s", why->message);
    fail_all(g, why);
    client_close(g->session->client);
    g->session->client = NULL;
    g->rejoin_ms = clock_now_ms() + REJOIN_MS;
    for (size_t i = 0; i < g->n_models; i++)
        g->models[i].served = false;
}

static void find_broker(struct gateway *g)
{
    struct pollfd wait = {.fd = gateway_http_fd(g->http), .events = POLLIN};
    if (clock_now_ms() < g->rejoin_ms) {
        poll(&wait, 1, wait_ms(g));
        return;
    }
    g->rejoin_ms = clock_now_ms() + REJOIN_MS;
    if (session_rejoin(g->session, LOOP_MS, NULL))
        return;
    client_watch(g->session->client, gateway_http_fd(g->http));
    log_printf(g->config->log, LOG_WARN, "the broker is back");
}

static enum surety_err serve(struct gateway *g, struct surety_error *err)
{
    client_watch(g->session->client, gateway_http_fd(g->http));
    while (!interrupt_came()) {
        int64_t now = clock_now_ms();
        gateway_http_run(g->http);
        look_after_jobs(g, now);
        if (!g->session->client) {
            find_broker(g);
            continue;
        }
        if (now >= g->ask_ms) {
            client_ask_models(g->session->client);
            g->ask_ms = now + MODELS_MS;
        }
        pump(g);
        enum surety_err code = hear_broker(g, err);
        if (code && g->session->private_broker)
            return code;
        if (code)
            lose_broker(g, err);
    }
    return SURETY_OK;
}

/* Lets what was said last go out to those who read it. */
static void say_goodbye(struct gateway_http *http)
{
    const int64_t end_ms = clock_now_ms() + GOODBYE_MS;
    gateway_http_run(http);
    while (gateway_http_is_busy(http) && clock_now_ms() < end_ms) {
        struct pollfd wait = {.fd = gateway_http_fd(http), .events = POLLIN};
        poll(&wait, 1, 10);
        gateway_http_run(http);
    }
}

enum surety_err gateway_run(const struct gateway_config *config, struct surety_error *err)
{
    struct gateway g = {.config = config, .session = config->session};
    g.jobs_end = &g.jobs;
    if (getrandom(&g.salt, sizeof g.salt, 0) != sizeof g.salt)
        g.salt = (uint64_t)clock_now_ms();
    enum surety_err code = gateway_http_open(config->http, &calls, &g, &g.http, err);
    if (!code)
        log_printf(config->log, LOG_INFO, "listening at http://%s", gateway_http_address(g.http));
    if (!code) {
        struct surety_error ending = {0};
        code = serve(&g, err);
        surety_fail(&ending, SURETY_ERR_CANCELLED, "the gateway is ending");
        fail_all(&g, code ? err : &ending);
        say_goodbye(g.http);
        gateway_http_close(g.http);
    }
    for (size_t i = 0; i < g.n_models; i++)
        free(g.models[i].name);
    return code;
}
