/*
 * plan_internal.h - the state of a plan, shared by plan*.c. Internal.
 *
 * Everything a trajectory or a reply says is read when it is fed, in whatever order; what depends
 * on order (which tasks there are, their ids and seeds) is made from the prefix of trajectories
 * without a gap. So the result depends on what was fed, never on when.
 *
 * Files call each other downwards only:
 *   plan_score.c                    recorded samples in place of fed ones
 *   plan.c                          from the request to its tasks; takes up what is fed
 *   plan_stop.c                     waves of samples; when the vote is decided
 *   plan_result.c                   from what was fed to the result
 *   plan_model.c                    the models that serve it
 *   plan_control.c                  planted false claims
 *   plan_way.c, plan_way_<name>.c   what models are asked, by way of judging (plan_way.h)
 *   plan_way_shared.c               what several ways have in common
 *   plan_signal.c                   what is known of a claim, and what decides it (plan_signal.h)
 *   plan_claim.c                    the claims that texts state
 *   plan_verification.c             a task for a model, and its replies
 */
#ifndef SURETY_CLAIMS_PLAN_PLAN_INTERNAL_H
#define SURETY_CLAIMS_PLAN_PLAN_INTERNAL_H

#include "claims/math/equal.h"
#include "claims/math/exact.h"
#include "claims/plan/plan.h"
#include "claims/read/claim_text.h"
#include "claims/read/quantity.h"
#include "proto/seed.h"

#define PLAN_BYTES_MAX ((size_t)1 << 30) /* of one request; its result has as much again */

/* What came of one item of a verification. */
struct plan_reply {
    bool fed;
    enum surety_verdict *verdicts; /* [n_claims] of the task */
    char **reasons;                /* [n_claims], each may be NULL */
    double share;                  /* p(VALID) of a choice; NaN: it was no choice */
    char *value;                   /* what was computed, where that was asked; NULL: none */
    char *failure;                 /* why there is no reply; NULL: there is one */
};

/* A task that asks a model about claims, or for what they say, and its replies. */
struct plan_verification {
    struct surety_task task;
    struct plan_reply *replies; /* [task.n_items] */
    bool planted;               /* its verdicts are controls */
    uint64_t calls_saved;       /* by asking once what others would ask too */
    void *of_way;               /* what its way keeps with it; NULL: nothing */
};

/* A distinct claim of the request: what is known of its text alone. */
struct plan_distinct {
    char *key;
    uint64_t hash;
    enum exact_verdict exact;
    char *exact_reason;       /* NULL: none */
    bool contextual;          /* means something only beside the other claims of its trajectory */
    bool has_value;           /* quantity means something */
    struct quantity quantity; /* spans are those of key */
    struct plan_verification *verification; /* that asks about it by itself; NULL: none (yet) */
    void *of_way;                           /* what its way keeps with it; NULL: nothing */
    bool planted;                           /* considered for a control */
    struct plan_distinct *next;             /* in its bucket */
};

/* The bits of a set of signals, up to the last built one. */
enum {
#define X(NAME, name, bit, words) | (bit)
    PLAN_SIGNALS = 32 - __builtin_clz(0 SURETY_SIGNAL_TABLE(X))
#undef X
};

/* A claim of a trajectory. */
struct plan_claim {
    char *text;
    size_t start, end;
    struct plan_distinct *distinct;
    double recorded[PLAN_SIGNALS]; /* signals that came with a recorded sample, 1 << i at i; NaN:
                                    * none */
    bool unparsed;                 /* recorded as such */
};

struct plan_trajectory {
    bool fed;
    bool withdrawn; /* fed, but nobody wanted it any more: not there for anyone who looks */
    bool asked;     /* models were asked about it, or had nothing to be asked */
    uint32_t seed;
    enum surety_finish finish;
    struct surety_error error;
    uint32_t tokens;
    char *text;   /* NULL unless settings.text */
    char *shown;  /* the solution, its end where it is long; NULL unless the way shows it */
    char *answer; /* NULL: none */
    struct plan_claim *claims;
    size_t n_claims;
    bool cooperating;                       /* missing claims count as 0 */
    struct plan_verification *verification; /* that asks about its claims together; may be shared
                                             * by those that claim the same; NULL: none (yet) */
};

/* A claim with a false value planted beside it. */
struct plan_control {
    const struct plan_trajectory *trajectory;
    size_t at;                              /* the claim, among those of the trajectory */
    char *planted, *value;                  /* the text, and the false value alone */
    struct plan_verification *verification; /* of the planted claim; NULL: none was needed */
};

#define PLAN_SHOWN_MAX 65536 /* bytes of a solution that a model is asked about */
#define PLAN_BUCKETS 4096

struct plan_model {
    char *name, *id, *repro;
};

struct plan {
    struct arena arena;
    struct profile *profile;     /* words the sampling and reads solutions */
    const struct profile *judge; /* words all judging and reads its replies; not owned */
    const struct plan_way *way;  /* NULL: no model judges */
    char *id, *problem;
    struct claim_names names;          /* of the problem */
    struct surety_settings settings;   /* every default resolved */
    struct plan_model model, verifier; /* verifier.name is NULL: model judges too */
    struct profile *verifier_profile;  /* NULL: profile words the judging too */
    bool chooses;                      /* the model that judges answers choices */
    struct seed_set seeds;
    struct surety_task sampling;
    struct plan_trajectory *trajectories; /* [settings.k] */
    uint32_t n_fed;                       /* trajectories */
    size_t n_claims;                      /* in all of these */
    uint32_t n_withdrawn;                 /* of them */
    uint32_t prefix;                      /* trajectories below this one have their tasks */
    uint32_t released;                    /* those below this one are to be sampled */
    uint32_t used;                        /* those below this one decide, once it is sampled */
    bool sampled, settled;                /* no more are wanted; for the stop rule says so */
    bool judged;                          /* lazily: some were asked about */
    bool looking;                         /* at the vote of a part */
    uint32_t *vote_group;                 /* [settings.k], room for plan_stop.c */
    double *vote_r;
    uint32_t compared;                        /* those below this one are in the grouping */
    struct plan_verification **verifications; /* [n_verifications], on the heap; by task id - 1 */
    size_t n_verifications, verifications_size;
    size_t n_given;                /* tasks given out, sampling included */
    uint64_t n_pending;            /* items of verifications that were not fed */
    struct plan_control *controls; /* [n_controls] */
    size_t n_controls;
    struct plan_distinct *distinct[PLAN_BUCKETS];
    struct surety_usage usage;
    struct {
        uint64_t valid, refuted, unparsed;
    } verdicts;                      /* over all replies */
    struct equal_grouping *grouping; /* of the answers below prefix, as far as it got */
    const atomic_bool *stop;         /* plan_watch; NULL: never */
};

/* ---- plan.c ---- */

/* Copies the request, parses its profile (without one the built-in profile_name) and checks both,
 * but resolves no defaults. The caller frees *ret_plan. */
enum surety_err plan_open(const struct surety_request *request, const char *profile_name,
                          struct plan **ret_plan, struct surety_error *err);

/* Resolves what is left of the defaults once `verify` is; known: the signals of models that will be
 * known and may count. */
void plan_resolve(struct plan *plan, unsigned known);

static inline bool plan_is_stopped(const struct plan *plan)
{
    return plan->stop && atomic_load(plan->stop);
}

/* Only the groups that can still win are judged. */
static inline bool plan_judges_lazily(const struct plan *plan)
{
    enum surety_stopping rule = plan->settings.stop;
    return plan->way && (rule == SURETY_STOPPING_SURE || rule == SURETY_STOPPING_BETA);
}

/* plan_is_done, for all files. */
static inline bool plan_has_ended(const struct plan *plan)
{
    bool sampled =
        plan->sampled || plan->n_withdrawn || plan->settings.stop == SURETY_STOPPING_NONE;
    return plan->n_given > plan->n_verifications && plan->n_fed == plan->settings.k && sampled &&
           plan->n_pending == 0;
}

/* ---- plan_stop.c ---- */

/* INVALID, naming what the stop rule does not go with. */
enum surety_err plan_check_stop(const struct plan *plan, struct surety_error *err);

void plan_begin_waves(struct plan *plan);

/* After another answer was compared, or a reply came: releases samples, asks, ends sampling. NOMEM.
 */
enum surety_err plan_look_at_vote(struct plan *plan);

/* Asks about a trajectory of the prefix. NOMEM. */
enum surety_err plan_ask_about(struct plan *plan, struct plan_trajectory *t);

/* It came, and is not wanted any more. */
void plan_withdraw(struct plan *plan, struct plan_trajectory *t);

/* Judging goes on while there is sampling to come. */
bool plan_judges_in_waves(const struct plan *plan);

/* ---- plan_result.c ---- */

/* Group (EQUAL_NO_GROUP: none) and r of each of the first n trajectories, which are compared and
 * not withdrawn. NOMEM. */
enum surety_err plan_weigh(struct plan *plan, uint32_t n, uint32_t *ret_group, double *ret_r);

/* ---- plan_model.c ---- */

/* Notes the models that serve the plan's request, and what words the judging. NOMEM.
 */
enum surety_err plan_set_models(struct plan *plan, const struct surety_request *request,
                                const struct surety_model *model,
                                const struct surety_model *verifier, struct surety_error *err);

/* Names another model that judges, if one does, in result->run, whose reproducible
 * and repro are set. False without memory. */
bool plan_fill_verifier(const struct plan *plan, struct surety_result *result);

/* ---- plan_claim.c ---- */

/* The distinct claim with this text, made when it is new. NULL without memory. */
struct plan_distinct *plan_distinct_of(struct plan *plan, const char *text);

/* A claim of which nothing is recorded. distinct is NULL without memory. Takes text over. */
struct plan_claim plan_claim_of(struct plan *plan, char *text);

/* Takes up the answer and claims that text states into t. CANCELLED (plan_watch), NOMEM. */
enum surety_err plan_read_text(struct plan *plan, const char *text, bool truncated,
                               struct plan_trajectory *t);

/* ---- plan_verification.c ---- */

/* A task about these claims with this many items, whose seeds follow from key. NOMEM. */
enum surety_err plan_ask(struct plan *plan, char **claims, size_t n, uint32_t repeats, uint64_t key,
                         struct plan_verification **ret_verification);

/* Takes up a reply; what it says is the way's to read. NOMEM. */
enum surety_err plan_take_reply(struct plan *plan, struct plan_verification *verification,
                                const struct surety_output *output);

/* What the replies to a verification (NULL: none) say about its i-th claim. */
struct plan_tally {
    uint32_t valid, refuted, unparsed;
    double share;           /* of the readable ones that are VALID, choices by their p(VALID); NaN
                             * without any */
    bool chosen;            /* some reply was a choice */
    const char *refutation; /* of the first that refuted and gave a reason; NULL: none */
    const char *failure;    /* why the first that could not be read could not; NULL: none */
};
struct plan_tally plan_count_replies(const struct plan_verification *verification, size_t i);

/* ---- plan_control.c ---- */

/* Plants false claims, once every trajectory is there. NOMEM. */
enum surety_err plan_plant(struct plan *plan);

/* What came of them, into result->verifier. */
void plan_fill_controls(const struct plan *plan, struct surety_result *result);

#endif
