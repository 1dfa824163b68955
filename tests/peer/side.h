/*
 * side.h - one engine as the peer programs drive it: one prompt, K sequences that go on from it.
 *
 * Token ids go in and logits come out; no text and no sampling between the steps. Every side has
 * the same order of calls: open, prefill, fork, decode..., fork again, and so on. One thread drives
 * a side. The functions that return bool say what failed on stderr.
 */
#ifndef SURETY_TESTS_PEER_SIDE_H
#define SURETY_TESTS_PEER_SIDE_H

#include <stdbool.h>
#include <stdint.h>

struct side_config {
    const char *model; /* a GGUF file */
    uint32_t threads;
    uint32_t prompt_tokens; /* at most, of a prefill */
    uint32_t tail_tokens;   /* at most, of a sequence after the prompt */
    uint32_t sequences;     /* at most */
    bool f32_cache;         /* keys and values as F32; else as F16 */
};

struct side {
    const char *name;

    /* NULL: it failed, and said why. */
    void *(*open)(const struct side_config *config);
    void (*close)(void *state); /* NULL is fine */

    uint32_t (*vocabulary)(const void *state);

    /* Forgets everything and computes a prompt, with the logits of its last token. */
    bool (*prefill)(void *state, const uint32_t *ids, uint32_t n);

    /* Sequences 0 to k - 1 go on after the prompt; what was decoded before is forgotten. */
    bool (*fork)(void *state, uint32_t k);

    /* One more token of each of k sequences, with the logits of all. */
    bool (*decode)(void *state, const uint32_t *ids, uint32_t k);

    /* [vocabulary] of sequence i; of sequence 0 after a prefill. Until the next call. */
    const float *(*logits)(void *state, uint32_t i);

    /* Draws a token of sequence i at temperature 1 and top-p 0.95, without top-k. */
    uint32_t (*sample)(void *state, uint32_t i, uint32_t seed);

    /* Threads that still poll for work stop doing so. */
    void (*rest)(void *state);
};

extern const struct side side_surety;
extern const struct side side_llama;       /* without flash attention */
extern const struct side side_llama_flash; /* with it */

/* Name and value of what the peer runs with, for reports; after the first open. */
const char *side_llama_about(void);

#endif
