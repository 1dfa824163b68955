#include <surety/settings.h>

#include <string.h>

#include "base/utf8.h"

void surety_settings_init(struct surety_settings *settings)
{
    *settings = (struct surety_settings){
        .k = 32,
        .m = 5,
        .gamma = -1,
        .verify = SURETY_VERIFY_DEFAULT,
        .verify_repeats = 1,
        .verify_temperature = -1,
        .rule = SURETY_RULE_DEFAULT,
        .sampling = {.temperature = 1, .top_p = 0.95},
    };
}

static enum surety_err check_sampling(const struct surety_sampling *s, struct surety_error *err)
{
    if (!(s->temperature >= 0 && s->temperature <= 10))
        return surety_fail(err, SURETY_ERR_INVALID, "temperature is %g; it must be in [0, 10]",
                           s->temperature);
    if (!(s->top_p > 0 && s->top_p <= 1))
        return surety_fail(err, SURETY_ERR_INVALID, "top-p is %g; it must be in (0, 1]", s->top_p);
    if (s->top_k < 0)
        return surety_fail(err, SURETY_ERR_INVALID, "top-k is %d; it must be 0 (off) or more",
                           s->top_k);
    if (s->max_tokens < 0 || s->max_tokens > SURETY_TOKENS_MAX)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "max-tokens is %d; it must be 0 (what the context leaves) to %d",
                           s->max_tokens, SURETY_TOKENS_MAX);
    if (s->max_thinking < 0 || s->max_thinking > SURETY_TOKENS_MAX)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "max-thinking is %d; it must be 0 (no cap) to %d", s->max_thinking,
                           SURETY_TOKENS_MAX);
    if (s->n_stop > SURETY_STOPS_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "%zu stop strings; at most %d are allowed",
                           s->n_stop, SURETY_STOPS_MAX);
    return SURETY_OK;
}

enum surety_err surety_settings_check(const struct surety_settings *s, struct surety_error *err)
{
#define X(NAME, name, bit) | bit
    const unsigned built = 0 SURETY_SIGNAL_TABLE(X);
#undef X

    if (s->k < 1 || s->k > SURETY_K_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "k is %u; it must be 1 to %d trajectories",
                           s->k, SURETY_K_MAX);
    if (s->m < 1 || s->m > SURETY_M_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "m is %u; it must be 1 to %d claims", s->m,
                           SURETY_M_MAX);
    if (!(s->gamma <= 1000))
        return surety_fail(err, SURETY_ERR_INVALID, "gamma is %g; it must be in [0, 1000]",
                           s->gamma);
    if ((unsigned)s->verify >= SURETY_VERIFY_COUNT_)
        return surety_fail(err, SURETY_ERR_INVALID, "no such way to verify: %u",
                           (unsigned)s->verify);
    if ((unsigned)s->rule > SURETY_RULE_SOFT)
        return surety_fail(err, SURETY_ERR_INVALID, "no such rule: %u", (unsigned)s->rule);
    if (s->verify_repeats < 1 || s->verify_repeats > SURETY_REPEATS_MAX)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "verify-repeats is %u; it must be 1 to %d verdicts a claim",
                           s->verify_repeats, SURETY_REPEATS_MAX);
    if (s->controls > SURETY_CONTROLS_MAX)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "controls is %u; it must be 0 to %d planted claims", s->controls,
                           SURETY_CONTROLS_MAX);
    if (!(s->verify_temperature <= 10))
        return surety_fail(err, SURETY_ERR_INVALID,
                           "verify-temperature is %g; it must be in [0, 10]",
                           s->verify_temperature);
    if (s->seed > SURETY_SEED_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "seed is %llu; it must be 0 to %lld",
                           (unsigned long long)s->seed, (long long)SURETY_SEED_MAX);
    if (s->signals & ~built) {
        char names[64];
        surety_signals_format(s->signals & ~built, names, sizeof names);
        return surety_fail(err, SURETY_ERR_UNSUPPORTED, "signals: %s is not built yet",
                           *names ? names : "an unknown one");
    }
    return check_sampling(&s->sampling, err);
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

enum surety_err surety_request_check(const struct surety_request *request, struct surety_error *err)
{
    enum surety_err code = check_text("id", request->id, 1, SURETY_NAME_MAX, err);
    if (!code)
        code = check_text("problem", request->problem, 1, SURETY_PROBLEM_MAX, err);
    if (!code && request->problem[strspn(request->problem, " \t\r\n\v\f")] == '\0')
        code = surety_fail(err, SURETY_ERR_INVALID, "the problem is empty");
    if (!code && request->model_name)
        code = check_text("model name", request->model_name, 1, SURETY_NAME_MAX, err);
    if (!code && request->profile)
        code = check_text("profile", request->profile, 1, SURETY_PROFILE_MAX, err);
    if (!code && (request->deadline_ms < 0 || request->deadline_ms > SURETY_DEADLINE_MAX_MS))
        code =
            surety_fail(err, SURETY_ERR_INVALID, "deadline is %lld ms; it must be 0 (none) to %lld",
                        (long long)request->deadline_ms, (long long)SURETY_DEADLINE_MAX_MS);
    if (!code && request->budget_tokens < 0)
        code = surety_fail(err, SURETY_ERR_INVALID,
                           "budget-tokens is %lld; it must be 0 (none) or more",
                           (long long)request->budget_tokens);
    return code ? code : surety_settings_check(&request->settings, err);
}

/* ---- names: a table per enum, each value at the index of its name ---- */

#define X(NAME, name, SIGNAL) #name,
static const char *const verify_names[] = {"default", "none", SURETY_VERIFY_TABLE(X)};
#undef X
static const char *const rule_names[] = {"default", "power", "soft"};
static const char *const finish_names[] = {"stop", "length", "cancelled", "error"};
static const char *const stop_names[] = {"complete", "early_stop", "budget",
                                         "deadline", "cancelled",  "failed"};
static const char *const verdict_names[] = {"valid", "refuted", "unparsed", "unchecked"};
#define X(NAME, name, bit) [__builtin_ctz(bit)] = #name,
static const char *const signal_names[] = {
    SURETY_SIGNAL_TABLE(X)[__builtin_ctz(SURETY_SIGNAL_EXECUTION)] = "execution"};
#undef X

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool find(const char *const *names, size_t n, const char *name, size_t *ret)
{
    for (size_t i = 0; name && i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

#define NAMES(what)                                                                                \
    const char *surety_##what##_name(enum surety_##what v)                                         \
    {                                                                                              \
        return (size_t)v < COUNT(what##_names) ? what##_names[v] : "unknown";                      \
    }                                                                                              \
    bool surety_##what##_from_name(const char *name, enum surety_##what *ret)                      \
    {                                                                                              \
        size_t i;                                                                                  \
        if (!find(what##_names, COUNT(what##_names), name, &i))                                    \
            return false;                                                                          \
        *ret = (enum surety_##what)i;                                                              \
        return true;                                                                               \
    }

NAMES(verify)
NAMES(rule)
NAMES(finish)
NAMES(stop)
NAMES(verdict)

/* Signals are bits: the name of 1 << i is at i. */
const char *surety_signal_name(enum surety_signal signal)
{
    for (size_t i = 0; i < COUNT(signal_names); i++)
        if ((unsigned)signal == 1u << i)
            return signal_names[i];
    return "unknown";
}

bool surety_signal_from_name(const char *name, enum surety_signal *ret)
{
    size_t i;
    if (!find(signal_names, COUNT(signal_names), name, &i))
        return false;
    *ret = (enum surety_signal)(1u << i);
    return true;
}

unsigned surety_verify_signal(enum surety_verify v)
{
#define X(NAME, name, SIGNAL) [SURETY_VERIFY_##NAME] = SURETY_SIGNAL_##SIGNAL,
    static const unsigned signals[SURETY_VERIFY_COUNT_] = {SURETY_VERIFY_TABLE(X)};
#undef X
    return (unsigned)v < SURETY_VERIFY_COUNT_ ? signals[v] : 0;
}

enum surety_err surety_signals_parse(const char *list, unsigned *ret, struct surety_error *err)
{
    unsigned set = 0;
    for (const char *part = list;; part++) {
        size_t len = strcspn(part, ",");
        char name[16] = "";
        enum surety_signal signal;
        if (len < sizeof name)
            memcpy(name, part, len);
        if (!surety_signal_from_name(name, &signal)) {
            char names[64];
            surety_signals_format(~0u, names, sizeof names);
            return surety_fail(err, SURETY_ERR_INVALID, "signals: '%.*s' is none of %s",
                               (int)utf8_cut(part, len < 40 ? len : 40), part, names);
        }
        set |= signal;
        part += len;
        if (*part == '\0')
            break;
    }
    *ret = set;
    return SURETY_OK;
}

void surety_signals_format(unsigned signals, char *out, size_t size)
{
    size_t used = 0;
    if (size)
        out[0] = '\0';
    for (size_t i = 0; i < COUNT(signal_names); i++) {
        size_t len = strlen(signal_names[i]);
        if (!(signals & 1u << i) || used + len + 2 > size)
            continue;
        if (used)
            out[used++] = ',';
        memcpy(out + used, signal_names[i], len + 1);
        used += len;
    }
}
