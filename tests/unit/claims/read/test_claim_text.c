#include "tests/unit/test.h"

#include <string.h>

#include "claims/read/claim_text.h"

static void key_spacing_and_composition_fold(void **state)
{
    static const char *const table[][2] = {
        {" 3 *  4\n= 12\t", "3 * 4 = 12"},
        {"e\u0301t\u00e9", "\u00e9t\u00e9"},
        {"a\u00a0b\u2009c\u3000", "a b c"},
        {"", ""},
        {" \n", ""},
        {"3*4=12", "3*4=12"},
        {"Pay: 9", "Pay: 9"}, /* case is not folded: x is not X */
    };
    struct arena arena;
    arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(claim_key(table[i][0], &arena), table[i][1]);
    arena_fini(&arena);
}

static void key_without_memory_is_null(void **state)
{
    struct arena arena;
    arena_init(&arena, 8);
    assert_null(claim_key("a claim that does not fit", &arena));
    arena_fini(&arena);
}

struct row {
    const char *problem, *claim;
};

static void check(const struct row *table, size_t n, bool contextual)
{
    size_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        struct claim_names given;
        claim_names_read(table[i].problem, &given);
        if (claim_is_contextual(&given, table[i].claim) != contextual) {
            print_error("\"%s\" should %s\n", table[i].claim,
                        contextual ? "hang on its context" : "stand alone");
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

static void contextual_undefined_name_is_true(void **state)
{
    static const struct row table[] = {
        {"", "so x = 7"},
        {"", "x = 7"},
        {"", "$x = 7$"},
        {"", "2x + 3 = 13"},
        {"", "4x = 12"},
        {"", "x/2 = 6"},
        {"", "(x + 1)(x - 1) = 8"},
        {"", "x^2 = 49"},
        {"", "x_1 = 3"},
        {"", "$x_{12} + x_2 = 3$"},
        {"", "a_n = 2n + 1"},
        {"", "\\alpha = 30"},
        {"", "$\\theta = 45^\\circ$"},
        {"", "α + β = 90"},
        {"", "n = 12 and k = 3"},
        {"", "ab = 12 for a = 3"},
        {"", "$ab = 12$"},
        {"", "$2lw = 24$"},
        {"", "\\frac{a}{b} = 3"},
        {"", "\\sqrt{y} = 4"},
        {"", "f(3) = 10"},
        {"", "f(x) = 10"},
        {"", "N = 12"},
        {"", "A = 12"},
        {"", "a = 12"},
        {"", "I = 12"},
        {"", "so T is 40"},
        {"", "the value of k is 3"},
        {"", "x dollars are 7 dollars"},
        {"", "m = 5"},
        {"", "5m + 3 = 18"},
        {"", "3g = 12"},
        {"", "x - 3 = 4"},
        {"", "|x| = 4"},
        {"", "x > 4"},
        {"", "x \\geq 4"},
        {"", "x terms: 15-3=12"},
        {"", "x: 36/9=4"},
        {"", "y: 3 * 4 = 12"},
        {"", "P = 2(l + w) = 24"},
        {"", "the area A is 12"},
        {"", "a is 12"},
        {"", "x + y = 10"},
        {"Find y if 2y = 10.", "x = 5"},
        {"A ticket costs 5 dollars.", "a = 5"},
        {"I have 5 m of rope.", "m = 5"},
        {"Tom's car costs 5.", "s = 5"},
        {"What is 3 x 4?", "x = 12"},
        {"(A) 3 (B) 4", "A = 3"},
        {"Choose option B.", "B - 3 = 4"},
        {"", "this equals 7"},
        {"", "This is 12"},
        {"", "it is 12"},
        {"", "It equals 3 * 4 = 12"},
        {"", "that makes 12 eggs"},
        {"", "these are 12 eggs"},
        {"", "so it is 12"},
        {"", "which is 12"},
        {"", "the result is 12"},
        {"", "Thus, this gives 12"},
        {"", "they cost 12 dollars"},
    };
    check(table, sizeof table / sizeof *table, true);
}

static void contextual_closed_claim_is_false(void **state)
{
    static const struct row table[] = {
        {"", "3 * 4 = 12"},
        {"", "pay: 9*8=72"},
        {"", "in all: 10+30=40"},
        {"", "the total cost is 72 dollars"},
        {"", "a ticket costs 5 dollars"},
        {"", "A ticket costs 5 dollars"},
        {"", "there is a 20% chance"},
        {"", "a 12 cm rope"},
        {"", "I have 5 eggs"},
        {"", "then I add 3 + 4 = 7"},
        {"", "the rope is 5 m long"},
        {"", "2 m + 3 m is 5 m"},
        {"", "he drives 3 h"},
        {"", "10 g of salt"},
        {"", "20 s later"},
        {"", "5 L of water"},
        {"", "a 12 V battery"},
        {"", "a force of 3 N"},
        {"", "60 W * 2 = 120 W"},
        {"", "the car goes 5 m/s"},
        {"", "the car goes 30 km/h"},
        {"", "the temperature is 20 C"},
        {"", "the answer is (B)"},
        {"", "(B) 42 is right"},
        {"", "option B is 42"},
        {"", "choice C has 12 sides"},
        {"", "3 x 4 = 12"},
        {"", "3x4 = 12"},
        {"", "20 x $2 = $40"},
        {"", "2.5 x .5 = 1.25"},
        {"", "3 x (4 + 5) = 27"},
        {"", "(4 + 5) x 3 = 27"},
        {"", "3 dogs x 4 = 12"},
        {"", "e^2 is about 7.39"},
        {"", "e^{i\\pi} = -1"},
        {"", "(3 + 4i) + 2i = 3 + 6i"},
        {"", "\\pi * 4 = 12.57"},
        {"", "π * 4 = 12.57"},
        {"", "Tom's share is 5"},
        {"", "Tom’s share is 5"},
        {"", "I'm 12 years old"},
        {"", "5 o'clock is 17:00 p.m. there"},
        {"", "at 5 p.m. there are 12"},
        {"", "the U.S. has 50 states"},
        {"", "\\frac{3}{4} + \\sqrt{16} = 4.75"},
        {"", "$\\frac{12}{4} = 3$"},
        {"", "$12 \\times 3 = 36$"},
        {"", "\\text{cost} = 3 \\cdot 4 = 12"},
        {"", "\\text{area of a b} = 12"},
        {"", "\\mathrm{x} 3 * 4 = 12"},
        {"", "$\\sin 30^\\circ = 0.5$"},
        {"", "\\log_{10} 100 = 2"},
        {"", "12C3 = 220"},
        {"", "C(5, 2) = 10"},
        {"", "5P2 = 20"},
        {"", "P(both heads) = 1/4"},
        {"", "1.5e3 = 1500"},
        {"", "2E5 = 200000"},
        {"", "T-shirts cost 12"},
        {"", "the x-axis has 3 marks"},
        {"", "the y-intercept is 5"},
        {"", "let x be the number of eggs, x = 3 * 4 = 12"},
        {"", "Let $x$ be the width; $x = 12$"},
        {"", "4x = 12 where x is the number of eggs"},
        {"", "x denotes the eggs, x = 12"},
        {"", "n represents the days and n = 12"},
        {"Find x if 15x = 60.", "x terms: 15-3=12"},
        {"If 12x + 52 = 3x + 88, find 7x + 23.", "x: 36/9=4"},
        {"If 12x + 52 = 3x + 88, find 7x + 23.", "so x = 4"},
        {"Solve $y^2 = 9$.", "y = 3"},
        {"Let f(x) = 2x.", "f(3) = 6"},
        {"What is a_2 if $a_1 = 3$?", "a_2 = 6"},
        {"The angle $\\alpha$ is 30.", "α = 30"},
        {"The angle α is 30.", "2\\alpha = 60"},
        {"A rectangle has $lw = 12$.", "l = 3"},
        {"The sum of n numbers is 12.", "n = 4"},
        {"Points A, B and C lie on a line.", "A is 3 from B"},
        {"", "The cost is $5 and the rest is $7"},
        {"", "12 > 5"},
        {"", "there are 12 ways to choose a team"},
        {"", ""},
        {"", "itself 12 units"},
        {"", "Italy won 3 games"},
    };
    check(table, sizeof table / sizeof *table, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_spacing_and_composition_fold),
        cmocka_unit_test(key_without_memory_is_null),
        cmocka_unit_test(contextual_undefined_name_is_true),
        cmocka_unit_test(contextual_closed_claim_is_false),
    };
    return cmocka_run_group_tests_name("claims.read.claim_text", tests, NULL, NULL);
}
