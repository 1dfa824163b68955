/* The broker's core and its jobs without memory: the core says that it failed, or whoever asked is
 * told so, or all that is sent stays the same. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/memory/fail.h"
#include "tests/unit/scaler/broker/core_rig.h"
#include <surety/settings.h>

#define LOG_BYTES_MAX (16u << 20)

static bool over;            /* the core has said that it failed: its shell ends */
static bool jobs_are_spared; /* what they allocate does not fail */

/* Only what the core and its jobs allocate may fail, not what drives them. */
enum surety_err __real_core_step(struct core *core, const struct core_event *event, int64_t now_ms,
                                 const struct core_actions **ret_actions);
enum surety_err __wrap_core_step(struct core *core, const struct core_event *event, int64_t now_ms,
                                 const struct core_actions **ret_actions);
void __real_plan_job_run(struct plan_job *job);
void __wrap_plan_job_run(struct plan_job *job);

/* A failed step's jobs are carried out and no other action, as by the broker. */
enum surety_err __wrap_core_step(struct core *core, const struct core_event *event, int64_t now_ms,
                                 const struct core_actions **ret_actions)
{
    static struct core_actions jobs;
    static struct core_action kept[64];
    fail_pause(false);
    enum surety_err code = __real_core_step(core, event, now_ms, ret_actions);
    fail_pause(true);
    if (!code)
        return code;
    assert_int_equal(code, SURETY_ERR_NOMEM);
    assert_true(fail_happened());
    over = true;
    jobs = (struct core_actions){.items = kept, .next_ms = -1};
    for (size_t i = 0; i < (*ret_actions)->n; i++)
        if ((*ret_actions)->items[i].kind == CORE_PLAN)
            kept[jobs.n++] = (*ret_actions)->items[i];
    *ret_actions = &jobs;
    return SURETY_OK;
}

void __wrap_plan_job_run(struct plan_job *job)
{
    fail_pause(jobs_are_spared);
    __real_plan_job_run(job);
    fail_pause(true);
}

/* ---- the scenario ---- */

static size_t served; /* of the rig's log */

/* Answers each BATCH that was sent until now. */
static void serve(struct rig *rig)
{
    for (; served < rig->n_sent && !over; served++) {
        const struct rig_sent batch = rig->sent[served];
        if (batch.command != WIRE_BATCH)
            continue;
        for (size_t i = 0; i < batch.n_items && !over; i++) {
            const struct surety_item *item = &batch.items[i];
            if (item->index == 1 && item->attempt == 0)
                rig_failure(rig, batch.peer, &batch, i, SURETY_ERR_ENGINE);
            else
                rig_output(rig, batch.peer, &batch, i,
                           item->index == 2 ? "\\boxed{3}\nClaims:\n1. 1 + 1 = 3\n"
                                            : "\\boxed{2}\nClaims:\n1. 1 + 1 = 2\n");
        }
        if (!over)
            rig_tick(rig, 300);
    }
}

static void skip_batches(struct rig *rig)
{
    served = rig->n_sent;
}

static void say_word(struct rig *rig, const char *peer, enum wire_command command)
{
    rig_say(rig, CORE_CLIENTS, peer, (struct wire_message){.command = command});
}

static void workers_come(struct rig *rig)
{
    rig_worker(rig, "w1", "a", 4);
    rig_worker(rig, "w2", "b", 2);
}

static void client_comes(struct rig *rig)
{
    rig_client(rig, "c1");
}

static void question(struct rig *rig)
{
    struct surety_request r = rig_request("first", 3);
    r.model_name = (char *)"a";
    r.progress = true;
    r.settings.verify = SURETY_VERIFY_JOINT;
    rig_ask(rig, "c1", &r);
    serve(rig);
}

static void question_of_two_models(struct rig *rig)
{
    struct surety_message messages[] = {{(char *)"system", (char *)"Be short."},
                                        {(char *)"user", (char *)"What is 1 + 1?"}};
    char *stop[] = {(char *)"END"};
    struct surety_request r = rig_request("second", 2);
    r.model_name = (char *)"a";
    r.verifier_model = (char *)"b";
    r.messages = messages;
    r.n_messages = 2;
    r.stop = stop;
    r.n_stop = 1;
    r.settings.verify = SURETY_VERIFY_EACH;
    rig_ask(rig, "c1", &r);
    serve(rig);
}

static void question_again(struct rig *rig)
{
    struct surety_request r = rig_request("first", 3);
    r.model_name = (char *)"a";
    r.progress = true;
    r.settings.verify = SURETY_VERIFY_JOINT;
    rig_ask(rig, "c1", &r);
}

static void status(struct rig *rig)
{
    rig_say(rig, CORE_CLIENTS, "c1", (struct wire_message){.command = WIRE_STATUS});
    say_word(rig, "c1", WIRE_MODELS);
}

static void bad_questions(struct rig *rig)
{
    struct surety_request r = rig_request("third", 0);
    rig_ask(rig, "c1", &r);
    r = rig_request("several", 1);
    rig_ask(rig, "c1", &r);
    say_word(rig, "c9", WIRE_STATUS);
    say_word(rig, "c1", WIRE_BATCH);
}

static void cancelled_question(struct rig *rig)
{
    struct surety_request r = rig_request("fourth", 6);
    r.model_name = (char *)"a";
    rig_ask(rig, "c1", &r);
    skip_batches(rig);
    if (over)
        return;
    status(rig);
    if (over)
        return;
    struct wire_message cancel = {.command = WIRE_CANCEL};
    cancel.cancel.id = (char *)"fourth";
    rig_say(rig, CORE_CLIENTS, "c1", cancel);
}

static void lost_worker(struct rig *rig)
{
    struct surety_request r = rig_request("fifth", 3);
    r.model_name = (char *)"a";
    r.deadline_ms = 60000;
    rig_ask(rig, "c1", &r);
    skip_batches(rig);
    if (!over)
        rig_worker(rig, "w1", "a", 4); /* it has been started anew */
    serve(rig);
}

static void lost_client(struct rig *rig)
{
    struct surety_request r = rig_request("sixth", 2);
    r.model_name = (char *)"a";
    rig_client(rig, "c2");
    if (over)
        return;
    rig_ask(rig, "c2", &r);
    skip_batches(rig);
    if (!over)
        say_word(rig, "c2", WIRE_BYE);
}

static void broker_ends(struct rig *rig)
{
    rig_event(rig, (struct core_event){.kind = CORE_STOP});
    if (!over)
        assert_true(rig->ended);
}

/* Each that ends is an action of one step: so many that it needs more room for them. */
static void many_wait(struct rig *rig)
{
    for (int i = 0; i < 17 && !over; i++) {
        char id[16];
        snprintf(id, sizeof id, "last-%d", i);
        struct surety_request r = rig_request(id, 2);
        r.model_name = (char *)"nobody's";
        rig_ask(rig, "c1", &r);
    }
}

typedef void (*step)(struct rig *rig);
static const step all[] = {
    workers_come,   client_comes, question,      question_of_two_models,
    question_again, status,       bad_questions, cancelled_question,
    lost_worker,    lost_client,  broker_ends,   NULL,
};
static const step crowd[] = {client_comes, many_wait, broker_ends, NULL};

/* ---- what came of it ---- */

static void note(struct buf *out, const struct rig_sent *s)
{
    buf_printf(out, "%d %s %d %s %d %s", (int)s->side, s->peer, (int)s->command, s->id,
               (int)s->code, s->text ? s->text : "");
    for (size_t i = 0; i < s->n_items; i++)
        buf_printf(out, " %u.%u.%u", (unsigned)s->items[i].index, (unsigned)s->items[i].attempt,
                   (unsigned)s->items[i].seed);
    buf_putc(out, '\n');
}

static bool tells(const struct rig_sent *s)
{
    return s->code == SURETY_ERR_NOMEM ||
           (s->text && strstr(s->text, surety_err_name(SURETY_ERR_NOMEM)));
}

/* Everything that was sent, for the caller to free. NULL: it was told that memory had run out. */
static char *run(const step *steps, size_t nth)
{
    const struct core_config config = {0};
    struct rig rig;
    struct buf log;
    rig_init(&rig, &config);
    buf_init(&log, LOG_BYTES_MAX);
    over = false;
    served = 0;
    fail_at(nth);
    for (size_t i = 0; steps[i] && !over; i++)
        steps[i](&rig);
    bool told = over;
    for (size_t i = 0; i < rig.n_sent; i++) {
        note(&log, &rig.sent[i]);
        told = told || tells(&rig.sent[i]);
    }
    rig_fini(&rig);
    assert_false(log.failed);
    char *text = buf_detach(&log, NULL);
    if (!told)
        return text;
    free(text);
    assert_true(fail_happened());
    return NULL;
}

static void says_that_it_failed_or_sends_the_same(const step *steps)
{
    fail_pause(true);
    char *expected = run(steps, 0);
    assert_non_null(expected);
    assert_non_null(strstr(expected, "\"reliability\""));
    for (size_t nth = 1;; nth++) {
        char *text = run(steps, nth);
        bool failed = fail_happened();
        if (text && strcmp(text, expected) != 0)
            fail_msg("without allocation %zu other things are sent:\n%s\nfor\n%s", nth, text,
                     expected);
        free(text);
        if (!failed)
            break;
    }
    fail_at(0);
    fail_pause(false);
    free(expected);
}

static void core_answers_without_memory(void **state)
{
    says_that_it_failed_or_sends_the_same(all);
}

static void core_ends_many_without_memory(void **state)
{
    jobs_are_spared = true;
    says_that_it_failed_or_sends_the_same(crowd);
    jobs_are_spared = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(core_answers_without_memory),
        cmocka_unit_test(core_ends_many_without_memory),
    };
    return cmocka_run_group_tests_name("scaler.broker.memory", tests, NULL, NULL);
}
