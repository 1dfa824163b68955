#include "engine/gguf/cache.h"

#include <stdlib.h>
#include <string.h>

enum surety_err cache_init(struct cache *c, uint32_t n_pages)
{
    *c = (struct cache){.n_all = n_pages, .n_free = n_pages};
    c->users = calloc(n_pages, sizeof *c->users);
    c->free = malloc(n_pages * sizeof *c->free);
    c->idle = malloc(n_pages * sizeof *c->idle);
    if (!c->users || !c->free || !c->idle) {
        cache_fini(c);
        return SURETY_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < n_pages; i++)
        c->free[i] = n_pages - 1 - i; /* low pages first */
    return SURETY_OK;
}

void prompt_reset(struct cache *c, struct prompt *p)
{
    for (uint32_t i = 0; i < p->n_pages; i++)
        cache_drop_page(c, p->pages[i]);
    p->n_pages = p->computed = p->shared = 0;
    p->started = false;
}

static void free_prompt(struct cache *c, struct prompt *p)
{
    struct prompt **link = &c->prompts;
    while (*link != p)
        link = &(*link)->next;
    *link = p->next;
    prompt_reset(c, p);
    free(p->pages);
    token_list_fini(&p->tokens);
    free(p);
}

void cache_fini(struct cache *c)
{
    if (!c)
        return;
    while (c->prompts)
        free_prompt(c, c->prompts);
    free(c->users);
    free(c->free);
    free(c->idle);
    *c = (struct cache){0};
}

/* Frees the idle prompt that was used least lately, if more than allowed are held. */
static bool evict(struct cache *c, size_t allowed)
{
    struct prompt *oldest = NULL;
    size_t idle = 0;
    for (struct prompt *p = c->prompts; p; p = p->next)
        if (p->users == 0) {
            idle++;
            if (!oldest || p->last_used < oldest->last_used)
                oldest = p;
        }
    if (idle <= allowed)
        return false;
    free_prompt(c, oldest);
    return true;
}

uint32_t cache_take_page(struct cache *c)
{
    while (c->n_free == 0)
        if (!evict(c, 0))
            return PAGE_NONE;
    uint32_t page = c->free[--c->n_free];
    c->users[page] = 1;
    return page;
}

void cache_share_page(struct cache *c, uint32_t page)
{
    c->users[page]++;
}

void cache_drop_page(struct cache *c, uint32_t page)
{
    if (--c->users[page] == 0)
        c->free[c->n_free++] = page;
}

struct prompt *prompt_create(struct cache *c, struct token_list *tokens)
{
    struct prompt *p = calloc(1, sizeof *p);
    if (p)
        p->pages = calloc(pages_of((uint32_t)tokens->n) + 1, sizeof *p->pages);
    if (!p || !p->pages) {
        free(p);
        token_list_fini(tokens);
        return NULL;
    }
    p->tokens = *tokens;
    *tokens = (struct token_list){0};
    p->users = 1;
    p->next = c->prompts;
    c->prompts = p;
    return p;
}

static uint32_t same_tokens(const struct prompt *a, const struct prompt *b, uint32_t most)
{
    uint32_t n = 0;
    while (n < most && a->tokens.ids[n] == b->tokens.ids[n])
        n++;
    return n;
}

/* The prompt that saves the most; *ret_n tokens. */
static const struct prompt *best_match(const struct cache *c, const struct prompt *p, bool later,
                                       uint32_t *ret_n)
{
    const struct prompt *best = NULL;
    *ret_n = 0;
    for (const struct prompt *q = c->prompts; q; q = q->next) {
        uint32_t has = later && q->started && q->users ? (uint32_t)q->tokens.n : q->computed;
        uint32_t most = (uint32_t)p->tokens.n - 1;
        if (q == p || (has < most ? has : most) <= *ret_n)
            continue;
        uint32_t n = same_tokens(p, q, has < most ? has : most);
        if (n > *ret_n) {
            *ret_n = n;
            best = q;
        }
    }
    return best;
}

uint32_t prompt_saves(const struct cache *c, const struct prompt *p, bool later)
{
    uint32_t n;
    best_match(c, p, later, &n);
    return n;
}

enum surety_err prompt_begin(struct cache *c, struct forward *s, struct prompt *p)
{
    uint32_t n;
    const struct prompt *from = best_match(c, p, false, &n);
    p->started = true;
    if (!from)
        return SURETY_OK;
    for (; p->n_pages < n / PAGE_TOKENS; p->n_pages++) {
        p->pages[p->n_pages] = from->pages[p->n_pages];
        cache_share_page(c, p->pages[p->n_pages]);
    }
    p->computed = p->shared = p->n_pages * PAGE_TOKENS;
    if (n % PAGE_TOKENS == 0)
        return SURETY_OK;
    uint32_t source = from->pages[p->n_pages];
    cache_share_page(c, source); /* taking a page may evict from */
    enum surety_err code = prompt_extend(c, p, n);
    if (code == SURETY_OK) {
        forward_copy_page(s, p->pages[p->n_pages - 1], source);
        p->computed = p->shared = n;
    }
    cache_drop_page(c, source);
    return code;
}

enum surety_err prompt_extend(struct cache *c, struct prompt *p, uint32_t n)
{
    while (p->n_pages < pages_of(n)) {
        uint32_t page = cache_take_page(c);
        if (page == PAGE_NONE)
            return SURETY_ERR_LIMIT;
        p->pages[p->n_pages++] = page;
    }
    return SURETY_OK;
}

enum surety_err prompt_fork(struct cache *c, struct forward *s, const struct prompt *p,
                            uint32_t *pages)
{
    uint32_t full = (uint32_t)p->tokens.n / PAGE_TOKENS;
    if (p->tokens.n % PAGE_TOKENS) {
        pages[full] = cache_take_page(c);
        if (pages[full] == PAGE_NONE)
            return SURETY_ERR_LIMIT;
        forward_copy_page(s, pages[full], p->pages[full]);
    }
    for (uint32_t i = 0; i < full; i++) {
        pages[i] = p->pages[i];
        cache_share_page(c, pages[i]);
    }
    return SURETY_OK;
}

uint32_t cache_spare_pages(struct cache *c)
{
    uint32_t n = c->n_free;
    memset(c->idle, 0, c->n_all * sizeof *c->idle);
    for (const struct prompt *p = c->prompts; p; p = p->next)
        for (uint32_t i = 0; p->users == 0 && i < p->n_pages; i++)
            n += ++c->idle[p->pages[i]] == c->users[p->pages[i]];
    return n;
}

void prompt_drop(struct cache *c, struct prompt *p)
{
    if (--p->users > 0)
        return;
    p->last_used = ++c->clock;
    if (p->computed == 0)
        free_prompt(c, p);
    while (evict(c, CACHE_IDLE_MAX))
        continue;
}

static bool join_tokens(const struct prompt *p, const struct token_list *own,
                        struct token_list *ret)
{
    bool good = true;
    for (size_t i = 0; i < p->tokens.n && good; i++)
        good = !token_list_add(ret, p->tokens.ids[i]);
    for (size_t i = 0; i < own->n && good; i++)
        good = !token_list_add(ret, own->ids[i]);
    return good;
}

void prompt_keep(struct cache *c, const struct prompt *p, const struct token_list *own,
                 uint32_t computed, const uint32_t *pages, uint32_t n_pages)
{
    struct token_list tokens = {0};
    struct prompt *kept = join_tokens(p, own, &tokens) ? prompt_create(c, &tokens) : NULL;
    token_list_fini(&tokens);
    for (uint32_t i = 0; i < n_pages && !kept; i++)
        cache_drop_page(c, pages[i]);
    if (!kept)
        return;
    memcpy(kept->pages, pages, n_pages * sizeof *pages);
    kept->n_pages = n_pages;
    kept->computed = computed;
    kept->started = true;
    prompt_drop(c, kept);
}
