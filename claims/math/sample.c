/*
 * A dozen points are always compared in balls. Where the expressions have branches, points around
 * every place where one changes are looked at in doubles first, and in balls when the two sides
 * differ there or the combination of branches is new.
 */
#include "claims/math/sample.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "claims/math/approx.h"
#include "claims/math/effort.h"

#define POINTS 12
#define POINTS_OF_SUMS 4  /* where a sum sign makes each of them dear */
#define POINTS_POSITIVE 8 /* more, when most points had no real value */
#define AGREEING_MIN 3
#define BALLS_MAX 160 /* of one comparison */
#define ROOTS_MAX 48  /* along one variable */
#define LINES 3       /* other values held, for each variable */
#define LOOKS 400     /* points around the places that were found, in doubles */
#define PRECISION 192
#define PRECISION_MAX 4096 /* bits that constants far from 1 may ask for */
#define SIZE_MAX_BITS 40   /* of a constant that asks for none */
#define STEP_BITS 256      /* of the balls of a node are a step (effort.h) */

/* A hash of what the tree looks like. */
static uint64_t hash_tree(uint64_t h, const struct expr *e)
{
    h = hash_u64(h, (uint64_t)e->kind << 16 | (uint64_t)e->op << 8 | (e->n & 255));
    if (e->kind == EXPR_NUMBER)
        h = hash_u64(h, fmpz_fdiv_ui(fmpq_numref(e->number->value), 1000003) << 32 ^
                            fmpz_fdiv_ui(fmpq_denref(e->number->value), 1000003));
    if (e->name)
        h = hash_bytes(h, e->name, e->len);
    for (size_t i = 0; i < e->n; i++)
        h = hash_tree(h, e->args[i]);
    return h;
}

void sample_collect(struct sample_variables *v, const struct expr *e)
{
    if (e->kind == EXPR_VAR) {
        size_t i = 0;
        while (i < v->n && !expr_same(v->list[i], e))
            i++;
        v->too_many |= i == BRANCH_VARIABLES_MAX;
        if (i == v->n && i < BRANCH_VARIABLES_MAX)
            v->list[v->n++] = e;
    }
    if (e->kind != EXPR_BIG) {
        for (size_t i = 0; i < e->n; i++)
            sample_collect(v, e->args[i]);
        return;
    }
    struct sample_variables body = {.n = 0};
    sample_collect(&body, e->args[3]);
    for (size_t i = 0; i < body.n; i++)
        if (!expr_same(body.list[i], e->args[0]))
            sample_collect(v, body.list[i]);
    sample_collect(v, e->args[1]);
    sample_collect(v, e->args[2]);
}

/* Not so wide that agreement would mean nothing. */
static bool is_sharp(const acb_t x, const acb_t y, slong precision)
{
    arf_t size, radius;
    arf_init(size);
    arf_init(radius);
    acb_get_abs_ubound_arf(size, acb_rel_accuracy_bits(x) > acb_rel_accuracy_bits(y) ? x : y, 30);
    mag_t wide, part;
    mag_init(wide);
    mag_init(part);
    mag_max(wide, arb_radref(acb_realref(x)), arb_radref(acb_realref(y)));
    mag_max(part, arb_radref(acb_imagref(x)), arb_radref(acb_imagref(y)));
    mag_max(wide, wide, part);
    arf_set_mag(radius, wide);
    arf_mul_2exp_si(radius, radius, precision / 3);
    bool sharp = arf_cmp(radius, size) <= 0 || arf_cmpabs_2exp_si(radius, -20) < 0;
    mag_clear(wide);
    mag_clear(part);
    arf_clear(size);
    arf_clear(radius);
    return sharp;
}

enum sample_agreement sample_at(const struct expr *a, const struct expr *b,
                                const struct ball_point *points, slong precision)
{
    bool unreal = false;
    struct ball_how how = {.precision = precision, .points = points, .ret_unreal = &unreal};
    acb_t x, y;
    acb_init(x);
    acb_init(y);
    enum sample_agreement agreement = SAMPLE_NO_VALUE;
    effort_add(1 + (effort_of(a) + effort_of(b)) * (uint64_t)precision / STEP_BITS);
    if (ball_eval(a, &how, x) && ball_eval(b, &how, y)) {
        bool real =
            !unreal && arb_contains_zero(acb_imagref(x)) && arb_contains_zero(acb_imagref(y));
        if (!acb_overlaps(x, y))
            agreement = real ? SAMPLE_REAL_APART : SAMPLE_APART;
        else if (is_sharp(x, y, precision))
            agreement = real ? SAMPLE_REAL_TOGETHER : SAMPLE_TOGETHER;
    }
    acb_clear(x);
    acb_clear(y);
    return agreement;
}

struct sampling {
    const struct expr *a, *b;
    const struct sample_variables *v;
    enum sample_domain domain;
    uint64_t seed;
    struct branch_set branches;
    uint64_t met, changed; /* combinations that agreed; switches that were seen with both signs */
    uint64_t positive, negative;
    size_t counts[5], balls;
    slong precision;
    uint64_t steps; /* of a look, in doubles */
    double values[BRANCH_VARIABLES_MAX];
};

static double fraction(uint64_t h)
{
    return (double)(h >> 40) / (double)(1 << 24);
}

/* A value of this domain near x. */
static double fit(const struct sampling *s, double x)
{
    if (s->domain == SAMPLE_REALS)
        return x;
    x = round(x);
    return s->domain == SAMPLE_COUNTS ? fmax(1, fabs(x)) : x;
}

/* Magnitudes of a few units, inside the unit interval (for the inverse functions), and from 0.01
 * to 10^4; all positive, all negative, then a sign for each variable. Few are whole numbers. */
static double draw(const struct sampling *s, size_t point, size_t i)
{
    uint64_t h = hash_u64(hash_bytes(s->seed, s->v->list[i]->name, s->v->list[i]->len), point);
    double x = fraction(h);
    if (s->domain != SAMPLE_REALS)
        x = point % 4 == 3 && s->domain == SAMPLE_INTEGERS ? 1000 + floor(99000 * x)
                                                           : 1 + (double)(h % 38);
    else
        x = point % 3 == 0   ? 0.02 + 4.1 * x
            : point % 3 == 1 ? 0.004 + 0.8 * x
                             : 0.01 * pow(10, 6 * x);
    bool minus = point == 3 || (point > 3 && ((i < 3 ? point >> i : h) & 1));
    return s->domain != SAMPLE_COUNTS && minus && point < POINTS ? -x : x;
}

static void ball_at(struct sampling *s, uint64_t label, bool labelled)
{
    struct ball_point points[BRANCH_VARIABLES_MAX];
    acb_struct values[BRANCH_VARIABLES_MAX];
    if (s->balls++ >= BALLS_MAX)
        return;
    for (size_t i = 0; i < s->v->n; i++) {
        acb_init(&values[i]);
        acb_set_d(&values[i], s->values[i]);
        points[i] = (struct ball_point){
            .var = s->v->list[i], .value = &values[i], .outer = i ? &points[i - 1] : NULL};
    }
    enum sample_agreement r = sample_at(s->a, s->b, &points[s->v->n - 1], s->precision);
    s->counts[r]++;
    if (labelled && s->branches.n <= BRANCH_COMBINED_MAX && r != SAMPLE_NO_VALUE)
        s->met |= UINT64_C(1) << label;
    for (size_t i = 0; i < s->v->n; i++)
        acb_clear(&values[i]);
}

static bool label_of(struct sampling *s, uint64_t *ret_label)
{
    const struct branch_set *set = &s->branches;
    if (!branch_label(set, s->v->list, s->values, s->v->n, ret_label))
        return false;
    s->positive |= *ret_label;
    s->negative |= ~*ret_label;
    return true;
}

/* In balls only when there is something to learn. */
static void look(struct sampling *s)
{
    uint64_t label;
    effort_add(s->steps);
    bool labelled = label_of(s, &label);
    double x = approx_eval(s->a, s->v->list, s->values, s->v->n);
    double y = approx_eval(s->b, s->v->list, s->values, s->v->n);
    bool apart = fabs(x - y) > 1e-8 * (fabs(x) + fabs(y)) + 1e-12;
    bool fresh =
        labelled && s->branches.n <= BRANCH_COMBINED_MAX && !(s->met & UINT64_C(1) << label);
    if (apart || fresh)
        ball_at(s, label, labelled);
}

static bool has_sum(const struct expr *e)
{
    if (e->kind == EXPR_BIG)
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (has_sum(e->args[i]))
            return true;
    return false;
}

static bool is_decided(const struct sampling *s)
{
    return s->counts[SAMPLE_REAL_APART] > 0;
}

static void base_points(struct sampling *s, size_t from, size_t to)
{
    for (size_t point = from; point < to && !is_decided(s); point++) {
        uint64_t label = 0;
        for (size_t i = 0; i < s->v->n; i++)
            s->values[i] = draw(s, point, i);
        bool labelled = label_of(s, &label);
        ball_at(s, label, labelled);
    }
}

/* On, beside and between the places where a branch changes along variable i. */
static void look_along(struct sampling *s, size_t i, double *places, size_t *ret_n)
{
    double *roots = places;
    size_t n = branch_roots(&s->branches, s->v->list, s->values, s->v->n, i, roots, ROOTS_MAX);
    for (size_t k = 0; k < n && !is_decided(s); k++) {
        double near = 1e-3 * (1 + fabs(roots[k]));
        double after = k + 1 < n ? (roots[k] + roots[k + 1]) / 2 : roots[k] + 1 + fabs(roots[k]);
        double tries[] = {roots[k], roots[k] - near, roots[k] + near, after,
                          roots[k] - 1 - fabs(roots[k])};
        for (size_t t = 0; t < sizeof tries / sizeof *tries && !is_decided(s); t++) {
            s->values[i] = fit(s, tries[t]);
            look(s);
        }
    }
    *ret_n = n;
}

/* Values near the places of each variable, in all combinations that chance brings. */
static void look_around(struct sampling *s)
{
    static const double whole[] = {0, 1, -1, 2, -2, 0.5, -0.5, 3};
    double places[BRANCH_VARIABLES_MAX][ROOTS_MAX];
    size_t n[BRANCH_VARIABLES_MAX] = {0};
    for (size_t line = 0; line < (s->v->n > 1 ? LINES : 1); line++)
        for (size_t i = 0; i < s->v->n && !is_decided(s); i++) {
            for (size_t k = 0; k < s->v->n; k++)
                s->values[k] = draw(s, 4 + 3 * line + i, k);
            look_along(s, i, places[i], &n[i]);
        }
    uint64_t h = s->seed;
    for (size_t try = 0; try < LOOKS && !is_decided(s); try++) {
        for (size_t i = 0; i < s->v->n; i++) {
            h = hash_u64(h, try);
            double x = 0.01 * pow(10, 6 * fraction(h));
            x = h & 1 ? -x : x;
            if (h & 2 && n[i])
                x = places[i][(h >> 8) % n[i]] + (h & 4 ? x : x / 100);
            else if ((h & 24) == 0)
                x = whole[(h >> 8) % 8];
            s->values[i] = fit(s, x);
        }
        look(s);
    }
}

/* True when all combinations of switches were met that can be. */
static bool is_complete(const struct sampling *s)
{
    const struct branch_set *set = &s->branches;
    if (set->murky || set->n > BRANCH_COMBINED_MAX)
        return false;
    uint64_t both = s->positive & s->negative;
    for (uint64_t label = 0; label < UINT64_C(1) << set->n; label++) {
        bool constant = false; /* a switch that never changed cannot have the other sign */
        for (size_t k = 0; k < set->n; k++)
            constant |= !(both >> k & 1) && (label >> k & 1) != (s->positive >> k & 1);
        if (!constant && !(s->met >> label & 1) && s->v->n > 1 && !branch_is_impossible(set, label))
            return false;
    }
    return true;
}

static struct equal_result verdict_of(const struct sampling *s)
{
    const size_t *counts = s->counts;
    if (counts[SAMPLE_REAL_APART])
        return relation_of(EQUAL_DIFFERENT, "different at a point");
    if (counts[SAMPLE_REAL_TOGETHER] + counts[SAMPLE_TOGETHER] < AGREEING_MIN)
        return counts[SAMPLE_APART] ? relation_of(EQUAL_DIFFERENT, "different at a point")
                                    : relation_of(EQUAL_UNKNOWN, "no value at random points");
    if (!counts[SAMPLE_APART])
        return is_complete(s) ? relation_of(EQUAL_EXACT, "numerical identity")
                              : relation_of(EQUAL_COMPATIBLE, "equal on the branches tried");
    if (counts[SAMPLE_REAL_TOGETHER] >= AGREEING_MIN)
        return relation_of(EQUAL_COMPATIBLE, "equal where both are real");
    return relation_of(EQUAL_DIFFERENT, "different at a point");
}

/* Bits by which the constants in e are apart from 1, so that none is lost beside another. */
static slong spread(const struct expr *e)
{
    slong bits = 0;
    if (!expr_is_closed(e)) {
        for (size_t i = 0; i < e->n && bits < PRECISION_MAX; i++)
            bits += spread(e->args[i]);
        return bits;
    }
    struct ball_how how = {.precision = 64};
    acb_t x;
    arf_t size;
    acb_init(x);
    arf_init(size);
    if (ball_eval(e, &how, x)) {
        acb_get_abs_ubound_arf(size, x, 30);
        bits = arf_is_zero(size) ? 0 : FLINT_ABS(arf_abs_bound_lt_2exp_si(size));
    }
    arf_clear(size);
    acb_clear(x);
    return bits > SIZE_MAX_BITS ? FLINT_MIN(bits, PRECISION_MAX) : 0;
}

static bool is_complex_name(const struct expr *var)
{
    return var->len == 1 && strchr("zw", var->name[0]);
}

/* z and w may stand for complex numbers: |z|^2 is no z^2. */
static bool differs_at_complex(const struct sampling *s)
{
    struct ball_point points[BRANCH_VARIABLES_MAX];
    acb_struct values[BRANCH_VARIABLES_MAX];
    bool complex = false, apart = false;
    for (size_t i = 0; i < s->v->n; i++)
        complex |= is_complex_name(s->v->list[i]);
    for (size_t point = 0; complex && point < AGREEING_MIN; point++) {
        for (size_t i = 0; i < s->v->n; i++) {
            bool real = !is_complex_name(s->v->list[i]);
            acb_init(&values[i]);
            acb_set_d_d(&values[i], draw(s, point + POINTS, i), real ? 0 : draw(s, point, i));
            points[i] = (struct ball_point){
                .var = s->v->list[i], .value = &values[i], .outer = i ? &points[i - 1] : NULL};
        }
        enum sample_agreement r = sample_at(s->a, s->b, &points[s->v->n - 1], s->precision);
        apart |= r == SAMPLE_APART || r == SAMPLE_REAL_APART;
        for (size_t i = 0; i < s->v->n; i++)
            acb_clear(&values[i]);
    }
    return apart;
}

struct equal_result sample_compare(const struct expr *a, const struct expr *b,
                                   const struct sample_variables *v, enum sample_domain domain)
{
    struct sampling s = {.a = a,
                         .b = b,
                         .v = v,
                         .domain = domain,
                         .seed = hash_tree(0, a) ^ hash_tree(0, b),
                         .precision = PRECISION + spread(a) + spread(b),
                         .steps = 1 + (effort_of(a) + effort_of(b)) / 8};
    if (s.precision > PRECISION_MAX)
        return relation_of(EQUAL_UNKNOWN, "constants beyond what can be decided");
    bool sums = has_sum(a) || has_sum(b);
    struct pool pool;
    pool_init(&pool);
    branch_collect(&pool, &s.branches, a);
    branch_collect(&pool, &s.branches, b);
    base_points(&s, 0, sums ? POINTS_OF_SUMS : POINTS);
    if (s.branches.n_edges || domain == SAMPLE_INTEGERS)
        look_around(&s);
    if (s.counts[SAMPLE_APART] && s.counts[SAMPLE_REAL_TOGETHER] < AGREEING_MIN && !sums)
        base_points(&s, POINTS, POINTS + POINTS_POSITIVE);
    struct equal_result r = verdict_of(&s);
    if (r.verdict == EQUAL_EXACT && differs_at_complex(&s))
        r = relation_of(EQUAL_COMPATIBLE, "equal where the variables are real");
    pool_fini(&pool);
    return r;
}
