#include "scaler/report/grading.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "claims/read/check.h"

#define GOLD_BYTES (1u << 20)

/* The gold answers of one problem; n 0: there are none that can be used. */
struct golds {
    struct arena arena;
    struct gold gold;
};

static void golds_read(struct golds *golds, const char *text, const char *problem)
{
    struct surety_error err;
    arena_init(&golds->arena, GOLD_BYTES);
    golds->gold = (struct gold){.n = 0};
    if (!text || gold_from_text(text, &golds->arena, &golds->gold, &err))
        golds->gold.n = 0;
    golds->gold.problem = problem;
}

static void judge(const struct gold *gold, struct surety_trajectory *t)
{
    enum equal_verdict verdict =
        gold->n ? check_answer(gold, t->answer).result.verdict : EQUAL_UNKNOWN;
    t->correct = verdict == EQUAL_EXACT ? 1 : verdict == EQUAL_UNKNOWN ? -1 : 0;
    t->compatible = verdict == EQUAL_COMPATIBLE;
}

/* Answers repeat: an earlier trajectory with this one may have been judged. Given verdicts say
 * nothing of `compatible`. */
static bool copy_judgement(const struct surety_result *result, size_t i)
{
    struct surety_trajectory *t = &result->trajectories[i];
    for (size_t j = 0; j < i; j++) {
        const struct surety_trajectory *other = &result->trajectories[j];
        if (!other->answer || strcmp(other->answer, t->answer) != 0)
            continue;
        t->correct = other->correct;
        t->compatible = other->compatible;
        return t->correct >= 0;
    }
    return false;
}

/* Of an answer that some trajectory gave. */
static int of_answer(const struct surety_result *result, const char *answer)
{
    for (size_t i = 0; answer && i < result->n_trajectories; i++) {
        const struct surety_trajectory *t = &result->trajectories[i];
        if (t->answer && strcmp(t->answer, answer) == 0)
            return t->correct;
    }
    return answer ? -1 : 0;
}

/* What follows for the result from its trajectories. */
static void count(struct surety_result *result)
{
    uint32_t right = 0, undecided = 0;
    /* what a stop rule did not ask for is not missing */
    uint32_t k = result->stop == SURETY_STOP_EARLY ? (uint32_t)result->n_trajectories
                                                   : result->run.settings.k;
    for (size_t i = 0; i < result->n_trajectories; i++) {
        right += result->trajectories[i].correct > 0;
        undecided += result->trajectories[i].correct < 0;
    }
    if (k < result->n_trajectories)
        k = (uint32_t)result->n_trajectories;
    result->correct.clr = of_answer(result, result->answer);
    result->correct.cons = of_answer(result, result->cons);
    result->correct.pass_at_k = right ? 1 : undecided ? -1 : 0;
    result->correct.pass_at_1 = k ? (double)right / k : 0;
}

enum surety_err grading_fill(struct surety_result *result, const char *gold, const char *problem,
                             const int *given, size_t n_given)
{
    const size_t failures = alloc_failures();
    struct golds golds;
    golds_read(&golds, gold, problem);
    bool known = gold != NULL;
    for (size_t i = 0; i < result->n_trajectories; i++) {
        struct surety_trajectory *t = &result->trajectories[i];
        int told = t->index < n_given ? given[t->index] : -1;
        known |= told >= 0;
        t->correct = !t->answer && told < 0 ? 0 : told;
        if (t->answer && t->correct < 0 && !copy_judgement(result, i))
            judge(&golds.gold, t);
    }
    arena_fini(&golds.arena);
    result->correct.known = known;
    count(result);
    return alloc_failures() == failures ? SURETY_OK : SURETY_ERR_NOMEM;
}

void grading_accept_compatible(struct surety_result *result)
{
    for (size_t i = 0; i < result->n_trajectories; i++)
        if (result->trajectories[i].compatible)
            result->trajectories[i].correct = 1;
    count(result);
}

enum surety_err grading_mark_compatible(struct surety_result *result)
{
    const size_t failures = alloc_failures();
    struct golds golds;
    golds_read(&golds, result->gold, result->problem);
    for (size_t i = 0; i < result->n_trajectories; i++) {
        struct surety_trajectory *t = &result->trajectories[i], judged = *t;
        if (!t->answer || t->correct || copy_judgement(result, i))
            continue;
        judge(&golds.gold, &judged);
        t->compatible = judged.compatible;
    }
    arena_fini(&golds.arena);
    return alloc_failures() == failures ? SURETY_OK : SURETY_ERR_NOMEM;
}
