/*
 * engine.h - the state of the engine gguf, shared by its files: tasks and their items (engine.c),
 * and what a step computes (step.c).
 */
#ifndef SURETY_ENGINE_GGUF_ENGINE_H
#define SURETY_ENGINE_GGUF_ENGINE_H

#include "base/buf.h"
#include "engine/engine.h"
#include "engine/gguf/cache.h"
#include "engine/gguf/chat.h"
#include "engine/gguf/sampler.h"
#include "engine/gguf/thinking.h"

#define PREFILL_TOKENS 256 /* of one step */

struct task {
    uint64_t ticket;
    struct surety_sampling sampling; /* stop strings are copies */
    struct prompt *prompt;           /* NULL: too long */
    uint32_t prompt_tokens;
    uint32_t cached_tokens; /* of its first item; the others have the whole prompt cached */
    bool ready;             /* the prompt is computed, the items run */
    uint32_t live;          /* items without an output */
    struct task *next;      /* in order of submission */
};

/* One item. It runs when its task is ready, until it has ended; then its output is due. */
struct slot {
    struct task *task; /* NULL: free */
    uint32_t index, attempt, seed;
    bool first;      /* of its task */
    bool ended;      /* finish says how */
    bool advanced;   /* in this step */
    uint32_t *pages; /* [pages of a context] */
    uint32_t n_pages;
    uint32_t n_tokens; /* in the pages */
    uint32_t token;    /* sampled, not computed yet */
    uint32_t completion_tokens;
    double logprob; /* of the sampled tokens, not of forced ones */
    struct thinking thinking;
    struct buf text;
    enum surety_finish finish;
    struct surety_error error;
};

struct gguf {
    struct surety_model about;
    const struct log *log;
    struct tokenizer *tokenizer;
    struct chat chat;
    struct token_list think_end; /* see thinking.h */
    struct model model;
    const struct kernels *kernels;
    struct pool *pool;
    struct session session;
    struct cache cache;
    struct sampler *samplers; /* [threads] */
    struct task *tasks;
    struct slot *slots; /* [n_slots] */
    uint32_t n_slots, n_used;
    uint32_t *page_tables; /* all slots' pages */
    struct row *rows;      /* [session.max_rows] */
    struct draw *draws;    /* [n_slots] */
    struct slot **drawn;   /* [n_slots]: whose draw it is */
    uint32_t n_draws;
    int wake_fd;
};

/* Ends an item; its output comes with the next delivery. An ended one stays as it is. */
void slot_end(struct slot *slot, enum surety_finish finish);
void slot_fail(struct slot *slot, enum surety_err code, const char *message);

/* Computes the next PREFILL_TOKENS of prompts, or one token of every running item. */
enum surety_err gguf_compute(struct gguf *g, struct surety_error *err);

#endif
