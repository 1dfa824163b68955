#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "claims/read/split.h"

#define CLAIMS_MAX 8

struct row {
    const char *problem, *solution;
    uint32_t m;
    const char *claims[CLAIMS_MAX]; /* NULL after the last */
};

static size_t split(const char *problem, const char *text, uint32_t m, struct arena *arena,
                    struct claim_span **ret)
{
    struct answer answer;
    size_t n;
    assert_int_equal(answer_extract(text, false, arena, &answer), SURETY_OK);
    assert_int_equal(split_solution(problem, text, &answer, m, arena, ret, &n), SURETY_OK);
    assert_true(n <= m);
    return n;
}

static bool is_row(const struct row *row)
{
    struct arena arena;
    struct claim_span *claims;
    size_t wanted = 0;
    arena_init(&arena, 1 << 20);
    while (wanted < CLAIMS_MAX && row->claims[wanted])
        wanted++;
    size_t n = split(row->problem, row->solution, row->m, &arena, &claims);
    bool good = n == wanted;
    for (size_t i = 0; i < n && good; i++)
        good = !strcmp(claims[i].text, row->claims[i]);
    if (!good) {
        print_error("\"%s\" gives\n", row->solution);
        for (size_t i = 0; i < n; i++)
            print_error("    \"%s\"\n", claims[i].text);
    }
    arena_fini(&arena);
    return good;
}

static void check(const struct row *table, size_t n)
{
    size_t bad = 0;
    for (size_t i = 0; i < n; i++)
        bad += !is_row(&table[i]);
    assert_int_equal(bad, 0);
}

static const char eggs[] = "Lloyd's chickens lay 252 eggs a day. He sells a dozen for $2. How much "
                           "does he make in a week?";
static const char eggs_solution[] =
    "## Step 1: Find the eggs\nLet's find the number of eggs.\nThe chickens lay 252 eggs a day. "
    "There are 7 days in a week, so they lay 252 * 7 = 1764 eggs.\n- Dozens: 1764 / 12 = 147, so "
    "he "
    "makes 147 * 2 = 294 dollars.\n\nThe answer is: 294";

static void split_statements_with_values_become_claims(void **state)
{
    static const struct row table[] = {
        {eggs,
         eggs_solution,
         5,
         {"There are 7 days in a week, so they lay 252 * 7 = 1764 eggs", "Dozens: 1764 / 12 = 147",
          "he makes 147 * 2 = 294 dollars"}},
        {"", "hours: 3*3=9\npay: 9*8=72\n\\boxed{72}", 5, {"hours: 3*3=9", "pay: 9*8=72"}},
        {"", "3*4 = 12 = 2*6.\n\\boxed{7}", 5, {"3*4 = 12 = 2*6"}},
        {"",
         "so 3*4 = 12, then 12+5 = 17 and 17-1 = 16\n\\boxed{7}",
         5,
         {"3*4 = 12", "12+5 = 17", "17-1 = 16"}},
        {"", "2x = 10 => x = 5, thus 3x = 15\n#### 15", 5, {"2x = 10", "x = 5", "3x = 15"}},
        {"", "If x = 3, then 2x = 6.\n#### 7", 5, {"If x = 3, then 2x = 6"}},
        {"",
         "There are 12 ways to choose a team. Each takes 3 days.\n#### 36",
         5,
         {"There are 12 ways to choose a team", "Each takes 3 days"}},
        {"",
         "The price is $12.50. The rest is $3.75, e.g. 15 quarters.\n#### 8.75",
         5,
         {"The price is $12.50", "The rest is $3.75, e.g. 15 quarters"}},
        {"",
         "We know that 5! = 120. Then 4! = 24.\n#### 96",
         5,
         {"We know that 5! = 120", "4! = 24"}},
        {"", "f(1, 2) = 3, f(2, 2) = 4\n#### 9", 5, {"f(1, 2) = 3", "f(2, 2) = 4"}},
        {"",
         "1. **Boxes:** 3 * 4 = 12\n2) Pens: 12 * 5 = 60\n* Rest: 60 - 4 = 56\n\nAnswer: 55",
         5,
         {"Boxes:** 3 * 4 = 12", "Pens: 12 * 5 = 60", "Rest: 60 - 4 = 56"}},
        {"",
         "Thus\n\\[\nA = \\frac{1}{2} \\cdot 6 \\cdot 3 = 9.\n\\]\n\\boxed{10}",
         5,
         {"A = \\frac{1}{2} \\cdot 6 \\cdot 3 = 9"}},
        {"",
         "\\begin{align*}\n2x &= 10 \\\\\n&= 4 + 6 \\\\\n\\end{align*}\n\\boxed{9}",
         5,
         {"2x &= 10 \\\\ &= 4 + 6"}},
        {"", "1 + 2 + ... + 9 = 45. Done.\n#### 46", 5, {"1 + 2 + ... + 9 = 45"}},
        {"",
         "x \\approx 3.14, y \\leq 7, and z ≥ 8\n#### 9",
         5,
         {"x \\approx 3.14", "y \\leq 7", "z ≥ 8"}},
        {"", "<think>so 3*4 = 12</think>\n\\boxed{13}", 5, {"3*4 = 12"}},
        {"", "<think>so 3*4 = 12</think>\nWe have 3*5 = 15.\n\\boxed{16}", 5, {"We have 3*5 = 15"}},
    };
    check(table, sizeof table / sizeof *table);
}

static void split_what_asserts_nothing_is_left_out(void **state)
{
    static const struct row table[] = {
        {"", "", 5, {NULL}},
        {"", "\\boxed{5}", 5, {NULL}},
        {"", "## Step 12: Count the 3 boxes\n#### 36", 5, {NULL}},
        {"", "**Step 12: Count 3**\n#### 36", 5, {NULL}},
        {"", "Let's add the 12 eggs. We need to find 5 more.\n#### 36", 5, {NULL}},
        {"", "To find the 5 eggs, we add.\nFirst, we look at 7.\n#### 36", 5, {NULL}},
        {"", "Is it 12 or 15?\n#### 36", 5, {NULL}},
        {"Tom has 12 eggs and 3 boxes.", "Tom has 12 eggs and 3 boxes.\n#### 36", 5, {NULL}},
        {"Let $2x + 3 = 13$.", "We know $2x + 3 = 13$.\n#### 5", 5, {NULL}},
        {"", "So Tom has 36 eggs in all.\n#### 36", 5, {NULL}},
        {"", "x = 36.\nThe answer is 36.", 5, {NULL}},
        {"", "Island 2\nFor Island 3:\n#### 36", 5, {NULL}},
        {"", "==========\n----------\n#### 36", 5, {NULL}},
        {"", "It is hard to say what is meant.\n#### 36", 5, {NULL}},
    };
    check(table, sizeof table / sizeof *table);
}

static void split_few_claims_are_those_that_the_answer_needs(void **state)
{
    static const char other[] =
        "Pens: 5 * 6 = 30.\nBoxes: 3 * 4 = 12.\nAge: 50 - 9 = 41.\nEggs: 12 * 7 "
        "= 84.\nYears: 90 + 9 = 99.\nCost: 84 / 6 = 14.\n\\boxed{14}";
    static const struct row table[] = {
        {eggs, eggs_solution, 1, {"he makes 147 * 2 = 294 dollars"}},
        {eggs, eggs_solution, 2, {"Dozens: 1764 / 12 = 147", "he makes 147 * 2 = 294 dollars"}},
        {"", other, 1, {"Cost: 84 / 6 = 14"}},
        {"", other, 2, {"Eggs: 12 * 7 = 84", "Cost: 84 / 6 = 14"}},
        {"", other, 3, {"Boxes: 3 * 4 = 12", "Eggs: 12 * 7 = 84", "Cost: 84 / 6 = 14"}},
        {"",
         "a: 3*4 = 12\na: 3*4 = 12\nb: 12*5 = 60\n\\boxed{60}",
         2,
         {"a: 3*4 = 12", "b: 12*5 = 60"}},
    };
    check(table, sizeof table / sizeof *table);
}

static void split_place_is_exact(void **state)
{
    static const char text[] = "Eggs –\t3 *  4\u00a0= 12 é, so\n  12 * 7 = 84.\n\\boxed{85}";
    struct arena arena;
    struct claim_span *claims;
    arena_init(&arena, 1 << 20);
    assert_int_equal(split("", text, 5, &arena, &claims), 2);
    assert_string_equal(claims[0].text, "Eggs – 3 * 4\u00a0= 12 é, so");
    assert_memory_equal(text + claims[0].start, "Eggs –\t3 *  4\u00a0= 12 é, so",
                        claims[0].end - claims[0].start);
    assert_memory_equal(text + claims[1].start, "12 * 7 = 84", 11);
    assert_int_equal(claims[1].end - claims[1].start, 11);
    arena_fini(&arena);
}

static void split_long_claim_is_cut_between_characters(void **state)
{
    size_t n = 3000;
    char *text = malloc(2 * n + 64);
    struct arena arena;
    struct claim_span *claims;
    assert_non_null(text);
    arena_init(&arena, 1 << 20);
    memcpy(text, "12 = ", 5);
    for (size_t i = 0; i < n; i++)
        memcpy(text + 5 + 2 * i, "é", 2);
    memcpy(text + 5 + 2 * n, "\n#### 5", 8);
    assert_int_equal(split("", text, 5, &arena, &claims), 1);
    assert_int_equal(strlen(claims[0].text), SURETY_CLAIM_MAX - 1); /* 5 and an even number */
    assert_int_equal(claims[0].end - claims[0].start, SURETY_CLAIM_MAX - 1);
    arena_fini(&arena);
    free(text);
}

static void split_without_memory_is_an_error(void **state)
{
    struct arena arena, tiny;
    struct answer answer;
    struct claim_span *claims;
    size_t n;
    arena_init(&arena, 1 << 20);
    arena_init(&tiny, 8);
    assert_int_equal(answer_extract(eggs_solution, false, &arena, &answer), SURETY_OK);
    assert_int_equal(split_solution(eggs, eggs_solution, &answer, 5, &tiny, &claims, &n),
                     SURETY_ERR_NOMEM);
    arena_fini(&arena);
    arena_fini(&tiny);
}

/* What would take hours if any step were quadratic; the test's time limit is the check. */
static void split_hostile_text_is_linear(void **state)
{
    static const char *const units[] = {"{",
                                        "(",
                                        "9",
                                        "=",
                                        "1 = 1, ",
                                        "3 + 4 = 7, so ",
                                        "\n=",
                                        "x = 1\n= 2\n",
                                        ". ",
                                        "1+1=2\n",
                                        "- ",
                                        "1. ",
                                        "**",
                                        "$5 ",
                                        "\\",
                                        "\\alpha",
                                        "so ",
                                        "<a>",
                                        "e.g. 5 ",
                                        "…= ",
                                        "\u202e\u0661 = \u202c",
                                        "5 > ",
                                        "12 eggs. ",
                                        "a"};
    size_t max = 2u << 20;
    char *text = malloc(max + 64);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len = 0, unit = strlen(units[i]);
        for (; len + unit <= max; len += unit)
            memcpy(text + len, units[i], unit);
        text[len] = '\0';
        struct answer answer = {.text = (char *)"12", .start = len, .end = len, .how = "boxed"};
        struct arena arena;
        struct claim_span *claims;
        size_t n;
        arena_init(&arena, 1 << 18);
        assert_int_equal(split_solution(text, text, &answer, SURETY_M_MAX, &arena, &claims, &n),
                         SURETY_OK);
        struct claim_names given;
        claim_names_read(text, &given);
        for (size_t k = 0; k < n; k++)
            claim_is_contextual(&given, claims[k].text);
        arena_fini(&arena);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_statements_with_values_become_claims),
        cmocka_unit_test(split_what_asserts_nothing_is_left_out),
        cmocka_unit_test(split_few_claims_are_those_that_the_answer_needs),
        cmocka_unit_test(split_place_is_exact),
        cmocka_unit_test(split_long_claim_is_cut_between_characters),
        cmocka_unit_test(split_without_memory_is_an_error),
        cmocka_unit_test(split_hostile_text_is_linear),
    };
    return cmocka_run_group_tests_name("claims.read.split", tests, NULL, NULL);
}
