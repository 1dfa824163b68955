#include "proto/settings_table.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/plain.h"
#include "base/utf8.h"
#include <surety/settings.h>

static const char *verify_name(unsigned value)
{
    return surety_verify_name((enum surety_verify)value);
}

static const char *rule_name(unsigned value)
{
    return surety_rule_name((enum surety_rule)value);
}

static const char *stopping_name(unsigned value)
{
    return surety_stopping_name((enum surety_stopping)value);
}

static const char *signal_name(unsigned value)
{
    return surety_signal_name((enum surety_signal)value);
}

/* How a member is stored is asked of the compiler, so that no row can be wrong about it. */
/* clang-format off */
#define STORAGE(member)                                                                            \
    _Generic(((struct surety_settings *)0)->member,                                                \
        uint32_t: SETTING_U32,                                                                     \
        int32_t: SETTING_I32,                                                                      \
        uint64_t: SETTING_U64,                                                                     \
        double: SETTING_DOUBLE,                                                                    \
        bool: SETTING_BOOL)
/* clang-format on */
#define MEMBER(key, place) key, offsetof(struct surety_settings, place), STORAGE(place)
#define OWN(name) MEMBER(#name, name)
#define SAMPLING(name) MEMBER(#name, sampling.name)

#define ALL (SETTING_HASHED | SETTING_COMPARED | SETTING_REPORTED)
#define ALWAYS (ALL | SETTING_REQUIRED)
enum {
#define X(NAME, name, bit, words) | bit
    BUILT = 0 SURETY_SIGNAL_TABLE(X) /* which leaves out what is reserved */
#undef X
};

/* In the order of a result's "run". Member, type, flags, option, argument, least, most, default,
 * names, help, note on the default. */
const struct setting settings_table[] = {
    {OWN(seed), SETTING_INTEGER, SETTING_HASHED | SETTING_REPORTED | SETTING_REQUIRED, "seed", "N",
     0, SURETY_SEED_MAX, 0, NULL, "every random choice follows from it", NULL},
    {OWN(k), SETTING_INTEGER, ALWAYS, "k", "N", 1, SURETY_K_MAX, 32, NULL,
     "trajectories of a problem", "; score: all"},
    {OWN(m), SETTING_INTEGER, ALWAYS | SETTING_READING, "m", "N", 1, SURETY_M_MAX, 5, NULL,
     "claims of a trajectory", NULL},
    {OWN(gamma), SETTING_NUMBER_OR_DEFAULT, ALWAYS, "gamma", "G", 0, 1000, -1, NULL,
     "exponent of the power rule", "as -m"},
    {OWN(rule), SETTING_NAME, ALWAYS, "rule", NULL, 0, 0, SURETY_RULE_DEFAULT, rule_name,
     "how claims weigh", "power with model verdicts, else soft"},
    {OWN(signals), SETTING_NAMES, ALWAYS, "signals", "LIST", 0, BUILT, 0, signal_name,
     "what may decide a claim", NULL},
    {OWN(verify), SETTING_NAME, ALWAYS, "verify", NULL, 0, 0, SURETY_VERIFY_DEFAULT, verify_name,
     "where model verdicts come from", "the profile's way; score: none"},
    {OWN(verify_repeats), SETTING_INTEGER, ALL, "verify-repeats", "J", 1, SURETY_REPEATS_MAX, 1,
     NULL, "independent verdicts, or recomputations", NULL},
    {OWN(verify_temperature), SETTING_NUMBER_OR_DEFAULT, ALL, "verify-temperature", "T", 0, 10, -1,
     NULL, "temperature of verdicts", "the profile's"},
    {OWN(controls), SETTING_INTEGER, ALL | SETTING_SPARSE, "controls", "N", 0, SURETY_CONTROLS_MAX,
     0, NULL, "false claims to plant: can the verifier tell", NULL},
    {OWN(stop), SETTING_NAME, ALL | SETTING_SPARSE, "stop", NULL, 0, 0, SURETY_STOPPING_NONE,
     stopping_name, "what ends sampling before all -k", "solve, gateway: beta; else none"},
    {OWN(stop_d), SETTING_NUMBER, ALL | SETTING_SPARSE | SETTING_ABOVE, "stop-d", "D", 0, 1, 0.05,
     NULL, "--stop certified: chance to name another winner", NULL},
    {SAMPLING(temperature), SETTING_NUMBER, ALL, "temperature", "T", 0, 10, 1, NULL, "of sampling",
     NULL},
    {SAMPLING(top_p), SETTING_NUMBER, ALL | SETTING_ABOVE, "top-p", "P", 0, 1, 0.95, NULL,
     "nucleus", NULL},
    {SAMPLING(top_k), SETTING_INTEGER, ALL, "top-k", "N", 0, INT32_MAX, 0, NULL,
     "only the N likeliest tokens", ": off"},
    {SAMPLING(max_tokens), SETTING_INTEGER, ALL, "max-tokens", "N", 0, SURETY_TOKENS_MAX, 0, NULL,
     "of one trajectory", ": what the context leaves"},
    {SAMPLING(max_thinking), SETTING_INTEGER, ALL, "max-thinking", "N", 0, SURETY_TOKENS_MAX, 0,
     NULL, "tokens in <think> blocks, then their end is forced", ": off"},
    {OWN(text), SETTING_SWITCH, SETTING_HASHED, "text", NULL, 0, 1, 0, NULL,
     "put the trajectories' texts into the result", NULL},
};
const size_t settings_count = sizeof settings_table / sizeof *settings_table;
_Static_assert(sizeof settings_table / sizeof *settings_table <= SETTINGS_MAX, "SETTINGS_MAX");

const struct setting *setting_find(const char *key, size_t len)
{
    for (const struct setting *row = settings_table; row < settings_table + settings_count; row++)
        if (strlen(row->key) == len && memcmp(row->key, key, len) == 0)
            return row;
    return NULL;
}

/* ---- values ---- */

int64_t setting_integer(const struct setting *row, const struct surety_settings *settings)
{
    const void *place = (const char *)settings + row->offset;
    switch (row->storage) {
    case SETTING_U32:
        return *(const uint32_t *)place;
    case SETTING_I32:
        return *(const int32_t *)place;
    case SETTING_U64:
        return (int64_t) * (const uint64_t *)place;
    case SETTING_BOOL:
        return *(const bool *)place;
    case SETTING_DOUBLE:
        break;
    }
    return 0;
}

double setting_number(const struct setting *row, const struct surety_settings *settings)
{
    return *(const double *)((const char *)settings + row->offset);
}

void setting_set_integer(const struct setting *row, struct surety_settings *settings, int64_t value)
{
    void *place = (char *)settings + row->offset;
    switch (row->storage) {
    case SETTING_U32:
        *(uint32_t *)place = (uint32_t)value;
        break;
    case SETTING_I32:
        *(int32_t *)place = (int32_t)value;
        break;
    case SETTING_U64:
        *(uint64_t *)place = (uint64_t)value;
        break;
    case SETTING_BOOL:
        *(bool *)place = value;
        break;
    case SETTING_DOUBLE:
        break;
    }
}

void setting_set_number(const struct setting *row, struct surety_settings *settings, double value)
{
    *(double *)((char *)settings + row->offset) = value;
}

bool setting_is_sampling(const struct setting *row)
{
    const size_t begin = offsetof(struct surety_settings, sampling);
    return row->offset >= begin && row->offset < begin + sizeof(struct surety_sampling);
}

bool setting_is_default(const struct setting *row, const struct surety_settings *settings)
{
    if (row->storage == SETTING_DOUBLE)
        return setting_number(row, settings) == row->fallback;
    return setting_integer(row, settings) == (int64_t)row->fallback;
}

bool setting_is_told(const struct setting *row, const struct surety_settings *settings)
{
    return !(row->flags & SETTING_SPARSE) || !setting_is_default(row, settings);
}

uint64_t settings_hash(uint64_t state, const struct surety_settings *settings, unsigned flag)
{
    for (const struct setting *row = settings_table; row < settings_table + settings_count; row++) {
        if (!(row->flags & flag))
            continue;
        if (row->storage == SETTING_DOUBLE) {
            double value = setting_number(row, settings);
            state = hash_bytes(state, &value, sizeof value);
        } else {
            state = hash_u64(state, (uint64_t)setting_integer(row, settings));
        }
    }
    return state;
}

/* ---- names ---- */

#define NAMES_MAX 32

/* The name at a place: of a value, or of a bit. NULL: there are no more. */
static const char *name_at(const struct setting *row, unsigned place, unsigned *ret_value)
{
    *ret_value = row->type == SETTING_NAMES ? 1u << place : place;
    const char *name = place < NAMES_MAX ? row->name(*ret_value) : "unknown";
    return strcmp(name, "unknown") ? name : NULL;
}

bool setting_from_name(const struct setting *row, const char *name, size_t len, unsigned *ret)
{
    unsigned value;
    const char *known;
    for (unsigned i = 0; (known = name_at(row, i, &value)); i++) {
        if (strlen(known) == len && memcmp(known, name, len) == 0) {
            *ret = value;
            return true;
        }
    }
    return false;
}

enum surety_err setting_parse_names(const struct setting *row, const char *list, unsigned *ret,
                                    struct surety_error *err)
{
    unsigned set = 0, one;
    char range[SETTING_TEXT_MAX];
    for (const char *part = list;; part++) {
        size_t len = strcspn(part, ",");
        if (!setting_from_name(row, part, len, &one)) {
            setting_range(row, range);
            return surety_fail(err, SURETY_ERR_INVALID, "%s: '%.*s' is none of %s", row->option,
                               (int)utf8_cut(part, len < 40 ? len : 40), part, range);
        }
        set |= one;
        part += len;
        if (*part == '\0')
            break;
    }
    *ret = set;
    return SURETY_OK;
}

/* Appends name behind a separator while both fit. */
static void append_name(char *out, size_t size, char separator, const char *name)
{
    size_t used = strlen(out), len = strlen(name);
    if (used + (used > 0) + len + 1 > size)
        return;
    if (used)
        out[used++] = separator;
    memcpy(out + used, name, len + 1);
}

void setting_format_names(const struct setting *row, unsigned set, char *out, size_t size)
{
    unsigned bit;
    const char *name;
    if (size)
        out[0] = '\0';
    for (unsigned i = 0; size && (name = name_at(row, i, &bit)); i++)
        if (set & bit)
            append_name(out, size, ',', name);
}

/* ---- what people are told ---- */

void setting_range(const struct setting *row, char out[SETTING_TEXT_MAX])
{
    unsigned value;
    const char *name;
    out[0] = '\0';
    switch (row->type) {
    case SETTING_SWITCH:
        break;
    case SETTING_NAME:
        for (unsigned i = 0; (name = name_at(row, i, &value)); i++)
            if (strcmp(name, "default"))
                append_name(out, SETTING_TEXT_MAX, '|', name);
        break;
    case SETTING_NAMES:
        setting_format_names(row, (unsigned)row->most, out, SETTING_TEXT_MAX);
        break;
    default:
        snprintf(out, SETTING_TEXT_MAX,
                 row->flags & SETTING_ABOVE ? "above %lld up to %lld" : "%lld to %lld",
                 (long long)row->least, (long long)row->most);
    }
}

void setting_default(const struct setting *row, char out[SETTING_TEXT_MAX])
{
    out[0] = '\0';
    if (row->type == SETTING_INTEGER || row->type == SETTING_NUMBER)
        plain_print(out, SETTING_TEXT_MAX, "%g", row->fallback);
}

static enum surety_err check_integer(const struct setting *row, int64_t value,
                                     struct surety_error *err)
{
    char range[SETTING_TEXT_MAX], text[24];
    if (value >= row->least && value <= row->most)
        return SURETY_OK;
    setting_range(row, range);
    snprintf(text, sizeof text, row->storage == SETTING_I32 ? "%lld" : "%llu", (long long)value);
    return surety_fail(err, SURETY_ERR_INVALID, "%s is %s; it must be %s", row->option, text,
                       range);
}

static enum surety_err check_number(const struct setting *row, double value,
                                    struct surety_error *err)
{
    bool above = row->flags & SETTING_ABOVE;
    double least = (double)row->least;
    bool low = row->type == SETTING_NUMBER_OR_DEFAULT ? false
               : above                                ? value <= least
                                                      : value < least;
    if (!low && value <= (double)row->most)
        return SURETY_OK;
    return surety_fail(err, SURETY_ERR_INVALID, "%s is %g; it must be in %c%lld, %lld]",
                       row->option, value, above ? '(' : '[', (long long)row->least,
                       (long long)row->most);
}

void setting_text(const struct setting *row, const struct surety_settings *settings,
                  char out[SETTING_TEXT_MAX])
{
    long long value = row->storage == SETTING_DOUBLE ? 0 : setting_integer(row, settings);
    switch (row->type) {
    case SETTING_NUMBER:
    case SETTING_NUMBER_OR_DEFAULT:
        plain_print(out, SETTING_TEXT_MAX, "%.15g", setting_number(row, settings));
        return;
    case SETTING_SWITCH:
        snprintf(out, SETTING_TEXT_MAX, "%s", value ? "yes" : "no");
        return;
    case SETTING_NAME:
        snprintf(out, SETTING_TEXT_MAX, "%s", row->name((unsigned)value));
        return;
    case SETTING_NAMES:
        setting_format_names(row, (unsigned)value, out, SETTING_TEXT_MAX);
        return;
    case SETTING_INTEGER:
        snprintf(out, SETTING_TEXT_MAX, "%lld", value);
    }
}

enum surety_err setting_check(const struct setting *row, const struct surety_settings *settings,
                              struct surety_error *err)
{
    if (row->storage == SETTING_DOUBLE)
        return check_number(row, setting_number(row, settings), err);
    int64_t value = setting_integer(row, settings);
    char names[SETTING_TEXT_MAX];
    unsigned ignored;
    switch (row->type) {
    case SETTING_NAME:
        if (value < NAMES_MAX && name_at(row, (unsigned)value, &ignored))
            return SURETY_OK;
        setting_range(row, names);
        return surety_fail(err, SURETY_ERR_INVALID, "%s is %lld; it must be one of %s", row->option,
                           (long long)value, names);
    case SETTING_NAMES:
        if (!(value & ~row->most))
            return SURETY_OK;
        setting_format_names(row, (unsigned)(value & ~row->most), names, sizeof names);
        return surety_fail(err, SURETY_ERR_UNSUPPORTED, "%s: %s is not built yet", row->option,
                           *names ? names : "an unknown one");
    default:
        return check_integer(row, value, err);
    }
}
