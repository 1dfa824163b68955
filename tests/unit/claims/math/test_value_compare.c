/* What two values are to each other, kind by kind. Symmetric: each row is asked both ways. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "claims/math/value.h"
#include "tests/unit/claims/math/tree.h"

struct row {
    const char *a, *b;
    enum equal_verdict verdict;
    const char *how; /* NULL: not asked for */
};

static const char *const names[] = {"different", "exact", "compatible", "unknown"};

static void check_all(const struct row *rows, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct pool pool;
        pool_init(&pool);
        const struct value *a = value_make(&pool, tree_of(&pool, rows[i].a));
        const struct value *b = value_make(&pool, tree_of(&pool, rows[i].b));
        struct equal_result r = value_compare(a, b), back = value_compare(b, a);
        if (r.verdict != rows[i].verdict || back.verdict != r.verdict ||
            (rows[i].how && strcmp(r.how, rows[i].how) != 0)) {
            print_error("%s | %s: %s (%s), %s, not %s\n", rows[i].a, rows[i].b, names[r.verdict],
                        r.how, names[back.verdict], names[rows[i].verdict]);
            wrong++;
        }
        pool_fini(&pool);
    }
    assert_int_equal(wrong, 0);
}

#define CHECK(rows) check_all(rows, sizeof(rows) / sizeof *(rows))
#define EXACT EQUAL_EXACT
#define NEAR EQUAL_COMPATIBLE
#define OTHER EQUAL_DIFFERENT
#define OPEN EQUAL_UNKNOWN

static void scalars_may_be_rounded(void **state)
{
    static const struct row rows[] = {
        {"1/3", "0.333", NEAR, "rounded"},
        {"1/3", "0.33", OTHER, NULL}, /* two digits say too little */
        {"2/3", "0.667", NEAR, "rounded"},
        {"2/3", "0.666", OTHER, NULL},
        {"2/3", "0.666...", NEAR, "rounded"}, /* cut off, and says so */
        {"1/8", "0.125", EXACT, NULL},
        {"0.1235", "0.12345", NEAR, "rounded"}, /* a half rounds either way */
        {"0.1234", "0.12345", NEAR, "rounded"},
        {"0.1236", "0.12345", OTHER, NULL},
        {"\\pi", "3.14", NEAR, "rounded"},
        {"\\pi", "3.15", OTHER, NULL},
        {"-\\pi", "-3.14", NEAR, "rounded"},
        {"\\pi", "-3.14", OTHER, NULL},
        {"1/3", "33.3%", NEAR, "rounded"},
        {"1000", "999.6", OTHER, NULL},
        {"96.3...", "96.0...", NEAR, "rounded"}, /* more digits are meant, whatever they are */
        {"0.2...", "22.868807%", NEAR, "rounded"},
        {"3.0000000000000004", "3.0000000000000008", NEAR, "rounded"}, /* printed doubles */
        {"1.23e-400", "1.234e-400", NEAR, "rounded"},                  /* beyond doubles */
        {"1.23e-400", "1.24e-400", OTHER, NULL},
        {"1.23e400", "1.234e400", NEAR, "rounded"},
        {"\\log 2", "0.301", NEAR, "base of the logarithm"},
        {"\\log 2", "0.693", NEAR, "rounded"},
        {"\\log 2", "0.302", OTHER, NULL},
        {"i", "3.14", OTHER, NULL},
    };
    CHECK(rows);
}

static enum equal_verdict verdict_of(const char *left, const char *right)
{
    struct pool pool;
    pool_init(&pool);
    const struct value *a = value_make(&pool, tree_of(&pool, left));
    const struct value *b = value_make(&pool, tree_of(&pool, right));
    enum equal_verdict verdict = value_compare(a, b).verdict;
    pool_fini(&pool);
    return verdict;
}

/* Two written numbers are first told apart as doubles; a sum is not, and rounds nothing. */
static void rounding_is_the_same_where_doubles_do_not_tell(void **state)
{
    uint64_t seed = 7;
    size_t near = 0;
    for (int round = 0; round < 4000; round++) {
        char a[64], b[64], a_sum[80], b_sum[80];
        int digits = 2 + (int)(hash_u64(seed, 1) % 16), fewer = 1 + (int)(hash_u64(seed, 2) % 4);
        uint64_t random = hash_u64(seed, 3);
        snprintf(a, sizeof a, "%d.%0*llu", (int)(hash_u64(seed, 4) % 300), digits,
                 (unsigned long long)(random % (uint64_t)pow(10, digits)));
        memcpy(b, a, sizeof b);
        size_t len = strlen(b) - (size_t)(fewer < digits ? fewer : 1);
        b[len] = '\0';
        b[len - 1] = b[len - 1] == '.'
                         ? '\0'
                         : (char)('0' + (b[len - 1] - '0' + (int)(random >> 60) % 3) % 10);
        snprintf(a_sum, sizeof a_sum, "%s+0", a);
        snprintf(b_sum, sizeof b_sum, "0+%s", b);
        bool apart = verdict_of(a, b_sum) == OTHER && verdict_of(a_sum, b) == OTHER;
        if (apart != (verdict_of(a, b) == OTHER))
            fail_msg("%s | %s", a, b);
        near += !apart;
        seed = hash_u64(seed, (uint64_t)round);
    }
    assert_true(near > 400 && near < 3600);
}

static void signs_and_bases_may_be_left_out(void **state)
{
    static const struct row rows[] = {
        {"50%", "0.5", EXACT, NULL},
        {"50%", "50", NEAR, "percent sign missing"},
        {"50%", "51", OTHER, NULL},
        {"-50%", "-50", NEAR, "percent sign missing"},
        {"\\pi%", "e", OTHER, NULL},
        {"\\pi^\\circ", "e", OTHER, NULL},
        {"30^\\circ", "30", NEAR, "unit missing"},
        {"30^\\circ", "\\pi/6", NEAR, "degrees and radians"},
        {"30^\\circ", "30^\\circ", EXACT, NULL},
        {"30^\\circ", "31^\\circ", OTHER, NULL},
        {"1011_2", "11", EXACT, NULL},
        {"1011_2", "1011", NEAR, "base missing"},
        {"-1011_2", "-1011", NEAR, "base missing"},
        {"1011_2", "-1011", OTHER, NULL},
        {"1011_2", "1012", OTHER, NULL},
        {"1011_2", "1011_3", OTHER, NULL},
    };
    CHECK(rows);
}

static void units_are_compared_with_their_values(void **state)
{
    static const struct row rows[] = {
        {"5 cm", "5 cm", EXACT, NULL},
        {"5 cm", "5 centimeters", EXACT, NULL},
        {"5 cm", "6 cm", OTHER, NULL},
        {"1 m", "100 cm", EXACT, "converted units"},
        {"1 m", "10 cm", OTHER, "different values"},
        {"1 m", "\\pi cm", OPEN, "units beyond what can be decided"},
        {"5 cm", "5", NEAR, "unit missing"},
        {"5 cm", "6", OTHER, NULL},
        {"5 cm", "5 kg", OTHER, "different units"},
        {"5 cm", "5%", OTHER, NULL},
        {"5 rooms", "5 hotel rooms", NEAR, "unit in other words"},
        {"$5", "5", NEAR, "unit missing"},
        {"$5", "5 dollars", EXACT, NULL},
        {"$5", "500 cents", EXACT, NULL},
        {"5m", "5 meters", NEAR, "letter as a unit"},
        {"5m", "5 kg", OTHER, NULL},
        {"5m", "6 meters", OTHER, NULL},
        {"5\\Omega", "5 ohm", NEAR, "letter as a unit"},
        {"5x", "5 meters", OTHER, NULL},
        {"2 million", "2000000", EXACT, "exact rational"},
        {"2 million dollars", "2000000", NEAR, "unit missing"},
        {"2 dozen", "24", EXACT, NULL},
        {"2 dozen", "2", OPEN, "\"dozen\" or \"million\" missing"},
        {"2 dozen", "25", OTHER, NULL},
        {"30^\\circ", "30 degrees", NEAR, NULL},
    };
    CHECK(rows);
}

static void names_may_be_left_out_but_not_changed(void **state)
{
    static const struct row rows[] = {
        {"x = 5", "5", NEAR, "variable's name missing"},
        {"x = 5", "x = 5", EXACT, NULL},
        {"x = 5", "y = 5", OTHER, "different variables"},
        {"x = 5", "6", OTHER, NULL},
        {"y = 2x + 1", "f(x) = 2x + 1", NEAR, "another name"},
        {"y = 2x + 1", "y = 2x + 1", EXACT, NULL},
        {"y = 2x + 1", "x = (y - 1)/2", EXACT, "equation up to a factor"},
        {"y = 2x + 1", "x = (y - 2)/2", OTHER, NULL},
        {"xy = 1", "y = 1/x", EXACT, NULL},
        {"x > 3", "(3, \\infty)", NEAR, "variable's name missing"},
        {"x > 3", "3 < x", EXACT, NULL},
        {"x > 3", "x \\ge 3", OTHER, "different ends"},
        {"x > 3", "y > 3", OTHER, NULL},
    };
    CHECK(rows);
}

static void equations_agree_up_to_a_factor(void **state)
{
    static const struct row rows[] = {
        {"x + y = 1", "x + y = 1", EXACT, "same equation"},
        {"x + y = 1", "1 = x + y", EXACT, "same equation"},
        {"x + y = 1", "2x + 2y = 2", EXACT, "equation up to a factor"},
        {"x + y = 1", "x + y = 2", OTHER, "different equations"},
        {"x + y = 1", "y = 1 - x", EXACT, NULL},
        {"x + y = 1", "1", OTHER, NULL},
        {"\\sin x + y = 1", "\\cos x + y = 1", OPEN, NULL},
        {"y = 5 cm", "x + y = 1", OTHER, NULL},
    };
    CHECK(rows);
}

static void lists_and_sets_have_no_order(void **state)
{
    static const struct row rows[] = {
        {"1, 2", "2, 1", EXACT, "same list"},
        {"1, 2", "1, 3", OTHER, "different members"},
        {"1, 2", "1, 2, 3", OTHER, "different lengths"},
        {"1, 1, 2", "1, 2, 2", OTHER, NULL}, /* each is used once */
        {"1/3, 2", "2, 0.333", NEAR, "rounded"},
        {"1/3, 0.333", "0.333, 1/3", EXACT, NULL}, /* exact pairs first */
        {"\\{1, 2\\}", "\\{2, 1\\}", EXACT, "same set"},
        {"\\{1, 2\\}", "1, 2", EXACT, "same set"},
        {"\\{5\\}", "5", NEAR, "set of one"},
        {"\\{(1, 2)\\}", "(1, 2)", NEAR, "set of one"},
        {"\\{5, 6\\}", "5", OTHER, NULL},
    };
    static const struct row members[] = {
        {"1 \\pm 2, (1, 2)", "3, (1, 2)", OTHER, NULL},
        {"(1, \\Re(z)), 2", "(1, z), 2", OPEN, "members beyond what can be decided"},
    };
    CHECK(rows);
    CHECK(members);
}

static void long_lists_are_equal_in_order_or_unknown(void **state)
{
    char a[800] = "", b[800] = "";
    size_t at_a = 0, at_b = 0;
    for (int i = 0; i < 65; i++) {
        at_a += (size_t)snprintf(a + at_a, sizeof a - at_a, i ? "; %d" : "%d", i);
        at_b += (size_t)snprintf(b + at_b, sizeof b - at_b, i ? "; %d" : "%d", 64 - i);
    }
    const struct row many[] = {
        {a, a, EXACT, "same list"},
        {a, b, OPEN, "lists beyond what can be decided"},
    };
    CHECK(many);
}

static void tuples_intervals_and_matrices_are_in_order(void **state)
{
    static const struct row rows[] = {
        {"(1, 2)", "(1, 2)", EXACT, "same tuple"},
        {"(1, 2)", "(2, 1)", OTHER, NULL},
        {"(1, 2)", "(1, 2, 3)", OTHER, "different lengths"},
        {"(1, 1/3)", "(1, 0.333)", NEAR, "rounded"},
        {"(1, 2)", "1, 2", NEAR, "brackets missing"},
        {"(2, 1)", "1, 2", OTHER, NULL},
        {"(1, 2)", "x = 1, y = 2", NEAR, NULL},
        {"(1, 2)", "1 < x < 2", NEAR, NULL}, /* a pair may be an interval */
        {"(1, 2)", "[1, 2]", OTHER, NULL},
        {"(1, 2)", "[1, 2)", OTHER, NULL},
        {"(1, 2, 3)", "[1, 2)", OTHER, NULL},
        {"[1, 2]", "1, 2", NEAR, "brackets missing"},
        {"[1, 2)", "1, 2", OTHER, NULL},
        {"[1, 2]", "[1, 2]", EXACT, "same interval"},
        {"[1, 2]", "[1, 2)", OTHER, "different ends"},
        {"[1, 2] \\cup [3, 4]", "[3, 4] \\cup [1, 2]", EXACT, "same union"},
        {"[1, 2] \\cup [3, 4]", "[1, 2]", OTHER, NULL},
        {"\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "(1, 2)", NEAR, "vector as tuple"},
        {"\\begin{pmatrix} 1 & 2 \\end{pmatrix}", "(1, 2)", NEAR, "vector as tuple"},
        {"\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "1, 2", NEAR, "vector as tuple"},
        {"\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "(1, 2, 3, 4)", OTHER, NULL},
        {"\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "[[1, 2], [3, 4]]", EXACT,
         "same matrix"},
        {"\\begin{pmatrix} 1 & 2 \\end{pmatrix}", "\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", OTHER,
         "different kinds"},
    };
    CHECK(rows);
}

static void ratios_are_quotients(void **state)
{
    static const struct row rows[] = {
        {"1:2", "2:4", EXACT, "same ratio"},
        {"1:2", "2:1", OTHER, "different ratios"},
        {"1:2:3", "2:4:6", EXACT, "same ratio"},
        {"1:2:3", "2:4:7", OTHER, NULL},
        {"1:2:3", "1:2", OTHER, "different lengths"},
        {"1:2", "1/2", EXACT, "ratio as quotient"},
        {"1:2", "0.5", EXACT, "ratio as quotient"},
        {"1:2", "2", OTHER, "different values"},
        {"1:2:3", "1/6", OTHER, NULL},
        {"\\sqrt{2}:2", "1:\\sqrt{2}", EXACT, "same ratio"},
        {"\\sqrt{2}:1", "\\sqrt{2}", EXACT, "same ratio"},
        {"\\sqrt{2}:1", "\\sqrt{3}", OTHER, NULL},
        {"3 to 4", "3:4", EXACT, NULL},
    };
    CHECK(rows);
}

static void what_is_only_a_tree_is_compared_by_its_look(void **state)
{
    static const struct row rows[] = {
        {"1 < x^3 - x - 1 < 8", "1 < x^3 - x - 1 < 8", EXACT, "same expression"},
        {"1 < 2x < 4", "1/2 < x < 2", EXACT, "same interval"},
        {"1 < x^3 - x - 1 < 8", "1 < x < 2", OPEN, "beyond what can be decided"},
        {"1 < x^3 - x - 1 < 8", "5", OPEN, "beyond what can be decided"},
        {"(1, 2)", "1:2", OTHER, "different kinds"},
        {"(1, 2)", "5", OTHER, "different kinds"},
    };
    CHECK(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_may_be_rounded),
        cmocka_unit_test(rounding_is_the_same_where_doubles_do_not_tell),
        cmocka_unit_test(signs_and_bases_may_be_left_out),
        cmocka_unit_test(units_are_compared_with_their_values),
        cmocka_unit_test(names_may_be_left_out_but_not_changed),
        cmocka_unit_test(equations_agree_up_to_a_factor),
        cmocka_unit_test(lists_and_sets_have_no_order),
        cmocka_unit_test(long_lists_are_equal_in_order_or_unknown),
        cmocka_unit_test(tuples_intervals_and_matrices_are_in_order),
        cmocka_unit_test(ratios_are_quotients),
        cmocka_unit_test(what_is_only_a_tree_is_compared_by_its_look),
    };
    int failed = cmocka_run_group_tests_name("claims.math.value_compare", tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
