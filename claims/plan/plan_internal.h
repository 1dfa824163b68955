/*
 * plan_internal.h - the state of a plan, shared by plan*.c. Internal.
 *
 * Everything a trajectory or a reply says is read when it is fed, in whatever order; what depends
 * on order (which tasks there are, their ids and seeds) is made from the prefix of trajectories
 * without a gap. So the result depends on what was fed, never on when.
 */
#ifndef SURETY_CLAIMS_PLAN_PLAN_INTERNAL_H
#define SURETY_CLAIMS_PLAN_PLAN_INTERNAL_H

#include "claims/math/equal.h"
#include "claims/math/exact.h"
#include "claims/plan/plan.h"
#include "claims/read/quantity.h"
#include "proto/seed.h"

#define PLAN_BYTES_MAX ((size_t)1 << 30) /* of one request; its result has as much again */

/* What came of one item of a verification. */
struct plan_reply {
    bool fed;
    enum surety_verdict *verdicts; /* [n_claims] of the task */
    char **reasons;                /* [n_claims], each may be NULL */
    char *value;                   /* BLIND: what was recomputed; NULL: nothing readable */
    char *failure;                 /* why there is no reply; NULL: there is one */
};

/* A verification: a task and its replies. */
struct plan_asked {
    struct surety_task task;
    struct plan_reply *replies; /* [task.n_items] */
    struct plan_blind *blind;   /* what it recomputes; NULL: nothing, it asks about claims */
    bool planted;               /* its verdicts are controls */
};

/* A claim with a false value planted beside it. */
struct plan_control {
    const struct plan_check *check;
    const struct plan_asked *asked;   /* about the claim as it is; not BLIND */
    size_t at;                        /* among its claims */
    char *planted, *value;            /* the text, and the false value alone */
    struct plan_asked *planted_asked; /* not BLIND */
};

/* BLIND: a quantity that is recomputed, and the claims that give it a value. */
struct plan_blind {
    uint64_t key;
    bool contested;            /* another claim gives another value */
    bool settled;              /* it cannot tell one answer from another */
    uint32_t n, last;          /* trajectories that speak of it; the last of them, plus 1 */
    uint64_t n_claims;         /* in all of these */
    size_t order;              /* of first appearance */
    struct plan_check *checks; /* by next_of_blind */
    struct plan_asked *asked;
    struct plan_blind *next; /* in its bucket */
};

/* A distinct claim of the request: what is known of its text alone. */
struct plan_check {
    char *key;
    uint64_t hash;
    enum exact_verdict exact;
    char *exact_reason;       /* NULL: none */
    bool contextual;          /* may not be asked about alone */
    struct plan_asked *asked; /* EACH: its verification; NULL: none (yet) */
    bool planted;             /* considered for a control */
    bool has_value;           /* quantity means something */
    struct quantity quantity; /* spans are those of key */
    struct plan_blind *blind; /* BLIND: where its quantity is recomputed; NULL: nowhere (yet) */
    struct plan_check *next_of_blind;
    enum equal_verdict fits; /* with the recomputed value in work */
    uint64_t hits, misses;   /* sets of the recomputations that gave its value, or another one */
    struct plan_check *next; /* in its bucket */
};

struct plan_claim {
    char *text;
    size_t start, end;
    struct plan_check *check;
    double recorded, recorded_blind; /* a recorded self verdict, or share; NaN: none */
    bool unreadable;                 /* recorded as unparsed */
};

struct plan_trajectory {
    bool fed;
    uint32_t seed;
    enum surety_finish finish;
    struct surety_error error;
    uint32_t tokens;
    char *text;   /* NULL unless settings.text */
    char *answer; /* NULL: none */
    struct plan_claim *claims;
    size_t n_claims;
    bool cooperating;         /* missing claims count as 0 */
    struct plan_asked *asked; /* JOINT: the verification of all its claims, shared by those with
                               * the same claims at temperature 0; NULL: none (yet) */
};

#define PLAN_BUCKETS 4096

struct plan_model {
    char *name, *id, *repro;
};

struct plan {
    struct arena arena;
    struct profile *profile;     /* words the sampling and reads solutions */
    const struct profile *judge; /* words all judging and reads its replies; not owned */
    char *id, *problem;
    struct surety_settings settings;   /* every default resolved */
    struct plan_model model, verifier; /* verifier.name is NULL: model judges too */
    struct profile *verifier_profile;  /* NULL: profile words the judging too */
    struct seed_set seeds;
    struct surety_task sampling;
    struct plan_trajectory *trajectories; /* [settings.k] */
    uint32_t n_fed;                       /* trajectories */
    uint32_t prefix;                      /* trajectories below this one have their tasks */
    struct plan_asked **asked;            /* [n_asked], on the heap; task id 1 comes first */
    size_t n_asked, asked_size;
    size_t n_given;                /* tasks given out, sampling included */
    uint64_t n_pending;            /* items of verifications that were not fed */
    uint64_t calls_saved;          /* by asking about equal claims once */
    struct plan_control *controls; /* [n_controls] */
    size_t n_controls;
    struct plan_check *checks[PLAN_BUCKETS];
    struct surety_usage usage;
    struct {
        uint64_t valid, refuted, unparsed;
    } verdicts; /* over all replies */
    struct {
        uint32_t n_fed; /* what the groups below are of; 0: nothing yet */
        uint32_t *of;   /* [settings.k], on the heap: group of the i-th fed trajectory */
        size_t n, undecided;
    } groups;
};

/* Copies the request, parses its profile (without one the built-in profile_name) and checks both,
 * but resolves no defaults. The caller frees *ret_plan. */
enum surety_err plan_open(const struct surety_request *request, const char *profile_name,
                          struct plan **ret_plan, struct surety_error *err);

/* Resolves what is left of the defaults once `verify` is; known: those of SELF and BLIND that will
 * be known and may count. */
void plan_resolve(struct plan *plan, unsigned known);

/* plan_model.c: notes the models that serve the plan's request, and what words the judging. NOMEM.
 */
enum surety_err plan_set_models(struct plan *plan, const struct surety_request *request,
                                const struct surety_model *model,
                                const struct surety_model *verifier, struct surety_error *err);

/* plan_model.c: names another model that judges, if one does, in result->run, whose reproducible
 * and repro are set. False without memory. */
bool plan_fill_verifier(const struct plan *plan, struct surety_result *result);

/* The distinct claim with this text, made when it is new. NULL without memory. */
struct plan_check *plan_check_of(struct plan *plan, const char *text);

/* Takes up the answer and claims that text states into t. NOMEM. */
enum surety_err plan_read_text(struct plan *plan, const char *text, bool truncated,
                               struct plan_trajectory *t);

/* plan_verify.c: makes the verifications of trajectory k, the next after the prefix. NOMEM. */
enum surety_err plan_verify_trajectory(struct plan *plan, uint32_t k);

/* plan_verify.c: a task about these claims with this many items, whose seeds follow from key.
 * NOMEM. */
enum surety_err plan_ask(struct plan *plan, char **claims, size_t n, uint32_t repeats, uint64_t key,
                         struct plan_asked **ret_asked);

/* plan_verify.c: takes up a reply. NOMEM. */
enum surety_err plan_take_reply(struct plan *plan, struct plan_asked *asked,
                                const struct surety_output *output);

/* plan_verify.c: true when the claim's arithmetic is proved, but not that it is the right
 * arithmetic: "sum: 4+5=9", and the sum is another one. */
bool plan_is_half_proved(const struct plan_check *check);

/* plan_verify.c: true when exact arithmetic decides the claim and may, so that no model is asked.
 */
bool plan_is_decided(const struct plan *plan, const struct plan_check *check);

/* plan_blind.c: makes all recomputations, once every trajectory is there. NOMEM. */
enum surety_err plan_ask_blind(struct plan *plan);

/* plan_blind.c: takes up what recomputation number j says. NOMEM. */
enum surety_err plan_take_value(struct plan *plan, struct plan_asked *asked, uint32_t j,
                                const char *text);

/* plan_blind.c: the smoothed share of the recomputations that gave the check's value; NaN before
 * the first of them. Writes what is to be said when it is low, else "". */
double plan_blind_share(const struct plan_check *check, char *reason, size_t reason_size);

/* plan_control.c: plants false claims, once every trajectory is there. NOMEM. */
enum surety_err plan_plant(struct plan *plan);

/* plan_control.c: what came of them, into result->verifier. */
void plan_fill_controls(const struct plan *plan, struct surety_result *result);

/* plan_result.c: the share of the readable verdicts on claim i of a verification that are VALID;
 * NaN without any. */
double plan_valid_share(const struct plan_asked *asked, size_t i);

#endif
