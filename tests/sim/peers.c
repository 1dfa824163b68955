#include "tests/sim/peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum timer { TIMER_START, TIMER_BEAT, TIMER_FATE, TIMER_DONE, TIMER_CANCEL, TIMER_REPEAT };

#define FATE_MS 50

static struct town *town_of(struct world *w)
{
    return w->user;
}

/* A timer of the peer's present life: kind, and which run or spec it is about. */
static void set_timer(struct world *w, struct sim_peer *peer, int64_t in_ms, enum timer kind,
                      uint64_t about)
{
    world_timer(w, peer, in_ms, peer->epoch << 40 | about << 8 | kind);
}

static void say(struct world *w, struct sim_peer *peer, enum wire_command command)
{
    struct wire_message message = {.command = command};
    world_send(w, peer->conn, &message);
}

static void say_status(struct world *w, struct sim_peer *peer)
{
    struct wire_message message = {.command = WIRE_STATUS, .status.json = (char[]){""}};
    world_send(w, peer->conn, &message);
}

/* ---- fates ---- */

static bool is_poison(uint32_t seed)
{
    return seed % 67 == 7;
}

static enum surety_err fate(uint32_t seed, uint32_t attempt)
{
    if (seed % 31 == 3)
        return SURETY_ERR_ENGINE;
    if (seed % 37 == 5)
        return SURETY_ERR_EXHAUSTED;
    return seed % 11 == 1 && attempt == 0 ? SURETY_ERR_ENGINE : SURETY_OK;
}

bool peers_seed_is_hopeless(uint32_t seed)
{
    return is_poison(seed) || fate(seed, 1);
}

/* What a model might say, in the form that the instruct profile asks for. */
static void text_of(const struct sim_run *run, char *out, size_t size)
{
    unsigned s = run->seed, a = s % 90 + 10, b = s / 90 % 90 + 10;
    struct buf text;
    buf_init(&text, size - 1);
    if (run->stage == SURETY_STAGE_SAMPLE) {
        buf_printf(&text,
                   "%u + %u = %u.\n\\boxed{%u}\n\nClaims:\n1. The first shelf has %u books.\n"
                   "2. %u + %u = %u\n3. No book is counted twice by reader %u.\n",
                   a, b, a + b, s % 3, s % 4, a, b, a + b + (s % 5 == 0), s % 2);
    } else if (run->stage == SURETY_STAGE_CLAIMS) {
        buf_printf(&text, "1. There are %u shelves.\n2. %u + %u = %u\n", s % 4, a, b, a + b);
    } else if (run->verify_each) {
        buf_printf(&text, "I looked.\nVERDICT: %s\n", s % 4 ? "VALID" : "REFUTED it is not so");
    } else if (run->recomputes) {
        buf_printf(&text, "It is \\boxed{%u}.\n", s % 4);
    } else {
        for (uint32_t i = 0; i < run->n_claims; i++)
            buf_printf(&text, "%u: %s\n", i + 1, s >> i & 3 ? "VALID" : "REFUTED - it is not so");
    }
    snprintf(out, size, "%s", text.data ? text.data : "");
    buf_fini(&text);
}

/* ---- models ---- */

const char *peers_model(size_t i)
{
    static const char *const names[] = {"alpha", "beta", "gamma"};
    return names[i];
}

const char *peers_class(enum sim_kind_of_worker kind)
{
    return kind == SIM_OTHER_CLASS ? "other" : "class";
}

const char *peers_model_of(const struct surety_request *request, enum surety_stage stage)
{
    if (stage == SURETY_STAGE_VERIFY && request->verifier_model)
        return request->verifier_model;
    if (request->model_name)
        return request->model_name;
    bool first_judges =
        request->verifier_model && strcmp(request->verifier_model, peers_model(0)) == 0;
    return peers_model(first_judges);
}

static void batch_leaves(struct world *w, const struct sim_peer *peer,
                         const struct wire_message *message)
{
    enum surety_stage stage = message->batch.task.stage;
    for (size_t i = 0; i < town_of(w)->n_specs; i++) {
        struct spec *spec = &town_of(w)->specs[i];
        for (size_t n = 0; n < spec->n_numbers; n++) {
            if (spec->numbers[n] != message->batch.request)
                continue;
            const char *model = peers_model_of(&spec->request, stage);
            SIM_CHECK(w, strcmp(peer->model, model) == 0, "an item of %s goes to %s", model,
                      peer->model);
            uint8_t all = spec->served[n][stage] |= peer->kind;
            SIM_CHECK(w, all == SIM_OTHER_WEIGHTS || !(all & SIM_OTHER_WEIGHTS),
                      "items of one stage go to different weights");
            return;
        }
    }
    sim_fail(w, "known request", __FILE__, __LINE__, "a BATCH of no request");
}

/* ---- workers ---- */

static struct surety_model model_of(const struct sim_peer *peer)
{
    return (struct surety_model){.name = (char *)peer->model,
                                 .id = (char *)(peer->kind == SIM_OTHER_WEIGHTS ? "id-2" : "id"),
                                 .engine = (char *)"sim",
                                 .profile = (char *)"instruct",
                                 .repro = (char *)peers_class(peer->kind),
                                 .slots = peer->slots};
}

static uint64_t class_of(const struct sim_peer *peer)
{
    struct surety_model model = model_of(peer);
    return world_class(&model);
}

static void worker_hello(struct world *w, struct sim_peer *peer)
{
    struct wire_message m = {.command = WIRE_HELLO};
    m.hello.worker = true;
    m.hello.version = (char *)"sim";
    m.hello.model = model_of(peer);
    peer->joined = false;
    peer->n_runs = 0;
    world_send(w, peer->conn, &m);
}

static void client_hello(struct world *w, struct sim_peer *peer)
{
    struct wire_message m = {.command = WIRE_HELLO};
    m.hello.version = (char *)"sim";
    peer->joined = false;
    world_send(w, peer->conn, &m);
}

static void connect_peer(struct world *w, struct sim_peer *peer)
{
    char identity[32];
    snprintf(identity, sizeof identity, "%c%u.%llu", peer->worker ? 'w' : 'c', peer->number,
             peer->own_identity ? 0ull : (unsigned long long)w->n_conns);
    peer->conn = world_connect(w, peer, identity);
}

/* The process ends; another one takes its place later. */
static void die(struct world *w, struct sim_peer *peer)
{
    world_cut(w, peer->conn);
    peer->up = peer->joined = false;
    peer->n_runs = 0;
    peer->frozen_until = 0;
    peer->epoch++;
    /* now and then for longer than requests wait for a worker of their class */
    int64_t away_ms = world_below(w, 4) ? 20 + (int64_t)world_below(w, 400)
                                        : 1000 + (int64_t)world_below(w, 3000);
    set_timer(w, peer, away_ms, TIMER_START, 0);
}

void peers_start(struct world *w, struct sim_peer *peer)
{
    peer->up = true;
    peer->lives++;
    connect_peer(w, peer);
    if (peer->worker)
        worker_hello(w, peer);
    else
        client_hello(w, peer);
    set_timer(w, peer, SIM_HEARTBEAT_MS, TIMER_BEAT, 0);
    set_timer(w, peer, FATE_MS, TIMER_FATE, 0);
}

static void output(struct world *w, struct sim_peer *peer, const struct sim_run *run,
                   enum surety_err code, bool cancelled)
{
    char text[500] = "";
    struct wire_message m = {.command = WIRE_OUTPUT};
    m.output.request = run->key.request;
    m.output.task = run->key.task;
    struct surety_output *o = &m.output.output;
    *o = (struct surety_output){.index = run->key.index,
                                .attempt = run->key.attempt,
                                .text = text,
                                .prompt_tokens = 12,
                                .completion_tokens = cancelled || code ? 0 : run->seed % 40 + 1,
                                .logprob = 0.0 / 0.0};
    if (code)
        surety_fail(&o->error, code, "it failed, as its seed wants it");
    o->finish = cancelled ? SURETY_FINISH_CANCELLED
                : code    ? SURETY_FINISH_ERROR
                          : SURETY_FINISH_STOP;
    if (!code && !cancelled)
        text_of(run, text, sizeof text);
    world_send(w, peer->conn, &m);
}

static void run_done(struct world *w, struct sim_peer *peer, uint64_t serial)
{
    for (uint32_t i = 0; i < peer->n_runs; i++) {
        if (peer->runs[i].serial != serial)
            continue;
        struct sim_run run = peer->runs[i];
        if (is_poison(run.seed)) {
            die(w, peer);
            return;
        }
        peer->runs[i] = peer->runs[--peer->n_runs];
        output(w, peer, &run, fate(run.seed, run.key.attempt), false);
        return;
    }
}

static void take_batch(struct world *w, struct sim_peer *peer, const struct wire_message *message)
{
    const struct surety_task *task = &message->batch.task;
    const char *prompt = task->messages[task->n_messages - 1].content;
    for (size_t i = 0; i < task->n_items; i++) {
        const struct surety_item *item = &task->items[i];
        struct sim_run run = {.serial = peer->next_serial++,
                              .key = {message->batch.request, task->id, item->index, item->attempt},
                              .seed = item->seed,
                              .stage = task->stage,
                              .n_claims = (uint32_t)task->n_claims,
                              .verify_each = strstr(prompt, "VERDICT: VALID") != NULL,
                              .recomputes = strstr(prompt, "What is wanted") != NULL,
                              .begun_ms = w->now_ms,
                              .hangs = world_happens(w, w->faults.hang)};
        if (peer->n_runs == RUNS_MAX) { /* only where messages are doubled */
            output(w, peer, &run, SURETY_ERR_BUSY, false);
            continue;
        }
        peer->runs[peer->n_runs++] = run;
        if (!run.hangs)
            set_timer(w, peer, 5 + item->seed % 150, TIMER_DONE, run.serial);
    }
}

static void take_cancel(struct world *w, struct sim_peer *peer, const struct wire_message *message)
{
    for (size_t i = 0; i < message->cancel.n; i++)
        for (uint32_t r = peer->n_runs; r-- > 0;) {
            const struct wire_item_key *a = &peer->runs[r].key, *b = &message->cancel.items[i];
            if (a->request != b->request || a->task != b->task || a->index != b->index ||
                a->attempt != b->attempt)
                continue;
            struct sim_run run = peer->runs[r];
            if (run.hangs && run.seed % 2)
                continue; /* not even this helps: the whole engine hangs */
            peer->runs[r] = peer->runs[--peer->n_runs];
            output(w, peer, &run, SURETY_OK, true);
        }
}

static void worker_take(struct world *w, struct sim_peer *peer, const struct wire_message *message)
{
    switch (message->command) {
    case WIRE_WELCOME:
        peer->n_runs = 0;
        peer->joined = true;
        break;
    case WIRE_ERROR:
        SIM_CHECK(w, message->error.code == SURETY_ERR_LOST, "%s", message->error.message);
        if (peer->joined)
            worker_hello(w, peer);
        break;
    case WIRE_BATCH:
        if (peer->joined)
            take_batch(w, peer, message);
        break;
    case WIRE_CANCEL:
        take_cancel(w, peer, message);
        break;
    default:
        break;
    }
}

static void worker_beat(struct world *w, struct sim_peer *peer)
{
    if (!peer->joined) {
        if (world_below(w, 10) == 0)
            worker_hello(w, peer);
        return;
    }
    struct wire_progress items[RUNS_MAX];
    for (uint32_t i = 0; i < peer->n_runs; i++)
        items[i] = (struct wire_progress){
            .key = peer->runs[i].key,
            .tokens = peer->runs[i].hangs ? 3 : (uint32_t)(w->now_ms - peer->runs[i].begun_ms) / 5};
    struct wire_message m = {.command = WIRE_HEARTBEAT};
    m.heartbeat.items = items;
    m.heartbeat.n = peer->n_runs;
    world_send(w, peer->conn, &m);
}

/* A cut alone: the process lives on, and its socket connects again by itself. */
static void reconnect(struct world *w, struct sim_peer *peer)
{
    world_cut(w, peer->conn);
    connect_peer(w, peer);
}

static void worker_fate(struct world *w, struct sim_peer *peer)
{
    if (world_happens(w, w->faults.crash)) {
        if (world_below(w, 4) == 0)
            say(w, peer, WIRE_BYE);
        die(w, peer);
        return;
    }
    if (world_happens(w, w->faults.cut))
        reconnect(w, peer);
    if (world_happens(w, w->faults.freeze)) /* at times for longer than a busy one may be silent */
        peer->frozen_until = w->now_ms + (int64_t)world_below(w, 4000);
    set_timer(w, peer, FATE_MS, TIMER_FATE, 0);
}

/* ---- clients ---- */

static void ask(struct world *w, struct sim_peer *peer, struct spec *spec)
{
    struct wire_message m = {.command = WIRE_REQUEST};
    m.request = spec->request;
    spec->asks++;
    world_send(w, peer->conn, &m);
}

static void client_welcome(struct world *w, struct sim_peer *peer)
{
    peer->joined = true;
    for (size_t i = 0; i < peer->n_specs; i++) {
        struct spec *spec = &town_of(w)->specs[peer->first_spec + i];
        if (spec->answers)
            continue;
        ask(w, peer, spec);
        if (world_happens(w, w->faults.cancel))
            set_timer(w, peer, (int64_t)world_below(w, 800), TIMER_CANCEL, i);
        if (world_happens(w, w->faults.repeat))
            set_timer(w, peer, (int64_t)world_below(w, 800), TIMER_REPEAT, i);
    }
}

static struct spec *find_spec(struct world *w, const char *id)
{
    for (size_t i = 0; i < town_of(w)->n_specs; i++)
        if (strcmp(town_of(w)->specs[i].id, id) == 0)
            return &town_of(w)->specs[i];
    sim_fail(w, "known id", __FILE__, __LINE__, "%s", id);
}

/* The store could not keep it, or no worker of its model was seen for long: once more. */
static void client_refused(struct world *w, struct sim_peer *peer, struct spec *spec)
{
    spec->refusals++;
    SIM_CHECK(w, spec->answers + spec->refusals <= spec->asks, "%s was refused too often",
              spec->id);
    uint64_t about = (uint64_t)(spec - town_of(w)->specs) - peer->first_spec;
    set_timer(w, peer, (int64_t)world_below(w, 400), TIMER_REPEAT, about);
}

static void client_take(struct world *w, struct sim_peer *peer, const struct wire_message *message)
{
    if (message->command == WIRE_WELCOME && !peer->joined) {
        client_welcome(w, peer);
    } else if (message->command == WIRE_ERROR && message->error.id &&
               (message->error.code == SURETY_ERR_IO ||
                message->error.code == SURETY_ERR_NOT_FOUND)) {
        client_refused(w, peer, find_spec(w, message->error.id));
    } else if (message->command == WIRE_ERROR) {
        SIM_CHECK(w, !message->error.id && message->error.code == SURETY_ERR_PROTOCOL, "%s: %s",
                  message->error.id ? message->error.id : "", message->error.message);
        client_hello(w, peer);
    } else if (message->command == WIRE_PROGRESS) {
        struct spec *spec = find_spec(w, message->result.id);
        SIM_CHECK(w, spec->request.progress, "%s wants no progress", spec->id);
        SIM_CHECK(w, !strstr(message->result.json, "\"trajectories\":[]"), "PROGRESS of nothing");
        spec->progress++;
    } else if (message->command == WIRE_RESULT) {
        struct spec *spec = find_spec(w, message->result.id);
        spec->answers++;
        SIM_CHECK(w, spec->answers + spec->refusals <= spec->asks,
                  "%s was answered %u times and asked %u times", spec->id, spec->answers,
                  spec->asks);
        if (!spec->json)
            spec->json = strdup(message->result.json);
    }
}

static void client_fate(struct world *w, struct sim_peer *peer)
{
    if (world_happens(w, w->faults.leave)) {
        if (world_below(w, 2))
            say(w, peer, WIRE_BYE);
        die(w, peer);
        return;
    }
    if (world_happens(w, w->faults.cut)) { /* its library notices, and asks again */
        reconnect(w, peer);
        client_hello(w, peer);
    } else if (world_below(w, 20) == 0) {
        say_status(w, peer);
        say(w, peer, WIRE_MODELS);
    }
    set_timer(w, peer, FATE_MS, TIMER_FATE, 0);
}

static void client_cancel(struct world *w, struct sim_peer *peer, struct spec *spec)
{
    struct wire_message m = {.command = WIRE_CANCEL};
    m.cancel.id = spec->id;
    spec->cancelled = true;
    world_send(w, peer->conn, &m);
}

/* ---- the world's questions ---- */

static void take(struct world *w, struct sim_peer *peer, const struct wire_message *message)
{
    if (peer->worker)
        worker_take(w, peer, message);
    else
        client_take(w, peer, message);
}

static void timer(struct world *w, struct sim_peer *peer, uint64_t number)
{
    uint64_t about = number >> 8 & 0xffffffff;
    if (number >> 40 != peer->epoch)
        return;
    if (peer->frozen_until > w->now_ms) {
        world_timer(w, peer, peer->frozen_until - w->now_ms, number);
        return;
    }
    switch ((enum timer)(number & 0xff)) {
    case TIMER_START:
        peers_start(w, peer);
        break;
    case TIMER_BEAT:
        if (peer->worker)
            worker_beat(w, peer);
        else if (!peer->joined && world_below(w, 10) == 0)
            client_hello(w, peer);
        set_timer(w, peer, SIM_HEARTBEAT_MS, TIMER_BEAT, 0);
        break;
    case TIMER_FATE:
        if (peer->worker)
            worker_fate(w, peer);
        else
            client_fate(w, peer);
        break;
    case TIMER_DONE:
        run_done(w, peer, about);
        break;
    case TIMER_CANCEL:
        client_cancel(w, peer, &town_of(w)->specs[peer->first_spec + about]);
        break;
    case TIMER_REPEAT:
        ask(w, peer, &town_of(w)->specs[peer->first_spec + about]);
        break;
    }
}

static uint32_t slots_of(const struct sim_peer *peer)
{
    return peer->slots;
}

static bool is_worker(const struct sim_peer *peer)
{
    return peer->worker;
}

static int64_t frozen_until(const struct sim_peer *peer)
{
    return peer->frozen_until;
}

static void accepted(struct world *w, uint64_t request, const struct surety_request *wanted)
{
    struct spec *spec = find_spec(w, wanted->id);
    SIM_CHECK(w, spec->n_numbers < NUMBERS_MAX, "asked too often");
    spec->numbers[spec->n_numbers++] = request;
}

void peers_attach(struct world *w, struct town *town)
{
    w->user = town;
    w->take = take;
    w->timer = timer;
    w->slots_of = slots_of;
    w->is_worker = is_worker;
    w->frozen_until = frozen_until;
    w->accepted = accepted;
    w->batch = batch_leaves;
    w->class_of = class_of;
}
