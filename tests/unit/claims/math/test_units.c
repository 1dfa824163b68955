#include "tests/unit/test.h"

#include <string.h>

#include "claims/math/units.h"

static void words_have_their_size_in_the_base_unit(void **state)
{
    static const struct unit_word table[] = {
        {"metre", UNIT_LENGTH, 1, 1},
        {"meter", UNIT_LENGTH, 1, 1},
        {"km", UNIT_LENGTH, 1000, 1},
        {"kilometers", UNIT_LENGTH, 1000, 1},
        {"cm", UNIT_LENGTH, 1, 100},
        {"mm", UNIT_LENGTH, 1, 1000},
        {"inch", UNIT_LENGTH, 254, 10000},
        {"inches", UNIT_LENGTH, 254, 10000},
        {"feet", UNIT_LENGTH, 3048, 10000},
        {"foot", UNIT_LENGTH, 3048, 10000},
        {"yards", UNIT_LENGTH, 9144, 10000},
        {"miles", UNIT_LENGTH, 1609344, 1000},
        {"gram", UNIT_MASS, 1, 1},
        {"kg", UNIT_MASS, 1000, 1},
        {"tonne", UNIT_MASS, 1000000, 1},
        {"pounds", UNIT_MASS, 45359237, 100000},
        {"second", UNIT_TIME, 1, 1},
        {"minutes", UNIT_TIME, 60, 1},
        {"hours", UNIT_TIME, 3600, 1},
        {"days", UNIT_TIME, 86400, 1},
        {"weeks", UNIT_TIME, 604800, 1},
        {"ms", UNIT_TIME, 1, 1000},
        {"month", UNIT_MONTH, 1, 1},
        {"years", UNIT_MONTH, 12, 1},
        {"decade", UNIT_MONTH, 120, 1},
        {"century", UNIT_MONTH, 1200, 1},
        {"litres", UNIT_VOLUME, 1, 1},
        {"ml", UNIT_VOLUME, 1, 1000},
        {"mph", UNIT_SPEED, 1609344, 3600000},
        {"kph", UNIT_SPEED, 1000, 3600},
        {"hectare", UNIT_AREA, 10000, 1},
        {"degrees", UNIT_ANGLE, 1, 1},
        {"dollars", UNIT_DOLLAR, 100, 1},
        {"cents", UNIT_DOLLAR, 1, 1},
        {"dimes", UNIT_DOLLAR, 10, 1},
        {"nickels", UNIT_DOLLAR, 5, 1},
        {"quarters", UNIT_DOLLAR, 25, 1},
        {"penny", UNIT_DOLLAR, 1, 1},
        {"euros", UNIT_EURO, 1, 1},
        {"dozen", UNIT_SCALE, 12, 1},
        {"hundred", UNIT_SCALE, 100, 1},
        {"thousand", UNIT_SCALE, 1000, 1},
        {"million", UNIT_SCALE, 1000000, 1},
        {"billion", UNIT_SCALE, 1000000000, 1},
        {"trillion", UNIT_SCALE, 1000000000000, 1},
        {"kWh", UNIT_ENERGY, 3600000, 1},
        {"kJ", UNIT_ENERGY, 1000, 1},
        {"mW", UNIT_POWER, 1, 1000},
        {"MW", UNIT_POWER, 1000000, 1},
        {"eV", UNIT_ELECTRONVOLT, 1, 1},
        {"GHz", UNIT_FREQUENCY, 1000000000, 1},
        {"mol", UNIT_AMOUNT, 1, 1},
        {"yen", UNIT_YEN, 1, 1},
        {"acre", UNIT_AREA, 40468564224, 10000000},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct unit_word *u = units_find(table[i].name, strlen(table[i].name));
        if (!u || u->kind != table[i].kind ||
            u->numerator * table[i].denominator != table[i].numerator * u->denominator)
            fail_msg("%s", table[i].name);
    }
}

static void names_are_found_whole_in_any_case(void **state)
{
    assert_non_null(units_find("Inches", 6));
    assert_non_null(units_find("KM", 2));
    assert_ptr_equal(units_find("cmx", 2), units_find("cm", 2)); /* len counts */
    assert_null(units_find("c", 1));
    assert_null(units_find("centi", 5));
    assert_null(units_find("metersx", 7));
    assert_null(units_find("dog", 3));
    assert_null(units_find("", 0));
    assert_null(units_find("zzz", 3));
    assert_null(units_find("aaa", 3));
    assert_null(units_find("ghz", 3)); /* a symbol counts as written alone */
    assert_null(units_find("as", 2));
    assert_non_null(units_find("acres", 5)); /* the first and the last of the table */
    assert_non_null(units_find("yr", 2));
    assert_non_null(units_find("yrs", 3));
}

static void word_is_longer_than_a_letter(void **state)
{
    assert_true(units_is_word("km", 2));
    assert_true(units_is_word("Miles", 5));
    assert_false(units_is_word("m", 1));
    assert_false(units_is_word("dogs", 4));
    assert_false(units_is_word("", 0));
    for (int c = 0; c < 256; c++)
        assert_int_equal(units_is_letter((char)c), c != 0 && strchr("mgsLlhJNWVFCKAM", c) != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_have_their_size_in_the_base_unit),
        cmocka_unit_test(names_are_found_whole_in_any_case),
        cmocka_unit_test(word_is_longer_than_a_letter),
    };
    return cmocka_run_group_tests_name("claims.math.units", tests, NULL, NULL);
}
