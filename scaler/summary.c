/*
 * What is kept of a problem is a point for each trajectory, in index order; every number of the
 * table is computed from these at the end. A prefix of a problem is selected from by the very
 * function that selected the result's answer (score_select), so the curve ends where the result is.
 */
#include "scaler/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "claims/equal.h"
#include "claims/quantity.h"
#include "claims/score.h"
#include "scaler/summary_internal.h"

struct summary *summary_create(void)
{
    struct summary *s = calloc(1, sizeof *s);
    if (s)
        s->seconds = NAN;
    return s;
}

void summary_free(struct summary *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        free(s->problems[i].points);
    free(s->problems);
    free(s);
}

void summary_set_seconds(struct summary *s, double seconds)
{
    s->seconds = seconds;
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

static bool was_asked(const struct surety_claim *claim)
{
    return !isnan(claim->self) || !isnan(claim->blind) || claim->verdict == SURETY_VERDICT_UNPARSED;
}

/* What equal questions about a claim have in common. */
static uint64_t question_of(const char *claim, enum surety_verify how)
{
    struct quantity quantity;
    if (how == SURETY_VERIFY_BLIND && quantity_read(claim, &quantity))
        return quantity_key(claim, &quantity);
    return hash_text(0, claim);
}

/* How many verifications this trajectory needs that none before it did. */
static uint32_t new_verifications(const struct surety_trajectory *t, enum surety_verify how,
                                  struct hash_set *seen)
{
    uint32_t asked = 0, fresh = 0;
    for (size_t c = 0; c < t->n_claims; c++)
        if (was_asked(&t->claims[c])) {
            asked++;
            fresh += hash_set_add(seen, question_of(t->claims[c].text, how));
        }
    return how == SURETY_VERIFY_JOINT ? asked > 0 : fresh;
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
    size_t n_claims = 0, n_samples = 0;

    for (size_t i = 0; i < r->n_trajectories; i++)
        n_claims += r->trajectories[i].n_claims;
    p->n = r->n_trajectories;
    p->points = calloc(p->n ? p->n : 1, sizeof *p->points);
    if (!p->points || !hash_set_init(&claims, n_claims) || !hash_set_init(&texts, p->n))
        goto out;
    for (size_t i = 0; i < p->n; i++) {
        const struct surety_trajectory *t = &r->trajectories[i];
        p->points[i] = (struct point){
            .r = t->r,
            .index = t->index,
            .group = EQUAL_NO_GROUP,
            .tokens = t->tokens,
            .verifications = new_verifications(t, r->run.settings.verify, &claims),
            .right = t->correct == 1,
        };
        n_samples += t->finish != SURETY_FINISH_ERROR;
        p->finished += t->finish == SURETY_FINISH_STOP;
        if (t->text) {
            p->has_texts = true;
            p->duplicates += !hash_set_add(&texts, hash_text(0, t->text));
        }
        p->verifications += p->points[i].verifications;
    }
    p->verify_calls = r->usage.calls > n_samples ? r->usage.calls - n_samples : 0;
    set_groups(p, r);
    done = true;
out:
    free(claims.hashes);
    free(texts.hashes);
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
        .graded = r->correct.known,
        .rank = r->rank,
        .answered = r->answer != NULL,
        .failed = r->stop == SURETY_STOP_FAILED,
        .clr = r->correct.clr,
        .cons = r->correct.cons,
        .pass_at_k = r->correct.pass_at_k,
        .pass_at_1 = r->correct.pass_at_1,
        .k = r->run.settings.k,
        .usage = r->usage,
    };
    if (!set_points(&p, r)) {
        free(p.points);
        return SURETY_ERR_NOMEM;
    }
    if (p.k < p.n) /* a result that does not say its K */
        p.k = (uint32_t)p.n;
    s->k = p.k > s->k ? p.k : s->k;
    s->m = r->run.settings.m > s->m ? r->run.settings.m : s->m;
    s->problems[s->n++] = p;
    return SURETY_OK;
}

/* ---- prefixes ---- */

/* The first k trajectories of a problem: what they cost, and what comes out. */
struct prefix {
    bool clr, cons;
    double calls, tokens; /* of the samples */
    double verify_calls, verify_tokens;
};

/* Answers are labels that name the trajectory's position, so the choice leads back to it. */
struct label {
    char text[8];
};

static bool right_by_label(const struct problem *p, const char *label)
{
    return label && p->points[strtoul(label, NULL, 10)].right;
}

static enum surety_err take_prefix(const struct problem *p, uint32_t k, struct prefix *ret)
{
    struct surety_result result = {0};
    size_t n = 0;
    uint64_t verifications = 0;

    *ret = (struct prefix){0};
    while (n < p->n && p->points[n].index < k) {
        ret->calls++;
        ret->tokens += p->points[n].tokens;
        verifications += p->points[n].verifications;
        n++;
    }
    if (p->verifications) {
        double share = (double)verifications / (double)p->verifications;
        ret->verify_calls = share * (double)p->verify_calls;
        ret->verify_tokens = share * (double)p->usage.verify_tokens;
    }
    arena_init(&result.arena, 64u << 20);
    struct label *labels = ARENA_ARRAY(&result.arena, struct label, n);
    uint32_t *group = ARENA_ARRAY(&result.arena, uint32_t, n);
    result.trajectories = ARENA_ARRAY(&result.arena, struct surety_trajectory, n);
    enum surety_err code = SURETY_ERR_NOMEM;
    if (labels && group && result.trajectories) {
        result.n_trajectories = n;
        for (size_t i = 0; i < n; i++) {
            snprintf(labels[i].text, sizeof labels[i].text, "%u", (unsigned)i % 10000);
            result.trajectories[i] = (struct surety_trajectory){
                .index = p->points[i].index, .answer = labels[i].text, .r = p->points[i].r};
            group[i] = p->points[i].group;
        }
        code = score_select(&result, group, p->n_groups, p->rank ? SIZE_MAX : 0);
    }
    if (!code) {
        ret->clr = right_by_label(p, result.answer);
        ret->cons = right_by_label(p, result.cons);
    }
    arena_fini(&result.arena);
    return code;
}

/* Means over the graded problems for their first k trajectories; right[i] for each of them. */
static enum surety_err take_prefixes(const struct summary *s, uint32_t k, struct curve_point *ret,
                                     bool *clr, bool *cons)
{
    size_t n = 0;
    *ret = (struct curve_point){.k = k};
    for (size_t i = 0; i < s->n; i++) {
        if (!s->problems[i].graded)
            continue;
        struct prefix prefix;
        enum surety_err code = take_prefix(&s->problems[i], k, &prefix);
        if (code)
            return code;
        clr[n] = prefix.clr;
        cons[n++] = prefix.cons;
        ret->clr += prefix.clr;
        ret->cons += prefix.cons;
        ret->cons_calls += prefix.calls;
        ret->cons_tokens += prefix.tokens;
        ret->calls += prefix.calls + prefix.verify_calls;
        ret->tokens += prefix.tokens + prefix.verify_tokens;
    }
    ret->clr /= (double)n;
    ret->cons /= (double)n;
    ret->cons_calls /= (double)n;
    ret->cons_tokens /= (double)n;
    ret->calls /= (double)n;
    ret->tokens /= (double)n;
    return SURETY_OK;
}

/* ---- comparisons ---- */

static enum surety_err compare(const bool *clr, const bool *cons, size_t n, struct paired *ret)
{
    double *differences = calloc(n ? n : 1, sizeof *differences);
    if (!differences)
        return SURETY_ERR_NOMEM;
    *ret = (struct paired){0};
    for (size_t i = 0; i < n; i++) {
        differences[i] = clr[i] - cons[i];
        ret->rescue += clr[i] && !cons[i];
        ret->harm += cons[i] && !clr[i];
    }
    ret->difference = stats_bootstrap(differences, n);
    ret->p = n ? stats_mcnemar(ret->rescue, ret->harm) : NAN;
    free(differences);
    return SURETY_OK;
}

/* CLR at the largest k of the curve that all the samples can pay for, against Cons at the smallest
 * k' that costs as much. */
static enum surety_err compare_at_cost(const struct summary *s, bool by_tokens, bool *clr,
                                       bool *cons, struct table *t, struct equal_cost *ret)
{
    struct curve_point at;
    const struct curve_point *all = &t->curve[t->n_curve - 1], *best = NULL;
    for (size_t i = 0; i < t->n_curve; i++)
        if (by_tokens ? t->curve[i].tokens <= all->cons_tokens
                      : t->curve[i].calls <= all->cons_calls)
            best = &t->curve[i];
    *ret = (struct equal_cost){0};
    if (!best)
        return SURETY_OK;
    bool *ignored = t->scratch;
    uint32_t low = best->k, high = all->k; /* the cost grows with k: bisect */
    enum surety_err code = SURETY_OK;
    while (!code && low < high) {
        uint32_t middle = low + (high - low) / 2;
        code = take_prefixes(s, middle, &at, ignored, ignored);
        if (by_tokens ? at.cons_tokens >= best->tokens : at.cons_calls >= best->calls)
            high = middle;
        else
            low = middle + 1;
    }
    if (!code)
        code = take_prefixes(s, low, &at, ignored, cons);
    struct curve_point again;
    if (!code)
        code = take_prefixes(s, best->k, &again, clr, ignored);
    if (!code)
        code = compare(clr, cons, t->n, &ret->paired);
    ret->known = true;
    ret->clr = *best;
    ret->cons = at;
    return code;
}

/* ---- the table ---- */

static enum surety_err fill_curve(const struct summary *s, bool *clr, bool *cons, struct table *t)
{
    for (uint32_t k = 1; t->n_curve < TABLE_CURVE_MAX; k = 2 * k < s->k ? 2 * k : s->k) {
        enum surety_err code = take_prefixes(s, k, &t->curve[t->n_curve++], clr, cons);
        if (code || k >= s->k)
            return code;
    }
    return SURETY_OK;
}

static enum surety_err fill_graded(const struct summary *s, struct table *t)
{
    size_t n = 0;
    bool *clr = calloc(3 * t->n, sizeof *clr), *cons = clr + t->n;
    double *pass_at_1 = calloc(t->n, sizeof *pass_at_1);
    enum surety_err code = SURETY_ERR_NOMEM;
    if (!clr || !pass_at_1)
        goto out;
    t->scratch = cons + t->n;
    code = fill_curve(s, clr, cons, t);
    if (!code)
        code = compare_at_cost(s, false, clr, cons, t, &t->equal_calls);
    if (!code)
        code = compare_at_cost(s, true, clr, cons, t, &t->equal_tokens);
    if (code)
        goto out;
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
    t->pass_at_1 = stats_bootstrap(pass_at_1, n);
    t->cons = stats_wilson(cons_right, n);
    t->clr = stats_wilson(clr_right, n);
    t->pass_at_k = stats_wilson(any_right, n);
    code = compare(clr, cons, n, &t->same_samples);
out:
    t->scratch = NULL;
    free(clr);
    free(pass_at_1);
    return code;
}

enum surety_err summary_table(const struct summary *s, struct table *t)
{
    const struct stats_interval none = {NAN, NAN, NAN};
    double asked = 0, finished = 0, milliseconds = 0;

    *t = (struct table){.results = s->n, .k = s->k, .m = s->m};
    t->pass_at_1 = t->cons = t->clr = t->pass_at_k = t->same_samples.difference = none;
    t->same_samples.p = NAN;
    for (size_t i = 0; i < s->n; i++) {
        const struct problem *p = &s->problems[i];
        t->n += p->graded;
        t->unanswered += !p->answered;
        t->failed += p->failed;
        t->duplicates += p->duplicates;
        t->has_texts |= p->has_texts;
        t->tokens += p->usage.completion_tokens + p->usage.verify_tokens;
        t->verify_tokens += p->usage.verify_tokens;
        t->prompt_tokens += p->usage.prompt_tokens;
        t->calls += p->usage.calls;
        milliseconds += (double)p->usage.wall_ms;
        asked += p->k;
        finished += p->finished;
    }
    t->finished = asked > 0 ? finished / asked : NAN;
    t->seconds = isnan(s->seconds) ? milliseconds / 1000 : s->seconds;
    return t->n ? fill_graded(s, t) : SURETY_OK;
}
