/*
 * profile_internal.h - a parsed profile, as profile.c makes it and profile_*.c use it. Internal.
 *
 * What differs between the ways of judging is a row of profile_ways; nothing else here knows one.
 */
#ifndef SURETY_CLAIMS_READ_PROFILE_INTERNAL_H
#define SURETY_CLAIMS_READ_PROFILE_INTERNAL_H

#include "claims/read/profile.h"
#include "claims/read/verdict.h"
#include "claims/text/scan.h"

/* How a profile words a way of judging, and the keys it has for that. */
struct profile_way {
    enum surety_verify verify;
    const char *asked;           /* placeholder of what is asked about: "{claim}" */
    bool lines;                  /* what is asked about keeps its lines */
    bool several;                /* claims at once: numbered, "{n_claims}" says how many */
    const char *temperature_key; /* in place of verify-temperature; NULL: that one */
    const char *form_key;        /* how a reply is read; NULL: there is one form only */
    const char *forms[3];        /* values of form_key, the default first; NULL: fewer */
    size_t choice;               /* the form by which it is a choice, where it has labels */
    const char *labels_key;      /* of the labels for VALID and REFUTED; NULL: never a choice */
    const char *labels[2];       /* by default */
};

/* profile_way.c: [PROFILE_WAYS], one row for each way; in this order the first that a profile words
 * is its default. */
#define PROFILE_WAYS (SURETY_VERIFY_COUNT_ - SURETY_VERIFY_NONE - 1)
extern const struct profile_way profile_ways[];

/* profile_way.c: the row of a way, an index of profile_ways; PROFILE_WAYS: NONE and DEFAULT. */
size_t profile_way_of(enum surety_verify verify);

/* profile_way.c: writes the names of all ways with `between` between them; cut to fit. */
void profile_way_names(const char *between, char *out, size_t size);

/* Where a solution's claims come from, in the order of the names in profile_keys.c. */
enum profile_claims { CLAIMS_BLOCK, CLAIMS_LINES, CLAIMS_TEXT, CLAIMS_ASK };

/* One stage's prompt. */
struct profile_wording {
    struct surety_message messages[SURETY_MESSAGES_MAX]; /* contents with placeholders */
    size_t n_messages;                                   /* 0: the profile does not know it */
};

struct profile {
    struct arena arena; /* holds all below */
    uint64_t hash;
    char *name;
    enum profile_claims claims; /* where a solution's claims come from */
    int32_t claims_max_tokens;  /* of a reply that lists them; 0: what the context leaves */
    double claims_temperature;
    enum surety_verify verify;
    double verify_temperature;
    int32_t verify_max_tokens;
    double least_standing;
    struct verdict_words words;
    char *stop[SURETY_STOPS_MAX];
    size_t n_stop;
    struct profile_wording sample;
    struct profile_wording asking; /* the turn that asks for a solution's claims */
    struct {
        struct profile_wording wording;
        double temperature; /* negative: verify_temperature */
        size_t form;        /* of its forms */
        char *labels[2];    /* NULL: the way's own */
    } ways[PROFILE_WAYS];   /* as profile_ways */
};

/* A profile while its text is read. */
struct profile_parser {
    struct profile *profile;
    const char *text;
    size_t line;   /* number of the line being read, from 1 */
    uint64_t seen; /* keys: profile_keys.c */
    struct surety_error *err;
    struct profile_wording *wording; /* of the open section */
    const char *role;                /* NULL: still in the head */
    size_t section_line;
    const char *section; /* first byte of its text */
};

/* profile_parser.c: PARSE with the line's number; NOMEM. */
enum surety_err profile_bad(struct profile_parser *p, const char *what);
enum surety_err profile_no_memory(struct profile_parser *p);

/* profile_parser.c: the next of the parts that commas separate, trimmed; false at the end. */
bool profile_next_part(const char *text, struct span *rest, struct span *ret_part);

/* profile_parser.c: true when the span holds the word and nothing else. */
bool profile_span_is(const char *text, struct span s, const char *word);

/* profile.c: the label of a way for VALID (0) or REFUTED (1). */
const char *profile_label(const struct profile *profile, size_t way, size_t i);

/* profile_keys.c: one line of the head. PARSE, NOMEM. */
enum surety_err profile_parse_key(struct profile_parser *p, struct span line);

#endif
