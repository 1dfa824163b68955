/*
 * plan_result.c - from what was fed so far to values, reliabilities and the answer.
 *
 * Rebuilt from the start each time, in index order; only the grouping of answers, which compares
 * them pairwise, is kept until another trajectory comes.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "claims/math/equal.h"
#include "claims/plan/agreement.h"
#include "claims/plan/plan_internal.h"
#include "claims/plan/score.h"

/* Copies a string into the result; NULL stays NULL. */
static bool copy(struct surety_result *result, const char *text, char **ret)
{
    *ret = arena_strdup(&result->arena, text);
    return !text || *ret;
}

/* ---- claims ---- */

/* What the repeats of a verification say about its i-th claim. */
struct self {
    uint32_t valid, refuted, unparsed;
    const char *refutation; /* of the first repeat that refuted and gave a reason */
    const char *failure;    /* of the first repeat that could not be read */
};

static struct self count_replies(const struct plan_asked *asked, size_t i)
{
    struct self self = {0};
    for (size_t j = 0; asked && j < asked->task.n_items; j++) {
        const struct plan_reply *reply = &asked->replies[j];
        if (!reply->fed)
            continue;
        switch (reply->verdicts[i]) {
        case SURETY_VERDICT_VALID:
            self.valid++;
            break;
        case SURETY_VERDICT_REFUTED:
            self.refuted++;
            if (!self.refutation)
                self.refutation = reply->reasons[i];
            break;
        default:
            self.unparsed++;
            if (!self.failure)
                self.failure =
                    reply->failure ? reply->failure : "no verdict could be read from the reply";
        }
    }
    return self;
}

double plan_valid_share(const struct plan_asked *asked, size_t i)
{
    struct self self = count_replies(asked, i);
    uint32_t n = self.valid + self.refuted;
    return n ? (double)self.valid / n : NAN;
}

/* The reason why no signal decides a claim, or NULL. */
static const char *why_open(const struct plan *plan, const struct plan_trajectory *t,
                            const struct plan_check *check, const struct self *self)
{
    bool each = plan->settings.verify == SURETY_VERIFY_EACH;
    bool blind = plan->settings.verify == SURETY_VERIFY_BLIND;
    if (self->unparsed)
        return self->failure;
    if (plan->settings.verify == SURETY_VERIFY_NONE || !t->answer)
        return NULL;
    if (blind && !check->has_value)
        return "it gives no value that could be recomputed";
    if ((each || blind) && check->contextual)
        return "it uses a name that it does not define, and can only be verified jointly";
    return "no verdict came";
}

/* The signals, each for itself; agreement is filled over all trajectories later. */
static bool fill_claim(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                       struct surety_result *result, struct surety_claim *out)
{
    const struct plan_claim *claim = &t->claims[i];
    const struct plan_check *check = claim->check;
    bool each = plan->settings.verify == SURETY_VERIFY_EACH;
    char recomputed[160] = "";
    struct self self = {0};
    if (t->answer && check->blind)
        self = count_replies(check->blind->asked, 0);
    else if (t->answer)
        self = count_replies(each ? check->asked : t->asked, each ? 0 : i);
    *out = (struct surety_claim){
        .start = claim->start,
        .end = claim->end,
        .value = NAN,
        .self = claim->recorded,
        .blind = check->blind && t->answer ? plan_blind_share(check, recomputed, sizeof recomputed)
                                           : claim->recorded_blind,
        .agreement = NAN,
        .symbolic = check->exact == EXACT_UNDECIDED ? NAN : check->exact == EXACT_PROVED,
        .verdict =
            self.unparsed || claim->unreadable ? SURETY_VERDICT_UNPARSED : SURETY_VERDICT_UNCHECKED,
    };
    const char *reason = why_open(plan, t, check, &self);
    if (!isnan(out->blind)) {
        out->verdict = SURETY_VERDICT_UNCHECKED;
        reason = *recomputed ? recomputed : NULL;
    } else if (self.valid + self.refuted && !check->blind) {
        out->self = (double)self.valid / (self.valid + self.refuted);
        out->verdict = SURETY_VERDICT_UNCHECKED;
        reason = self.refutation;
    }
    bool exact_decides = plan->settings.signals & SURETY_SIGNAL_SYMBOLIC;
    if (check->exact == EXACT_REFUTED && check->exact_reason && (exact_decides || !reason))
        reason = check->exact_reason; /* nobody else's words under the model's verdict */
    return copy(result, claim->text, &out->text) && copy(result, reason, &out->reason);
}

/* v: a decisive exact verdict, else the model's, else agreement; of the signals that may enter. A
 * half proof decides only what no model was asked about. */
static void decide(const struct plan *plan, const struct plan_check *check,
                   struct surety_claim *claim)
{
    unsigned signals = plan->settings.signals;
    bool recomputed = (signals & SURETY_SIGNAL_BLIND) && !isnan(claim->blind);
    bool judged = recomputed || ((signals & SURETY_SIGNAL_SELF) && !isnan(claim->self));
    bool asked = judged || claim->verdict == SURETY_VERDICT_UNPARSED;
    if ((signals & SURETY_SIGNAL_SYMBOLIC) && !isnan(claim->symbolic) &&
        !(asked && plan_is_half_proved(check))) {
        claim->decided_by = SURETY_SIGNAL_SYMBOLIC;
        claim->value = claim->symbolic;
    } else if (recomputed) {
        claim->decided_by = SURETY_SIGNAL_BLIND;
        claim->value = claim->blind;
    } else if ((signals & SURETY_SIGNAL_SELF) && !isnan(claim->self)) {
        claim->decided_by = SURETY_SIGNAL_SELF;
        claim->value = claim->self;
    } else if ((signals & SURETY_SIGNAL_AGREEMENT) && !isnan(claim->agreement)) {
        claim->decided_by = SURETY_SIGNAL_AGREEMENT;
        claim->value = claim->agreement;
    } else {
        return;
    }
    claim->verdict = claim->value >= 0.5 ? SURETY_VERDICT_VALID : SURETY_VERDICT_REFUTED;
    if (claim->verdict == SURETY_VERDICT_VALID)
        claim->reason = NULL;
}

/* ---- trajectories ---- */

static enum surety_err fill_trajectories(const struct plan *plan, struct surety_result *result)
{
    result->trajectories = ARENA_ARRAY(&result->arena, struct surety_trajectory, plan->n_fed);
    if (!result->trajectories)
        return SURETY_ERR_NOMEM;
    for (uint32_t k = 0; k < plan->settings.k; k++) {
        const struct plan_trajectory *t = &plan->trajectories[k];
        if (!t->fed)
            continue;
        struct surety_trajectory *out = &result->trajectories[result->n_trajectories++];
        *out = (struct surety_trajectory){
            .index = k,
            .seed = t->seed,
            .finish = t->finish,
            .error = t->error,
            .tokens = t->tokens,
            .correct = -1,
            .claims = ARENA_ARRAY(&result->arena, struct surety_claim, t->n_claims),
            .n_claims = t->n_claims,
        };
        bool good = out->claims && copy(result, t->answer, &out->answer) &&
                    copy(result, t->text, &out->text);
        for (size_t i = 0; good && i < t->n_claims; i++)
            good = fill_claim(plan, t, i, result, &out->claims[i]);
        if (!good)
            return SURETY_ERR_NOMEM;
    }
    return SURETY_OK;
}

static enum surety_err find_groups(struct plan *plan, const struct surety_result *result)
{
    size_t n = result->n_trajectories;
    if (plan->groups.n_fed == n)
        return SURETY_OK;
    const char **answers = calloc(n, sizeof *answers);
    if (!answers)
        return SURETY_ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        answers[i] = result->trajectories[i].answer;
    enum surety_err code = equal_group(answers, n, plan->problem, plan->groups.of, &plan->groups.n,
                                       &plan->groups.undecided);
    free(answers);
    plan->groups.n_fed = code ? 0 : (uint32_t)n;
    return code;
}

/* True when the value of some claim is known, in a trajectory that has a vote. */
static bool any_value(const struct surety_result *result)
{
    for (size_t i = 0; i < result->n_trajectories; i++)
        for (size_t j = 0; j < result->trajectories[i].n_claims; j++)
            if (result->trajectories[i].answer && !isnan(result->trajectories[i].claims[j].value))
                return true;
    return false;
}

/* Rule soft: one vote, less a penalty that adds up to half a vote over all K, so that an exact
 * refutation breaks ties and does no more. */
static double soft_vote(const struct plan *plan, const struct surety_trajectory *t)
{
    for (size_t i = 0; i < t->n_claims; i++)
        if (t->claims[i].decided_by == SURETY_SIGNAL_SYMBOLIC && t->claims[i].value == 0)
            return 1 - 1 / (2.0 * plan->settings.k);
    return 1;
}

/* Rule power. A solution in which the splitter found no claim says nothing either way: it counts
 * like one whose m claims are all of unknown verdict. */
static double power_vote(const struct plan *plan, const struct surety_trajectory *t,
                         bool cooperating, double p)
{
    double values[SURETY_M_MAX];
    size_t n = t->n_claims;
    for (size_t i = 0; i < n; i++)
        values[i] = t->claims[i].value;
    if (n == 0 && !cooperating)
        for (; n < plan->settings.m; n++)
            values[n] = NAN;
    return score_reliability(values, n, cooperating ? plan->settings.m : 0, plan->settings.gamma,
                             p);
}

static void weigh(const struct plan *plan, struct surety_result *result)
{
    bool plain = !any_value(result) || result->verifier.uninformative; /* exactly Cons */
    double p = score_prior(result->trajectories, result->n_trajectories);
    for (size_t i = 0; i < result->n_trajectories; i++) {
        struct surety_trajectory *t = &result->trajectories[i];
        if (!t->answer)
            t->r = 0;
        else if (plain)
            t->r = 1;
        else if (plan->settings.rule == SURETY_RULE_SOFT)
            t->r = soft_vote(plan, t);
        else
            t->r = power_vote(plan, t, plan->trajectories[t->index].cooperating, p);
    }
}

/* ---- the whole ---- */

static bool fill_run(const struct plan *plan, struct surety_result *result)
{
    char hash[17];
    hash_hex(profile_hash(plan->profile), hash);
    result->run.settings = plan->settings;
    result->run.reproducible =
        strcmp(plan->model.repro, "none") != 0 && result->stop == SURETY_STOP_COMPLETE;
    return copy(result, SURETY_VERSION, &result->run.version) &&
           copy(result, plan->model.name, &result->run.model) &&
           copy(result, plan->model.id, &result->run.model_id) &&
           copy(result, profile_name(plan->profile), &result->run.profile) &&
           copy(result, hash, &result->run.profile_hash) &&
           copy(result, plan->model.repro, &result->run.repro) && plan_fill_verifier(plan, result);
}

static void fill_verifier(const struct plan *plan, struct surety_result *result)
{
    double parsed = (double)(plan->verdicts.valid + plan->verdicts.refuted);
    double all = parsed + (double)plan->verdicts.unparsed;
    result->verifier.valid_rate = parsed > 0 ? (double)plan->verdicts.valid / parsed : NAN;
    result->verifier.unparsed_rate = all > 0 ? (double)plan->verdicts.unparsed / all : NAN;
    result->verifier.calls_saved = plan->calls_saved;
}

/* When every trajectory failed, why the first of them did. */
static void explain(struct surety_result *result)
{
    for (size_t i = 0; i < result->n_trajectories; i++)
        if (result->trajectories[i].finish != SURETY_FINISH_ERROR)
            return;
    if (result->n_trajectories && !result->error.code)
        surety_fail(&result->error, result->trajectories[0].error.code,
                    "all %zu trajectories failed, the first: %.300s", result->n_trajectories,
                    result->trajectories[0].error.message);
}

static enum surety_err fill(struct plan *plan, struct surety_result *result)
{
    enum surety_err code = SURETY_OK;
    if (!copy(result, plan->id, &result->id) || !fill_run(plan, result))
        code = SURETY_ERR_NOMEM;
    if (!code)
        code = fill_trajectories(plan, result);
    if (!code && result->n_trajectories)
        code = find_groups(plan, result);
    if (!code && result->n_trajectories)
        code = agreement_fill(result->trajectories, result->n_trajectories, plan->groups.of);
    if (code)
        return code;
    for (size_t i = 0; i < result->n_trajectories; i++)
        for (size_t j = 0; j < result->trajectories[i].n_claims; j++)
            decide(plan, plan->trajectories[result->trajectories[i].index].claims[j].check,
                   &result->trajectories[i].claims[j]);
    plan_fill_controls(plan, result);
    weigh(plan, result);
    fill_verifier(plan, result);
    explain(result);
    return score_select(result, plan->groups.of, result->n_trajectories ? plan->groups.n : 0,
                        plan->groups.undecided);
}

enum surety_err plan_result(struct plan *plan, enum surety_stop stop,
                            const struct surety_error *why, int64_t wall_ms,
                            struct surety_result *ret_result, struct surety_error *err)
{
    struct surety_result result = {.stop = stop, .usage = plan->usage};
    arena_init(&result.arena, PLAN_BYTES_MAX);
    if (why)
        result.error = *why;
    result.usage.wall_ms = wall_ms;
    enum surety_err code = fill(plan, &result);
    if (code) {
        arena_fini(&result.arena);
        return surety_fail(err, code, "no memory for the result, or it needs more than %zu MiB",
                           PLAN_BYTES_MAX >> 20);
    }
    *ret_result = result;
    return SURETY_OK;
}
