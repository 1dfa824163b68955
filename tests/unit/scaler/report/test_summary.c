#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scaler/report/summary.h"
#include "scaler/report/table.h"

enum { K = 4 };

/* A problem in short: the group of each trajectory (-1: no answer), best group first, and which
 * trajectories are right. */
struct sketch {
    int group[K];
    double r[K];
    bool right[K];
    int clr, cons, pass_at_k;
    double pass_at_1;
    bool length; /* its trajectories were cut off */
};

/*
 * By hand. rescue: B B A C with little behind B: Cons takes B, CLR the right A. harm: the reverse,
 * A A B -. easy: all A. silent: no answers, all cut off. The first claims of rescue are one and the
 * same, so its four samples cost two verifications: 1, 0, 1, 0.
 */
static const struct sketch rescue = {
    {1, 1, 0, 2}, {0.1, 0.1, 0.9, 0}, {false, false, true, false}, 1, 0, 1, 0.25, false};
static const struct sketch harm = {
    {1, 1, 0, -1}, {0.2, 0.2, 0.9, 0}, {true, true, false, false}, 0, 1, 1, 0.5, false};
static const struct sketch easy = {{0, 0, 0, 0}, {1, 1, 1, 1}, {true, true, true, true}, 1, 1, 1, 1,
                                   false};
static const struct sketch silent = {{-1, -1, -1, -1}, {0}, {false}, -1, 0, 0, 0, true};

static enum surety_verify way = SURETY_VERIFY_EACH;
static double verify_temperature;

static void add(struct summary *summary, const struct sketch *s, bool claims, bool texts)
{
    static char answers[][2] = {"A", "B", "C"};
    struct surety_claim asked[2] = {{.text = answers[0], .self = 1},
                                    {.text = answers[1], .self = 0}};
    struct surety_claim unasked = {
        .text = answers[2], .self = NAN, .blind = NAN, .verdict = SURETY_VERDICT_UNCHECKED};
    struct surety_trajectory t[K] = {0};
    static char same[] = "same";
    uint32_t members[3][K];
    struct surety_group groups[3] = {0};
    struct surety_result r = {.trajectories = t, .n_trajectories = K, .groups = groups};
    for (int i = 0; i < K; i++) {
        t[i] = (struct surety_trajectory){.index = (uint32_t)i,
                                          .r = s->r[i],
                                          .tokens = 10,
                                          .correct = s->right[i],
                                          .text = texts ? same : NULL};
        if (s->length)
            t[i].finish = SURETY_FINISH_LENGTH;
        if (s->group[i] < 0)
            continue;
        struct surety_group *g = &groups[s->group[i]];
        t[i].answer = g->answer = answers[s->group[i]];
        g->members = members[s->group[i]];
        g->members[g->count++] = (uint32_t)i;
    }
    while (r.n_groups < 3 && groups[r.n_groups].count)
        r.n_groups++;
    if (claims) {
        t[0].claims = t[1].claims = &asked[0];
        t[2].claims = &asked[1];
        t[3].claims = &unasked;
        t[0].n_claims = t[1].n_claims = t[2].n_claims = t[3].n_claims = 1;
    }
    r.answer = r.n_groups ? groups[0].answer : NULL;
    r.run.settings.k = K;
    r.run.settings.m = 5;
    r.run.settings.verify = way;
    r.run.settings.verify_temperature = verify_temperature;
    r.usage = (struct surety_usage){.completion_tokens = 40,
                                    .verify_tokens = claims ? 20 : 0,
                                    .calls = claims ? 6 : 4,
                                    .wall_ms = 500};
    r.correct.known = true;
    r.correct.clr = s->clr;
    r.correct.cons = s->cons;
    r.correct.pass_at_k = s->pass_at_k;
    r.correct.pass_at_1 = s->pass_at_1;
    assert_int_equal(summary_add(summary, &r), SURETY_OK);
}

static double get(const json_t *object, const char *key, const char *inner)
{
    const json_t *value = json_object_get(object, key);
    if (inner)
        value = json_object_get(value, inner);
    if (!json_is_number(value))
        fail_msg("no number %s %s", key, inner ? inner : "");
    return json_number_value(value);
}

#define assert_number(object, key, inner, expected)                                                \
    assert_true(fabs(get(object, key, inner) - (expected)) < 1e-12)

static struct summary *four_problems(void)
{
    struct summary *s = summary_create();
    assert_non_null(s);
    add(s, &rescue, true, false);
    add(s, &harm, false, false);
    add(s, &easy, false, false);
    add(s, &silent, false, false);
    return s;
}

static void to_json_four_problems_as_by_hand(void **state)
{
    struct summary *s = four_problems();
    json_t *j = summary_to_json(s, false);
    assert_number(j, "n", NULL, 4);
    assert_number(j, "k", NULL, 4);
    assert_number(j, "m", NULL, 5);
    assert_number(j, "pass_at_1", "value", 0.4375);
    assert_number(j, "cons", "value", 0.5);
    assert_number(j, "clr", "value", 0.5);
    assert_number(j, "pass_at_k", "value", 0.75);
    assert_number(j, "clr_minus_cons", "value", 0);
    assert_number(j, "clr_minus_cons", "p", 1);
    assert_true(get(j, "clr_minus_cons", "low") < 0 && get(j, "clr_minus_cons", "high") > 0);
    assert_number(j, "rescue", NULL, 1);
    assert_number(j, "harm", NULL, 1);
    assert_number(j, "unanswered", NULL, 1);
    assert_number(j, "undecided", NULL, 1);
    assert_number(j, "finished_share", NULL, 0.75);
    assert_true(json_is_null(json_object_get(j, "duplicates")));
    assert_number(j, "tokens", NULL, 180);
    assert_number(j, "calls", NULL, 18);
    assert_number(j, "seconds", NULL, 2);
    json_decref(j);
    summary_set_seconds(s, 1.5);
    j = summary_to_json(s, false);
    assert_number(j, "seconds", NULL, 1.5);
    json_decref(j);
    j = summary_to_json(s, true);
    assert_null(json_object_get(j, "seconds"));
    json_decref(j);
    summary_free(s);
    summary_free(NULL);
}

static void to_json_curve_as_by_hand(void **state)
{
    static const double expected[][5] = {
        /* k, cons, clr, calls, tokens */
        {1, 0.5, 0.5, 1.25, 12.5},
        {2, 0.5, 0.5, 2.25, 22.5},
        {4, 0.5, 0.5, 4.5, 45},
    };
    struct summary *s = four_problems();
    json_t *j = summary_to_json(s, false), *curve = json_object_get(j, "curve");
    assert_int_equal(json_array_size(curve), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *point = json_array_get(curve, i);
        assert_number(point, "k", NULL, expected[i][0]);
        assert_number(point, "cons", NULL, expected[i][1]);
        assert_number(point, "clr", NULL, expected[i][2]);
        assert_number(point, "calls", NULL, expected[i][3]);
        assert_number(point, "tokens", NULL, expected[i][4]);
    }
    json_decref(j);
    summary_free(s);
}

/* 4 samples pay for CLR@2 (2.25 calls, 22.5 tokens), which Cons@3 costs as much as. */
static void to_json_equal_cost_as_by_hand(void **state)
{
    struct summary *s = four_problems();
    json_t *j = summary_to_json(s, false), *e = json_object_get(j, "equal_calls");
    assert_number(e, "k", NULL, 2);
    assert_number(e, "cons_k", NULL, 3);
    assert_number(e, "cons_calls", NULL, 3);
    assert_number(e, "clr_minus_cons", "value", 0);
    e = json_object_get(j, "equal_tokens");
    assert_number(e, "k", NULL, 2);
    assert_number(e, "cons_k", NULL, 3);
    assert_number(e, "tokens", NULL, 22.5);
    assert_number(e, "cons_tokens", NULL, 30);
    json_decref(j);
    summary_free(s);
}

/* Of the four: "silent" is wrong and "easy" right by any weight. */
static void to_json_controls_as_by_hand(void **state)
{
    struct summary *s = four_problems();
    json_t *j = summary_to_json(s, false), *c = json_object_get(j, "controls");
    assert_number(c, "perfect", NULL, 0.75);
    assert_number(c, "best_of_n", NULL, 0.5);
    assert_number(c, "shorter", NULL, 0.5); /* all are of 10 tokens: Cons */
    assert_number(c, "longer", NULL, 0.5);
    double permuted = get(c, "permuted", NULL);
    assert_true(permuted > 0.25 && permuted < 0.75);
    assert_number(c, "permuted_minus_cons", "value", permuted - 0.5);
    json_decref(j);
    summary_free(s);
}

/* In the last point of the curve rescue and harm cancel out; each alone must show. */
static void to_json_rescue_shows_where_it_happens(void **state)
{
    struct summary *s = summary_create();
    for (int i = 0; i < 6; i++)
        add(s, &rescue, false, false);
    json_t *j = summary_to_json(s, false), *curve = json_object_get(j, "curve");
    assert_number(json_array_get(curve, 1), "clr", NULL, 0);
    assert_number(json_array_get(curve, 2), "clr", NULL, 1);
    assert_number(json_array_get(curve, 2), "cons", NULL, 0);
    assert_number(j, "rescue", NULL, 6);
    assert_number(j, "clr_minus_cons", "value", 1);
    assert_number(j, "clr_minus_cons", "p", 0.03125);
    /* without verifications CLR@4 costs what Cons@4 does */
    assert_number(json_object_get(j, "equal_calls"), "k", NULL, 4);
    assert_number(json_object_get(j, "equal_calls"), "cons_k", NULL, 4);
    assert_number(json_object_get(j, "equal_calls"), "rescue", NULL, 6);
    json_decref(j);
    summary_free(s);
}

/* The claims of rescue as above: at temperature 0 equal ones share a verification, jointly too. */
static void to_json_joint_shares_verifications_at_temperature_0(void **state)
{
    json_t *curve[3];
    for (int i = 0; i < 3; i++) {
        way = i ? SURETY_VERIFY_JOINT : SURETY_VERIFY_EACH;
        verify_temperature = i > 1;
        struct summary *s = four_problems();
        json_t *j = summary_to_json(s, false);
        curve[i] = json_incref(json_object_get(j, "curve"));
        json_decref(j);
        summary_free(s);
    }
    way = SURETY_VERIFY_EACH;
    verify_temperature = 0;
    assert_true(json_equal(curve[0], curve[1]));
    assert_false(json_equal(curve[1], curve[2]));
    for (int i = 0; i < 3; i++)
        json_decref(curve[i]);
}

static void to_json_texts_count_duplicates(void **state)
{
    struct summary *s = summary_create();
    add(s, &easy, false, true);
    json_t *j = summary_to_json(s, false);
    assert_number(j, "duplicates", NULL, 3);
    json_decref(j);
    summary_free(s);
}

static void to_json_without_gold_answers_is_null_and_counts(void **state)
{
    struct summary *s = summary_create();
    json_t *j = summary_to_json(s, false);
    assert_number(j, "n", NULL, 0);
    json_decref(j);
    struct surety_result r = {.usage = {.calls = 3}, .stop = SURETY_STOP_FAILED};
    assert_int_equal(summary_add(s, &r), SURETY_OK);
    j = summary_to_json(s, false);
    assert_number(j, "n", NULL, 0);
    assert_number(j, "results", NULL, 1);
    assert_number(j, "failed", NULL, 1);
    assert_number(j, "calls", NULL, 3);
    assert_true(json_is_null(json_object_get(json_object_get(j, "clr"), "value")));
    assert_true(json_is_null(json_object_get(j, "equal_calls")));
    assert_int_equal(json_array_size(json_object_get(j, "curve")), 0);
    json_decref(j);
    summary_free(s);
}

static void print_table_is_aligned_and_says_what_was_compared(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct summary *s = four_problems();
    assert_non_null(out);
    assert_int_equal(summary_print(s, out), SURETY_OK);
    fclose(out);
    assert_non_null(strstr(text, "  pass@1        43.8 %"));
    assert_non_null(strstr(text, "  Cons@4        50.0 %     15.0 to  85.0\n"));
    assert_non_null(strstr(text, "rescue 1, harm 1, p = 1\n"));
    assert_non_null(strstr(text, "on the same samples of 4 problems, paired by problem"));
    assert_non_null(strstr(text, "      2   50.0 %   50.0 %   50.0 %        2.2         22.5\n"));
    assert_non_null(strstr(text, "At equal calls: CLR@2 (2.2 a problem) against Cons@3 (3.0):"));
    assert_non_null(strstr(text, "1 undecided (counted as wrong)"));
    assert_non_null(strstr(text, "4 results, 1 without an answer, 75.0 % of the trajectories"));
    assert_non_null(strstr(text, "18 calls, 180 tokens made (20 of them to verify), 2.0 s."));
    free(text);
    summary_free(s);
}

/* What summary_print writes; the caller frees. */
static char *printed(struct summary *s)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(summary_print(s, out), SURETY_OK);
    fclose(out);
    summary_free(s);
    return text;
}

static struct summary *many(const struct sketch *sketch, int n)
{
    struct summary *s = summary_create();
    for (int i = 0; i < n; i++)
        add(s, sketch, false, false);
    return s;
}

static void print_few_problems_have_no_narrow_interval(void **state)
{
    char *text = printed(many(&rescue, 3));
    assert_non_null(strstr(text, "  CLR - Cons  +100.0  too few to tell: "));
    assert_non_null(strstr(text, "too few to tell\n"));
    assert_null(strstr(text, "+100.0 to +100.0"));
    assert_null(strstr(text, "100.0 to 100.0"));
    free(text);
    text = printed(many(&rescue, 30));
    assert_null(strstr(text, "too few"));
    assert_non_null(strstr(text, "  CLR - Cons  +100.0      +100.0 to +100.0   rescue 30"));
    free(text);
    struct summary *s = many(&rescue, 3);
    json_t *j = summary_to_json(s, false), *gain = json_object_get(j, "clr_minus_cons");
    assert_number(gain, "value", NULL, 1);
    assert_number(gain, "exact", "low", pow(0.0125, 1.0 / 3) - (1 - pow(0.0125, 1.0 / 3)));
    assert_number(gain, "exact", "high", 1);
    json_decref(j);
    summary_free(s);
}

static void print_says_mean_over_samples_and_first_sample(void **state)
{
    char *text = printed(four_problems());
    assert_non_null(strstr(text, "   mean over all 4 samples\n"));
    assert_non_null(strstr(text, "k = 1 is the first alone, pass@1 above the mean over all."));
    free(text);
}

static void print_one_sample_is_one_row(void **state)
{
    static char a[] = "A";
    uint32_t member = 0;
    struct surety_trajectory t = {.answer = a, .r = 1, .correct = 1};
    struct surety_group g = {.answer = a, .count = 1, .score = 1, .members = &member};
    struct surety_result r = {.answer = a,
                              .trajectories = &t,
                              .n_trajectories = 1,
                              .groups = &g,
                              .n_groups = 1,
                              .usage = {.calls = 1}};
    r.run.settings.k = 1;
    r.correct.known = true;
    r.correct.clr = r.correct.cons = r.correct.pass_at_k = 1;
    r.correct.pass_at_1 = 1;
    struct summary *s = summary_create();
    assert_int_equal(summary_add(s, &r), SURETY_OK);
    char *text = printed(s);
    assert_ptr_equal(strchr(text, '@'), strrchr(text, '@'));
    assert_non_null(strstr(text, "  pass@1       100.0 %"));
    assert_non_null(strstr(text, "one sample: nothing to vote on\n"));
    assert_non_null(strstr(text, "1 result, 0 without an answer"));
    assert_non_null(strstr(text, "1 calls, 0.0 s."));
    free(text);
}

static void print_undecided_and_compatible_answers_are_in_the_head(void **state)
{
    struct sketch unclear = easy;
    unclear.clr = -1;
    char *text = printed(many(&unclear, 3));
    assert_ptr_equal(strstr(text, "Of most problems (3 of 3) it could not be decided"), text);
    free(text);
    struct summary *s = many(&easy, 3);
    static char a[] = "A";
    struct surety_trajectory t[K];
    for (uint32_t i = 0; i < K; i++)
        t[i] = (struct surety_trajectory){.index = i, .answer = a, .compatible = i > 1};
    struct surety_result r = {.answer = a, .trajectories = t, .n_trajectories = K};
    r.correct.known = true;
    r.run.settings.k = K;
    assert_int_equal(summary_add(s, &r), SURETY_OK);
    json_t *j = summary_to_json(s, false);
    assert_number(j, "compatible", NULL, 2);
    json_decref(j);
    text = printed(s);
    assert_ptr_equal(strstr(text, "2 more are equal but for a unit, a rounding or the like"), text);
    assert_non_null(strstr(text, "with these answers pass@1 is 87.5 %."));
    free(text);
}

static void print_partial_table_says_so(void **state)
{
    struct summary *s = four_problems();
    struct summary_origin origin = {
        .problems = "in", .results = "out", .lines = 9, .done = 4, .before = 3, .seed = 7};
    summary_set_origin(s, &origin);
    json_t *j = summary_to_json(s, false), *stable = summary_to_json(s, true);
    assert_true(json_is_true(json_object_get(j, "partial")));
    assert_number(j, "lines", NULL, 9);
    assert_number(j, "seed", NULL, 7);
    assert_string_equal(json_string_value(json_object_get(json_object_get(j, "files"), "results")),
                        "out");
    assert_null(json_object_get(stable, "files"));
    json_decref(j);
    json_decref(stable);
    char *text = printed(s);
    assert_ptr_equal(strstr(text, "Partial: this is of 4 of 9 problems; the other 5"), text);
    assert_non_null(strstr(text, " s for the 1 of this run."));
    free(text);
    s = four_problems();
    origin.lines = 4;
    summary_set_origin(s, &origin);
    text = printed(s);
    assert_null(strstr(text, "Partial"));
    free(text);
}

static void print_tokens_that_nobody_counted_have_no_rows(void **state)
{
    char *text = printed(four_problems());
    assert_non_null(strstr(text, "At equal tokens"));
    free(text);
    static char a[] = "A";
    uint32_t members[2] = {0, 1};
    struct surety_trajectory t[2] = {{.answer = a, .r = 1}, {.answer = a, .r = 1, .index = 1}};
    struct surety_group g = {.answer = a, .count = 2, .score = 2, .members = members};
    struct surety_result r = {
        .answer = a, .trajectories = t, .n_trajectories = 2, .groups = &g, .n_groups = 1};
    r.correct.known = true;
    struct summary *s = summary_create();
    assert_int_equal(summary_add(s, &r), SURETY_OK);
    text = printed(s);
    assert_null(strstr(text, "token"));
    assert_non_null(strstr(text, "Calls of CLR@k, a problem."));
    free(text);
}

/* Two votes for B, one for A whose claim is refuted: the table answers as the result did. */
static void figures_follow_the_threshold_of_the_result(void **state)
{
    static const double least[] = {0, 0.5};
    for (size_t i = 0; i < 2; i++) {
        static char texts[][2] = {"A", "B", "p", "q"};
        struct surety_claim stands = {.text = texts[2], .value = 1, .self = 1};
        struct surety_claim falls = {
            .text = texts[3], .value = 0, .verdict = SURETY_VERDICT_REFUTED};
        struct surety_trajectory t[3] = {
            {.index = 0, .answer = texts[1], .r = 0.1, .claims = &stands, .n_claims = 1},
            {.index = 1, .answer = texts[1], .r = 0.1, .claims = &stands, .n_claims = 1},
            {.index = 2, .answer = texts[0], .r = 0.9, .claims = &falls, .n_claims = 1}};
        uint32_t members[3] = {0, 1, 2};
        struct surety_group groups[2] = {{.answer = texts[1], .count = 2, .members = members},
                                         {.answer = texts[0], .count = 1, .members = members + 2}};
        struct surety_result r = {
            .trajectories = t, .n_trajectories = 3, .groups = groups, .n_groups = 2};
        r.run.settings.k = 3;
        r.run.settings.m = 1;
        r.run.least_standing = least[i];
        r.verifier.little_stands = i == 1;
        r.correct.known = true;
        t[2].correct = 1;
        r.correct.clr = i == 0;
        struct summary *s = summary_create();
        assert_int_equal(summary_add(s, &r), SURETY_OK);
        json_t *j = summary_to_json(s, false), *controls = json_object_get(j, "controls");
        const json_t *curve = json_object_get(j, "curve");
        assert_number(j, "clr", "value", i == 0);
        assert_number(json_array_get(curve, json_array_size(curve) - 1), "clr", NULL, i == 0);
        assert_number(controls, "perfect", NULL, 1);
        assert_number(j, "little_stands", NULL, i == 1);
        json_decref(j);
        char *text = printed(s);
        assert_true(!strstr(text, "Behind the highest score of 1 result less stands") == (i == 0));
        free(text);
    }
}

static void print_full_disk_is_an_error(void **state)
{
    FILE *out = fopen("/dev/full", "w");
    struct summary *s = four_problems();
    if (!out)
        skip();
    assert_int_equal(summary_print(s, out), SURETY_ERR_IO);
    fclose(out);
    summary_free(s);
}

/* Recorded verdicts cost nothing; those of every way do, and of no other signal. */
static void verdicts_of_every_way_are_free_where_none_was_asked_for(void **state)
{
    static const struct {
        struct surety_claim claim;
        enum surety_verify verify;
        unsigned signals;
        bool is_free;
    } rows[] = {
        {{.self = 1, .blind = NAN}, SURETY_VERIFY_NONE, SURETY_SIGNAL_SELF, true},
        {{.self = NAN, .blind = 0}, SURETY_VERIFY_NONE, SURETY_SIGNAL_BLIND, true},
        {{.self = NAN, .blind = 0}, SURETY_VERIFY_NONE, SURETY_SIGNAL_SELF, false},
        {{.self = NAN, .blind = 0}, SURETY_VERIFY_BLIND, SURETY_SIGNAL_BLIND, false},
        {{.self = NAN, .blind = NAN}, SURETY_VERIFY_NONE, 15, false}, /* symbolic, agreement */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct surety_claim claim = rows[i].claim;
        static char text[] = "a lid fits";
        claim.text = text;
        struct surety_trajectory t = {.claims = &claim, .n_claims = 1};
        struct surety_result r = {.trajectories = &t, .n_trajectories = 1};
        struct summary *summary = summary_create();
        struct table table;
        assert_non_null(summary);
        r.run.settings.verify = rows[i].verify;
        r.run.settings.signals = rows[i].signals;
        assert_int_equal(summary_add(summary, &r), SURETY_OK);
        assert_int_equal(summary_table(summary, &table), SURETY_OK);
        assert_int_equal(table.free_verdicts, rows[i].is_free);
        summary_free(summary);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_json_four_problems_as_by_hand),
        cmocka_unit_test(to_json_curve_as_by_hand),
        cmocka_unit_test(to_json_equal_cost_as_by_hand),
        cmocka_unit_test(to_json_controls_as_by_hand),
        cmocka_unit_test(to_json_rescue_shows_where_it_happens),
        cmocka_unit_test(to_json_joint_shares_verifications_at_temperature_0),
        cmocka_unit_test(to_json_texts_count_duplicates),
        cmocka_unit_test(to_json_without_gold_answers_is_null_and_counts),
        cmocka_unit_test(print_table_is_aligned_and_says_what_was_compared),
        cmocka_unit_test(print_few_problems_have_no_narrow_interval),
        cmocka_unit_test(print_says_mean_over_samples_and_first_sample),
        cmocka_unit_test(print_one_sample_is_one_row),
        cmocka_unit_test(print_undecided_and_compatible_answers_are_in_the_head),
        cmocka_unit_test(print_partial_table_says_so),
        cmocka_unit_test(print_tokens_that_nobody_counted_have_no_rows),
        cmocka_unit_test(print_full_disk_is_an_error),
        cmocka_unit_test(figures_follow_the_threshold_of_the_result),
        cmocka_unit_test(verdicts_of_every_way_are_free_where_none_was_asked_for),
    };
    return cmocka_run_group_tests_name("scaler.summary", tests, NULL, NULL);
}
