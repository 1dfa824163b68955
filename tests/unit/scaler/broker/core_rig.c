#include "tests/unit/scaler/broker/core_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include <surety/settings.h>

#define SENT_MAX 20000

static struct core_identity identity(const char *peer)
{
    struct core_identity id = {.len = (uint8_t)strlen(peer)};
    memcpy(id.bytes, peer, id.len);
    return id;
}

static void copy_items(struct rig_sent *s, const struct wire_message *m)
{
    if (m->command == WIRE_BATCH) {
        s->request = m->batch.request;
        s->task = m->batch.task.id;
        s->n_items = m->batch.task.n_items;
        assert_true(s->n_items > 0 && s->n_items <= 64);
        memcpy(s->items, m->batch.task.items, s->n_items * sizeof *s->items);
    } else if (m->command == WIRE_HEARTBEAT) {
        s->tokens = m->heartbeat.tokens;
        s->waiting = m->heartbeat.waiting;
    } else if (m->command == WIRE_CANCEL) {
        s->n_items = m->cancel.n;
        assert_true(s->n_items > 0 && s->n_items <= 64);
        for (size_t i = 0; i < s->n_items; i++)
            s->items[i] = (struct surety_item){.index = m->cancel.items[i].index,
                                               .attempt = m->cancel.items[i].attempt};
    }
}

/* "a*3 b*1": names and slots. */
static char *tell_models(const struct wire_message *m)
{
    char text[200] = "";
    for (size_t i = 0; i < m->models.n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s*%u", i ? " " : "",
                 m->models.list[i].name, m->models.list[i].slots);
    return strdup(text);
}

static void record(struct rig *rig, const struct core_action *action)
{
    const struct wire_message *m = &action->send.message;
    assert_true(rig->n_sent < SENT_MAX);
    struct rig_sent *s = &rig->sent[rig->n_sent++];
    *s = (struct rig_sent){.side = action->send.side, .command = m->command};
    snprintf(s->peer, sizeof s->peer, "%.*s", (int)action->send.to->len,
             (const char *)action->send.to->bytes);
    const char *id = m->command == WIRE_ACCEPTED                                ? m->accepted.id
                     : m->command == WIRE_RESULT || m->command == WIRE_PROGRESS ? m->result.id
                     : m->command == WIRE_ERROR                                 ? m->error.id
                     : m->command == WIRE_DELTA                                 ? m->delta.id
                                                                                : NULL;
    const char *text = m->command == WIRE_RESULT || m->command == WIRE_PROGRESS ? m->result.json
                       : m->command == WIRE_ERROR                               ? m->error.message
                       : m->command == WIRE_STATUS                              ? m->status.json
                       : m->command == WIRE_DELTA                               ? m->delta.text
                                                                                : NULL;
    snprintf(s->id, sizeof s->id, "%s", id ? id : "");
    s->text = text ? strdup(text) : m->command == WIRE_MODELS ? tell_models(m) : NULL;
    s->code = m->command == WIRE_ERROR ? m->error.code : SURETY_OK;
    copy_items(s, m);
}

static void note_models(struct rig *rig, const struct plan_job *job)
{
    if (!job->model) /* it ends before a worker came */
        return;
    snprintf(rig->plan_model, sizeof rig->plan_model, "%s", job->model->name);
    snprintf(rig->plan_verifier, sizeof rig->plan_verifier, "%s",
             job->verifier ? job->verifier->name : "");
}

struct failure {
    uint64_t peer, ticket;
    enum core_sent how;
};

void rig_event(struct rig *rig, struct core_event event)
{
    const struct core_actions *actions;
    event.unsent_bytes = rig->unsent_bytes;
    assert_int_equal(core_step(rig->core, &event, rig->now_ms, &actions), SURETY_OK);
    struct failure *told = calloc(actions->n + 1, sizeof *told);
    struct plan_job **jobs = calloc(actions->n + 1, sizeof(*jobs));
    uint64_t *puts = calloc(actions->n + 1, sizeof *puts);
    size_t n_told = 0, n_jobs = 0, n_puts = 0;
    rig->next_ms = actions->next_ms;
    rig->ended = actions->ended;
    for (size_t i = 0; i < actions->n; i++) {
        const struct core_action *a = &actions->items[i];
        if (a->kind == CORE_PLAN) {
            jobs[n_jobs++] = a->job;
            if (a->job->kind == PLAN_JOB_CREATE)
                note_models(rig, a->job);
        } else if (a->kind == CORE_PERSIST) {
            puts[n_puts++] = a->persist.request;
            assert_in_range(rig->n_puts, 0, 63);
            rig->puts[rig->n_puts++] = a->persist.request;
        } else if (a->kind == CORE_ENDED) {
            assert_in_range(rig->n_ends, 0, 63);
            rig->ends[rig->n_ends].request = a->ended.request;
            rig->ends[rig->n_ends++].how = a->ended.end;
        } else if (a->kind == CORE_NOTE) {
            assert_in_range(rig->n_notes, 0, 63);
            const struct core_note *note = &a->note;
            snprintf(rig->note_texts[rig->n_notes], sizeof rig->note_texts[0], "%s %s %s",
                     note->id ? note->id : "-", note->how ? note->how : "-",
                     note->why ? note->why : "-");
            rig->notes[rig->n_notes++] = *note;
        } else if (a->kind == CORE_HURRY) {
            rig->hurried = a->hurry;
        } else {
            struct core_identity to = *a->send.to;
            bool fails = rig->fail_peer[0] && to.len == strlen(rig->fail_peer) &&
                         memcmp(to.bytes, rig->fail_peer, to.len) == 0;
            if (!fails)
                record(rig, a);
            if (fails || a->send.confirm)
                told[n_told++] = (struct failure){a->send.peer, a->send.ticket,
                                                  fails ? rig->fail_how : CORE_SENT_OK};
        }
    }
    for (size_t i = 0; i < n_told; i++)
        rig_event(rig, (struct core_event){.kind = CORE_SENT,
                                           .peer = told[i].peer,
                                           .ticket = told[i].ticket,
                                           .sent = told[i].how});
    for (size_t i = 0; i < n_puts; i++) {
        if (rig->hold_store)
            rig->held_puts[rig->n_held_puts++] = puts[i];
        else
            rig_persisted(rig, puts[i]);
    }
    for (size_t i = 0; i < n_jobs; i++) {
        if (rig->hold_plans) {
            rig->held_jobs[rig->n_held_jobs++] = jobs[i];
            continue;
        }
        plan_job_run(jobs[i]);
        rig_event(rig, (struct core_event){.kind = CORE_PLAN_SAYS, .job = jobs[i]});
    }
    free(told);
    free(jobs);
    free(puts);
}

void rig_persisted(struct rig *rig, uint64_t request)
{
    struct surety_error error = {.code = rig->store_fails, .message = "the disk is full"};
    rig_event(rig, (struct core_event){.kind = CORE_PERSISTED,
                                       .request = request,
                                       .error = error.code ? &error : NULL});
}

void rig_release(struct rig *rig)
{
    rig->hold_plans = rig->hold_store = false;
    for (size_t i = 0; i < rig->n_held_puts; i++)
        rig_persisted(rig, rig->held_puts[i]);
    rig->n_held_puts = 0;
    for (size_t i = 0; i < rig->n_held_jobs; i++) {
        plan_job_run(rig->held_jobs[i]);
        rig_event(rig, (struct core_event){.kind = CORE_PLAN_SAYS, .job = rig->held_jobs[i]});
    }
    rig->n_held_jobs = 0;
}

void rig_init(struct rig *rig, const struct core_config *config)
{
    *rig = (struct rig){.now_ms = 1000};
    rig->core = core_create(config);
    rig->sent = calloc(SENT_MAX, sizeof *rig->sent);
    assert_non_null(rig->core);
    assert_non_null(rig->sent);
}

void rig_clear(struct rig *rig)
{
    for (size_t i = 0; i < rig->n_sent; i++)
        free(rig->sent[i].text);
    rig->n_sent = 0;
}

void rig_fini(struct rig *rig)
{
    rig_release(rig);
    core_free(rig->core);
    rig_clear(rig);
    free(rig->sent);
}

void rig_jump(struct rig *rig, int64_t ms)
{
    rig->now_ms += ms;
    rig_event(rig, (struct core_event){.kind = CORE_TICK});
}

void rig_tick(struct rig *rig, int64_t ms)
{
    int64_t end = rig->now_ms + ms;
    while (rig->now_ms < end) {
        int64_t next = rig->next_ms < 0 || rig->next_ms > end ? end : rig->next_ms;
        rig->now_ms = next > rig->now_ms ? next : rig->now_ms + 1;
        rig_event(rig, (struct core_event){.kind = CORE_TICK});
    }
}

void rig_say(struct rig *rig, enum core_side side, const char *peer, struct wire_message message)
{
    struct core_identity from = identity(peer);
    rig_event(rig, (struct core_event){
                       .kind = CORE_MESSAGE, .side = side, .from = &from, .message = &message});
}

void rig_worker(struct rig *rig, const char *peer, const char *model, uint32_t slots)
{
    struct wire_message m = {.command = WIRE_HELLO};
    m.hello.worker = true;
    m.hello.version = (char *)"1";
    m.hello.model = (struct surety_model){.name = (char *)model,
                                          .id = (char *)"id",
                                          .engine = (char *)"fake",
                                          .profile = (char *)"instruct",
                                          .repro = (char *)"class-1",
                                          .slots = slots};
    const char *more = strpbrk(model, "+#!");
    char *name = strndup(model, more ? (size_t)(more - model) : strlen(model));
    m.hello.model.name = name;
    if (more && *more == '+')
        m.hello.model.repro = (char *)more + 1;
    else if (more && *more == '!')
        m.hello.model.passes = true;
    else if (more)
        m.hello.model.id = (char *)more + 1;
    rig_say(rig, CORE_WORKERS, peer, m);
    free(name);
}

void rig_client(struct rig *rig, const char *peer)
{
    struct wire_message m = {.command = WIRE_HELLO};
    m.hello.version = (char *)"1";
    rig_say(rig, CORE_CLIENTS, peer, m);
}

struct surety_request rig_request(const char *id, uint32_t k)
{
    struct surety_request r = {.id = (char *)id, .problem = (char *)"What is 1 + 1?"};
    surety_settings_init(&r.settings);
    r.settings.k = k;
    r.settings.verify = SURETY_VERIFY_NONE;
    return r;
}

void rig_ask(struct rig *rig, const char *peer, const struct surety_request *request)
{
    struct wire_message m = {.command = WIRE_REQUEST};
    m.request = *request;
    rig_say(rig, CORE_CLIENTS, peer, m);
}

static struct wire_message output(const struct rig_sent *batch, size_t item)
{
    assert_non_null(batch);
    assert_true(item < batch->n_items);
    struct wire_message m = {.command = WIRE_OUTPUT};
    m.output.request = batch->request;
    m.output.task = batch->task;
    m.output.output = (struct surety_output){.index = batch->items[item].index,
                                             .attempt = batch->items[item].attempt,
                                             .text = (char *)"",
                                             .prompt_tokens = 10,
                                             .completion_tokens = 5};
    return m;
}

void rig_output(struct rig *rig, const char *peer, const struct rig_sent *batch, size_t item,
                const char *text)
{
    struct wire_message m = output(batch, item);
    m.output.output.text = (char *)text;
    rig_say(rig, CORE_WORKERS, peer, m);
}

void rig_failure(struct rig *rig, const char *peer, const struct rig_sent *batch, size_t item,
                 enum surety_err code)
{
    struct wire_message m = output(batch, item);
    m.output.output.finish = SURETY_FINISH_ERROR;
    surety_fail(&m.output.output.error, code, "failed on purpose");
    rig_say(rig, CORE_WORKERS, peer, m);
}

void rig_beat(struct rig *rig, const char *peer)
{
    rig_say(rig, CORE_WORKERS, peer, (struct wire_message){.command = WIRE_HEARTBEAT});
}

const struct rig_sent *rig_find(const struct rig *rig, const char *peer, enum wire_command command,
                                size_t nth)
{
    for (size_t i = 0; i < rig->n_sent; i++)
        if (rig->sent[i].command == command && strcmp(rig->sent[i].peer, peer) == 0 && nth-- == 0)
            return &rig->sent[i];
    return NULL;
}

size_t rig_count(const struct rig *rig, const char *peer, enum wire_command command)
{
    size_t n = 0;
    while (rig_find(rig, peer, command, n))
        n++;
    return n;
}

const char *rig_json(const char *json, const char *key)
{
    static char text[200];
    struct surety_error err;
    json_t *object = NULL;
    assert_non_null(json);
    assert_int_equal(json_load_text(json, strlen(json), &object, &err), SURETY_OK);
    const json_t *value = object;
    char path[100];
    snprintf(path, sizeof path, "%s", key);
    for (char *part = path, *dot; part; part = dot) {
        if ((dot = strchr(part, '.')))
            *dot++ = '\0';
        value = json_object_get(value, part);
    }
    if (json_is_string(value))
        snprintf(text, sizeof text, "%s", json_string_value(value));
    else if (json_is_boolean(value))
        snprintf(text, sizeof text, "%s", json_is_true(value) ? "true" : "false");
    else if (json_is_number(value))
        snprintf(text, sizeof text, "%g", json_number_value(value));
    else
        text[0] = '\0';
    json_decref(object);
    return text;
}
