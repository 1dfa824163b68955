/*
 * profile_keys.c - the head of a profile: one "key: value" a line, each key once but for `stop`.
 *
 * The keys of all profiles are listed here; those of a single way of judging come from its row of
 * profile_ways.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "claims/read/profile_internal.h"
#include <surety/settings.h>

static enum surety_err parse_words(struct profile_parser *p, struct span value, const char **words,
                                   size_t *n)
{
    struct arena *arena = &p->profile->arena;
    *n = 0;
    for (struct span part; profile_next_part(p->text, &value, &part);) {
        if (part.start == part.end)
            return profile_bad(p, "an empty word");
        if (*n == VERDICT_WORDS_MAX)
            return profile_bad(p, "more than 16 words");
        char *word = arena_strndup(arena, p->text + part.start, part.end - part.start);
        if (!word)
            return profile_no_memory(p);
        for (char *c = word; *c; c++) {
            *c = scan_lower(*c);
            if (!scan_is_letter(*c))
                return profile_bad(p, "a verdict word has letters a to z only");
        }
        words[(*n)++] = word;
    }
    return SURETY_OK;
}

static enum surety_err parse_number(struct profile_parser *p, const char *value, double max,
                                    double *ret)
{
    char *end;
    double number = plain_number(value, &end);
    if (end == value || *end || !(number >= 0 && number <= max) || strpbrk(value, "xXnN"))
        return surety_fail(p->err, SURETY_ERR_PARSE,
                           "profile, line %zu: '%.40s' is no number from 0 to %g", p->line, value,
                           max);
    *ret = number;
    return SURETY_OK;
}

static enum surety_err parse_name(struct profile_parser *p, char *value)
{
    size_t len = strlen(value);
    for (const char *c = value; *c; c++)
        if (!scan_is_letter(*c) && !scan_is_digit(*c) && !strchr("-_.", *c))
            len = 0;
    if (len == 0 || len > SURETY_NAME_MAX)
        return profile_bad(p, "a name has 1 to 255 letters, digits, '-', '_' and '.'");
    p->profile->name = value;
    return SURETY_OK;
}

static enum surety_err parse_tokens(struct profile_parser *p, const char *value, int32_t *ret)
{
    double number = 0;
    enum surety_err code = parse_number(p, value, 1000000, &number);
    *ret = (int32_t)number;
    return code || number == floor(number) ? code : profile_bad(p, "tokens come whole");
}

/* Sets *ret to the place of value among the words (NULL-terminated, or the first `most`). */
static enum surety_err parse_word(struct profile_parser *p, const char *value,
                                  const char *const *words, size_t most, size_t *ret)
{
    char all[128];
    size_t used = 0;
    for (size_t i = 0; i < most && words[i]; i++) {
        *ret = i;
        if (!strcmp(value, words[i]))
            return SURETY_OK;
        used += (size_t)snprintf(all + used, sizeof all - used, "%s'%s'", i ? ", " : "", words[i]);
    }
    return surety_fail(p->err, SURETY_ERR_PARSE, "profile, line %zu: '%.40s' is none of %s",
                       p->line, value, all);
}

static enum surety_err parse_claims(struct profile_parser *p, const char *value)
{
    static const char *const words[] = {"block", "lines", "text", "ask"}; /* enum profile_claims */
    size_t at = 0;
    enum surety_err code = parse_word(p, value, words, 4, &at);
    p->profile->claims = (enum profile_claims)at;
    return code;
}

static enum surety_err parse_verify(struct profile_parser *p, const char *value)
{
    if (surety_verify_from_name(value, &p->profile->verify) &&
        p->profile->verify > SURETY_VERIFY_NONE)
        return SURETY_OK;
    char ways[256];
    profile_way_names(", ", ways, sizeof ways);
    return surety_fail(p->err, SURETY_ERR_PARSE, "profile, line %zu: '%.40s' is none of %s",
                       p->line, value, ways);
}

enum key {
    NAME,
    MODELS,
    CLAIMS,
    CLAIMS_MAX_TOKENS,
    CLAIMS_TEMPERATURE,
    VERIFY,
    TEMPERATURE,
    MAX_TOKENS,
    VALID,
    REFUTED,
    LEAST_STANDING,
    STOP,
    N_KEYS
};
static const char *const key_names[N_KEYS] = {"name",
                                              "models",
                                              "claims",
                                              "claims-max-tokens",
                                              "claims-temperature",
                                              "verify",
                                              "verify-temperature",
                                              "verify-max-tokens",
                                              "valid",
                                              "refuted",
                                              "least-standing",
                                              "stop"};

/* Behind these, some keys for each way of judging. */
enum { TEMPERATURE_OF_WAY, FORM_OF_WAY, LABELS_OF_WAY, KEYS_OF_WAY };
#define ALL_KEYS (N_KEYS + KEYS_OF_WAY * PROFILE_WAYS)
_Static_assert(ALL_KEYS <= 64, "the keys seen fit into a word");

/* NULL: the way has no such key. */
static const char *key_name(size_t key)
{
    if (key < N_KEYS)
        return key_names[key];
    const struct profile_way *way = &profile_ways[(key - N_KEYS) / KEYS_OF_WAY];
    const char *const names[KEYS_OF_WAY] = {way->temperature_key, way->form_key, way->labels_key};
    return names[(key - N_KEYS) % KEYS_OF_WAY];
}

/* The labels' words are those of verdicts too, so that text in their place can be read; that is
 * checked at the end. */
static enum surety_err parse_labels(struct profile_parser *p, size_t way, struct span value)
{
    size_t n = 0;
    for (struct span part; profile_next_part(p->text, &value, &part); n++) {
        if (n == 2 || part.start == part.end || part.end - part.start >= SURETY_LABEL_MAX)
            return profile_bad(p, "labels are two words, for valid and for refuted");
        char *label =
            arena_strndup(&p->profile->arena, p->text + part.start, part.end - part.start);
        if (!label)
            return profile_no_memory(p);
        p->profile->ways[way].labels[n] = label;
    }
    return n == 2 ? SURETY_OK : profile_bad(p, "labels are two words, for valid and for refuted");
}

static enum surety_err parse_value_of_way(struct profile_parser *p, size_t key, const char *value,
                                          struct span span)
{
    size_t way = (key - N_KEYS) / KEYS_OF_WAY;
    switch ((key - N_KEYS) % KEYS_OF_WAY) {
    case FORM_OF_WAY:
        return parse_word(p, value, profile_ways[way].forms, 3, &p->profile->ways[way].form);
    case LABELS_OF_WAY:
        return parse_labels(p, way, span);
    default:
        return parse_number(p, value, 10, &p->profile->ways[way].temperature);
    }
}

static enum surety_err parse_value(struct profile_parser *p, enum key key, char *value,
                                   struct span span)
{
    struct profile *f = p->profile;
    switch (key) {
    case NAME:
        return parse_name(p, value);
    case MODELS: /* read by profile_for_model */
        return SURETY_OK;
    case CLAIMS:
        return parse_claims(p, value);
    case CLAIMS_MAX_TOKENS:
        return parse_tokens(p, value, &f->claims_max_tokens);
    case CLAIMS_TEMPERATURE:
        return parse_number(p, value, 10, &f->claims_temperature);
    case VERIFY:
        return parse_verify(p, value);
    case TEMPERATURE:
        return parse_number(p, value, 10, &f->verify_temperature);
    case MAX_TOKENS:
        return parse_tokens(p, value, &f->verify_max_tokens);
    case VALID:
        return parse_words(p, span, f->words.valid, &f->words.n_valid);
    case REFUTED:
        return parse_words(p, span, f->words.refuted, &f->words.n_refuted);
    case LEAST_STANDING:
        return parse_number(p, value, 1, &f->least_standing);
    case STOP:
        if (f->n_stop == SURETY_STOPS_MAX)
            return profile_bad(p, "more than 16 stop strings");
        if (strlen(value) > SURETY_STOP_MAX)
            return profile_bad(p, "a stop string of more than 1000 bytes");
        f->stop[f->n_stop++] = value;
        return SURETY_OK;
    case N_KEYS:
        break;
    }
    return SURETY_OK;
}

enum surety_err profile_parse_key(struct profile_parser *p, struct span line)
{
    line = scan_trim(p->text, line);
    if (line.start == line.end || p->text[line.start] == '#')
        return SURETY_OK;
    const char *colon = memchr(p->text + line.start, ':', line.end - line.start);
    if (!colon)
        return profile_bad(p, "expected 'key: value', '[stage role]' or '# comment'");
    struct span name = scan_trim(p->text, (struct span){line.start, (size_t)(colon - p->text)});
    struct span value = scan_trim(p->text, (struct span){(size_t)(colon - p->text) + 1, line.end});
    if (value.start == value.end)
        return profile_bad(p, "the key has no value");
    size_t key = 0;
    while (key < ALL_KEYS && !(key_name(key) && profile_span_is(p->text, name, key_name(key))))
        key++;
    if (key == ALL_KEYS)
        return surety_fail(p->err, SURETY_ERR_PARSE, "profile, line %zu: no such key: '%.*s'",
                           p->line, (int)(name.end - name.start < 40 ? name.end - name.start : 40),
                           p->text + name.start);
    if (key != STOP && (p->seen & (uint64_t)1 << key))
        return profile_bad(p, "the key stands twice");
    p->seen |= (uint64_t)1 << key;
    char *copy = arena_strndup(&p->profile->arena, p->text + value.start, value.end - value.start);
    if (!copy)
        return profile_no_memory(p);
    return key < N_KEYS ? parse_value(p, (enum key)key, copy, value)
                        : parse_value_of_way(p, key, copy, value);
}
