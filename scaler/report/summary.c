/*
 * What is kept of a problem is a point for each trajectory, in index order; every number of the
 * table is computed from these at the end.
 */
#include "scaler/report/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "claims/math/equal.h"
#include "claims/plan/plan.h"
#include "scaler/report/table.h"
#include <surety/settings.h>

struct summary *summary_create(void)
{
    struct summary *s = calloc(1, sizeof *s);
    if (s)
        s->seconds = NAN;
    return s;
}

static void problem_fini(struct problem *p)
{
    free(p->id);
    free(p->points);
}

void summary_free(struct summary *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        problem_fini(&s->problems[i]);
    free(s->problems);
    free(s);
}

void summary_set_seconds(struct summary *s, double seconds)
{
    s->seconds = seconds;
}

void summary_set_origin(struct summary *s, const struct summary_origin *origin)
{
    s->origin = *origin;
}

void summary_set_lenient(struct summary *s)
{
    s->lenient = true;
}

/* ---- taking a result ---- */

/* A set of hashes, open-addressed, made large enough at once. 0 stands for empty. */
struct hash_set {
    uint64_t *hashes;
    size_t size;
};

static bool hash_set_init(struct hash_set *set, size_t n)
{
    set->size = 16;
    while (set->size < 2 * n)
        set->size *= 2;
    set->hashes = calloc(set->size, sizeof *set->hashes);
    return set->hashes;
}

/* True when the hash was not there before. */
static bool hash_set_add(struct hash_set *set, uint64_t hash)
{
    hash |= 1;
    size_t i = (hash >> 1) & (set->size - 1);
    for (; set->hashes[i]; i = (i + 1) & (set->size - 1))
        if (set->hashes[i] == hash)
            return false;
    set->hashes[i] = hash;
    return true;
}

/* How many verifications this trajectory needs that none before it did. */
static uint32_t new_verifications(const struct surety_trajectory *t,
                                  const struct surety_settings *settings, struct hash_set *seen)
{
    uint64_t keys[SURETY_M_MAX];
    uint32_t fresh = 0;
    size_t n = plan_questions(settings, t, keys);
    for (size_t i = 0; i < n; i++)
        fresh += hash_set_add(seen, keys[i]);
    return fresh;
}

/* Verdicts with a say in a run that asked for none. */
static bool has_free_verdicts(const struct surety_result *r)
{
    unsigned signals = r->run.settings.signals & surety_verify_signals();
    if (r->run.settings.verify != SURETY_VERIFY_NONE)
        return false;
    for (size_t i = 0; i < r->n_trajectories; i++)
        for (size_t c = 0; c < r->trajectories[i].n_claims; c++) {
            const struct surety_claim *claim = &r->trajectories[i].claims[c];
#define X(NAME, name, bit, words) || ((signals & (bit)) && !isnan(claim->name))
            if (false SURETY_SIGNAL_TABLE(X))
                return true;
#undef X
        }
    return false;
}

static void set_groups(struct problem *p, const struct surety_result *r)
{
    for (size_t g = 0; g < r->n_groups; g++) {
        size_t at = 0; /* members ascend, and so do the points */
        for (uint32_t m = 0; m < r->groups[g].count; m++) {
            while (at < p->n && p->points[at].index < r->groups[g].members[m])
                at++;
            if (at < p->n && p->points[at].index == r->groups[g].members[m])
                p->points[at].group = (uint32_t)g;
        }
    }
    p->n_groups = r->n_groups;
}

/* Fills the points; false without memory. */
static bool set_points(struct problem *p, const struct surety_result *r)
{
    struct hash_set claims = {0}, texts = {0};
    bool done = false;
    size_t n_claims = 0;
    struct vote *without_last = calloc(r->n_trajectories + 1, sizeof *without_last);

    for (size_t i = 0; i < r->n_trajectories; i++)
        n_claims += r->trajectories[i].n_claims;
    p->n = r->n_trajectories;
    p->points = calloc(p->n ? p->n : 1, sizeof *p->points);
    if (!p->points || !without_last || summary_without_last(r, without_last) ||
        !hash_set_init(&claims, n_claims) || !hash_set_init(&texts, p->n))
        goto out;
    for (size_t i = 0; i < p->n; i++) {
        const struct surety_trajectory *t = &r->trajectories[i];
        p->points[i] = (struct point){
            .vote = {t->r, score_standing_of(t)},
            .without_last = without_last[i],
            .index = t->index,
            .group = EQUAL_NO_GROUP,
            .tokens = t->tokens,
            .verifications = new_verifications(t, &r->run.settings, &claims),
            .right = t->correct == 1,
        };
        p->compatible += t->compatible;
        p->samples += t->finish != SURETY_FINISH_ERROR;
        p->finished += t->finish == SURETY_FINISH_STOP;
        if (t->text) {
            p->has_texts = true;
            p->duplicates += !hash_set_add(&texts, hash_text(0, t->text));
        }
        p->verifications += p->points[i].verifications;
    }
    p->verify_calls = r->usage.calls > p->samples ? r->usage.calls - p->samples : 0;
    set_groups(p, r);
    done = true;
out:
    free(claims.hashes);
    free(texts.hashes);
    free(without_last);
    return done;
}

enum surety_err summary_add(struct summary *s, const struct surety_result *r)
{
    if (s->n == s->size) {
        size_t size = s->size ? s->size * 2 : 64;
        struct problem *grown = realloc(s->problems, size * sizeof *grown);
        if (!grown)
            return SURETY_ERR_NOMEM;
        s->problems = grown;
        s->size = size;
    }
    struct problem p = {
        .id = strdup(r->id ? r->id : ""),
        .graded = r->correct.known,
        .rank = r->rank,
        .answered = r->answer != NULL,
        .failed = r->stop == SURETY_STOP_FAILED,
        .free_verdicts = has_free_verdicts(r),
        .clr = r->correct.clr,
        .cons = r->correct.cons,
        .pass_at_k = r->correct.pass_at_k,
        .pass_at_1 = r->correct.pass_at_1,
        .share = r->reliability,
        .mass = r->mass,
        .stop = r->run.settings.stop,
        .least_standing = r->run.least_standing,
        .little_stands = r->verifier.little_stands,
        .seed = r->run.settings.seed,
        .recorded = r->run.repro && strcmp(r->run.repro, "recorded") == 0,
        .k = r->stop == SURETY_STOP_EARLY ? (uint32_t)r->n_trajectories : r->run.settings.k,
        .usage = r->usage,
        .planted = r->verifier.n_controls,
        .uninformative = r->verifier.uninformative,
    };
    if (p.planted) {
        p.refuted_true = r->verifier.refuted_true * p.planted;
        p.refuted_false = r->verifier.refuted_false * p.planted;
    }
    if (!p.id || !set_points(&p, r)) {
        problem_fini(&p);
        return SURETY_ERR_NOMEM;
    }
    if (p.k < p.n) /* a result that does not say its K */
        p.k = (uint32_t)p.n;
    uint32_t most = r->stop == SURETY_STOP_EARLY ? r->run.settings.k : p.k;
    s->k = most > s->k ? most : s->k;
    s->m = r->run.settings.m > s->m ? r->run.settings.m : s->m;
    s->problems[s->n++] = p;
    return SURETY_OK;
}

/* ---- the table ---- */

/* What a share and a mass tell of who is right. */
static enum surety_err fill_risk(const struct summary *s, struct table *t)
{
    struct stats_bet *by_share = calloc(2 * s->n + 1, sizeof *by_share), *by_mass = by_share + s->n;
    if (!by_share)
        return SURETY_ERR_NOMEM;
    for (size_t i = 0; i < s->n; i++) {
        const struct problem *p = &s->problems[i];
        if (!p->graded || isnan(p->share) || isnan(p->mass))
            continue;
        by_share[t->n_aurc] = (struct stats_bet){p->share, p->clr != 1};
        by_mass[t->n_aurc++] = (struct stats_bet){p->mass, p->clr != 1};
    }
    t->aurc_share = stats_aurc(by_share, t->n_aurc);
    t->aurc_mass = stats_aurc(by_mass, t->n_aurc);
    free(by_share);
    return SURETY_OK;
}

static enum surety_err fill_graded(const struct summary *s, struct table *t)
{
    size_t n = 0;
    double *clr = calloc(3 * t->n, sizeof *clr);
    if (!clr)
        return SURETY_ERR_NOMEM;
    double *cons = clr + t->n, *pass_at_1 = cons + t->n;
    uint64_t clr_right = 0, cons_right = 0, any_right = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct problem *p = &s->problems[i];
        if (!p->graded)
            continue;
        clr[n] = p->clr == 1;
        cons[n] = p->cons == 1;
        pass_at_1[n++] = p->pass_at_1;
        clr_right += p->clr == 1;
        cons_right += p->cons == 1;
        any_right += p->pass_at_k == 1;
        t->undecided += p->clr < 0;
    }
    t->cons = stats_wilson(cons_right, n);
    t->clr = stats_wilson(clr_right, n);
    t->pass_at_k = stats_wilson(any_right, n);
    enum surety_err code = stats_paired(clr, cons, n, &t->same_samples);
    t->pass_at_1 = stats_bootstrap(pass_at_1, n);
    if (!code)
        code = fill_risk(s, t);
    free(clr);
    if (!code)
        code = summary_curve(s, t);
    return code ? code : summary_controls(s, t);
}

enum surety_err summary_table(const struct summary *s, struct table *t)
{
    const struct stats_interval none = {NAN, NAN, NAN};
    double asked = 0, finished = 0, milliseconds = 0;

    *t = (struct table){.results = s->n, .k = s->k, .m = s->m, .lenient = s->lenient};
    t->pass_at_1 = t->cons = t->clr = t->pass_at_k = t->same_samples.difference = none;
    t->same_samples.p = t->aurc_share = t->aurc_mass = NAN;
    for (size_t i = 0; i < s->n; i++) {
        const struct problem *p = &s->problems[i];
        t->n += p->graded;
        t->asked += p->graded ? p->k : 0;
        t->compatible += p->graded ? p->compatible : 0;
        t->unanswered += !p->answered;
        t->failed += p->failed;
        t->recorded += p->recorded;
        t->free_verdicts += p->free_verdicts;
        t->duplicates += p->duplicates;
        t->has_texts |= p->has_texts;
        t->tokens += p->usage.completion_tokens + p->usage.verify_tokens;
        t->verify_tokens += p->usage.verify_tokens;
        t->prompt_tokens += p->usage.prompt_tokens;
        t->calls += p->usage.calls;
        t->planted += p->planted;
        t->refuted_true += p->refuted_true;
        t->refuted_false += p->refuted_false;
        t->uninformative += p->uninformative;
        t->little_stands += p->little_stands;
        t->stop = p->stop ? p->stop : t->stop;
        t->used += (double)p->n / (double)s->n;
        milliseconds += (double)p->usage.wall_ms;
        asked += p->k;
        finished += p->finished;
    }
    t->finished = asked > 0 ? finished / asked : NAN;
    t->seconds = isnan(s->seconds) ? milliseconds / 1000 : s->seconds;
    return t->n ? fill_graded(s, t) : SURETY_OK;
}
