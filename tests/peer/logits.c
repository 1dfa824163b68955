/*
 * logits.c - the logits that a side computes. usage: logits SIDE MODEL CACHE STEPS ID...
 *
 * SIDE is side.h's name of it, CACHE f16 or f32. All ids but the last STEPS are the prompt; the
 * last ones are decoded one by one by two sequences after it. Writes float32 [1 +
 * STEPS][vocabulary] to stdout: of the prompt's end, and of each step in the second sequence.
 */
#include "tests/peer/side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 1 /* the peer waits spinning for its others, which is slow on a busy machine */

static bool put(const float *logits, uint32_t n)
{
    return logits && fwrite(logits, sizeof *logits, n, stdout) == n;
}

static bool run(const struct side *side, void *state, const uint32_t *ids, uint32_t n,
                uint32_t steps)
{
    uint32_t vocabulary = side->vocabulary(state);
    bool ok = side->prefill(state, ids, n - steps) && put(side->logits(state, 0), vocabulary) &&
              side->fork(state, 2);
    for (uint32_t i = n - steps; ok && i < n; i++)
        ok = side->decode(state, (const uint32_t[2]){ids[i] ? 0 : 1, ids[i]}, 2) &&
             put(side->logits(state, 1), vocabulary);
    return ok;
}

int main(int argc, char **argv)
{
    static const struct side *const sides[] = {&side_surety, &side_llama, &side_llama_flash};
    uint32_t ids[4096], n = 0, steps = argc > 4 ? (uint32_t)atoi(argv[4]) : 0;
    for (int i = 5; i < argc && n < sizeof ids / sizeof *ids; i++)
        ids[n++] = (uint32_t)atoi(argv[i]);
    if (n <= steps) {
        fprintf(stderr, "usage: logits SIDE MODEL f16|f32 STEPS ID...\n");
        return 2;
    }
    struct side_config config = {.model = argv[2],
                                 .threads = THREADS,
                                 .prompt_tokens = n,
                                 .tail_tokens = steps + 1,
                                 .sequences = 2,
                                 .f32_cache = strcmp(argv[3], "f32") == 0};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        if (strcmp(argv[1], sides[i]->name) != 0)
            continue;
        void *state = sides[i]->open(&config);
        bool ok = state && run(sides[i], state, ids, n, steps);
        sides[i]->close(state);
        return ok ? 0 : 1;
    }
    fprintf(stderr, "there is no side %s\n", argv[1]);
    return 2;
}
