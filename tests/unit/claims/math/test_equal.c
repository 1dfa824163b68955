/*
 * The table of pairs (tests/data/equal.tsv), and the properties that must hold for any answers:
 * both relations are symmetric, EXACT is transitive, spacing and braces change nothing.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "claims/math/equal.h"

#define ROWS_MAX 3000
#define LINE_MAX_BYTES 1024
#define TRIPLES 60000
/* Of one pair; instrumented code is slower. */
#define PAIR_MS (TEST_SANITIZED ? 1000 : 50)

static struct row {
    enum equal_verdict expected;
    char *side[2];
} rows[ROWS_MAX];
static size_t n_rows;

static const char *const names[] = {"different", "exact", "compatible", "unknown"};

/* Rows of reading_pairs.py: "equal" is EXACT or COMPATIBLE, "unequal" is not. */
static struct row kinds[ROWS_MAX];
static size_t n_kinds;

static enum equal_verdict verdict_of(const char *name)
{
    for (int v = 0; v < 4; v++)
        if (strcmp(names[v], name) == 0)
            return (enum equal_verdict)v;
    if (strcmp(name, "equal") == 0)
        return EQUAL_EXACT;
    if (strcmp(name, "unequal") != 0)
        fail_msg("no verdict: %s", name);
    return EQUAL_DIFFERENT;
}

static bool load(const char *variable, struct row *table, size_t *n)
{
    const char *path = getenv(variable);
    FILE *f = path ? fopen(path, "r") : NULL;
    if (!f)
        return false;
    static char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        char *a = strchr(line, '\t'), *b = a ? strchr(a + 1, '\t') : NULL;
        if (line[0] == '#' || !b)
            continue;
        if (*n == ROWS_MAX)
            fail_msg("more than %d rows: %s", ROWS_MAX, path);
        *a++ = *b++ = '\0';
        table[(*n)++] = (struct row){verdict_of(line), {strdup(a), strdup(b)}};
    }
    fclose(f);
    return true;
}

static int load_table(void **state)
{
    return load("SURETY_EQUAL_TABLE", rows, &n_rows) &&
                   load("SURETY_READING_TABLE", kinds, &n_kinds)
               ? 0
               : -1;
}

static int free_table(void **state)
{
    for (size_t i = 0; i < n_rows; i++) {
        free(rows[i].side[0]);
        free(rows[i].side[1]);
    }
    for (size_t i = 0; i < n_kinds; i++) {
        free(kinds[i].side[0]);
        free(kinds[i].side[1]);
    }
    return 0;
}

static size_t check_pair(const char *a, const char *b, enum equal_verdict expected)
{
    struct equal_result r = equal_texts(a, b, NULL);
    if (r.verdict == expected)
        return 0;
    print_error("%s | %s: %s (%s), not %s\n", a, b, names[r.verdict], r.how, names[expected]);
    return 1;
}

static void texts_of_the_table_are_decided_as_listed(void **state)
{
    size_t wrong = 0;
    assert_true(n_rows >= 600);
    for (size_t i = 0; i < n_rows; i++) {
        wrong += check_pair(rows[i].side[0], rows[i].side[1], rows[i].expected);
        wrong += check_pair(rows[i].side[1], rows[i].side[0], rows[i].expected);
    }
    assert_int_equal(wrong, 0);
}

static void texts_of_the_kinds_are_told(void **state)
{
    size_t wrong = 0;
    assert_true(n_kinds > 400);
    for (size_t i = 0; i < 2 * n_kinds; i++) {
        const char *const *side = (const char *const *)kinds[i / 2].side;
        struct equal_result r = equal_texts(side[i % 2], side[1 - i % 2], NULL);
        bool equal = r.verdict == EQUAL_EXACT || r.verdict == EQUAL_COMPATIBLE;
        if (equal == (kinds[i / 2].expected == EQUAL_EXACT))
            continue;
        print_error("%s | %s: %s (%s)\n", side[0], side[1], names[r.verdict], r.how);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void only_what_the_problem_counts_is_left_out(void **state)
{
    const char *problem = "Ann has 40 clips and sells 12. How many clips are left? Each costs $2.";
    assert_int_equal(equal_texts("28 clips", "28", problem).verdict, EQUAL_COMPATIBLE);
    assert_int_equal(equal_texts("28 dollars", "28", problem).verdict, EQUAL_COMPATIBLE);
    assert_int_equal(equal_texts("28 cm", "28", problem).verdict, EQUAL_COMPATIBLE);
    assert_int_equal(equal_texts("28 ways", "28", problem).verdict, EQUAL_COMPATIBLE);
    assert_int_equal(equal_texts("28 zebras", "28", problem).verdict, EQUAL_UNKNOWN);
    assert_int_equal(equal_texts("28 zebras", "28", NULL).verdict, EQUAL_COMPATIBLE);
    assert_int_equal(equal_texts("28 zebras", "29", problem).verdict, EQUAL_DIFFERENT);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* Answers of one neighbourhood of a table, so that triples have something in common: the forms of a
 * pair are told alike by a third, EXACT is never beside DIFFERENT, and only UNKNOWN gives up. */
static void check_triples(const struct row *table, size_t n_table, size_t chains_min)
{
    size_t n = 2 * n_table, chains = 0;
    struct equal_form **forms = calloc(n, sizeof *forms);
    for (size_t i = 0; i < n; i++)
        assert_non_null(forms[i] = equal_parse(table[i / 2].side[i % 2], NULL));
    uint64_t seed = 5;
    for (size_t i = 0; i < TRIPLES; i++) {
        size_t at = next_random(&seed) % n,
               near = i % 4 == 1   ? 8
                      : i % 4 == 3 ? 60
                                   : n,
               pick[3] = {at, 0, 0};
        for (int k = 1; k < 3; k++)
            pick[k] = (at + next_random(&seed) % near) % n;
        if (i % 4 == 3) /* the other side of a pair */
            pick[1] = pick[0] ^ 1;
        enum equal_verdict ab = equal_forms(forms[pick[0]], forms[pick[1]]).verdict;
        enum equal_verdict bc = equal_forms(forms[pick[1]], forms[pick[2]]).verdict;
        assert_int_equal(ab, equal_forms(forms[pick[1]], forms[pick[0]]).verdict);
        if (ab != EQUAL_EXACT)
            continue;
        enum equal_verdict ac = equal_forms(forms[pick[0]], forms[pick[2]]).verdict;
        chains += bc == EQUAL_EXACT;
        bool broken = (bc == EQUAL_EXACT && ac != EQUAL_EXACT && ac != EQUAL_UNKNOWN) ||
                      (ac == EQUAL_EXACT && bc != EQUAL_EXACT && bc != EQUAL_UNKNOWN);
        if (broken)
            fail_msg("%s = %s = %s is not transitive", table[pick[0] / 2].side[pick[0] % 2],
                     table[pick[1] / 2].side[pick[1] % 2], table[pick[2] / 2].side[pick[2] % 2]);
    }
    assert_true(chains > chains_min);
    for (size_t i = 0; i < n; i++)
        equal_form_free(forms[i]);
    free(forms);
}

static void forms_random_triples_are_transitive_and_symmetric(void **state)
{
    check_triples(rows, n_rows, 1000);
    check_triples(kinds, n_kinds, 500);
}

/* Processor time of one pair, parsing included; the least of a few tries, which others on the
 * machine disturb less. */
static double milliseconds(const char *a, const char *b)
{
    double least = 1e9;
    for (int i = 0; i < 5 && least > PAIR_MS; i++) {
        struct timespec from, to;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
        equal_texts(a, b, NULL);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
        double ms =
            (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
        least = ms < least ? ms : least;
    }
    return least;
}

static void check_bound(const char *a, const char *b)
{
    double ms = milliseconds(a, b);
    if (ms > PAIR_MS)
        fail_msg("%.0f ms, bound %d: %.200s | %.200s", ms, PAIR_MS, a, b);
}

/* Appends n terms, each made of pattern, in which %d is the term's number plus `from`. */
static void repeat(char *out, size_t size, const char *pattern, const char *between, int n,
                   int from)
{
    size_t at = 0;
    for (int i = 0; i < n && at < size; i++) {
        const char *hole = strstr(pattern, "%d");
        at += (size_t)snprintf(out + at, size - at, "%s%.*s%d%s", i ? between : "",
                               (int)(hole - pattern), pattern, from + i, hole + 2);
    }
}

static void texts_of_the_worst_kinds_stay_in_their_bound(void **state)
{
    static const struct {
        const char *pattern, *between;
        int n;
    } worst[] = {
        {"%d.389", ", ", 50},
        {"\\sqrt{%d}", " \\pm ", 7},
        {"%d", " \\pm ", 7},
        {"x_%d", " \\pm ", 7},
        {"\\sqrt{%d}", "+", 12},
        {"\\sqrt[3]{%d}", "+", 8},
        {"|x-%d|", "+", 12},
        {"\\max(x,%d)", "-", 6},
        {"\\sin(%dx)", "+", 12},
        {"\\sqrt{x+%d}", "+", 8},
        {"(x+%d)", "", 20},
        {"x^%d", "+", 30},
        {"x > %d", " or ", 40},
        {"x = %d, y = 3", "; ", 30},
        {"\\cos(\\pi/%d)", "+", 8},
        {"\\log_{%d} x", "+", 12},
        {"\\lfloor x/%d \\rfloor", "+", 8},
        {"\\sqrt{%d+\\sqrt{2}}", "+", 6},
        {"e^{%dx}", "+", 12},
    };
    static const char *const pairs[][2] = {
        {"\\sqrt{2+\\sqrt{2+\\sqrt{2+\\sqrt{2}}}}", "2\\cos(\\pi/32)"},
        {"\\sqrt[3]{2+\\sqrt{5}}+\\sqrt[3]{2-\\sqrt{5}}", "1"},
        {"\\sqrt{8+\\sqrt{7+\\sqrt{6+\\sqrt{5+\\sqrt{4+\\sqrt{3+\\sqrt{2}}}}}}}",
         "\\sqrt{8+\\sqrt{7+\\sqrt{6+\\sqrt{5+\\sqrt{4+\\sqrt{3+\\sqrt{3}}}}}}}"},
        /* found by fuzzing */
        {", is  is 2x\\pm -01x+1_3l\u221a222", "lx  \\pm -01x+11/(A) 1 (B) 2 \\prpm -x+11/2 "
                                               "-01x+11/og_3log\\222log_2x\\pm -01 \\pm -km h^ "
                                               "-km h^-0^-.01x201"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        check_bound(pairs[i][0], pairs[i][1]);
    for (size_t i = 0; i < sizeof worst / sizeof *worst; i++) {
        static char a[LINE_MAX_BYTES], b[LINE_MAX_BYTES];
        repeat(a, sizeof a, worst[i].pattern, worst[i].between, worst[i].n, 2);
        repeat(b, sizeof b, worst[i].pattern, worst[i].between, worst[i].n, 3);
        check_bound(a, b);
        check_bound(b, a);
        check_bound(a, a);
    }
    for (size_t i = 0; i < n_rows; i++)
        check_bound(rows[i].side[0], rows[i].side[1]);
    for (size_t i = 0; i < n_kinds; i++)
        check_bound(kinds[i].side[0], kinds[i].side[1]);
}

/* Wraps an answer in what must not matter. */
static void dressed(const char *text, int how, char *out, size_t size)
{
    static const char *const patterns[] = {"  %s ",  "$%s$",          "\\boxed{%s}", "\\(%s\\)",
                                           "**%s**", "$\\boxed{%s}$", "%s."};
    const char *p = patterns[how], *hole = strstr(p, "%s");
    snprintf(out, size, "%.*s%s%s", (int)(hole - p), p, text, hole + 2);
}

static void texts_dressed_keep_their_verdict(void **state)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n_rows; i++) {
        char text[2 * LINE_MAX_BYTES];
        if (strpbrk(rows[i].side[0], "$*") || rows[i].expected == EQUAL_UNKNOWN)
            continue;
        dressed(rows[i].side[0], (int)(i % 7), text, sizeof text);
        wrong += check_pair(text, rows[i].side[1], rows[i].expected);
    }
    for (size_t i = 0; i < n_kinds; i++) {
        char text[2 * LINE_MAX_BYTES];
        enum equal_verdict plain = equal_texts(kinds[i].side[0], kinds[i].side[1], NULL).verdict;
        if (strpbrk(kinds[i].side[0], "$*") || plain == EQUAL_UNKNOWN)
            continue;
        dressed(kinds[i].side[0], (int)(i % 7), text, sizeof text);
        wrong += check_pair(text, kinds[i].side[1], plain);
    }
    assert_int_equal(wrong, 0);
}

static void group_permuted_answers_group_alike(void **state)
{
    enum { N = 40 };
    uint64_t seed = 11;
    for (int round = 0; round < 30; round++) {
        const char *answers[N], *shuffled[N];
        size_t order[N], start = next_random(&seed) % n_rows;
        struct equal_groups groups, groups2;
        uint32_t group[N], group2[N];
        for (size_t i = 0; i < N; i++) {
            answers[i] = rows[(start + i / 2) % n_rows].side[i % 2];
            order[i] = i;
        }
        for (size_t i = N - 1; i > 0; i--) {
            size_t j = next_random(&seed) % (i + 1), t = order[i];
            order[i] = order[j];
            order[j] = t;
        }
        for (size_t i = 0; i < N; i++)
            shuffled[i] = answers[order[i]];
        assert_int_equal(equal_group(answers, N, NULL, group, &groups), 0);
        assert_int_equal(equal_group(shuffled, N, NULL, group2, &groups2), 0);
        assert_int_equal(groups.n, groups2.n);
        assert_int_equal(groups.undecided, groups2.undecided);
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++)
                assert_int_equal(group2[i] == group2[j], group[order[i]] == group[order[j]]);
    }
}

static void texts_with_options_compare_to_their_text(void **state)
{
    const char *problem = "What is 6*7? (A) 41 (B) 42 (C) 43";
    assert_int_equal(equal_texts("B", "42", problem).verdict, EQUAL_COMPATIBLE);
    assert_int_equal(equal_texts("42", "(B)", problem).verdict, EQUAL_COMPATIBLE);
    assert_int_equal(equal_texts("B", "41", problem).verdict, EQUAL_DIFFERENT);
    assert_int_equal(equal_texts("B", "A", problem).verdict, EQUAL_DIFFERENT);
    assert_int_equal(equal_texts("B. 42", "42", NULL).verdict, EQUAL_COMPATIBLE);
}

static void texts_hostile_are_not_equal(void **state)
{
    size_t size = 10u << 20;
    char *braces = malloc(size + 1);
    assert_non_null(braces);
    memset(braces, '{', size);
    braces[size] = '\0';
    assert_int_not_equal(equal_texts(braces, "5", NULL).verdict, EQUAL_EXACT);
    memset(braces, '(', 100000);
    braces[100000] = '\0';
    assert_int_not_equal(equal_texts(braces, "5", NULL).verdict, EQUAL_EXACT);
    free(braces);
    static const char *const hostile[] = {"10^{10^{10}}",
                                          "99999!",
                                          "9^9^9^9",
                                          "1e999999999",
                                          "((((",
                                          "\\frac{1}{0}",
                                          "0^{-1}",
                                          "\xFF\xFE",
                                          "",
                                          "\\sum_{k=1}^{10^9} k",
                                          "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D"};
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        enum equal_verdict v = equal_texts(hostile[i], "5", NULL).verdict;
        assert_true(v == EQUAL_UNKNOWN || v == EQUAL_DIFFERENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_the_table_are_decided_as_listed),
        cmocka_unit_test(texts_of_the_kinds_are_told),
        cmocka_unit_test(only_what_the_problem_counts_is_left_out),
        cmocka_unit_test(forms_random_triples_are_transitive_and_symmetric),
        cmocka_unit_test(texts_of_the_worst_kinds_stay_in_their_bound),
        cmocka_unit_test(texts_dressed_keep_their_verdict),
        cmocka_unit_test(group_permuted_answers_group_alike),
        cmocka_unit_test(texts_with_options_compare_to_their_text),
        cmocka_unit_test(texts_hostile_are_not_equal),
    };
    return cmocka_run_group_tests_name("claims.math.equal", tests, load_table, free_table);
}
