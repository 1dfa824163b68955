/*
 * What was asked, and one solution with its claims marked where they stand in it. A claim's place
 * is told in bytes of the solution's text; places that overlap are marked once, and a claim without
 * a place is only listed.
 */
#include <stdlib.h>
#include <string.h>

#include "claims/read/gold.h"
#include "scaler/report/render.h"
#include <surety/settings.h>

void render_problem(struct render *r, const char *problem, const char *gold)
{
    if (problem) {
        render_text(r, problem, strlen(problem));
        buf_putc(&r->text, '\n');
    }
    if (gold) {
        buf_puts(&r->text, "Gold answer: ");
        render_line(r, gold_stated(gold), 500);
        buf_putc(&r->text, '\n');
    }
    if (problem || gold)
        buf_putc(&r->text, '\n');
}

const struct surety_trajectory *render_best(const struct surety_result *result)
{
    const struct surety_trajectory *best = NULL;
    for (size_t i = 0; i < result->n_trajectories; i++) {
        const struct surety_trajectory *t = &result->trajectories[i];
        bool behind = false;
        for (uint32_t m = 0; result->n_groups && m < result->groups[0].count; m++)
            behind |= result->groups[0].members[m] == t->index;
        if ((behind || !result->n_groups) && (!best || t->r > best->r))
            best = t;
    }
    return best;
}

/* ---- claims ---- */

static enum render_style style_of(const struct surety_claim *claim)
{
    return claim->verdict == SURETY_VERDICT_VALID     ? STYLE_GOOD
           : claim->verdict == SURETY_VERDICT_REFUTED ? STYLE_BAD
                                                      : STYLE_DIM;
}

/* "✓2": how claim number 2 was judged. */
static void draw_mark(struct render *r, const struct surety_claim *claim, size_t number)
{
    static const char *const marks[] = {"✓", "✗", "?", "-"}, *const plain[] = {"+", "x", "?", "-"};
    render_style(r, style_of(claim));
    buf_printf(&r->text, "%s%zu", r->unicode ? marks[claim->verdict] : plain[claim->verdict],
               number);
    render_style(r, STYLE_PLAIN);
}

static void list_claim(struct render *r, const struct surety_claim *claim, size_t number)
{
    static const char *const words[] = {"stands", "refuted", "the verdict could not be read",
                                        "unchecked"};
    buf_puts(&r->text, "  ");
    draw_mark(r, claim, number);
    buf_putc(&r->text, ' ');
    render_line(r, claim->text, r->columns > 12 ? r->columns - 8 : 4);
    buf_printf(&r->text, "\n     %s", words[claim->verdict]);
    if (claim->decided_by)
        buf_printf(&r->text, " (%s)", render_decider(claim));
    if (claim->reason && *claim->reason) {
        buf_puts(&r->text, ": ");
        render_line(r, claim->reason, r->columns > 90 ? r->columns - 40 : r->columns - 10);
    }
    buf_putc(&r->text, '\n');
}

static int by_place(const void *a, const void *b)
{
    const struct surety_claim *x = *(const struct surety_claim *const *)a,
                              *y = *(const struct surety_claim *const *)b;
    return x->start != y->start ? (x->start < y->start ? -1 : 1)
                                : (x->end > y->end) - (x->end < y->end);
}

static void draw_marked(struct render *r, const struct surety_trajectory *t)
{
    const struct surety_claim *order[SURETY_M_MAX];
    size_t at = 0, len = strlen(t->text);
    for (size_t i = 0; i < t->n_claims; i++)
        order[i] = &t->claims[i];
    qsort(order, t->n_claims, sizeof *order, by_place);
    for (size_t i = 0; i < t->n_claims; i++) {
        const struct surety_claim *claim = order[i];
        if (claim->start < at || claim->end <= claim->start || claim->end > len)
            continue;
        render_text(r, t->text + at, claim->start - at);
        render_style(r, style_of(claim));
        buf_putc(&r->text, '[');
        render_text(r, t->text + claim->start, claim->end - claim->start);
        buf_putc(&r->text, ']');
        draw_mark(r, claim, (size_t)(claim - t->claims) + 1);
        at = claim->end;
    }
    render_text(r, t->text + at, len - at);
    buf_putc(&r->text, '\n');
}

void render_solution(struct render *r, const struct surety_result *result,
                     const struct surety_trajectory *t)
{
    render_style(r, STYLE_BOLD);
    buf_printf(&r->text, "Solution %u of %u", t->index, result->run.settings.k);
    render_style(r, STYLE_PLAIN);
    buf_puts(&r->text, ": ");
    if (t->answer) {
        buf_puts(&r->text, "answer ");
        render_line(r, t->answer, r->columns / 2);
    } else {
        buf_puts(&r->text, "no answer");
    }
    buf_printf(&r->text, ", r = %.2f%s\n\n", t->r,
               t->finish == SURETY_FINISH_LENGTH ? ", cut off at the token limit" : "");
    draw_marked(r, t);
    if (t->n_claims)
        buf_putc(&r->text, '\n');
    for (size_t i = 0; i < t->n_claims; i++)
        list_claim(r, &t->claims[i], i + 1);
}
