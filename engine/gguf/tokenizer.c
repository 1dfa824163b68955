/*
 * Two open-addressed tables: token text -> id (used while loading) and pair of ids -> merge. A word
 * is a doubly linked list of symbols; a heap holds every adjacent pair that can merge, by rank and
 * then position. A merge leaves stale entries in the heap: one is stale exactly when the pair that
 * now stands at its position has another rank. So a word of n bytes costs n log n.
 */
#include "engine/gguf/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "engine/gguf/pretoken.h"

#define VOCAB_MAX (1u << 24)
#define PIECE_MAX 4096 /* bytes of one token */

enum token_kind { KIND_NORMAL = 1, KIND_UNKNOWN, KIND_CONTROL, KIND_USER, KIND_UNUSED, KIND_BYTE };

struct merge { /* left == TOKEN_NONE: a free place of the table */
    uint32_t left, right, rank, id;
};

struct special { /* a token that is found in text as a whole, before words are cut */
    struct gguf_string text;
    uint32_t id;
    bool control;
};

struct tokenizer {
    uint32_t n_vocab;
    unsigned char *kinds; /* [n_vocab] */
    char *pieces;         /* all tokens' bytes */
    size_t *starts;       /* [n_vocab + 1] into pieces */
    struct merge *merges; /* [merge_mask + 1] */
    size_t merge_mask;
    uint32_t byte_ids[256];
    uint32_t eos;
    struct special *specials; /* by first byte, then longest first */
    size_t n_specials;
    size_t special_starts[257]; /* by first byte, into specials */
};

/* ---- lists ---- */

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

/* ---- the alphabet: a byte is written as a printable character (GPT-2, bytes_to_unicode) ---- */

static bool stands_for_itself(unsigned byte)
{
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

static uint32_t point_of_byte(unsigned byte)
{
    if (stands_for_itself(byte))
        return byte;
    uint32_t point = 256;
    for (unsigned b = 0; b < byte; b++)
        point += !stands_for_itself(b);
    return point;
}

/* ---- loading ---- */

struct words { /* token text -> id, while loading */
    const struct gguf_string *texts;
    uint32_t *ids; /* [mask + 1], TOKEN_NONE: free */
    size_t mask;
};

static size_t table_size(uint64_t n)
{
    size_t size = 16;
    while (size < 2 * n)
        size *= 2;
    return size;
}

static uint32_t *words_place(const struct words *w, const char *text, size_t len)
{
    size_t i = (size_t)hash_bytes(0, text, len) & w->mask;
    for (; w->ids[i] != TOKEN_NONE; i = (i + 1) & w->mask) {
        struct gguf_string s = w->texts[w->ids[i]];
        if (s.len == len && memcmp(s.text, text, len) == 0)
            break;
    }
    return &w->ids[i];
}

static enum surety_err read_texts(const struct gguf_file *f, struct gguf_string **ret_texts,
                                  uint32_t *ret_n, struct surety_error *err)
{
    const struct gguf_key *key = gguf_find(f, "tokenizer.ggml.tokens");
    if (!key || key->type != GGUF_ARRAY || key->element != GGUF_STRING || key->count == 0)
        return surety_fail(err, SURETY_ERR_PARSE,
                           "%s has no vocabulary (tokenizer.ggml.tokens, an array of strings)",
                           f->name);
    if (key->count > VOCAB_MAX)
        return surety_fail(err, SURETY_ERR_LIMIT, "%s has a vocabulary of more than %u tokens",
                           f->name, VOCAB_MAX);
    struct gguf_string *texts = malloc((size_t)key->count * sizeof *texts);
    if (!texts)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the vocabulary of %s", f->name);
    const unsigned char *cursor = key->data;
    for (uint64_t i = 0; i < key->count; i++) {
        texts[i] = gguf_next_string(&cursor);
        if (texts[i].len > PIECE_MAX) {
            free(texts);
            return surety_fail(err, SURETY_ERR_PARSE, "%s: token %llu is longer than %d bytes",
                               f->name, (unsigned long long)i, PIECE_MAX);
        }
    }
    *ret_texts = texts;
    *ret_n = (uint32_t)key->count;
    return SURETY_OK;
}

static enum surety_err read_kinds(struct tokenizer *t, const struct gguf_file *f,
                                  struct surety_error *err)
{
    memset(t->kinds, KIND_NORMAL, t->n_vocab);
    const struct gguf_key *key = gguf_find(f, "tokenizer.ggml.token_type");
    if (!key)
        return SURETY_OK;
    if (key->type != GGUF_ARRAY || key->element > GGUF_I32 || key->count != t->n_vocab)
        return surety_fail(err, SURETY_ERR_PARSE,
                           "%s: tokenizer.ggml.token_type does not hold one integer for each of "
                           "the %u tokens",
                           f->name, t->n_vocab);
    for (uint32_t i = 0; i < t->n_vocab; i++) {
        int64_t kind = gguf_array_i64(key, i);
        if (kind < KIND_NORMAL || kind > KIND_BYTE)
            return surety_fail(err, SURETY_ERR_PARSE, "%s: token %u is of the unknown type %lld",
                               f->name, i, (long long)kind);
        t->kinds[i] = (unsigned char)kind;
    }
    return SURETY_OK;
}

/* Writes the bytes that a token stands for and returns their number, at most its text's. */
static size_t decode_piece(const unsigned short *byte_of, struct gguf_string text, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len;) {
        uint32_t point;
        size_t len = utf8_decode(text.text + i, text.len - i, &point);
        if (point < 512 && byte_of[point] < 256) {
            out[n++] = (char)byte_of[point];
        } else {
            memcpy(out + n, text.text + i, len);
            n += len;
        }
        i += len;
    }
    return n;
}

static enum surety_err fill_pieces(struct tokenizer *t, const struct gguf_string *texts)
{
    unsigned short byte_of[512];
    memset(byte_of, 0xFF, sizeof byte_of);
    for (unsigned b = 0; b < 256; b++)
        byte_of[point_of_byte(b)] = (unsigned short)b;
    size_t total = 0;
    for (uint32_t i = 0; i < t->n_vocab; i++)
        total += texts[i].len;
    t->pieces = malloc(total + 1);
    if (!t->pieces)
        return SURETY_ERR_NOMEM;
    size_t at = 0;
    for (uint32_t i = 0; i < t->n_vocab; i++) {
        t->starts[i] = at;
        if (t->kinds[i] == KIND_NORMAL) {
            at += decode_piece(byte_of, texts[i], t->pieces + at);
        } else {
            memcpy(t->pieces + at, texts[i].text, texts[i].len);
            at += texts[i].len;
        }
    }
    t->starts[t->n_vocab] = at;
    return SURETY_OK;
}

static enum surety_err fill_bytes(struct tokenizer *t, const struct gguf_file *f,
                                  const struct words *words, struct surety_error *err)
{
    for (unsigned b = 0; b < 256; b++) {
        char text[4];
        size_t len = utf8_encode(point_of_byte(b), text);
        t->byte_ids[b] = *words_place(words, text, len);
        if (t->byte_ids[b] == TOKEN_NONE || t->kinds[t->byte_ids[b]] != KIND_NORMAL)
            return surety_fail(err, SURETY_ERR_PARSE,
                               "%s: the vocabulary has no token for the byte 0x%02x", f->name, b);
    }
    return SURETY_OK;
}

static int by_first_byte_then_longest(const void *a, const void *b)
{
    const struct special *s = a, *t = b;
    unsigned char x = (unsigned char)s->text.text[0], y = (unsigned char)t->text.text[0];
    if (x != y)
        return (x > y) - (x < y);
    if (s->text.len != t->text.len)
        return (s->text.len < t->text.len) - (s->text.len > t->text.len);
    return (s->id > t->id) - (s->id < t->id);
}

static enum surety_err fill_specials(struct tokenizer *t)
{
    size_t n = 0;
    for (uint32_t i = 0; i < t->n_vocab; i++)
        n += t->kinds[i] == KIND_CONTROL || t->kinds[i] == KIND_USER;
    t->specials = calloc(n + 1, sizeof *t->specials);
    if (!t->specials)
        return SURETY_ERR_NOMEM;
    for (uint32_t i = 0; i < t->n_vocab; i++) {
        struct gguf_string text = tokenizer_piece(t, i);
        if ((t->kinds[i] == KIND_CONTROL || t->kinds[i] == KIND_USER) && text.len > 0)
            t->specials[t->n_specials++] = (struct special){text, i, t->kinds[i] == KIND_CONTROL};
    }
    if (t->n_specials > 0)
        qsort(t->specials, t->n_specials, sizeof *t->specials, by_first_byte_then_longest);
    size_t at = 0;
    for (unsigned first = 0; first <= 256; first++) {
        while (at < t->n_specials && (unsigned char)t->specials[at].text.text[0] < first)
            at++;
        t->special_starts[first] = at;
    }
    return SURETY_OK;
}

static struct merge *merge_place(const struct tokenizer *t, uint32_t left, uint32_t right)
{
    uint64_t h = ((uint64_t)left << 32 | right) * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(h >> 32) & t->merge_mask;
    for (; t->merges[i].left != TOKEN_NONE; i = (i + 1) & t->merge_mask)
        if (t->merges[i].left == left && t->merges[i].right == right)
            break;
    return &t->merges[i];
}

/* One line "left right" of the merges. */
static enum surety_err add_merge(struct tokenizer *t, const struct gguf_file *f,
                                 const struct words *words, struct gguf_string line, uint32_t rank,
                                 struct surety_error *err)
{
    char joined[2 * PIECE_MAX], quote[GGUF_QUOTE_MAX];
    const char *space = line.len > 1 ? memchr(line.text + 1, ' ', line.len - 1) : NULL;
    uint32_t left = TOKEN_NONE, right = TOKEN_NONE, id = TOKEN_NONE;
    if (space && line.len <= sizeof joined) {
        size_t n = (size_t)(space - line.text), m = line.len - n - 1;
        memcpy(joined, line.text, n);
        memcpy(joined + n, space + 1, m);
        left = *words_place(words, line.text, n);
        right = *words_place(words, space + 1, m);
        id = *words_place(words, joined, n + m);
    }
    if (left == TOKEN_NONE || right == TOKEN_NONE || id == TOKEN_NONE)
        return surety_fail(err, SURETY_ERR_PARSE,
                           "%s: merge %u '%s' joins or makes a token that the vocabulary lacks",
                           f->name, rank, gguf_quote(line, quote));
    struct merge *place = merge_place(t, left, right);
    if (place->left == TOKEN_NONE)
        *place = (struct merge){left, right, rank, id};
    return SURETY_OK;
}

static enum surety_err fill_merges(struct tokenizer *t, const struct gguf_file *f,
                                   const struct words *words, struct surety_error *err)
{
    const struct gguf_key *key = gguf_find(f, "tokenizer.ggml.merges");
    if (!key || key->type != GGUF_ARRAY || key->element != GGUF_STRING || key->count > VOCAB_MAX)
        return surety_fail(err, SURETY_ERR_PARSE,
                           "%s has no merges (tokenizer.ggml.merges, an array of strings)",
                           f->name);
    size_t size = table_size(key->count);
    t->merges = malloc(size * sizeof *t->merges);
    if (!t->merges)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the merges of %s", f->name);
    for (size_t i = 0; i < size; i++)
        t->merges[i].left = TOKEN_NONE;
    t->merge_mask = size - 1;
    const unsigned char *cursor = key->data;
    for (uint32_t rank = 0; rank < key->count; rank++) {
        enum surety_err code = add_merge(t, f, words, gguf_next_string(&cursor), rank, err);
        if (code != SURETY_OK)
            return code;
    }
    return SURETY_OK;
}

static enum surety_err check_kind_of_tokenizer(const struct gguf_file *f, struct surety_error *err)
{
    static const char *const wanted[][2] = {{"tokenizer.ggml.model", "gpt2"},
                                            {"tokenizer.ggml.pre", "qwen2"}};
    for (size_t i = 0; i < 2; i++) {
        struct gguf_string s = {"", 0};
        char quote[GGUF_QUOTE_MAX];
        enum surety_err code = gguf_get_string(f, wanted[i][0], &s, err);
        if (code != SURETY_OK)
            return code;
        if (s.len != strlen(wanted[i][1]) || memcmp(s.text, wanted[i][1], s.len) != 0)
            return surety_fail(err, SURETY_ERR_UNSUPPORTED,
                               "%s: %s is '%s'; this engine knows '%s' only", f->name, wanted[i][0],
                               gguf_quote(s, quote), wanted[i][1]);
    }
    return SURETY_OK;
}

static enum surety_err fill(struct tokenizer *t, const struct gguf_file *f,
                            const struct gguf_string *texts, struct surety_error *err)
{
    size_t size = table_size(t->n_vocab);
    struct words words = {texts, malloc(size * sizeof(uint32_t)), size - 1};
    t->kinds = malloc(t->n_vocab);
    t->starts = malloc(((size_t)t->n_vocab + 1) * sizeof *t->starts);
    enum surety_err code = SURETY_ERR_NOMEM;
    if (words.ids && t->kinds && t->starts) {
        memset(words.ids, 0xFF, size * sizeof(uint32_t));
        for (uint32_t i = 0; i < t->n_vocab; i++) {
            uint32_t *place = words_place(&words, texts[i].text, texts[i].len);
            if (*place == TOKEN_NONE)
                *place = i;
        }
        code = read_kinds(t, f, err);
    }
    if (code == SURETY_OK)
        code = fill_pieces(t, texts);
    if (code == SURETY_OK)
        code = fill_specials(t);
    if (code == SURETY_ERR_NOMEM)
        surety_fail(err, code, "no memory for the vocabulary of %s", f->name);
    if (code == SURETY_OK)
        code = fill_bytes(t, f, &words, err);
    if (code == SURETY_OK)
        code = fill_merges(t, f, &words, err);
    free(words.ids);
    return code;
}

enum surety_err tokenizer_create(const struct gguf_file *file, struct tokenizer **ret_tokenizer,
                                 struct surety_error *err)
{
    struct gguf_string *texts = NULL;
    struct tokenizer *t = calloc(1, sizeof *t);
    if (!t)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the vocabulary of %s", file->name);
    uint64_t eos = TOKEN_NONE;
    enum surety_err code = check_kind_of_tokenizer(file, err);
    if (code == SURETY_OK)
        code = read_texts(file, &texts, &t->n_vocab, err);
    if (code == SURETY_OK)
        code = gguf_get_u64(file, "tokenizer.ggml.eos_token_id", 0, t->n_vocab - 1, &eos, err);
    t->eos = (uint32_t)eos;
    if (code == SURETY_OK)
        code = fill(t, file, texts, err);
    free(texts);
    if (code == SURETY_OK)
        *ret_tokenizer = t;
    else
        tokenizer_free(t);
    return code;
}

void tokenizer_free(struct tokenizer *t)
{
    if (!t)
        return;
    free(t->kinds);
    free(t->pieces);
    free(t->starts);
    free(t->merges);
    free(t->specials);
    free(t);
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
    return id < t->n_vocab && t->kinds[id] == KIND_CONTROL;
}

static const struct special *special_at(const struct tokenizer *t, const char *text, size_t len,
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

uint32_t tokenizer_control(const struct tokenizer *t, const char *name)
{
    size_t len = strlen(name);
    const struct special *s = special_at(t, name, len, true);
    return s && s->control && s->text.len == len ? s->id : TOKEN_NONE;
}

bool tokenizer_is_end(const struct tokenizer *t, uint32_t id)
{
    return id == t->eos || id == tokenizer_control(t, "<|im_end|>") ||
           id == tokenizer_control(t, "<|endoftext|>");
}

/* ---- encoding ---- */

struct word { /* scratch of one encode; arrays of size elements, heap of twice that */
    uint32_t *ids;
    uint32_t *next, *prev; /* positions */
    uint64_t *heap;        /* rank << 32 | position */
    size_t size, n_heap;
};

static void word_fini(struct word *w)
{
    free(w->ids);
    free(w->next);
    free(w->prev);
    free(w->heap);
}

static enum surety_err word_reserve(struct word *w, size_t n)
{
    if (n <= w->size)
        return SURETY_OK;
    word_fini(w);
    *w = (struct word){.size = n < 64 ? 64 : n};
    w->ids = malloc(w->size * sizeof *w->ids);
    w->next = malloc(w->size * sizeof *w->next);
    w->prev = malloc(w->size * sizeof *w->prev);
    w->heap = malloc(2 * w->size * sizeof *w->heap);
    return w->ids && w->next && w->prev && w->heap ? SURETY_OK : SURETY_ERR_NOMEM;
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

/* The merge of the symbol at i with its right neighbour, or NULL. */
static const struct merge *merge_at(const struct tokenizer *t, const struct word *w, uint32_t i)
{
    if (w->ids[i] == TOKEN_NONE || w->next[i] == TOKEN_NONE)
        return NULL;
    const struct merge *m = merge_place(t, w->ids[i], w->ids[w->next[i]]);
    return m->left == TOKEN_NONE ? NULL : m;
}

static void push_merge(const struct tokenizer *t, struct word *w, uint32_t i)
{
    const struct merge *m = merge_at(t, w, i);
    if (m)
        heap_push(w, (uint64_t)m->rank << 32 | i);
}

static enum surety_err encode_word(const struct tokenizer *t, const char *text, size_t len,
                                   struct word *w, struct token_list *list)
{
    enum surety_err code = word_reserve(w, len);
    if (code != SURETY_OK)
        return code;
    w->n_heap = 0;
    for (uint32_t i = 0; i < len; i++) {
        w->ids[i] = t->byte_ids[(unsigned char)text[i]];
        w->prev[i] = i ? i - 1 : TOKEN_NONE;
        w->next[i] = i + 1 < len ? i + 1 : TOKEN_NONE;
    }
    for (uint32_t i = 0; i < len; i++)
        push_merge(t, w, i);
    while (w->n_heap > 0) {
        uint64_t entry = heap_pop(w);
        uint32_t i = (uint32_t)entry;
        const struct merge *m = merge_at(t, w, i);
        if (!m || m->rank != entry >> 32)
            continue; /* stale */
        uint32_t gone = w->next[i];
        w->ids[i] = m->id;
        w->ids[gone] = TOKEN_NONE;
        w->next[i] = w->next[gone];
        if (w->next[i] != TOKEN_NONE)
            w->prev[w->next[i]] = i;
        push_merge(t, w, i);
        if (w->prev[i] != TOKEN_NONE)
            push_merge(t, w, w->prev[i]);
    }
    for (uint32_t i = 0; i != TOKEN_NONE && code == SURETY_OK; i = w->next[i])
        code = token_list_add(list, w->ids[i]);
    return code;
}

static enum surety_err encode_plain(const struct tokenizer *t, const char *text, size_t len,
                                    struct word *w, struct token_list *list)
{
    enum surety_err code = SURETY_OK;
    for (size_t n; len > 0 && code == SURETY_OK; text += n, len -= n) {
        n = pretoken_next(text, len);
        code = encode_word(t, text, n, w, list);
    }
    return code;
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
        const struct special *s = special_at(t, text + i, len - i, control);
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
