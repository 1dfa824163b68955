/*
 * plan_way.h - the ways of judging: what models are asked about claims, and what they reply.
 *
 * A way is a row of functions in a file of its own, plan_way_<name>.c, which defines
 * plan_way_<name>; SURETY_VERIFY_TABLE (types.h) lists them, and nothing else names one. How a
 * profile words it and reads single replies is a row of claims/read/profile_way.c. The plan calls a
 * way when trajectories and replies come, and when it makes a result; it is never told of time.
 * Internal.
 */
#ifndef SURETY_CLAIMS_PLAN_PLAN_WAY_H
#define SURETY_CLAIMS_PLAN_PLAN_WAY_H

#include "claims/plan/plan_internal.h"

/* What the replies so far say about a claim of a trajectory. */
struct plan_reading {
    bool asked;         /* a model is asked about it */
    bool unparsed;      /* value is NaN, since replies came and none could be read */
    double value;       /* in [0,1]; NaN: not known */
    const char *reason; /* why the value is low, or why there is none; NULL: nothing to say */
    char words[160];    /* room for a reason that must be made */
};

struct plan_way {
    enum surety_verify verify;

    /* It asks about a claim apart from the others of its trajectory, so that it must not ask about
     * one that means something only beside them (plan_way_asks_alone). */
    bool alone;

    /* It asks about whole solutions, so that trajectories keep them (plan_trajectory.shown). */
    bool shows;

    /* Asks about trajectory t. Called for each one that has an answer and claims, in index order,
     * as soon as all before it are there. NULL: it waits for all. NOMEM. */
    enum surety_err (*ask)(struct plan *plan, struct plan_trajectory *t);

    /* The last trajectory is there, so this is the last chance to ask. NULL: nothing is left.
     * NOMEM.
     */
    enum surety_err (*close)(struct plan *plan);

    /* Reads a reply that ended by itself, to its verdicts (all UNPARSED before), and to its reasons
     * or its value. Replies come in any order. NOMEM. */
    enum surety_err (*take)(struct plan *plan, struct plan_verification *verification,
                            struct plan_reply *reply, const char *text);

    /* What the replies say about claim i of t, which has an answer. The reason why nothing came is
     * left to why_open. */
    void (*read)(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                 struct plan_reading *ret);

    /* Why this way cannot ask about the claim; NULL: it can. The slot may be NULL too. */
    const char *(*why_open)(const struct plan_distinct *claim);

    /* Asks about control->planted as it asked about the claim in whose place it stands; the seeds
     * follow from key. NULL: the replies that are there tell. NOMEM. */
    enum surety_err (*plant)(struct plan *plan, struct plan_control *control, uint64_t key);

    /* The value that the planted claim gets, like plan_reading.value. */
    double (*read_planted)(const struct plan *plan, const struct plan_control *control);

    /* plan_questions (plan.h), of a trajectory of a result. */
    size_t (*questions)(const struct surety_settings *settings, const struct surety_trajectory *t,
                        uint64_t *ret_keys);
};

/* The row of a way; NULL: NONE and DEFAULT, no model judges. */
const struct plan_way *plan_way_of(enum surety_verify verify);

/* What the plan's way knows of claim i of t; nothing without a way or an answer. */
void plan_way_read(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                   struct plan_reading *ret);

/* ---- plan_way_shared.c: what several ways have in common ---- */

/* True when a way that asks about claims alone asks about this one: no signal settles it, and it
 * means something by itself. */
bool plan_way_asks_alone(const struct plan *plan, const struct plan_distinct *claim);

/* plan_way.take, for replies that hold a verdict on each claim asked about. */
enum surety_err plan_way_take_verdicts(struct plan *plan, struct plan_verification *verification,
                                       struct plan_reply *reply, const char *text);

/* What such replies say about the i-th claim asked about; verification may be NULL. */
void plan_way_read_verdicts(const struct plan_verification *verification, size_t i,
                            struct plan_reading *ret);

/* plan_way.read_planted, for a question about the planted claim alone. */
double plan_way_read_planted(const struct plan *plan, const struct plan_control *control);

/* True when the result has a verdict on the claim by the way of its settings, or the reply to its
 * question could not be read. */
bool plan_way_was_asked(const struct surety_settings *settings, const struct surety_claim *claim);

#endif
