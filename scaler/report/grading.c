#include "scaler/report/grading.h"

#include <stdlib.h>
#include <string.h>

#include "claims/math/equal.h"

static int judge(const struct equal_form *gold, const char *answer, const char *problem)
{
    struct equal_form *form = equal_parse(answer, problem);
    int correct = -1;
    if (form && gold) {
        struct equal_result same = equal_forms(gold, form);
        correct = same.verdict == EQUAL_EXACT ? 1 : same.verdict == EQUAL_UNKNOWN ? -1 : 0;
    }
    equal_form_free(form);
    return correct;
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

void grading_fill(struct surety_result *result, const char *gold, const char *problem,
                  const int *given, size_t n_given)
{
    struct equal_form *form = gold ? equal_parse(gold, problem) : NULL;
    uint32_t right = 0, undecided = 0;
    bool known = gold != NULL;
    for (size_t i = 0; i < result->n_trajectories; i++) {
        struct surety_trajectory *t = &result->trajectories[i];
        int told = t->index < n_given ? given[t->index] : -1;
        known |= told >= 0;
        t->correct = !t->answer && told < 0 ? 0 : told;
        /* answers repeat: the first trajectory with this one has been judged already */
        for (size_t j = 0; t->answer && t->correct < 0 && j < i; j++) {
            const struct surety_trajectory *other = &result->trajectories[j];
            if (other->answer && strcmp(other->answer, t->answer) == 0) {
                t->correct = other->correct;
                break;
            }
        }
        if (t->answer && t->correct < 0)
            t->correct = judge(form, t->answer, problem);
        right += t->correct > 0;
        undecided += t->correct < 0;
    }
    equal_form_free(form);
    uint32_t k = result->run.settings.k;
    if (k < result->n_trajectories)
        k = (uint32_t)result->n_trajectories;
    result->correct.known = known;
    result->correct.clr = of_answer(result, result->answer);
    result->correct.cons = of_answer(result, result->cons);
    result->correct.pass_at_k = right ? 1 : undecided ? -1 : 0;
    result->correct.pass_at_1 = k ? (double)right / k : 0;
}
