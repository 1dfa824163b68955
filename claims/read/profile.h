/*
 * profile.h - prompts are data: the wording of both stages, and how replies are read back.
 *
 * A profile is a small text file (format: claims/read/profiles/README.md). Renders messages, never
 * tokens. Claims are untrusted text: each is folded to one line, cut, numbered by us and fenced by
 * a nonce; verdicts are read only from a final block in which every id occurs exactly once.
 * A profile is immutable after parsing and may be shared by threads.
 */
#ifndef SURETY_CLAIMS_READ_PROFILE_H
#define SURETY_CLAIMS_READ_PROFILE_H

#include "claims/read/answer.h"
#include "claims/read/split.h"
#include <surety/types.h>

struct profile;

/* PARSE names the line; LIMIT beyond SURETY_PROFILE_MAX. The caller frees. */
enum surety_err profile_parse(const char *text, struct profile **ret_profile,
                              struct surety_error *err);
void profile_free(struct profile *profile); /* NULL is fine */

/* Text of a built-in profile ("instruct", "demo"), or NULL. */
const char *profile_builtin(const char *name);

/* Names of all built-in profiles, NULL-terminated. */
const char *const *profile_builtin_names(void);

/* The built-in profile for a model: declared (the GGUF key surety.profile, NULL if absent) when it
 * is the name of one, else the one whose `models` line lists model_name, else "instruct". */
const char *profile_for_model(const char *declared, const char *model_name);

const char *profile_name(const struct profile *profile);
uint64_t profile_hash(const struct profile *profile);             /* of the whole text */
enum surety_verify profile_verify(const struct profile *profile); /* the default way */
double profile_least_standing(const struct profile *profile);     /* in [0,1]; 0: no matter */
bool profile_can_verify(const struct profile *profile, enum surety_verify how);
/* The way is asked as a choice between two labels, for VALID and REFUTED, where engines can. */
bool profile_is_choice(const struct profile *profile, enum surety_verify how);
bool profile_asks_claims(const struct profile *profile); /* in a turn of its own */
double profile_verify_temperature(const struct profile *profile, enum surety_verify how);

/* Below, `how` is a way of judging: not NONE, not DEFAULT. */

/* Fills task's messages and sampling (stop strings, and for VERIFY temperature and cap) in arena.
 * Items are the caller's. NOMEM. The claims are those of task (task->claims, n_claims); for a
 * way that asks for a quantity the one "claim" is its name. chooses: the engine does, so that a way
 * that is a choice gets its labels and its opened reply; without, it is asked by text. */
enum surety_err profile_render_sample(const struct profile *profile, const char *problem,
                                      const struct surety_settings *settings, struct arena *arena,
                                      struct surety_task *task);
enum surety_err profile_render_verify(const struct profile *profile, enum surety_verify how,
                                      const char *problem, uint64_t nonce, bool chooses,
                                      const struct surety_settings *settings, struct arena *arena,
                                      struct surety_task *task);

/* The same for CLAIMS: task's messages are the n messages of a conversation, the solution as its
 * reply, and the turn that asks for its claims. LIMIT: that is more than SURETY_MESSAGES_MAX. */
enum surety_err profile_render_asking(const struct profile *profile,
                                      const struct surety_message *messages, size_t n,
                                      const char *problem, const char *solution,
                                      const struct surety_settings *settings, struct arena *arena,
                                      struct surety_task *task);

/* Reads a solution: its answer and its claims, the first m of a list, the last m of lines.
 * *ret_cooperating: the claims came with the solution (a missing one counts as 0) and were not
 * found by the splitter. A claim that only restates the answer is left out. NOMEM. */
enum surety_err profile_read_solution(const struct profile *profile, const char *problem,
                                      const char *solution, bool truncated, uint32_t m,
                                      struct arena *arena, struct answer *ret_answer,
                                      struct claim_span **ret_claims, size_t *ret_n,
                                      bool *ret_cooperating);

/* Reads the reply to profile_render_asking: the first m claims that it lists, but for those that
 * restate the answer (NULL: none). truncated: its last line may be cut, and is left out. NOMEM. */
enum surety_err profile_read_asked(const char *reply, bool truncated, const char *answer,
                                   uint32_t m, struct arena *arena, struct claim_span **ret_claims,
                                   size_t *ret_n);

/* A solution as it is handed on: what was thought aloud before it (NULL: nothing), and the text
 * without that and, if listed, without the list of claims behind its answer. In arena. NOMEM. */
enum surety_err profile_present_solution(const char *solution, bool listed, struct arena *arena,
                                         char **ret_thinking, char **ret_text);

/* Reads a reply to a verification of n claims into verdicts[n]: VALID, REFUTED, or all UNPARSED. A
 * refuted claim's reason, where the reply gives one, goes to reasons[i] in arena (else NULL). A
 * reply that was cut by a limit is the caller's to refuse: its last verdict may be a passing one.
 */
enum surety_err profile_read_verdicts(const struct profile *profile, enum surety_verify how,
                                      const char *reply, size_t n, struct arena *arena,
                                      enum surety_verdict *verdicts, char **reasons);

/* Reads a reply that gives a quantity its value: the value, in arena; NULL: none. A reply that was
 * cut is the caller's to refuse. NOMEM. */
enum surety_err profile_read_value(const struct profile *profile, enum surety_verify how,
                                   const char *reply, struct arena *arena, char **ret_value);

#endif
