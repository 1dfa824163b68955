/*
 * answer_internal.h - the ways in which a solution can state its answer. Internal to answer*.c.
 *
 * The files stand on each other in this order, and none calls one that comes after it:
 * answer_words.c; answer_around.c, answer_denied.c, answer_reply.c, answer_tail.c; answer_boxed.c,
 * answer_foreign.c;
 * answer_last.c, answer_marker.c; answer.c, which chooses among what they find. Pure; linear time.
 */
#ifndef SURETY_CLAIMS_READ_ANSWER_INTERNAL_H
#define SURETY_CLAIMS_READ_ANSWER_INTERNAL_H

#include "claims/text/scan.h"

/* ---- answer_words.c: what stands in a stretch of text ---- */

/* Where the line of text[at] begins, from at the earliest. */
size_t answer_line_start(const char *text, size_t from, size_t at);
size_t answer_count_words(const char *text, struct span s);
bool answer_says_something(const char *text, struct span s); /* a letter or a digit */
bool answer_has_value(const char *text, struct span s);      /* a digit or a formula */
bool answer_is_choice(const char *text, struct span s);      /* "B", "(B)", "**B.**" */

/* The answer without markdown, formula marks, closing punctuation and empty wrappers. */
struct span answer_clean(const char *text, struct span s);

/* ---- answer_reply.c: where an answer may stand ---- */

/* Where "Question:", "Human:" or their kin begins in text[from..end); end for nowhere.
 * *ret_numbered: "Question 2:". */
size_t answer_next_question(const char *text, size_t from, size_t end, bool *ret_numbered);

/* Where text[s.start..s.end) begins to say again what it just said, to its end; else the end of its
 * last word. *ret_round: bytes of what it says again, 0 for none. */
size_t answer_loop_start(const char *text, struct span s, size_t *ret_round);

/* The first list of claims or of statements about the answer in s, without the line before it. */
bool answer_next_claims(const char *text, struct span s, struct span *ret);

/* ---- answer_denied.c: whether what states an answer stands ---- */

enum standing {
    STANDING_FIRM,
    STANDING_ASIDE, /* in a check, an example, a block of code: what else is stated comes first */
    STANDING_DENIED /* it is not so, or is taken back */
};
enum standing answer_standing(const char *text, struct span s, struct span statement);

/* ---- answer_around.c: what belongs to a box ---- */

/* What the box stands in when more than it makes the value: "2\cdot\boxed{5}". *ret_unclear: it is
 * a piece of a number, "10\boxed{5}". */
bool answer_around_box(const char *text, struct span s, struct span box, struct span *ret,
                       bool *ret_unclear);

/* What stands behind the box that ends at `at` and may name its unit: "cm", "^\circ"; may be empty.
 */
struct span answer_behind_box(const char *text, struct span s, size_t at);

/* ---- the finders ---- */

#define FOUND_PARTS_MAX 16

struct found {
    struct span whole;                 /* the statement */
    struct span part[FOUND_PARTS_MAX]; /* the answer, in parts to be joined with ", " */
    size_t n_parts;
    const char *how;
    bool json_key; /* a member "answer" of a JSON object */
    bool json;     /* the part is the inside of a JSON string */
    unsigned open; /* a bit for each part that is more than its boxes, which are to be opened */
    struct span behind; /* the one box: words that may be its unit; may be empty */
    bool unclear;       /* a box is a piece of a number */
    bool aside;         /* said in a check, an example or code */
    size_t denied;      /* where the last statement ends that is denied; 0: none */
};

/* Each looks in text[s.start..s.end) and returns false when there is nothing. */
bool answer_find_boxed(const char *text, struct span s, struct found *ret);
/* The box that begins at text[s.start]. */
bool answer_box_at(const char *text, struct span s, struct span *ret_whole,
                   struct span *ret_content);

bool answer_find_tag(const char *text, struct span s, struct found *ret);

/* The last of "#### 5", "final answer is", "Answer:", {"answer": ...}, "option B is correct". A
 * statement that touches the end of a cut text may itself be cut, and does not count. */
bool answer_find_marker(const char *text, struct span s, bool truncated, struct found *ret);

/* An announcement in another language whose word has its rare byte at text[at]. *ret_tried becomes
 * true when there is such a word. */
bool answer_find_foreign(const char *text, struct span s, size_t at, struct found *ret,
                         bool *ret_tried);

/* A reply that is nothing but an answer, a choice letter or a value alone on the last line, "The
 * total is 5." or "I pick B." as the last sentence. */
bool answer_find_bare(const char *text, struct span s, struct found *ret);

/* What the sentence s asserts when it is more than an answer: its bold part, "5 m" of "The length
 * is 5 m", "72" of "9*8 = 72"; at most so many words, else all of s. */
#define ANSWER_TAIL_WORDS 6
struct span answer_tail(const char *text, struct span s, size_t most_words);

/* Does a value begin at text[at]: a number, money, a formula? */
bool answer_begins_value(const char *text, size_t at, size_t end);

/* "9*8 = 72" asserts 72; "x = 2, y = 3" and "x = 2 or x = 3" assert all of it, and "y = 2x" too. */
struct span answer_chain_end(const char *text, struct span s);

/* "72" of "72, in total": a value without the words that round it off. */
struct span answer_without_remarks(const char *text, struct span s);

#endif
