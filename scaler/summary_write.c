#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scaler/summary_internal.h"

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

static json_t *equal_cost(const struct equal_cost *e)
{
    if (!e->known)
        return json_null();
    json_t *difference = interval(e->paired.difference);
    json_object_set_new(difference, "p", number(e->paired.p));
    return json_pack("{s:I,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:I}", "k", (json_int_t)e->clr.k,
                     "cons_k", (json_int_t)e->cons.k, "clr", number(e->clr.clr), "cons",
                     number(e->cons.cons), "calls", number(e->clr.calls), "cons_calls",
                     number(e->cons.cons_calls), "tokens", number(e->clr.tokens), "cons_tokens",
                     number(e->cons.cons_tokens), "clr_minus_cons", difference, "rescue",
                     (json_int_t)e->paired.rescue, "harm", (json_int_t)e->paired.harm);
}

static json_t *curve(const struct table *t)
{
    json_t *points = json_array();
    for (size_t i = 0; i < t->n_curve; i++) {
        const struct curve_point *c = &t->curve[i];
        json_t *point = json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o}", "k", (json_int_t)c->k, "cons",
                                  number(c->cons), "clr", number(c->clr), "calls", number(c->calls),
                                  "tokens", number(c->tokens), "cons_calls", number(c->cons_calls),
                                  "cons_tokens", number(c->cons_tokens));
        if (json_array_append_new(points, point)) {
            json_decref(points);
            return NULL;
        }
    }
    return points;
}

json_t *summary_to_json(struct summary *s, bool stable)
{
    struct table t;
    if (summary_table(s, &t))
        return NULL;
    json_t *difference = interval(t.same_samples.difference);
    json_object_set_new(difference, "p", number(t.same_samples.p));
    json_t *object = json_pack(
        "{s:I,s:I,s:I,s:I,s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:I,s:I,s:I,s:I,s:o,s:o,"
        "s:o,s:o}",
        "n", (json_int_t)t.n, "results", (json_int_t)t.results, "k", (json_int_t)t.k, "m",
        (json_int_t)t.m, "pass_at_1", interval(t.pass_at_1), "cons", interval(t.cons), "clr",
        interval(t.clr), "pass_at_k", interval(t.pass_at_k), "clr_minus_cons", difference, "rescue",
        (json_int_t)t.same_samples.rescue, "harm", (json_int_t)t.same_samples.harm, "unanswered",
        (json_int_t)t.unanswered, "undecided", (json_int_t)t.undecided, "failed",
        (json_int_t)t.failed, "finished_share", number(t.finished), "duplicates",
        t.has_texts ? json_integer((json_int_t)t.duplicates) : json_null(), "tokens",
        (json_int_t)t.tokens, "verify_tokens", (json_int_t)t.verify_tokens, "prompt_tokens",
        (json_int_t)t.prompt_tokens, "calls", (json_int_t)t.calls, "seconds", number(t.seconds),
        "curve", curve(&t), "equal_calls", equal_cost(&t.equal_calls), "equal_tokens",
        equal_cost(&t.equal_tokens));
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

static void paired_row(FILE *out, const char *name, const struct paired *p)
{
    fprintf(out, "  %-10s %+7.1f      %+5.1f to %+5.1f   rescue %llu, harm %llu, p = %.2g\n", name,
            100 * p->difference.value, 100 * p->difference.low, 100 * p->difference.high,
            (unsigned long long)p->rescue, (unsigned long long)p->harm, p->p);
}

static void print_equal(FILE *out, const char *what, const struct equal_cost *e, double clr,
                        double cons)
{
    if (!e->known) {
        fprintf(out, "At equal %s: the samples do not pay for claims at any k.\n", what);
        return;
    }
    fprintf(out, "At equal %s: CLR@%u (%.1f a problem) against Cons@%u (%.1f):\n", what, e->clr.k,
            clr, e->cons.k, cons);
    paired_row(out, "CLR - Cons", &e->paired);
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
    fprintf(out, "\n  %5s %8s %8s %10s %12s\n", "k", "Cons", "CLR", "calls", "tokens");
    for (size_t i = 0; i < t->n_curve; i++)
        fprintf(out, "  %5u %6.1f %% %6.1f %% %10.1f %12.1f\n", t->curve[i].k,
                100 * t->curve[i].cons, 100 * t->curve[i].clr, t->curve[i].calls,
                t->curve[i].tokens);
    fputs("Calls and tokens of CLR@k, a problem.\n\n", out);
    print_equal(out, "calls", &t->equal_calls, t->equal_calls.clr.calls,
                t->equal_calls.cons.cons_calls);
    print_equal(out, "tokens", &t->equal_tokens, t->equal_tokens.clr.tokens,
                t->equal_tokens.cons.cons_tokens);
    fputc('\n', out);
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
    return fflush(out) || ferror(out) ? SURETY_ERR_IO : SURETY_OK;
}
