/*
 * names.c - the enums' names in the JSON form, on the wire and on the command line: a list for
 * each, every value at the index of its name.
 */
#include <surety/settings.h>

#include <string.h>

#define X(NAME, name, SIGNAL) #name,
static const char *const verify_names[] = {"default", "none", SURETY_VERIFY_TABLE(X)};
#undef X
static const char *const rule_names[] = {"default", "power", "soft"};
#define X(NAME, name) #name,
static const char *const stopping_names[] = {SURETY_STOPPING_TABLE(X)};
#undef X
static const char *const finish_names[] = {"stop", "length", "cancelled", "error"};
static const char *const stop_names[] = {"complete", "early_stop", "budget",
                                         "deadline", "cancelled",  "failed"};
static const char *const verdict_names[] = {"valid", "refuted", "unparsed", "unchecked"};
#define X(NAME, name, bit, words) [__builtin_ctz(bit)] = #name,
static const char *const signal_names[] = {
    SURETY_SIGNAL_TABLE(X)[__builtin_ctz(SURETY_SIGNAL_EXECUTION)] = "execution"};
#undef X
#define X(NAME, name, bit, words) [__builtin_ctz(bit)] = words,
static const char *const signal_words[] = {SURETY_SIGNAL_TABLE(X)};
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
NAMES(stopping)
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

const char *surety_signal_words(enum surety_signal signal)
{
    for (size_t i = 0; i < COUNT(signal_words); i++)
        if ((unsigned)signal == 1u << i && signal_words[i])
            return signal_words[i];
    return surety_signal_name(signal);
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

unsigned surety_verify_signals(void)
{
    unsigned all = 0;
    for (enum surety_verify v = SURETY_VERIFY_NONE + 1; v < SURETY_VERIFY_COUNT_; v++)
        all |= surety_verify_signal(v);
    return all;
}
