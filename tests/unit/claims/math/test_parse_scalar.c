/* How scalars are read. Each row: the text, its tree (tests/unit/claims/math/tree.h). */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/claims/math/tree.h"

struct row {
    const char *text, *tree;
};

static void check(const struct row *rows, size_t n,
                  const struct expr *(*reader)(struct pool *, const char *))
{
    char got[600];
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct pool pool;
        pool_init(&pool);
        tree_write(reader(&pool, rows[i].text), got, sizeof got);
        pool_fini(&pool);
        if (strcmp(got, rows[i].tree) != 0) {
            print_error("%s: %s, not %s\n", rows[i].text, got, rows[i].tree);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows), tree_scalar)
#define CHECK_ANSWERS(rows) check(rows, sizeof(rows) / sizeof *(rows), tree_answer)

static void sum_and_product_bind_as_usual(void **state)
{
    static const struct row rows[] = {
        {"1 + 2 - 3", "(+ (+ 1 2) (- 3))"},
        {"1 + 2*3", "(+ 1 (* 2 3))"},
        {"(1 + 2)*3", "(* (+ 1 2) 3)"},
        {"8/4/2", "(/ (/ 8 4) 2)"},
        {"8/4*2", "(* (/ 8 4) 2)"},
        {"2^3^2", "(^ 2 (^ 3 2))"},
        {"-2^2", "(- (^ 2 2))"},
        {"2^-3", "(^ 2 (- 3))"},
        {"2^{+3}", "(^ 2 3)"},
        {"2^+3", "(^ 2 3)"},
        {"2**3", "(^ 2 3)"},
        {"--2", "2"},
        {"-+-+2", "2"},
        {"---2", "(- 2)"},
        {"2*-3", "(* 2 (- 3))"},
        {"[1 + 2]*{3}", "(* (+ 1 2) 3)"},
        {"\\pm 2", "(+- 2)"},
        {"\\mp 2", "(-+ 2)"},
        {"1 \\pm 2", "(+ 1 (+- 2))"},
        {"1 \\mp 2 + 3", "(+ (+ 1 (-+ 2)) 3)"},
        {"$3 + $4", "(+ 3 4)"},
        {"-$3", "(- 3)"},
    };
    CHECK(rows);
}

static void product_needs_no_sign(void **state)
{
    static const struct row rows[] = {
        {"2x", "(. 2 x)"},
        {"2xy", "(. (. 2 x) y)"},
        {"xy", "(. x y)"},
        {"2(3)", "(. 2 3)"},
        {"(2)(3)", "(. 2 3)"},
        {"(1/2)3", "(. (/ 1 2) 3)"},
        {"2\\pi r", "(. (. 2 pi) r)"},
        {"\\pi 9", "(. pi 9)"},
        {"3\\sqrt{2}", "(. 3 (sqrt 2))"},
        {"x(x+1)", "(. x (+ x 1))"},
        {"2^x3", "none"},
        {"x2^3", "(. x (^ 2 3))"},
        {"x 2", "none"},
        {"2 3", "none"},
        {"5!7!", "(. (! 5) (! 7))"},
        {"2|x|", "(. 2 (abs x))"},
        {"|x|y|", "none"},
        {"1/2x", "(. (/ 1 2) x)"},
        {"2i", "(. 2 i)"},
        {"ei", "(. e i)"},
    };
    CHECK(rows);
}

static void postfix_signs_bind_tightest(void **state)
{
    static const struct row rows[] = {
        {"5!", "(! 5)"},           {"5!!", "(!! 5)"},
        {"5! !", "(! (! 5))"},     {"2^3!", "(^ 2 (! 3))"},
        {"(2^3)!", "(! (^ 2 3))"}, {"x^{2}!", "(! (^ x 2))"},
        {"50%", "(% 50)"},         {"50%*2", "(* (% 50) 2)"},
        {"30^\\circ", "(deg 30)"}, {"30^{\\circ}", "(deg 30)"},
        {"30\u00B0", "(deg 30)"},  {"33 1/3%", "(% (+ 33 (frac 1 3)))"},
        {"-50%", "(- (% 50))"},
    };
    CHECK(rows);
}

static void mixed_number_is_a_sum(void **state)
{
    static const struct row rows[] = {
        {"2 1/2", "(+ 2 (frac 1 2))"},
        {"2\\frac{1}{2}", "(+ 2 (frac 1 2))"},
        {"-2 1/2", "(- (+ 2 (frac 1 2)))"},
        {"2\\frac{3}{2}", "(* 2 (frac 3 2))"}, /* not proper: a product */
        {"2\\frac{2}{2}", "(* 2 (frac 2 2))"},
        {"2\\frac{x}{2}", "(* 2 (frac x 2))"},
        {"2.5\\frac{1}{2}", "(. 5/2 (frac 1 2))"},
        {"2 1 /2", "none"},
    };
    CHECK(rows);
}

static void fractions_and_roots_take_groups_or_single_things(void **state)
{
    static const struct row rows[] = {
        {"\\frac{1}{2}", "(frac 1 2)"},
        {"\\frac12", "(frac 1 2)"},
        {"\\frac1{10}", "(frac 1 10)"},
        {"\\frac{x+1}{y}", "(frac (+ x 1) y)"},
        {"\\dfrac{1}{2}", "(frac 1 2)"},
        {"\\frac{1}", "none"},
        {"\\sqrt{2}", "(sqrt 2)"},
        {"\\sqrt2", "(sqrt 2)"},
        {"\\sqrt[3]{2}", "(root 2 3)"},
        {"\\sqrt[n+1]{x}", "(root x (+ n 1))"},
        {"\\sqrt[3{2}", "none"},
        {"\u221A2", "(sqrt 2)"},
        {"\u221B2", "(root 2 3)"},
        {"sqrt(2)", "(sqrt 2)"},
        {"sqrt2", "(sqrt 2)"},
        {"\\binom{5}{2}", "(binom 5 2)"},
        {"5 choose 2", "(binom 5 2)"},
        {"17 mod 5", "(mod 17 5)"},
        {"17 \\bmod 5 + 1", "(+ (mod 17 5) 1)"},
        {"\\sqrt{", "none"},
    };
    CHECK(rows);
}

static void functions_take_brackets_or_what_follows(void **state)
{
    static const struct row rows[] = {
        {"\\sin(x)", "(sin x)"},
        {"\\sin x", "(sin x)"},
        {"\\sin 2x", "(sin (* 2 x))"},
        {"\\sin 2x + 1", "(+ (sin (* 2 x)) 1)"},
        {"\\sin x \\cos y", "(. (sin x) (cos y))"},
        {"\\sin x (y)", "(. (sin x) y)"},
        {"\\sin -x", "(sin (- x))"},
        {"\\sin \\pi/6", "(sin (/ pi 6))"},
        {"\\sin 2\\pi/6", "(sin (/ (* 2 pi) 6))"},
        {"\\sin x/y", "(/ (sin x) y)"},
        {"\\sin^2 x", "(^ (sin x) 2)"},
        {"\\sin^{2}(x)", "(^ (sin x) 2)"},
        {"\\sin^{-1}(x)", "(asin x)"},
        {"\\sin^-1 x", "(asin x)"},
        {"\\cos^{-1} x", "(acos x)"},
        {"\\tan^{-1} x", "(atan x)"},
        {"\\cot^{-1} x", "(acot x)"},
        {"\\sec^{-1} x", "(asec x)"},
        {"\\csc^{-1} x", "(acsc x)"},
        {"\\sinh^{-1} x", "(asinh x)"},
        {"\\cosh^{-1} x", "(acosh x)"},
        {"\\tanh^{-1} x", "(atanh x)"},
        {"\\ln^{-1} x", "(^ (ln x) (- 1))"},
        {"\\sin^{-2} x", "(^ (sin x) (- 2))"},
        {"\\sin{x}", "(sin x)"},
        {"\\sin[x]", "(sin x)"},
        {"sinx", "(sin x)"},
        {"lnx", "(. (. l n) x)"}, /* too short for a function in a word */
        {"\\log_2 8", "(log 8 2)"},
        {"\\log_{10}(x)", "(log x 10)"},
        {"\\log(8, 2)", "(log 8 2)"},
        {"\\log_2(8, 2)", "none"},
        {"\\log x", "(log x)"},
        {"\\log_3^2 x", "(^ (log x 3) 2)"},
        {"\\ln(8, 2)", "none"},
        {"\\gcd(4, 6)", "(gcd 4 6)"},
        {"\\gcd(4, 6, 8)", "(gcd 4 6 8)"},
        {"\\max{1, 2}", "(max 1 2)"},
        {"\\gcd 4", "none"},
        {"\\gcd(4, 6", "none"},
        {"\\operatorname{lcm}(4, 6)", "(lcm 4 6)"},
        {"\\exp(x)", "(exp x)"},
        {"cis 30^\\circ", "(exp (* i (deg 30)))"},
        {"cis(x)", "(exp (* i x))"},
        {"|x - 1|", "(abs (+ x (- 1)))"},
        {"|-2| + |3|", "(+ (abs (- 2)) (abs 3))"},
        {"|x", "none"},
        {"|(|x|)|", "(abs (abs x))"},
        {"\\lfloor x \\rfloor", "(floor x)"},
        {"\\lceil x \\rceil", "(ceil x)"},
        {"\\lfloor x \\rceil", "none"},
        {"\\lfloor x", "none"},
        {"\\rfloor", "none"},
        {"\\sin", "none"},
        {"\\sin()", "none"},
    };
    CHECK(rows);
}

static void sums_bind_their_index(void **state)
{
    static const struct row rows[] = {
        {"\\sum_{k=1}^{n} k^2", "(sum k 1 n (^ k 2))"},
        {"\\sum^{n}_{k=1} k", "(sum k 1 n k)"},
        {"\\prod_{i=1}^3 i", "(product i 1 3 i)"}, /* the index, not the imaginary unit */
        {"\\prod_{i=1}^3 i + i", "(+ (product i 1 3 i) i)"},
        {"\\sum_{k=1} k", "none"},
        {"\\sum^3 k", "none"},
        {"\\sum_{1=1}^3 k", "none"},
        {"\\sum_{k}^3 k", "none"},
        {"\\sum_{k=1}^3", "none"},
        {"\\int x", "none"},
        {"\\lim x", "none"},
    };
    CHECK(rows);
}

static void names_hold_their_index_and_primes(void **state)
{
    static const struct row rows[] = {
        {"x_1", "x_1"},           {"x_{12}", "x_12"},
        {"a_{n + 1}", "a_n+1"},   {"x_1^2", "(^ x_1 2)"},
        {"\\alpha_1", "alpha_1"}, {"e_1", "e_1"}, /* a name, not the constant */
        {"i_1", "i_1"},           {"f'", "f'"},
        {"f''", "f''"},           {"f'''", "f'''"},
        {"f''''", "none"},        {"f^{\\prime}", "f'"},
        {"f^\\prime", "f'"},      {"x_{1", "none"},
        {"x_", "none"},
    };
    CHECK(rows);
}

static void letters_are_constants_variables_or_prose(void **state)
{
    static const struct row rows[] = {
        {"e", "e"},
        {"i", "i"},
        {"I", "i"},
        {"\\pi", "pi"},
        {"pi", "pi"},
        {"\\infty", "inf"},
        {"abc", "(. (. a b) c)"},
        {"abcd", "none"}, /* four letters are a word */
        {"the", "none"},
        {"\u00E9", "none"},
        {"", "none"},
        {"+", "none"},
        {"2 +", "none"},
        {"(2", "none"},
        {"2)", "none"},
        {"()", "none"},
        {"\\{2\\}", "none"}, /* no scalar */
        {"(1, 2)", "none"},
        {"1, 2", "none"},
        {"x = 2", "none"},
    };
    CHECK(rows);
}

static void product_ends_at_units_in_answers_alone(void **state)
{
    static const struct row scalars[] = {
        {"5 m", "(. 5 m)"},
        {"5 x", "(. 5 x)"},
    };
    CHECK(scalars);
    static const struct row answers[] = {
        {"5 m", "(\"m\" 5)"},           {"5m", "(. 5 m)"},
        {"5 m + 1", "(+ (. 5 m) 1)"},   {"5 x", "(. 5 x)"},
        {"5 cm", "(\"cm\" 5)"},         {"5cm", "(\"cm\" 5)"},
        {"5 m^2", "(\"m^2\" 5)"},       {"5 m^{2}", "(\"m^{2}\" 5)"},
        {"5 dog", "(\"dog\" 5)"},       {"5 dogs", "(\"dogs\" 5)"},
        {"30 N*m", "(\"N*m\" 30)"},     {"r^2 h", "(. (^ r 2) h)"},
        {"10^8 m", "(\"m\" (^ 10 8))"}, {"10^{8} m", "(\"m\" (^ 10 8))"},
        {"x in", "(\"in\" x)"},
    };
    CHECK_ANSWERS(answers);
}

/* n times `open`, "1", n times `close` */
static const char *nest(const char *open, const char *close, int n)
{
    static char text[4000];
    size_t at = 0;
    for (int i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s", open);
    at += (size_t)snprintf(text + at, sizeof text - at, "1");
    for (int i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s", close);
    return text;
}

static enum parse_status status_of(const char *text)
{
    struct pool pool;
    struct tokens tokens;
    enum parse_status status;
    pool_init(&pool);
    assert_true(lex(&pool, text, strlen(text), &tokens));
    assert_false(tokens.limit);
    parse_scalar(&pool, tokens.list, tokens.list + tokens.n, &status);
    pool_fini(&pool);
    return status;
}

static void depth_and_nodes_are_bounded(void **state)
{
    assert_int_equal(status_of(nest("(", ")", 10)), PARSE_OK);
    assert_int_equal(status_of(nest("(", ")", EXPR_DEPTH_MAX)), PARSE_LIMIT);
    assert_int_equal(status_of(nest("\\sqrt{", "}", EXPR_DEPTH_MAX)), PARSE_LIMIT);
    assert_int_equal(status_of(nest("2^", "", EXPR_DEPTH_MAX)), PARSE_LIMIT);
    assert_int_equal(status_of(nest("-", "", 1000)), PARSE_OK); /* signs do not nest */
    char text[2 * EXPR_NODES_MAX];
    size_t n = 0;
    for (int i = 0; i < EXPR_NODES_MAX / 2; i++, n += 2) /* n terms and n - 1 sums */
        memcpy(text + n, "1+", 2);
    text[n - 1] = '\0';
    assert_int_equal(status_of(text), PARSE_OK);
    char more[2 * EXPR_NODES_MAX + 8];
    snprintf(more, sizeof more, "%s+1", text);
    assert_int_equal(status_of(more), PARSE_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sum_and_product_bind_as_usual),
        cmocka_unit_test(product_needs_no_sign),
        cmocka_unit_test(postfix_signs_bind_tightest),
        cmocka_unit_test(mixed_number_is_a_sum),
        cmocka_unit_test(fractions_and_roots_take_groups_or_single_things),
        cmocka_unit_test(functions_take_brackets_or_what_follows),
        cmocka_unit_test(sums_bind_their_index),
        cmocka_unit_test(names_hold_their_index_and_primes),
        cmocka_unit_test(letters_are_constants_variables_or_prose),
        cmocka_unit_test(product_ends_at_units_in_answers_alone),
        cmocka_unit_test(depth_and_nodes_are_bounded),
    };
    return cmocka_run_group_tests_name("claims.math.parse_scalar", tests, NULL, NULL);
}
