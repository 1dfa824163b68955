/* profile_internal.h - a parsed profile, as profile.c makes it and profile_*.c use it. Internal. */
#ifndef SURETY_CLAIMS_READ_PROFILE_INTERNAL_H
#define SURETY_CLAIMS_READ_PROFILE_INTERNAL_H

#include "claims/read/profile.h"
#include "claims/read/verdict.h"
#include "claims/text/scan.h"

enum profile_stage { PROFILE_SAMPLE, PROFILE_JOINT, PROFILE_EACH, PROFILE_BLIND, PROFILE_STAGES };

struct profile_stage_text {
    struct surety_message messages[SURETY_MESSAGES_MAX]; /* contents with placeholders */
    size_t n_messages;
};

struct profile {
    struct arena arena; /* holds all below */
    uint64_t hash;
    char *name;
    bool claims_are_lines; /* else a block */
    bool verdict_is_word;  /* else a line */
    bool value_is_line;    /* of a recomputation; else it is stated like an answer */
    enum surety_verify verify;
    double verify_temperature, blind_temperature;
    int32_t verify_max_tokens;
    struct verdict_words words;
    char *stop[SURETY_STOPS_MAX];
    size_t n_stop;
    struct profile_stage_text stages[PROFILE_STAGES];
};

/* A profile while its text is read. */
struct profile_parser {
    struct profile *profile;
    const char *text;
    size_t line; /* number of the line being read, from 1 */
    unsigned seen;
    struct surety_error *err;
    enum profile_stage stage; /* of the open section */
    const char *role;         /* NULL: still in the head */
    size_t section_line;
    const char *section; /* first byte of its text */
};

/* PARSE with the line's number; NOMEM. */
enum surety_err profile_bad(struct profile_parser *p, const char *what);
enum surety_err profile_no_memory(struct profile_parser *p);

/* profile_keys.c: one line of the head. PARSE, NOMEM. */
enum surety_err profile_parse_key(struct profile_parser *p, struct span line);

/* The next of the parts that commas separate, trimmed; false at the end. */
bool profile_next_part(const char *text, struct span *rest, struct span *ret_part);

#endif
