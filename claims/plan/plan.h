/*
 * plan.h - the plan of one request: fed outputs, it says which tasks it needs and when it is done.
 *
 * Pure: no I/O, no clock, no thread, no random source. Outputs may come in any order; the plan
 * takes them up in index order, so that its tasks, their seeds and its result are the same whatever
 * the order was. At most one thread uses a plan at a time.
 *
 *   plan_create -> plan_next_task (the sampling task) ... plan_feed* -> plan_next_task* ...
 *   until plan_is_done -> plan_result
 */
#ifndef SURETY_CLAIMS_PLAN_PLAN_H
#define SURETY_CLAIMS_PLAN_PLAN_H

#include <stdatomic.h>

#include "claims/read/profile.h"
#include <surety/types.h>

struct plan;

/* Checks and copies the request; resolves its defaults with the profiles. model is what will serve
 * its samples, verifier what will judge them; NULL, or one equal to model: the same. The request's
 * profile words both stages; without one, each model's own profile words what it does. INVALID,
 * PARSE, LIMIT, NOMEM. The caller frees. */
enum surety_err plan_create(const struct surety_request *request, const struct surety_model *model,
                            const struct surety_model *verifier, struct plan **ret_plan,
                            struct surety_error *err);
void plan_free(struct plan *plan); /* NULL is fine */

/* The settings that such a plan has, every default resolved; fails as plan_create does. */
enum surety_err plan_settings(const struct surety_request *request,
                              const struct surety_model *model, const struct surety_model *verifier,
                              struct surety_settings *ret, struct surety_error *err);

/*
 * How a result comes about. A claim that a trajectory repeats counts once. A claim's value is that
 * of the first signal that may decide and is known (claims/plan/plan_signal.c): the exact verdict,
 * else the mean of the readable model verdicts, else agreement; a claim without any is unknown.
 * What a trajectory then weighs is claims/plan/vote.h, and the answer claims/plan/score.h.
 */

/* The next task that must be run, or NULL when there is none now. Owned by the plan, unchanged
 * until plan_free. Every item must in the end be fed once: with its output, or with an error. */
const struct surety_task *plan_next_task(struct plan *plan);

/* From now on *stop is looked at between claims and between comparisons; NULL: nothing is. It must
 * live until the next plan_watch. For work that became useless, or must end soon. */
void plan_watch(struct plan *plan, const atomic_bool *stop);

/* Takes the outcome of an item of task `task_id`; copies what it keeps. Unknown or repeated items
 * are ignored. A sample that ended CANCELLED was withdrawn: the plan goes on as if it had never
 * been asked for. NOMEM and LIMIT end the request. CANCELLED: stopped, nothing was taken. */
enum surety_err plan_feed(struct plan *plan, uint32_t task_id, const struct surety_output *output,
                          struct surety_error *err);

/* Compares answers that were taken up, so that plan_result has less to do: for about 50 ms, or
 * until stopped. *ret_more: there is more to compare. NOMEM. */
enum surety_err plan_compare(struct plan *plan, bool *ret_more, struct surety_error *err);

/* The memory that it holds, without what comparisons cache. */
size_t plan_bytes(const struct plan *plan);

/* True when every item of every task was fed and no task is left to give out. */
bool plan_is_done(const struct plan *plan);

/* True when models are asked about claims and sampling does not wait for them, so that not all may
 * be spent on it. */
bool plan_verifies(const struct plan *plan);

/* How many samples are to be asked for by now: those of lower indexes. It grows in waves. */
uint32_t plan_released(const struct plan *plan);

/* True when the stop rule has decided the vote: all samples that have not come are to be withdrawn,
 * and what still comes of them does not count. */
bool plan_is_settled(const struct plan *plan);

/* True when samples were withdrawn or left out: a plan that is done is then not complete. */
bool plan_is_cut(const struct plan *plan);

/* The result so far: complete when plan_is_done, else the best from what was fed (also out of
 * order, with few comparisons beyond those that are done). stop, error and wall_ms are taken as
 * given. May be called repeatedly (progress). The caller ends it with surety_result_fini; it shares
 * nothing with the plan. */
enum surety_err plan_result(struct plan *plan, enum surety_stop stop,
                            const struct surety_error *why, int64_t wall_ms,
                            struct surety_result *ret_result, struct surety_error *err);

/* For accounts of cost: the keys of the verifications that a trajectory of a result needs, into
 * ret_keys[SURETY_M_MAX]; returns how many. Trajectories that need the same key share a
 * verification.
 */
size_t plan_questions(const struct surety_settings *settings, const struct surety_trajectory *t,
                      uint64_t *ret_keys);

/* `score`: a request whose samples are already there. Each sample's answer (NULL: to be extracted
 * from text) and claims (none: to be read from text) are taken as given, with the signals that
 * models gave them (in [0,1], else not known). Without an engine: VERIFY is none. */
struct plan_sample {
    const char *text;
    const char *answer;
    const struct surety_claim *claims; /* text; the signal self is value, and the others are those
                                        * of their names if has_signals, else not known */
    size_t n_claims;
    bool has_claims, has_signals;
    bool cooperating; /* the claims were asked for with it: a missing one counts as 0 */
    enum surety_finish finish;
    uint32_t tokens; /* 0: not known */
};
enum surety_err plan_score(const struct surety_request *request, const struct plan_sample *samples,
                           size_t n, struct surety_result *ret_result, struct surety_error *err);

#endif
