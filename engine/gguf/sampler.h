/*
 * sampler.h - draws a token from logits.
 *
 * In this order: temperature, top-k, top-p, draw. Temperature 0 takes the most likely token, the
 * lowest id among equals. The draw for the token at position p of a completion is the number
 *   u(seed, p) = (hash_u64(hash_u64(0, seed), p) >> 11) / 2^53      (base/hash.h)
 * a pure function, so a completion does not depend on what else was drawn. Candidates stand by
 * falling probability, then rising id; the first whose running sum exceeds u times the sum of all
 * candidates is drawn. Top-p (Holtzman et al. 2020, section 3.1) keeps the fewest of them that hold
 * top_p of what top-k left.
 *
 * Sums are doubles, in an order that is fixed but not that of the candidates: those of one octave
 * (weights of equal exponent) are added exactly, as for up to 2^29 of them no bit is lost, then the
 * octaves from the heaviest on. Only the whole of which top_p is taken is added in LANES lanes.
 */
#ifndef SURETY_ENGINE_GGUF_SAMPLER_H
#define SURETY_ENGINE_GGUF_SAMPLER_H

#include <stdbool.h>

#include "engine/gguf/kernels.h"
#include <surety/types.h>

struct draw {
    /* in */
    const float *logits; /* [lanes_round(n_vocab)], -INFINITY beyond n_vocab */
    const struct surety_sampling *sampling;
    uint32_t seed;
    uint32_t position;      /* 0 for the first token of a completion */
    const uint32_t *wanted; /* [n_wanted]: nothing is drawn, only the log-probabilities of these */
    uint32_t n_wanted;      /* are told */
    double *logprobs;       /* [n_wanted]: where to */
    /* out */
    uint32_t token;
    double logprob; /* of the token, at temperature 1, over all tokens */
    bool failed;    /* the logits are no numbers; nothing was drawn */
};

struct sampler { /* scratch of one thread */
    const struct kernels *kernels;
    uint32_t n_vocab;
    float *weights;       /* [lanes_round(n_vocab)] */
    uint32_t *candidates; /* [lanes_round(n_vocab)] */
    uint32_t *pile;       /* [n_vocab] */
};

enum surety_err sampler_init(struct sampler *s, const struct kernels *kernels, uint32_t n_vocab);
void sampler_fini(struct sampler *s); /* NULL and a finished one are fine */

void sampler_draw(struct sampler *s, struct draw *d);

/* u(seed, position) in [0, 1) */
double sampler_uniform(uint32_t seed, uint32_t position);

#endif
