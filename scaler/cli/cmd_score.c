/*
 * cmd_score.c - `surety score`: the method on recorded samples, without an engine.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "claims/plan/plan.h"
#include "proto/result_json.h"
#include "scaler/cli/batch.h"
#include "scaler/cli/grade.h"
#include "scaler/report/grading.h"
#include <surety/settings.h>

#define LINE_ARENA_MAX ((size_t)256 << 20)

/* A recorded verdict: a number in [0,1], a truth value, or a name. */
static enum surety_err read_verdict(const json_t *claim, struct surety_claim *ret,
                                    struct surety_error *err)
{
    const json_t *verdict = json_object_get(claim, "verdict");
    ret->value = NAN;
    ret->verdict = SURETY_VERDICT_UNCHECKED;
    if (!verdict || json_is_null(verdict))
        return SURETY_OK;
    if (json_is_boolean(verdict))
        ret->value = json_is_true(verdict);
    else if (json_is_number(verdict))
        ret->value = json_number_value(verdict);
    else if (!json_is_string(verdict) ||
             !surety_verdict_from_name(json_string_value(verdict), &ret->verdict))
        ret->value = -1;
    else if (ret->verdict == SURETY_VERDICT_VALID || ret->verdict == SURETY_VERDICT_REFUTED)
        ret->value = ret->verdict == SURETY_VERDICT_VALID;
    if (ret->value < 0 || ret->value > 1)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "a claim's \"verdict\" must be a number from 0 to 1, true, false, null, "
                           "\"valid\", \"refuted\" or \"unparsed\"");
    if (!isnan(ret->value))
        ret->verdict = ret->value >= 0.5 ? SURETY_VERDICT_VALID : SURETY_VERDICT_REFUTED;
    return SURETY_OK;
}

/* As in a result, null or a number; false: INVALID. */
static bool read_signal(const json_t *signals, const char *name, double *ret,
                        struct surety_error *err)
{
    const json_t *value = json_object_get(signals, name);
    *ret = json_is_number(value) ? json_number_value(value) : NAN;
    if (!value || json_is_null(value) || (*ret >= 0 && *ret <= 1))
        return true;
    surety_fail(err, SURETY_ERR_INVALID,
                "a claim's signal \"%s\" must be null or a number from 0 to 1", name);
    return false;
}

/* What a claim of a result has in place of a verdict of its own: there "verdict" says what came of
 * all signals. */
static enum surety_err read_signals(const json_t *claim, struct surety_claim *ret,
                                    struct surety_error *err)
{
    const json_t *signals = json_object_get(claim, "signals");
    const char *verdict = json_get_string(claim, "verdict", "");
    if (!json_is_object(signals))
        return surety_fail(err, SURETY_ERR_INVALID, "a claim's \"signals\" must be an object");
#define X(NAME, name, bit, words)                                                                  \
    if (!read_signal(signals, #name, &ret->name, err))                                             \
        return SURETY_ERR_INVALID;
    SURETY_SIGNAL_TABLE(X)
#undef X
    ret->value = ret->self;
    ret->verdict =
        strcmp(verdict, "unparsed") == 0 ? SURETY_VERDICT_UNPARSED : SURETY_VERDICT_UNCHECKED;
    return SURETY_OK;
}

static enum surety_err read_claims(const json_t *list, struct arena *arena,
                                   struct plan_sample *sample, struct surety_error *err)
{
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n > SURETY_M_MAX)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "a sample's \"claims\" must be a list of at most %d", SURETY_M_MAX);
    struct surety_claim *claims = ARENA_ARRAY(arena, struct surety_claim, n ? n : 1);
    if (!claims)
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        const json_t *claim = json_array_get(list, i);
        const char *text =
            json_is_string(claim) ? json_string_value(claim) : json_get_string(claim, "text", NULL);
        if (!text)
            return surety_fail(err, SURETY_ERR_INVALID, "a claim has no \"text\"");
#define X(NAME, name, bit, words) .name = NAN,
        claims[i] = (struct surety_claim){SURETY_SIGNAL_TABLE(X).value = NAN};
#undef X
        claims[i].text = arena_strdup(arena, text);
        if (!claims[i].text)
            return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
        const json_t *signals = json_object_get(claim, "signals");
        enum surety_err code =
            signals ? read_signals(claim, &claims[i], err) : read_verdict(claim, &claims[i], err);
        sample->cooperating |= signals != NULL; /* of a result that does not say */
        if (code)
            return code;
    }
    sample->claims = claims;
    sample->n_claims = n;
    sample->has_claims = sample->has_signals = true;
    return SURETY_OK;
}

/* A text, or an object. correct: 1, 0, or -1 when the sample does not say. */
static enum surety_err read_sample(const json_t *object, bool reextract, struct arena *arena,
                                   struct plan_sample *ret, int *ret_correct,
                                   struct surety_error *err)
{
    const json_t *answer = json_object_get(object, "answer");
    const json_t *claims = json_object_get(object, "claims");
    const json_t *correct = json_object_get(object, "correct");
    const json_t *tokens = json_object_get(object, "tokens");
    *ret = (struct plan_sample){.text = json_is_string(object)
                                            ? json_string_value(object)
                                            : json_get_string(object, "text", NULL)};
    if (!ret->text && (!answer || reextract))
        return surety_fail(err, SURETY_ERR_INVALID, "a sample is no string and has no \"text\"");
    if (!ret->text)
        ret->text = "";
    if (answer && !json_is_null(answer) && !reextract) {
        char *text = json_is_string(answer)
                         ? NULL
                         : json_dumps(answer, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        ret->answer = arena_strdup(arena, text ? text : json_string_value(answer));
        free(text);
        if (!ret->answer)
            return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    }
    json_int_t n_tokens = json_integer_value(tokens);
    ret->tokens = n_tokens > 0 && n_tokens <= SURETY_TOKENS_MAX ? (uint32_t)n_tokens : 0;
    if (!surety_finish_from_name(json_get_string(object, "finish_reason", "stop"), &ret->finish) ||
        ret->finish == SURETY_FINISH_ERROR)
        ret->finish = SURETY_FINISH_STOP;
    *ret_correct = json_is_boolean(correct)  ? json_is_true(correct)
                   : json_is_number(correct) ? json_number_value(correct) >= 1
                                             : -1;
    if (!claims || json_is_null(claims))
        return SURETY_OK;
    enum surety_err code = read_claims(claims, arena, ret, err);
    if (json_object_get(object, "cooperating"))
        ret->cooperating = json_is_true(json_object_get(object, "cooperating"));
    return code;
}

/* Scores one problem with its samples. */
static enum surety_err score(const struct options *options, const struct problem *problem,
                             char *profile, struct surety_result *ret, struct surety_error *err)
{
    const size_t failures = alloc_failures();
    const json_t *list = json_object_get(problem->line, "samples");
    size_t n = json_array_size(list);
    struct surety_request request =
        options_request(options, problem->id, problem->problem, profile);
    if (!n || n > SURETY_K_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "\"samples\" must be a list of 1 to %d",
                           SURETY_K_MAX);
    if (options->k && options->k < n)
        n = options->k;
    struct arena arena;
    arena_init(&arena, LINE_ARENA_MAX);
    struct plan_sample *samples = ARENA_ARRAY(&arena, struct plan_sample, n);
    int *correct = ARENA_ARRAY(&arena, int, n);
    enum surety_err code = samples && correct ? SURETY_OK : SURETY_ERR_NOMEM;
    for (size_t i = 0; !code && i < n; i++)
        code = read_sample(json_array_get(list, i), options->reextract, &arena, &samples[i],
                           &correct[i], err);
    request.settings.k = (uint32_t)n;
    if (!code)
        code = plan_score(&request, samples, n, ret, err);
    const bool made = !code;
    if (!code)
        code = grading_fill(ret, problem->gold, problem->problem, correct, n);
    if (alloc_failures() != failures) {
        if (made)
            surety_result_fini(ret);
        code = surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    }
    arena_fini(&arena);
    return code;
}

static int score_lines(struct batch *batch, char *profile)
{
    struct surety_error error = {0};
    struct problem problem;
    size_t place;
    while (!error.code && batch_next(batch, &problem, &place, &error)) {
        struct surety_error why = {0};
        struct surety_result result;
        int64_t began_ms = clock_now_ms();
        if (score(batch->options, &problem, profile, &result, &why)) {
            batch_fail(batch, &problem, place, &why, &error);
        } else {
            result.usage.wall_ms = clock_now_ms() - began_ms;
            batch_put(batch, &problem, place, &result, &error);
            surety_result_fini(&result);
        }
        problem_fini(&problem);
    }
    return error.code ? cli_fail(batch->command, CLI_UNREACHABLE, "%s", error.message) : CLI_DONE;
}

/* The recording is played to the broker as the model that samples; the engine judges. */
static int judge(const struct command *command, const struct options *options)
{
    if (options->settings.verify == SURETY_VERIFY_NONE)
        return cli_fail(command, CLI_USAGE,
                        "with --verify none there is nothing to ask an engine: leave it out");
    if (strcmp(options->operands[0], "-") == 0)
        return cli_fail(command, CLI_USAGE,
                        "samples that an engine judges are read twice: give a file, not '-'");
    return grade_run(command, options, true);
}

static int run(const struct command *command, const struct options *options)
{
    struct batch batch;
    struct surety_error error = {0};
    char *profile = NULL;
    if (options->model || options->engine)
        return judge(command, options);
    if (options->settings.verify > SURETY_VERIFY_NONE)
        return cli_fail(command, CLI_USAGE,
                        "recorded samples have no model that could verify: leave out --verify, or "
                        "name one with --model, --engine or --upstream");
    if (surety_settings_check(&options->settings, &error) ||
        input_profile(options->profile, &profile, &error))
        return cli_fail(command, CLI_USAGE, "%s", error.message);
    int code = batch_open(&batch, command, options);
    if (!code)
        code = batch_begin(&batch, NULL);
    if (!code)
        code = score_lines(&batch, profile);
    code = batch_close(&batch, code);
    free(profile);
    return code;
}

const struct command cmd_score = {
    .name = "score",
    .user = USER_SCORE,
    .synopsis = "[options] SAMPLES.jsonl|- -o RESULTS.jsonl",
    .summary = "apply the method to recorded samples",
    .help =
        "Reads problems with their samples, one a line:\n"
        "  {\"id\"?, \"problem\", \"gold\"?, \"samples\": [{\"text\", \"answer\"?,\n"
        "   \"claims\"?: [{\"text\", \"verdict\"?}], \"correct\"?}, ...]}\n"
        "A sample may also be its text alone. What is missing is taken from the text. The "
        "trajectories of a result can be put in as\n"
        "samples: their signals and tokens are taken too. Prints the table of accuracy at the "
        "end.\n"
        "With an engine the samples' texts are judged by it, in any way, and nothing is sampled; "
        "answers and claims are then read from\n"
        "the texts. --resume goes on from what is done.",
    .examples = "surety score samples.jsonl -o results.jsonl\n"
                "surety score --model model.gguf --verify each samples.jsonl -o judged.jsonl\n"
                "surety score --signals symbolic --rule power samples.jsonl -o - | surety show -",
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
