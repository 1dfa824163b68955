#include "tests/unit/test.h"

#include "engine/gguf/engine.h"
#include "tests/engine_help.h"
#include "tests/gguf_help.h"

#define K 32
#define PROBLEMS 5
#define SLOTS 64
#define ALIGNED 4 /* problem whose prompt fills its last page */

/* A model with a context of few pages, problems for it, and what every item of them gives. */
struct world {
    const char *path;
    int32_t max_tokens; /* of an item */
    char *problems[PROBLEMS];
    struct help_sink expected; /* ticket: the problem */
};

static struct world demo, tiny;
static char *tiny_path;

static struct engine open_model(const struct world *w, uint32_t threads, const char *kernels,
                                const char *cache)
{
    struct engine_option options[3] = {{(char *)"model", (char *)(uintptr_t)w->path},
                                       {(char *)"cache", (char *)(uintptr_t)cache},
                                       {(char *)"kernels", (char *)(uintptr_t)kernels}};
    struct engine_config config = {
        .options = options, .n_options = kernels ? 3 : 2, .threads = threads, .slots = SLOTS};
    return help_open(&config);
}

/* As few pages as the engine takes: one whole context and two. */
static struct engine open_small(const struct world *w, uint32_t threads, const char *kernels)
{
    struct engine e = open_model(w, threads, kernels, "1");
    const struct gguf *g = e.state;
    assert_int_equal(g->cache.n_all, pages_of(g->model.context) + 2);
    return e;
}

static void submit(const struct world *w, struct engine *e, uint64_t ticket, size_t problem,
                   uint32_t first, size_t n)
{
    struct help_task h;
    help_task_init(&h, SURETY_STAGE_SAMPLE, w->problems[problem], first, n);
    h.task.sampling.max_tokens = w->max_tokens;
    assert_int_equal(e->ops->submit(e->state, ticket, &h.task, NULL), SURETY_OK);
}

static void step(struct engine *e, struct help_sink *s)
{
    struct engine_sink sink = help_sink(s);
    assert_int_equal(e->ops->step(e->state, 0, &sink, NULL), SURETY_OK);
}

static uint32_t count_parked(const struct engine *e)
{
    const struct gguf *g = e->state;
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n_slots; i++)
        n += g->slots[i].task && g->slots[i].parked;
    return n;
}

static void step_until_parked(struct engine *e, struct help_sink *s, uint32_t n)
{
    for (int i = 0; count_parked(e) < n; i++) {
        assert_true(i < 1000);
        step(e, s);
    }
}

static void assert_expected(const struct world *w, const struct surety_output *o, size_t problem)
{
    help_assert_same(o, help_find(&w->expected, problem, o->index));
}

/* Every page comes back when nothing runs. */
static void assert_pages_are_back(const struct engine *e)
{
    struct gguf *g = e->state;
    uint32_t n = 0;
    assert_int_equal(g->n_used, 0);
    while (cache_take_page(&g->cache) != PAGE_NONE)
        n++;
    assert_int_equal(n, g->cache.n_all);
}

/* Steps until n outputs are there. One after the other the items would take a step for a token and
 * two or three for a prompt, so together they may not take twice that. */
static void run_all(struct engine *e, struct help_sink *s, size_t n)
{
    size_t steps = 0, tokens = 0;
    while (s->n < n) {
        assert_true(steps++ < 20000);
        step(e, s);
    }
    for (size_t i = 0; i < n; i++)
        tokens += s->outputs[i].output.completion_tokens + 3;
    assert_true(steps <= 2 * tokens);
    assert_int_equal(s->n, n);
}

/* Lengthens a problem until its prompt fills its last page; a prompt's length is seen in an item.
 */
static char *align(const struct world *w, const char *problem)
{
    struct engine e = open_model(w, 1, NULL, "100000");
    char *text = NULL;
    for (int n = 0; !text; n++) {
        struct help_sink s = {0};
        struct help_task h;
        assert_true(n < 40 && asprintf(&text, "%s%.*s", problem, n,
                                       "7777777777777777777777777777777777777777") > 0);
        help_task_init(&h, SURETY_STAGE_SAMPLE, text, 0, 1);
        h.task.sampling.max_tokens = 1;
        assert_int_equal(e.ops->submit(e.state, 1, &h.task, NULL), SURETY_OK);
        help_run(&e, &s, 1);
        if (s.outputs[0].output.prompt_tokens % PAGE_TOKENS) {
            free(text);
            text = NULL;
        }
        help_sink_clear(&s);
    }
    engine_close(&e);
    return text;
}

static char *repeat(const char *text, size_t n)
{
    size_t len = strlen(text);
    char *out = calloc(n * len + 1, 1);
    assert_non_null(out);
    for (size_t i = 0; i < n; i++)
        memcpy(out + i * len, text, len);
    return out;
}

/* What the items give with pages for all of them, and that it is what some give alone. */
static void expect(struct world *w)
{
    struct engine e = open_model(w, 2, NULL, "1000000");
    for (size_t p = 0; p < PROBLEMS; p++) {
        submit(w, &e, p, p, 0, K);
        help_run(&e, &w->expected, (p + 1) * K);
        assert_int_equal(count_parked(&e), 0);
    }
    engine_close(&e);
    for (uint32_t p = 0; p < PROBLEMS; p++) {
        struct help_sink s = {0};
        e = open_model(w, 1, "plain", "1000000");
        submit(w, &e, p, p, 7 * p, 1);
        help_run(&e, &s, 1);
        assert_expected(w, &s.outputs[0].output, p);
        help_sink_clear(&s);
        engine_close(&e);
    }
}

static int setup(void **state)
{
    demo = (struct world){
        .path = demo_model_path(),
        .max_tokens = 48,
        .problems = {
            strdup("For 3 days Will works 3 hours daily for 8 dollars an hour. How much is it?"),
            strdup("For 3 days Will works 3 hours daily for 8 dollars an hour. How many dollars?"),
            repeat("Ann has 14 bags with 23 apples each. ", 24), /* beyond one step's prefill */
            strdup("Ann has 14 bags with 23 apples each. How many apples in all?")}};
    demo.problems[ALIGNED] = align(&demo, "A train goes 60 km in 2 hours. How far in ");
    expect(&demo);
    assert_true(help_find(&demo.expected, 2, 0)->prompt_tokens > PREFILL_TOKENS);

    struct buf bytes;
    buf_init(&bytes, 1 << 24);
    put_tiny_model(&bytes, &(struct tiny){.width = 40, .heads = 4, .kv_heads = 2, .context = 160});
    tiny_path = help_file(bytes.data, bytes.len);
    buf_fini(&bytes);
    tiny = (struct world){
        .path = tiny_path, /* no max_tokens: to the end of the context */
        .problems = {repeat("x", 1), repeat("ab c", 10), repeat("ab c", 12), repeat("2+2=", 25)}};
    tiny.problems[ALIGNED] = align(&tiny, "hi");
    expect(&tiny);
    return 0;
}

static int teardown(void **state)
{
    for (size_t p = 0; p < PROBLEMS; p++) {
        free(demo.problems[p]);
        free(tiny.problems[p]);
    }
    help_sink_clear(&demo.expected);
    help_sink_clear(&tiny.expected);
    help_unlink(tiny_path);
    return 0;
}

/* ---- tests ---- */

static void run_tasks_at_once(const struct world *w, uint32_t threads, const char *kernels)
{
    struct engine e = open_small(w, threads, kernels);
    struct help_sink s = {0};
    submit(w, &e, 0, 0, 0, K);
    for (size_t p = 1; p < PROBLEMS; p++)
        submit(w, &e, p, p, 3, 8);
    step_until_parked(&e, &s, K / 2);
    run_all(&e, &s, K + (PROBLEMS - 1) * 8);
    for (size_t i = 0; i < s.n; i++)
        assert_expected(w, &s.outputs[i].output, s.outputs[i].ticket);
    help_sink_clear(&s);
    assert_pages_are_back(&e);
    engine_close(&e);
}

static void step_tasks_beyond_the_pages_end_the_same(void **state)
{
    for (uint32_t threads = 1; threads <= 3; threads++) {
        run_tasks_at_once(&demo, threads, NULL);
        run_tasks_at_once(&tiny, threads, NULL);
    }
    run_tasks_at_once(&demo, 1, "plain");
    run_tasks_at_once(&tiny, 3, "plain");
}

/* Twice, so that the second time the prompt is in the cache and no page is free. */
static void step_prompt_of_whole_pages_forks_without_a_page(void **state)
{
    const struct world *const worlds[] = {&demo, &tiny};
    for (size_t i = 0; i < 2; i++) {
        const struct world *w = worlds[i];
        struct engine e = open_small(w, 2, NULL);
        struct help_sink s = {0};
        submit(w, &e, 1, ALIGNED, 0, K);
        submit(w, &e, 2, ALIGNED, 0, K);
        step_until_parked(&e, &s, 1);
        run_all(&e, &s, 2 * K);
        for (size_t k = 0; k < s.n; k++) {
            assert_int_equal(s.outputs[k].output.prompt_tokens % PAGE_TOKENS, 0);
            assert_expected(w, &s.outputs[k].output, ALIGNED);
        }
        help_sink_clear(&s);
        assert_pages_are_back(&e);
        engine_close(&e);
    }
}

static void submit_while_others_are_parked_ends_the_same(void **state)
{
    struct engine e = open_small(&tiny, 2, NULL);
    struct help_sink s = {0};
    submit(&tiny, &e, 0, 3, 0, 16); /* long: each item needs most of the pages */
    step_until_parked(&e, &s, 4);
    submit(&tiny, &e, 1, 1, 0, 8);
    for (int i = 0; i < 5; i++)
        step(&e, &s);
    submit(&tiny, &e, 2, 2, 0, 8); /* begins like the one before */
    submit(&tiny, &e, 3, 3, 16, 8);
    submit(&tiny, &e, 4, ALIGNED, 0, 8);
    run_all(&e, &s, 48);
    static const size_t problems[] = {3, 1, 2, 3, ALIGNED};
    for (size_t i = 0; i < s.n; i++)
        assert_expected(&tiny, &s.outputs[i].output, problems[s.outputs[i].ticket]);
    help_sink_clear(&s);
    assert_pages_are_back(&e);
    engine_close(&e);
}

static void cancel_of_parked_items_leaves_the_others(void **state)
{
    struct engine e = open_small(&tiny, 2, NULL);
    const struct gguf *g = e.state;
    struct help_sink s = {0};
    bool cancelled[2][K] = {0};
    submit(&tiny, &e, 0, 0, 0, K);
    submit(&tiny, &e, 1, 1, 0, K);
    step_until_parked(&e, &s, K / 2);
    for (uint32_t i = 0; i < SLOTS; i++) { /* every other parked one, the first, and the last */
        const struct slot *slot = &g->slots[i];
        if (!slot->task || (!(slot->parked && slot->index % 2) && slot->index && slot->index != 31))
            continue;
        cancelled[slot->task->ticket][slot->index] = true;
        e.ops->cancel(e.state, slot->task->ticket, slot->index);
    }
    run_all(&e, &s, 2 * K);
    for (size_t i = 0; i < s.n; i++) {
        const struct surety_output *o = &s.outputs[i].output;
        const struct surety_output *whole =
            help_find(&tiny.expected, s.outputs[i].ticket, o->index);
        if (!cancelled[s.outputs[i].ticket][o->index]) {
            help_assert_same(o, whole);
            continue;
        }
        assert_int_equal(o->finish, SURETY_FINISH_CANCELLED);
        assert_true(o->completion_tokens < whole->completion_tokens);
    }
    help_sink_clear(&s);
    assert_pages_are_back(&e);
    engine_close(&e);
}

static void close_while_items_are_parked_frees_them(void **state)
{
    struct engine e = open_small(&tiny, 2, NULL);
    struct help_sink s = {0};
    submit(&tiny, &e, 0, 0, 0, K);
    submit(&tiny, &e, 1, 3, 0, K);
    step_until_parked(&e, &s, K / 2);
    e.ops->cancel(e.state, 0, K - 1); /* parked, ended and not yet told */
    help_sink_clear(&s);
    engine_close(&e);
}

static uint32_t below(uint64_t *seed, uint32_t n)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % n;
}

/* Tasks come, and some items are cancelled, at any time. */
static void run_at_random(uint64_t seed, uint32_t threads, const char *kernels)
{
    struct engine e = open_small(&tiny, threads, kernels);
    const struct gguf *g = e.state;
    struct help_sink s = {0};
    size_t problems[40], wanted = 0;
    for (uint64_t ticket = 0; ticket < 40;) {
        uint32_t n = 1 + below(&seed, 12), first = below(&seed, K - 12);
        if (below(&seed, 4) == 0 && n <= g->n_slots - g->n_used) {
            problems[ticket] = below(&seed, PROBLEMS);
            submit(&tiny, &e, ticket, problems[ticket], first, n);
            wanted += n;
            ticket++;
        }
        if (ticket > 0 && below(&seed, 8) == 0)
            e.ops->cancel(e.state, below(&seed, (uint32_t)ticket), below(&seed, K));
        step(&e, &s);
    }
    run_all(&e, &s, wanted);
    for (size_t i = 0; i < s.n; i++)
        if (s.outputs[i].output.finish != SURETY_FINISH_CANCELLED)
            assert_expected(&tiny, &s.outputs[i].output, problems[s.outputs[i].ticket]);
    help_sink_clear(&s);
    assert_pages_are_back(&e);
    engine_close(&e);
}

static void step_tasks_at_random_end_the_same(void **state)
{
    for (uint64_t seed = 1; seed <= 6; seed++)
        run_at_random(seed, 1 + (uint32_t)seed % 3, seed % 2 ? NULL : "plain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_tasks_beyond_the_pages_end_the_same),
        cmocka_unit_test(step_prompt_of_whole_pages_forks_without_a_page),
        cmocka_unit_test(submit_while_others_are_parked_ends_the_same),
        cmocka_unit_test(cancel_of_parked_items_leaves_the_others),
        cmocka_unit_test(close_while_items_are_parked_frees_them),
        cmocka_unit_test(step_tasks_at_random_end_the_same),
    };
    return cmocka_run_group_tests_name("engine.park", tests, setup, teardown);
}
