/*
 * Candidates are sorted only as far as needed: a heap gives them one by one. Before that, top-p
 * drops what cannot be kept: all tokens below (1 - top_p) / n of the whole together hold less than
 * 1 - top_p, so the others hold more than top_p.
 */
#include "engine/gguf/sampler.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"

enum surety_err sampler_init(struct sampler *s, const struct kernels *kernels, uint32_t n_vocab)
{
    *s = (struct sampler){.kernels = kernels, .n_vocab = n_vocab};
    s->weights = aligned_alloc(64, lanes_round(n_vocab) * sizeof *s->weights);
    s->candidates = malloc(n_vocab * sizeof *s->candidates);
    if (s->weights && s->candidates)
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
    *s = (struct sampler){0};
}

double sampler_uniform(uint32_t seed, uint32_t position)
{
    return (double)(hash_u64(hash_u64(0, seed), position) >> 11) * 0x1p-53;
}

/* Candidate a stands before b. */
static bool before(const float *weights, uint32_t a, uint32_t b)
{
    return weights[a] > weights[b] || (weights[a] == weights[b] && a < b);
}

static void sift(const float *weights, uint32_t *heap, size_t n, size_t i)
{
    uint32_t moved = heap[i];
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        child += child + 1 < n && before(weights, heap[child + 1], heap[child]);
        if (!before(weights, heap[child], moved))
            break;
        heap[i] = heap[child];
    }
    heap[i] = moved;
}

/*
 * Sorts the candidates [n] as far as the sum of their weights stays below enough, at most most of
 * them. They end up at the *end* of the array, first candidate last. Returns how many.
 */
static size_t sort_first(const float *weights, uint32_t *candidates, size_t n, size_t most,
                         double enough, double *ret_sum)
{
    size_t taken = 0;
    double sum = 0;
    for (size_t i = n / 2; i > 0; i--)
        sift(weights, candidates, n, i - 1);
    while (taken < n && taken < most && (taken == 0 || sum < enough)) {
        uint32_t top = candidates[0];
        sum += (double)weights[top];
        taken++;
        candidates[0] = candidates[n - taken];
        if (n - taken > 0)
            sift(weights, candidates, n - taken, 0);
        candidates[n - taken] = top;
    }
    *ret_sum = sum;
    return taken;
}

/* Draws with temperature > 0; total is the sum of the weights of all tokens. */
static uint32_t draw(struct sampler *s, const struct draw *d, double total)
{
    const struct surety_sampling *how = d->sampling;
    bool top_k = how->top_k > 0 && (uint32_t)how->top_k < s->n_vocab;
    bool top_p = how->top_p < 1;
    double least = top_k ? 0 : total * (top_p ? (1 - how->top_p) / s->n_vocab : 0);
    size_t n = 0;
    for (uint32_t i = 0; i < s->n_vocab; i++)
        if (s->weights[i] > 0 && (double)s->weights[i] >= least)
            s->candidates[n++] = i;
    double sum;
    size_t most = top_k ? (size_t)how->top_k : n;
    double enough = top_p && !top_k ? how->top_p * total : INFINITY;
    size_t kept = sort_first(s->weights, s->candidates, n, most, enough, &sum);
    const uint32_t *first = s->candidates + n; /* candidate i is first[-1 - i] */
    if (top_k && top_p) {
        double wanted = how->top_p * sum;
        sum = 0;
        size_t i = 0;
        do
            sum += (double)s->weights[first[-1 - (ptrdiff_t)i++]];
        while (i < kept && sum < wanted);
        kept = i;
    }
    double target = sampler_uniform(d->seed, d->position) * sum, running = 0;
    for (size_t i = 0; i + 1 < kept; i++) {
        running += (double)s->weights[first[-1 - (ptrdiff_t)i]];
        if (running > target)
            return first[-1 - (ptrdiff_t)i];
    }
    return first[-(ptrdiff_t)kept];
}

void sampler_draw(struct sampler *s, struct draw *d)
{
    size_t padded = lanes_round(s->n_vocab);
    float most = s->kernels->max(d->logits, padded);
    d->failed = !(most - most == 0);
    for (uint32_t i = 0; i < s->n_vocab; i++)
        d->failed |= isnan(d->logits[i]);
    if (d->failed)
        return;
    double temperature = d->sampling->temperature;
    float sum = s->kernels->exp_sum(s->weights, d->logits, padded, most, 1.0f);
    double normaliser = (double)most + log((double)sum);
    if (temperature == 0) {
        d->token = 0;
        while (d->logits[d->token] != most)
            d->token++;
    } else {
        if (temperature != 1)
            sum = s->kernels->exp_sum(s->weights, d->logits, padded, most,
                                      (float)fmin(1 / temperature, 1e30));
        d->token = draw(s, d, (double)sum);
    }
    d->logprob = (double)d->logits[d->token] - normaliser;
}
