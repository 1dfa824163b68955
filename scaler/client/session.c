/*
 * session.c - starts in the order home, broker thread, workers, client, and ends in the reverse
 * one, but for the broker, which tells the workers that it goes.
 */
#include "scaler/client/session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/interrupt.h"
#include "base/jsonl.h"
#include "claims/plan/plan.h"
#include "scaler/broker/broker.h"
#include "scaler/client/demo.h"

#define CONNECT_MS 3000
#define PLAYED_MAX 16384 /* bytes of an engine */
#define STATUS_MS 10000
#define WORKER_MS 20 /* between looks for the first worker */
#define TEND_MS 100  /* how late a dead child may be noticed */

struct broker_thread {
    struct broker_config config;
    struct surety_error error;
};

/* ---- the private broker ---- */

static void *run_broker(void *arg)
{
    struct broker_thread *thread = arg;
    broker_run(&thread->config, &thread->error);
    close(thread->config.ready_fd);
    return NULL;
}

static enum surety_err start_thread(struct session *s, struct broker_thread *thread)
{
    sigset_t all, before;
    sigfillset(&all); /* signals are for the main thread */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&s->thread, NULL, run_broker, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    s->thread_runs = !failed;
    return failed ? SURETY_ERR_IO : SURETY_OK;
}

static enum surety_err start_broker(struct session *s, const struct log *log,
                                    struct surety_error *err)
{
    int stop[2] = {-1, -1}, ready[2] = {-1, -1};
    char byte;
    struct broker_thread *thread = calloc(1, sizeof *thread);
    s->thread_arg = thread;
    if (!thread || pipe2(stop, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
        return surety_fail(err, SURETY_ERR_IO, "the private broker could not be started: %s",
                           strerror(errno));
    s->stop_fd = stop[1];
    thread->config = (struct broker_config){.client_endpoint = s->client_endpoint,
                                            .worker_endpoint = s->worker_endpoint,
                                            .stop_fd = stop[0],
                                            .ready_fd = ready[1],
                                            .log = log};
    if (start_thread(s, thread))
        return surety_fail(err, SURETY_ERR_IO, "the private broker could not be started");
    ssize_t n;
    while ((n = read(ready[0], &byte, 1)) < 0 && errno == EINTR)
        ;
    close(ready[0]);
    if (n == 1)
        return SURETY_OK;
    pthread_join(s->thread, NULL);
    s->thread_runs = false;
    return surety_fail(err, thread->error.code ? thread->error.code : SURETY_ERR_INTERNAL,
                       "the private broker could not be started: %s", thread->error.message);
}

/* The engine that plays a file, with what its own form would part escaped. NULL without memory. */
static char *player_of(const char *file)
{
    struct buf text;
    buf_init(&text, PLAYED_MAX);
    buf_puts(&text, "replay:model=" SESSION_RECORDED ",repeats=refuse,file=");
    for (const char *c = file; *c; c++) {
        if (strchr(",\\", *c))
            buf_putc(&text, '\\');
        buf_putc(&text, *c);
    }
    char *made = text.failed ? NULL : buf_detach(&text, NULL);
    buf_fini(&text);
    return made;
}

static enum surety_err start_player(struct session *s, const struct session_config *config,
                                    struct surety_error *err)
{
    if (!config->recording)
        return SURETY_OK;
    if (!(s->played = player_of(config->recording)))
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a session");
    struct crew_config player = {.endpoint = s->worker_endpoint,
                                 .engine = s->played,
                                 .workers = 1,
                                 .threads = 1,
                                 .log = config->log};
    return crew_start(&s->player, &player, err);
}

static enum surety_err open_private(struct session *s, const struct session_config *config,
                                    struct surety_error *err)
{
    struct crew_config crew = {.endpoint = s->worker_endpoint,
                               .model = config->model,
                               .engine = config->engine,
                               .workers = config->workers,
                               .threads = config->threads,
                               .log = config->log};
    enum surety_err code = SURETY_OK;
    if (!crew.model && !crew.engine) {
        code = demo_model(s->model, sizeof s->model, err);
        crew.model = s->model;
    }
    if (!code)
        code = home_create(&s->home, err);
    if (code)
        return code;
    s->private_broker = true;
    snprintf(s->client_endpoint, sizeof s->client_endpoint, "ipc://%s/c", s->home.path);
    snprintf(s->worker_endpoint, sizeof s->worker_endpoint, "ipc://%s/w", s->home.path);
    code = start_broker(s, config->log, err);
    if (!code)
        code = crew_start(&s->crew, &crew, err);
    return code ? code : start_player(s, config, err);
}

/* ---- both kinds ---- */

enum surety_err session_open(struct session *session, const struct session_config *config,
                             struct surety_error *err)
{
    *session = (struct session){
        .home.keeper_fd = -1, .stop_fd = -1, .tick = config->tick, .user = config->user};
    if (config->broker && (config->model || config->engine))
        return surety_fail(
            err, SURETY_ERR_INVALID,
            "--broker has its own workers: leave out --model, --engine and --upstream");
    if (config->model && config->engine)
        return surety_fail(err, SURETY_ERR_INVALID, "give --model or --engine, not both");
    enum surety_err code = config->broker ? SURETY_OK : open_private(session, config, err);
    if (!code && config->broker && !(session->broker = strdup(config->broker)))
        code = surety_fail(err, SURETY_ERR_NOMEM, "no memory for a session");
    return code ? code : session_rejoin(session, CONNECT_MS, err);
}

enum surety_err session_rejoin(struct session *session, int timeout_ms, struct surety_error *err)
{
    client_close(session->client);
    session->client = NULL;
    return client_open(session->broker ? session->broker : session->client_endpoint, timeout_ms,
                       &session->client, err);
}

enum surety_err session_next(struct session *session, int timeout_ms, struct client_event *ret,
                             struct surety_error *err)
{
    if (timeout_ms < 0 || timeout_ms > TEND_MS)
        timeout_ms = TEND_MS;
    enum surety_err code = session->private_broker ? crew_tend(&session->crew, err) : SURETY_OK;
    if (!code && session->played)
        code = crew_tend(&session->player, err);
    uint64_t before = client_signs(session->client).outputs;
    if (!code)
        code = client_next(session->client, timeout_ms, ret, err);
    if (client_signs(session->client).outputs != before)
        crew_progress(&session->crew);
    return code;
}

const char *session_waits_for(const struct session *session)
{
    const char *why = session->client ? client_signs(session->client).why : NULL;
    return why ? why : session->private_broker ? "loading the model" : "no worker has joined yet";
}

/* ---- a request before it is sent ---- */

/* The worker that serves the model of this name, NULL: any, in a status report. */
static const json_t *find_worker(const json_t *report, const char *model_name)
{
    size_t i;
    const json_t *worker;
    json_array_foreach(json_object_get(report, "workers"), i, worker)
    {
        if (!model_name || strcmp(json_get_string(worker, "model", ""), model_name) == 0)
            return worker;
    }
    return NULL;
}

static struct surety_model model_of(const json_t *worker)
{
    return (struct surety_model){.name = (char *)json_get_string(worker, "model", ""),
                                 .id = (char *)"",
                                 .profile = (char *)json_get_string(worker, "profile", ""),
                                 .repro = (char *)""};
}

static enum surety_err try_plan(const struct surety_request *request, const json_t *worker,
                                const json_t *judge, struct surety_result *ret,
                                struct surety_error *err)
{
    struct plan *plan = NULL;
    const struct surety_model model = model_of(worker), verifier = model_of(judge);
    enum surety_err code = plan_create(request, &model, &verifier, &plan, err);
    if (!code && ret)
        code = plan_result(plan, SURETY_STOP_CANCELLED, NULL, 0, ret, err);
    plan_free(plan);
    return code;
}

/* The caller frees *ret_report. CANCELLED: Ctrl-C. */
static enum surety_err ask_status(struct session *session, json_t **ret_report,
                                  struct surety_error *err)
{
    char *text = NULL;
    if (interrupt_came())
        return surety_fail(err, SURETY_ERR_CANCELLED, "interrupted");
    enum surety_err code = client_status(session->client, STATUS_MS, &text, err);
    if (!code)
        code = json_load_text(text, strlen(text), ret_report, err);
    free(text);
    return code;
}

enum surety_err session_check(struct session *session, const struct surety_request *request,
                              struct surety_result *ret, struct surety_error *err)
{
    if (ret)
        *ret = (struct surety_result){0};
    enum surety_err code = SURETY_OK;
    bool checked = false;
    while (!code && !checked) {
        struct client_event event;
        json_t *report = NULL;
        code = ask_status(session, &report, err);
        const json_t *worker = find_worker(report, request->model_name), *judge = worker;
        const json_t *any = find_worker(report, NULL);
        if (request->verifier_model && request->settings.verify != SURETY_VERIFY_NONE)
            judge = find_worker(report, request->verifier_model);
        checked = any || !session->private_broker;
        if (!code && worker && judge)
            code = try_plan(request, worker, judge, ret, err);
        else if (!code && any && session->private_broker)
            code =
                surety_fail(err, SURETY_ERR_INVALID, "no worker serves the %s '%s'; served: '%s'",
                            worker ? "verifier model" : "model",
                            worker ? request->verifier_model : request->model_name,
                            json_get_string(any, "model", ""));
        else if (!code && !checked)
            code = session_next(session, WORKER_MS, &event, err);
        if (!checked && session->tick)
            session->tick(session->user);
        json_decref(report);
    }
    return code;
}

/* The one worker of another model than the recording's; NULL: none is there. */
static const json_t *find_judge(const json_t *report)
{
    size_t i;
    const json_t *worker;
    json_array_foreach(json_object_get(report, "workers"), i, worker)
    {
        if (strcmp(json_get_string(worker, "model", ""), SESSION_RECORDED))
            return worker;
    }
    return NULL;
}

enum surety_err session_judge(struct session *session, char *out, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    for (bool found = false; !code && !found;) {
        struct client_event event;
        json_t *report = NULL;
        code = ask_status(session, &report, err);
        const json_t *judge = find_judge(report);
        found = judge && find_worker(report, SESSION_RECORDED);
        if (found)
            snprintf(out, SURETY_NAME_MAX + 1, "%s", json_get_string(judge, "model", ""));
        else if (!code && !judge && json_array_size(json_object_get(report, "workers")) > 1)
            code = surety_fail(err, SURETY_ERR_INVALID,
                               "the model that judges is called '" SESSION_RECORDED
                               "', as the recording is: give it another name");
        else if (!code)
            code = session_next(session, WORKER_MS, &event, err);
        if (session->tick)
            session->tick(session->user);
        json_decref(report);
    }
    return code;
}

void session_close(struct session *session)
{
    client_close(session->client);
    session->client = NULL;
    if (session->stop_fd >= 0)
        close(session->stop_fd);
    if (session->thread_runs)
        pthread_join(session->thread, NULL);
    session->thread_runs = false;
    crew_stop(&session->crew);
    crew_stop(&session->player);
    free(session->played);
    free(session->thread_arg);
    free(session->broker);
    home_remove(&session->home);
}
