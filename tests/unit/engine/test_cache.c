#include "tests/unit/test.h"

#include <string.h>

#include "engine/gguf/cache.h"

#define PAGES 12

/* The part of a forward that copying a page needs. */
static uint16_t halves[PAGES];
static struct forward forward = {.cache = halves, .page_halves = 1};
static struct cache cache;

static int setup(void **state)
{
    memset(halves, 0, sizeof halves);
    return cache_init(&cache, PAGES);
}

static int teardown(void **state)
{
    cache_fini(&cache);
    cache_fini(NULL);
    return 0;
}

/* A prompt of n tokens 0 1 2 .. whose tokens from `from` on are shifted. */
static struct prompt *prompt(uint32_t n, uint32_t from)
{
    struct token_list list = {0};
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(token_list_add(&list, i < from ? i : 1000 + i), SURETY_OK);
    struct prompt *p = prompt_create(&cache, &list);
    assert_non_null(p);
    assert_null(list.ids);
    return p;
}

static void compute(struct prompt *p)
{
    assert_int_equal(prompt_begin(&cache, &forward, p), SURETY_OK);
    assert_int_equal(prompt_extend(&cache, p, (uint32_t)p->tokens.n), SURETY_OK);
    for (uint32_t i = p->computed / PAGE_TOKENS; i < p->n_pages; i++)
        halves[p->pages[i]] += 1;
    p->computed = (uint32_t)p->tokens.n;
}

static void begin_takes_over_the_longest_beginning(void **state)
{
    struct prompt *a = prompt(40, 40), *b = prompt(40, 20), *c = prompt(50, 36);
    assert_int_equal(prompt_saves(&cache, c, true), 0);
    compute(a);
    compute(b);
    assert_int_equal(b->shared, 20);
    assert_int_equal(prompt_saves(&cache, c, false), 36);
    compute(c);
    assert_int_equal(c->shared, 36);
    assert_int_equal(c->pages[0], a->pages[0]);
    assert_int_equal(c->pages[1], a->pages[1]);
    assert_int_not_equal(c->pages[2], a->pages[2]);
    assert_int_equal(cache.users[a->pages[0]], 3);
    assert_true(halves[c->pages[2]] == 2); /* a's, copied, and its own */
}

static void saves_never_the_last_token(void **state)
{
    struct prompt *a = prompt(32, 32), *same = prompt(32, 32), *shorter = prompt(16, 16);
    compute(a);
    assert_int_equal(prompt_saves(&cache, same, false), 31);
    assert_int_equal(prompt_saves(&cache, shorter, false), 15);
    struct prompt *one = prompt(1, 1);
    assert_int_equal(prompt_saves(&cache, one, false), 0);
}

static void saves_later_counts_what_is_being_computed(void **state)
{
    struct prompt *a = prompt(40, 40), *b = prompt(40, 30);
    assert_int_equal(prompt_begin(&cache, &forward, a), SURETY_OK);
    a->computed = 16;
    assert_int_equal(prompt_extend(&cache, a, 16), SURETY_OK);
    assert_int_equal(prompt_saves(&cache, b, false), 16);
    assert_int_equal(prompt_saves(&cache, b, true), 30);
    prompt_drop(&cache, a);
    assert_int_equal(prompt_saves(&cache, b, true), 16);
}

static void fork_shares_full_pages_and_copies_the_last(void **state)
{
    struct prompt *a = prompt(40, 40);
    uint32_t pages[3];
    compute(a);
    assert_int_equal(prompt_fork(&cache, &forward, a, pages), SURETY_OK);
    assert_int_equal(pages[0], a->pages[0]);
    assert_int_equal(pages[1], a->pages[1]);
    assert_int_not_equal(pages[2], a->pages[2]);
    assert_true(halves[pages[2]] == 1);
    for (int i = 0; i < 3; i++)
        cache_drop_page(&cache, pages[i]);
    assert_int_equal(cache.users[a->pages[0]], 1);
    struct prompt *whole = prompt(32, 0);
    compute(whole);
    uint32_t free_pages = cache.n_free;
    assert_int_equal(prompt_fork(&cache, &forward, whole, pages), SURETY_OK);
    assert_int_equal(cache.n_free, free_pages);
}

static void take_page_evicts_idle_prompts_oldest_first(void **state)
{
    struct prompt *a = prompt(64, 0), *b = prompt(64, 1), *c = prompt(64, 2);
    compute(a);
    compute(b);
    compute(c);
    assert_int_equal(cache.n_free, 0);
    assert_int_equal(cache_take_page(&cache), PAGE_NONE);
    prompt_drop(&cache, b);
    prompt_drop(&cache, a);
    uint32_t page = cache_take_page(&cache);
    assert_int_not_equal(page, PAGE_NONE);
    assert_int_equal(cache.n_free, 3);
    assert_ptr_equal(cache.prompts, c);
    assert_ptr_equal(cache.prompts->next, a);
    assert_null(a->next);
}

static void extend_beyond_all_pages_fails(void **state)
{
    struct prompt *a = prompt(PAGES * PAGE_TOKENS + 1, 0);
    assert_int_equal(prompt_begin(&cache, &forward, a), SURETY_OK);
    assert_int_equal(prompt_extend(&cache, a, PAGES * PAGE_TOKENS), SURETY_OK);
    assert_int_equal(prompt_extend(&cache, a, PAGES * PAGE_TOKENS + 1), SURETY_ERR_LIMIT);
}

static void drop_holds_a_limited_number(void **state)
{
    for (uint32_t i = 0; i < CACHE_IDLE_MAX + 10; i++) {
        struct prompt *p = prompt(1, 0);
        compute(p);
        p->computed = 1;
        prompt_drop(&cache, p);
    }
    uint32_t held = 0;
    for (const struct prompt *p = cache.prompts; p; p = p->next)
        held++;
    assert_true(held > 0 && held <= CACHE_IDLE_MAX);
    struct prompt *uncomputed = prompt(5, 0);
    prompt_drop(&cache, uncomputed);
    assert_ptr_not_equal(cache.prompts, uncomputed);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(begin_takes_over_the_longest_beginning),
        TEST(saves_never_the_last_token),
        TEST(saves_later_counts_what_is_being_computed),
        TEST(fork_shares_full_pages_and_copies_the_last),
        TEST(take_page_evicts_idle_prompts_oldest_first),
        TEST(extend_beyond_all_pages_fails),
        TEST(drop_holds_a_limited_number),
    };
    return cmocka_run_group_tests_name("engine.cache", tests, NULL, NULL);
}
