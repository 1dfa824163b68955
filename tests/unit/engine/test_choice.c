#include "tests/unit/test.h"

#include <math.h>

#include "engine/gguf/engine.h"
#include "tests/engine_help.h"
#include "tests/gguf_help.h"

static const char problem[] =
    "For 3 days Will works 3 hours daily for 8 dollars an hour. How much does he earn?";

static struct engine open_cache(const char *cache, uint32_t slots)
{
    struct engine_option options[] = {{(char *)"model", (char *)demo_model_path()},
                                      {(char *)"cache", (char *)cache}};
    return help_open(&(struct engine_config){
        .options = options, .n_options = cache ? 2 : 1, .threads = 1, .slots = slots});
}

static void ask(struct help_task *h, const char *text, const char *opened, char **labels, size_t n)
{
    help_task_init(h, SURETY_STAGE_VERIFY, text, 0, 1);
    h->task.opened = (char *)opened;
    h->task.labels = labels;
    h->task.n_labels = n;
}

static void submit(struct engine *e, uint64_t ticket, const struct help_task *h)
{
    struct surety_error err = {0};
    if (e->ops->submit(e->state, ticket, &h->task, &err))
        fail_msg("%s", err.message);
}

/* What a greedy run says it drew its tokens with is what a choice says of the same text: its
 * tokens are many, and the run's first ones are opened where `opened` is true. */
static void assert_as_sampled(bool opened)
{
    struct engine e = open_cache(NULL, 4);
    struct help_task sample, short_one, choice;
    struct help_sink s = {0};
    help_task_init(&sample, SURETY_STAGE_SAMPLE, problem, 0, 1);
    sample.task.sampling.temperature = 0;
    sample.task.sampling.max_tokens = 9;
    short_one = sample;
    short_one.task.sampling.max_tokens = 4;
    short_one.task.items = short_one.items;
    short_one.task.messages = &short_one.message;
    sample.task.messages = &sample.message;
    submit(&e, 1, &sample);
    submit(&e, 2, &short_one);
    help_run(&e, &s, 2);
    const struct surety_output *whole = help_find(&s, 1, 0), *part = help_find(&s, 2, 0);
    size_t skip = opened ? strlen(part->text) : 0;
    double expected = whole->logprob - (opened ? part->logprob : 0);
    assert_int_equal(whole->completion_tokens, 9);
    assert_memory_equal(whole->text, part->text, strlen(part->text));
    char other[] = "other", near_miss[256]; /* shares all but the last bytes */
    snprintf(near_miss, sizeof near_miss, "%s~", whole->text + skip);
    near_miss[strlen(near_miss) - 2] = '#';
    char *labels[] = {other, whole->text + skip, near_miss};
    ask(&choice, problem, opened ? part->text : NULL, labels, 3);
    submit(&e, 3, &choice);
    help_run(&e, &s, 3);
    const struct surety_output *o = help_find(&s, 3, 0);
    assert_int_equal(o->n_labels, 3);
    assert_true(fabs(o->label_logprobs[1] - expected) < 1e-9);
    assert_true(o->label_logprobs[0] < o->label_logprobs[1]);
    assert_true(o->label_logprobs[2] < o->label_logprobs[1]);
    assert_true(isnan(o->logprob));
    help_sink_clear(&s);
    engine_close(&e);
}

static void choice_of_many_tokens_is_what_sampling_says(void **state)
{
    assert_as_sampled(false);
    assert_as_sampled(true);
}

/* Everything that can follow has, together, the probability 1: letters alone stay below. */
static void choice_of_26_letters_stays_below_one(void **state)
{
    char letters[26][2], *labels[26];
    double sum = 0;
    for (int i = 0; i < 26; i++) {
        letters[i][0] = (char)('A' + i);
        letters[i][1] = '\0';
        labels[i] = letters[i];
    }
    struct engine e = open_cache(NULL, 1);
    struct help_task h;
    struct help_sink s = {0};
    ask(&h, problem, "", labels, 26);
    submit(&e, 1, &h);
    help_run(&e, &s, 1);
    for (int i = 0; i < 26; i++)
        sum += exp(help_find(&s, 1, 0)->label_logprobs[i]);
    assert_true(sum > 0 && sum < 1);
    help_sink_clear(&s);
    engine_close(&e);
}

/* Claims of a problem, which stands first: each costs about its own tokens, in one request and in
 * the next. */
static void choices_share_their_problem(void **state)
{
    static const char *const claims[] = {"3*3=9", "9*8=72", "3*8=24", "8*8=64"};
    char yes[] = " yes", no[] = " no", *labels[] = {yes, no};
    struct engine e = open_cache(NULL, 8);
    struct help_sink s = {0};
    struct help_task h[4], alone;
    char texts[4][256];
    for (uint32_t request = 0; request < 2; request++) {
        for (uint32_t i = 0; i < 4; i++) {
            snprintf(texts[i], sizeof texts[i], "%s\nClaim:\n%s\nRight?", problem, claims[i]);
            ask(&h[i], texts[i], "", labels, 2);
            submit(&e, 4 * request + i, &h[i]);
        }
        help_run(&e, &s, 4 * request + 4);
    }
    ask(&alone, problem, "", labels, 2);
    submit(&e, 9, &alone);
    help_run(&e, &s, 9);
    uint32_t least = help_find(&s, 9, 0)->prompt_tokens / 2;
    for (uint32_t i = 1; i < 4; i++) {
        const struct surety_output *o = help_find(&s, i, 0);
        assert_true(o->cached_tokens > least);
        assert_true(o->prompt_tokens - o->cached_tokens < 24);
    }
    for (uint32_t i = 4; i < 8; i++)
        assert_true(help_find(&s, i, 0)->prompt_tokens - help_find(&s, i, 0)->cached_tokens < 4);
    help_sink_clear(&s);
    engine_close(&e);
}

/* Beside samples that use up the cache, so that its item is parked between its labels. */
static void choice_without_pages_waits_and_is_the_same(void **state)
{
    char a[] = "Will earns 3 * 3 * 8 = 72 dollars", b[] = "Will earns 3 * 3 * 8 = 64 dollars",
         c[] = "No", *labels[] = {a, c, b};
    struct help_sink alone = {0}, s = {0};
    struct help_task h, samples;
    ask(&h, problem, "So ", labels, 3);
    struct engine e = open_cache(NULL, 1);
    submit(&e, 1, &h);
    help_run(&e, &alone, 1);
    engine_close(&e);
    e = open_cache("1", 24);
    help_task_init(&samples, SURETY_STAGE_SAMPLE, problem, 0, 20);
    samples.task.sampling.max_tokens = 200;
    submit(&e, 1, &samples);
    for (uint64_t ticket = 2; ticket < 6; ticket++)
        submit(&e, ticket, &h);
    bool parked = false;
    struct engine_sink sink = help_sink(&s);
    while (s.n < 24) {
        const struct gguf *g = e.state;
        assert_int_equal(e.ops->step(e.state, 0, &sink, NULL), SURETY_OK);
        for (uint32_t i = 0; i < g->n_slots; i++)
            parked |= g->slots[i].task && g->slots[i].task->choice && g->slots[i].parked;
    }
    assert_true(parked);
    for (uint64_t ticket = 2; ticket < 6; ticket++)
        assert_memory_equal(help_find(&s, ticket, 0)->label_logprobs,
                            alone.outputs[0].output.label_logprobs, 3 * sizeof(double));
    help_sink_clear(&alone);
    help_sink_clear(&s);
    engine_close(&e);
}

static void choice_beyond_the_context_fails_its_item(void **state)
{
    char a[] = "A", b[256], *labels[] = {a, b};
    memset(b, '7', sizeof b - 1);
    b[sizeof b - 1] = '\0';
    struct engine_option options[] = {{(char *)"model", (char *)demo_model_path()},
                                      {(char *)"context", (char *)"100"}};
    struct engine e =
        help_open(&(struct engine_config){.options = options, .n_options = 2, .threads = 1});
    struct help_task h;
    struct help_sink s = {0};
    ask(&h, problem, "", labels, 2);
    submit(&e, 1, &h);
    help_run(&e, &s, 1);
    assert_int_equal(help_find(&s, 1, 0)->error.code, SURETY_ERR_LIMIT);
    assert_int_equal(help_find(&s, 1, 0)->n_labels, 0);
    help_sink_clear(&s);
    engine_close(&e);
}

static void choice_of_a_model_without_numbers_fails(void **state)
{
    char a[] = "A", b[] = "Bcd", *labels[] = {a, b};
    struct engine e = open_cache(NULL, 1);
    struct gguf *g = e.state;
    const struct matrix *m = &g->model.embedding;
    memset(m->data, 0xFF, 4096); /* NaN in every float format */
    struct help_task h;
    struct help_sink s = {0};
    ask(&h, problem, "", labels, 2);
    submit(&e, 1, &h);
    help_run(&e, &s, 1);
    assert_int_equal(help_find(&s, 1, 0)->error.code, SURETY_ERR_ENGINE);
    help_sink_clear(&s);
    engine_close(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(choice_of_many_tokens_is_what_sampling_says),
        cmocka_unit_test(choice_of_26_letters_stays_below_one),
        cmocka_unit_test(choices_share_their_problem),
        cmocka_unit_test(choice_without_pages_waits_and_is_the_same),
        cmocka_unit_test(choice_beyond_the_context_fails_its_item),
        cmocka_unit_test(choice_of_a_model_without_numbers_fails),
    };
    return cmocka_run_group_tests_name("engine.choice", tests, NULL, NULL);
}
