#include "tests/unit/test.h"

#include <string.h>

#include "claims/text/lexicon.h"
#include "claims/text/qualify.h"

static void number_qualified_is_told_from_counted(void **state)
{
    static const char *const qualified[] = {
        "or more",    "is not a solution", "less",           "at least",
        "(rejected)", "point two",         "more than that", "does not work",
        "below zero", "\\text{ or fewer}", "squared"};
    static const char *const counted[] = {"apples", "more students", "different ways",
                                          "points", "years old",     "each",
                                          "",       "\\text{ cm}",   "\\over"};
    for (size_t i = 0; i < sizeof qualified / sizeof *qualified; i++)
        if (!qualify_number(qualified[i], strlen(qualified[i])))
            fail_msg("%s", qualified[i]);
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
        if (qualify_number(counted[i], strlen(counted[i])))
            fail_msg("%s", counted[i]);
}

static void words_that_calculate_stand_first(void **state)
{
    assert_true(qualify_operates("double 5"));
    assert_true(qualify_operates("half of 12"));
    assert_false(qualify_operates("half past two"));
    assert_false(qualify_operates("a double"));
}

static void lexicon_tells_short_words_from_products(void **state)
{
    assert_true(lexicon_has("cat", 3));
    assert_true(lexicon_has("of", 2));
    assert_false(lexicon_has("abc", 3));
    assert_false(lexicon_has("ab", 2));
    assert_false(lexicon_has("a", 1));
    assert_false(lexicon_has("cats", 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_qualified_is_told_from_counted),
        cmocka_unit_test(words_that_calculate_stand_first),
        cmocka_unit_test(lexicon_tells_short_words_from_products),
    };
    return cmocka_run_group_tests_name("claims.text.qualify", tests, NULL, NULL);
}
