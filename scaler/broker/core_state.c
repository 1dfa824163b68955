/*
 * The states of a request: what is done in each, and what a deadline that strikes in it says.
 *
 *   STORING --stored--> WAITING --workers serve it--> PLANNING --plan made--> RUNNING
 *   any of them --done, deadline, budget, cancel, failure--> ENDING --> gone
 *
 * What the store cannot keep, what no worker can serve and what no plan can be made of is gone at
 * once, with an error. Sampling and verifying overlap and are no states. Whatever stops a request,
 * its last job feeds what has come and asks for the best result so far, so that a deadline never
 * returns nothing.
 */
#include "scaler/broker/core_internal.h"

#include <string.h>

static void end_complete(struct core *core, struct request *request)
{
    if (request->n_samples_ok || !request->n_samples_failed) {
        request_end(core, request, request->cut, SURETY_OK, "%s", "");
        return;
    }
    size_t worst = 0;
    for (size_t code = 0; code < SURETY_ERR_COUNT_; code++)
        if (request->failures[code] > request->failures[worst])
            worst = code;
    request_end(core, request, SURETY_STOP_FAILED, (enum surety_err)worst,
                "all %u samples failed; %u of them: %.300s", request->n_samples_failed,
                request->failures[worst], request->failure_text[worst]);
}

/* ---- jobs ---- */

static struct plan_job *next_job(struct core *core, struct request *request, int kind)
{
    struct plan_job *job = request->pending;
    if (!job)
        job = plan_job_create(request->number, kind);
    if (!job) {
        core->failed = true;
        return NULL;
    }
    request->pending = NULL;
    request->job_out = true;
    request->job_bytes = plan_job_bytes(job);
    job->plan = request->plan;
    job->wanted = &request->wanted;
    job->model = request->services[SURETY_STAGE_SAMPLE].model;
    if (request->n_services == 2)
        job->verifier = request->services[SURETY_STAGE_VERIFY].model;
    job->stop = request->stop;
    job->why = request->why;
    job->not_reproducible = request->not_reproducible;
    job->wall_ms = core->now_ms - request->since_ms;
    job->slow = request->slow;
    return core_plan(core, job) ? job : NULL;
}

/* A message that cannot be sent would look like a worker that hangs. */
static bool fits_message(const struct surety_task *spec)
{
    size_t left = WIRE_BODY_MAX - (1u << 20); /* for items, claims and keys */
    for (size_t i = 0; i < spec->n_messages; i++) {
        size_t len = strlen(spec->messages[i].content);
        if (len > SURETY_TEXT_MAX || len > left)
            return false;
        left -= len;
    }
    return strlen(spec->problem) <= left;
}

static void send_progress(struct core *core, struct request *request, char *json)
{
    struct wire_message *message =
        core_send(core, CORE_CLIENTS, &request->client->peer, WIRE_PROGRESS);
    if (!message)
        return;
    message->result.id = arena_strdup(&core->scratch, request->wanted.id);
    message->result.json = json;
    if (!message->result.id)
        core->failed = true;
}

void state_plan_says(struct core *core, struct plan_job *job)
{
    core->last_job = job; /* its json lives until the next step */
    struct request *request = job->kind == PLAN_JOB_FREE ? NULL : request_find(core, job->request);
    if (!request)
        return;
    due_touch(core, request);
    core->rooms_moved = true; /* it may have brought tasks */
    request->job_out = false;
    request->job_bytes = 0;
    request->plan_bytes = job->plan_bytes;
    request->plan = job->plan;
    request->more = job->more;
    request->verifies = job->verifies;
    request->slow = request->slow || job->took_us > SLOW_US;
    request->changed = request->changed || job->n_read > 0;
    struct client *client = request->client;
    bool creating = job->kind == PLAN_JOB_CREATE;
    if (job->result == PLAN_JOB_FINAL || (creating && job->error.code)) {
        if (client && job->json)
            outbox_result(core, client, request, job->json);
        else if (client)
            outbox_error(core, client, request->wanted.id, job->error.code, "%s",
                         job->error.message);
        request_done(core, request, job->json ? job->stop : SURETY_STOP_FAILED,
                     job->json ? &job->why : &job->error, job->json);
        return;
    }
    if (job->n_read < job->n_outputs && !(request->pending = plan_job_rest(job, request->pending)))
        core->failed = true;
    memory_weigh(core, request);
    if (request->state == REQUEST_PLANNING)
        request->state = REQUEST_RUNNING;
    if (request->state != REQUEST_RUNNING)
        return;
    bool fits = true;
    for (size_t i = 0; i < job->n_tasks; i++) {
        fits = fits && fits_message(job->tasks[i]);
        items_add_task(core, request, job->tasks[i]);
    }
    items_release(core, request, job->released);
    if (job->settled && !request->cut) {
        request->cut = SURETY_STOP_EARLY;
        items_withdraw_samples(core, request);
    }
    if (!fits)
        request_end(core, request, SURETY_STOP_FAILED, SURETY_ERR_LIMIT, "%s",
                    "the problem in the profile's wording is larger than a message may be");
    else if (job->error.code)
        request_end(core, request, SURETY_STOP_FAILED, job->error.code, "%s", job->error.message);
    else if (job->done && !job->more)
        end_complete(core, request);
    if (job->result == PLAN_JOB_SNAPSHOT) {
        int64_t pause_ms = PROGRESS_SHARE * job->took_us / 1000;
        request->progress_ms = core->now_ms + (pause_ms > PROGRESS_MS ? pause_ms : PROGRESS_MS);
        if (job->json && client && request->state == REQUEST_RUNNING)
            send_progress(core, request, job->json);
    }
}

/* ---- what can be done now, by state; false: the request is gone ---- */

/* Makes the plan, or the one task of a body, once a worker of each model has come. */
static bool begin(struct core *core, struct request *request)
{
    struct surety_error why = {0};
    bool bound = service_bind(core, request, &why);
    if (bound && request->wanted.body) {
        if (pass_begin(core, request, &why))
            request->state = REQUEST_RUNNING;
    } else if (bound) {
        request->state = REQUEST_PLANNING;
        next_job(core, request, PLAN_JOB_CREATE);
    }
    if (why.code) {
        outbox_error(core, request->client, request->wanted.id, why.code, "%s", why.message);
        request_done(core, request, SURETY_STOP_FAILED, &why, NULL);
        return false;
    }
    return true;
}

static bool progress_is_due(const struct core *core, const struct request *request)
{
    return request->wanted.progress && request->changed && core->now_ms >= request->progress_ms;
}

static bool finish(struct core *core, struct request *request)
{
    if (!request->client) {
        request_done(core, request, request->stop, &request->why, NULL);
        return false;
    }
    struct plan_job *job = next_job(core, request, PLAN_JOB_FEED);
    if (job)
        job->result = PLAN_JOB_FINAL;
    request->hurry_ms = core->now_ms + LAST_JOB_MS;
    return true;
}

static bool go_on(struct core *core, struct request *request)
{
    if (request->wanted.body) {
        if (request->n_waiting + request->n_running)
            return true;
        pass_end(core, request);
        return finish(core, request);
    }
    if (!request->pending && !request->more && request->n_waiting + request->n_running == 0) {
        request_end(core, request, SURETY_STOP_FAILED, SURETY_ERR_INTERNAL, "%s",
                    "the plan waits for outputs that nobody was asked for");
        return finish(core, request);
    }
    if (progress_is_due(core, request)) {
        struct plan_job *waits = request->pending; /* so that what looking costs is known */
        request->pending = NULL;
        struct plan_job *job = next_job(core, request, PLAN_JOB_FEED);
        if (job)
            job->result = PLAN_JOB_SNAPSHOT;
        request->pending = waits;
        request->changed = false;
    } else if (request->pending || request->more) {
        next_job(core, request, PLAN_JOB_FEED);
    }
    return true;
}

/* ---- the states ---- */

static const struct {
    const char *name;
    bool (*act)(struct core *core, struct request *request); /* NULL: only an event leads on */
    enum surety_err code;
    const char *deadline; /* what its user reads when one strikes and no sample was finished */
} states[] = {
    [REQUEST_STORING] = {"storing", NULL, SURETY_ERR_DEADLINE,
                         "the deadline passed before the broker had stored the request"},
    [REQUEST_WAITING] = {"waiting", begin, SURETY_ERR_UNREACHABLE,
                         "the deadline passed and no worker had come that serves this request"},
    [REQUEST_PLANNING] = {"planning", NULL, SURETY_ERR_DEADLINE,
                          "the deadline passed before the request was planned: the broker is busy"},
    [REQUEST_RUNNING] = {"running", go_on, SURETY_ERR_DEADLINE,
                         "the deadline passed before any sample was finished"},
    /* what ends it is decided: no deadline strikes any more */
    [REQUEST_ENDING] = {"ending", finish, SURETY_OK, NULL},
};

const char *state_name(const struct request *request)
{
    return states[request->state].name;
}

/* A partial answer needs no reason, but its user must hear who was not there to complete it. */
static void strike(struct core *core, struct request *request)
{
    const enum request_state state = request->state;
    char names[300];
    service_missing(core, request, names, sizeof names);
    const char *link = !*names                    ? ""
                       : state == REQUEST_WAITING ? ": missing "
                                                  : ": no worker was there to go on with ";
    request_end(core, request, SURETY_STOP_DEADLINE, states[state].code, "%s%s%s",
                states[state].deadline, link, names);
    if (*names && request->n_samples_ok)
        surety_fail(&request->why, states[state].code,
                    "the deadline passed before all had come%s%s", link, names);
}

/* How much of a limit is spent on sampling at most, where verification is to come. */
static int64_t sampling_share(int64_t limit)
{
    return limit - limit / 4;
}

static int64_t spent_ms(const struct core *core, const struct request *request)
{
    return core->now_ms - request->since_ms;
}

/* Keeps the rest of the limits for verification, once there is a vote to verify for. */
static void look_at_sampling(struct core *core, struct request *request)
{
    const struct surety_request *wanted = &request->wanted;
    uint32_t came = request->n_samples_ok + request->n_samples_failed;
    if (!request->verifies || request->n_samples_ok < 2 || came == request->n_samples)
        return;
    if (wanted->deadline_ms > 0 && spent_ms(core, request) >= sampling_share(wanted->deadline_ms))
        request->cut = SURETY_STOP_DEADLINE;
    else if (wanted->budget_tokens > 0 && request->tokens + items_running_tokens(core, request) >=
                                              sampling_share(wanted->budget_tokens))
        request->cut = SURETY_STOP_BUDGET;
    if (request->cut)
        items_withdraw_samples(core, request);
}

static void look_at_limits(struct core *core, struct request *request)
{
    const struct surety_request *wanted = &request->wanted;
    if (request->hurry_ms && core->now_ms >= request->hurry_ms) {
        request->hurry_ms = 0;
        core_hurry(core, request->number);
    }
    if (request->state == REQUEST_ENDING)
        return;
    if (wanted->deadline_ms > 0 && spent_ms(core, request) >= wanted->deadline_ms) {
        strike(core, request);
    } else if (wanted->budget_tokens > 0 &&
               request->tokens + items_running_tokens(core, request) >= wanted->budget_tokens) {
        request_end(core, request, SURETY_STOP_BUDGET, SURETY_ERR_LIMIT, "%s",
                    "the token budget was used up before any sample was finished");
    } else if (!request->cut) {
        look_at_sampling(core, request);
    }
}

static bool pump(struct core *core, struct request *request)
{
    look_at_limits(core, request);
    bool (*act)(struct core *, struct request *) = states[request->state].act;
    return request->job_out || !act || act(core, request);
}

static int64_t next_ms(const struct core *core, const struct request *request)
{
    if (request->state == REQUEST_ENDING)
        return request->hurry_ms ? request->hurry_ms : -1;
    int64_t next = -1, patience_ms = (int64_t)MODEL_WAIT_BEATS * core->config.heartbeat_ms;
    if (request->wanted.deadline_ms > 0)
        next = request->since_ms + request->wanted.deadline_ms;
    int64_t share_ms = sampling_share(request->wanted.deadline_ms);
    if (request->verifies && !request->cut && spent_ms(core, request) < share_ms)
        next = request->since_ms + share_ms;
    if (request->state == REQUEST_RUNNING && !request->job_out && request->changed &&
        request->wanted.progress && (next < 0 || request->progress_ms < next))
        next = request->progress_ms;
    if (request->state == REQUEST_WAITING && core->now_ms - request->since_ms < patience_ms &&
        (next < 0 || request->since_ms + patience_ms < next))
        next = request->since_ms + patience_ms;
    return next;
}

/* Requests end before the broker's memory does. */
static void relieve(struct core *core)
{
    struct request *heaviest;
    while ((heaviest = memory_heaviest(core)))
        request_end(core, heaviest, SURETY_STOP_FAILED, SURETY_ERR_LIMIT,
                    "the broker holds %zu MiB, which is its limit, and this request holds the most "
                    "of it (%zu MiB): ask for fewer or shorter samples, or start the broker with a "
                    "higher --queue-mib",
                    core->queued_bytes >> 20, heaviest->bytes >> 20);
}

void state_pump_all(struct core *core)
{
    relieve(core);
    for (struct request *request; !core->failed && (request = due_next(core));)
        if (pump(core, request))
            due_set(core, request, next_ms(core, request));
}
