/* profile_parts.h - a parsed profile, as profile.c makes it and profile_*.c use it. Internal. */
#ifndef SURETY_CLAIMS_PROFILE_PARTS_H
#define SURETY_CLAIMS_PROFILE_PARTS_H

#include "claims/profile.h"
#include "claims/verdict.h"

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

#endif
