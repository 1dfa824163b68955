/*
 * A word is a linked list of symbols, named by the offset of their first byte; a heap holds every
 * adjacent pair that can merge, by rank and then position. A merge leaves stale entries in the
 * heap: one is stale exactly when the pair that now stands at its position has another rank. So a
 * word of n bytes costs n log n.
 */
#include "engine/gguf/tokenizer_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

#define BLANK "\xE2\x96\x81" /* U+2581, SentencePiece's blank */

struct word { /* scratch of one encode; arrays of size elements, heap of twice that */
    const char *text;
    size_t len;
    uint32_t *ids;  /* TOKEN_NONE: no token of its own */
    uint32_t *next; /* offset of the next symbol, at the end len; 0: merged into another */
    uint32_t *prev; /* undefined for the first */
    uint64_t *heap; /* rank << 32 | offset */
    size_t size, n_heap;
};

static void word_fini(struct word *w)
{
    free(w->ids);
    free(w->next);
    free(w->prev);
    free(w->heap);
}

static enum surety_err word_begin(struct word *w, const char *text, size_t len)
{
    if (len > w->size) {
        word_fini(w);
        *w = (struct word){.size = len < 64 ? 64 : len};
        w->ids = malloc(w->size * sizeof *w->ids);
        w->next = malloc(w->size * sizeof *w->next);
        w->prev = malloc(w->size * sizeof *w->prev);
        w->heap = malloc(2 * w->size * sizeof *w->heap);
        if (!w->ids || !w->next || !w->prev || !w->heap)
            return SURETY_ERR_NOMEM;
    }
    w->text = text;
    w->len = len;
    w->n_heap = 0;
    return SURETY_OK;
}

static void heap_push(struct word *w, uint64_t entry)
{
    size_t i = w->n_heap++;
    for (; i > 0 && w->heap[(i - 1) / 2] > entry; i = (i - 1) / 2)
        w->heap[i] = w->heap[(i - 1) / 2];
    w->heap[i] = entry;
}

static uint64_t heap_pop(struct word *w)
{
    uint64_t top = w->heap[0], last = w->heap[--w->n_heap];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < w->n_heap; i = child) {
        child += child + 1 < w->n_heap && w->heap[child + 1] < w->heap[child];
        if (w->heap[child] >= last)
            break;
        w->heap[i] = w->heap[child];
    }
    w->heap[i] = last;
    return top;
}

/* The token of these bytes, or TOKEN_NONE. */
static uint32_t find_piece(const struct tokenizer *t, const char *text, size_t len)
{
    return len <= t->piece_max ? *tokenizer_place(t, text, len) : TOKEN_NONE;
}

/* What the symbol at i and the one after it merge into, or TOKEN_NONE. */
static uint32_t pair_at(const struct tokenizer *t, const struct word *w, uint32_t i,
                        uint32_t *ret_rank)
{
    uint32_t right = w->next[i];
    if (right == 0 || right == w->len)
        return TOKEN_NONE;
    if (!t->merges) {
        uint32_t id = find_piece(t, w->text + i, w->next[right] - i);
        if (id != TOKEN_NONE)
            *ret_rank = t->ranks[id];
        return id;
    }
    const struct merge *m = tokenizer_merge(t, w->ids[i], w->ids[right]);
    *ret_rank = m->rank;
    return m->left == TOKEN_NONE ? TOKEN_NONE : m->id;
}

static void push_pair(const struct tokenizer *t, struct word *w, uint32_t i)
{
    uint32_t rank;
    if (pair_at(t, w, i, &rank) != TOKEN_NONE)
        heap_push(w, (uint64_t)rank << 32 | i);
}

/* Merges pairs, lowest rank and then leftmost first, until none is left. */
static void merge_all(const struct tokenizer *t, struct word *w)
{
    for (uint32_t i = 0; i < w->len; i = w->next[i])
        push_pair(t, w, i);
    while (w->n_heap > 0) {
        uint64_t entry = heap_pop(w);
        uint32_t i = (uint32_t)entry, rank, id = pair_at(t, w, i, &rank);
        if (id == TOKEN_NONE || rank != entry >> 32)
            continue; /* stale */
        uint32_t gone = w->next[i];
        w->ids[i] = id;
        w->next[i] = w->next[gone];
        w->next[gone] = 0;
        if (w->next[i] < w->len)
            w->prev[w->next[i]] = i;
        push_pair(t, w, i);
        if (i > 0)
            push_pair(t, w, w->prev[i]);
    }
}

/* ---- kind gpt2 ---- */

static enum surety_err encode_word(const struct tokenizer *t, const char *text, size_t len,
                                   struct word *w, struct token_list *list)
{
    enum surety_err code = word_begin(w, text, len);
    if (code != SURETY_OK)
        return code;
    if (t->words->whole_words) {
        uint32_t id = find_piece(t, text, len);
        if (id != TOKEN_NONE)
            return token_list_add(list, id);
    }
    for (uint32_t i = 0; i < len; i++) {
        w->ids[i] = t->byte_ids[(unsigned char)text[i]];
        w->prev[i] = i - 1;
        w->next[i] = i + 1;
    }
    merge_all(t, w);
    for (uint32_t i = 0; i < len && code == SURETY_OK; i = w->next[i])
        if (w->ids[i] != TOKEN_NONE)
            code = token_list_add(list, w->ids[i]);
    return code;
}

static enum surety_err encode_words(const struct tokenizer *t, const char *text, size_t len,
                                    struct word *w, struct token_list *list)
{
    enum surety_err code = SURETY_OK;
    for (size_t n; len > 0 && code == SURETY_OK; text += n, len -= n) {
        n = pretoken_next(t->words, text, len);
        code = encode_word(t, text, n, w, list);
    }
    return code;
}

/* ---- kind llama ---- */

static enum surety_err encode_sentence(const struct tokenizer *t, const char *text, size_t len,
                                       struct word *w, struct token_list *list)
{
    enum surety_err code = word_begin(w, text, len);
    if (code != SURETY_OK)
        return code;
    for (uint32_t i = 0, last = 0, n; i < len; last = i, i += n) {
        uint32_t point;
        n = (uint32_t)utf8_decode(text + i, len - i, &point);
        w->ids[i] = find_piece(t, text + i, n);
        w->prev[i] = last;
        w->next[i] = i + n;
    }
    merge_all(t, w);
    for (uint32_t i = 0; i < len && code == SURETY_OK; i = w->next[i]) {
        if (w->ids[i] != TOKEN_NONE) {
            code = token_list_add(list, w->ids[i]);
            continue;
        }
        for (uint32_t k = i; k < w->next[i] && code == SURETY_OK; k++)
            if (t->byte_ids[(unsigned char)text[k]] != TOKEN_NONE)
                code = token_list_add(list, t->byte_ids[(unsigned char)text[k]]);
    }
    return code;
}

/* No merge reaches over a place before a blank when no piece has a blank inside: there the text is
 * cut, which keeps the heap small. */
static size_t sentence_end(const struct tokenizer *t, const char *text, size_t len)
{
    for (size_t i = 1; t->blanks_lead && i < len; i++)
        if (text[i] == ' ' && text[i - 1] != ' ')
            return i;
    return len;
}

/* SentencePiece writes a blank as U+2581; pieces are kept with blanks here, so text that spells
 * U+2581 becomes one. */
static enum surety_err encode_blanks(const struct tokenizer *t, const char *text, size_t len,
                                     struct word *w, struct token_list *list)
{
    struct buf plain;
    buf_init(&plain, TOKEN_TEXT_MAX);
    if (t->space_prefix)
        buf_putc(&plain, ' ');
    while (len > 0) {
        const char *hit = memmem(text, len, BLANK, 3);
        size_t n = hit ? (size_t)(hit - text) : len;
        buf_append(&plain, text, n);
        if (hit)
            buf_putc(&plain, ' ');
        text += hit ? n + 3 : n;
        len -= hit ? n + 3 : n;
    }
    enum surety_err code = plain.failed;
    for (size_t i = 0, n; i < plain.len && code == SURETY_OK; i += n) {
        n = sentence_end(t, plain.data + i, plain.len - i);
        code = encode_sentence(t, plain.data + i, n, w, list);
    }
    buf_fini(&plain);
    return code;
}

static enum surety_err encode_plain(const struct tokenizer *t, const char *text, size_t len,
                                    struct word *w, struct token_list *list)
{
    if (len == 0)
        return SURETY_OK;
    return t->words ? encode_words(t, text, len, w, list) : encode_blanks(t, text, len, w, list);
}

enum surety_err tokenizer_encode(const struct tokenizer *t, const char *text, size_t len,
                                 bool control, struct token_list *list)
{
    if (len > TOKEN_TEXT_MAX)
        return SURETY_ERR_LIMIT;
    struct word w = {0};
    enum surety_err code = SURETY_OK;
    size_t start = 0;
    for (size_t i = 0; i < len && code == SURETY_OK;) {
        const struct special *s = tokenizer_special(t, text + i, len - i, control);
        if (!s) {
            i++;
            continue;
        }
        code = encode_plain(t, text + start, i - start, &w, list);
        if (code == SURETY_OK)
            code = token_list_add(list, s->id);
        i += s->text.len;
        start = i;
    }
    if (code == SURETY_OK)
        code = encode_plain(t, text + start, len - start, &w, list);
    word_fini(&w);
    return code;
}
