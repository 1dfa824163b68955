/*
 * GMP and FLINT end the program when memory ends: here they get little, and what asks for much must
 * be refused before it comes to them. A row that is not ends this test by an abort.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "claims/math/equal.h"
#include "claims/math/exact.h"

#define BYTES_MAX ((rlim_t)256 << 20)

/* What can grow numbers, and what of it asks for more memory than there is. */
static const struct {
    const char *what, *text;
} rows[] = {
    {"power", "10^{10^9}"},
    {"power", "10^{10^{12}}"},
    {"power", "2^{2^{38}}"},
    {"power", "2^{-2^{38}}"},
    {"power", "(2/3)^{10^{10}}"},
    {"power", "(-7)^{99999999999}"},
    {"power", "9^{9^{9^{9}}}"},
    {"power", "(2^{1000})^{1000}"},
    {"power", "((((2^{9999})^{9999})^{9999})^{9999})^{9999}"},
    {"power", "(1e1000)^{1000000}"},
    {"power", "1.5^{1000000000}"},
    {"power", "2^{2^{38}} - 2^{2^{38}} + 1"},
    {"power", "2^{2^{38}+1/2}"},
    {"power", "x^{10^9}"},
    {"power", "(x+1)^{10^9}"},
    {"power", "(10^{900})^{x}"},
    {"power", "i^{10^{12}}"},
    {"power", "(1+i)^{10^{12}}"},
    {"scientific notation", "1e999999999"},
    {"scientific notation", "1e-999999999"},
    {"scientific notation", "1e99999999999999999999"},
    {"scientific notation", "6.02 \\times 10^{999999999}"},
    {"scientific notation", "(1e1000)^{1000}"},
    {"factorial", "10^9!"},
    {"factorial", "(10^9)!"},
    {"factorial", "99999999!"},
    {"factorial", "99999!"},
    {"factorial", "((9!)!)!"},
    {"factorial", "99999999!!"},
    {"factorial", "99999! / 99998!"},
    {"factorial", "(2^{2^{38}})!"},
    {"binomial", "\\binom{10^9}{5*10^8}"},
    {"binomial", "\\binom{99999999}{2}"},
    {"binomial", "\\binom{2^{2^{38}}}{2}"},
    {"binomial", "\\binom{2^{2^{38}}}{2^{2^{37}}}"},
    {"binomial", "\\binom{2^{2^{38}}}{\\pi}"},
    {"binomial", "\\binom{3}{2^{2^{38}}}"},
    {"divisor", "\\gcd(10^{10^9}, 6^{10^9})"},
    {"divisor", "\\gcd(2^{2^{38}}, 2^{2^{37}})"},
    {"multiple", "\\lcm(2^{9999}, 3^{9999}, 5^{9999}, 7^{9999}, 11^{9999})"},
    {"multiple", "\\lcm(1e1000, 3e-1000)"},
    {"remainder", "2^{2^{38}} \\bmod 7"},
    {"remainder", "10^{10^9} \\bmod 7"},
    {"rounding", "\\lfloor 2^{2^{38}} \\rfloor"},
    {"rounding", "\\lfloor \\pi \\cdot 10^{10^9} \\rfloor"},
    {"rounding", "\\lceil 10^{10^9}/3 \\rceil"},
    {"sum", "\\sum_{i=1}^{10^9} i"},
    {"sum", "\\sum_{i=1}^{999} 2^{9999*i}"},
    {"sum", "\\sum_{i=1}^{2^{2^{38}}} 1"},
    {"sum", "\\sum_{i=1}^{900} \\frac{1}{i^{99}}"},
    {"sum", "\\sum_{i=1}^{900} \\sum_{j=1}^{900} \\sum_{k=1}^{900} i^{j^{k}}"},
    {"product", "\\prod_{i=1}^{10^9} i"},
    {"product", "\\prod_{i=1}^{999} i^{999}"},
    {"root", "\\sqrt{10^{10^9}}"},
    {"root", "\\sqrt[1000000007]{2}"},
    {"root", "\\sqrt[999]{2^{2^{38}}}"},
    {"root", "\\sqrt{2+\\sqrt{2+\\sqrt{2+\\sqrt{2+\\sqrt{2+\\sqrt{2+\\sqrt{2+\\sqrt{2}}}}}}}}"},
    {"root", "\\sqrt[97]{2}+\\sqrt[89]{3}+\\sqrt[83]{5}+\\sqrt[79]{7}"},
    {"root", "\\sqrt{2}+\\sqrt{3}+\\sqrt{5}+\\sqrt{7}+\\sqrt{11}+\\sqrt{13}+\\sqrt{17}+\\sqrt{19}"},
    {"function", "\\sin(10^{10^9})"},
    {"function", "\\sin(2^{2^{38}})"},
    {"function", "\\tan(\\pi \\cdot 10^{10^9})"},
    {"function", "\\cos(\\frac{\\pi}{1000000007})"},
    {"function", "e^{e^{e^{e^{9}}}}"},
    {"function", "e^{2^{39}}"},
    {"function", "\\exp(10^{11})"},
    {"function", "\\sinh(10^{11})"},
    {"function", "\\ln(10^{10^9})"},
    {"function", "\\log_{2}(2^{2^{38}})"},
    {"polynomial", "(a+b+c+d+e+f+g+h)^{63}"},
    {"polynomial", "(a+b+c+d)^{50} (e+f+g+h)^{50}"},
    {"polynomial", "(99999999999x+1)^{63} (99999999999y+1)^{63}"},
    {"polynomial", "((x+1e900)^{60})^{60}"},
    {"polynomial", "\\frac{1}{a+b}+\\frac{1}{b+c}+\\frac{1}{c+d}+\\frac{1}{d+e}+\\frac{1}{e+f}"
                   "+\\frac{1}{f+g}+\\frac{1}{g+h}+\\frac{1}{h+k}+\\frac{1}{k+l}"},
    {"polynomial", "|(x^{12}+1e900)^{30}| + \\sqrt{(x-1)^{60}}"},
    {"relation", "x^2 + 1e999 x < 10^{999}"},
    {"relation", "x > 10^{10^9}"},
    {"relation", "y = (x+1)^{63} 10^{900}"},
    {"list", "\\{10^{10^9}, 2^{2^{38}}, 99999!\\}"},
    {"list", "(10^{10^9}, 1e999999999)"},
    {"matrix", "\\begin{pmatrix}10^{10^9}&2^{2^{38}}\\\\99999!&1e999999999\\end{pmatrix}"},
    {"interval", "[10^{10^9}, 2^{2^{38}})"},
    {"ratio", "10^{10^9}:2^{2^{38}}"},
    {"unit", "10^{10^9} km"},
    {"unit", "1e1000 million km^4"},
    {"percent", "10^{10^9}\\%"},
    {"base", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz_{36}"},
    {"repeating decimal", "0.(123456789123456789123456789)e1000"},
};

/* Texts that are long or deep, made of a piece. */
static const struct {
    const char *what, *before, *piece, *middle, *after;
    size_t times;
} made[] = {
    {"digits", "", "7", "", "", 1000},
    {"digits", "", "7", "", "", 100000},
    {"digits", "0.", "7", "", "", 100000},
    {"digits", "0.\\overline{", "7", "}", "", 990},
    {"product of digits", "", "999999999999999999*", "2", "", 400},
    {"product of powers", "", "1e1000*", "2", "", 1100},
    {"quotient of powers", "", "1e1000/", "2", "", 1100},
    {"product of products", "", "(1e999+1)(1e998+1)", "", "", 400},
    {"power of power", "", "9^{", "9", "}", 50},
    {"power of power", "", "9^{", "9", "}", 2000},
    {"nested powers", "", "(", "2", "^{99})", 50},
    {"nested roots", "", "\\sqrt{2+", "2", "}", 50},
    {"nested roots", "", "\\sqrt{2+", "2", "}", 1000},
    {"nested factorials", "", "(", "3", "!)", 50},
    {"factorials", "", "1400!*", "2", "", 500},
    {"nested fractions", "", "\\frac{1}{7e900+", "2", "}", 50},
    {"percents", "1e1000", "\\%", "", "", 1500},
    {"sum of roots", "", "\\sqrt{1e99+", "2", "}", 30},
    {"sum of fractions", "", "\\frac{1}{1e900+7}+", "2", "", 400},
    {"units", "5 ", "km^4 million^4 ", "", "", 400},
    {"words", "five ", "million ", "", "", 1000},
    {"signs", "", "-", "2", "", 3000},
    {"bars", "", "|1+", "x", "|", 1000},
    {"nested lists", "", "\\{", "1", "\\}", 1000},
    {"brackets", "", "(", "2", ")", 3000},
    {"list", "\\{", "10^{99999},", "1\\}", "", 600},
};

static char *repeated(const char *before, const char *piece, const char *middle, const char *after,
                      size_t times)
{
    struct buf text;
    buf_init(&text, 1u << 22);
    buf_puts(&text, before);
    for (size_t i = 0; i < times; i++)
        buf_puts(&text, piece);
    buf_puts(&text, middle);
    for (size_t i = 0; i < times; i++)
        buf_puts(&text, after);
    char *made_text = buf_detach(&text, NULL);
    assert_non_null(made_text);
    return made_text;
}

static char *joined(const char *a, const char *between, const char *b)
{
    size_t size = strlen(a) + strlen(between) + strlen(b) + 1;
    char *text = malloc(size);
    assert_non_null(text);
    snprintf(text, size, "%s%s%s", a, between, b);
    return text;
}

/* Compares it with itself, with what is nearly the same, and judges it as a claim. Whether any of
 * it can be decided is for other tests: here it must come back. */
static void meet(const char *what, const char *text)
{
    static const char *const near[] = {" + 1", " - 1/3", " \\cdot \\pi", " + \\sqrt{2}", " x"};
    printf("# %s: %.60s\n", what, text);
    fflush(stdout);
    equal_texts(text, text, NULL);
    equal_texts(text, "1", NULL);
    equal_texts("\\sqrt{2}", text, NULL);
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        char *other = joined(text, near[i], "");
        equal_texts(text, other, NULL);
        equal_texts(other, text, NULL);
        free(other);
    }
    char *square = joined(text, " * ", text), *equation = joined(text, " = ", text);
    char *order = joined(text, " > ", text), *simple = joined(text, " = ", "2");
    equal_texts(square, text, NULL);
    exact_judge(equation, NULL, 0);
    exact_judge(order, NULL, 0);
    exact_judge(simple, NULL, 0);
    free(square);
    free(equation);
    free(order);
    free(simple);
}

static void large_numbers_are_refused_before_they_are_made(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        meet(rows[i].what, rows[i].text);
}

static void long_and_deep_texts_are_refused_before_they_are_read(void **state)
{
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        char *text =
            repeated(made[i].before, made[i].piece, made[i].middle, made[i].after, made[i].times);
        meet(made[i].what, text);
        free(text);
    }
}

int main(void)
{
    const struct rlimit limit = {BYTES_MAX, BYTES_MAX};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_numbers_are_refused_before_they_are_made),
        cmocka_unit_test(long_and_deep_texts_are_refused_before_they_are_read),
    };
    if (!TEST_SANITIZED && setrlimit(RLIMIT_AS, &limit))
        return 1;
    return cmocka_run_group_tests_name("claims.math.memory", tests, NULL, NULL);
}
