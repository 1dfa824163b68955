/* Which operands are found beside each relation of a claim. "left | right", a minus where there are
 * no sure ones, and a semicolon between relations. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "claims/math/exact_internal.h"

static void copy(const struct tokens *tokens, struct range r, char *out, size_t size)
{
    size_t from = r.from->start, to = r.to[-1].end;
    snprintf(out, size, "%.*s", (int)(to - from), tokens->text + from);
}

static void links(const char *claim, char *out, size_t size)
{
    struct pool pool;
    struct tokens tokens;
    pool_init(&pool);
    assert_true(lex(&pool, claim, strlen(claim), &tokens));
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < tokens.n; i++) {
        struct link link;
        char left[200], right[200];
        if (!exact_is_relation(&tokens, &tokens.list[i]))
            continue;
        const char *gap = at ? "; " : "";
        if (exact_find_link(&tokens, &tokens.list[i], &link)) {
            copy(&tokens, link.left, left, sizeof left);
            copy(&tokens, link.right, right, sizeof right);
            at += (size_t)snprintf(out + at, size - at, "%s%s | %s", gap, left, right);
        } else {
            at += (size_t)snprintf(out + at, size - at, "%s-", gap);
        }
    }
    pool_fini(&pool);
}

struct row {
    const char *claim, *links;
};

static void check_all(const struct row *rows, size_t n)
{
    char got[1000];
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        links(rows[i].claim, got, sizeof got);
        if (strcmp(got, rows[i].links) != 0) {
            print_error("%s: '%s', not '%s'\n", rows[i].claim, got, rows[i].links);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

#define CHECK(rows) check_all(rows, sizeof(rows) / sizeof *(rows))

static void an_operand_is_the_longest_run_of_arithmetic(void **state)
{
    static const struct row rows[] = {
        {"3*4 = 12", "3*4 | 12"},
        {"(3 + 4)*2 = 14", "(3 + 4)*2 | 14"},
        {"\\frac{1}{2} + 1 = \\frac{3}{2}", "\\frac{1}{2} + 1 | \\frac{3}{2}"},
        {"\\sqrt{4} = 2", "\\sqrt{4} | 2"},
        {"5! = 120", "5! | 120"},
        {"|-2| = 2", "|-2| | 2"},
        {"$5 + $6 = $11", "$5 + $6 | $11"},
        {"-2 + 3 = 1", "-2 + 3 | 1"},
        {"2 + 3 = 5 = 4 + 1", "2 + 3 | 5; 5 | 4 + 1"},
        {"7 > 3", "7 | 3"},
        {"2 + 3 >= 4", "2 + 3 | 4"},
        {"2 + 3 <= 6", "2 + 3 | 6"},
        {"2 + 3 != 6", "2 + 3 | 6"},
        {"2 + 3 \\approx 5", "2 + 3 | 5"},
        {"So the total is 3 * 4 = 12 dollars.", "3 * 4 | 12"},
        {"pay: 9*8=72", "9*8 | 72"},
        {"1) 3*4 = 12", "3*4 | 12"},
        {"0.5 + 0.2 = 0.7 (70%)", "0.5 + 0.2 | 0.7"},
        {"5 + 7 = 12 (since so)", "5 + 7 | 12"},
    };
    CHECK(rows);
}

static void units_inside_an_operand_belong_to_it(void **state)
{
    static const struct row rows[] = {
        {"5 cars * 4 wheels = 20 wheels", "5 cars * 4 wheels | 20"},
        {"5 cm * 4 = 20 cm", "5 cm * 4 | 20"},
        {"5 cm^2 * 4 = 20", "5 cm^2 * 4 | 20"},
        {"5 cm^{2} * 4 = 20", "5 cm^{2} * 4 | 20"},
        {"(5 cars) * 4 = 20", "(5 cars) * 4 | 20"},
        {"5 m * 4 = 20", "5 m * 4 | 20"},
        {"3 red toy cars * 4 = 12", "3 red toy cars * 4 | 12"},
        {"3 big red toy cars * 4 = 12", "-"}, /* four words are no unit */
        {"5 half * 4 = 20", "-"},
        {"5 dozen * 4 = 20", "-"},
        {"5 x * 4 = 20", "-"},
    };
    CHECK(rows);
}

static void nothing_beside_an_operand_may_belong_to_it(void **state)
{
    static const struct row rows[] = {
        {"half of 10 + 2 = 7", "-"},
        {"twice 3 + 4 = 10", "-"},
        {"x - 3 = 5", "-"},
        {"x 3 + 2 = 5", "-"},
        {"\\alpha 3 + 2 = 5", "-"},
        {"f(2) + 3 = 5", "-"},
        {"3, 4 + 2 = 6", "4 + 2 | 6"},
        {"10:30 + 2 = 12", "-"},
        {"ratio 3: 4 + 2 = 6", "4 + 2 | 6"},
        {"divided by 3 + 4 = 7", "-"},
        {"step by 3 + 4 = 7", "3 + 4 | 7"},
        {"price + tax 2 * 3 = 8", "-"},
        {"price, tax + x. 2 * 3 = 6", "2 * 3 | 6"}, /* another sentence */
        {"\\sin 3 + 4 = 7", "\\sin 3 + 4 | 7"},
        {"- 3 * 4 = 12", "-"}, /* a bullet */
        {"-3 * 4 = -12", "-3 * 4 | -12"},
        {"+3 * 4 = 12", "-"},
        {"a - 3 * 4 = 12", "-"},
        {"so -3 * 4 = -12", "-3 * 4 | -12"},
        {"3 \\cdot 4 mod 5 = 2", "-"},
        {"and 3 + 4 = 7", "-"},
        {"x_3 + 4 = 7", "-"},
        {"7 3 + 4 = 7", "-"},
    };
    CHECK(rows);
}

static void nothing_after_the_right_operand_may_change_it(void **state)
{
    static const struct row rows[] = {
        {"2 + 3 = 5x", "-"},
        {"2 + 3 = 5 x", "-"},
        {"2 + 3 = 5 g", "2 + 3 | 5"}, /* a unit of one letter */
        {"2 + 3 = 5g", "-"},
        {"2 + 3 = 5cm", "2 + 3 | 5"},
        {"2 + 3 = 5xy", "-"},
        {"2 + 3 = 5 dozen", "-"},
        {"2 + 3 = 5 big dozen", "-"},
        {"2 + 3 = 5 remainder 1", "-"},
        {"2 + 3 = 5 hundred", "-"},
        {"2 + 3 = 5 squared", "-"},
        {"2 + 3 = 5 out of 6", "-"},
        {"2 + 3 = 5 of 6", "-"},
        {"2 + 3 = 5 of them", "2 + 3 | 5"},
        {"2 + 3 = 5 in all", "2 + 3 | 5"},
        {"2 + 3 = 5:30", "-"},
        {"2 + 3 = 5,5", "-"},
        {"2 + 3 = 5, 6", "2 + 3 | 5"},
        {"2 + 3 = 5 and 6", "-"},
        {"2 + 3 = 5 and so", "2 + 3 | 5"},
        {"2 + 3 = 5 \\pm 1", "-"},
        {"2 + 3 = 5^\\circ", "-"},
        {"2 + 3 = 5...", "-"},
        {"2 + 3 = 5 \\alpha", "-"},
        {"2 + 3 = 5 (6)", "-"},
        {"2 + 3 = 5(x)", "-"},
        {"2 + 3 = 5 (as said)", "2 + 3 | 5"},
        {"2 + 3 = 5 (50%)", "2 + 3 | 5"},
        {"2 + 3 = 5 (6 cars)", "2 + 3 | 5"},
        {"2 + 3 = 5 +", "-"},
        {"2 + 3 = 5 cars = 6", "2 + 3 | 5 cars; -"},
        {"2 + 3 = 5.", "2 + 3 | 5"},
        {"2 + 3 = 5!", "2 + 3 | 5!"},
        {"2 + 3 = 5**", "2 + 3 | 5"},
        {"2 + 3 =", "-"},
        {"= 5", "-"},
    };
    CHECK(rows);
}

static void a_bare_number_on_the_left_needs_a_place_of_its_own(void **state)
{
    static const struct row rows[] = {
        {"5 = 2 + 3", "5 | 2 + 3"},
        {"sum: 5 = 2 + 3", "5 | 2 + 3"},
        {"price 5 = 2 + 3", "-"},
        {"3 peaches = 3 * 0.5", "-"},
        {"3 peaches = 3 * 0.5 = 1.5", "-; 3 * 0.5 | 1.5"},
        {"<<3*4=12>>12", "3*4 | 12"},
    };
    CHECK(rows);
}

static void fences_are_no_inequalities(void **state)
{
    static const struct row rows[] = {
        {"3*4 = <<3*4=12>>12", "-; 3*4 | 12"},
        {"3 << 4", ""},
        {"4 >> 3", ""},
        {"3 < < 4", "-; -"}, /* with a blank they are two signs */
        {"3 < 4", "3 | 4"},
    };
    CHECK(rows);
}

static void operators_are_told_from_bare_values(void **state)
{
    static const struct {
        const char *text;
        bool operates;
    } table[] = {{"5", false},        {"-5", false},  {"(-5)", false}, {"2 + 3", true},
                 {"2^3", true},       {"5!", true},   {"|5|", true},   {"\\frac{1}{2}", true},
                 {"\\sqrt{4}", true}, {"2(3)", true}, {"(5)", false},  {"\\binom{4}{2}", true},
                 {"\\sin 2", true},   {"50%", false}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct pool pool;
        struct tokens t;
        pool_init(&pool);
        assert_true(lex(&pool, table[i].text, strlen(table[i].text), &t));
        struct range all = {t.list, t.list + t.n};
        if (exact_has_operator(all) != table[i].operates)
            fail_msg("%s", table[i].text);
        pool_fini(&pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operand_is_the_longest_run_of_arithmetic),
        cmocka_unit_test(units_inside_an_operand_belong_to_it),
        cmocka_unit_test(nothing_beside_an_operand_may_belong_to_it),
        cmocka_unit_test(nothing_after_the_right_operand_may_change_it),
        cmocka_unit_test(a_bare_number_on_the_left_needs_a_place_of_its_own),
        cmocka_unit_test(fences_are_no_inequalities),
        cmocka_unit_test(operators_are_told_from_bare_values),
    };
    return cmocka_run_group_tests_name("claims.math.exact_operand", tests, NULL, NULL);
}
