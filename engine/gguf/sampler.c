/*
 * Nothing is sorted but the last few. Candidates are told apart by the bits of their weights, which
 * rise with them, eight at a time: first by octave (the exponent), then within one octave. At each
 * step the piles are passed from the heaviest down until the one that holds what is looked for, and
 * only that one is looked into. So a draw takes at most a few passes over the vocabulary, whatever
 * the weights are. As sums within an octave are exact, every step finds the same running sums.
 *
 * Before that, top-p drops what cannot be kept: all tokens below (1 - top_p) / n of the whole
 * together hold less than 1 - top_p, so the others hold more than top_p.
 */
#include "engine/gguf/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define OCTAVE 23 /* the lowest bit of the exponent */
#define FEW 32    /* candidates that are sorted at once */

enum surety_err sampler_init(struct sampler *s, const struct kernels *kernels, uint32_t n_vocab)
{
    *s = (struct sampler){.kernels = kernels, .n_vocab = n_vocab};
    s->weights = aligned_alloc(64, lanes_round(n_vocab) * sizeof *s->weights);
    s->candidates = malloc(lanes_round(n_vocab) * sizeof *s->candidates);
    s->pile = malloc((size_t)n_vocab * sizeof *s->pile);
    if (s->weights && s->candidates && s->pile)
        return SURETY_OK;
    sampler_fini(s);
    return SURETY_ERR_NOMEM;
}

void sampler_fini(struct sampler *s)
{
    if (!s)
        return;
    free(s->weights);
    free(s->candidates);
    free(s->pile);
    *s = (struct sampler){0};
}

double sampler_uniform(uint32_t seed, uint32_t position)
{
    return (double)(hash_u64(hash_u64(0, seed), position) >> 11) * 0x1p-53;
}

/* What candidates of equal digit, the eight bits from shift on, hold together. */
struct piles {
    double sum[256];
    uint32_t count[256];
};

static uint32_t digit_of(float weight, int shift)
{
    uint32_t bits;
    memcpy(&bits, &weight, sizeof bits);
    return bits >> shift & 255;
}

static void make_piles(struct piles *p, const float *weights, const uint32_t *ids, size_t n,
                       int shift)
{
    *p = (struct piles){0};
    for (size_t i = 0; i < n; i++) {
        float weight = weights[ids[i]];
        uint32_t digit = digit_of(weight, shift);
        p->sum[digit] += (double)weight;
        p->count[digit]++;
    }
}

/* Copies the ids of one pile, in their order; pile may be ids. Returns how many. */
static size_t take_pile(uint32_t *pile, const float *weights, const uint32_t *ids, size_t n,
                        int shift, uint32_t digit)
{
    size_t taken = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t id = ids[i];
        pile[taken] = id;
        taken += digit_of(weights[id], shift) == digit;
    }
    return taken;
}

/* Sorts ids, which rise, by falling weight, equals in their order; fast for few or equals. */
static void sort(uint32_t *sorted, const float *weights, const uint32_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t id = ids[i];
        size_t at = i;
        for (; at > 0 && weights[sorted[at - 1]] < weights[id]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = id;
    }
}

struct cut {
    uint32_t last; /* candidate */
    double sum;    /* the running sum with it */
};

/*
 * The first candidate that is the most-th or whose running sum reaches enough; the last of all if
 * there is none. The octaves are looked at only if n, the number of candidates, is above FEW.
 */
static struct cut cut(const struct sampler *s, size_t n, const struct piles *octaves, size_t most,
                      double enough)
{
    static const int shifts[] = {OCTAVE, 15, 7, 0}; /* one bit twice, which does no harm */
    const uint32_t *ids = s->candidates;
    struct piles finer;
    size_t passed = 0;
    double whole = 0, part = 0; /* of the octaves passed, and of the one that was begun */
    most = most < n ? most : n; /* so there is always a pile to stop at */
    for (int level = 0; level < 4 && n > FEW; level++) {
        const struct piles *p = level == 0 ? octaves : &finer;
        if (level > 0)
            make_piles(&finer, s->weights, ids, n, shifts[level]);
        uint32_t digit = 255;
        for (;; digit--) {
            double sum = whole + (part + p->sum[digit]);
            if (p->count[digit] > 0 && (passed + p->count[digit] >= most || sum >= enough))
                break;
            passed += p->count[digit];
            if (level == 0)
                whole = sum;
            else
                part += p->sum[digit];
        }
        n = take_pile(s->pile, s->weights, ids, n, shifts[level], digit);
        ids = s->pile;
    }
    sort(s->pile, s->weights, ids, n);
    uint32_t octave = digit_of(s->weights[s->pile[0]], OCTAVE);
    for (size_t i = 0;; i++) {
        float weight = s->weights[s->pile[i]];
        if (digit_of(weight, OCTAVE) != octave) {
            octave = digit_of(weight, OCTAVE);
            whole += part;
            part = 0;
        }
        part += (double)weight;
        if (i + 1 == n || passed + i + 1 >= most || whole + part >= enough)
            return (struct cut){s->pile[i], whole + part};
    }
}

/* The sum of all weights, in LANES lanes. */
static double sum_of(const float *weights, size_t padded)
{
    double lanes[LANES] = {0}, sum = 0;
    for (size_t i = 0; i < padded; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[lane] += (double)weights[i + lane];
    for (size_t lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

/* The tokens whose weight is at least `least` and above 0. Most stretches have none if few are. */
static size_t find_candidates(struct sampler *s, size_t padded, double least)
{
    size_t n = 0;
    float below = nextafterf((float)least, 0); /* quick to compare; never above least */
    for (size_t i = 0; i < padded; i += LANES) {
        int any = 0;
        for (size_t lane = 0; lane < LANES; lane++)
            any |= s->weights[i + lane] > below;
        if (!any)
            continue;
        for (size_t id = i; id < i + LANES; id++) {
            s->candidates[n] = (uint32_t)id;
            n += s->weights[id] > below;
        }
    }
    return n;
}

/* Draws with temperature > 0. */
static uint32_t draw(struct sampler *s, const struct draw *d)
{
    const struct surety_sampling *how = d->sampling;
    size_t padded = lanes_round(s->n_vocab), most = s->n_vocab;
    double least = 0, enough = INFINITY;
    struct piles octaves = {0};
    bool top_p = how->top_p < 1;
    bool top_k = how->top_k > 0 && (uint32_t)how->top_k < s->n_vocab;
    if (top_k) {
        most = (size_t)how->top_k;
    } else if (top_p) {
        double total = sum_of(s->weights, padded);
        enough = how->top_p * total;
        least = (1 - how->top_p) * total / s->n_vocab;
    }
    size_t n = find_candidates(s, padded, least);
    if (n > FEW)
        make_piles(&octaves, s->weights, s->candidates, n, OCTAVE);
    struct cut kept = cut(s, n, &octaves, most, enough);
    if (top_k && top_p)
        kept = cut(s, n, &octaves, most, how->top_p * kept.sum);
    double target = sampler_uniform(d->seed, d->position) * kept.sum;
    return cut(s, n, &octaves, most, fmin(nextafter(target, INFINITY), kept.sum)).last;
}

void sampler_draw(struct sampler *s, struct draw *d)
{
    size_t padded = lanes_round(s->n_vocab);
    float most = s->kernels->max(d->logits, padded);
    float sum = s->kernels->exp_sum(s->weights, d->logits, padded, most, 1.0f);
    d->failed = !(most - most == 0) || isnan(sum); /* one NaN makes the sum one */
    if (d->failed)
        return;
    double temperature = d->sampling->temperature;
    double normaliser = (double)most + log((double)sum);
    for (uint32_t i = 0; i < d->n_wanted; i++)
        d->logprobs[i] = (double)d->logits[d->wanted[i]] - normaliser;
    if (d->n_wanted)
        return;
    if (temperature == 0) {
        d->token = 0;
        while (d->logits[d->token] != most)
            d->token++;
    } else {
        if (temperature != 1)
            s->kernels->exp_sum(s->weights, d->logits, padded, most,
                                (float)fmin(1 / temperature, 1e30));
        d->token = draw(s, d);
    }
    d->logprob = (double)d->logits[d->token] - normaliser;
}
