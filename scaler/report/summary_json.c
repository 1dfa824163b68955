#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scaler/report/table.h"

/* ---- JSON ---- */

/* Twelve digits: sums over the problems differ beyond them by the order in which results came. */
static json_t *number(double value)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.12g", value);
    return isfinite(value) ? json_real(strtod(digits, NULL)) : json_null();
}

static json_t *interval(struct stats_interval i)
{
    return json_pack("{s:o,s:o,s:o}", "value", number(i.value), "low", number(i.low), "high",
                     number(i.high));
}

static const char *const cost_names[COSTS] = {"calls", "tokens", "total_tokens", "computed_tokens"};

static json_t *paired(const struct stats_paired *p)
{
    json_t *difference = interval(p->difference);
    json_object_set_new(difference, "p", number(p->p));
    return difference;
}

/* "calls" for CLR, "cons_calls" for Cons, and so on. */
static void set_costs(json_t *object, const double *clr, const double *cons, int costs)
{
    for (int c = 0; c < costs; c++) {
        char key[32];
        snprintf(key, sizeof key, "cons_%s", cost_names[c]);
        json_object_set_new(object, cost_names[c], number(clr[c]));
        json_object_set_new(object, key, number(cons[c]));
    }
}

static json_t *equal_cost(const struct equal_cost *e, int costs)
{
    if (!e->known)
        return json_null();
    json_t *object = json_pack("{s:I,s:I,s:o,s:o,s:o,s:I,s:I}", "k", (json_int_t)e->clr.k, "cons_k",
                               (json_int_t)e->cons.k, "clr", number(e->clr.clr), "cons",
                               number(e->cons.cons), "clr_minus_cons", paired(&e->paired), "rescue",
                               (json_int_t)e->paired.rescue, "harm", (json_int_t)e->paired.harm);
    set_costs(object, e->clr.clr_cost, e->cons.cons_cost, costs);
    return object;
}

static json_t *curve(const struct table *t, int costs)
{
    json_t *points = json_array();
    for (size_t i = 0; i < t->n_curve; i++) {
        const struct prefix *c = &t->curve[i];
        json_t *point = json_pack("{s:I,s:o,s:o,s:o}", "k", (json_int_t)c->k, "cons",
                                  number(c->cons), "clr", number(c->clr), "pass", number(c->pass));
        set_costs(point, c->clr_cost, c->cons_cost, costs);
        if (json_array_append_new(points, point)) {
            json_decref(points);
            return NULL;
        }
    }
    return points;
}

static json_t *controls(const struct table *t)
{
    const struct controls *c = &t->controls;
    if (!t->n)
        return json_null();
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "permuted", number(c->permuted),
                     "permuted_minus_cons", interval(c->permuted_minus_cons), "perfect",
                     number(c->perfect), "best_of_n", number(c->best_of_n), "shorter",
                     number(c->shorter), "longer", number(c->longer), "without_last",
                     number(c->without_last));
}

static json_t *planted(const struct table *t)
{
    double n = (double)t->planted;
    if (!t->planted)
        return json_null();
    return json_pack("{s:I,s:o,s:o,s:I}", "n", (json_int_t)t->planted, "refuted_true",
                     number(t->refuted_true / n), "refuted_false", number(t->refuted_false / n),
                     "uninformative", (json_int_t)t->uninformative);
}

json_t *summary_to_json(struct summary *s, bool stable)
{
    struct table t;
    int costs = stable ? COST_COMPUTED : COSTS; /* what was cached differs between equal runs */
    if (summary_table(s, &t))
        return NULL;
    json_t *object = json_pack(
        "{s:I,s:I,s:I,s:I,s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:I,s:I,s:I,s:I,s:o,s:o,"
        "s:o,s:o}",
        "n", (json_int_t)t.n, "results", (json_int_t)t.results, "k", (json_int_t)t.k, "m",
        (json_int_t)t.m, "pass_at_1", interval(t.pass_at_1), "cons", interval(t.cons), "clr",
        interval(t.clr), "pass_at_k", interval(t.pass_at_k), "clr_minus_cons",
        paired(&t.same_samples), "rescue", (json_int_t)t.same_samples.rescue, "harm",
        (json_int_t)t.same_samples.harm, "unanswered", (json_int_t)t.unanswered, "undecided",
        (json_int_t)t.undecided, "failed", (json_int_t)t.failed, "finished_share",
        number(t.finished), "duplicates",
        t.has_texts ? json_integer((json_int_t)t.duplicates) : json_null(), "tokens",
        (json_int_t)t.tokens, "verify_tokens", (json_int_t)t.verify_tokens, "prompt_tokens",
        (json_int_t)t.prompt_tokens, "calls", (json_int_t)t.calls, "seconds", number(t.seconds),
        "curve", curve(&t, costs), "controls", controls(&t), "planted", planted(&t));
    for (int c = 0; c < costs; c++) {
        char key[32];
        snprintf(key, sizeof key, "equal_%s", cost_names[c]);
        json_object_set_new(object, key, equal_cost(&t.equal[c], costs));
    }
    if (stable)
        json_object_del(object, "seconds");
    return object;
}

/* ---- text ---- */

static void row(FILE *out, const char *name, struct stats_interval i)
{
    fprintf(out, "  %-10s %7.1f %%    %5.1f to %5.1f\n", name, 100 * i.value, 100 * i.low,
            100 * i.high);
}

static void paired_row(FILE *out, const char *name, const struct stats_paired *p)
{
    fprintf(out, "  %-10s %+7.1f      %+5.1f to %+5.1f   rescue %llu, harm %llu, p = %.2g\n", name,
            stats_points(p->difference.value), stats_points(p->difference.low),
            stats_points(p->difference.high), (unsigned long long)p->rescue,
            (unsigned long long)p->harm, p->p);
}

static void print_equal(FILE *out, const struct table *t, enum cost cost, const char *what)
{
    const struct equal_cost *e = &t->equal[cost];
    if (!e->known) {
        fprintf(out, "At equal %s: the samples do not pay for claims at any k.\n", what);
        return;
    }
    fprintf(out, "At equal %s: CLR@%u (%.1f a problem) against Cons@%u (%.1f):\n", what, e->clr.k,
            e->clr.clr_cost[cost], e->cons.k, e->cons.cons_cost[cost]);
    paired_row(out, "CLR - Cons", &e->paired);
}

static void control_row(FILE *out, const char *name, double value, const char *what)
{
    if (isfinite(value))
        fprintf(out, "  %-14s %7.1f %%    %s\n", name, 100 * value, what);
}

static void print_controls(FILE *out, const struct controls *c)
{
    fputs("Controls on the same samples:\n", out);
    control_row(out, "permuted", c->permuted,
                "the reliabilities dealt anew: about Cons (near ties may flip)");
    fprintf(out, "  %-14s %+7.1f      %+5.1f to %+5.1f\n", "  minus Cons",
            stats_points(c->permuted_minus_cons.value), stats_points(c->permuted_minus_cons.low),
            stats_points(c->permuted_minus_cons.high));
    control_row(out, "perfect", c->perfect, "a verifier that knows who is right");
    control_row(out, "best of N", c->best_of_n, "the one solution with the highest r");
    control_row(out, "shorter", c->shorter, "1 / tokens as the weight");
    control_row(out, "longer", c->longer, "tokens as the weight");
    control_row(out, "without last", c->without_last, "each solution's last claim left out");
    fputc('\n', out);
}

static void print_accuracy(FILE *out, const struct table *t)
{
    char cons[24], clr[24], pass[24];
    snprintf(cons, sizeof cons, "Cons@%u", t->k);
    snprintf(clr, sizeof clr, "CLR@%u", t->k);
    snprintf(pass, sizeof pass, "pass@%u", t->k);
    fprintf(out, "  %-10s %9s    %s\n", "", "right", "95 % interval");
    row(out, "pass@1", t->pass_at_1);
    row(out, cons, t->cons);
    row(out, clr, t->clr);
    row(out, pass, t->pass_at_k);
    paired_row(out, "CLR - Cons", &t->same_samples);
    fprintf(out,
            "CLR and Cons are held against each other on the same samples of %zu problem%s, paired "
            "by problem.\nDifferences are in points; 'rescue' counts problems that only CLR has "
            "right, 'harm' those that only Cons has.\n",
            t->n, t->n == 1 ? "" : "s");
    if (t->undecided)
        fprintf(out, "%llu undecided (counted as wrong).\n", (unsigned long long)t->undecided);
    fprintf(out, "\n  %5s %8s %8s %8s %10s %12s\n", "k", "Cons", "CLR", "pass", "calls", "tokens");
    for (size_t i = 0; i < t->n_curve; i++)
        fprintf(out, "  %5u %6.1f %% %6.1f %% %6.1f %% %10.1f %12.1f\n", t->curve[i].k,
                100 * t->curve[i].cons, 100 * t->curve[i].clr, 100 * t->curve[i].pass,
                t->curve[i].clr_cost[COST_CALLS], t->curve[i].clr_cost[COST_TOKENS]);
    fputs("Calls and tokens made of CLR@k, a problem.\n\n", out);
    print_equal(out, t, COST_CALLS, "calls");
    print_equal(out, t, COST_TOKENS, "tokens");
    fputc('\n', out);
    print_controls(out, &t->controls);
}

enum surety_err summary_print(struct summary *s, FILE *out)
{
    struct table t;
    enum surety_err code = summary_table(s, &t);
    if (code)
        return code;
    if (t.n)
        print_accuracy(out, &t);
    else
        fputs("No gold answers: nothing to compare with.\n", out);
    if (t.planted)
        fprintf(out,
                "Of %llu planted false claims the verifier refuted %.1f %%, of the claims as they "
                "were %.1f %%; for %llu results it is uninformative, and their answer is the "
                "majority.\n",
                (unsigned long long)t.planted, 100 * t.refuted_false / (double)t.planted,
                100 * t.refuted_true / (double)t.planted, (unsigned long long)t.uninformative);
    fprintf(out, "%zu result%s", t.results, t.results == 1 ? "" : "s");
    if (t.results != t.n)
        fprintf(out, " (%zu with a gold answer)", t.n);
    fprintf(out, ", %llu without an answer", (unsigned long long)t.unanswered);
    if (t.failed)
        fprintf(out, ", %llu failed", (unsigned long long)t.failed);
    if (isfinite(t.finished))
        fprintf(out, ", %.1f %% of the trajectories finished", 100 * t.finished);
    if (t.duplicates)
        fprintf(out, ", %llu duplicates", (unsigned long long)t.duplicates);
    fprintf(out, ".\n%llu calls, %llu tokens made (%llu of them to verify), %.1f s.\n",
            (unsigned long long)t.calls, (unsigned long long)t.tokens,
            (unsigned long long)t.verify_tokens, t.seconds);
    if (t.recorded && !t.calls)
        fprintf(out,
                "The samples were recorded, so nothing was called: a table counts a call for "
                "each%s.\n",
                t.free_verdicts ? ", and nothing for recorded verdicts" : "");
    return fflush(out) || ferror(out) ? SURETY_ERR_IO : SURETY_OK;
}
