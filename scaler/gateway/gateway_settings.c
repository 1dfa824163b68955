/*
 * gateway_settings.c - the settings of one request, from a JSON object or from a header's value:
 * the rows of the table of settings, and what else a request has.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "base/utf8.h"
#include "claims/read/profile.h"
#include "proto/settings_table.h"
#include "scaler/gateway/gateway_chat.h"
#include <surety/settings.h>

/* A copy of what quotes may have been cut in the middle of a character. */
static void set_text(char *out, size_t size, const char *text)
{
    char *valid = utf8_make_valid(text, strlen(text), NULL);
    size_t len = valid ? strlen(valid) : 0;
    len = len < size ? len : utf8_cut(valid, size - 1);
    memcpy(out, valid ? valid : "", len);
    out[len] = '\0';
    free(valid);
}

enum surety_err gateway_fail(struct gateway_fault *fault, const char *param, enum surety_err code,
                             const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char message[sizeof fault->error.message];
    plain_vprint(message, sizeof message, format, args);
    va_end(args);
    fault->error.code = code;
    set_text(fault->error.message, sizeof fault->error.message, message);
    set_text(fault->param, sizeof fault->param, param ? param : "");
    return code;
}

static enum surety_err read_names(const struct setting *row, const json_t *value,
                                  struct surety_settings *settings, struct surety_error *err)
{
    unsigned set = 0, one;
    char range[SETTING_TEXT_MAX];
    if (json_is_string(value)) {
        enum surety_err code = setting_parse_names(row, json_string_value(value), &set, err);
        if (!code)
            setting_set_integer(row, settings, set);
        return code;
    }
    setting_range(row, range);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *name = json_array_get(value, i);
        if (!json_is_string(name) ||
            !setting_from_name(row, json_string_value(name), json_string_length(name), &one))
            return surety_fail(err, SURETY_ERR_INVALID, "has an element that is none of %s", range);
        set |= one;
    }
    setting_set_integer(row, settings, set);
    return json_is_array(value)
               ? SURETY_OK
               : surety_fail(err, SURETY_ERR_INVALID, "must be a list of %s", range);
}

/* One setting; the sentence goes on after its name. */
static enum surety_err read_setting(const struct setting *row, const json_t *value,
                                    struct surety_settings *settings, struct surety_error *err)
{
    char range[SETTING_TEXT_MAX];
    unsigned one;
    setting_range(row, range);
    switch (row->type) {
    case SETTING_INTEGER:
        if (!json_is_integer(value) || json_integer_value(value) < row->least ||
            json_integer_value(value) > row->most)
            return surety_fail(err, SURETY_ERR_INVALID, "must be a whole number, %s", range);
        setting_set_integer(row, settings, json_integer_value(value));
        break;
    case SETTING_NUMBER:
    case SETTING_NUMBER_OR_DEFAULT:
        if (!json_is_number(value) || json_number_value(value) < (double)row->least ||
            json_number_value(value) > (double)row->most)
            return surety_fail(err, SURETY_ERR_INVALID, "must be a number, %s", range);
        setting_set_number(row, settings, json_number_value(value));
        break;
    case SETTING_SWITCH:
        if (!json_is_boolean(value))
            return surety_fail(err, SURETY_ERR_INVALID, "must be true or false");
        setting_set_integer(row, settings, json_is_true(value));
        break;
    case SETTING_NAME:
        if (!json_is_string(value) ||
            !setting_from_name(row, json_string_value(value), json_string_length(value), &one))
            return surety_fail(err, SURETY_ERR_INVALID, "must be one of %s", range);
        setting_set_integer(row, settings, one);
        break;
    case SETTING_NAMES:
        return read_names(row, value, settings, err);
    }
    return setting_check(row, settings, err);
}

/* ---- what a request has beside its settings ---- */

static enum surety_err read_deadline(struct gateway_chat *chat, const json_t *value,
                                     struct surety_error *err)
{
    double s = json_is_number(value) ? json_number_value(value) : -1;
    if (!(s > 0 && s <= (double)SURETY_DEADLINE_MAX_MS / 1000))
        return surety_fail(err, SURETY_ERR_INVALID, "must be a number of seconds above 0");
    chat->request.deadline_ms = (int64_t)ceil(s * 1000);
    return SURETY_OK;
}

static enum surety_err read_budget(struct gateway_chat *chat, const json_t *value,
                                   struct surety_error *err)
{
    if (!json_is_integer(value) || json_integer_value(value) < 1)
        return surety_fail(err, SURETY_ERR_INVALID, "must be a whole number above 0");
    chat->request.budget_tokens = json_integer_value(value);
    return SURETY_OK;
}

static enum surety_err read_verifier(struct gateway_chat *chat, const json_t *value,
                                     struct surety_error *err)
{
    size_t len = json_string_length(value);
    if (!json_is_string(value) || len < 1 || len > SURETY_NAME_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "must be the name of a model");
    chat->request.verifier_model = arena_strdup(&chat->arena, json_string_value(value));
    return chat->request.verifier_model ? SURETY_OK : SURETY_ERR_NOMEM;
}

static enum surety_err read_profile(struct gateway_chat *chat, const json_t *value,
                                    struct surety_error *err)
{
    const char *text = json_is_string(value) ? profile_builtin(json_string_value(value)) : NULL;
    if (!text)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "must be the name of a built-in profile (surety profile)");
    chat->request.profile = arena_strdup(&chat->arena, text);
    return chat->request.profile ? SURETY_OK : SURETY_ERR_NOMEM;
}

static const struct {
    const char *key;
    enum surety_err (*read)(struct gateway_chat *chat, const json_t *value,
                            struct surety_error *err);
} members[] = {{"deadline", read_deadline},
               {"budget_tokens", read_budget},
               {"verifier_model", read_verifier},
               {"profile", read_profile}};

static enum surety_err read_member(struct gateway_chat *chat, const char *key, const json_t *value,
                                   struct surety_error *err)
{
    const struct setting *row = setting_find(key, strlen(key));
    if (row)
        return read_setting(row, value, &chat->request.settings, err);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (strcmp(members[i].key, key) == 0)
            return members[i].read(chat, value, err);
    return surety_fail(err, SURETY_ERR_INVALID, "is no setting of surety");
}

enum surety_err gateway_settings_read(const json_t *object, const char *place,
                                      struct gateway_chat *chat, struct gateway_fault *fault)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object))
        return gateway_fail(fault, place, SURETY_ERR_INVALID, "%s must be an object", place);
    json_object_foreach((json_t *)object, key, value)
    {
        struct surety_error error = {0};
        char param[GATEWAY_PARAM_MAX];
        snprintf(param, sizeof param, "%s.%.50s", place, key);
        if (json_is_null(value))
            continue;
        enum surety_err code = read_member(chat, key, value, &error);
        if (code)
            return gateway_fail(fault, param, code, "%s %s", param, error.message);
    }
    return SURETY_OK;
}
