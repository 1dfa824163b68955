#include <surety/settings.h>

#include <string.h>

#include "proto/settings_table.h"

void surety_settings_init(struct surety_settings *settings)
{
    *settings = (struct surety_settings){0};
    for (const struct setting *row = settings_table; row < settings_table + settings_count; row++) {
        if (row->storage == SETTING_DOUBLE)
            setting_set_number(row, settings, row->fallback);
        else
            setting_set_integer(row, settings, (int64_t)row->fallback);
    }
}

enum surety_err surety_settings_check(const struct surety_settings *s, struct surety_error *err)
{
    for (size_t i = 0; i < settings_count; i++) {
        enum surety_err code = setting_check(&settings_table[i], s, err);
        if (code)
            return code;
    }
    if (s->sampling.n_stop > SURETY_STOPS_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "%zu stop strings; at most %d are allowed",
                           s->sampling.n_stop, SURETY_STOPS_MAX);
    return SURETY_OK;
}

/* OK when text is min to max bytes long. */
static enum surety_err check_text(const char *what, const char *text, size_t min, size_t max,
                                  struct surety_error *err)
{
    size_t len = text ? strlen(text) : 0;
    if (len < min)
        return surety_fail(err, SURETY_ERR_INVALID, "the %s is empty", what);
    if (len > max)
        return surety_fail(err, SURETY_ERR_LIMIT, "the %s has %zu bytes; at most %zu are allowed",
                           what, len, max);
    return SURETY_OK;
}

static enum surety_err check_problem(const char *problem, struct surety_error *err)
{
    enum surety_err code = check_text("problem", problem, 1, SURETY_PROBLEM_MAX, err);
    if (!code && problem[strspn(problem, " \t\r\n\v\f")] == '\0')
        code = surety_fail(err, SURETY_ERR_INVALID, "the problem is empty");
    return code;
}

/* A conversation holds as much as a problem may, and asks something at its end. */
static enum surety_err check_messages(const struct surety_request *r, struct surety_error *err)
{
    size_t bytes = 0;
    enum surety_err code = SURETY_OK;
    if (r->n_messages > SURETY_MESSAGES_MAX)
        return surety_fail(err, SURETY_ERR_LIMIT, "%zu messages; at most %d are allowed",
                           r->n_messages, SURETY_MESSAGES_MAX);
    for (size_t i = 0; i < r->n_messages && !code; i++) {
        const struct surety_message *m = &r->messages[i];
        bool known = m->role && (!strcmp(m->role, "system") || !strcmp(m->role, "user") ||
                                 !strcmp(m->role, "assistant"));
        if (!known)
            return surety_fail(err, SURETY_ERR_INVALID,
                               "the role of message %zu is not system, user or assistant", i + 1);
        bytes += m->content ? strlen(m->content) : 0;
        if (bytes > SURETY_PROBLEM_MAX)
            return surety_fail(err, SURETY_ERR_LIMIT,
                               "the messages have more than %u bytes together", SURETY_PROBLEM_MAX);
        code = check_text("message", m->content, 0, SURETY_PROBLEM_MAX, err);
    }
    if (!code && r->n_messages && strcmp(r->messages[r->n_messages - 1].role, "user") != 0)
        code = surety_fail(err, SURETY_ERR_INVALID, "the last message must be a user's");
    return code;
}

static enum surety_err check_stops(const struct surety_request *r, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    if (r->n_stop > SURETY_STOPS_MAX)
        return surety_fail(err, SURETY_ERR_LIMIT, "%zu stop strings; at most %d are allowed",
                           r->n_stop, SURETY_STOPS_MAX);
    for (size_t i = 0; i < r->n_stop && !code; i++)
        code = check_text("stop string", r->stop[i], 1, SURETY_STOP_MAX, err);
    return code;
}

enum surety_err surety_request_check(const struct surety_request *request, struct surety_error *err)
{
    enum surety_err code = check_text("id", request->id, 1, SURETY_NAME_MAX, err);
    if (!code && request->body)
        code = check_text("body", request->body, 1, SURETY_BODY_MAX, err);
    else if (!code)
        code = check_problem(request->problem, err);
    if (!code && request->model_name)
        code = check_text("model name", request->model_name, 1, SURETY_NAME_MAX, err);
    if (!code && request->verifier_model)
        code =
            check_text("verifier model's name", request->verifier_model, 1, SURETY_NAME_MAX, err);
    if (!code && request->profile)
        code = check_text("profile", request->profile, 1, SURETY_PROFILE_MAX, err);
    if (!code && request->user)
        code = check_text("user", request->user, 1, SURETY_NAME_MAX, err);
    if (!code && (request->deadline_ms < 0 || request->deadline_ms > SURETY_DEADLINE_MAX_MS))
        code =
            surety_fail(err, SURETY_ERR_INVALID, "deadline is %lld ms; it must be 0 (none) to %lld",
                        (long long)request->deadline_ms, (long long)SURETY_DEADLINE_MAX_MS);
    if (!code && request->budget_tokens < 0)
        code = surety_fail(err, SURETY_ERR_INVALID,
                           "budget-tokens is %lld; it must be 0 (none) or more",
                           (long long)request->budget_tokens);
    if (!code)
        code = check_messages(request, err);
    if (!code)
        code = check_stops(request, err);
    return code ? code : surety_settings_check(&request->settings, err);
}

/* ---- sets of signals ---- */

static const struct setting *signals_row(void)
{
    return setting_find("signals", strlen("signals"));
}

enum surety_err surety_signals_parse(const char *list, unsigned *ret, struct surety_error *err)
{
    return setting_parse_names(signals_row(), list, ret, err);
}

void surety_signals_format(unsigned signals, char *out, size_t size)
{
    setting_format_names(signals_row(), signals, out, size);
}
