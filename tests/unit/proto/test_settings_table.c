#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "tests/unit/proto/settings_help.h"
#include <surety/settings.h>

#define EACH(row)                                                                                  \
    for (const struct setting *row = settings_table; row < settings_table + settings_count; row++)

static const struct setting *find(const char *key)
{
    const struct setting *row = setting_find(key, strlen(key));
    assert_non_null(row);
    return row;
}

static void rows_agree_with_themselves(void **state)
{
    EACH(row)
    {
        const char *why = "";
        bool names = row->type == SETTING_NAME || row->type == SETTING_NAMES;
        bool number = row->type == SETTING_NUMBER || row->type == SETTING_NUMBER_OR_DEFAULT;
        bool advertised = row->argument || row->type == SETTING_NAME;
        if (strlen(row->key) != strlen(row->option))
            why = "key and option differ in more than their dashes";
        for (size_t i = 0; row->key[i] && !*why; i++)
            if (row->option[i] != (row->key[i] == '_' ? '-' : row->key[i]))
                why = "key and option differ in more than their dashes";
        if (setting_find(row->key, strlen(row->key)) != row)
            why = "the key stands twice";
        else if (number != (row->storage == SETTING_DOUBLE) ||
                 (row->type == SETTING_SWITCH) != (row->storage == SETTING_BOOL))
            why = "the member's type is not the row's";
        else if (names && row->storage != SETTING_U32)
            why = "names are stored unsigned";
        else if (names != !!row->name || (row->type == SETTING_SWITCH) == advertised)
            why = "names need a function, and all but switches an argument";
        else if (row->flags & SETTING_REQUIRED && !(row->flags & SETTING_REPORTED))
            why = "what is not reported is not required";
        else if ((row->flags & SETTING_SPARSE) && (row->flags & SETTING_REQUIRED))
            why = "what may be left out is not required";
        else if (row->type == SETTING_NUMBER_OR_DEFAULT && row->fallback >= 0)
            why = "the default is what is negative";
        if (*why)
            fail_msg("%s: %s", row->key, why);
    }
}

static void find_takes_whole_keys_only(void **state)
{
    assert_string_equal(find("verify")->option, "verify");
    assert_string_equal(find("verify_repeats")->option, "verify-repeats");
    assert_null(setting_find("verif", 5));
    assert_null(setting_find("verify_", 7));
    assert_null(setting_find("verify-repeats", 14));
    assert_null(setting_find("", 0));
    assert_ptr_equal(setting_find("kilo", 1), find("k"));
}

/* Checks all settings with this one changed; a refusal must name the option. */
static void expect_verdict(const struct setting *row, const struct surety_settings *s, bool good)
{
    struct surety_error err = {0};
    enum surety_err code = surety_settings_check(s, &err);
    if (good != (code == SURETY_OK))
        fail_msg("%s: %s", row->key, good ? err.message : "taken");
    if (!good && strncmp(err.message, row->option, strlen(row->option)) != 0)
        fail_msg("'%s' does not begin with %s", err.message, row->option);
}

static void check_integer_takes_its_ends_and_nothing_beyond(void **state)
{
    EACH(row)
    {
        struct surety_settings s;
        surety_settings_init(&s);
        if (row->type != SETTING_INTEGER)
            continue;
        setting_set_integer(row, &s, row->least);
        assert_true(setting_integer(row, &s) == row->least);
        expect_verdict(row, &s, true);
        setting_set_integer(row, &s, row->most);
        assert_true(setting_integer(row, &s) == row->most);
        expect_verdict(row, &s, true);
        if (row->least > 0 || row->storage == SETTING_I32) {
            setting_set_integer(row, &s, row->least - 1);
            expect_verdict(row, &s, false);
        }
        if (row->most < (row->storage == SETTING_I32 ? INT32_MAX : INT64_MAX)) {
            setting_set_integer(row, &s, row->most + 1);
            expect_verdict(row, &s, false);
        }
    }
    struct surety_settings s;
    surety_settings_init(&s);
    s.seed = UINT64_MAX;
    expect_verdict(find("seed"), &s, false);
    s.seed = (uint64_t)SURETY_SEED_MAX + 1;
    expect_verdict(find("seed"), &s, false);
}

static void check_tells_value_and_range(void **state)
{
    struct surety_settings s;
    struct surety_error err;
#define TOLD(change, sentence)                                                                     \
    do {                                                                                           \
        surety_settings_init(&s);                                                                  \
        s.change;                                                                                  \
        assert_int_equal(surety_settings_check(&s, &err), SURETY_ERR_INVALID);                     \
        assert_string_equal(err.message, sentence);                                                \
    } while (0)
    TOLD(k = UINT32_MAX, "k is 4294967295; it must be 1 to 1024");
    TOLD(sampling.top_k = -1, "top-k is -1; it must be 0 to 2147483647");
    TOLD(seed = 1ull << 63, "seed is 9223372036854775808; it must be 0 to 9223372036854775807");
    TOLD(sampling.top_p = 0, "top-p is 0; it must be in (0, 1]");
    TOLD(gamma = 1001, "gamma is 1001; it must be in [0, 1000]");
    TOLD(rule = 9, "rule is 9; it must be one of power|soft");
}

static void check_number_takes_its_ends_and_nothing_beyond(void **state)
{
    EACH(row)
    {
        struct surety_settings s;
        surety_settings_init(&s);
        if (row->storage != SETTING_DOUBLE)
            continue;
        const double least = (double)row->least, most = (double)row->most;
        const bool or_default = row->type == SETTING_NUMBER_OR_DEFAULT;
        const struct {
            double value;
            bool good;
        } cases[] = {{least, !(row->flags & SETTING_ABOVE)},
                     {least + 1e-9, true},
                     {least - 1e-9, or_default},
                     {-1, or_default},
                     {most, true},
                     {most + 1e-9, false},
                     {INFINITY, false},
                     {NAN, false}};
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            setting_set_number(row, &s, cases[i].value);
            expect_verdict(row, &s, cases[i].good);
        }
    }
}

static void check_names_takes_what_has_one_and_is_built(void **state)
{
    EACH(row)
    {
        struct surety_settings s;
        surety_settings_init(&s);
        unsigned value = 0;
        if (row->type == SETTING_NAME) {
            for (; strcmp(row->name(value), "unknown") != 0; value++) {
                setting_set_integer(row, &s, value);
                expect_verdict(row, &s, true);
            }
            assert_in_range(value, 2, 31);
            setting_set_integer(row, &s, value);
            expect_verdict(row, &s, false);
            setting_set_integer(row, &s, UINT32_MAX);
            expect_verdict(row, &s, false);
        } else if (row->type == SETTING_NAMES) {
            setting_set_integer(row, &s, row->most);
            expect_verdict(row, &s, true);
            setting_set_integer(row, &s, ~row->most);
            expect_verdict(row, &s, false);
            assert_int_equal(surety_settings_check(&s, NULL), SURETY_ERR_UNSUPPORTED);
        }
    }
}

static void change_is_one_setting_and_no_default(void **state)
{
    EACH(row)
    {
        struct surety_settings s;
        surety_settings_init(&s);
        setting_change(row, &s);
        expect_verdict(row, &s, true);
        EACH(other)
        {
            assert_int_equal(setting_is_default(other, &s), other != row);
            assert_int_equal(setting_is_told(other, &s),
                             other == row || !(other->flags & SETTING_SPARSE));
        }
        setting_change(row, &s);
        expect_verdict(row, &s, true);
    }
}

static void hash_differs_with_the_settings_that_have_the_flag(void **state)
{
    static const unsigned flags[] = {SETTING_HASHED, SETTING_COMPARED};
    struct surety_settings defaults;
    surety_settings_init(&defaults);
    EACH(row)
    {
        for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
            struct surety_settings s = defaults;
            setting_change(row, &s);
            uint64_t once = settings_hash(7, &s, flags[i]);
            bool differs = once != settings_hash(7, &defaults, flags[i]);
            assert_int_equal(differs, !!(row->flags & flags[i]));
            setting_change(row, &s);
            differs = once != settings_hash(7, &s, flags[i]);
            assert_int_equal(differs, !!(row->flags & flags[i]));
        }
    }
    assert_true(settings_hash(7, &defaults, SETTING_HASHED) !=
                settings_hash(8, &defaults, SETTING_HASHED));
}

/* A new way of running that no one compares is a fault; these two are why it may be so. */
static void all_but_seed_and_text_are_compared(void **state)
{
    EACH(row)
    {
        bool of_the_run = row == find("seed") || row == find("text");
        assert_int_equal(!!(row->flags & SETTING_COMPARED), !of_the_run);
        assert_true(row->flags & SETTING_HASHED);
    }
}

static void range_and_default_are_told_in_words(void **state)
{
    static const struct {
        const char *key, *range, *fallback;
    } cases[] = {
        {"k", "1 to 1024", "32"},
        {"seed", "0 to 9223372036854775807", "0"},
        {"top_p", "above 0 up to 1", "0.95"},
        {"gamma", "0 to 1000", ""},
        {"rule", "power|soft", ""},
        {"signals", "symbolic,self,blind,agreement,whole", ""},
        {"text", "", ""},
    };
    char text[SETTING_TEXT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setting_range(find(cases[i].key), text);
        assert_string_equal(text, cases[i].range);
        setting_default(find(cases[i].key), text);
        assert_string_equal(text, cases[i].fallback);
    }
}

static void from_name_knows_each_name_and_no_other(void **state)
{
    unsigned value = 77;
    assert_true(setting_from_name(find("rule"), "soft", 4, &value));
    assert_int_equal(value, SURETY_RULE_SOFT);
    assert_true(setting_from_name(find("rule"), "default", 7, &value));
    assert_int_equal(value, SURETY_RULE_DEFAULT);
    assert_true(setting_from_name(find("signals"), "execution", 9, &value));
    assert_int_equal(value, SURETY_SIGNAL_EXECUTION);
    assert_false(setting_from_name(find("rule"), "sof", 3, &value));
    assert_false(setting_from_name(find("rule"), "softer", 6, &value));
    assert_false(setting_from_name(find("rule"), "unknown", 7, &value));
    assert_false(setting_from_name(find("signals"), "soft", 4, &value));
    assert_int_equal(value, SURETY_SIGNAL_EXECUTION);
}

static void format_names_leaves_out_what_does_not_fit(void **state)
{
    char text[14];
    setting_format_names(find("signals"), 3, text, 14); /* 13 bytes and a NUL */
    assert_string_equal(text, "symbolic,self");
    setting_format_names(find("signals"), 3, text, 13);
    assert_string_equal(text, "symbolic");
    setting_format_names(find("signals"), 3, text, 9);
    assert_string_equal(text, "symbolic");
    setting_format_names(find("signals"), 3, text, 8);
    assert_string_equal(text, "self");
    setting_format_names(find("signals"), 1, text, 0);
    assert_string_equal(text, "self");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_agree_with_themselves),
        cmocka_unit_test(find_takes_whole_keys_only),
        cmocka_unit_test(check_integer_takes_its_ends_and_nothing_beyond),
        cmocka_unit_test(check_tells_value_and_range),
        cmocka_unit_test(check_number_takes_its_ends_and_nothing_beyond),
        cmocka_unit_test(check_names_takes_what_has_one_and_is_built),
        cmocka_unit_test(change_is_one_setting_and_no_default),
        cmocka_unit_test(hash_differs_with_the_settings_that_have_the_flag),
        cmocka_unit_test(all_but_seed_and_text_are_compared),
        cmocka_unit_test(range_and_default_are_told_in_words),
        cmocka_unit_test(from_name_knows_each_name_and_no_other),
        cmocka_unit_test(format_names_leaves_out_what_does_not_fit),
    };
    return cmocka_run_group_tests_name("proto.settings_table", tests, NULL, NULL);
}
