#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "scaler/report/table.h"
#include <surety/settings.h>

/* Twelve digits: sums over the problems differ beyond them by the order in which results came. */
static json_t *number(double value)
{
    char digits[32];
    plain_print(digits, sizeof digits, "%.12g", value);
    return isfinite(value) ? json_real(plain_number(digits, NULL)) : json_null();
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
    if (p->few)
        json_object_set_new(
            difference, "exact",
            json_pack("{s:o,s:o}", "low", number(p->exact.low), "high", number(p->exact.high)));
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

/* Where the results are from. */
static void set_origin(json_t *object, const struct summary_origin *o, bool stable)
{
    static const char *const own[] = {"version", "model", "model_id", "seed"};
    json_t *settings = o->run ? json_copy((json_t *)o->run) : NULL;
    json_object_set_new(object, "partial", json_boolean(o->done < o->lines));
    json_object_set_new(object, "lines", json_integer((json_int_t)o->lines));
    for (size_t i = 0; i < 3; i++) {
        json_t *value = json_object_get(settings, own[i]);
        json_object_set(object, own[i], value ? value : json_null());
    }
    for (size_t i = 0; i < 4; i++) /* each line has a seed of its own */
        json_object_del(settings, own[i]);
    json_object_set_new(object, "settings", settings ? settings : json_null());
    json_object_set_new(object, "seed", json_integer((json_int_t)o->seed));
    if (!stable) /* the names may differ between equal runs */
        json_object_set_new(
            object, "files",
            json_pack("{s:s?,s:s?}", "problems", o->problems, "results", o->results));
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
    json_object_set_new(object, "compatible", json_integer((json_int_t)t.compatible));
    json_object_set_new(object, "little_stands", json_integer((json_int_t)t.little_stands));
    json_object_set_new(object, "lenient", json_boolean(t.lenient));
    json_object_set_new(object, "pass_minus_cons", number(t.pass_at_k.value - t.cons.value));
    json_object_set_new(object, "stop", json_string(surety_stopping_name(t.stop)));
    json_object_set_new(object, "used", number(t.used));
    json_object_set_new(object, "aurc",
                        json_pack("{s:o,s:o,s:I}", "share", number(t.aurc_share), "mass",
                                  number(t.aurc_mass), "n", (json_int_t)t.n_aurc));
    if (s->origin.problems)
        set_origin(object, &s->origin, stable);
    if (stable)
        json_object_del(object, "seconds");
    return object;
}
