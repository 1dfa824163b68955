/*
 * plan_world.h - a small world for tests of the plan: recorded samples, and a verifier by rule.
 *
 * A claim that contains "WRONG" is refuted, one with "MUMBLE" gets a reply that cannot be read, and
 * one with "ODD" is refuted by every second repeat. A quantity is recomputed as the world says.
 */
#ifndef SURETY_TESTS_UNIT_CLAIMS_PLAN_PLAN_WORLD_H
#define SURETY_TESTS_UNIT_CLAIMS_PLAN_PLAN_WORLD_H

#include "claims/plan/plan.h"

#define WORLD_TASKS_MAX 4096

struct world {
    const char *const *samples; /* [k]; NULL: the trajectory fails */
    const char *profile;        /* name; NULL: instruct */
    const char *verifier;       /* name of another model that judges; NULL: none does */
    const char *text;           /* of a profile in place of all this; NULL: none */
    bool only_each;             /* a profile that knows no other way to verify */
    bool chooses;               /* the models do: VALID has 3/4, REFUTED 1/4, MUMBLE is text */
    const char *const *asked;   /* [k] what sample k is said to claim where that is asked; NULL: the
                                 * reply fails. One that begins with '!' is cut */
    const char *truth;          /* claims on what a box holds are refuted unless they have it */
    const struct world_value {
        const char *quantity;
        const char *reply[3]; /* of repeat j: j % 3; NULL: it is cut by its limit */
    } * values;               /* BLIND; ends with a NULL quantity */
    struct surety_settings settings;
    struct plan *plan;
    const struct surety_task *tasks[WORLD_TASKS_MAX]; /* given out so far */
    size_t n_tasks, n_verify_calls;
};

/* Six samples: right says 4, wrong says 5; the plurality is wrong, and its claims are refuted. */
extern const char *const world_rescue[];

/* Settings with k samples and otherwise the defaults; then change what is needed. */
void world_init(struct world *w, const char *const *samples, size_t k);
void world_open(struct world *w); /* plan_create, which must succeed */
enum surety_err world_try(struct world *w, struct surety_error *err);
void world_fini(struct world *w);

void world_take_tasks(struct world *w); /* all that are there */
void world_feed(struct world *w, const struct surety_task *task, size_t item);
enum surety_err world_try_feed(struct world *w, const struct surety_task *task, size_t item,
                               struct surety_error *err);

/* Feeds everything in an order that the seed shuffles (0: as it comes), until the plan is done. */
void world_run(struct world *w, unsigned seed);

/* Ends a complete world, whose result must be *expected byte by byte, or becomes it where that is
 * NULL; the caller frees it. */
void world_end_alike(struct world *w, char **expected);

/* plan_result, which must succeed. */
struct surety_result world_result(struct world *w, enum surety_stop stop);
char *world_json(struct world *w); /* the stable JSON of a complete result; the caller frees */

#endif
