/*
 * Brings everything to one side, p ? 0, and writes down where p has that sign. Trees only: what
 * they are worth is others' business.
 */
#include "claims/math/order.h"

#include <string.h>

#include "claims/math/flint.h"
#include "claims/math/poly.h"

static struct expr *node(struct pool *pool, enum expr_kind kind, uint8_t op, const struct expr *a,
                         const struct expr *b, const struct expr *c)
{
    struct expr *e = ARENA_NEW(&pool->arena, struct expr);
    const struct expr **args = e ? ARENA_ARRAY(&pool->arena, const struct expr *, 3) : NULL;
    if (!args)
        return NULL;
    args[0] = a;
    args[1] = b;
    args[2] = c;
    *e = (struct expr){.kind = (uint8_t)kind,
                       .op = op,
                       .n = c   ? 3
                            : b ? 2
                            : a ? 1
                                : 0,
                       .args = (struct expr *const *)args};
    return e;
}

static const struct expr *related(struct pool *pool, const char *signs, const struct expr *a,
                                  const struct expr *b, const struct expr *c)
{
    struct expr *e = a && b ? node(pool, EXPR_RELATION, 0, a, b, c) : NULL;
    if (e) {
        e->name = signs;
        e->len = (uint32_t)strlen(signs);
    }
    return e;
}

static const struct expr *leaf(struct pool *pool, const fmpz_t top, const fmpz_t bottom)
{
    struct number *number = pool_number(pool);
    struct expr *e = number ? node(pool, EXPR_NUMBER, 0, NULL, NULL, NULL) : NULL;
    if (e) {
        fmpq_set_fmpz_frac(number->value, top, bottom);
        e->number = number;
    }
    return e;
}

/* (-b + sign * sqrt(d)) / 2a */
static const struct expr *root(struct pool *pool, const fmpz *c, const fmpz_t d, int sign)
{
    fmpz_t one, twice, minus;
    fmpz_init_set_ui(one, 1);
    fmpz_init(twice);
    fmpz_init(minus);
    fmpz_mul_si(twice, c + 2, 2);
    fmpz_neg(minus, c + 1);
    const struct expr *under = leaf(pool, d, one), *b = leaf(pool, minus, one);
    const struct expr *a = leaf(pool, twice, one);
    fmpz_clear(one);
    fmpz_clear(twice);
    fmpz_clear(minus);
    const struct expr *r = under ? node(pool, EXPR_FUNC, FN_SQRT, under, NULL, NULL) : NULL;
    if (r && sign < 0)
        r = node(pool, EXPR_NEG, 0, r, NULL, NULL);
    const struct expr *sum = r && b ? node(pool, EXPR_ADD, 0, b, r, NULL) : NULL;
    return sum && a ? node(pool, EXPR_DIV, 0, sum, a, NULL) : NULL;
}

static const struct expr *linear(struct pool *pool, const struct expr *var, const fmpz *c,
                                 char sign)
{
    static const char *const signs[] = {"<", "l", ">", "g", "n"};
    fmpz_t minus;
    fmpz_init(minus);
    fmpz_neg(minus, c);
    const struct expr *bound = leaf(pool, minus, c + 1);
    fmpz_clear(minus);
    size_t i = (size_t)(strchr("<l>gn", sign) - "<l>gn");
    if (fmpz_sgn(c + 1) < 0 && i < 4)
        i = (i + 2) % 4;
    return related(pool, signs[i], var, bound, NULL);
}

/* c[2] > 0 */
static const struct expr *upward(struct pool *pool, const struct expr *var, const fmpz *c,
                                 const fmpz_t d, char sign)
{
    if (fmpz_sgn(d) < 0)
        return node(pool, EXPR_CONST, strchr(">gn", sign) ? CONST_REALS : CONST_EMPTY, NULL, NULL,
                    NULL);
    const struct expr *low = root(pool, c, d, -1), *high = root(pool, c, d, 1);
    if (!low || !high)
        return NULL;
    if (fmpz_is_zero(d))
        return sign == 'l' ? related(pool, "=", var, low, NULL)
               : sign == '<' || sign == 'g'
                   ? node(pool, EXPR_CONST, sign == 'g' ? CONST_REALS : CONST_EMPTY, NULL, NULL,
                          NULL)
                   : related(pool, "n", var, low, NULL);
    if (sign == '<' || sign == 'l')
        return related(pool, sign == '<' ? "<<" : "ll", low, var, high);
    if (sign == 'n')
        return NULL;
    const struct expr *below = related(pool, sign == '>' ? "<" : "l", var, low, NULL);
    const struct expr *above = related(pool, sign == '>' ? ">" : "g", var, high, NULL);
    return below && above ? node(pool, EXPR_LIST, EXPR_LIST_OR, below, above, NULL) : NULL;
}

static const struct expr *quadratic(struct pool *pool, const struct expr *var, fmpz *c, char sign)
{
    static const char flipped[] = {'>', 'g', '<', 'l', 'n'};
    if (fmpz_sgn(c + 2) < 0) {
        for (int i = 0; i < 3; i++)
            fmpz_neg(c + i, c + i);
        sign = flipped[strchr("<l>gn", sign) - "<l>gn"];
    }
    fmpz_t d;
    fmpz_init(d);
    fmpz_mul(d, c + 1, c + 1);
    fmpz_t product;
    fmpz_init(product);
    fmpz_mul(product, c, c + 2);
    fmpz_submul_ui(d, product, 4);
    const struct expr *e = fmpz_bits(d) < 512 ? upward(pool, var, c, d, sign) : NULL;
    fmpz_clear(product);
    fmpz_clear(d);
    return e;
}

const struct expr *order_solve(struct pool *pool, const struct expr *relation)
{
    char sign = relation->name[0];
    if (relation->n != 2 || !strchr("<l>gn", sign) || !expr_is_scalar(relation->args[0]) ||
        !expr_is_scalar(relation->args[1]))
        return NULL;
    const struct expr *sides[2] = {relation->args[0], relation->args[1]}, *var = NULL;
    fmpz c[3] = {0};
    const struct expr *e = NULL;
    if (poly_quadratic(sides, c, &var)) {
        if (!fmpz_is_zero(c + 2))
            e = quadratic(pool, var, c, sign);
        else
            e = linear(pool, var, c, sign);
    }
    for (int i = 0; i < 3; i++)
        fmpz_clear(c + i);
    return e;
}
