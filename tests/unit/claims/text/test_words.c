#include "tests/unit/test.h"

#include <string.h>

#include "claims/text/words.h"

static struct arena arena;

static int open_arena(void **state)
{
    arena_init(&arena, 1 << 20);
    return 0;
}

static int close_arena(void **state)
{
    arena_fini(&arena);
    return 0;
}

static void fold(const char *text, const char *expected)
{
    assert_string_equal(words_fold(&arena, text, strlen(text), 1000), expected);
}

static void fold_keeps_words_and_drops_their_dress(void **state)
{
    fold("The  Cat", "cat");
    fold("an apple a day", "apple day");
    fold("\u00C4PFEL", "\u00E4pfel");
    fold("A\u0308", "\u00E4"); /* composed */
    fold("\uFB01ve", "five");  /* a ligature */
    fold("stra\u00DFe", "strasse");
    fold("well-known", "well known");
    fold("a~b", "b");
    fold("\\text{Monday}", "monday");
    fold("\\textbf{x}\\,\\mathrm{y}", "x y");
    fold("$\\left(x\\right)$", "x");
    fold("**yes**!", "yes");
    fold("\"yes,\" (he) said.", "yes he said");
    fold("don't", "don't");
    fold("'tis", "tis");
    fold("x_1", "x_1");
    fold("\\alpha", "\\alpha");
    fold("", "");
    fold(" ., ", "");
    fold("the", "");
}

static void marks(const char *a, const char *b, bool same)
{
    const char *x = words_marks(&arena, a), *y = words_marks(&arena, b);
    if ((strcmp(x, y) == 0) != same)
        fail_msg("%s | %s: '%s', '%s'", a, b, x, y);
}

static void marks_tell_case_primes_and_brackets_apart(void **state)
{
    marks("Co", "CO", false);
    marks("Paris", "PARIS", true);
    marks("AaBb", "AABB", false);
    marks("6'", "6\"", false);
    marks("f'", "f", false);
    marks("the dog's", "the dogs", true);
    marks("'5'", "5", true); /* quotes */
    marks("[1, 3)", "(1, 3)", false);
    marks("(see above)", "[see above]", true);
    marks("\\overrightarrow{AB}", "AB", false);
    marks("\\overline{AB}", "AB", true);
    marks("(1 + \\dots + n)!", "1 + \\dots + n", false);
    marks("2*n!", "2*n", false);
    marks("Yes (really)!", "Yes (really)", true);
    marks("Paris!", "Paris", true);
    marks("", "", true);
}

static void fold_stays_within_its_bounds(void **state)
{
    assert_string_equal(words_fold(&arena, "cat", 2, 1000), "ca");
    assert_string_equal(words_fold(&arena, "cat", 3, 3), "cat");
    assert_true(strlen(words_fold(&arena, "cat dog", 7, 3)) <= 3);
    struct arena small;
    arena_init(&small, 8);
    assert_null(words_fold(&small, "a long enough sentence", 22, 1000));
    arena_fini(&small);
}

static void truth_is_yes_no_or_neither(void **state)
{
    static const struct {
        const char *folded;
        int truth;
    } table[] = {
        {"yes", 1},          {"true", 1},          {"correct", 1},        {"it is true", 1},
        {"yes it is", 1},    {"yes because x", 1}, {"yes since x", 1},    {"yes it can", 1},
        {"yes they do", 1},  {"yes he can", 1},    {"yes she can", 1},    {"no", 0},
        {"false", 0},        {"incorrect", 0},     {"it is false", 0},    {"no it is not", 0},
        {"no because x", 0}, {"no since x", 0},    {"no they do not", 0}, {"", -1},
        {"yesterday", -1},   {"none", -1},         {"yes and no", -1},    {"no solution", -1},
        {"yes because", -1}, {"not true", -1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (words_truth(table[i].folded) != table[i].truth)
            fail_msg("%s: %d", table[i].folded, words_truth(table[i].folded));
}

static void canonical_is_one_wording(void **state)
{
    assert_string_equal(words_canonical("dne"), "does not exist");
    static const char *const none[] = {"no solutions", "there is no solution", "no solution exists",
                                       "there are no solutions", "no solutions exist"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_string_equal(words_canonical(none[i]), "no solution");
    assert_string_equal(words_canonical("no real solutions"), "no real solution");
    assert_string_equal(words_canonical("there is no real solution"), "no real solution");
    assert_string_equal(words_canonical("there are no real solutions"), "no real solution");
    assert_string_equal(words_canonical("infinite solutions"), "infinitely many solutions");
    assert_string_equal(words_canonical("infinite number of solutions"),
                        "infinitely many solutions");
    assert_string_equal(words_canonical("there are infinitely many solutions"),
                        "infinitely many solutions");
    assert_string_equal(words_canonical("a cat"), "a cat");
}

static void as_math_names_sets_and_values(void **state)
{
    static const char *const reals[] = {"all real numbers", "all reals",          "real numbers",
                                        "any real number",  "every real number",  "all real values",
                                        "all real number",  "set of real numbers"};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        assert_string_equal(words_as_math(&arena, reals[i]), "\\mathbb{R}");
    assert_string_equal(words_as_math(&arena, "all real numbers except 2, 3"),
                        "\\mathbb{R}\\setminus\\{2, 3\\}");
    assert_string_equal(words_as_math(&arena, "all reals except 0"),
                        "\\mathbb{R}\\setminus\\{0\\}");
    assert_string_equal(words_as_math(&arena, "empty set"), "\\emptyset");
    assert_string_equal(words_as_math(&arena, "null set"), "\\emptyset");
    assert_string_equal(words_as_math(&arena, "positive infinity"), "\\infty");
    assert_string_equal(words_as_math(&arena, "negative infinity"), "-\\infty");
    assert_string_equal(words_as_math(&arena, "minus infinity"), "-\\infty");
    assert_null(words_as_math(&arena, "all real numbers greater than 2"));
    assert_null(words_as_math(&arena, "infinity"));
    assert_null(words_as_math(&arena, ""));
}

static void choice(const char *text, char letter, const char *rest)
{
    const char *got = "";
    char c = words_choice(text, &got);
    if (c != letter || (c && strcmp(got, rest) != 0))
        fail_msg("%s: '%c' '%s'", text, c ? c : '0', got);
}

static void choice_is_a_letter_with_its_mark(void **state)
{
    choice("B", 'B', "");
    choice(" (B) ", 'B', "");
    choice("[C]", 'C', "");
    choice("B.", 'B', "");
    choice("B:", 'B', "");
    choice("B)", 'B', "");
    choice("(b)", 'B', "");
    choice("b)", 'B', "");
    choice("option b", 'B', "");
    choice("Option B", 'B', "");
    choice("choice: A", '\0', "");
    choice("Answer: A", 'A', "");
    choice("The correct answer is (D)", 'D', "");
    choice("the correct option is D.", 'D', "");
    choice("the correct choice is D.", 'D', "");
    choice("the answer is D", 'D', "");
    choice("\\text{B}", 'B', "");
    choice("$\\textbf{(B)}$", 'B', "");
    choice("\\mathrm{(B) }42", 'B', "42");
    choice("J", 'J', "");
    choice("A", 'A', "");
    choice("B. 42", 'B', "42");
    choice("(B) 42", 'B', "42");
    choice("B) 42 cm", 'B', "42 cm");
    choice("\\textbf{(B)}\\ 42", 'B', "42");
    choice("B, because it is so", 'B', "");
    choice("B, since it is so", 'B', "");
}

static void choice_is_no_word_and_no_variable(void **state)
{
    choice("b", '\0', "");
    choice("K", '\0', "");
    choice("(K)", '\0', "");
    choice("@", '\0', "");
    choice("B2", '\0', "");
    choice("Bob", '\0', "");
    choice("B 42", '\0', "");
    choice("B.42", '\0', ""); /* no blank: perhaps a number */
    choice("b. 42", '\0', "");
    choice("(B)42", '\0', "");
    choice("5", '\0', "");
    choice("", '\0', "");
    choice("A, C", '\0', "");
}

static void choices_are_two_at_least(void **state)
{
    enum { A = 1, B = 2, C = 4, J = 512, I = 1 << 10, II = 1 << 11, III = 1 << 12, X = 1 << 19 };
    static const struct {
        const char *text;
        int mask;
    } table[] = {
        {"A, C", A | C},
        {"C and A", A | C},
        {"A and C.", A | C},
        {"(A) and (C)", A | C},
        {"A, B, and C", A | B | C},
        {"A & B", A | B},
        {"A; J", A | J},
        {"\\text{A and C}", A | C},
        {"\\text{A}, \\text{C}", A | C},
        {"A and C only", A | C},
        {"$A$, $C$", A | C},
        {"I and III", I | III},
        {"I, II, III", I | II | III},
        {"I and X only", I | X},
        {"(I) and (II)", I | II},
        {"A", 0},
        {"A, A", 0},
        {"A C", 0},
        {"A, K", 0},
        {"A, C, or", 0},
        {"A and", 0},
        {"(A and C)", 0},
        {"A android", 0},
        {"I, XI", 0},
        {"a, c", 0},
        {"A, I", A | 256}, /* nine letters before numerals */
        {"", 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (words_choices(table[i].text) != table[i].mask)
            fail_msg("%s: %x", table[i].text, (unsigned)words_choices(table[i].text));
}

static void numerals_one_to_ten_have_bits_of_their_own(void **state)
{
    static const char *const pairs[] = {"I, X",  "II, X",  "III, X",  "IV, X", "V, X",
                                        "VI, X", "VII, X", "VIII, X", "IX, X"};
    for (int i = 0; i < 9; i++)
        assert_int_equal(words_choices(pairs[i]), 1 << (10 + i) | 1 << 19);
}

static void option(const char *problem, char letter, const char *expected)
{
    const char *text = NULL;
    size_t len = 0;
    bool found = words_option(problem, letter, &text, &len);
    if (found != (expected != NULL) ||
        (found && (len != strlen(expected) || memcmp(text, expected, len))))
        fail_msg("%s %c: '%.*s'", problem, letter, (int)len, text ? text : "");
}

static void option_is_the_text_after_its_letter(void **state)
{
    const char *lines = "How many?\nA. 4\nB. 5 cats\nC. 6\n";
    option(lines, 'A', "4");
    option(lines, 'B', "5 cats");
    option(lines, 'C', "6");
    option(lines, 'D', NULL);
    const char *row = "What? (A) 4, (B) 5; (C) $6$ \n and more";
    option(row, 'A', "4");
    option(row, 'B', "5");
    option(row, 'C', "$6$");
    const char *latex = "$\\textbf{(A)}\\ 4 \\qquad\\textbf{(B)}\\ 5$";
    option(latex, 'A', "\\ 4 \\qquad\\textbf");
    option("[A] 1 [B] 2", 'B', "2");
    option("A) 1 B) 2", 'A', "1");
    option("A: 1 B: 2", 'B', "2");
}

static void option_needs_a_list_of_options(void **state)
{
    option("no options", 'A', NULL);
    option("(A) 4", 'A', NULL); /* one is no list */
    option("(B) 4 (A) 5", 'A', NULL);
    option("PA. 4 PB. 5", 'A', NULL);
    option("A 4 B 5", 'A', NULL);
    option("(A. 4 (B. 5", 'A', NULL);
    option("(A) (B) 5", 'A', NULL); /* no text */
    option("", 'A', NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fold_keeps_words_and_drops_their_dress),
        cmocka_unit_test(fold_stays_within_its_bounds),
        cmocka_unit_test(marks_tell_case_primes_and_brackets_apart),
        cmocka_unit_test(truth_is_yes_no_or_neither),
        cmocka_unit_test(canonical_is_one_wording),
        cmocka_unit_test(as_math_names_sets_and_values),
        cmocka_unit_test(choice_is_a_letter_with_its_mark),
        cmocka_unit_test(choice_is_no_word_and_no_variable),
        cmocka_unit_test(choices_are_two_at_least),
        cmocka_unit_test(numerals_one_to_ten_have_bits_of_their_own),
        cmocka_unit_test(option_is_the_text_after_its_letter),
        cmocka_unit_test(option_needs_a_list_of_options),
    };
    return cmocka_run_group_tests_name("claims.text.words", tests, open_arena, close_arena);
}
