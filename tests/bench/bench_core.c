/*
 * What an event costs the broker core: with one worker and one request, with 256 workers of 64
 * slots that are all busy and 4,000 requests, and with an idle worker of another model beside
 * these. Plans are simple ones, and their jobs are not counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scaler/broker/core.h"
#include <surety/settings.h>

#define SLOTS 64
#define ROUNDS 2000

static double processor_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* An item that a worker holds. */
struct held {
    unsigned worker;
    uint64_t request;
    uint32_t task, index, attempt;
};

struct bench {
    struct core *core;
    int64_t now_ms;
    struct held *held; /* [n_held], oldest first from first */
    size_t n_held, held_size, first;
    double spent_us; /* in the core */
};

static struct core_identity identity(const char *kind, unsigned i)
{
    struct core_identity id = {0};
    id.len = (uint8_t)snprintf((char *)id.bytes, sizeof id.bytes, "%s%u", kind, i);
    return id;
}

static void hold(struct bench *b, const struct core_action *a)
{
    const struct surety_task *task = &a->send.message.batch.task;
    for (size_t i = 0; i < task->n_items; i++) {
        if (b->n_held == b->held_size) {
            b->held_size = b->held_size ? 2 * b->held_size : 1024;
            b->held = realloc(b->held, b->held_size * sizeof *b->held);
            if (!b->held)
                exit(1);
        }
        b->held[b->n_held++] = (struct held){(unsigned)atoi((const char *)a->send.to->bytes + 1),
                                             a->send.message.batch.request, task->id,
                                             task->items[i].index, task->items[i].attempt};
    }
}

static void feed(struct bench *b, struct core_event event)
{
    const struct core_actions *actions;
    double began = processor_us();
    if (core_step(b->core, &event, b->now_ms, &actions))
        exit(1);
    b->spent_us += processor_us() - began;
    struct core_event *next = calloc(actions->n + 1, sizeof *next);
    size_t n = 0;
    for (size_t i = 0; i < actions->n; i++) {
        const struct core_action *a = &actions->items[i];
        if (a->kind == CORE_PERSIST)
            next[n++] = (struct core_event){.kind = CORE_PERSISTED, .request = a->persist.request};
        else if (a->kind == CORE_PLAN)
            next[n++] = (struct core_event){.kind = CORE_PLAN_SAYS, .job = a->job};
        else if (a->kind == CORE_SEND && a->send.message.command == WIRE_BATCH)
            hold(b, a);
        else if (a->kind == CORE_SEND && a->send.confirm)
            next[n++] = (struct core_event){
                .kind = CORE_SENT, .peer = a->send.peer, .ticket = a->send.ticket};
    }
    for (size_t i = 0; i < n; i++) {
        if (next[i].kind == CORE_PLAN_SAYS)
            plan_job_run(next[i].job);
        feed(b, next[i]);
    }
    free(next);
}

static void say(struct bench *b, enum core_side side, const char *kind, unsigned peer,
                const struct wire_message *message)
{
    struct core_identity from = identity(kind, peer);
    feed(b, (struct core_event){
                .kind = CORE_MESSAGE, .side = side, .from = &from, .message = message});
}

/* The idle worker serves another model, so that everybody who waits is looked at in vain. */
static void fill(struct bench *b, unsigned workers, unsigned requests, bool idle)
{
    struct wire_message hello = {.command = WIRE_HELLO};
    hello.hello.version = (char *)"1";
    hello.hello.worker = true;
    hello.hello.model = (struct surety_model){.name = (char *)"m",
                                              .id = (char *)"i",
                                              .engine = (char *)"e",
                                              .profile = (char *)"p",
                                              .repro = (char *)"r",
                                              .slots = SLOTS};
    for (unsigned i = 0; i < workers; i++)
        say(b, CORE_WORKERS, "w", i, &hello);
    hello.hello.model.name = (char *)"other";
    if (idle)
        say(b, CORE_WORKERS, "w", workers, &hello);
    hello.hello.worker = false;
    say(b, CORE_CLIENTS, "c", 0, &hello);
    struct wire_message ask = {.command = WIRE_REQUEST};
    surety_settings_init(&ask.request.settings);
    ask.request.settings.k = 1024;
    ask.request.settings.verify = SURETY_VERIFY_NONE;
    ask.request.problem = (char *)"?";
    ask.request.model_name = (char *)"m";
    for (unsigned i = 0; i < requests; i++) {
        char id[16];
        snprintf(id, sizeof id, "%u", i);
        ask.request.id = id;
        say(b, CORE_CLIENTS, "c", 0, &ask);
    }
}

static void bench(const char *name, unsigned workers, unsigned requests, bool idle)
{
    const struct core_config config = {.window = 4096};
    struct bench b = {.core = core_create(&config), .now_ms = 1};
    if (!b.core)
        exit(1);
    fill(&b, workers, requests, idle);
    b.spent_us = 0;
    for (int i = 0; i < ROUNDS && b.first < b.n_held; i++) { /* an output, and what follows */
        const struct held h = b.held[b.first++];
        struct wire_message output = {.command = WIRE_OUTPUT};
        output.output.request = h.request;
        output.output.task = h.task;
        output.output.output = (struct surety_output){
            .index = h.index, .attempt = h.attempt, .text = (char *)"x", .completion_tokens = 9};
        b.now_ms += i % 10 == 0;
        say(&b, CORE_WORKERS, "w", h.worker, &output);
    }
    printf("core_output_%s,%.2f,us,an output and its job: %u workers of %d slots; %u requests\n",
           name, b.spent_us / ROUNDS, workers, SLOTS, requests);
    b.spent_us = 0;
    struct wire_message beat = {.command = WIRE_HEARTBEAT};
    for (int i = 0; i < ROUNDS; i++) {
        b.now_ms += i % 10 == 0;
        say(&b, CORE_WORKERS, "w", (unsigned)i % workers, &beat);
    }
    printf("core_beat_%s,%.2f,us,a heartbeat: the same\n", name, b.spent_us / ROUNDS);
    core_free(b.core);
    free(b.held);
}

int main(void)
{
    bench("one", 1, 4, false);
    bench("many", 256, 4000, false);
    bench("idle", 256, 4000, true);
    return 0;
}
