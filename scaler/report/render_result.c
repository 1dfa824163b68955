/*
 * render_result.c - a result: its answer, groups, refuted claims and cost.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "base/utf8.h"
#include "claims/plan/score.h"
#include "scaler/report/render.h"
#include <surety/settings.h>

#define GROUPS_SHOWN 8
#define REFUTED_SHOWN 8
/* Of the claims behind an answer, the share that has to stand. The demo model has 0.8 and more
 * behind most answers to what it knows, and 0.6 and less behind those to what it does not know. */
#define LITTLE 0.7

static double total_score(const struct surety_result *result)
{
    double total = 0;
    for (size_t i = 0; i < result->n_groups; i++)
        total += result->groups[i].score;
    return total;
}

void render_groups(struct render *r, const struct surety_result *result, size_t max)
{
    size_t shown = result->n_groups < max ? result->n_groups : max, widest = 1;
    size_t limit = r->columns / 3;
    double total = total_score(result);
    uint32_t votes = 0, rest = 0;
    for (size_t i = 0; i < result->n_groups; i++) {
        size_t width = utf8_columns(result->groups[i].answer, strlen(result->groups[i].answer));
        votes += result->groups[i].count;
        if (i >= shown)
            rest += result->groups[i].count;
        else if (width > widest)
            widest = width < limit ? width : limit;
    }
    size_t bar = r->columns - widest - 26;
    if (bar > 50)
        bar = 50;
    for (size_t i = 0; i < shown; i++) {
        const struct surety_group *group = &result->groups[i];
        double share = total > 0 ? group->score / total : (double)group->count / votes;
        buf_puts(&r->text, "  ");
        render_style(r, i == 0 ? STYLE_BOLD : STYLE_PLAIN);
        render_pad(r, widest - render_line(r, group->answer, widest));
        render_style(r, STYLE_PLAIN);
        buf_puts(&r->text, "  ");
        render_bar(r, share, bar);
        buf_printf(&r->text, "  %.2f  %u vote%s\n", share, group->count,
                   group->count == 1 ? "" : "s");
    }
    if (rest)
        buf_printf(&r->text, "  and %u vote%s for %zu other answer%s\n", rest, rest == 1 ? "" : "s",
                   result->n_groups - shown, result->n_groups - shown == 1 ? "" : "s");
}

static void heading(struct render *r, const char *text)
{
    render_style(r, STYLE_BOLD);
    buf_printf(&r->text, "\n%s\n", text);
    render_style(r, STYLE_PLAIN);
}

/* ---- refuted claims ---- */

struct refuted {
    const struct surety_claim *claim;
    uint32_t count;
    uint32_t first; /* trajectory */
};

static int by_count(const void *a, const void *b)
{
    const struct refuted *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static int by_text(const void *a, const void *b)
{
    const struct refuted *x = a, *y = b;
    int order = strcmp(x->claim->text, y->claim->text);
    return order ? order : (x->first < y->first ? -1 : x->first > y->first);
}

/* Distinct refuted claims, the commonest first. */
static size_t collect_refuted(const struct surety_result *result, struct refuted *list)
{
    size_t n = 0, distinct = 0;
    for (size_t i = 0; i < result->n_trajectories; i++) {
        const struct surety_trajectory *t = &result->trajectories[i];
        for (size_t j = 0; j < t->n_claims; j++)
            if (t->claims[j].verdict == SURETY_VERDICT_REFUTED)
                list[n++] = (struct refuted){&t->claims[j], 1, t->index};
    }
    if (n)
        qsort(list, n, sizeof *list, by_text);
    for (size_t i = 0; i < n; i++) {
        if (distinct && strcmp(list[distinct - 1].claim->text, list[i].claim->text) == 0)
            list[distinct - 1].count++;
        else
            list[distinct++] = list[i];
    }
    if (distinct)
        qsort(list, distinct, sizeof *list, by_count);
    return distinct;
}

const char *render_decider(const struct surety_claim *claim)
{
    return claim->decided_by ? surety_signal_words((enum surety_signal)claim->decided_by)
                             : "nothing";
}

static void draw_refuted_claim(struct render *r, const struct refuted *refuted)
{
    const struct surety_claim *claim = refuted->claim;
    const char *by = render_decider(claim);
    buf_puts(&r->text, "  ");
    render_style(r, STYLE_BAD);
    buf_puts(&r->text, r->unicode ? "✗ " : "x ");
    render_style(r, STYLE_PLAIN);
    render_line(r, claim->text, r->columns - 4);
    buf_puts(&r->text, "\n    ");
    render_style(r, STYLE_DIM);
    if (claim->reason && *claim->reason) {
        render_line(r, claim->reason, r->columns > 90 ? r->columns - 50 : r->columns / 2);
        buf_putc(&r->text, ' ');
    }
    if (refuted->count > 1)
        buf_printf(&r->text, "(%s, %u trajectories)\n", by, refuted->count);
    else
        buf_printf(&r->text, "(%s, trajectory %u)\n", by, refuted->first);
    render_style(r, STYLE_PLAIN);
}

static void draw_claims(struct render *r, const struct surety_result *result)
{
    size_t counts[4] = {0}, total = 0;
    for (size_t i = 0; i < result->n_trajectories; i++)
        for (size_t j = 0; j < result->trajectories[i].n_claims; j++, total++)
            counts[result->trajectories[i].claims[j].verdict]++;
    if (!total)
        return;
    heading(r, "Claims");
    buf_puts(&r->text, "  ");
    render_count(r, total);
    buf_printf(&r->text, " in all: %zu stand, %zu refuted", counts[SURETY_VERDICT_VALID],
               counts[SURETY_VERDICT_REFUTED]);
    if (counts[SURETY_VERDICT_UNPARSED])
        buf_printf(&r->text, ", %zu with an unreadable verdict", counts[SURETY_VERDICT_UNPARSED]);
    if (counts[SURETY_VERDICT_UNCHECKED])
        buf_printf(&r->text, ", %zu unchecked", counts[SURETY_VERDICT_UNCHECKED]);
    buf_putc(&r->text, '\n');
    struct refuted *list = calloc(counts[SURETY_VERDICT_REFUTED] + 1, sizeof *list);
    size_t n = list ? collect_refuted(result, list) : 0;
    for (size_t i = 0; i < n && i < REFUTED_SHOWN; i++)
        draw_refuted_claim(r, &list[i]);
    if (n > REFUTED_SHOWN)
        buf_printf(&r->text, "  and %zu more (--json lists all)\n", n - REFUTED_SHOWN);
    free(list);
}

/* ---- the parts of a result ---- */

/* Without ".0": most solutions have as many claims as were asked for. */
static void short_number(double value, char out[16])
{
    double tenths = round(10 * value);
    plain_print(out, 16, fmod(tenths, 10) == 0 ? "%.0f" : "%.1f", tenths / 10);
}

/* Models were to judge it, and it ended before any verdict came. */
static bool is_not_verified(const struct surety_result *result)
{
    return result->stop != SURETY_STOP_COMPLETE && result->stop != SURETY_STOP_EARLY &&
           result->stop != SURETY_STOP_FAILED && result->run.settings.verify > SURETY_VERIFY_NONE &&
           isnan(result->verifier.unparsed_rate);
}

/* A share divides away that next to everything was refuted; this does not. */
static void draw_standing(struct render *r, const struct surety_result *result)
{
    char first[16], second[16];
    if (is_not_verified(result)) {
        render_style(r, STYLE_BAD);
        render_say(r, 0, "not verified: ended %s",
                   result->n_trajectories < result->run.settings.k ? "while sampling"
                                                                   : "before any claim was judged");
        render_style(r, STYLE_PLAIN);
        return;
    }
    if (result->rank || !result->n_groups)
        return;
    struct score_standing behind = score_standing_behind(result);
    double share = score_standing_share(&behind), votes = result->groups[0].count;
    if (isnan(share))
        return;
    short_number(behind.stand / votes, first);
    short_number(behind.claims / votes, second);
    render_say(r, 0, "%s of %s claims stand%s in %s solution behind it", first, second,
               strcmp(first, "1") == 0 && strcmp(second, "1") == 0 ? "s" : "",
               result->groups[0].count == 1 ? "the" : "each");
    if (share >= LITTLE)
        return;
    render_style(r, STYLE_BAD);
    render_say(r, 0, "little stands behind this answer: it may well be wrong");
    render_style(r, STYLE_PLAIN);
}

/* The answer is not that of the highest score. */
static void draw_distrust(struct render *r, const struct surety_result *result)
{
    if (result->verifier.little_stands)
        render_say(r, 0,
                   "this is the plain majority: of the claims behind the highest score %.0f %% "
                   "stand, and the profile wants %.0f %%",
                   100 * result->verifier.standing, 100 * result->run.least_standing);
}

/* The share says who leads, the mass how much of all that was sampled survived behind it. */
static void draw_shares(struct render *r, const struct surety_result *result)
{
    unsigned n = result->stop == SURETY_STOP_COMPLETE ? result->run.settings.k
                                                      : (unsigned)result->n_trajectories;
    if (isnan(result->reliability) && result->settled_by)
        render_say(r, 0, "%u of %u solutions say so, which settled it: no model judged them",
                   result->groups[0].count, n);
    else
        render_say(r, 0, "score share %.2f (%.1f effective votes of %u), not a probability",
                   isnan(result->reliability) ? 0 : result->reliability, result->effective_votes,
                   n);
    if (result->mass > 0 && result->run.settings.verify > SURETY_VERIFY_NONE)
        render_say(r, 0, "surviving mass %.2f: of all that was sampled, what stands behind it",
                   result->mass);
}

static void draw_answer(struct render *r, const struct surety_result *result)
{
    if (!result->answer) {
        render_style(r, STYLE_BAD);
        buf_puts(&r->text, "No answer");
        render_style(r, STYLE_PLAIN);
        if (result->error.code) {
            buf_puts(&r->text, ": ");
            render_line(r, result->error.message, 500);
        }
        buf_putc(&r->text, '\n');
        return;
    }
    buf_puts(&r->text, "Answer: ");
    render_style(r, STYLE_GOOD);
    render_style(r, STYLE_BOLD);
    render_line(r, result->answer, SURETY_ANSWER_MAX);
    render_style(r, STYLE_PLAIN);
    buf_putc(&r->text, '\n');
    if (result->rank)
        render_say(
            r, 0,
            "the answers could not be compared: this is that of the most reliable trajectory");
    else
        draw_shares(r, result);
    draw_standing(r, result);
    draw_distrust(r, result);
    if (result->cons && result->n_groups && strcmp(result->cons, result->groups[0].answer) != 0) {
        buf_puts(&r->text, "the plain majority says ");
        render_line(r, result->cons, r->columns - 24);
        buf_putc(&r->text, '\n');
    }
    if (result->error.code) {
        buf_puts(&r->text, "not all went well: ");
        render_line(r, result->error.message, 500);
        buf_putc(&r->text, '\n');
    }
}

/* Answers that take too long to compare count as different. */
static void draw_skipped(struct render *r, const struct surety_result *result)
{
    char text[32];
    if (result->verifier.comparisons_skipped)
        render_say(r, 2,
                   "%s pairs of answers were not compared, for it would take too long: groups may "
                   "be apart that are equal",
                   render_counted(result->verifier.comparisons_skipped, text));
}

/* What did not come to an answer, and why it ended. */
static void draw_losses(struct render *r, const struct surety_result *result)
{
    uint32_t cut = 0, failed = 0, silent = 0;
    const struct surety_error *why = NULL;
    for (size_t i = 0; i < result->n_trajectories; i++) {
        const struct surety_trajectory *t = &result->trajectories[i];
        if (t->finish == SURETY_FINISH_ERROR) {
            failed++;
            why = why ? why : &t->error;
        } else if (!t->answer) {
            cut += t->finish == SURETY_FINISH_LENGTH;
            silent += t->finish != SURETY_FINISH_LENGTH;
        }
    }
    if (result->stop == SURETY_STOP_EARLY)
        render_say(r, 2, "settled by --stop %s with %zu of at most %u trajectories",
                   surety_stopping_name(result->run.settings.stop), result->n_trajectories,
                   result->run.settings.k);
    else if (result->stop != SURETY_STOP_COMPLETE)
        render_say(r, 2, "ended by: %s, with %zu of %u trajectories",
                   surety_stop_name(result->stop), result->n_trajectories, result->run.settings.k);
    if (silent)
        buf_printf(&r->text, "  %u stated no answer\n", silent);
    if (cut)
        buf_printf(&r->text, "  %u ended at the token limit without an answer\n", cut);
    if (failed) {
        buf_printf(&r->text, "  %u failed: ", failed);
        render_line(r, why->message[0] ? why->message : surety_err_text(why->code),
                    r->columns - 20);
        buf_putc(&r->text, '\n');
    }
}

static void draw_controls(struct render *r, const struct surety_result *result)
{
    if (!result->verifier.n_controls)
        return;
    render_say(r, 2, "refuted: %.0f %% of %u planted false claims, %.0f %% of these as they were",
               100 * result->verifier.refuted_false, result->verifier.n_controls,
               100 * result->verifier.refuted_true);
    if (result->verifier.uninformative)
        buf_puts(&r->text, "  verifier_uninformative: this is the plain majority\n");
}

static void draw_cost(struct render *r, const struct surety_result *result)
{
    const struct surety_usage *u = &result->usage;
    char text[5][32], saved[80] = "", seconds[32] = "";
    if (!u->calls) /* recorded samples */
        return;
    heading(r, "Cost");
    render_say(r, 2, "%s tokens generated (%s solving, %s verifying), %s read (%s cached)",
               render_counted(u->completion_tokens + u->verify_tokens, text[0]),
               render_counted(u->completion_tokens, text[1]),
               render_counted(u->verify_tokens, text[2]), render_counted(u->prompt_tokens, text[3]),
               render_counted(u->cached_tokens, text[4]));
    if (result->verifier.calls_saved)
        snprintf(saved, sizeof saved, ", %s saved by asking about equal claims once",
                 render_counted(result->verifier.calls_saved, text[0]));
    if (u->wall_ms > 0)
        plain_print(seconds, sizeof seconds, ", %.1f s", (double)u->wall_ms / 1000);
    render_say(r, 2, "%s calls%s%s", render_counted(u->calls, text[1]), saved, seconds);
    render_style(r, STYLE_DIM);
    buf_puts(&r->text, "  ");
    render_line(r, result->run.model, r->columns / 2);
    if (result->run.verifier_model) {
        buf_puts(&r->text, ", judged by ");
        render_line(r, result->run.verifier_model, r->columns / 2);
    }
    buf_printf(&r->text, ", seed %llu%s\n", (unsigned long long)result->run.settings.seed,
               result->run.reproducible ? ", reproducible" : "");
    render_style(r, STYLE_PLAIN);
}

static const char *judged(const struct surety_result *result, const char *answer, int correct)
{
    bool compatible = false;
    for (size_t i = 0; answer && i < result->n_trajectories; i++)
        compatible |= result->trajectories[i].compatible && result->trajectories[i].answer &&
                      strcmp(result->trajectories[i].answer, answer) == 0;
    return correct > 0   ? "right"
           : correct < 0 ? "undecided"
           : compatible  ? "wrong (equal but for a unit or the like)"
                         : "wrong";
}

void render_result(struct render *r, const struct surety_result *result)
{
    draw_answer(r, result);
    if (result->correct.known)
        render_say(r, 0,
                   "against the gold answer: %s; the plain majority: %s; %.0f %% of the "
                   "trajectories right",
                   judged(result, result->answer, result->correct.clr),
                   judged(result, result->cons, result->correct.cons),
                   100 * result->correct.pass_at_1);
    if (result->n_groups || result->n_trajectories) {
        heading(r, "Groups");
        render_groups(r, result, GROUPS_SHOWN);
        draw_skipped(r, result);
        draw_losses(r, result);
        draw_controls(r, result);
        draw_claims(r, result);
        draw_cost(r, result);
    }
}
