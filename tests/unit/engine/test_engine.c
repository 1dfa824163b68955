#include "tests/unit/test.h"

#include <math.h>

#include "engine/gguf/engine.h"
#include "tests/engine_help.h"
#include "tests/gguf_help.h"

#define K 32

static const char *const problems[] = {
    "For 3 days Will works 3 hours daily for 8 dollars an hour. How much does he earn?",
    "For 3 days Will works 3 hours daily for 8 dollars an hour. How many dollars is that?",
    "Ann has 14 bags with 23 apples each. How many apples in all?",
    "A train goes 60 km in 2 hours. How far does it go in 5?",
};

static struct engine open_model(const char *path, uint32_t threads, uint32_t slots,
                                const char *kernels)
{
    struct engine_option options[] = {{(char *)"model", (char *)path},
                                      {(char *)"kernels", (char *)kernels}};
    struct engine_config config = {
        .options = options, .n_options = kernels ? 2 : 1, .threads = threads, .slots = slots};
    return help_open(&config);
}

static void submit(struct engine *e, uint64_t ticket, const char *problem, uint32_t first, size_t n)
{
    struct help_task h;
    help_task_init(&h, SURETY_STAGE_SAMPLE, problem, first, n);
    assert_int_equal(e->ops->submit(e->state, ticket, &h.task, NULL), SURETY_OK);
}

/* Item 17 of the first problem, alone in a fresh engine. */
static struct help_sink reference;

static int setup(void **state)
{
    struct engine e = open_model(demo_model_path(), 1, 1, "plain");
    submit(&e, 1, problems[0], 17, 1);
    help_run(&e, &reference, 1);
    assert_true(reference.outputs[0].output.completion_tokens > 20);
    engine_close(&e);
    return 0;
}

static int teardown(void **state)
{
    help_sink_clear(&reference);
    return 0;
}

static void assert_same_in_company(uint32_t threads, const char *kernels)
{
    struct engine e = open_model(demo_model_path(), threads, 64, kernels);
    struct help_sink s = {0};
    struct engine_sink sink = help_sink(&s);
    submit(&e, 1, problems[0], 0, K); /* in a batch of its own problem */
    help_run(&e, &s, K);
    help_assert_same(help_find(&s, 1, 17), &reference.outputs[0].output);
    assert_int_equal(help_find(&s, 1, 17)->cached_tokens, help_find(&s, 1, 17)->prompt_tokens);
    help_sink_clear(&s);
    for (uint32_t p = 1; p < 4; p++) /* behind others, on a cached prefix, out of order */
        submit(&e, p, problems[p], 40, 5);
    for (int i = 0; i < 9; i++)
        assert_int_equal(e.ops->step(e.state, 0, &sink, NULL), SURETY_OK);
    submit(&e, 9, problems[0], 17, 1);
    submit(&e, 10, problems[0], 18, 3);
    help_run(&e, &s, 19);
    help_assert_same(help_find(&s, 9, 17), &reference.outputs[0].output);
    assert_true(help_find(&s, 9, 17)->cached_tokens > 0);
    help_sink_clear(&s);
    engine_close(&e);
}

static void step_item_is_the_same_in_any_company(void **state)
{
    for (uint32_t threads = 1; threads <= 3; threads++)
        assert_same_in_company(threads, NULL);
    assert_same_in_company(1, "plain");
}

/* Pieces of a prompt beyond PREFILL_TOKENS share batches with running items, either way round. */
static void step_long_prompt_beside_running_items_gives_the_same(void **state)
{
    static const char sentence[] = "Ann has 14 bags with 23 apples each. ";
    char text[24 * sizeof sentence] = "";
    for (size_t i = 0; i < 24; i++)
        memcpy(text + i * (sizeof sentence - 1), sentence, sizeof sentence - 1);
    struct help_sink alone = {0}, s = {0};
    struct engine_sink sink = help_sink(&s);
    struct engine e = open_model(demo_model_path(), 1, 2, "plain");
    submit(&e, 2, text, 5, 2);
    help_run(&e, &alone, 2);
    engine_close(&e);
    e = open_model(demo_model_path(), 1, 2, "plain");
    submit(&e, 3, text + 4, 5, 2);
    help_run(&e, &alone, 4);
    assert_true(alone.outputs[0].output.prompt_tokens > PREFILL_TOKENS);
    engine_close(&e);
    for (uint32_t threads = 1; threads <= 3; threads++) {
        e = open_model(demo_model_path(), threads, 64, NULL);
        submit(&e, 1, problems[0], 0, K);
        for (int i = 0; i < 5; i++)
            assert_int_equal(e.ops->step(e.state, 0, &sink, NULL), SURETY_OK);
        submit(&e, 2, text, 5, 2);
        submit(&e, 3, text + 4, 5, 2); /* begins otherwise */
        assert_int_equal(e.ops->step(e.state, 0, &sink, NULL), SURETY_OK);
        submit(&e, 4, problems[0], 17, 1);
        help_run(&e, &s, K + 5);
        for (uint32_t i = 5; i < 7; i++)
            for (uint64_t ticket = 2; ticket <= 3; ticket++)
                help_assert_same(help_find(&s, ticket, i), help_find(&alone, ticket, i));
        help_assert_same(help_find(&s, 1, 17), &reference.outputs[0].output);
        help_assert_same(help_find(&s, 4, 17), &reference.outputs[0].output);
        help_sink_clear(&s);
        engine_close(&e);
    }
    help_sink_clear(&alone);
}

static void step_prompt_that_begins_alike_is_cached(void **state)
{
    struct engine e = open_model(demo_model_path(), 2, 8, NULL);
    struct help_sink s = {0};
    submit(&e, 1, problems[0], 0, 2);
    submit(&e, 2, problems[1], 0, 2); /* waits for the first, which it begins like */
    submit(&e, 3, problems[2], 0, 1);
    help_run(&e, &s, 5);
    assert_int_equal(help_find(&s, 1, 0)->cached_tokens, 0);
    assert_int_equal(help_find(&s, 1, 1)->cached_tokens, help_find(&s, 1, 1)->prompt_tokens);
    assert_true(help_find(&s, 2, 0)->cached_tokens > 20);
    assert_true(help_find(&s, 2, 0)->cached_tokens < help_find(&s, 2, 0)->prompt_tokens);
    assert_true(help_find(&s, 3, 0)->cached_tokens < 10);
    help_sink_clear(&s);
    engine_close(&e);
}

static void step_cached_prefix_gives_the_same(void **state)
{
    struct help_sink cached = {0}, fresh = {0};
    struct engine e = open_model(demo_model_path(), 2, 4, NULL);
    submit(&e, 1, problems[0], 0, 1);
    help_run(&e, &cached, 1);
    submit(&e, 2, problems[1], 0, 4);
    help_run(&e, &cached, 5);
    assert_true(help_find(&cached, 2, 0)->cached_tokens > 20);
    engine_close(&e);
    e = open_model(demo_model_path(), 1, 4, NULL);
    submit(&e, 2, problems[1], 0, 4);
    help_run(&e, &fresh, 4);
    for (uint32_t i = 0; i < 4; i++)
        help_assert_same(help_find(&cached, 2, i), help_find(&fresh, 2, i));
    engine_close(&e);
    help_sink_clear(&cached);
    help_sink_clear(&fresh);
}

static void step_greedy_stop_string_across_tokens_is_cut(void **state)
{
    struct engine e = open_model(demo_model_path(), 1, 2, NULL);
    struct help_sink s = {0};
    struct help_task h;
    help_task_init(&h, SURETY_STAGE_SAMPLE, problems[2], 0, 1);
    h.task.sampling.temperature = 0;
    assert_int_equal(e.ops->submit(e.state, 1, &h.task, NULL), SURETY_OK);
    help_run(&e, &s, 1);
    char *whole = strdup(s.outputs[0].output.text), *stop = strndup(whole + 5, 7);
    assert_true(strlen(whole) > 12);
    h.task.sampling.stop = (char *[]){(char *)"no such text", stop, stop + 3, (char *)""};
    h.task.sampling.n_stop = 4; /* two end with the same byte: the earlier beginning cuts */
    assert_int_equal(e.ops->submit(e.state, 2, &h.task, NULL), SURETY_OK);
    help_run(&e, &s, 2);
    *strstr(whole, stop) = '\0';
    assert_string_equal(help_find(&s, 2, 0)->text, whole);
    assert_int_equal(help_find(&s, 2, 0)->finish, SURETY_FINISH_STOP);
    free(whole);
    free(stop);
    help_sink_clear(&s);
    engine_close(&e);
}

static void step_logprob_is_the_sum_over_tokens(void **state)
{
    struct engine e = open_model(demo_model_path(), 1, 1, NULL);
    struct help_sink s = {0};
    struct help_task h;
    double before = 0;
    bool falls = false;
    for (int n = 1; n <= 8; n++) {
        help_task_init(&h, SURETY_STAGE_SAMPLE, problems[2], 0, 1);
        h.task.sampling.temperature = 2;
        h.task.sampling.max_tokens = n;
        assert_int_equal(e.ops->submit(e.state, (uint64_t)n, &h.task, NULL), SURETY_OK);
        help_run(&e, &s, (size_t)n);
        const struct surety_output *o = help_find(&s, (uint64_t)n, 0);
        assert_int_equal(o->completion_tokens, n);
        assert_true(o->logprob <= before);
        falls = falls || o->logprob < before - 0.1;
        before = o->logprob;
    }
    assert_true(falls);
    help_sink_clear(&s);
    engine_close(&e);
}

static void submit_long_prompt_fails_with_its_numbers(void **state)
{
    struct engine e = open_model(demo_model_path(), 1, 2, NULL);
    struct help_sink s = {0};
    char *text = calloc(1 << 20, 1);
    assert_non_null(text);
    memset(text, '7', (1 << 20) - 1);
    submit(&e, 1, text, 0, 2);
    submit(&e, 2, text, 0, 0);
    help_run(&e, &s, 2);
    assert_int_equal(s.outputs[0].output.error.code, SURETY_ERR_LIMIT);
    assert_non_null(strstr(s.outputs[0].output.error.message, "the context holds 512"));
    submit(&e, 3, problems[2], 0, 2); /* the slots are free again */
    help_run(&e, &s, 4);
    free(text);
    help_sink_clear(&s);
    engine_close(&e);
}

/* An engine on a tiny model, or its error. */
static struct engine open_tiny(const struct tiny *how, const char *option, struct surety_error *err)
{
    struct buf bytes;
    buf_init(&bytes, 1 << 24);
    put_tiny_model(&bytes, how);
    char *path = help_file(bytes.data, bytes.len);
    struct engine_option options[] = {{(char *)"", path}, {(char *)"context", (char *)option}};
    struct engine_config config = {
        .options = options, .n_options = option ? 2 : 1, .threads = 2, .slots = 3};
    struct engine e = {0};
    engine_open("gguf", &config, &e, err);
    help_unlink(path);
    buf_fini(&bytes);
    return e;
}

/* The text of item 3, run with `before` items before it. */
static char *run_thinking(const char *template, int32_t max_thinking, uint32_t before,
                          double *ret_logprob)
{
    struct surety_error err = {0};
    struct engine e = open_tiny(&(struct tiny){.context = 128, .template = template}, NULL, &err);
    assert_non_null(e.ops);
    struct help_sink s = {0};
    struct help_task h;
    help_task_init(&h, SURETY_STAGE_SAMPLE, "hi", 3 - before, before + 1);
    h.task.sampling.max_tokens = 40;
    h.task.sampling.max_thinking = max_thinking;
    assert_int_equal(e.ops->submit(e.state, 1, &h.task, NULL), SURETY_OK);
    help_run(&e, &s, before + 1);
    const struct surety_output *o = help_find(&s, 1, 3);
    assert_int_equal(o->completion_tokens, 40);
    char *text = strdup(o->text);
    *ret_logprob = o->logprob;
    help_sink_clear(&s);
    engine_close(&e);
    return text;
}

static void step_thinking_ends_where_it_is_capped(void **state)
{
    static const char opens[] = "<|im_start|> add_generation_prompt 'assistant\\n<think>\\n'";
    static const char end[] = "\n</think>\n\n";
    double logprob[4];
    char *free_text = run_thinking(opens, 0, 0, &logprob[0]);
    char *capped = run_thinking(opens, 5, 0, &logprob[1]);
    char *batched = run_thinking(opens, 5, 2, &logprob[2]);
    char *outside = run_thinking(NULL, 5, 0, &logprob[3]);
    const char *at = strstr(capped, end);
    assert_null(strstr(free_text, "</think>"));
    assert_null(strstr(outside, "</think>"));
    assert_non_null(at);
    assert_null(strstr(at + strlen(end), "</think>"));
    /* The five tokens before are those of the reply without a cap; a cut character may differ. */
    assert_true(at > capped + 4);
    assert_memory_equal(capped, free_text, 4);
    assert_true(strlen(at) > strlen(end));
    assert_string_equal(capped, batched);
    assert_true(logprob[1] == logprob[2]);
    assert_true(logprob[1] > logprob[0]); /* forced tokens were not sampled */
    free(free_text);
    free(capped);
    free(batched);
    free(outside);
}

static void step_context_end_finishes_with_length(void **state)
{
    struct surety_error err = {0};
    struct engine e = open_tiny(&(struct tiny){.context = 64}, "40", &err);
    assert_non_null(e.ops);
    assert_int_equal(e.ops->model(e.state)->context_tokens, 40);
    struct help_sink s = {0};
    struct help_task h;
    help_task_init(&h, SURETY_STAGE_SAMPLE, "hi", 0, 3);
    h.task.sampling.max_tokens = 0;
    assert_int_equal(e.ops->submit(e.state, 1, &h.task, NULL), SURETY_OK);
    help_run(&e, &s, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const struct surety_output *o = help_find(&s, 1, i);
        if (o->finish == SURETY_FINISH_LENGTH) /* the last token need not be computed */
            assert_int_equal(o->prompt_tokens + o->completion_tokens, 41);
    }
    help_sink_clear(&s);
    engine_close(&e);
}

/* More items than a step's share of prompts has rows. */
static void step_prompt_is_computed_beside_many_items(void **state)
{
    enum { TASKS = 5, EACH = 60, LATE = 1000 };
    struct surety_error err = {0};
    struct buf bytes;
    buf_init(&bytes, 1 << 24);
    put_tiny_model(&bytes, &(struct tiny){.context = 100});
    char *path = help_file(bytes.data, bytes.len);
    buf_fini(&bytes);
    struct engine_option option = {(char *)"", path};
    struct engine_config config = {
        .options = &option, .n_options = 1, .threads = 2, .slots = TASKS * EACH + 1};
    struct engine e = {0};
    assert_int_equal(engine_open("gguf", &config, &e, &err), SURETY_OK);
    struct help_sink s = {0};
    struct engine_sink sink = help_sink(&s);
    for (uint64_t ticket = 0; ticket < TASKS; ticket++)
        submit(&e, ticket, "hi", 0, EACH);
    for (int i = 0; i < 3; i++)
        assert_int_equal(e.ops->step(e.state, 0, &sink, NULL), SURETY_OK);
    const struct gguf *g = e.state;
    assert_true(g->n_rows > PREFILL_TOKENS);
    submit(&e, TASKS, "2+2=4", LATE, 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(e.ops->step(e.state, 0, &sink, NULL), SURETY_OK);
    assert_true(s.tokens[LATE] > 0 && s.n < TASKS * EACH - PREFILL_TOKENS);
    help_run(&e, &s, TASKS * EACH + 1);
    help_sink_clear(&s);
    engine_close(&e);
    help_unlink(path);
}

static void step_model_without_numbers_fails_the_items(void **state)
{
    struct surety_error err = {0};
    struct engine e = open_tiny(&(struct tiny){.poisoned = "output_norm.weight"}, NULL, &err);
    assert_non_null(e.ops);
    struct help_sink s = {0};
    submit(&e, 1, "hi", 0, 3);
    help_run(&e, &s, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(s.outputs[i].output.error.code, SURETY_ERR_ENGINE);
    help_sink_clear(&s);
    engine_close(&e);
}

static void model_tells_what_the_file_declares(void **state)
{
    struct surety_error err = {0};
    struct engine e = open_tiny(&(struct tiny){.profile = "demo"}, NULL, &err);
    assert_non_null(e.ops);
    const struct surety_model *m = e.ops->model(e.state);
    assert_string_equal(m->profile, "demo");
    assert_int_equal(strncmp(m->name, "surety-test-", 12), 0); /* no general.name */
    assert_int_equal(strlen(m->id), 16);
    assert_non_null(strstr(m->repro, m->id));
    engine_close(&e);
    e = open_model(demo_model_path(), 1, 1, NULL);
    m = e.ops->model(e.state);
    assert_string_equal(m->profile, "demo");
    assert_string_equal(m->name, "clr-tiny");
    assert_int_equal(m->context_tokens, 512);
    engine_close(&e);
}

static void open_more_context_than_memory_fails(void **state)
{
    struct surety_error err = {0};
    struct engine e = open_tiny(&(struct tiny){.context = 1 << 24, .layers = 400}, NULL, &err);
    assert_null(e.ops);
    assert_int_equal(err.code, SURETY_ERR_LIMIT);
    e = open_tiny(&(struct tiny){.context = 1 << 24, .layers = 400}, "512", &err);
    assert_non_null(e.ops);
    engine_close(&e);
    static const char *const bad[] = {"", "0", "-1", "x", "12x", "99999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        e = open_tiny(&(struct tiny){0}, bad[i], &err);
        assert_null(e.ops);
        assert_int_equal(err.code, SURETY_ERR_INVALID);
    }
}

/* The next turn of a conversation, whose reply so far is tokenised anew: nothing but the turn is
 * computed where the tokens agree, and an engine that has never seen it says the same. */
static void next_turn_is_computed_alone(void **state)
{
    struct help_sink s = {0}, fresh = {0};
    struct engine e = open_model(demo_model_path(), 1, 8, "plain");
    submit(&e, 1, problems[0], 17, 4);
    help_run(&e, &s, 4);
    const struct surety_output *sample = help_find(&s, 1, 17);
    struct help_task h;
    help_task_init(&h, SURETY_STAGE_CLAIMS, problems[0], 0, 1);
    struct surety_message messages[] = {
        h.message, {(char *)"assistant", sample->text}, {(char *)"user", (char *)"What is it?"}};
    h.task.messages = messages;
    h.task.n_messages = 3;
    assert_int_equal(e.ops->submit(e.state, 2, &h.task, NULL), SURETY_OK);
    struct help_sink next = {0};
    help_run(&e, &next, 1);
    const struct surety_output *turn = help_find(&next, 2, 0);
    uint32_t known = sample->prompt_tokens + sample->completion_tokens - 1; /* the end is new */
    assert_in_range(turn->cached_tokens, known - 1, known);
    engine_close(&e);
    e = open_model(demo_model_path(), 1, 8, "plain");
    assert_int_equal(e.ops->submit(e.state, 2, &h.task, NULL), SURETY_OK);
    help_run(&e, &fresh, 1);
    assert_int_equal(help_find(&fresh, 2, 0)->cached_tokens, 0);
    help_assert_same(help_find(&fresh, 2, 0), turn);
    engine_close(&e);
    help_sink_clear(&s);
    help_sink_clear(&next);
    help_sink_clear(&fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_item_is_the_same_in_any_company),
        cmocka_unit_test(step_long_prompt_beside_running_items_gives_the_same),
        cmocka_unit_test(step_prompt_that_begins_alike_is_cached),
        cmocka_unit_test(step_cached_prefix_gives_the_same),
        cmocka_unit_test(step_greedy_stop_string_across_tokens_is_cut),
        cmocka_unit_test(step_logprob_is_the_sum_over_tokens),
        cmocka_unit_test(submit_long_prompt_fails_with_its_numbers),
        cmocka_unit_test(step_thinking_ends_where_it_is_capped),
        cmocka_unit_test(step_context_end_finishes_with_length),
        cmocka_unit_test(step_prompt_is_computed_beside_many_items),
        cmocka_unit_test(step_model_without_numbers_fails_the_items),
        cmocka_unit_test(model_tells_what_the_file_declares),
        cmocka_unit_test(open_more_context_than_memory_fails),
        cmocka_unit_test(next_turn_is_computed_alone),
    };
    return cmocka_run_group_tests_name("engine.engine", tests, setup, teardown);
}
