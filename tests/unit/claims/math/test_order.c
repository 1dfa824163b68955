#include "tests/unit/test.h"

#include <string.h>

#include "claims/math/order.h"
#include "tests/unit/claims/math/tree.h"

static void solve_leaves_the_variable_alone(void **state)
{
    static const struct {
        const char *text, *tree; /* NULL: it is not solved */
    } rows[] = {
        {"-x > -1", "(< x 1)"},      {"2x + 3 \\le 9", "(l x 3)"},
        {"3 - x \\ge 1", "(l x 2)"}, {"x^3 > 8", "(> x 2)"},
        {"x + y > 1", NULL},         {"\\sqrt{x} > 2", NULL},
        {"1/x > 2", NULL},           {"2x = 4", NULL},
        {"x^3 - 2x > 5", NULL}, /* a root without a name */
        {"x^{13} > 1", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pool pool;
        pool_init(&pool);
        const struct expr *e = order_solve(&pool, tree_answer(&pool, rows[i].text));
        char text[200] = "";
        if (e)
            tree_write(e, text, sizeof text);
        if ((e != NULL) != (rows[i].tree != NULL) || (e && strcmp(text, rows[i].tree) != 0))
            fail_msg("%s: %s", rows[i].text, text);
        pool_fini(&pool);
    }
}

static void solve_quadratic_follows_the_sign(void **state)
{
    static const struct {
        const char *text;
        enum expr_kind kind;
        uint8_t op;
    } rows[] = {
        {"x^2 < 4", EXPR_RELATION, 0},           {"x^2 > 4", EXPR_LIST, EXPR_LIST_OR},
        {"-x^2 > -4", EXPR_RELATION, 0},         {"x^2 + 1 > 0", EXPR_CONST, CONST_REALS},
        {"x^2 < -1", EXPR_CONST, CONST_EMPTY},   {"x^2 \\le 0", EXPR_RELATION, 0},
        {"x^2 \\ge 0", EXPR_CONST, CONST_REALS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pool pool;
        pool_init(&pool);
        const struct expr *e = order_solve(&pool, tree_answer(&pool, rows[i].text));
        if (!e || e->kind != rows[i].kind || e->op != rows[i].op)
            fail_msg("%s", rows[i].text);
        pool_fini(&pool);
    }
}

static void solve_goes_by_the_roots(void **state)
{
    static const char *const rows[][2] = {
        {"x^3 > x", "(or (<< -1 x 0) (> x 1))"},
        {"x^3 \\ge x", "(or (ll -1 x 0) (g x 1))"},
        {"x^3 \\le x^2", "(l x 1)"}, /* a double root */
        {"x^3(x-1)^2 \\le 0", "(or (l x 0) (= x 1))"},
        {"x^2(x-1)^2 \\le 0", "(or (= x 0) (= x 1))"},
        {"x^2(x-1)^2 > 0", "(or (< x 0) (<< 0 x 1) (> x 1))"},
        {"x^3 \\ne x", "(or (< x -1) (<< -1 x 0) (<< 0 x 1) (> x 1))"},
        {"-x^3 > -8", "(< x 2)"},
        {"x^3 - x^2 - x - 2 > 0", "(> x 2)"},
        {"8x^3 > 1", "(> x 1/2)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pool pool;
        pool_init(&pool);
        const struct expr *e = order_solve(&pool, tree_answer(&pool, rows[i][0]));
        char found[400] = "";
        if (e)
            tree_write(e, found, sizeof found);
        if (strcmp(found, rows[i][1]) != 0)
            fail_msg("%s: %s, not %s", rows[i][0], found, rows[i][1]);
        pool_fini(&pool);
    }
}

static void solve_knows_roots_of_pure_and_quadratic_factors(void **state)
{
    static const struct {
        const char *text;
        size_t parts; /* 0: a single relation */
    } rows[] = {
        {"x^3 > 2", 0},
        {"x^4 < 5", 0},
        {"x^4 > 5", 2},
        {"x^4 + 5 > 0", 0}, /* everything */
        {"(x^2-2)(x^3-3) > 0", 2},
        {"(x^2-2)(x^2-3) > 0", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pool pool;
        pool_init(&pool);
        const struct expr *e = order_solve(&pool, tree_answer(&pool, rows[i].text));
        if (!e || (e->kind == EXPR_LIST ? e->n : 0) != rows[i].parts)
            fail_msg("%s", rows[i].text);
        pool_fini(&pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(solve_leaves_the_variable_alone),
        cmocka_unit_test(solve_quadratic_follows_the_sign),
        cmocka_unit_test(solve_goes_by_the_roots),
        cmocka_unit_test(solve_knows_roots_of_pure_and_quadratic_factors),
    };
    return cmocka_run_group_tests_name("claims.math.order", tests, NULL, NULL);
}
