/*
 * Reads a vocabulary out of the metadata of a file, which may be hostile: what is missing,
 * ambiguous or points nowhere is an error that names it, and nothing is allocated beyond a small
 * multiple of what the file holds. Tokens are found by their text through a table that lives only
 * while loading.
 */
#include "engine/gguf/tokenizer_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"

#define VOCAB_MAX (1u << 20)
#define MERGES_MAX (1u << 22)
#define PIECE_MAX 4096 /* bytes of one token */

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

/* ---- tokens by text ---- */

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

/* Fills the table; a text that stands twice would make its ids ambiguous. */
static enum surety_err fill_words(struct words *w, const struct gguf_file *f, uint32_t n_vocab,
                                  struct surety_error *err)
{
    char quote[GGUF_QUOTE_MAX];
    memset(w->ids, 0xFF, (w->mask + 1) * sizeof *w->ids);
    for (uint32_t i = 0; i < n_vocab; i++) {
        if (w->texts[i].len == 0)
            continue;
        uint32_t *place = words_place(w, w->texts[i].text, w->texts[i].len);
        if (*place != TOKEN_NONE)
            return surety_fail(err, SURETY_ERR_PARSE, "%s: tokens %u and %u are both '%s'", f->name,
                               *place, i, gguf_quote(w->texts[i], quote));
        *place = i;
    }
    return SURETY_OK;
}

static uint32_t words_find(const struct words *w, const char *text)
{
    return *words_place(w, text, strlen(text));
}

/* ---- what the file says ---- */

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

static enum surety_err read_kind_of_tokenizer(struct tokenizer *t, const struct gguf_file *f,
                                              struct surety_error *err)
{
    struct gguf_string model = {"", 0}, pre = {"", 0};
    char quote[GGUF_QUOTE_MAX], known[400];
    enum surety_err code = gguf_get_string(f, "tokenizer.ggml.model", &model, err);
    if (code == SURETY_OK)
        code = gguf_get_string(f, "tokenizer.ggml.pre", &pre, err);
    if (code != SURETY_OK)
        return code;
    if (model.len == 5 && memcmp(model.text, "llama", 5) == 0)
        return SURETY_OK;
    if (model.len != 4 || memcmp(model.text, "gpt2", 4) != 0)
        return surety_fail(err, SURETY_ERR_UNSUPPORTED,
                           "%s: tokenizer.ggml.model is '%s'; this engine knows 'gpt2' and 'llama'",
                           f->name, gguf_quote(model, quote));
    t->words = pretoken_find(pre.text, pre.len);
    if (t->words)
        return SURETY_OK;
    size_t n = 0;
    for (size_t i = 0; pretoken_at(i) && n < sizeof known; i++)
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "",
                              pretoken_at(i)->name);
    return surety_fail(err, SURETY_ERR_UNSUPPORTED,
                       "%s: tokenizer.ggml.pre is '%s', a way of cutting words that this engine "
                       "does not know (it knows %s); convert the model again, or take another",
                       f->name, gguf_quote(pre, quote), known);
}

static enum surety_err read_id(const struct tokenizer *t, const struct gguf_file *f,
                               const char *name, uint32_t *ret, struct surety_error *err)
{
    uint64_t id = *ret;
    enum surety_err code = gguf_get_u64(f, name, 0, t->n_vocab - 1, &id, err);
    *ret = (uint32_t)id;
    return code;
}

static void make_control(struct tokenizer *t, uint32_t id, bool end)
{
    if (t->kinds[id] == KIND_NORMAL || t->kinds[id] == KIND_USER)
        t->kinds[id] = KIND_CONTROL;
    if (end && !tokenizer_is_end(t, id))
        t->ends[t->n_ends++] = id;
}

/* The marks of the chat formats: some converters call them user-defined, and then a problem that
 * spells one would forge a turn. */
static void find_marks(struct tokenizer *t, const struct words *words)
{
    static const struct {
        const char *name;
        bool end;
    } marks[] = {
        {"<|im_start|>", false},
        {"<|im_end|>", true},
        {"<|start_header_id|>", false},
        {"<|end_header_id|>", false},
        {"<|eot_id|>", true},
        {"<|eom_id|>", true},
        {"<|end_of_text|>", true},
        {"<|endoftext|>", true},
        {"<|end|>", true},
        {"<|system|>", false},
        {"<|user|>", false},
        {"<|assistant|>", false},
        {"[INST]", false},
        {"[/INST]", false},
        {"[SYSTEM_PROMPT]", false},
        {"[/SYSTEM_PROMPT]", false},
        {"<\uff5cUser\uff5c>", false},
        {"<\uff5cAssistant\uff5c>", false},
        {"<\uff5cend\u2581of\u2581sentence\uff5c>", true},
        {"<s>", false},
        {"</s>", true},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        uint32_t id = words_find(words, marks[i].name);
        if (id != TOKEN_NONE && (t->kinds[id] == KIND_USER || t->kinds[id] == KIND_CONTROL))
            make_control(t, id, marks[i].end);
    }
    for (size_t i = 0; i < 2; i++) { /* a reader of the reply must see where thinking ends */
        uint32_t id = words_find(words, i ? "</think>" : "<think>");
        if (id != TOKEN_NONE && t->kinds[id] == KIND_CONTROL)
            t->kinds[id] = KIND_USER;
    }
}

static enum surety_err read_ends_and_bos(struct tokenizer *t, const struct gguf_file *f,
                                         const struct words *words, struct surety_error *err)
{
    static const char *const names[] = {"tokenizer.ggml.eos_token_id",
                                        "tokenizer.ggml.eot_token_id",
                                        "tokenizer.ggml.eom_token_id"};
    enum surety_err code = SURETY_OK;
    bool add_bos = t->words ? t->words->bos : true;
    find_marks(t, words);
    for (size_t i = 0; i < sizeof names / sizeof *names && code == SURETY_OK; i++) {
        uint32_t id = TOKEN_NONE;
        code = read_id(t, f, names[i], &id, err);
        if (code == SURETY_OK && id != TOKEN_NONE)
            make_control(t, id, true);
    }
    t->bos = words_find(words, t->words ? "<|begin_of_text|>" : "<s>");
    if (code == SURETY_OK)
        code = read_id(t, f, "tokenizer.ggml.bos_token_id", &t->bos, err);
    if (code == SURETY_OK)
        code = gguf_get_bool(f, "tokenizer.ggml.add_bos_token", &add_bos, err);
    if (code != SURETY_OK)
        return code;
    if (t->bos != TOKEN_NONE)
        make_control(t, t->bos, false);
    else if (add_bos)
        return surety_fail(err, SURETY_ERR_PARSE,
                           "%s: prompts of this model begin with a token that "
                           "tokenizer.ggml.bos_token_id does not name",
                           f->name);
    if (!add_bos)
        t->bos = TOKEN_NONE;
    return SURETY_OK;
}

/* ---- pieces ---- */

/* Writes the bytes that a token of kind gpt2 stands for and returns their number, at most its
 * text's. */
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

/* The same for kind llama: U+2581 is a blank. */
static size_t decode_blanks(struct gguf_string text, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len;) {
        bool blank = text.len - i >= 3 && memcmp(text.text + i, "\xE2\x96\x81", 3) == 0;
        out[n++] = blank ? ' ' : text.text[i];
        i += blank ? 3 : 1;
    }
    return n;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* The byte that "<0x0A>" names, or -1. */
static int byte_of_name(struct gguf_string text)
{
    int high = text.len == 6 ? hex_digit(text.text[3]) : -1;
    int low = text.len == 6 ? hex_digit(text.text[4]) : -1;
    bool named = text.len == 6 && memcmp(text.text, "<0x", 3) == 0 && text.text[5] == '>';
    return named && high >= 0 && low >= 0 ? 16 * high + low : -1;
}

static size_t decode(struct tokenizer *t, const unsigned short *byte_of, uint32_t id,
                     struct gguf_string text, char *out)
{
    if (t->kinds[id] == KIND_NORMAL)
        return t->words ? decode_piece(byte_of, text, out) : decode_blanks(text, out);
    int byte = t->kinds[id] == KIND_BYTE && !t->words ? byte_of_name(text) : -1;
    if (byte >= 0) {
        t->byte_ids[byte] = id;
        *out = (char)byte;
        return 1;
    }
    memcpy(out, text.text, text.len);
    return text.len;
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
        at += decode(t, byte_of, i, texts[i], t->pieces + at);
    }
    t->starts[t->n_vocab] = at;
    return SURETY_OK;
}

static enum surety_err fill_bytes(struct tokenizer *t, const struct gguf_file *f,
                                  const struct words *words, struct surety_error *err)
{
    for (unsigned b = 0; b < 256; b++) {
        char text[4];
        if (t->words) {
            t->byte_ids[b] = *words_place(words, text, utf8_encode(point_of_byte(b), text));
            if (t->byte_ids[b] != TOKEN_NONE && t->kinds[t->byte_ids[b]] != KIND_NORMAL)
                t->byte_ids[b] = TOKEN_NONE;
        }
        bool rare = b == 0xC0 || b == 0xC1 || b > 0xF0; /* starcoder's vocabulary lacks them */
        if (t->byte_ids[b] == TOKEN_NONE && !rare)
            return surety_fail(err, SURETY_ERR_PARSE,
                               "%s: the vocabulary has no token for the byte 0x%02x", f->name, b);
    }
    return SURETY_OK;
}

static enum surety_err fill_by_piece(struct tokenizer *t)
{
    size_t size = table_size(t->n_vocab);
    t->by_piece = malloc(size * sizeof *t->by_piece);
    if (!t->by_piece)
        return SURETY_ERR_NOMEM;
    memset(t->by_piece, 0xFF, size * sizeof *t->by_piece);
    t->piece_mask = size - 1;
    t->blanks_lead = true;
    for (uint32_t i = 0; i < t->n_vocab; i++) {
        struct gguf_string piece = tokenizer_piece(t, i);
        if (t->kinds[i] != KIND_NORMAL || piece.len == 0)
            continue;
        uint32_t *place = tokenizer_place(t, piece.text, piece.len);
        if (*place == TOKEN_NONE)
            *place = i;
        if (piece.len > t->piece_max)
            t->piece_max = piece.len;
        for (size_t k = 1; k < piece.len; k++)
            t->blanks_lead &= piece.text[k] != ' ' || piece.text[k - 1] == ' ';
    }
    return SURETY_OK;
}

/* ---- specials ---- */

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
        n += tokenizer_is_control(t, i) || t->kinds[i] == KIND_USER;
    t->specials = calloc(n + 1, sizeof *t->specials);
    if (!t->specials)
        return SURETY_ERR_NOMEM;
    for (uint32_t i = 0; i < t->n_vocab; i++) {
        struct gguf_string text = tokenizer_piece(t, i);
        bool control = tokenizer_is_control(t, i);
        if ((control || t->kinds[i] == KIND_USER) && text.len > 0)
            t->specials[t->n_specials++] = (struct special){text, i, control};
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

/* ---- kind gpt2: merges ---- */

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
    struct merge *place = tokenizer_merge(t, left, right);
    if (place->left == TOKEN_NONE && !tokenizer_is_control(t, id))
        *place = (struct merge){left, right, rank, id};
    return SURETY_OK;
}

static enum surety_err fill_merges(struct tokenizer *t, const struct gguf_file *f,
                                   const struct words *words, struct surety_error *err)
{
    const struct gguf_key *key = gguf_find(f, "tokenizer.ggml.merges");
    if (!key || key->type != GGUF_ARRAY || key->element != GGUF_STRING)
        return surety_fail(err, SURETY_ERR_PARSE,
                           "%s has no merges (tokenizer.ggml.merges, an array of strings)",
                           f->name);
    if (key->count > MERGES_MAX)
        return surety_fail(err, SURETY_ERR_LIMIT, "%s has more than %u merges", f->name,
                           MERGES_MAX);
    size_t size = table_size(key->count);
    t->merges = malloc(size * sizeof *t->merges);
    if (!t->merges)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the merges of %s", f->name);
    memset(t->merges, 0xFF, size * sizeof *t->merges);
    t->merge_mask = size - 1;
    const unsigned char *cursor = key->data;
    for (uint32_t rank = 0; rank < key->count; rank++) {
        enum surety_err code = add_merge(t, f, words, gguf_next_string(&cursor), rank, err);
        if (code != SURETY_OK)
            return code;
    }
    return SURETY_OK;
}

/* ---- kind llama: scores ---- */

struct score {
    float score;
    uint32_t id;
};

static int by_score(const void *a, const void *b)
{
    const struct score *s = a, *t = b;
    return (s->score < t->score) - (s->score > t->score);
}

/* Ranks, so that merging knows integers only; equal scores have one rank. */
static enum surety_err fill_ranks(struct tokenizer *t, const struct gguf_file *f,
                                  struct surety_error *err)
{
    const struct gguf_key *key = gguf_find(f, "tokenizer.ggml.scores");
    if (!key || key->type != GGUF_ARRAY || key->element != GGUF_F32 || key->count != t->n_vocab)
        return surety_fail(err, SURETY_ERR_PARSE,
                           "%s: tokenizer.ggml.scores does not hold one number (F32) for each of "
                           "the %u tokens",
                           f->name, t->n_vocab);
    struct score *scores = malloc(t->n_vocab * sizeof *scores);
    t->ranks = malloc(t->n_vocab * sizeof *t->ranks);
    if (!scores || !t->ranks) {
        free(scores);
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the scores of %s", f->name);
    }
    for (uint32_t i = 0; i < t->n_vocab; i++) {
        scores[i] = (struct score){gguf_array_f32(key, i), i};
        if (isnan(scores[i].score)) {
            free(scores);
            return surety_fail(err, SURETY_ERR_PARSE, "%s: the score of token %u is no number",
                               f->name, i);
        }
    }
    qsort(scores, t->n_vocab, sizeof *scores, by_score);
    for (uint32_t i = 0, rank = 0; i < t->n_vocab; i++) {
        rank += i > 0 && scores[i].score < scores[i - 1].score;
        t->ranks[scores[i].id] = rank;
    }
    free(scores);
    return SURETY_OK;
}

/* ---- the whole ---- */

static enum surety_err fill_texts(struct tokenizer *t, const struct gguf_string *texts)
{
    enum surety_err code = fill_pieces(t, texts);
    if (code == SURETY_OK)
        code = fill_specials(t);
    if (code == SURETY_OK && (!t->words || t->words->whole_words))
        code = fill_by_piece(t);
    return code;
}

static enum surety_err fill(struct tokenizer *t, const struct gguf_file *f,
                            const struct words *words, struct surety_error *err)
{
    enum surety_err code = read_kinds(t, f, err);
    if (code == SURETY_OK)
        code = read_ends_and_bos(t, f, words, err);
    if (code == SURETY_OK && (code = fill_texts(t, words->texts)) != SURETY_OK)
        surety_fail(err, code, "no memory for the vocabulary of %s", f->name);
    if (code == SURETY_OK)
        code = fill_bytes(t, f, words, err);
    if (code == SURETY_OK)
        code = t->words ? fill_merges(t, f, words, err) : fill_ranks(t, f, err);
    return code;
}

static enum surety_err load(struct tokenizer *t, const struct gguf_file *f,
                            const struct gguf_string *texts, struct surety_error *err)
{
    size_t size = table_size(t->n_vocab);
    struct words words = {texts, malloc(size * sizeof(uint32_t)), size - 1};
    enum surety_err code = SURETY_ERR_NOMEM;
    t->kinds = malloc(t->n_vocab);
    t->starts = malloc(((size_t)t->n_vocab + 1) * sizeof *t->starts);
    memset(t->byte_ids, 0xFF, sizeof t->byte_ids);
    if (!words.ids || !t->kinds || !t->starts)
        surety_fail(err, code, "no memory for the vocabulary of %s", f->name);
    else
        code = fill_words(&words, f, t->n_vocab, err);
    if (code == SURETY_OK)
        code = fill(t, f, &words, err);
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
    t->space_prefix = true;
    enum surety_err code = read_kind_of_tokenizer(t, file, err);
    if (code == SURETY_OK)
        code = gguf_get_bool(file, "tokenizer.ggml.add_space_prefix", &t->space_prefix, err);
    if (code == SURETY_OK)
        code = read_texts(file, &texts, &t->n_vocab, err);
    if (code == SURETY_OK)
        code = load(t, file, texts, err);
    free(texts);
    if (code == SURETY_OK)
        *ret_tokenizer = t;
    else
        tokenizer_free(t);
    return code;
}
