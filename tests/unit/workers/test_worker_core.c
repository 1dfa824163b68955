#include "tests/engine_help.h"

#include "workers/worker_core.h"

/* What the core said, in short: one line a message. */
struct peer {
    char said[200][160];
    size_t n;
    struct wire_origin origin; /* of the last HELLO */
    enum surety_err next;      /* what the next send comes to */
    char logged[300];          /* the last line */
    size_t n_logged;
};

static enum surety_err on_send(void *user, const struct wire_message *m)
{
    struct peer *p = user;
    enum surety_err code = p->next;
    p->next = SURETY_OK;
    if (code)
        return code;
    assert_true(p->n < 200);
    char *line = p->said[p->n++];
    const struct surety_output *o = &m->output.output;
    int len = snprintf(line, 160, "%s", wire_command_name(m->command));
    if (m->command == WIRE_OUTPUT)
        snprintf(line + len, 160 - (size_t)len, " %d/%u/%u/%u %s%s", (int)m->output.request,
                 m->output.task, o->index, o->attempt, o->text,
                 o->error.code                          ? surety_err_name(o->error.code)
                 : o->finish == SURETY_FINISH_CANCELLED ? "cancelled"
                                                        : "");
    for (size_t i = 0; m->command == WIRE_HEARTBEAT && i < m->heartbeat.n; i++) {
        const struct wire_progress *item = &m->heartbeat.items[i];
        len += snprintf(line + len, 160 - (size_t)len, " %d/%u/%u/%u=%u", (int)item->key.request,
                        item->key.task, item->key.index, item->key.attempt, item->tokens);
    }
    if (m->command == WIRE_DELTA)
        snprintf(line + len, 160 - (size_t)len, " %d/%u/%u/%u %u %s", (int)m->delta.key.request,
                 m->delta.key.task, m->delta.key.index, m->delta.key.attempt, m->delta.status,
                 m->delta.text);
    if (m->command == WIRE_HELLO) {
        p->origin = m->hello.origin;
        snprintf(line + len, 160 - (size_t)len, " %s %s %u", m->hello.worker ? "worker" : "client",
                 m->hello.model.name, m->hello.model.slots);
    }
    return SURETY_OK;
}

static void on_log(void *user, enum log_level level, const char *message)
{
    struct peer *p = user;
    (void)level;
    snprintf(p->logged, sizeof p->logged, "%s", message);
    p->n_logged++;
}

struct fixture {
    struct peer peer;
    struct log log;
    struct engine engine;
    struct worker_core *core;
    int64_t now_ms;
};

/* Sample 0 and 1 are there at once, 2 never comes, 3 an hour late. */
static const char recording[] =
    "{\"problem\":\"p\",\"samples\":[{\"text\":\"zero\"},{\"text\":\"one\"},"
    "{\"text\":\"two\",\"fail\":\"hang\"},{\"text\":\"three\",\"delay_ms\":3600000}]}";

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char *path = help_file(recording, strlen(recording));
    struct engine_option option = {(char *)"", path};
    struct engine_config config = {.options = &option, .n_options = 1, .slots = 4};
    assert_int_equal(engine_open("replay", &config, &f->engine, NULL), SURETY_OK);
    help_unlink(path);
    f->log = (struct log){.write = on_log, .user = &f->peer};
    f->now_ms = 1000;
    struct worker_core_config core = {.engine = &f->engine,
                                      .broker = "ipc://there",
                                      .origin = {7, (char *)"there", (char *)"one"},
                                      .log = &f->log,
                                      .send = on_send,
                                      .user = &f->peer};
    f->core = worker_core_create(&core, f->now_ms);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    worker_core_free(f->core);
    engine_close(&f->engine);
    free(f);
    return 0;
}

static enum surety_err take(struct fixture *f, const struct wire_message *m)
{
    struct arena arena;
    arena_init(&arena, 1000);
    enum surety_err code = worker_core_take(f->core, m, &arena, f->now_ms, NULL);
    arena_fini(&arena);
    return code;
}

static void welcome(struct fixture *f)
{
    struct wire_message m = {.command = WIRE_WELCOME, .welcome = {.heartbeat_ms = 100}};
    assert_int_equal(take(f, &m), SURETY_OK);
}

/* A batch of consecutive items; everything it points to is in the arena, as after decoding. */
static void batch(struct fixture *f, uint64_t request, uint32_t first, size_t n, uint32_t attempt)
{
    struct arena arena;
    arena_init(&arena, 1u << 20);
    struct wire_message m = {.command = WIRE_BATCH, .batch = {.request = request}};
    struct surety_task *task = &m.batch.task;
    task->id = 7;
    task->problem = arena_strdup(&arena, "p");
    task->items = ARENA_ARRAY(&arena, struct surety_item, n);
    task->n_items = n;
    for (size_t i = 0; i < n; i++)
        task->items[i] = (struct surety_item){.index = first + (uint32_t)i, .attempt = attempt};
    assert_int_equal(worker_core_take(f->core, &m, &arena, f->now_ms, NULL), SURETY_OK);
    arena_fini(&arena);
}

static void cancel(struct fixture *f, uint64_t request, uint32_t index, uint32_t attempt)
{
    struct wire_item_key key = {request, 7, index, attempt};
    struct wire_message m = {.command = WIRE_CANCEL, .cancel = {.items = &key, .n = 1}};
    assert_int_equal(take(f, &m), SURETY_OK);
}

static enum surety_err error(struct fixture *f, enum surety_err code)
{
    char text[] = "because";
    struct wire_message m = {.command = WIRE_ERROR, .error = {.code = code, .message = text}};
    return take(f, &m);
}

static void tick(struct fixture *f, int64_t after_ms)
{
    f->now_ms += after_ms;
    assert_int_equal(worker_core_tick(f->core, f->now_ms, NULL), SURETY_OK);
}

static void step(struct fixture *f)
{
    assert_int_equal(worker_core_step(f->core, 0, NULL), SURETY_OK);
}

static void assert_said(struct fixture *f, size_t i, const char *line)
{
    assert_true(i < f->peer.n);
    assert_string_equal(f->peer.said[i], line);
}

static void join(struct fixture *f)
{
    tick(f, 0);
    welcome(f);
    assert_said(f, 0, "HELLO worker replay 4");
    assert_int_equal(f->peer.origin.pid, 7);
    assert_string_equal(f->peer.origin.host, "there");
    assert_string_equal(f->peer.origin.name, "one");
    f->peer.n = 0;
}

static void tick_hello_is_repeated_until_welcome(void **state)
{
    struct fixture *f = *state;
    tick(f, 0);
    assert_int_equal(f->peer.n, 1);
    assert_int_equal(worker_core_next_ms(f->core), f->now_ms + WORKER_HELLO_MS);
    tick(f, WORKER_HELLO_MS - 1);
    assert_int_equal(f->peer.n, 1);
    tick(f, 1);
    assert_said(f, 1, "HELLO worker replay 4");
    welcome(f);
    tick(f, 5000);
    assert_said(f, 2, "HEARTBEAT");
    assert_int_equal(f->peer.n, 3);
    assert_false(worker_core_is_busy(f->core));
}

static void tick_hello_waits_for_a_connection(void **state)
{
    struct fixture *f = *state;
    f->peer.next = SURETY_ERR_BUSY;
    tick(f, 0);
    assert_int_equal(f->peer.n, 0);
    assert_true(worker_core_waits_to_send(f->core));
    assert_true(worker_core_next_ms(f->core) > f->now_ms); /* nothing spins meanwhile */
    tick(f, 1);
    assert_said(f, 0, "HELLO worker replay 4");
    assert_false(worker_core_waits_to_send(f->core));
}

static void tick_without_a_broker_gives_up(void **state)
{
    struct fixture *f = *state;
    tick(f, 0);
    tick(f, WORKER_JOIN_MS - 1);
    struct surety_error err = {0};
    assert_int_equal(worker_core_tick(f->core, f->now_ms + 1, &err), SURETY_ERR_UNREACHABLE);
    assert_non_null(strstr(err.message, "ipc://there"));
}

static void take_refusal_while_joining_is_final(void **state)
{
    struct fixture *f = *state;
    tick(f, 0);
    assert_int_equal(error(f, SURETY_ERR_LOST), SURETY_OK);
    assert_int_equal(error(f, SURETY_ERR_BUSY), SURETY_ERR_BUSY);
    welcome(f);
    assert_int_equal(error(f, SURETY_ERR_PROTOCOL), SURETY_OK);
    assert_non_null(strstr(f->peer.logged, "because"));
    assert_int_equal(error(f, SURETY_ERR_VERSION), SURETY_ERR_VERSION);
}

static void batch_every_item_is_answered_once(void **state)
{
    struct fixture *f = *state;
    join(f);
    batch(f, 5, 0, 2, 1);
    assert_true(worker_core_is_busy(f->core));
    step(f);
    assert_said(f, 0, "OUTPUT 5/7/0/1 zero");
    assert_said(f, 1, "OUTPUT 5/7/1/1 one");
    step(f);
    assert_int_equal(f->peer.n, 2);
    assert_false(worker_core_is_busy(f->core));
    batch(f, 5, 9, 1, 0); /* an engine's failure is an answer too */
    step(f);
    assert_said(f, 2, "OUTPUT 5/7/9/0 exhausted");
}

static void batch_beyond_the_credit_is_busy(void **state)
{
    struct fixture *f = *state;
    join(f);
    batch(f, 1, 2, 2, 0);
    step(f);
    batch(f, 2, 0, 3, 0);
    for (size_t i = 0; i < 3; i++)
        assert_non_null(strstr(f->peer.said[i], "busy"));
    assert_int_equal(f->peer.n, 3);
    batch(f, 3, 0, 2, 0); /* and what fits still runs */
    step(f);
    assert_said(f, 3, "OUTPUT 3/7/0/0 zero");
    assert_said(f, 4, "OUTPUT 3/7/1/0 one");
}

static void batch_waits_for_cancelled_items(void **state)
{
    struct fixture *f = *state;
    join(f);
    batch(f, 1, 2, 2, 0);
    step(f);
    cancel(f, 1, 2, 0);
    cancel(f, 1, 3, 0);
    cancel(f, 1, 3, 0);
    cancel(f, 1, 3, 9);   /* of another attempt */
    batch(f, 2, 0, 4, 0); /* the engine still has the two */
    cancel(f, 2, 1, 0);   /* ended before it began */
    assert_said(f, 0, "OUTPUT 2/7/1/0 cancelled");
    step(f);
    assert_said(f, 1, "OUTPUT 1/7/2/0 cancelled");
    assert_said(f, 2, "OUTPUT 1/7/3/0 cancelled");
    step(f);
    assert_said(f, 3, "OUTPUT 2/7/0/0 zero");
    assert_int_equal(f->peer.n, 4); /* 2 hangs, 3 is late */
    cancel(f, 2, 2, 0);
    cancel(f, 2, 3, 0);
    step(f);
    assert_int_equal(f->peer.n, 6);
    assert_false(worker_core_is_busy(f->core));
}

static void heartbeat_carries_each_items_progress(void **state)
{
    struct fixture *f = *state;
    join(f);
    batch(f, 1, 1, 3, 0);
    tick(f, 100);
    assert_said(f, 0, "HEARTBEAT 1/7/1/0=0 1/7/2/0=0 1/7/3/0=0");
    step(f);
    assert_said(f, 1, "OUTPUT 1/7/1/0 one");
    tick(f, 99);
    assert_int_equal(f->peer.n, 2);
    tick(f, 1);
    assert_said(f, 2, "HEARTBEAT 1/7/2/0=0 1/7/3/0=0");
}

static void welcome_again_forgets_what_was_held(void **state)
{
    struct fixture *f = *state;
    join(f);
    batch(f, 1, 2, 2, 0);
    step(f);
    batch(f, 1, 0, 1, 0);
    welcome(f);
    batch(f, 1, 0, 4, 1); /* all slots are free again for the broker */
    step(f);
    step(f);
    assert_said(f, 0, "OUTPUT 1/7/0/1 zero");
    assert_said(f, 1, "OUTPUT 1/7/1/1 one");
    assert_int_equal(f->peer.n, 2);
}

static void lost_worker_joins_again(void **state)
{
    struct fixture *f = *state;
    join(f);
    batch(f, 1, 3, 1, 0);
    step(f);
    assert_int_equal(error(f, SURETY_ERR_LOST), SURETY_OK);
    tick(f, 0);
    assert_said(f, 0, "HELLO worker replay 4");
    assert_int_equal(error(f, SURETY_ERR_LOST), SURETY_OK); /* about a message before */
    batch(f, 1, 0, 1, 0);                                   /* for who this worker was */
    tick(f, 1);
    step(f);
    assert_int_equal(f->peer.n, 1);
    assert_int_equal(error(f, SURETY_ERR_BUSY), SURETY_OK); /* a place may become free */
    tick(f, WORKER_HELLO_MS);
    assert_said(f, 1, "HELLO worker replay 4");
    welcome(f);
    batch(f, 2, 0, 1, 0);
    step(f);
    assert_said(f, 2, "OUTPUT 2/7/0/0 zero");
}

static void silence_of_ten_heartbeats_starts_anew(void **state)
{
    struct fixture *f = *state;
    join(f);
    batch(f, 1, 3, 1, 0);
    step(f);
    tick(f, 900);
    assert_false(worker_core_is_silent(f->core, f->now_ms));
    assert_true(worker_core_next_ms(f->core) <= f->now_ms + 100);
    f->now_ms += 100;
    assert_true(worker_core_is_silent(f->core, f->now_ms));
    size_t logged = f->peer.n_logged;
    f->peer.n = 0;
    for (int i = 0; i < 3; i++) { /* for ever, and told once */
        worker_core_restart(f->core, f->now_ms);
        tick(f, 0);
        assert_said(f, f->peer.n - 1, "HELLO worker replay 4");
        assert_false(worker_core_is_silent(f->core, f->now_ms));
        f->now_ms += 1000;
        assert_true(worker_core_is_silent(f->core, f->now_ms));
    }
    tick(f, 2 * WORKER_JOIN_MS);
    assert_int_equal(f->peer.n_logged, logged + 1);
    welcome(f);
    step(f);
    assert_false(worker_core_is_busy(f->core));
    assert_false(worker_core_is_silent(f->core, f->now_ms));
}

static void output_that_no_message_holds_fails(void **state)
{
    struct fixture *f = *state;
    join(f);
    batch(f, 1, 0, 1, 0);
    f->peer.next = SURETY_ERR_LIMIT;
    step(f);
    assert_said(f, 0, "OUTPUT 1/7/0/0 limit_exceeded");
}

static void bye_ends_either_way(void **state)
{
    struct fixture *f = *state;
    join(f);
    assert_int_equal(take(f, &(struct wire_message){.command = WIRE_STATUS}), SURETY_OK);
    assert_false(worker_core_has_ended(f->core));
    assert_int_equal(take(f, &(struct wire_message){.command = WIRE_BYE}), SURETY_OK);
    assert_true(worker_core_has_ended(f->core));
    worker_core_leave(f->core);
    assert_said(f, 0, "BYE");
}

/* ---- pieces of a reply ---- */

/* An engine of one slot: each step brings a piece, until it is cancelled. */
struct piper {
    uint64_t ticket;
    bool runs, cancelled;
};

static const struct surety_model *piper_model(const void *state)
{
    static const struct surety_model model = {.name = (char *)"m",
                                              .id = (char *)"",
                                              .engine = (char *)"piper",
                                              .profile = (char *)"",
                                              .repro = (char *)"none",
                                              .slots = 1,
                                              .passes = true};
    return &model;
}

static enum surety_err piper_submit(void *state, uint64_t ticket, const struct surety_task *task,
                                    struct surety_error *err)
{
    struct piper *p = state;
    *p = (struct piper){.ticket = ticket, .runs = true};
    return SURETY_OK;
}

static void piper_cancel(void *state, uint64_t ticket, uint32_t index)
{
    ((struct piper *)state)->cancelled = true;
}

static enum surety_err piper_step(void *state, int max_wait_ms, const struct engine_sink *sink,
                                  struct surety_error *err)
{
    struct piper *p = state;
    struct surety_output output = {.finish = SURETY_FINISH_CANCELLED, .text = (char *)""};
    if (p->runs && !p->cancelled)
        sink->delta(sink->user, p->ticket, 0, 200, "piece");
    else if (p->runs)
        sink->output(sink->user, p->ticket, &output);
    p->runs = p->runs && !p->cancelled;
    return SURETY_OK;
}

static void piece_that_cannot_be_sent_ends_the_item(void **state)
{
    static const struct engine_ops ops = {
        .model = piper_model, .submit = piper_submit, .cancel = piper_cancel, .step = piper_step};
    struct piper piper = {0};
    struct fixture f = {.now_ms = 1000, .engine = {&ops, &piper}};
    struct worker_core_config config = {
        .engine = &f.engine, .broker = "ipc://there", .send = on_send, .user = &f.peer};
    f.core = worker_core_create(&config, f.now_ms);
    welcome(&f);
    batch(&f, 1, 0, 1, 0);
    step(&f);
    step(&f);
    assert_said(&f, 1, "DELTA 1/7/0/0 200 piece");
    f.peer.next = SURETY_ERR_BUSY;
    step(&f);
    assert_true(piper.cancelled);
    step(&f);
    assert_int_equal(f.peer.n, 3);
    assert_said(&f, 2, "OUTPUT 1/7/0/0 worker_lost");
    worker_core_free(f.core);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tick_hello_is_repeated_until_welcome),
        TEST(tick_hello_waits_for_a_connection),
        TEST(tick_without_a_broker_gives_up),
        TEST(take_refusal_while_joining_is_final),
        TEST(batch_every_item_is_answered_once),
        TEST(batch_beyond_the_credit_is_busy),
        TEST(batch_waits_for_cancelled_items),
        TEST(heartbeat_carries_each_items_progress),
        TEST(welcome_again_forgets_what_was_held),
        TEST(lost_worker_joins_again),
        TEST(silence_of_ten_heartbeats_starts_anew),
        TEST(output_that_no_message_holds_fails),
        TEST(bye_ends_either_way),
        cmocka_unit_test(piece_that_cannot_be_sent_ends_the_item),
    };
    return cmocka_run_group_tests_name("workers.core", tests, NULL, NULL);
}
