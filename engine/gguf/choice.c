/*
 * Choices: the log-probability of each label behind an opened reply, from the logits alone.
 *
 * The opened reply is tokenised together with each label, as it would stand in a text. What all of
 * these begin with is the prompt, so a label's tokens are those behind it: its own, and those of
 * the opened reply that a label changes ("(" and "(A"). The logits behind the prompt tell the first
 * token of every label at once. Labels of more tokens are then computed one after the other: their
 * tokens stand behind the prompt as if they had been sampled, each from the logits before it. So an
 * item of a choice is parked and resumed like any other.
 */
#include "engine/gguf/engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct choice {
    uint32_t n;
    uint32_t first[SURETY_LABELS_MAX]; /* the labels' first tokens */
    struct token_list labels[SURETY_LABELS_MAX];
};

void choice_free(struct choice *choice)
{
    for (uint32_t i = 0; choice && i < choice->n; i++)
        token_list_fini(&choice->labels[i]);
    free(choice);
}

uint32_t choice_tokens(const struct choice *choice)
{
    uint32_t n = 0;
    for (uint32_t i = 0; choice && i < choice->n; i++)
        n += (uint32_t)choice->labels[i].n - 1;
    return n;
}

uint32_t choice_depth(const struct choice *choice)
{
    uint32_t most = 0;
    for (uint32_t i = 0; choice && i < choice->n; i++)
        if (choice->labels[i].n - 1 > most)
            most = (uint32_t)choice->labels[i].n - 1;
    return most;
}

uint32_t choice_labels(const struct choice *choice)
{
    return choice->n;
}

static size_t same_tokens(const struct token_list *a, const struct token_list *b, size_t most)
{
    size_t n = 0;
    while (n < most && n < a->n && n < b->n && a->ids[n] == b->ids[n])
        n++;
    return n;
}

/* The prompt with the opened reply and this label. */
static enum surety_err render_label(const struct gguf *g, const struct surety_task *task,
                                    const char *opened, const char *label, struct token_list *ret)
{
    char text[SURETY_OPENED_MAX + SURETY_LABEL_MAX + 1];
    memcpy(text, opened, strlen(opened));
    memcpy(text + strlen(opened), label, strlen(label) + 1);
    return chat_render(&g->chat, g->tokenizer, task->messages, task->n_messages, text, ret);
}

/* Takes the first n tokens, which are the prompt's, off all labels. False: of some nothing is left,
 * or it is what another begins with. */
static bool take_prompt_off(struct choice *c, size_t n)
{
    for (uint32_t i = 0; i < c->n; i++) {
        struct token_list *label = &c->labels[i];
        if (label->n <= n)
            return false;
        label->n -= n;
        memmove(label->ids, label->ids + n, label->n * sizeof *label->ids);
        c->first[i] = label->ids[0];
    }
    for (uint32_t i = 0; i < c->n; i++)
        for (uint32_t j = 0; j < c->n; j++)
            if (i != j && same_tokens(&c->labels[i], &c->labels[j], SIZE_MAX) == c->labels[i].n)
                return false;
    return true;
}

enum surety_err choice_open(const struct gguf *g, const struct surety_task *task, struct task *t,
                            struct token_list *prompt, struct surety_error *err)
{
    bool chooses = task->n_labels > 0 && g->about.chooses;
    const char *opened = chooses && task->opened ? task->opened : "";
    enum surety_err code = chooses ? engine_check_choice(task, err) : SURETY_OK;
    if (!code)
        code =
            chat_render(&g->chat, g->tokenizer, task->messages, task->n_messages, opened, prompt);
    if (code || !chooses)
        return code;
    struct choice *c = t->choice = calloc(1, sizeof *c);
    if (!c)
        return SURETY_ERR_NOMEM;
    size_t shared = prompt->n;
    while (!code && c->n < task->n_labels) {
        struct token_list *label = &c->labels[c->n++];
        code = render_label(g, task, opened, task->labels[c->n - 1], label);
        shared = same_tokens(prompt, label, shared);
    }
    if (code)
        return code;
    prompt->n = shared;
    if (shared > 0 && take_prompt_off(c, shared))
        return SURETY_OK;
    return surety_fail(err, SURETY_ERR_INVALID,
                       "this model's tokens cannot tell the labels apart: word them otherwise");
}

/* The next label with tokens behind its first one; n: none is left. */
static uint32_t next_long(const struct choice *c, uint32_t from)
{
    while (from < c->n && c->labels[from].n == 1)
        from++;
    return from;
}

void choice_want(struct slot *slot, struct draw *d)
{
    const struct choice *c = slot->task->choice;
    if (slot->own.n == 0) {
        d->wanted = c->first;
        d->n_wanted = c->n;
        d->logprobs = slot->label_logprobs;
        return;
    }
    d->wanted = &c->labels[slot->label].ids[slot->own.n];
    d->n_wanted = 1;
    d->logprobs = &slot->logprob;
}

bool choice_accept(struct slot *slot, const struct draw *d, enum surety_err *ret_err)
{
    const struct choice *c = slot->task->choice;
    uint32_t next = 0;
    if (slot->own.n > 0) {
        slot->label_logprobs[slot->label] += *d->logprobs;
        next = slot->label;
        if (slot->own.n + 1 == c->labels[next].n) {
            next++;
            slot->own.n = 0; /* back to the prompt: what stands behind it is written again */
            slot->n_tokens = slot->task->prompt_tokens;
        }
    }
    slot->label = next = next_long(c, next);
    *ret_err = SURETY_OK;
    if (next < c->n) {
        *ret_err = token_list_add(&slot->own, c->labels[next].ids[slot->own.n]);
        return *ret_err != SURETY_OK;
    }
    for (uint32_t i = 0; i < c->n; i++)
        if (!isfinite(slot->label_logprobs[i]))
            *ret_err = SURETY_ERR_ENGINE;
    return true;
}
