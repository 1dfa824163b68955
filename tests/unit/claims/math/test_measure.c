#include "tests/unit/test.h"

#include <string.h>

#include "claims/math/measure.h"
#include "tests/unit/claims/math/tree.h"

static void read_unit(struct measure *m, const char *text)
{
    static const char *const currencies[] = {"$", "EUR", "GBP", "JPY", "INR"};
    int currency = 0;
    for (int i = 0; i < 5; i++)
        if (strncmp(text, currencies[i], strlen(currencies[i])) == 0) {
            currency = i + 1;
            text += strlen(currencies[i]);
        }
    measure_init(m);
    measure_read(m, text, strlen(text), currency);
}

static const char *const names[] = {"same", "alike", "converts", "different"};

struct pair {
    const char *a, *b;
    enum measure_relation expected;
};

static void compare_tells_sameness_from_conversion(void **state)
{
    static const struct pair table[] = {
        {"cm", "centimeters", MEASURE_SAME},
        {"km/h", "kilometers per hour", MEASURE_SAME},
        {"km/h", "kph", MEASURE_SAME},
        {"m^2", "square meters", MEASURE_SAME},
        {"m^{2}", "sq m", MEASURE_SAME},
        {"m^3", "cubic meters", MEASURE_SAME},
        {"m/s^2", "m s^{-2}", MEASURE_SAME},
        {"\\text{cm}^2", "cm^2", MEASURE_SAME},
        {"J", "joules", MEASURE_SAME},
        {"$", "dollars", MEASURE_SAME},
        {"EUR", "euros", MEASURE_SAME},
        {"JPY", "yen", MEASURE_SAME},
        {"INR", "rupees", MEASURE_SAME},
        {"degrees Celsius", "celsius", MEASURE_SAME},
        {"apples", "Apple", MEASURE_SAME},
        {"the apples", "apples", MEASURE_SAME},
        {"boxes of apples", "boxes apples", MEASURE_SAME},
        {"mol/L", "M", MEASURE_SAME},
        {"cm", "m", MEASURE_CONVERTS},
        {"hours", "minutes", MEASURE_CONVERTS},
        {"L", "cm^3", MEASURE_CONVERTS},
        {"mph", "km/h", MEASURE_CONVERTS},
        {"acres", "square feet", MEASURE_CONVERTS},
        {"$", "cents", MEASURE_CONVERTS},
        {"dozen apples", "apples", MEASURE_CONVERTS},
        {"years", "months", MEASURE_CONVERTS},
        {"m^2", "m^3", MEASURE_DIFFERENT},
        {"m", "s", MEASURE_DIFFERENT},
        {"m/s", "m s", MEASURE_DIFFERENT},
        {"$", "EUR", MEASURE_DIFFERENT},
        {"months", "days", MEASURE_DIFFERENT}, /* no fixed number of days */
        {"apples", "pears", MEASURE_DIFFERENT},
        {"apples", "pineapples", MEASURE_DIFFERENT},
        {"cm", "apples", MEASURE_DIFFERENT},
        {"rooms", "hotel rooms", MEASURE_ALIKE},
        {"hotel rooms", "hotel", MEASURE_ALIKE},
        {"C", "coulombs", MEASURE_ALIKE},
        {"F", "fahrenheit", MEASURE_ALIKE},
        {"pounds", "GBP", MEASURE_ALIKE},
        {"W", "watts", MEASURE_SAME},
        {"mW", "MW", MEASURE_CONVERTS},
    };
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct measure a, b;
        read_unit(&a, table[i].a);
        read_unit(&b, table[i].b);
        enum measure_relation got = measure_compare(&a, &b), back = measure_compare(&b, &a);
        if (got != table[i].expected || back != got) {
            print_error("%s | %s: %s, not %s\n", table[i].a, table[i].b, names[got],
                        names[table[i].expected]);
            wrong++;
        }
        measure_fini(&a);
        measure_fini(&b);
    }
    assert_int_equal(wrong, 0);
}

static void read_gives_dimensions_size_and_words(void **state)
{
    struct measure m;
    read_unit(&m, "km/h");
    assert_true(m.known);
    assert_int_equal(m.powers[UNIT_LENGTH], 1);
    assert_int_equal(m.powers[UNIT_TIME], -1);
    assert_int_equal(fmpq_cmp_si(m.factor, 0) > 0, 1);
    assert_string_equal(m.text, "km h^-1");
    measure_fini(&m);

    read_unit(&m, "2 million square Feet");
    assert_true(fmpq_cmp_si(m.scale, 1000000) == 0);
    assert_int_equal(m.powers[UNIT_LENGTH], 2);
    assert_string_equal(m.text, "feet^+2");
    measure_fini(&m);

    read_unit(&m, "litres");
    assert_int_equal(m.powers[UNIT_LENGTH], 3);
    measure_fini(&m);

    read_unit(&m, "radians"); /* of no rational size in degrees */
    assert_false(m.known);
    measure_fini(&m);

    read_unit(&m, "");
    assert_true(m.known && fmpq_is_one(m.factor) && fmpq_is_one(m.scale));
    assert_string_equal(m.text, "");
    measure_fini(&m);

    measure_init(&m);
    measure_read(&m, NULL, 0, 1);
    assert_string_equal(m.text, "dollar");
    assert_true(fmpq_cmp_si(m.factor, 100) == 0);
    measure_fini(&m);

    read_unit(&m, "m^{-1}");
    assert_int_equal(m.powers[UNIT_LENGTH], -1);
    measure_fini(&m);
    read_unit(&m, "m^4");
    assert_int_equal(m.powers[UNIT_LENGTH], 4);
    measure_fini(&m);
    read_unit(&m, "m^5"); /* no power that units have */
    assert_int_equal(m.powers[UNIT_LENGTH], 1);
    measure_fini(&m);
    read_unit(&m, "glass glasses"); /* a double s is no plural */
    assert_string_equal(m.text, "glass glasse");
    measure_fini(&m);
}

static void read_keeps_as_many_words_as_fit(void **state)
{
    struct measure m;
    char long_text[300];
    memset(long_text, 'z', sizeof long_text);
    for (size_t i = 9; i < sizeof long_text; i += 10)
        long_text[i] = ' ';
    measure_init(&m);
    measure_read(&m, long_text, sizeof long_text, 0);
    assert_true(strlen(m.text) < sizeof m.text);
    assert_int_equal(strlen(m.text), 79); /* eight words of nine letters, to the last byte */
    measure_fini(&m);
}

static int values(const char *a, const char *unit_a, const char *b, const char *unit_b)
{
    struct pool pool;
    pool_init(&pool);
    struct measure x, y;
    read_unit(&x, unit_a);
    read_unit(&y, unit_b);
    const struct expr *p = tree_scalar(&pool, a), *q = tree_scalar(&pool, b);
    int got = measure_values(&x, p, &y, q);
    measure_fini(&x);
    measure_fini(&y);
    pool_fini(&pool);
    return got;
}

static void values_convert_exactly(void **state)
{
    assert_int_equal(values("1", "inch", "2.54", "cm"), 1);
    assert_int_equal(values("1", "mile", "1609.344", "m"), 1);
    assert_int_equal(values("1", "mile", "1609", "m"), 0);
    assert_int_equal(values("90", "minutes", "1.5", "hours"), 1);
    assert_int_equal(values("1", "L", "1000", "cm^3"), 1);
    assert_int_equal(values("1", "L", "1000", "ml"), 1);
    assert_int_equal(values("5", "dollars", "500", "cents"), 1);
    assert_int_equal(values("36", "km/h", "10", "m/s"), 1);
    assert_int_equal(values("1", "acre", "43560", "square feet"), 1);
    assert_int_equal(values("1", "M", "1", "mol/L"), 1);
    assert_int_equal(values("\\pi", "m", "1", "m"), -1);
    assert_int_equal(values("1", "m", "\\sqrt{2}", "m"), -1);
}

static void temperatures_convert_by_their_zeros(void **state)
{
    assert_int_equal(values("100", "celsius", "212", "fahrenheit"), 1);
    assert_int_equal(values("0", "celsius", "273.15", "kelvin"), 1);
    assert_int_equal(values("-40", "celsius", "-40", "fahrenheit"), 1);
    assert_int_equal(values("0", "kelvin", "-459.67", "fahrenheit"), 1);
    assert_int_equal(values("20", "celsius", "20", "fahrenheit"), 0);
    assert_int_equal(values("100", "celsius", "180", "fahrenheit"), 0); /* no difference of two */
    static const struct pair table[] = {
        {"celsius", "fahrenheit", MEASURE_CONVERTS},
        {"celsius", "kelvin", MEASURE_CONVERTS},
        {"celsius", "celsius", MEASURE_SAME},
        {"celsius per minute", "fahrenheit per minute", MEASURE_DIFFERENT},
        {"celsius", "degrees", MEASURE_DIFFERENT},
        {"celsius^2", "kelvin^2", MEASURE_DIFFERENT},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct measure a, b;
        read_unit(&a, table[i].a);
        read_unit(&b, table[i].b);
        if (measure_compare(&a, &b) != table[i].expected ||
            measure_compare(&b, &a) != table[i].expected)
            fail_msg("%s | %s", table[i].a, table[i].b);
        measure_fini(&a);
        measure_fini(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare_tells_sameness_from_conversion),
        cmocka_unit_test(read_gives_dimensions_size_and_words),
        cmocka_unit_test(read_keeps_as_many_words_as_fit),
        cmocka_unit_test(values_convert_exactly),
        cmocka_unit_test(temperatures_convert_by_their_zeros),
    };
    int failed = cmocka_run_group_tests_name("claims.math.measure", tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
