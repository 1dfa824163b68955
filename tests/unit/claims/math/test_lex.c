/* How texts are cut. A token is written as its kind and, where it has one, its text or sign. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "claims/math/lex.h"

static const char *const kinds[] = {
    "end",   "number", "word", "name",     "func", "const", "text",     "frac",   "sqrt", "binom",
    "begin", "close",  "row",  "big",      "<=",   ">=",    "!=",       "~",      "+-",   "-+",
    "cup",   "cap",    "in",   "setminus", "\\{",  "\\}",   "<:",       ":>",     "deg",  "mod",
    "and",   "or",     "dots", "such",     "norm", "=>",    "currency", "dollar", "sign"};

static void describe(const struct token *t, char *out, size_t size)
{
    char number[64];
    switch (t->kind) {
    case TOK_SIGN:
        snprintf(out, size, "%c", t->id);
        return;
    case TOK_NUMBER:
        number_text(t->number, number, sizeof number);
        snprintf(out, size, "%s", number);
        return;
    case TOK_WORD:
    case TOK_NAME:
    case TOK_TEXT:
    case TOK_BEGIN:
    case TOK_CLOSE:
        snprintf(out, size, "%s:%.*s", kinds[t->kind], (int)t->len, t->text);
        return;
    case TOK_FUNC:
    case TOK_CONST:
    case TOK_SQRT:
    case TOK_CURRENCY:
    case TOK_BIG:
    case TOK_MOD:
        snprintf(out, size, "%s:%d", kinds[t->kind], t->id);
        return;
    default:
        snprintf(out, size, "%s", kinds[t->kind]);
    }
}

static void cut(const char *text, char *out, size_t size)
{
    struct pool pool;
    struct tokens tokens;
    pool_init(&pool);
    assert_true(lex(&pool, text, strlen(text), &tokens));
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < tokens.n; i++) {
        char one[100];
        describe(&tokens.list[i], one, sizeof one);
        at += (size_t)snprintf(out + at, size - at, "%s%s", i ? " " : "", one);
        assert_true(tokens.list[i].start <= tokens.list[i].end);
        assert_true(tokens.list[i].end <= strlen(tokens.text));
    }
    assert_int_equal(tokens.list[tokens.n].kind, TOK_END);
    assert_string_equal(tokens.list[tokens.n].text, "");
    pool_fini(&pool);
}

struct row {
    const char *text, *tokens;
};

static void check(const struct row *rows, size_t n)
{
    char got[1000];
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        cut(rows[i].text, got, sizeof got);
        if (strcmp(got, rows[i].tokens) != 0) {
            print_error("%s: %s, not %s\n", rows[i].text, got, rows[i].tokens);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

static void plain_text_is_numbers_words_and_signs(void **state)
{
    static const struct row rows[] = {
        {"2x + 1.5", "2 word:x + 3/2"},
        {"", ""},
        {" \t\n~", ""},
        {"ab12", "word:ab 12"},
        {"caf\u00E9", "word:caf\u00E9"},
        {".5", "1/2"},
        {"5.", "5 ."},
        {"1/2", "1 / 2"},
        {"a<=b>=c!=d", "word:a <= word:b >= word:c != word:d"},
        {"a == b", "word:a = word:b"},
        {"a => b -> c ==> d <=> e", "word:a => word:b => word:c => word:d => word:e"},
        {"2**3", "2 ^ 3"},
        {"1 +/- 2", "1 +- 2"},
        {"1 +- 2", "1 + - 2"},
        {"...", "dots"},
        {"a && b || c", "word:a and word:b | | word:c"},
        {"3 x 4", "3 * 4"},
        {"3x4", "3 * 4"},
        {"3 x .5", "3 * 1/2"},
        {"3 x -4", "3 * - 4"},
        {"3 x (4)", "3 * ( 4 )"},
        {"3 x $4", "3 * dollar 4"},
        {"(3) x 4", "( 3 ) * 4"},
        {"5% x 4", "5 % * 4"},
        {"ft x 4", "word:ft * 4"},
        {"5x - 3", "5 word:x - 3"},
        {"3x 4", "3 word:x 4"},
        {"3 x4", "3 word:x 4"},
        {"x 4", "word:x 4"},
        {"3x(4)", "3 word:x ( 4 )"},
        {"3 xy", "3 word:xy"},
        {"a x 4", "word:a word:x 4"},
        {"[\"1\", \"2\"]", "[ 1 , 2 ]"}, /* a list of strings */
        {"\"1\"", "\" 1 \""},
    };
    CHECK(rows);
}

static void numbers_depend_on_where_they_stand(void **state)
{
    static const struct row rows[] = {
        {"1,234", "1234"},
        {"1 234", "1234"},
        {"(1,234)", "( 1 , 234 )"},
        {"(1,234 + 1)", "( 1234 + 1 )"},
        {"(1 + 1,234)", "( 1 + 1234 )"},
        {"($1,234)", "( dollar 1234 )"},
        {"(1 234)", "( 1 234 )"},
        {"[1,234]", "[ 1 , 234 ]"},
        {"(1), 1,234", "( 1 ) , 1234"}, /* outside again */
        {"), 1,234", ") , 1234"},
        {"\\{1,234\\}, 1,234", "\\{ 1 , 234 \\} , 1234"},
        {"\\frac12", "frac 1 2"},
        {"\\frac123", "frac 1 2 3"},
        {"\\frac12 3", "frac 1 2 3"},
        {"\\frac{12}{34}", "frac { 12 } { 34 }"},
        {"\\log_28", "func:19 _ 2 8"},
        {"\\log_28 5", "func:19 _ 28 5"},
        {"\\log_28x", "func:19 _ 28 word:x"},
        {"\\log_{10}5", "func:19 _ { 10 } 5"},
        {"log_28", "func:19 _ 28"},
        {"1011_2", "11"},
        {"1011_{2}", "11"},
        {"1A3_{16}", "419"},
        {"A1_{16}", "161"},
        {"A_2", "word:A _ 2"}, /* a name with an index */
        {"12_2", "12 _ 2"},    /* no digit of that base */
        {"12_100", "12100"},
        {"12_{2", "12 _ { 2"},
        {"12_1", "12 _ 1"},
        {"0x1F", "31"},
        {"0xFFF", "4095"},
        {"0x123", "291"},
        {"0b101", "5"},
        {"0b1", "0 word:b 1"},
        {"0x12", "0 * 12"}, /* a product */
        {"0x1Fg", "0 * 1 word:Fg"},
        {"1e3", "1000"},
        {"0.333...", "333/1000"},
    };
    CHECK(rows);
}

static void commands_that_change_the_look_leave_nothing(void **state)
{
    static const struct row rows[] = {
        {"\\left( x \\right)", "( word:x )"},
        {"\\left. x \\right|", "word:x |"},
        {"\\bigl( x \\bigr)", "( word:x )"},
        {"\\displaystyle x", "word:x"},
        {"x\\,y\\;z\\!w\\ v", "word:x word:y word:z word:w word:v"},
        {"\\(x\\) \\[y\\]", "word:x word:y"},
        {"\\mathbf{x}", "{ word:x }"},
        {"\\boxed{5}", "{ 5 }"},
        {"boxed{5}", "{ 5 }"},
        {"\\phantom{x}5", "5"},
        {"\\hspace{1cm} 5", "5"},
        {"x \\quad y", "word:x word:y"},
        {"\\text{5}", "{ 5 }"},
        {"\\text{1.5 hours}", "{ 3/2 word:hours }"},
        {"\\textit{x}", "word:x"},
        {"\\", "\\"},
    };
    CHECK(rows);
}

static void commands_are_signs_functions_and_names(void **state)
{
    static const struct row rows[] = {
        {"a \\cdot b \\times c \\div d", "word:a * word:b * word:c / word:d"},
        {"a \\le b \\geq c \\neq d \\approx e", "word:a <= word:b >= word:c != word:d ~ word:e"},
        {"a \\cup b \\cap c \\in d \\setminus e",
         "word:a cup word:b cap word:c in word:d setminus word:e"},
        {"\\pm \\mp \\infty \\emptyset \\pi", "+- -+ const:3 const:4 const:0"},
        {"\\{ \\} \\langle \\rangle \\| \\mid", "\\{ \\} <: :> norm such"},
        {"\\sqrt \\cbrt \\frac \\binom", "sqrt:2 sqrt:3 frac binom"},
        {"\\proot2 \\proot3 \\proot4", "sqrt:2 sqrt:3 big:40 4"},
        {"\\sin sin \\ln lcm", "func:0 func:0 func:18 func:25"},
        {"\\sec sec \\min min", "func:4 word:sec func:26 word:min"}, /* units too */
        {"\\mathbb{R} \\mathbb{Z}", "const:5 { word:Z }"},
        {"\\alpha \\foo", "name:alpha big:40"},
        {"\\hat{x} \\hat x", "name:hat x name:hat x"},
        {"\\operatorname{lcm}(2)", "func:25 ( 2 )"},
        {"\\operatorname{foo}", "text:foo"},
        {"\\operatorname*{max}", "func:27"},
        {"\\text{ cm }", "text:cm"},
        {"\\text{ or }", "or"},
        {"\\text{ hours and } 30", "text:hours and 30"},
        {"\\text{and}", "and"},
        {"\\text{\\$}5", "currency:0 5"},
        {"\\text{x", "{ word:x"},
        {"\\overline{AB}", "{ word:AB }"},
        {"\\overline{z}", "func:36 { word:z }"},
        {"\\overrightarrow{AB}", "{ word:AB }"},
        {"\\overline{A}", "func:36 { word:A }"},
        {"\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "begin:pmatrix 1 row 2 close:pmatrix"},
        {"\\begin{array}{cc} 1 \\end{array}", "begin:array 1 close:array"},
        {"\\\\[2pt] 5", "row 5"},
        {"\\\\[2] 5", "row [ 2 ] 5"},
        {"\\begin 5", "5"},
        {"\\% \\& \\# \\_", "% & # _"},
        {"\\$5 $5", "currency:0 5 dollar 5"},
        {"USD GBP EUR \\yen \\rupee", "currency:0 currency:2 currency:1 currency:3 currency:4"},
        {"\\cents \\cent", "text:cents text:cent"},
        {"\\circ \\degree", "deg deg"},
        {"5 mod 3 \\pmod choose", "5 mod:28 3 mod:40 mod:29"},
        {"\\sum \\prod \\int \\lim", "big:38 big:39 big:40 big:40"},
        {"\\lfloor \\rfloor \\lceil \\rceil", "func:40 func:41 func:42 func:43"},
        {"\\prime", "'"},
        {"frac{1}{2} sqrt{3}", "frac { 1 } { 2 } sqrt:2 { 3 }"},
        {"infty oo inf in", "const:3 const:3 const:3 word:in"},
    };
    CHECK(rows);
}

static void names_are_found_whole(void **state)
{
    assert_int_equal(lex_func("sin", 3), FN_SIN);
    assert_int_equal(lex_func("sinh", 4), FN_SINH);
    assert_int_equal(lex_func("sinh", 3), FN_SIN);
    assert_int_equal(lex_func("atanh", 5), FN_ATANH);
    assert_int_equal(lex_func("Abs", 3), FN_ABS);
    assert_int_equal(lex_func("si", 2), -1);
    assert_int_equal(lex_func("sing", 4), -1);
    assert_int_equal(lex_func("frac", 4), -1);
    assert_int_equal(lex_func("lfloor", 6), -1); /* half a function */
    assert_int_equal(lex_func("cis", 3), -1);    /* written out by the parser */
    assert_int_equal(lex_func("", 0), -1);
}

static void spaces_and_places_are_kept(void **state)
{
    struct pool pool;
    struct tokens t;
    pool_init(&pool);
    assert_true(lex(&pool, "ab + 12 ", 8, &t));
    assert_int_equal(t.n, 3);
    assert_false(t.list[0].space);
    assert_true(t.list[1].space && t.list[2].space && t.list[3].space);
    assert_int_equal(t.list[2].start, 5);
    assert_int_equal(t.list[2].end, 7);
    assert_true(lex(&pool, "a\\,b", 4, &t));
    assert_true(t.list[1].space);
    assert_true(lex(&pool, "101", 3, &t));
    assert_int_equal(t.list[0].id, 0);
    assert_false(t.list[0].number->based);
    assert_true(lex(&pool, "101_2", 5, &t)); /* its base marks a number */
    assert_int_equal(t.list[0].id, 1);
    assert_true(t.list[0].number->based);
    assert_int_equal(t.list[0].number->written, 101);
    assert_true(lex(&pool, "1F_{16}", 7, &t));
    assert_int_equal(t.list[0].number->written, -1);
    assert_true(lex(&pool, "12345", 3, &t)); /* len counts, not the end of the string */
    assert_int_equal(fmpz_get_si(fmpq_numref(t.list[0].number->value)), 123);
    pool_fini(&pool);
}

static bool is_beyond(const char *text, size_t len)
{
    struct pool pool;
    struct tokens t;
    pool_init(&pool);
    assert_true(lex(&pool, text, len, &t));
    bool limit = t.limit;
    assert_int_equal(t.list[t.n].kind, TOK_END);
    if (limit)
        assert_int_equal(t.n, 0);
    pool_fini(&pool);
    return limit;
}

static void text_and_tokens_are_bounded(void **state)
{
    static char text[LEX_TEXT_MAX + 1];
    memset(text, ' ', sizeof text);
    assert_false(is_beyond(text, LEX_TEXT_MAX));
    assert_true(is_beyond(text, LEX_TEXT_MAX + 1));
    memset(text, '+', LEX_TOKENS_MAX);
    assert_false(is_beyond(text, LEX_TOKENS_MAX - 1));
    assert_true(is_beyond(text, LEX_TOKENS_MAX));
    memset(text, '7', NUMBER_DIGITS_MAX + 1);
    assert_false(is_beyond(text, NUMBER_DIGITS_MAX));
    assert_true(is_beyond(text, NUMBER_DIGITS_MAX + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_is_numbers_words_and_signs),
        cmocka_unit_test(numbers_depend_on_where_they_stand),
        cmocka_unit_test(commands_that_change_the_look_leave_nothing),
        cmocka_unit_test(commands_are_signs_functions_and_names),
        cmocka_unit_test(names_are_found_whole),
        cmocka_unit_test(spaces_and_places_are_kept),
        cmocka_unit_test(text_and_tokens_are_bounded),
    };
    return cmocka_run_group_tests_name("claims.math.lex", tests, NULL, NULL);
}
