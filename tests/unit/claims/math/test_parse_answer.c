/* How whole answers are read. Each row: the text, its tree (tests/unit/claims/math/tree.h). */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/claims/math/tree.h"

struct row {
    const char *text, *tree;
};

static void check(const struct row *rows, size_t n)
{
    char got[600];
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct pool pool;
        pool_init(&pool);
        tree_write(tree_answer(&pool, rows[i].text), got, sizeof got);
        pool_fini(&pool);
        if (strcmp(got, rows[i].tree) != 0) {
            print_error("%s: %s, not %s\n", rows[i].text, got, rows[i].tree);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

static void brackets_are_groups_tuples_or_intervals(void **state)
{
    static const struct row rows[] = {
        {"(5)", "5"},
        {"[5]", "5"},
        {"(5]", "none"},
        {"(1, 2)", "(tuple 1 2)"},
        {"(1, 2, 3)", "(tuple 1 2 3)"},
        {"[1, 2]", "([] 1 2)"},
        {"[1, 2)", "([[ 1 2)"},
        {"(1, 2]", "(]] 1 2)"},
        {"(1, \\infty)", "(][ 1 inf)"}, /* infinity is no coordinate */
        {"(-\\infty, 1)", "(][ (- inf) 1)"},
        {"[1, 2, 3]", "(list 1 2 3)"},
        {"[1, 2, 3)", "none"},
        {"(\\pi, 1)", "(tuple pi 1)"},
        {"(1, -e)", "(tuple 1 (- e))"},
        {"()", "none"},
        {"(1, )", "none"},
        {"(, 1)", "none"},
        {"(1, 2", "none"},
        {"\\left(1, 2\\right)", "(tuple 1 2)"},
        {"\\langle 1, 2 \\rangle", "(tuple 1 2)"},
        {"\\langle 1, 2", "none"},
        {"\\langle \\rangle", "none"},
        {"[[1, 2], [3, 4]]", "(matrix 2 1 2 3 4)"},
        {"[[1, 2, 3], [3, 4, 5]]", "(matrix 3 1 2 3 3 4 5)"},
        {"[[1, 2], [3, 4, 5]]", "([] ([] 1 2) (list 3 4 5))"},
        {"((1, 2), (3, 4))", "(tuple (tuple 1 2) (tuple 3 4))"},
        {"2(1 + 2)", "(. 2 (+ 1 2))"},
        {"f(x)", "(apply f x)"},
        {"f(2x+1)", "(apply f (+ (. 2 x) 1))"},
        {"f(x)+f", "(+ (. f x) f)"},
        {"x(x+1)", "(. x (+ x 1))"},
        {"\\frac{dy}{dx}", "dy/dx"},
        {"d^2y/dx^2", "d^2y/dx^2"},
        {"\\angle CBA", "angle ABC"},
    };
    CHECK(rows);
}

static void feet_and_bases_are_read(void **state)
{
    static const struct row rows[] = {
        {"5'6\"", "(list (\"feet\" 5) (\"inches\" 6))"},
        {"5' 6''", "(list (\"feet\" 5) (\"inches\" 6))"},
        {"5'", "none"},
        {"5'6'", "none"},
        {"0.5 $", "(dollar \"\" 1/2)"},
        {"11 (base 2)", "3"},
        {"11 in base 2", "3"},
        {"12 (base 2)", "none"},
        {"11 (base)", "none"},
    };
    CHECK(rows);
}

static void braces_are_sets_or_groups(void **state)
{
    static const struct row rows[] = {
        {"\\{1, 2\\}", "(set 1 2)"},
        {"{1, 2}", "(set 1 2)"},
        {"\\{1\\}", "(set 1)"},
        {"{1}", "1"},
        {"\\{\\}", "empty"},
        {"{}", "empty"},
        {"\\emptyset", "empty"},
        {"\\{x | x > 0\\}", "(such x (> x 0))"},
        {"\\{x : x > 0\\}", "(such x (> x 0))"},
        {"\\{x \\mid x > 0\\}", "(such x (> x 0))"},
        {"\\{x \\in \\mathbb{R} \\mid x > 0\\}", "(such (e x reals) (> x 0))"},
        {"\\{x | x < 0 or x > 1\\}", "(such x (or (< x 0) (> x 1)))"},
        {"\\{x | x > 0, x < 1\\}", "(such x (list (> x 0) (< x 1)))"},
        {"\\{x, y | x > 0\\}", "none"},
        {"\\{x | x > 0", "none"},
        {"\\{1, 2", "none"},
        {"\\{1, 2)", "none"},
    };
    CHECK(rows);
}

static void lists_are_separated_by_commas_and_words(void **state)
{
    static const struct row rows[] = {
        {"1, 2", "(list 1 2)"},
        {"1; 2", "(list 1 2)"},
        {"1 and 2", "(list 1 2)"},
        {"1, 2, and 3", "(list 1 2 3)"},
        {"1 or 2", "(or 1 2)"},
        {"1, or 2", "(or 1 2)"},
        {"x = 1 or x = 2", "(or (= x 1) (= x 2))"},
        {"x = 1, 2", "(list (= x 1) 2)"},
        {"1,", "none"},
        {", 1", "none"},
        {"1 2", "none"},
        {"1,2,3", "(list 1 2 3)"},
        {"1,234", "1234"},
        {"(1,234)", "(tuple 1 234)"},
    };
    CHECK(rows);
}

static void relations_are_chains(void **state)
{
    static const struct row rows[] = {
        {"x = 5", "(= x 5)"},
        {"5 = x", "(= 5 x)"},
        {"x < 5", "(< x 5)"},
        {"x > 5", "(> x 5)"},
        {"x \\le 5", "(l x 5)"},
        {"x <= 5", "(l x 5)"},
        {"x \\geq 5", "(g x 5)"},
        {"x != 5", "(n x 5)"},
        {"x \\ne 5", "(n x 5)"},
        {"x \\approx 5", "(~ x 5)"},
        {"x \\in (1, 2)", "(e x (tuple 1 2))"},
        {"1 < x \\le 2", "(<l 1 x 2)"},
        {"a = b = c", "(== a b c)"},
        {"x = ", "none"},
        {"= x", "none"},
        {"x << 5", "none"},
        {"1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1", "(=============== 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1)"},
        {"1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1", "none"}, /* more than 15 signs */
    };
    CHECK(rows);
}

static void sets_are_joined_from_the_left(void **state)
{
    static const struct row rows[] = {
        {"[1,2] \\cup [3,4]", "(union ([] 1 2) ([] 3 4))"},
        {"A \\cup B \\cup C", "(union (union A B) C)"},
        {"A \\cap B", "(meet A B)"},
        {"\\mathbb{R} \\setminus \\{1\\}", "(less reals (set 1))"},
        {"A \\cup", "none"},
        {"\\cup A", "none"},
        {"x \\in A \\cup B", "(e x (union A B))"},
    };
    CHECK(rows);
}

static void quantities_are_values_with_their_unit(void **state)
{
    static const struct row rows[] = {
        {"5 cm", "(\"cm\" 5)"},
        {"5 \\text{ cm}", "(\"cm\" 5)"},
        {"5 square inches", "(\"square inches\" 5)"},
        {"60 km/h", "(\"km/h\" 60)"},
        {"9.8 m/s^2", "(\"m/s^2\" 49/5)"},
        {"$5", "(dollar \"\" 5)"},
        {"-$5", "(dollar \"\" (- 5))"},
        {"$-5", "(dollar \"\" (- 5))"},
        {"\u20AC5", "(euro \"\" 5)"},
        {"5\u20AC", "(euro \"\" 5)"},
        {"\\pounds 5", "(pound \"\" 5)"},
        {"\u00A55", "(yen \"\" 5)"},
        {"\u20B95", "(rupee \"\" 5)"},
        {"$15/hour", "(dollar \"/hour\" 15)"},
        {"$5 million", "(dollar \"million\" 5)"},
        {"20 ^\\circ C", "(\"celsius\" 20)"},
        {"20^{\\circ} F", "(\"fahrenheit\" 20)"},
        {"-20 ^\\circ C", "(\"celsius\" (- 20))"},
        {"20^\\circ", "(deg 20)"},
        {"3 feet 4 inches", "(list (\"feet\" 3) (\"inches\" 4))"},
        {"1 hour and 30 minutes", "(list (\"hour\" 1) (\"minutes\" 30))"},
        {"3 dogs 4 cats", "none"},
        {"3 m 4 cm", "(list (\"m\" 3) (\"cm\" 4))"},
        {"x feet 4 inches", "none"},
        {"{5 cm}", "(\"cm\" 5)"},
        {"5 gold aa bb cc dd gg hh jj kk", "(\"gold aa bb cc dd gg hh jj kk\" 5)"},
        {"5 gold aa bb cc dd gg hh jj kk ll mm", "none"}, /* ten words at most */
        {"5 kg m^{-2}", "(\"kg m^{-2}\" 5)"},
        {"5 cm, 6 cm", "(list (\"cm\" 5) (\"cm\" 6))"},
        {"5 is the answer", "none"},
        {"5 dogs because", "none"},
        {"3 (mod 5)", "(\"modulof\" (mod 3 5))"},
        {"3 \\pmod{5}", "(\"modulof\" (mod 3 5))"},
        {"3 \\pmod{1.5}", "none"},
        {"3 \\pmod{1000000000}", "(\"modulobaaaaaaaaa\" (mod 3 1000000000))"},
        {"3 \\pmod{1000000001}", "none"},
        {"3 \\pmod{n}", "none"},
    };
    CHECK(rows);
}

static void ratios_are_colons_or_words(void **state)
{
    static const struct row rows[] = {
        {"3:4", "(: 3 4)"},    {"3 : 4 : 5", "(: 3 4 5)"},
        {"3 to 4", "(: 3 4)"}, {"1 out of 6", "(/ 1 6)"},
        {"1 in 6", "(/ 1 6)"}, {"x to 4", "none"},
        {"3:", "none"},        {"\\sqrt{2}:1", "(: (sqrt 2) 1)"},
    };
    CHECK(rows);
}

static void environments_are_matrices_or_systems(void **state)
{
    static const struct row rows[] = {
        {"\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "(matrix 2 1 2 3 4)"},
        {"\\begin{bmatrix} 1 \\\\ 2 \\end{bmatrix}", "(matrix 1 1 2)"},
        {"\\begin{matrix} 1 & 2 & 3 \\end{matrix}", "(matrix 3 1 2 3)"},
        {"\\begin{array}{cc} 1 & 2 \\\\ 3 & 4 \\\\ \\end{array}", "(matrix 2 1 2 3 4)"},
        {"\\begin{pmatrix} 1 & 2 \\\\ 3 \\end{pmatrix}", "none"},
        {"\\begin{pmatrix} 1 & 2", "none"},
        {"\\begin{vmatrix} 1 & 2 \\\\ 3 & 4 \\end{vmatrix}", "none"}, /* a determinant */
        {"\\begin{cases} x = 1 \\\\ y = 2 \\end{cases}", "(list (= x 1) (= y 2))"},
        {"\\begin{aligned} x &= 1 \\\\ y &= 2 \\end{aligned}", "none"},
        {"\\begin{cases} x = 1", "none"},
        {"\\begin{cases} \\end{cases}", "none"},
        {"\\begin{table} 1 \\end{table}", "none"},
        {"2\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "(. 2 (matrix 1 1 2))"},
    };
    CHECK(rows);
}

static void a_bracket_in_a_scalar_holds_an_answer(void **state)
{
    static const struct row rows[] = {
        {"2(1, 2)", "(. 2 (tuple 1 2))"},
        {"P(X > 2)", "(. P (> X 2))"},
        {"\\sqrt{(x = 2)}", "(sqrt (= x 2))"},
        {"f((1, 2))", "(. f (tuple 1 2))"},
    };
    CHECK(rows);
}

static void members_and_depth_are_bounded(void **state)
{
    char text[1000], got[2000];
    for (int n = 128; n <= 129; n++) {
        struct pool pool;
        pool_init(&pool);
        size_t at = 0;
        for (int i = 0; i < n; i++)
            at += (size_t)snprintf(text + at, sizeof text - at, i ? ";%d" : "%d", i % 10);
        tree_write(tree_answer(&pool, text), got, sizeof got);
        assert_int_equal(strcmp(got, "none") == 0, n == 129);
        pool_fini(&pool);
    }
    struct pool pool;
    pool_init(&pool);
    memset(text, '(', EXPR_DEPTH_MAX);
    memset(text + EXPR_DEPTH_MAX, '1', 1);
    memset(text + EXPR_DEPTH_MAX + 1, ')', EXPR_DEPTH_MAX);
    text[2 * EXPR_DEPTH_MAX + 1] = '\0';
    assert_null(tree_answer(&pool, text));
    text[EXPR_DEPTH_MAX + 11] = '\0';
    assert_non_null(tree_answer(&pool, text + EXPR_DEPTH_MAX - 10));
    pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brackets_are_groups_tuples_or_intervals),
        cmocka_unit_test(feet_and_bases_are_read),
        cmocka_unit_test(braces_are_sets_or_groups),
        cmocka_unit_test(lists_are_separated_by_commas_and_words),
        cmocka_unit_test(relations_are_chains),
        cmocka_unit_test(sets_are_joined_from_the_left),
        cmocka_unit_test(quantities_are_values_with_their_unit),
        cmocka_unit_test(ratios_are_colons_or_words),
        cmocka_unit_test(environments_are_matrices_or_systems),
        cmocka_unit_test(a_bracket_in_a_scalar_holds_an_answer),
        cmocka_unit_test(members_and_depth_are_bounded),
    };
    return cmocka_run_group_tests_name("claims.math.parse_answer", tests, NULL, NULL);
}
