#include "tests/unit/scaler/broker/core_rig.h"

#include <string.h>

static const struct core_config defaults = {.heartbeat_ms = 100, .stall_ms = 1000};

static void start(struct rig *rig, const char *id, uint32_t k)
{
    rig_init(rig, &defaults);
    rig_client(rig, "c");
    struct surety_request request = rig_request(id, k);
    rig_ask(rig, "c", &request);
}

static void bye(struct rig *rig, const char *peer)
{
    rig_say(rig, CORE_WORKERS, peer, (struct wire_message){.command = WIRE_BYE});
}

static void schedule_fills_one_worker_before_the_next(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_worker(&rig, "w1", "m", 8);
    rig_worker(&rig, "w2", "m", 8);
    rig_client(&rig, "c");
    struct surety_request request = rig_request("a", 6);
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_count(&rig, "w1", WIRE_BATCH) + rig_count(&rig, "w2", WIRE_BATCH), 1);
    rig_clear(&rig);
    request = rig_request("b", 12); /* 10 slots are left: 8 on the empty one, 2 beside the first */
    rig_ask(&rig, "c", &request);
    size_t n1 = 0, n2 = 0;
    for (size_t i = 0; rig_find(&rig, "w1", WIRE_BATCH, i); i++)
        n1 += rig_find(&rig, "w1", WIRE_BATCH, i)->n_items;
    for (size_t i = 0; rig_find(&rig, "w2", WIRE_BATCH, i); i++)
        n2 += rig_find(&rig, "w2", WIRE_BATCH, i)->n_items;
    assert_int_equal(n1 + n2, 10);
    assert_true(n1 == 8 || n2 == 8);
    rig_fini(&rig);
}

static void prompt_goes_where_it_already_is(void **state)
{
    struct rig rig;
    start(&rig, "a", 1);
    rig_worker(&rig, "w", "m", 2);
    rig_worker(&rig, "v", "m", 8); /* has more room */
    rig_failure(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, SURETY_ERR_ENGINE);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 2);
    assert_int_equal(rig_count(&rig, "v", WIRE_BATCH), 0);
    rig_fini(&rig);
}

static void other_prompts_go_where_the_request_already_is(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_client(&rig, "c");
    rig_worker(&rig, "w", "m", 2);
    struct surety_request request = rig_request("a", 2);
    request.settings.verify = SURETY_VERIFY_EACH;
    rig_ask(&rig, "c", &request);
    rig_worker(&rig, "v", "m", 8);
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH),
                     2); /* to be judged beside the other sample */
    assert_int_equal(rig_count(&rig, "v", WIRE_BATCH), 0);
    rig_fini(&rig);
}

static void schedule_serves_the_older_request_first(void **state)
{
    struct rig rig;
    start(&rig, "a", 3);
    struct surety_request request = rig_request("b", 3);
    rig_ask(&rig, "c", &request);
    rig_worker(&rig, "w", "m", 2);
    const struct rig_sent *first = rig_find(&rig, "w", WIRE_BATCH, 0);
    assert_int_equal(first->n_items, 2);
    rig_output(&rig, "w", first, 0, "x");
    rig_output(&rig, "w", first, 1, "x");
    assert_int_equal(rig_find(&rig, "w", WIRE_BATCH, 1)->request, first->request);
    assert_true(rig_find(&rig, "w", WIRE_BATCH, 2)->request > first->request);
    rig_fini(&rig);
}

/* Ends the oldest item at the worker, of whatever request. */
static void end_oldest(struct rig *rig, const char *worker, size_t *at, size_t *item)
{
    struct rig_sent batch = *rig_find(rig, worker, WIRE_BATCH, *at);
    rig_output(rig, worker, &batch, (*item)++, "x");
    if (*item == batch.n_items) {
        *item = 0;
        (*at)++;
    }
}

static size_t items_of(const struct rig *rig, const char *worker, size_t from, uint64_t request)
{
    size_t n = 0;
    for (size_t i = from; rig_find(rig, worker, WIRE_BATCH, i); i++) {
        const struct rig_sent *batch = rig_find(rig, worker, WIRE_BATCH, i);
        n += batch->request == request ? batch->n_items : 0;
    }
    return n;
}

/* Two clients, or one that asks for two. */
static void few_beside_many(const char *client, const char *user)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_client(&rig, "batch");
    if (!user)
        rig_client(&rig, client);
    rig_worker(&rig, "w", "m", 4);
    for (int i = 0; i < 8; i++) {
        char id[] = {(char)('a' + i), '\0'};
        struct surety_request request = rig_request(id, 32);
        rig_ask(&rig, "batch", &request);
    }
    struct surety_request request = rig_request("u", 4);
    request.user = (char *)user;
    rig_ask(&rig, client, &request);
    uint64_t number = rig.puts[rig.n_puts - 1];
    size_t at = 0, item = 0;
    for (int freed = 1; freed <= 8; freed++) { /* every other slot is the user's */
        end_oldest(&rig, "w", &at, &item);
        assert_in_range(items_of(&rig, "w", 1, number), freed / 2, freed / 2 + 1);
    }
    assert_int_equal(items_of(&rig, "w", 1, number), 4);
    while (!rig_find(&rig, client, WIRE_RESULT, 0)) {
        assert_true(at < 20);
        end_oldest(&rig, "w", &at, &item);
    }
    assert_string_equal(rig_find(&rig, client, WIRE_RESULT, 0)->id, "u");
    assert_int_equal(rig_count(&rig, "batch", WIRE_RESULT), user != NULL);
    rig_fini(&rig);
}

static void few_items_of_a_client_do_not_wait_for_the_many_of_another(void **state)
{
    few_beside_many("user", NULL);
}

static void few_items_of_a_user_do_not_wait_for_the_many_of_the_client(void **state)
{
    few_beside_many("batch", "somebody else");
}

static void client_whose_worker_is_busy_keeps_its_place(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_client(&rig, "a");
    rig_client(&rig, "b");
    rig_worker(&rig, "w1", "one", 1);
    rig_worker(&rig, "w2", "two", 1);
    struct surety_request request = rig_request("a1", 30);
    request.model_name = (char *)"one";
    rig_ask(&rig, "a", &request);
    request.id = (char *)"a2";
    request.model_name = (char *)"two";
    rig_ask(&rig, "a", &request);
    request.id = (char *)"b1";
    request.model_name = (char *)"one";
    rig_ask(&rig, "b", &request);
    uint64_t number = rig.puts[2];
    size_t at[2] = {0}, item[2] = {0};
    for (int i = 0; i < 10; i++) { /* the other model becomes free whenever it is b's turn */
        end_oldest(&rig, "w2", &at[1], &item[1]);
        end_oldest(&rig, "w1", &at[0], &item[0]);
    }
    assert_in_range(items_of(&rig, "w1", 0, number), 4, 6);
    rig_fini(&rig);
}

static void requests_of_a_client_take_turns_if_they_are_large(void **state)
{
    struct rig rig;
    start(&rig, "a", 1000);
    struct surety_request request = rig_request("b", 4);
    rig_ask(&rig, "c", &request);
    rig_worker(&rig, "w", "m", 16);
    uint64_t number = rig.puts[1];
    size_t at = 0, item = 0;
    for (int i = 0; i < 48; i++) {
        assert_int_equal(items_of(&rig, "w", 0, number), 0); /* a turn is 64 items */
        end_oldest(&rig, "w", &at, &item);
    }
    for (int i = 0; i < 4; i++)
        end_oldest(&rig, "w", &at, &item);
    assert_int_equal(items_of(&rig, "w", 0, number), 4);
    rig_fini(&rig);
}

static void request_that_was_begun_goes_on_before_another_begins(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_client(&rig, "c");
    rig_worker(&rig, "w", "m", 2);
    struct surety_request request = rig_request("a", 2);
    request.settings.verify = SURETY_VERIFY_EACH;
    rig_ask(&rig, "c", &request);
    uint64_t number = rig.puts[0];
    request.id = (char *)"b";
    rig_ask(&rig, "c", &request);
    size_t at = 0, item = 0;
    end_oldest(&rig, "w", &at, &item); /* b gets the slot before the sample was read */
    end_oldest(&rig, "w", &at, &item);
    assert_int_equal(rig_find(&rig, "w", WIRE_BATCH, 2)->request, number); /* a verdict */
    assert_int_equal(rig_find(&rig, "w", WIRE_BATCH, 2)->task, 1);
    rig_fini(&rig);
}

static void item_lost_twice_runs_alone(void **state)
{
    struct rig rig;
    start(&rig, "a", 3);
    rig_worker(&rig, "w1", "m", 4);
    bye(&rig, "w1");
    rig_worker(&rig, "w2", "m", 4);
    bye(&rig, "w2");
    struct surety_request other = rig_request("b", 8);
    rig_ask(&rig, "c", &other);
    rig_worker(&rig, "w3", "m", 4);
    const struct rig_sent *batch = rig_find(&rig, "w3", WIRE_BATCH, 0);
    assert_int_equal(rig_count(&rig, "w3", WIRE_BATCH), 1);
    assert_int_equal(batch->n_items, 1);
    assert_int_equal(batch->items[0].attempt, 2);
    rig_output(&rig, "w3", batch, 0, "x"); /* innocent: the next one, alone again */
    batch = rig_find(&rig, "w3", WIRE_BATCH, 1);
    assert_int_equal(rig_count(&rig, "w3", WIRE_BATCH), 2);
    assert_int_equal(batch->n_items, 1);
    bye(&rig, "w3"); /* the poisonous one: it has had its attempts */
    rig_worker(&rig, "w4", "m", 4);
    rig_output(&rig, "w4", rig_find(&rig, "w4", WIRE_BATCH, 0), 0, "y");
    const struct rig_sent *r = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_non_null(r);
    assert_string_equal(r->id, "a");
    assert_string_equal(rig_json(r->text, "effective_votes"), "2");
    assert_int_equal(rig_find(&rig, "w4", WIRE_BATCH, 1)->n_items, 4); /* now the other request */
    rig_fini(&rig);
}

static void lone_item_gets_a_worker_on_a_busy_broker(void **state)
{
    struct rig rig;
    start(&rig, "a", 1);
    struct surety_request other = rig_request("b", 20);
    rig_ask(&rig, "c", &other);
    rig_worker(&rig, "w", "m", 1);
    bye(&rig, "w");
    rig_worker(&rig, "w", "m", 1);
    rig_worker(&rig, "v", "m", 2);
    const struct rig_sent busy = *rig_find(&rig, "v", WIRE_BATCH, 0);
    assert_int_equal(busy.n_items, 2);
    bye(&rig, "w");
    rig_output(&rig, "v", &busy, 0, "x");
    assert_int_equal(rig_count(&rig, "v", WIRE_BATCH), 1); /* kept free for the lone item */
    rig_output(&rig, "v", &busy, 1, "x");
    const struct rig_sent *lone = rig_find(&rig, "v", WIRE_BATCH, 1);
    assert_int_equal(lone->n_items, 1);
    assert_int_equal(lone->items[0].attempt, 2);
    assert_true(lone->request < busy.request);
    rig_output(&rig, "v", lone, 0, "x");
    assert_int_equal(rig_find(&rig, "v", WIRE_BATCH, 2)->n_items, 2);
    rig_fini(&rig);
}

static void lone_item_waits_for_a_worker_of_its_model(void **state)
{
    struct rig rig;
    start(&rig, "a", 1);
    rig_worker(&rig, "w", "m", 1);
    bye(&rig, "w");
    rig_worker(&rig, "w", "m", 1);
    rig_worker(&rig, "other", "n", 4); /* idle, and not asked */
    bye(&rig, "w");
    assert_int_equal(rig_count(&rig, "other", WIRE_BATCH), 0);
    struct surety_request request = rig_request("b", 4);
    request.model_name = (char *)"n";
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_find(&rig, "other", WIRE_BATCH, 0)->n_items, 4); /* nor kept free */
    rig_worker(&rig, "w", "m", 1);
    assert_int_equal(rig_find(&rig, "w", WIRE_BATCH, 2)->items[0].attempt, 2);
    rig_fini(&rig);
}

static void lone_item_of_one_model_does_not_hold_up_those_of_another(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_client(&rig, "c");
    rig_worker(&rig, "j1", "judge", 1);
    rig_worker(&rig, "s", "sampler", 2);
    struct surety_request request = rig_request("a", 2);
    request.settings.verify = SURETY_VERIFY_EACH;
    request.model_name = (char *)"sampler";
    request.verifier_model = (char *)"judge";
    rig_ask(&rig, "c", &request);
    const struct rig_sent samples = *rig_find(&rig, "s", WIRE_BATCH, 0);
    rig_output(&rig, "s", &samples, 0, "x");
    bye(&rig, "j1"); /* twice: the verdict must run alone now */
    rig_worker(&rig, "j2", "judge", 1);
    bye(&rig, "j2");
    bye(&rig, "s");
    rig_worker(&rig, "s", "sampler", 2);
    bye(&rig, "s"); /* and so must the second sample */
    rig_worker(&rig, "j3", "judge", 1);
    assert_int_equal(rig_count(&rig, "j3", WIRE_BATCH), 1); /* there is no sampler yet */
    rig_fini(&rig);
}

static void request_that_waits_for_one_model_goes_on_with_the_other(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_client(&rig, "c");
    rig_worker(&rig, "s", "sampler", 1);
    rig_worker(&rig, "j", "judge", 4);
    struct surety_request request = rig_request("a", 3);
    request.settings.verify = SURETY_VERIFY_EACH;
    request.model_name = (char *)"sampler";
    request.verifier_model = (char *)"judge";
    rig_ask(&rig, "c", &request);
    rig_output(&rig, "s", rig_find(&rig, "s", WIRE_BATCH, 0), 0, "x");
    assert_int_equal(rig_count(&rig, "s", WIRE_BATCH), 2);
    assert_int_equal(rig_count(&rig, "j", WIRE_BATCH), 1); /* a sample still waits for a slot */
    rig_fini(&rig);
}

static void retry_waits_for_its_class_then_says_not_reproducible(void **state)
{
    struct rig rig;
    start(&rig, "a", 1);
    rig_worker(&rig, "w", "m+one", 1);
    bye(&rig, "w");
    rig_worker(&rig, "v", "m+two", 1);
    assert_int_equal(rig_count(&rig, "v", WIRE_BATCH), 0);
    for (int i = 0; i < 11; i++) {
        rig_beat(&rig, "v");
        rig_tick(&rig, 100);
    }
    rig_output(&rig, "v", rig_find(&rig, "v", WIRE_BATCH, 0), 0, "x");
    const struct rig_sent *r = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_string_equal(rig_json(r->text, "run.reproducible"), "false");
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schedule_fills_one_worker_before_the_next),
        cmocka_unit_test(prompt_goes_where_it_already_is),
        cmocka_unit_test(other_prompts_go_where_the_request_already_is),
        cmocka_unit_test(schedule_serves_the_older_request_first),
        cmocka_unit_test(few_items_of_a_client_do_not_wait_for_the_many_of_another),
        cmocka_unit_test(few_items_of_a_user_do_not_wait_for_the_many_of_the_client),
        cmocka_unit_test(client_whose_worker_is_busy_keeps_its_place),
        cmocka_unit_test(requests_of_a_client_take_turns_if_they_are_large),
        cmocka_unit_test(request_that_was_begun_goes_on_before_another_begins),
        cmocka_unit_test(item_lost_twice_runs_alone),
        cmocka_unit_test(lone_item_gets_a_worker_on_a_busy_broker),
        cmocka_unit_test(lone_item_waits_for_a_worker_of_its_model),
        cmocka_unit_test(lone_item_of_one_model_does_not_hold_up_those_of_another),
        cmocka_unit_test(request_that_waits_for_one_model_goes_on_with_the_other),
        cmocka_unit_test(retry_waits_for_its_class_then_says_not_reproducible),
    };
    return cmocka_run_group_tests_name("scaler.core_schedule", tests, NULL, NULL);
}
