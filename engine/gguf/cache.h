/*
 * cache.h - who uses which page of the key-value cache, and the prompts that are held in it.
 *
 * A page holds PAGE_TOKENS tokens and may be shared: by a prompt and all completions of it, and by
 * prompts that begin with the same tokens. What an item wrote is held with its prompt, since the
 * next turn of its conversation begins with both. Shared pages are full and never written again. A
 * prompt that nobody uses any more stays, for prompts like it, until its pages are needed. Bounded:
 * the number of pages is given, and active prompts are the caller's to bound. Not thread-safe.
 */
#ifndef SURETY_ENGINE_GGUF_CACHE_H
#define SURETY_ENGINE_GGUF_CACHE_H

#include <stdint.h>

#include "engine/gguf/forward.h"
#include "engine/gguf/tokenizer.h"

#define PAGE_NONE UINT32_MAX
#define CACHE_IDLE_MAX 256 /* prompts held for later */

static inline uint32_t pages_of(uint32_t tokens)
{
    return (tokens + PAGE_TOKENS - 1) / PAGE_TOKENS;
}

struct prompt {
    struct token_list tokens;
    uint32_t computed;  /* tokens whose keys and values stand in the pages */
    uint32_t shared;    /* of these, tokens taken over from another prompt */
    bool started;       /* prompt_begin was called */
    uint32_t users;     /* 0: idle */
    uint64_t last_used; /* of an idle one */
    uint32_t *pages;    /* [n_pages] */
    uint32_t n_pages;
    struct prompt *next;
};

struct cache {
    uint32_t *users; /* [n_all]: of each page */
    uint32_t *free;  /* [n_free] */
    uint32_t *idle;  /* [n_all]: of users, those that are idle prompts; cache_spare_pages */
    uint32_t n_all, n_free;
    struct prompt *prompts;
    uint64_t clock;
};

enum surety_err cache_init(struct cache *c, uint32_t n_pages); /* NOMEM */
void cache_fini(struct cache *c); /* NULL and a finished one are fine */

/* A page with one user, at the cost of idle prompts. PAGE_NONE: all are in use. */
uint32_t cache_take_page(struct cache *c);
void cache_share_page(struct cache *c, uint32_t page);
void cache_drop_page(struct cache *c, uint32_t page);

/* A prompt with one user; takes the tokens (and empties the list) also on failure. NULL: NOMEM. */
struct prompt *prompt_create(struct cache *c, struct token_list *tokens);

/* How many tokens another prompt can save this one: now, and once those being computed are done.
 * The last token is never saved, as its logits are wanted. */
uint32_t prompt_saves(const struct cache *c, const struct prompt *p, bool later);

/* Takes over what prompt_saves(now) tells. LIMIT: no page is free. */
enum surety_err prompt_begin(struct cache *c, struct forward *s, struct prompt *p);

/* Makes sure that the first n tokens have pages of their own to be written to. LIMIT. */
enum surety_err prompt_extend(struct cache *c, struct prompt *p, uint32_t n);

/* Copies a computed prompt's page table for a completion: full pages are shared, the last one is
 * copied. Writes the pages of all its tokens to pages. LIMIT: nothing is kept. */
enum surety_err prompt_fork(struct cache *c, struct forward *s, const struct prompt *p,
                            uint32_t *pages);

/* Gives the pages back; the prompt must be begun again. */
void prompt_reset(struct cache *c, struct prompt *p);

/* Holds what was computed behind a prompt, for prompts that go on from there: the first `computed`
 * of its tokens and the own ones, in pages that are taken over. Without memory nothing is held, and
 * the pages are given back. */
void prompt_keep(struct cache *c, const struct prompt *p, const struct token_list *own,
                 uint32_t computed, const uint32_t *pages, uint32_t n_pages);

/* Pages that are free, or would be without idle prompts. */
uint32_t cache_spare_pages(struct cache *c);

/* One user less. */
void prompt_drop(struct cache *c, struct prompt *p);

#endif
