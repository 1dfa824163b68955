/*
 * engine.h - the state of the engine gguf, shared by its files: opening a model (open.c), tasks
 * and their items (engine.c), what a step computes (step.c), and what happens when pages run out
 * (park.c).
 */
#ifndef SURETY_ENGINE_GGUF_ENGINE_H
#define SURETY_ENGINE_GGUF_ENGINE_H

#include "base/buf.h"
#include "engine/engine.h"
#include "engine/gguf/cache.h"
#include "engine/gguf/chat.h"
#include "engine/gguf/sampler.h"
#include "engine/gguf/thinking.h"

#define PREFILL_TOKENS 256 /* of one step, at most */
#define PREFILL_LEAST 32

struct task {
    uint64_t ticket;
    uint64_t number; /* in order of submission: who comes first has the first right to pages */
    struct surety_sampling sampling; /* stop strings are copies */
    struct prompt *prompt;           /* NULL: too long */
    uint32_t prompt_tokens;
    uint32_t cached_tokens; /* of its first item; the others have the whole prompt cached */
    bool goes_on;           /* another turn may follow on what its items write */
    bool ready;             /* the prompt is computed, the items run */
    uint32_t live;          /* items without an output */
    uint32_t batch_rows;    /* of its prompt, in the batch in hand */
    uint32_t batch_logits;  /* of the prompt's last token; LOGITS_NONE: not in the batch */
    struct choice *choice;  /* NULL: items are sampled */
    struct task *next;      /* in order of submission */
};

#define LOGITS_NONE UINT32_MAX

/*
 * One item. It runs when its task is ready, until it has ended; then its output is due. Its tokens
 * are those of the prompt and its own; the first n_tokens of them are computed. A running item
 * lacks the last one. One without pages is parked: it is computed again when there is room, to the
 * same bits.
 */
struct slot {
    struct task *task; /* NULL: free */
    uint32_t index, attempt, seed;
    bool first;    /* of its task */
    bool ended;    /* finish says how */
    bool advanced; /* in this step */
    bool parked;
    uint32_t *pages; /* [pages of a context] */
    uint32_t n_pages;
    uint32_t n_tokens;     /* in the pages */
    struct token_list own; /* sampled or forced */
    double logprob;        /* of the sampled tokens, not of forced ones */
    struct thinking thinking;
    uint32_t label; /* of a choice, when own.n > 0: the one whose tokens are computed */
    double label_logprobs[SURETY_LABELS_MAX];
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
    struct thread_pool *pool;
    struct forward forward;
    struct cache cache;
    struct sampler *samplers; /* [threads] */
    struct task *tasks;
    uint64_t n_tasks;   /* ever submitted */
    struct slot *slots; /* [n_slots] */
    uint32_t n_slots, n_used;
    struct slot **queue;   /* [n_slots]: the used ones, those with the first right to pages first */
    uint32_t *page_tables; /* all slots' pages */
    struct row *rows;      /* [forward.max_rows] */
    uint32_t n_rows, n_logits, prefill_rows; /* of the batch in hand, and how long it may be */
    struct draw *draws;                      /* [n_slots] */
    struct slot **drawn;                     /* [n_slots]: whose draw it is */
    uint32_t n_draws;
    int wake_fd;
};

/* choice.c: takes a choice's labels into t->choice, and leaves in prompt the tokens that stand
 * before all of them. Without labels: OK, and prompt holds all tokens. INVALID, LIMIT, NOMEM. */
enum surety_err choice_open(const struct gguf *g, const struct surety_task *task, struct task *t,
                            struct token_list *prompt, struct surety_error *err);
void choice_free(struct choice *choice); /* NULL is fine */

/* The tokens of its labels that are computed behind the prompt: all, and at most at once. */
uint32_t choice_tokens(const struct choice *choice);
uint32_t choice_depth(const struct choice *choice);
uint32_t choice_labels(const struct choice *choice);

/* What is wanted of the logits that stand behind an item's tokens. */
void choice_want(struct slot *slot, struct draw *d);

/* Takes up what was wanted and goes on to the next token; true: the item is at its end. ENGINE: a
 * label has no finite log-probability; NOMEM. */
bool choice_accept(struct slot *slot, const struct draw *d, enum surety_err *ret_err);

/* Fills an engine that has its log and slots. On failure it holds a part, for close to free. */
enum surety_err gguf_load(struct gguf *g, const struct engine_config *config, const char *path,
                          struct surety_error *err);

/* Ends an item; its output comes with the next delivery. An ended one stays as it is. */
void slot_end(struct slot *slot, enum surety_finish finish);
void slot_fail(struct slot *slot, enum surety_err code, const char *message);

/* Gives a ready item its prompt's pages, or parks it. */
bool slot_start(struct gguf *g, struct slot *slot);

/* Makes a parked item run if pages are to spare, or at others' cost if it must. */
bool slot_resume(struct gguf *g, struct slot *slot, bool must);

/* Makes sure that the first n tokens have pages, at the cost of those behind it in the queue.
 * False: the item was parked itself. */
bool slot_extend(struct gguf *g, struct slot *slot, uint32_t n);

/* Gives back pages of an item or a prompt behind this task; false: there is none. */
bool make_room_behind(struct gguf *g, const struct task *t);

/* Computes one more token of every running item, and up to PREFILL_TOKENS of prompts. */
enum surety_err gguf_compute(struct gguf *g, struct surety_error *err);

#endif
