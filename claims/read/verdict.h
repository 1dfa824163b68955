/*
 * verdict.h - reads a verifier's reply back: all verdicts, or none.
 *
 * A verdict line begins with its claim's number and goes on with a verdict word ("1: VALID",
 * "**Claim 2:** Refuted - 5*3=15", "- 3) not refuted"). Whatever else a line says first, such as a
 * quoted claim, makes it prose. What was thought aloud, and lines that are quotes (">"), do not
 * count. Does not know prompts. Pure and thread-safe; linear time.
 */
#ifndef SURETY_CLAIMS_READ_VERDICT_H
#define SURETY_CLAIMS_READ_VERDICT_H

#include <surety/arena.h>
#include <surety/types.h>

#define VERDICT_WORDS_MAX 16
#define VERDICT_REASON_MAX 500 /* bytes; longer ones are cut */

/* Lower case; a reply's case is ignored. A negation before a word turns it round. */
struct verdict_words {
    const char *valid[VERDICT_WORDS_MAX];
    size_t n_valid;
    const char *refuted[VERDICT_WORDS_MAX];
    size_t n_refuted;
};

/*
 * The final block of a reply on n claims: verdict lines that name every id 1..n exactly once, in
 * any order, with blank lines or prose between them. Earlier verdict lines must make whole blocks
 * too, each ended by prose. Anything else (an id missing, twice, or beyond n, a line that says
 * both) leaves all n UNPARSED. A reply on one claim without any such line is read like one of
 * verdict_read_line. reasons[i]: what follows REFUTED on its line, in the arena, else
 * NULL. NOMEM.
 */
enum surety_err verdict_read_block(const struct verdict_words *words, const char *reply, size_t n,
                                   struct arena *arena, enum surety_verdict *verdicts,
                                   char **reasons);

/* The last line of a reply on one claim, its number optional: "Verdict: REFUTED - 5*3=15"; or the
 * last but one where the last is "Reason: 5*3=15". */
enum surety_err verdict_read_line(const struct verdict_words *words, const char *reply,
                                  struct arena *arena, enum surety_verdict *ret_verdict,
                                  char **ret_reason);

/* The last line of a reply on one claim, which must be a verdict word and nothing else. The reason
 * of REFUTED is the line before it, where there is one. */
enum surety_err verdict_read_word(const struct verdict_words *words, const char *reply,
                                  struct arena *arena, enum surety_verdict *ret_verdict,
                                  char **ret_reason);

#endif
