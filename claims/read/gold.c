#include "claims/read/gold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "base/plain.h"
#include "claims/text/dress.h"
#include "claims/text/words.h"
#include <surety/types.h>

static const char *const kind_names[GOLD_KIND_COUNT_] = {"any", "choice", "number", "expression",
                                                         "text"};

const char *gold_stated(const char *gold)
{
    const char *answer = gold;
    for (const char *mark = gold; mark && (mark = strstr(mark, "####")); mark += 4)
        answer = mark + 4;
    while (answer && (*answer == '#' || *answer == ' '))
        answer++;
    return answer && *answer ? answer : gold;
}

char gold_letter(const char *answer)
{
    size_t len = strlen(answer);
    dress_off(&answer, &len);
    return len == 1 && plain_is_letter(*answer) ? *answer : '\0';
}

char gold_choice(const char *answer)
{
    const char *rest;
    char letter = words_choice(answer, &rest);
    char lone = plain_upper(gold_letter(answer));
    return letter || lone > 'J' ? letter : lone;
}

bool gold_kind_from_name(const char *name, enum gold_kind *ret_kind)
{
    for (int i = 0; i < GOLD_KIND_COUNT_; i++)
        if (strcmp(name, kind_names[i]) == 0) {
            *ret_kind = (enum gold_kind)i;
            return true;
        }
    return false;
}

/* One answer; NULL for what is none, or without memory. */
static const char *read_answer(const json_t *value, struct arena *arena)
{
    if (json_is_string(value))
        return arena_strdup(arena, json_string_value(value));
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    if (!json_is_number(value))
        return NULL;
    char *text = json_to_text(value);
    const char *copy = arena_strdup(arena, text);
    free(text);
    return copy;
}

static enum surety_err read_answers(const json_t *value, struct arena *arena, struct gold *gold,
                                    struct surety_error *err)
{
    bool many = json_is_array(value);
    size_t n = many ? json_array_size(value) : 1;
    if (n == 0 || n > GOLD_ANSWERS_MAX)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "a gold answer is a list of %zu; it must be one of 1 to %d", n,
                           GOLD_ANSWERS_MAX);
    const char **answers = ARENA_ARRAY(arena, const char *, n);
    if (!answers)
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        answers[i] = read_answer(many ? json_array_get(value, i) : value, arena);
        if (!answers[i])
            return surety_fail(err, SURETY_ERR_INVALID,
                               "a gold answer must be a string, a number or a truth value%s",
                               many ? ", also in a list" : "");
    }
    gold->answers = answers;
    gold->n = n;
    return SURETY_OK;
}

static enum surety_err read_member(const char *key, const json_t *value, struct arena *arena,
                                   struct gold *gold, struct surety_error *err)
{
    double *tolerance = strcmp(key, "tolerance") == 0            ? &gold->tolerance.absolute
                        : strcmp(key, "relative_tolerance") == 0 ? &gold->tolerance.relative
                                                                 : NULL;
    if (strcmp(key, "answer") == 0)
        return read_answers(value, arena, gold, err);
    if (strcmp(key, "kind") == 0) {
        if (!json_is_string(value) || !gold_kind_from_name(json_string_value(value), &gold->kind))
            return surety_fail(err, SURETY_ERR_INVALID,
                               "the \"kind\" of a gold answer must be \"any\", \"choice\", "
                               "\"number\", \"expression\" or \"text\"");
        return SURETY_OK;
    }
    if (!tolerance)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "a gold answer has no \"%.40s\": it has \"answer\", \"kind\", "
                           "\"tolerance\", \"relative_tolerance\"",
                           key);
    if (!json_is_number(value))
        return surety_fail(err, SURETY_ERR_INVALID, "\"%s\" must be a number", key);
    *tolerance = json_number_value(value);
    return SURETY_OK;
}

enum surety_err gold_from_json(const json_t *value, struct arena *arena, struct gold *ret_gold,
                               struct surety_error *err)
{
    struct gold gold = {0};
    enum surety_err code = SURETY_OK;
    const char *key;
    json_t *member;
    if (!json_is_object(value))
        code = read_answers(value, arena, &gold, err);
    else
        json_object_foreach((json_t *)value, key, member) if (!code) code =
            read_member(key, member, arena, &gold, err);
    if (!code && !gold.answers)
        code = surety_fail(err, SURETY_ERR_INVALID, "the gold answer has no \"answer\"");
    if (!code)
        code = gold_check(&gold, err);
    if (!code)
        *ret_gold = gold;
    return code;
}

static bool has_string(const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (json_is_string(json_array_get(array, i)))
            return true;
    return false;
}

enum surety_err gold_from_text(const char *text, struct arena *arena, struct gold *ret_gold,
                               struct surety_error *err)
{
    const char *start = text + strspn(text, " \t\r\n");
    json_t *value = NULL;
    if ((*start == '{' || *start == '[') && !json_load_text(start, strlen(start), &value, NULL) &&
        !json_is_object(value) && !has_string(value)) {
        json_decref(value);
        value = NULL;
    }
    if (!value)
        value = json_string(text);
    if (!value)
        return surety_fail(err, SURETY_ERR_INVALID, "the gold answer is not UTF-8");
    enum surety_err code = gold_from_json(value, arena, ret_gold, err);
    json_decref(value);
    return code;
}

/* Layout, dress and spaces of any kind alone are no answer: "$$", "\\boxed{}", "\\quad". */
static bool is_blank(const char *answer)
{
    static const char *const nothing[] = {
        "\\boxed",     "\\fbox",       "\\text",       "\\textbf",     "\\mathrm",
        "\\mathbf",    "\\qquad",      "\\quad",       "\\left.",      "\\right.",
        "\\,",         "\\;",          "\\!",          "\\:",          "\\ ",
        "\\[",         "\\]",          "\\(",          "\\)",          "\\displaystyle",
        "\xC2\xA0",    "\xE3\x80\x80", "\xE2\x80\x8B", "\xE2\x80\x89", "\xEF\xBB\xBF",
        "\xE2\x80\xAF"};
    while (*answer) {
        size_t skip = strspn(answer, " \t\r\n\v\f$*_{}#.,;:\"'`~");
        for (size_t k = 0; k < sizeof nothing / sizeof *nothing && !skip; k++) {
            size_t n = strlen(nothing[k]);
            if (!strncmp(answer, nothing[k], n) &&
                !(plain_is_letter(answer[n - 1]) && plain_is_letter(answer[n])))
                skip = n;
        }
        if (!skip)
            return false;
        answer += skip;
    }
    return true;
}

bool gold_has_modulus(const char *answer)
{
    return strstr(answer, "(mod") || strstr(answer, "\\pmod") || strstr(answer, "\\pod");
}

static enum surety_err check_number(const char *answer, struct surety_error *err)
{
    struct equal_form *form = equal_parse(answer, NULL);
    if (!form)
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    bool is_number = within_is_number(form);
    equal_form_free(form);
    if (!is_number)
        return surety_fail(err, SURETY_ERR_INVALID, "the gold answer '%.80s' is no number", answer);
    return SURETY_OK;
}

enum surety_err gold_check(const struct gold *gold, struct surety_error *err)
{
    double absolute = gold->tolerance.absolute, relative = gold->tolerance.relative;
    bool tolerant = absolute != 0 || relative != 0;
    if (!gold->answers || gold->n == 0 || gold->n > GOLD_ANSWERS_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "there must be 1 to %d gold answers",
                           GOLD_ANSWERS_MAX);
    if (!isfinite(absolute) || !isfinite(relative) || absolute < 0 || relative < 0)
        return surety_fail(err, SURETY_ERR_INVALID, "a tolerance must be finite and at least 0");
    if (tolerant && gold->kind != GOLD_ANY && gold->kind != GOLD_NUMBER)
        return surety_fail(err, SURETY_ERR_INVALID, "only a number can have a tolerance");
    for (size_t i = 0; i < gold->n; i++) {
        const char *answer = gold_stated(gold->answers[i]);
        enum surety_err code = SURETY_OK;
        if (!answer || is_blank(answer))
            code = surety_fail(err, SURETY_ERR_INVALID, "a gold answer is empty");
        else if (strlen(gold->answers[i]) > SURETY_PROBLEM_MAX)
            code = surety_fail(err, SURETY_ERR_LIMIT, "a gold answer is longer than %u bytes",
                               SURETY_PROBLEM_MAX);
        else if (gold->kind == GOLD_CHOICE && !gold_choice(answer))
            code = surety_fail(err, SURETY_ERR_INVALID,
                               "the gold answer '%.80s' is no letter of a choice", answer);
        else if (tolerant && gold_has_modulus(answer))
            code =
                surety_fail(err, SURETY_ERR_INVALID,
                            "'%.80s' stands for many numbers, none of which can be near", answer);
        else if (tolerant || gold->kind == GOLD_NUMBER)
            code = check_number(answer, err);
        if (code)
            return code;
    }
    return SURETY_OK;
}
