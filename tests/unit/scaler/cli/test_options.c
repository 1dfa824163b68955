#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/settings_table.h"
#include "scaler/cli/options.h"
#include "tests/unit/proto/request_help.h"

#define PARSE(user, dash, ...) parse(user, dash, (const char *[]){"surety", __VA_ARGS__, NULL})

static struct options options;
static struct surety_error error;

static enum surety_err parse(enum option_user user, bool dash, const char **args)
{
    static char copies[16][400];
    char *argv[17];
    int argc = 0;
    options_fini(&options);
    error = (struct surety_error){0};
    for (; args[argc]; argc++) {
        snprintf(copies[argc], sizeof copies[argc], "%s", args[argc]);
        argv[argc] = copies[argc];
    }
    argv[argc] = NULL;
    return options_parse(user, dash, argc, argv, &options, &error);
}

static int free_options(void **state)
{
    options_fini(&options);
    options = (struct options){0};
    return 0;
}

static void parse_nothing_gives_the_documented_defaults(void **state)
{
    assert_int_equal(PARSE(USER_SOLVE, false, "problem"), SURETY_OK);
    assert_int_equal(options.settings.k, 32);
    assert_int_equal(options.settings.m, 5);
    assert_int_equal(options.k, 0);
    assert_int_equal(options.workers, 1);
    assert_int_equal(options.settings.seed, 0);
    assert_int_equal(options.lifeline_fd, -1);
    assert_int_equal(options.n_operands, 1);
    assert_string_equal(options.operands[0], "problem");
}

static void parse_every_kind_of_value_is_taken(void **state)
{
    assert_int_equal(PARSE(USER_GRADE, false, "-k", "16", "in.jsonl", "-m3", "--gamma=2.5", "-o",
                           "out", "--verify", "joint", "--rule=soft", "--seed", "9"),
                     SURETY_OK);
    assert_int_equal(options.settings.k, 16);
    assert_int_equal(options.k, 16);
    assert_int_equal(options.settings.m, 3);
    assert_float_equal(options.settings.gamma, 2.5, 0);
    assert_string_equal(options.output, "out");
    assert_int_equal(options.settings.verify, SURETY_VERIFY_JOINT);
    assert_int_equal(options.settings.rule, SURETY_RULE_SOFT);
    assert_int_equal(options.settings.seed, 9);
    assert_string_equal(options.operands[0], "in.jsonl");
    assert_int_equal(PARSE(USER_GRADE, false, "--signals", "symbolic,self", "--deadline", "0.0015",
                           "--budget-tokens", "5000000000", "--top-p", "1", "--workers", "3"),
                     SURETY_OK);
    assert_int_equal(options.settings.signals, SURETY_SIGNAL_SYMBOLIC | SURETY_SIGNAL_SELF);
    assert_int_equal(options.deadline_ms, 2);
    assert_int_equal(options.budget_tokens, 5000000000);
    assert_int_equal(options.workers, 3);
}

static void parse_number_that_may_be_left_out(void **state)
{
    assert_int_equal(PARSE(USER_SHOW, false, "f", "--solution", "12", "7"), SURETY_OK);
    assert_int_equal(options.solution, 12);
    assert_int_equal(options.n_operands, 2);
    assert_string_equal(options.operands[1], "7");
    assert_int_equal(PARSE(USER_SHOW, false, "--solution", "f", "7"), SURETY_OK);
    assert_int_equal(options.solution, SOLUTION_BEST);
    assert_int_equal(options.n_operands, 2);
    assert_int_equal(PARSE(USER_SHOW, false, "f", "--solution=0"), SURETY_OK);
    assert_int_equal(options.solution, 0);
    assert_int_equal(PARSE(USER_SHOW, false, "f", "--solution"), SURETY_OK);
    assert_int_equal(options.solution, SOLUTION_BEST);
    assert_int_equal(PARSE(USER_SHOW, false, "f"), SURETY_OK);
    assert_int_equal(options.solution, -1);
    assert_int_equal(PARSE(USER_SHOW, false, "f", "--solution", "1024"), SURETY_ERR_INVALID);
}

static void parse_value_out_of_range_names_option_and_range(void **state)
{
    static const struct {
        const char *name, *value, *range;
    } cases[] = {
        {"-k", "0", "from 1 to 1024"},         {"-k", "10000", "from 1 to 1024"},
        {"-k", "x", "from 1 to 1024"},         {"-k", "", "from 1 to 1024"},
        {"-k", "3.5", "from 1 to 1024"},       {"-m", "65", "from 1 to 64"},
        {"--gamma", "-1", "from 0 to 1000"},   {"--gamma", "nan", "from 0 to 1000"},
        {"--top-p", "0", "above 0 up to 1"},   {"--temperature", "11", "from 0 to 10"},
        {"--deadline", "0", "above 0"},        {"--deadline", "-3", "above 0"},
        {"--budget-tokens", "0", "from 1 to"}, {"--seed", "-1", "from 0 to"},
        {"--verify", "maybe", "each|joint"},   {"--rule", "hard", "power|soft"},
        {"--workers", "0", "from 1 to 64"},    {"--seed", "9223372036854775808", "from 0 to"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(PARSE(USER_SOLVE, false, cases[i].name, cases[i].value, "problem"),
                         SURETY_ERR_INVALID);
        assert_non_null(strstr(error.message, cases[i].name));
        assert_non_null(strstr(error.message, cases[i].range));
    }
}

/* As the user writes it: "-k", "--gamma". */
static const char *dashed(const struct setting *row)
{
    static char name[64];
    snprintf(name, sizeof name, "%s%s", row->option[1] ? "--" : "-", row->option);
    return name;
}

/* Gives a setting this value and expects it to be taken, or refused with its name and range. */
static void take_value(const struct setting *row, const char *value, bool good)
{
    char range[SETTING_TEXT_MAX];
    enum surety_err code = PARSE(USER_SCORE, false, dashed(row), value, "file");
    if (good != (code == SURETY_OK))
        fail_msg("%s %s: %s", dashed(row), value, good ? error.message : "taken");
    setting_range(row, range);
    if (!good && (!strstr(error.message, dashed(row)) || !strstr(error.message, range)))
        fail_msg("'%s' does not tell of %s and %s", error.message, dashed(row), range);
}

static void parse_each_setting_takes_its_range(void **state)
{
    char value[SETTING_TEXT_MAX];
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *row = &settings_table[i];
        if (row->type == SETTING_SWITCH) {
            assert_int_equal(PARSE(USER_SCORE, false, dashed(row), "file"), SURETY_OK);
            assert_int_equal(setting_integer(row, &options.settings), 1);
        } else if (row->type == SETTING_NAME) {
            take_value(row, row->name(1), true);
            assert_int_equal(setting_integer(row, &options.settings), 1);
            take_value(row, "nothing of the kind", false);
        } else if (row->type == SETTING_NAMES) {
            setting_range(row, value);
            take_value(row, value, true);
            assert_int_equal(setting_integer(row, &options.settings), row->most);
        } else {
            const bool real = row->storage == SETTING_DOUBLE;
            snprintf(value, sizeof value, "%lld", (long long)row->least);
            take_value(row, value, !(row->flags & SETTING_ABOVE));
            snprintf(value, sizeof value, "%lld", (long long)row->most);
            take_value(row, value, true);
            assert_true(real ? setting_number(row, &options.settings) == (double)row->most
                             : setting_integer(row, &options.settings) == row->most);
            snprintf(value, sizeof value, "%llu", (unsigned long long)row->most + 1);
            take_value(row, value, false);
            snprintf(value, sizeof value, "%lld", (long long)row->least - 1);
            take_value(row, value, false);
            take_value(row, "nan", false);
            take_value(row, "1x", false);
            take_value(row, "", false);
        }
    }
}

static void help_tells_of_each_setting(void **state)
{
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *row = &settings_table[i];
        static const enum option_user users[] = {USER_SOLVE,  USER_GRADE,  USER_SCORE,
                                                 USER_CLAIMS, USER_WORKER, USER_EQUAL};
        for (size_t u = 0; u < sizeof users / sizeof *users; u++) {
            char *text = NULL, begin[80];
            size_t size = 0;
            FILE *out = open_memstream(&text, &size);
            options_help(users[u], out);
            fclose(out);
            bool takes = u < 3 || (u == 3 && row->flags & SETTING_READING);
            snprintf(begin, sizeof begin, "\n  %s ", dashed(row));
            const char *line = strstr(text, begin);
            assert_int_equal(line != NULL, takes);
            assert_true(!line || strstr(line, row->help));
            free(text);
        }
    }
}

static void help_gives_a_line_to_range_and_default(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    options_help(USER_SOLVE, out);
    fclose(out);
    static const char *const lines[] = {
        "  -k N                        trajectories of a problem, 1 to 1024 (32; score: all)\n",
        "  --gamma G                   exponent of the power rule, 0 to 1000 (as -m)\n",
        "  --rule power|soft           how claims weigh (power with model verdicts, else soft)\n",
        "symbolic,self,blind,agreement,whole\n",
        "  --top-p P                   nucleus, above 0 up to 1 (0.95)\n",
        "  --top-k N                   only the N likeliest tokens (0: off)\n",
        "\nRun:\n  --seed N                    every random choice follows from it (0)\n",
        "  --text                      put the trajectories' texts into the result\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(text, lines[i]))
            fail_msg("no '%s' in%s", lines[i], text);
    free(text);
}

static void parse_unknown_option_is_named(void **state)
{
    assert_int_equal(PARSE(USER_SOLVE, false, "--nonsense", "p"), SURETY_ERR_INVALID);
    assert_non_null(strstr(error.message, "--nonsense"));
    assert_int_equal(PARSE(USER_SOLVE, false, "-z", "p"), SURETY_ERR_INVALID);
    assert_non_null(strstr(error.message, "-z"));
    assert_int_equal(PARSE(USER_SOLVE, false, "p", "-k"), SURETY_ERR_INVALID);
    assert_non_null(strstr(error.message, "-k needs a value"));
    assert_int_equal(PARSE(USER_SOLVE, false, "p", "--gamma"), SURETY_ERR_INVALID);
    assert_non_null(strstr(error.message, "--gamma needs a value"));
    assert_int_equal(PARSE(USER_SOLVE, false, "p", "--json=1"), SURETY_ERR_INVALID);
    assert_non_null(strstr(error.message, "--json takes no value"));
}

static void parse_option_of_another_command_is_unknown(void **state)
{
    assert_int_equal(PARSE(USER_SOLVE, false, "--resume", "p"), SURETY_ERR_INVALID);
    assert_int_equal(PARSE(USER_SHOW, false, "-k", "3"), SURETY_ERR_INVALID);
}

static void parse_dash_operands_are_operands_of_equal(void **state)
{
    static const char *const operands[][2] = {{"-5", "-\\frac12"}, {"-x", "--5"}, {"-h", "-o"}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(PARSE(USER_EQUAL, true, operands[i][0], operands[i][1]), SURETY_OK);
        assert_int_equal(options.n_operands, 2);
        assert_string_equal(options.operands[0], operands[i][0]);
        assert_string_equal(options.operands[1], operands[i][1]);
    }
    assert_int_equal(PARSE(USER_EQUAL, true, "--", "--jsonl", "--help"), SURETY_OK);
    assert_int_equal(options.n_operands, 2);
    assert_false(options.help);
    assert_int_equal(PARSE(USER_CHECK, true, "-5", "--problem", "-x?", "x"), SURETY_OK);
    assert_int_equal(options.n_operands, 2);
    assert_string_equal(options.problem, "-x?");
    assert_int_equal(PARSE(USER_EQUAL, true, "--jsonl", "-"), SURETY_OK);
    assert_string_equal(options.jsonl, "-");
    assert_int_equal(options.n_operands, 0);
    assert_int_equal(PARSE(USER_EQUAL, true, "-1", "--help"), SURETY_OK);
    assert_true(options.help);
}

static void parse_text_is_made_valid_and_paths_are_kept(void **state)
{
    assert_int_equal(PARSE(USER_CLAIMS, false, "--problem", "a\xff", "p\xff"), SURETY_OK);
    assert_string_equal(options.problem, "a\xef\xbf\xbd");
    assert_string_equal(options.operands[0], "p\xff");
    assert_string_equal(options_text(&options, options.operands[0]), "p\xef\xbf\xbd");
}

static void request_has_what_the_options_say(void **state)
{
    char id[] = "a", problem[] = "1+1?", profile[] = "p";
    assert_int_equal(PARSE(USER_SOLVE, false, "--model-name", "m", "--verifier-model", "j",
                           "--deadline", "2", "--budget-tokens", "30", "--top-k", "7"),
                     SURETY_OK);
    struct surety_request plain = {0}, request = options_request(&options, id, problem, profile);
    for (size_t i = 0; i < REQUEST_MEMBERS; i++)
        if (request_members[i].kind < REQUEST_MESSAGES &&   /* a command has one problem */
            strcmp(request_members[i].name, "user") != 0 && /* and one user */
            strcmp(request_members[i].name, "body") != 0 && /* and passes nothing through */
            request_equal(&request_members[i], &plain, &request) &&
            strcmp(request_members[i].name, "progress") != 0) /* the command knows who looks */
            fail_msg("%s is not told", request_members[i].name);
    assert_string_equal(request.verifier_model, "j");
    assert_true(request.deadline_ms == 2000 && request.budget_tokens == 30);
    assert_int_equal(request.settings.sampling.top_k, 7);
}

static void help_lists_the_options_of_the_command_only(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    options_help(USER_WORKER, out);
    fclose(out);
    assert_non_null(strstr(text, "--slots N"));
    assert_non_null(strstr(text, "--broker ENDPOINT"));
    assert_null(strstr(text, "--gamma"));
    assert_null(strstr(text, "lifeline"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(parse_nothing_gives_the_documented_defaults, free_options),
        cmocka_unit_test_teardown(parse_every_kind_of_value_is_taken, free_options),
        cmocka_unit_test_teardown(parse_number_that_may_be_left_out, free_options),
        cmocka_unit_test_teardown(parse_value_out_of_range_names_option_and_range, free_options),
        cmocka_unit_test_teardown(parse_each_setting_takes_its_range, free_options),
        cmocka_unit_test(help_tells_of_each_setting),
        cmocka_unit_test(help_gives_a_line_to_range_and_default),
        cmocka_unit_test_teardown(parse_unknown_option_is_named, free_options),
        cmocka_unit_test_teardown(parse_option_of_another_command_is_unknown, free_options),
        cmocka_unit_test_teardown(parse_dash_operands_are_operands_of_equal, free_options),
        cmocka_unit_test_teardown(parse_text_is_made_valid_and_paths_are_kept, free_options),
        cmocka_unit_test_teardown(request_has_what_the_options_say, free_options),
        cmocka_unit_test(help_lists_the_options_of_the_command_only),
    };
    return cmocka_run_group_tests_name("scaler.options", tests, NULL, NULL);
}
