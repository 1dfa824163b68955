/*
 * What happens when pages run out. Items stand in a queue: by task in order of submission, then by
 * index. Of running items who comes first has the first right to pages (a prompt waits for those
 * that run already); the last holder is parked: its pages are
 * given back, its tokens kept. Later it is computed again, to the same bits, as a row's result
 * depends on its sequence alone. The cache holds one whole context and one page more, so the first
 * in the queue always goes on, and everything ends.
 */
#include "engine/gguf/engine.h"

#define SPARE_PAGES 4 /* more than it needs at once, before an item is resumed */
#define GROW_PAGES 8  /* that each running item may still take before one is resumed */

static void park(struct gguf *g, struct slot *slot)
{
    for (uint32_t i = 0; i < slot->n_pages; i++)
        cache_drop_page(&g->cache, slot->pages[i]);
    slot->n_pages = slot->n_tokens = 0;
    slot->parked = true;
}

/* The last item in the queue that holds pages, if it stands behind. */
static struct slot *last_holder(const struct gguf *g, const struct task *t, const struct slot *slot)
{
    for (uint32_t i = g->n_used; i > 0; i--) {
        struct slot *other = g->queue[i - 1];
        if (other == slot || other->task->number < t->number || (!slot && other->task == t))
            return NULL;
        if (other->n_pages > 0)
            return other;
    }
    return NULL;
}

/* The prompt of the last task behind t that holds pages which no running item needs. */
static struct task *last_prompt(const struct gguf *g, const struct task *t)
{
    struct task *last = NULL;
    for (struct task *other = t->next; other; other = other->next)
        if (other->prompt && other->prompt->n_pages > 0 && other->batch_rows == 0)
            last = other;
    return last;
}

static bool make_room(struct gguf *g, const struct task *t, const struct slot *slot)
{
    struct slot *victim = last_holder(g, t, slot);
    if (victim) {
        park(g, victim);
        return true;
    }
    struct task *other = last_prompt(g, t);
    if (!other)
        return false;
    prompt_reset(&g->cache, other->prompt);
    other->ready = false;
    return true;
}

bool make_room_behind(struct gguf *g, const struct task *t)
{
    return make_room(g, t, NULL);
}

static bool fork_prompt(struct gguf *g, struct slot *slot, bool must)
{
    const struct task *t = slot->task;
    while (prompt_fork(&g->cache, &g->forward, t->prompt, slot->pages) != SURETY_OK)
        if (!must || !make_room(g, t, slot))
            return false;
    slot->n_pages = pages_of(t->prompt_tokens);
    slot->n_tokens = t->prompt_tokens;
    slot->parked = false;
    return true;
}

bool slot_start(struct gguf *g, struct slot *slot)
{
    slot->parked = !fork_prompt(g, slot, false);
    return !slot->parked;
}

/* Pages that running items will soon take. */
static uint32_t owed_pages(const struct gguf *g)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n_used; i++) {
        const struct slot *slot = g->queue[i];
        if (slot->ended || slot->n_pages == 0)
            continue;
        uint32_t all = pages_of(slot->task->prompt_tokens + (uint32_t)slot->own.n);
        n += GROW_PAGES + (all > slot->n_pages ? all - slot->n_pages : 0);
    }
    return n;
}

bool slot_resume(struct gguf *g, struct slot *slot, bool must)
{
    const struct task *t = slot->task;
    uint32_t wanted = pages_of(t->prompt_tokens + (uint32_t)slot->own.n) -
                      t->prompt_tokens / PAGE_TOKENS + SPARE_PAGES + owed_pages(g);
    if ((!must && cache_spare_pages(&g->cache) < wanted) || !fork_prompt(g, slot, must))
        return false;
    if (slot->own.n ==
        0) /* its logits are gone: the last token is computed again, to what it was */
        slot->n_tokens--;
    return true;
}

bool slot_extend(struct gguf *g, struct slot *slot, uint32_t n)
{
    while (slot->n_pages < pages_of(n)) {
        uint32_t page = cache_take_page(&g->cache);
        if (page != PAGE_NONE) {
            slot->pages[slot->n_pages++] = page;
        } else if (!make_room(g, slot->task, slot)) {
            park(g, slot);
            return false;
        }
    }
    return true;
}
