#include "engine/gguf/tokenizer_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

void token_list_fini(struct token_list *list)
{
    free(list->ids);
    *list = (struct token_list){0};
}

enum surety_err token_list_add(struct token_list *list, uint32_t id)
{
    if (list->n == list->size) {
        size_t size = list->size ? 2 * list->size : 64;
        uint32_t *ids = realloc(list->ids, size * sizeof *ids);
        if (!ids)
            return SURETY_ERR_NOMEM;
        list->ids = ids;
        list->size = size;
    }
    list->ids[list->n++] = id;
    return SURETY_OK;
}

void tokenizer_free(struct tokenizer *t)
{
    if (!t)
        return;
    free(t->kinds);
    free(t->pieces);
    free(t->starts);
    free(t->merges);
    free(t->by_piece);
    free(t->ranks);
    free(t->specials);
    free(t);
}

/* ---- tables ---- */

struct merge *tokenizer_merge(const struct tokenizer *t, uint32_t left, uint32_t right)
{
    uint64_t h = ((uint64_t)left << 32 | right) * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(h >> 32) & t->merge_mask;
    for (; t->merges[i].left != TOKEN_NONE; i = (i + 1) & t->merge_mask)
        if (t->merges[i].left == left && t->merges[i].right == right)
            break;
    return &t->merges[i];
}

uint32_t *tokenizer_place(const struct tokenizer *t, const char *text, size_t len)
{
    size_t i = (size_t)hash_bytes(0, text, len) & t->piece_mask;
    for (; t->by_piece[i] != TOKEN_NONE; i = (i + 1) & t->piece_mask) {
        struct gguf_string piece = tokenizer_piece(t, t->by_piece[i]);
        if (piece.len == len && memcmp(piece.text, text, len) == 0)
            break;
    }
    return &t->by_piece[i];
}

const struct special *tokenizer_special(const struct tokenizer *t, const char *text, size_t len,
                                        bool control)
{
    unsigned char first = (unsigned char)text[0];
    for (size_t i = t->special_starts[first]; i < t->special_starts[first + 1]; i++) {
        const struct special *s = &t->specials[i];
        if (s->text.len <= len && (control || !s->control) &&
            memcmp(s->text.text, text, s->text.len) == 0)
            return s;
    }
    return NULL;
}

/* ---- tokens ---- */

uint32_t tokenizer_size(const struct tokenizer *t)
{
    return t->n_vocab;
}

struct gguf_string tokenizer_piece(const struct tokenizer *t, uint32_t id)
{
    if (id >= t->n_vocab)
        return (struct gguf_string){"", 0};
    return (struct gguf_string){t->pieces + t->starts[id], t->starts[id + 1] - t->starts[id]};
}

bool tokenizer_is_control(const struct tokenizer *t, uint32_t id)
{
    return id < t->n_vocab && (t->kinds[id] == KIND_CONTROL || t->kinds[id] == KIND_UNKNOWN);
}

uint32_t tokenizer_control_at(const struct tokenizer *t, const char *text, size_t len)
{
    const struct special *s = len > 0 ? tokenizer_special(t, text, len, true) : NULL;
    return s && s->control ? s->id : TOKEN_NONE;
}

uint32_t tokenizer_control(const struct tokenizer *t, const char *name)
{
    uint32_t id = tokenizer_control_at(t, name, strlen(name));
    return id != TOKEN_NONE && tokenizer_piece(t, id).len == strlen(name) ? id : TOKEN_NONE;
}

uint32_t tokenizer_bos(const struct tokenizer *t)
{
    return t->bos;
}

bool tokenizer_is_end(const struct tokenizer *t, uint32_t id)
{
    for (size_t i = 0; i < t->n_ends; i++)
        if (t->ends[i] == id)
            return true;
    return false;
}
