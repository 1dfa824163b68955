/* What an answer is once its dress is off. Each row: the text, its value written out. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "claims/math/value.h"
#include "tests/unit/claims/math/tree.h"

struct out {
    char text[1000];
    size_t n;
};

static void put(struct out *out, const char *text)
{
    out->n += (size_t)snprintf(out->text + out->n, sizeof out->text - out->n, "%s", text);
}

static void put_tree(struct out *out, const struct expr *e)
{
    tree_write(e, out->text + out->n, sizeof out->text - out->n);
    out->n += strlen(out->text + out->n);
}

/* name := value "unit" %, where they are; lists by the brackets that their kind has. */
static void put_value(struct out *out, const struct value *v)
{
    static const char *const kinds[] = {
        [VALUE_LIST] = "list",         [VALUE_SET] = "set",       [VALUE_TUPLE] = "tuple",
        [VALUE_UNION] = "union",       [VALUE_MATRIX] = "matrix", [VALUE_RATIO] = "ratio",
        [VALUE_EQUATION] = "equation", [VALUE_OTHER] = "other"};
    char buffer[200];
    if (v->name) {
        put_tree(out, v->name);
        put(out, " := ");
    }
    if (v->kind == VALUE_SCALAR) {
        put_tree(out, v->expr);
    } else if (v->kind == VALUE_INTERVAL) {
        put(out, v->closed & 1 ? "[" : "(");
        put_value(out, v->items[0]);
        put(out, " ");
        put_value(out, v->items[1]);
        put(out, v->closed & 2 ? "]" : ")");
    } else {
        snprintf(buffer, sizeof buffer, v->kind == VALUE_MATRIX ? "(%s%d" : "(%s", kinds[v->kind],
                 v->columns);
        put(out, buffer);
        for (size_t i = 0; i < v->n; i++) {
            put(out, " ");
            put_value(out, v->items[i]);
        }
        for (int i = 0; v->kind == VALUE_EQUATION && i < 2; i++) {
            put(out, " ");
            put_tree(out, v->sides[i]);
        }
        if (v->kind == VALUE_OTHER) {
            put(out, " ");
            put_tree(out, v->expr);
        }
        put(out, ")");
    }
    if (v->unit || v->currency) {
        snprintf(buffer, sizeof buffer, " %d\"%.*s\"", v->currency, (int)v->unit_len,
                 v->unit ? v->unit : "");
        put(out, buffer);
    }
}

struct row {
    const char *text, *value;
};

static void check_all(const struct row *rows, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct pool pool;
        pool_init(&pool);
        struct out out = {.n = 0};
        const struct value *v = value_make(&pool, tree_of(&pool, rows[i].text));
        if (v)
            put_value(&out, v);
        if (strcmp(out.text, rows[i].value) != 0) {
            print_error("%s: %s, not %s\n", rows[i].text, out.text, rows[i].value);
            wrong++;
        }
        pool_fini(&pool);
    }
    assert_int_equal(wrong, 0);
}

#define CHECK(rows) check_all(rows, sizeof(rows) / sizeof *(rows))

static void names_are_taken_off(void **state)
{
    static const struct row rows[] = {
        {"5", "5"},
        {"x = 5", "x := 5"},
        {"5 = x", "x := 5"},
        {"x_1 = 5", "x_1 := 5"},
        {"y = 2x + 1", "y := (+ (. 2 x) 1)"},
        {"f(x) = 2x", "(apply f x) := (. 2 x)"},
        {"f^{-1}(x) = 2x", "(apply (^ f (- 1)) x) := (. 2 x)"},
        {"P(A) = 1/2", "(apply P A) := (/ 1 2)"},
        {"P(X > 2) = 1/2", "(. P (> X 2)) := (/ 1 2)"},
        {"AB = 5", "(. A B) := 5"},
        {"|AB| = 5", "(abs (. A B)) := 5"},
        {"\\cos A = 1/2", "(cos A) := (/ 1 2)"},
        {"\\frac{dy}{dx} = 2", "dy/dx := 2"},
        {"x = x^2", "(equation x (^ x 2))"}, /* it occurs on both sides */
        {"x + y = 5", "(equation (+ x y) 5)"},
        {"2x = 5", "(equation (. 2 x) 5)"},
        {"x \\in (1, 2)", "x := (tuple 1 2)"},
        {"5 \\in (1, 2)", "(other (e 5 (tuple 1 2)))"},
        {"A(3, 4)", "A := (tuple 3 4)"},
        {"|x| = 5", "(equation (abs x) 5)"},
        {"x = y = 5", "x := 5"},
        {"(p, q) = (3, 2)", "(list p := 3 q := 2)"},
        {"(p, 2) = (3, 2)", "(other (= (tuple p 2) (tuple 3 2)))"},
        {"(p, q) = (3, 2, 1)", "(other (= (tuple p q) (tuple 3 2 1)))"},
    };
    CHECK(rows);
}

static void calculations_end_in_their_value(void **state)
{
    static const struct row rows[] = {
        {"2 + 3 = 5", "5"},
        {"2 + 3 = 1 + 4 = 5", "5"},
        {"11/36 \\approx 0.306", "(/ 11 36)"}, /* a rounding of what comes before */
        {"11/36 \\approx 0.31", "31/100"},
        {"\\pi \\approx 3", "3"}, /* a whole number is meant */
        {"x = 11/36 \\approx 0.306", "x := (/ 11 36)"},
        {"x = 1/3 = 0.333", "x := 333/1000"},
        {"x + 1 = 2 + 3 = 5", "5"},
        {"x + 1 = y = z", "(other (== (+ x 1) y z))"},
    };
    CHECK(rows);
}

static void inequalities_are_intervals(void **state)
{
    static const struct row rows[] = {
        {"x < 5", "x := ((- inf) 5)"},
        {"x \\le 5", "x := ((- inf) 5]"},
        {"x > 5", "x := (5 inf)"},
        {"x \\ge 5", "x := [5 inf)"},
        {"5 > x", "x := ((- inf) 5)"},
        {"5 \\le x", "x := [5 inf)"},
        {"x \\ne 5", "x := (union ((- inf) 5) (5 inf))"},
        {"1 < x < 2", "x := (1 2)"},
        {"1 \\le x < 2", "x := [1 2)"},
        {"1 < x \\le 2", "x := (1 2]"},
        {"2 > x \\ge 1", "x := [1 2)"},
        {"2 \\ge x > 1", "x := (1 2]"},
        {"1 < x > 2", "(other (<> 1 x 2))"},
        {"1 < 2x < 4", "x := (1/2 2)"},
        {"1 < x^3 - x - 1 < 8", "(other (<< 1 (+ (+ (^ x 3) (- x)) (- 1)) 8))"},
        {"1 < x \\ne 2", "(other (<n 1 x 2))"},
        {"|x| < 2", "x := ((- 2) 2)"},
        {"|x| \\le 2", "x := [(- 2) 2]"},
        {"|x| > 2", "x := (union ((- inf) (- 2)) (2 inf))"},
        {"|x| \\ge 2", "x := (union ((- inf) (- 2)] [2 inf))"},
        {"|x| < y", "y := ((abs x) inf)"},
        {"x + y < 2", "(other (< (+ x y) 2))"},
        {"x < 1 or x > 3", "x := (union ((- inf) 1) (3 inf))"},
        {"x < 1, x > 3", "x := (union ((- inf) 1) (3 inf))"},
        {"x > 1 and x < 3", "x := (1 3)"},
        {"x < 3 and x > 1", "x := (1 3)"},
        {"x \\ge 1 and x \\le 3", "x := [1 3]"},
        {"x > 1 or x < 3", "x := ((- inf) inf)"},
        {"x \\le -2 \\cup x \\ge 2", "x := (union ((- inf) (- 2)] [2 inf))"},
        {"x \\in \\mathbb{R}, x \\ne 1", "x := (union ((- inf) 1) (1 inf))"},
        {"\\{x | x > 2\\}", "(2 inf)"},
        {"\\{x \\in \\mathbb{R} \\mid x > 2\\}", "(2 inf)"},
        {"\\{y | x > 2\\}", "(other (such y (> x 2)))"},
    };
    CHECK(rows);
}

static void unions_are_sorted_and_joined(void **state)
{
    static const struct row rows[] = {
        {"[1,2] \\cup [3,4]", "(union [1 2] [3 4])"},
        {"[3,4] \\cup [1,2]", "(union [1 2] [3 4])"},
        {"[1,3] \\cup [2,5]", "[1 5]"},
        {"[1,5] \\cup [2,3]", "[1 5]"},
        {"[1,2] \\cup [2,3]", "[1 3]"},
        {"[1,2) \\cup [2,3]", "[1 3]"},
        {"[1,2] \\cup (2,3]", "[1 3]"},
        {"[1,2) \\cup (2,3]", "(union [1 2) (2 3])"}, /* 2 is in neither */
        {"[1,2) \\cup \\{2\\}", "[1 2]"},
        {"(1,2) \\cup \\{1\\}", "[1 2)"},
        {"(1,2) \\cup (1,2]", "(1 2]"},
        {"\\{1\\} \\cup \\{2\\}", "(set 1 2)"},
        {"\\{2\\} \\cup \\{1\\}", "(set 1 2)"},
        {"\\{3\\} \\cup [1,2]", "(union [1 2] 3)"},
        {"(-\\infty,1) \\cup (0,\\infty)", "((- inf) inf)"},
        {"(-\\infty,\\infty)", "((- inf) inf)"},
        {"\\mathbb{R}", "((- inf) inf)"},
        {"[a,2] \\cup [1,b]", "(union [a 2] [1 b])"}, /* their order is not known */
        {"[1,2] \\cup [3,4] \\cup [5,6] \\cup [7,8] \\cup [9,10] \\cup [0,0.5]",
         "(union [0 1/2] [1 2] [3 4] [5 6] [7 8] [9 10])"},
        {"[1,2] \\cup [3,4] \\cup [5,6] \\cup [7,8] \\cup [9,10] \\cup [0,0.5] \\cup [11,12]",
         "(union [1 2] [3 4] [5 6] [7 8] [9 10] [0 1/2] [11 12])"}, /* more than six stay */
        {"[1,2] \\cup A", "(other (union ([] 1 2) A))"},
    };
    CHECK(rows);
}

static void intersections_and_differences_are_computed(void **state)
{
    static const struct row rows[] = {
        {"[1,3] \\cap [2,5]", "[2 3]"},
        {"[1,3] \\cap (2,3]", "(2 3]"},
        {"[1,3) \\cap [1,3]", "[1 3)"},
        {"[1,2] \\cap [2,3]", "(set 2)"},
        {"[1,2) \\cap [2,3]", "(set)"},
        {"[1,2] \\cap [3,4]", "(set)"},
        {"([1,2] \\cup [3,4]) \\cap [2,3]", "(set 2 3)"},
        {"[1,2] \\cap [a,3]", "(other (meet ([] 1 2) ([] a 3)))"},
        {"\\mathbb{R} \\setminus \\{1\\}", "(union ((- inf) 1) (1 inf))"},
        {"\\mathbb{R} - \\{1\\}", "(union ((- inf) 1) (1 inf))"},
        {"\\mathbb{R} \\setminus \\{1, 2\\}", "(union ((- inf) 1) (1 2) (2 inf))"},
        {"\\mathbb{R} \\setminus \\{2, 1\\}", "(union ((- inf) 1) (1 2) (2 inf))"},
        {"[1,3] \\setminus \\{1\\}", "(1 3]"},
        {"[1,3] \\setminus \\{3\\}", "[1 3)"},
        {"[1,3] \\setminus \\{5\\}", "[1 3]"},
        {"(0,5) \\setminus \\{2\\}", "(union (0 2) (2 5))"},
        {"[1,3] \\setminus \\{a\\}", "(other (less ([] 1 3) (set a)))"},
        {"[1,3] \\setminus [1,2]", "(other (less ([] 1 3) ([] 1 2)))"},
        {"\\mathbb{R} \\setminus \\{1,2,3,4,5\\}",
         "(union ((- inf) 1) (1 2) (2 3) (3 4) (4 5) (5 inf))"},
        {"\\mathbb{R} \\setminus \\{1,2,3,4,5,6\\}",
         "(other (less reals (set 1 2 3 4 5 6)))"}, /* beyond six parts */
    };
    CHECK(rows);
}

static void lists_of_solutions_share_their_name(void **state)
{
    static const struct row rows[] = {
        {"1, 2", "(list 1 2)"},
        {"x = 1, 2", "x := (list 1 2)"},
        {"x = 1, x = 2", "x := (list 1 2)"},
        {"x = 1, y = 2", "(list x := 1 y := 2)"},
        {"x = \\pm 2", "x := (list 2 (- 2))"},
        {"1 \\pm 2", "(list (+ 1 2) (+ 1 (- 2)))"},
        {"1 \\mp 2", "(list (+ 1 (- 2)) (+ 1 2))"},
        {"\\pm 1, 7", "(list 1 (- 1) 7)"},
        {"\\{\\pm 1, 7\\}", "(set 1 (- 1) 7)"},
        {"\\{1, 1, 2\\}", "(set 1 2)"},
        {"\\{1/2, 0.5\\}", "(set (/ 1 2))"},
        {"\\{\\}", "(set)"},
        {"3/4 or 0.75", "(/ 3 4)"}, /* one value in two forms */
        {"0.75 or 3/4", "(/ 3 4)"},
        {"3/4, 0.75", "(list (/ 3 4) 3/4)"},
        {"1 or 2", "(list 1 2)"},
        {"3 feet 4 inches", "(+ (* 12 3) 4) 0\"inches\""},
        {"1 hour and 30 minutes", "(+ (* 60 1) 30) 0\"minutes\""},
        {"1 hour, 2 minutes, 3 seconds", "(+ (* 60 (+ (* 60 1) 2)) 3) 0\"seconds\""},
        {"4 inches 3 feet", "(list 4 0\"inches\" 3 0\"feet\")"}, /* they must become smaller */
        {"3 feet and 2 hours", "(list 3 0\"feet\" 2 0\"hours\")"},
    };
    CHECK(rows);
}

static void quantities_ratios_and_matrices(void **state)
{
    static const struct row rows[] = {
        {"5 cm", "5 0\"cm\""},
        {"$5", "5 1\"\""},
        {"x = 5 cm", "x := 5 0\"cm\""},
        {"1:2", "(ratio 1 2)"},
        {"(1, 2)", "(tuple 1 2)"},
        {"[1, 2)", "[1 2)"},
        {"\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "(matrix2 1 2 3 4)"},
        {"2\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "(matrix1 (* 2 1) (* 2 2))"},
        {"\\begin{pmatrix} 1 & 2 & 3 \\\\ 4 & 5 & 6 \\end{pmatrix}^T", "(matrix2 1 4 2 5 3 6)"},
        {"(1, 2)^T", "(matrix1 1 2)"},
    };
    CHECK(rows);
}

static void signs_are_counted_and_literals_kept(void **state)
{
    static const struct {
        const char *text;
        uint8_t percent, degree;
        bool literal;
    } table[] = {{"5", 0, 0, true},         {"-5", 0, 0, true},         {"50%", 1, 0, true},
                 {"30^\\circ", 0, 1, true}, {"-30^\\circ", 0, 1, true}, {"1/2", 0, 0, false},
                 {"x%", 1, 0, false},       {"5%%", 2, 0, false},       {"\\pi", 0, 0, false}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct pool pool;
        pool_init(&pool);
        const struct value *v = value_make(&pool, tree_of(&pool, table[i].text));
        if (v->percent != table[i].percent || v->degree != table[i].degree ||
            v->is_literal != table[i].literal)
            fail_msg("%s: %d %d %d", table[i].text, v->percent, v->degree, v->is_literal);
        pool_fini(&pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_taken_off),
        cmocka_unit_test(calculations_end_in_their_value),
        cmocka_unit_test(inequalities_are_intervals),
        cmocka_unit_test(unions_are_sorted_and_joined),
        cmocka_unit_test(intersections_and_differences_are_computed),
        cmocka_unit_test(lists_of_solutions_share_their_name),
        cmocka_unit_test(quantities_ratios_and_matrices),
        cmocka_unit_test(signs_are_counted_and_literals_kept),
    };
    int failed = cmocka_run_group_tests_name("claims.math.value", tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
