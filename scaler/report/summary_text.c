/*
 * The table for people. What is wrong with a table as a whole stands before it; a figure that the
 * results cannot carry (an interval over few problems, tokens that nobody counted) is left out.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/plain.h"
#include "scaler/report/render.h"
#include "scaler/report/table.h"
#include <surety/settings.h>

#define NARROW 72 /* columns; below, rows are without their notes */

typedef unsigned long long count;

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* ---- the head ---- */

/* Of so many answers it is told that they fail by no more than a unit: one in a hundred. */
static bool many_compatible(const struct table *t)
{
    return t->compatible && 100 * t->compatible >= t->asked;
}

static void draw_head(struct render *r, const struct table *t, const struct summary_origin *o)
{
    size_t before = r->text.len;
    if (o->done < o->lines)
        render_say(r, 0,
                   "Partial: this is of %zu of %zu problems; the other %zu are not in it, and may "
                   "well be the harder ones.",
                   o->done, o->lines, o->lines - o->done);
    if (2 * t->undecided > t->n)
        render_say(
            r, 0,
            "Of most problems (%llu of %zu) it could not be decided whether the answer is the "
            "gold one, which counts as wrong: the figures below say little. Are the gold "
            "answers bare (\"18\", \"x = 3\"), and not solutions or sentences?",
            (count)t->undecided, t->n);
    else if (t->undecided)
        render_say(r, 0, "%llu undecided (counted as wrong).", (count)t->undecided);
    if (t->lenient && t->compatible)
        render_say(r, 0,
                   "Of the right answers %llu are equal but for a unit, a rounding or the like "
                   "(--lenient).",
                   (count)t->compatible);
    else if (many_compatible(t))
        render_say(
            r, 0,
            "%llu more are equal but for a unit, a rounding or the like, and count as wrong: "
            "with these answers pass@1 is %.1f %%.",
            (count)t->compatible,
            100 * t->pass_at_1.value + 100 * (double)t->compatible / (double)t->asked);
    if (r->text.len > before)
        buf_putc(&r->text, '\n');
}

/* ---- accuracy ---- */

static void row(struct render *r, const char *name, uint32_t k, struct stats_interval i,
                const char *note)
{
    char label[32];
    snprintf(label, sizeof label, "%s@%u", name, k);
    buf_printf(&r->text, "  %-10s %7.1f %%    %5.1f to %5.1f", label, 100 * i.value, 100 * i.low,
               100 * i.high);
    if (r->columns >= NARROW && note)
        buf_printf(&r->text, "   %s", note);
    buf_putc(&r->text, '\n');
}

static void paired_row(struct render *r, const struct stats_paired *p)
{
    char range[48];
    stats_paired_range(p, range);
    buf_printf(&r->text, "  CLR - Cons %+7.1f", stats_points(p->difference.value));
    buf_puts(&r->text, r->wrap && r->columns < 56 ? "\n    " : p->few ? "  " : "      ");
    buf_puts(&r->text, range);
    buf_puts(&r->text, r->wrap && r->columns < 84 ? "\n    " : "   ");
    buf_printf(&r->text, "rescue %llu, harm %llu, p = %.2g\n", (count)p->rescue, (count)p->harm,
               p->p);
}

/* Means over few problems: their interval is that of the sum of shares. */
static struct stats_interval pass_at_1(const struct table *t)
{
    return t->n < STATS_FEW ? stats_wilson(t->pass_at_1.value * (double)t->n, t->n) : t->pass_at_1;
}

/* What there is to gain at all, before what was gained. */
static void draw_room(struct render *r, const struct table *t)
{
    if (t->stop)
        render_say(
            r, 0,
            "Under --stop %s, Cons, CLR and pass@K are of the K used: %.1f samples a problem, of "
            "at most %u.",
            surety_stopping_name(t->stop), t->used, t->k);
    render_say(r, 0, "pass@%u - Cons@%u is %+.1f: re-ranking can gain at most this.", t->k, t->k,
               stats_points(t->pass_at_k.value - t->cons.value));
}

static void draw_rows(struct render *r, const struct table *t)
{
    char mean[64];
    if (t->k > 1)
        draw_room(r, t);
    snprintf(mean, sizeof mean, "mean over all %u samples", t->k);
    buf_printf(&r->text, "  %-10s %9s    %s\n", "", "right", "95 % interval");
    row(r, "pass", 1, pass_at_1(t), t->k > 1 ? mean : "one sample: nothing to vote on");
    if (t->k == 1)
        return;
    row(r, "Cons", t->k, t->cons, NULL);
    row(r, "CLR", t->k, t->clr, NULL);
    row(r, "pass", t->k, t->pass_at_k, NULL);
    paired_row(r, &t->same_samples);
    render_say(r, 0,
               "CLR and Cons are held against each other on the same samples of %zu problem%s, "
               "paired by problem.",
               t->n, plural(t->n));
    render_say(r, 0,
               "Differences are in points; 'rescue' counts problems that only CLR has right, "
               "'harm' those that only Cons has.");
}

static void draw_curve(struct render *r, const struct table *t)
{
    bool tokens = t->tokens && r->columns >= 60;
    buf_printf(&r->text, "\n  %5s %8s %8s %8s %10s", "k", "Cons", "CLR", "pass", "calls");
    if (tokens)
        buf_printf(&r->text, " %12s", "tokens");
    for (size_t i = 0; i < t->n_curve; i++) {
        const struct prefix *c = &t->curve[i];
        buf_printf(&r->text, "\n  %5u %6.1f %% %6.1f %% %6.1f %% %10.1f", c->k, 100 * c->cons,
                   100 * c->clr, 100 * c->pass, c->clr_cost[COST_CALLS]);
        if (tokens)
            buf_printf(&r->text, " %12.1f", c->clr_cost[COST_TOKENS]);
    }
    buf_putc(&r->text, '\n');
    render_say(
        r, 0,
        "From the first k samples of each problem: k = 1 is the first alone, pass@1 above the "
        "mean over all.");
    render_say(r, 0, "Calls%s of CLR@k, a problem.", tokens ? " and tokens made" : "");
}

static void draw_equal(struct render *r, const struct table *t, enum cost cost, const char *what)
{
    const struct equal_cost *e = &t->equal[cost];
    if (!e->known) {
        render_say(r, 0, "At equal %s: the samples do not pay for claims at any k.", what);
        return;
    }
    render_say(r, 0, "At equal %s: CLR@%u (%.1f a problem) against Cons@%u (%.1f):", what, e->clr.k,
               e->clr.clr_cost[cost], e->cons.k, e->cons.cons_cost[cost]);
    paired_row(r, &e->paired);
}

static void control_row(struct render *r, const char *name, double value, const char *what)
{
    if (!isfinite(value))
        return;
    buf_printf(&r->text, "  %-14s %7.1f %%", name, 100 * value);
    if (r->columns >= NARROW)
        buf_printf(&r->text, "    %s", what);
    buf_putc(&r->text, '\n');
}

static void draw_controls(struct render *r, const struct table *t)
{
    const struct controls *c = &t->controls;
    const struct stats_interval *moved = &c->permuted_minus_cons;
    buf_puts(&r->text, "Controls on the same samples:\n");
    control_row(r, "permuted", c->permuted, "r dealt anew: about Cons (near ties may flip)");
    buf_printf(&r->text, "  %-14s %+7.1f      ", "  minus Cons", stats_points(moved->value));
    if (t->n < STATS_FEW)
        buf_puts(&r->text, "too few to tell\n");
    else
        buf_printf(&r->text, "%+5.1f to %+5.1f\n", stats_points(moved->low),
                   stats_points(moved->high));
    control_row(r, "perfect", c->perfect, "a verifier that knows who is right");
    control_row(r, "best of N", c->best_of_n, "the one solution with the highest r");
    control_row(r, "shorter", c->shorter, "1 / tokens as the weight");
    control_row(r, "longer", c->longer, "tokens as the weight");
    control_row(r, "without last", c->without_last, "each solution's last claim left out");
    buf_putc(&r->text, '\n');
}

static void draw_accuracy(struct render *r, const struct table *t)
{
    draw_rows(r, t);
    if (t->k > 1) { /* of one sample, all of these are that sample */
        draw_curve(r, t);
        buf_putc(&r->text, '\n');
        draw_equal(r, t, COST_CALLS, "calls");
        if (t->tokens)
            draw_equal(r, t, COST_TOKENS, "tokens");
    }
    if (isfinite(t->aurc_mass))
        render_say(r, 0,
                   "Area under risk over coverage, by share %.4f, by surviving mass %.4f (%zu "
                   "problems that have them; less is better).",
                   t->aurc_share, t->aurc_mass, t->n_aurc);
    buf_putc(&r->text, '\n');
    if (t->k > 1)
        draw_controls(r, t);
}

/* ---- the foot ---- */

static void draw_counts(struct render *r, const struct table *t)
{
    char gold[64] = "", failed[48] = "", finished[64] = "", duplicates[48] = "";
    if (t->results != t->n)
        snprintf(gold, sizeof gold, " (%zu with a gold answer)", t->n);
    if (t->failed)
        snprintf(failed, sizeof failed, ", %llu failed", (count)t->failed);
    if (isfinite(t->finished))
        plain_print(finished, sizeof finished, ", %.1f %% of the trajectories finished",
                    100 * t->finished);
    if (t->duplicates)
        snprintf(duplicates, sizeof duplicates, ", %llu duplicates", (count)t->duplicates);
    render_say(r, 0, "%zu result%s%s, %llu without an answer%s%s%s.", t->results,
               plural(t->results), gold, (count)t->unanswered, failed, finished, duplicates);
}

static void draw_cost(struct render *r, const struct table *t, const struct summary_origin *o)
{
    char tokens[80] = "", whose[64] = "";
    if (t->tokens)
        snprintf(tokens, sizeof tokens, " %llu tokens made (%llu of them to verify),",
                 (count)t->tokens, (count)t->verify_tokens);
    if (o->before)
        snprintf(whose, sizeof whose, " for the %zu of this run", t->results - o->before);
    render_say(r, 0, "%llu calls,%s %.1f s%s.", (count)t->calls, tokens, t->seconds, whose);
    if (t->recorded && !t->calls)
        render_say(r, 0,
                   "The samples were recorded, so nothing was called: a table counts a call for "
                   "each%s.",
                   t->free_verdicts ? ", and nothing for recorded verdicts" : "");
}

enum surety_err summary_print(struct summary *s, FILE *out)
{
    struct table t;
    struct render r;
    enum surety_err code = summary_table(s, &t);
    if (code)
        return code;
    render_init(&r, out);
    draw_head(&r, &t, &s->origin);
    if (t.n)
        draw_accuracy(&r, &t);
    else
        buf_puts(&r.text, "No gold answers: nothing to compare with.\n");
    if (t.planted)
        render_say(&r, 0,
                   "Of %llu planted false claims the verifier refuted %.1f %%, of the claims as "
                   "they were %.1f %%; for %llu results it is uninformative, and their answer is "
                   "the majority.",
                   (count)t.planted, 100 * t.refuted_false / (double)t.planted,
                   100 * t.refuted_true / (double)t.planted, (count)t.uninformative);
    if (t.little_stands)
        render_say(&r, 0,
                   "Behind the highest score of %llu result%s less stands than the profile wants: "
                   "their answer is the majority.",
                   (count)t.little_stands, plural(t.little_stands));
    draw_counts(&r, &t);
    draw_cost(&r, &t, &s->origin);
    code = r.text.failed ? SURETY_ERR_NOMEM : SURETY_OK;
    if (!code)
        fwrite(r.text.data, 1, r.text.len, out);
    render_fini(&r);
    return code ? code : fflush(out) || ferror(out) ? SURETY_ERR_IO : SURETY_OK;
}
