#include "tests/unit/test.h"

#include "claims/read/statements.h"

struct row {
    const char *text;
    const char *statements[8]; /* to the first NULL */
};

static void check(const struct row *table, size_t n)
{
    size_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        struct cutter cutter;
        struct statement st;
        size_t k = 0;
        statements_begin(&cutter, table[i].text, (struct span){0, strlen(table[i].text)});
        while (statements_next(&cutter, &st)) {
            const char *want = k < 8 ? table[i].statements[k] : NULL;
            int len = (int)(st.s.end - st.s.start);
            if (!want || strlen(want) != (size_t)len ||
                memcmp(want, table[i].text + st.s.start, (size_t)len)) {
                print_error("\"%s\", statement %zu: \"%.*s\", not \"%s\"\n", table[i].text, k, len,
                            table[i].text + st.s.start, want ? want : "(none)");
                bad++;
            }
            k++;
        }
        if (k < 8 && table[i].statements[k]) {
            print_error("\"%s\": no \"%s\"\n", table[i].text, table[i].statements[k]);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

static void next_lines_and_sentences_are_cut(void **state)
{
    static const struct row table[] = {
        {"", {NULL}},
        {"\n \n", {NULL}},
        {"one\ntwo", {"one", "two"}},
        {"One two. Three four", {"One two", "Three four"}},
        {"What is it? Good! Well; done", {"What is it", "Good", "Well", "done"}},
        {"It costs 3.5 dollars.", {"It costs 3.5 dollars"}},
        {"It is approx. five", {"It is approx. five"}},
        {"See Fig. 3 of it", {"See Fig. 3 of it"}},
        {"Config. 3 of it", {"Config", "3 of it"}},
        {"On Jan. 5 he came", {"On Jan. 5 he came"}},
        {"1 + 2 + ... + 9 is odd", {"1 + 2 + ... + 9 is odd"}},
        {"He went on... Then", {"He went on", "Then"}},
        {"We know 5! = 120", {"We know 5! = 120"}},
        {"It is 5! It is 6", {"It is 5", "It is 6"}},
        {"So n = 5!", {"n = 5!"}},
        {"$n=5!$\nm = 3", {"$n=5!$", "m = 3"}},
        {"3 + 2 = 5!", {"3 + 2 = 5"}},
        {"(one.) Two", {"(one", "Two"}},
        {"It is $5.$ Then", {"It is $5", "Then"}},
        {"Good \\(x.\\) Then", {"Good \\(x", "\\) Then"}},
        {"a.b c", {"a.b c"}},
    };
    check(table, sizeof table / sizeof *table);
}

static void next_marks_of_lists_and_headings_are_taken_off(void **state)
{
    static const struct row table[] = {
        {"- one", {"one"}},
        {"* one", {"one"}},
        {"+ one", {"one"}},
        {"> - one", {"one"}},
        {"\xE2\x80\xA2 one", {"one"}},
        {"1. one\n12) two\n123. three", {"one", "two", "three"}},
        {"1234. Four", {"1234", "Four"}},
        {"1.5 is it", {"1.5 is it"}},
        {"-5 is it", {"-5 is it"}},
        {"## one", {"one"}},
        {"**one**", {"one"}},
        {"- **one** two", {"one** two"}},
        {"So, then one", {"one"}},
        {"which is 5", {"is 5"}},
        {"Sofa is 5", {"Sofa is 5"}},
        {"<step> one </step>", {"one"}},
        {"one \\end{think}", {"one"}},
        {"one & two \\\\", {"one & two"}},
        {"\\[ x = 1 \\]", {"x = 1"}},
        {"\\[\nx\n\\]\n$$\n```c\n---\n\\begin{align}\ny\n\\end{align}", {"x", "y"}},
        {"one \\", {"one"}},
    };
    check(table, sizeof table / sizeof *table);
}

static void next_one_equation_is_one_statement(void **state)
{
    static const struct row table[] = {
        {"3*4 = 12, so 12+5 = 17", {"3*4 = 12", "12+5 = 17"}},
        {"3*4 = 12 = 2*6", {"3*4 = 12 = 2*6"}},
        {"2x = 10 => x = 5", {"2x = 10", "x = 5"}},
        {"2x = 10 \\implies x = 5", {"2x = 10", "x = 5"}},
        {"2x = 10 \xE2\x87\x92 x = 5", {"2x = 10", "x = 5"}},
        {"x = 1 and y = 2", {"x = 1", "y = 2"}},
        {"x = 1 and y is 2", {"x = 1 and y is 2"}}, /* no equation comes after it */
        {"f(1, 2) = 3", {"f(1, 2) = 3"}},
        {"f(1, 2) = 3, f(2, 2) = 4", {"f(1, 2) = 3", "f(2, 2) = 4"}},
        {"x = f(1, y = 2)", {"x = f(1, y = 2)"}},
        {"If x = 3, then 2x = 6", {"If x = 3, then 2x = 6"}},
        {"Let x = 3, y = 4", {"Let x = 3, y = 4"}},
        {"x = 3 for y = 4", {"x = 3 for y = 4"}},
        {"x = 1,234 and more", {"x = 1,234 and more"}},
        {"2x &= 10 \\\\\n&= 4 + 6", {"2x &= 10 \\\\\n&= 4 + 6"}},
        {"2x\n= 10\n= 4 + 6\ny", {"2x\n= 10\n= 4 + 6", "y"}},
        {"# 2x\n= 10", {"2x", "= 10"}}, /* a heading is not continued */
    };
    check(table, sizeof table / sizeof *table);
}

static struct statement first(const char *text)
{
    struct cutter cutter;
    struct statement st;
    statements_begin(&cutter, text, (struct span){0, strlen(text)});
    assert_true(statements_next(&cutter, &st));
    return st;
}

static void next_kind_of_a_statement_is_told(void **state)
{
    assert_true(first("# One").heading);
    assert_true(first("**One**").heading);
    assert_true(first("**One:**").heading);
    assert_true(first("**One** .").heading);
    assert_true(first("One:").heading);
    assert_false(first("**One** two").heading);
    assert_false(first("One: two").heading);
    assert_true(first("Is it? No").question);
    assert_false(first("It is. No?").question);
    assert_true(first("it is 5").digit);
    assert_false(first("it is five").digit);
    assert_false(first("x = y, z = 5").digit); /* digits behind the cut are not its own */
    assert_true(first("x = 4, z = y").digit);
    assert_true(first("x\n= 4").digit);
}

static void next_relations_are_counted(void **state)
{
    assert_int_equal(first("it is 5").n_relations, 0);
    struct statement st = first("3*4 = 12 = 2*6");
    assert_int_equal(st.n_relations, 2);
    assert_int_equal(st.last_relation, strlen("3*4 = 12 ="));
    st = first("x \\leq 5");
    assert_int_equal(st.n_relations, 1);
    assert_int_equal(st.last_relation, strlen("x \\leq"));
    st = first("x\n= 4");
    assert_int_equal(st.n_relations, 1);
    assert_int_equal(st.last_relation, strlen("x\n="));
    st = first("x = 4, y = 5");
    assert_int_equal(st.n_relations, 1);
    assert_int_equal(st.last_relation, strlen("x ="));
}

static void next_only_its_span_is_read(void **state)
{
    const char *text = "zero. one = 1, two = 2";
    struct cutter cutter;
    struct statement st;
    statements_begin(&cutter, text, (struct span){6, 13});
    assert_true(statements_next(&cutter, &st));
    assert_int_equal(st.s.start, 6);
    assert_int_equal(st.s.end, 13);
    assert_false(statements_next(&cutter, &st));
    assert_false(statements_next(&cutter, &st));
}

static void next_rows_longer_than_a_claim_do_not_continue(void **state)
{
    char text[2100];
    memset(text, 'x', sizeof text);
    memcpy(text + 1990, "\n= 12345678", 12); /* 2001 bytes */
    struct cutter cutter;
    struct statement st;
    statements_begin(&cutter, text, (struct span){0, 2001});
    assert_true(statements_next(&cutter, &st));
    assert_int_equal(st.s.end, 1990);
    statements_begin(&cutter, text, (struct span){0, 2000});
    assert_true(statements_next(&cutter, &st));
    assert_int_equal(st.s.end, 2000);
}

static void relation_length_is_of_the_sign(void **state)
{
    static const struct {
        const char *text;
        size_t len;
    } table[] = {
        {"=", 1},
        {"= 5", 1},
        {"==", 2},
        {"=>", 0},
        {"<", 1},
        {"<=", 2},
        {">=", 2},
        {"< 5", 1},
        {"<b", 0},
        {"</b", 0},
        {"<<", 0},
        {">>", 0},
        {"\\approx 3", 7},
        {"\\leq3", 4},
        {"\\le 3", 3},
        {"\\leq 3", 4},
        {"\\left", 0},
        {"\\ge", 3},
        {"\\neq", 4},
        {"\\ne", 3},
        {"\\equiv", 6},
        {"\\lt", 3},
        {"\\gt", 3},
        {"\\times", 0},
        {"\\", 0},
        {"\xE2\x89\x88", 3},
        {"\xE2\x89\xA0", 3},
        {"\xE2\x89\xA1", 3},
        {"\xE2\x89\xA4", 3},
        {"\xE2\x89\xA5", 3},
        {"\xE2\x89\xA6", 0},
        {"\xE2\x88\x92", 0},
        {"+", 0},
        {"x", 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (statements_relation(table[i].text, 0, strlen(table[i].text)) != table[i].len)
            fail_msg("\"%s\" is a relation of %zu bytes", table[i].text,
                     statements_relation(table[i].text, 0, strlen(table[i].text)));
    assert_int_equal(statements_relation("==", 0, 1), 1);
    assert_int_equal(statements_relation("\xE2\x89\x88", 0, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_lines_and_sentences_are_cut),
        cmocka_unit_test(next_marks_of_lists_and_headings_are_taken_off),
        cmocka_unit_test(next_one_equation_is_one_statement),
        cmocka_unit_test(next_kind_of_a_statement_is_told),
        cmocka_unit_test(next_relations_are_counted),
        cmocka_unit_test(next_only_its_span_is_read),
        cmocka_unit_test(next_rows_longer_than_a_claim_do_not_continue),
        cmocka_unit_test(relation_length_is_of_the_sign),
    };
    return cmocka_run_group_tests_name("claims.read.statements", tests, NULL, NULL);
}
