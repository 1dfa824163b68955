/*
 * gold.h - what counts as right: one or several gold answers, their kind and a tolerance.
 *
 * Reads the forms in which data sets have it (docs/grading.md). Does not compare (check.h). Pure
 * and thread-safe.
 */
#ifndef SURETY_CLAIMS_READ_GOLD_H
#define SURETY_CLAIMS_READ_GOLD_H

#include <jansson.h>

#include "claims/math/within.h"
#include <surety/arena.h>

#define GOLD_ANSWERS_MAX 256

enum gold_kind {
    GOLD_ANY,        /* as equality reads both (docs/equivalence.md) */
    GOLD_CHOICE,     /* a letter A to J, which alone decides */
    GOLD_NUMBER,     /* one real number; a unit that one side leaves out does not matter */
    GOLD_EXPRESSION, /* a lone letter is a variable and no choice */
    GOLD_TEXT,       /* words: case, spacing, articles and dress aside, never mathematics */
    GOLD_KIND_COUNT_
};

struct gold {
    const char *const *answers; /* [n], any of which is right; borrowed */
    size_t n;                   /* 1 to GOLD_ANSWERS_MAX */
    const char *problem;        /* gives the options that a letter stands for; NULL: none */
    enum gold_kind kind;
    struct tolerance tolerance; /* of GOLD_ANY and GOLD_NUMBER */
};

/* The answer in a gold answer, which may be a worked solution as GSM8K has it ("... #### 18"): what
 * stands behind the last such mark. Part of gold; NULL is NULL. */
const char *gold_stated(const char *gold);

/* The letter that the answer is, without what people put around it; 0: it is more or none. */
char gold_letter(const char *answer);

/* The letter A to J that an answer of kind choice is: also a lone small one. 0: none. */
char gold_choice(const char *answer);

/* "3 (mod 7)": no number, but all those that leave the same remainder. */
bool gold_has_modulus(const char *answer);

/* "any", "choice", "number", "expression", "text"; false for another name. */
bool gold_kind_from_name(const char *name, enum gold_kind *ret_kind);

/*
 * A JSON value: a string (one answer, commas and all), a number, a truth value, an array of these,
 * or {"answer": any of these, "kind"?, "tolerance"?, "relative_tolerance"?}. Copies into arena.
 * INVALID with a sentence that says what is wrong; NOMEM. *ret_gold has no problem.
 */
enum surety_err gold_from_json(const json_t *value, struct arena *arena, struct gold *ret_gold,
                               struct surety_error *err);

/* A text that is a JSON object, or a JSON array with a string in it, as gold_from_json reads it;
 * any other text is one answer: "[1, 2]" is an interval. */
enum surety_err gold_from_text(const char *text, struct arena *arena, struct gold *ret_gold,
                               struct surety_error *err);

/* INVALID when no answer can be right: none or too many, one that says nothing, a choice that is no
 * letter, a number that is none, a tolerance that is out of range or where no number is. LIMIT,
 * NOMEM. */
enum surety_err gold_check(const struct gold *gold, struct surety_error *err);

#endif
