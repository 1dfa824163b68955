/*
 * tokenizer_internal.h - the inside of a tokenizer: filled by tokenizer_load.c, read by the others.
 *
 * Two open-addressed tables. merges: pair of ids -> rank and result (kind gpt2). pieces: bytes of a
 * normal token -> its id (kind llama, and gpt2 where whole words count).
 */
#ifndef SURETY_ENGINE_GGUF_TOKENIZER_INTERNAL_H
#define SURETY_ENGINE_GGUF_TOKENIZER_INTERNAL_H

#include "engine/gguf/pretoken.h"
#include "engine/gguf/tokenizer.h"

#define TOKENIZER_ENDS_MAX 16

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
    const struct pretoken *words; /* how text is cut; NULL: kind llama */
    uint32_t n_vocab;
    unsigned char *kinds; /* [n_vocab] */
    char *pieces;         /* all tokens' bytes */
    size_t *starts;       /* [n_vocab + 1] into pieces */
    struct merge *merges; /* [merge_mask + 1]; NULL: kind llama */
    size_t merge_mask;
    uint32_t *by_piece; /* [piece_mask + 1], TOKEN_NONE: free; NULL: not needed */
    size_t piece_mask;
    size_t piece_max;       /* bytes of the longest in by_piece */
    bool blanks_lead;       /* no piece has a blank behind another character */
    uint32_t *ranks;        /* [n_vocab], 0 for the highest score; NULL: kind gpt2 */
    uint32_t byte_ids[256]; /* TOKEN_NONE: only for bytes that text hardly has */
    bool space_prefix; /* kind llama: a blank is put before text that starts or follows a special */
    uint32_t bos;      /* TOKEN_NONE: none wanted */
    uint32_t ends[TOKENIZER_ENDS_MAX];
    size_t n_ends;
    struct special *specials; /* by first byte, then longest first */
    size_t n_specials;
    size_t special_starts[257]; /* by first byte, into specials */
};

/* The place of a pair: its merge, or a free one. */
struct merge *tokenizer_merge(const struct tokenizer *t, uint32_t left, uint32_t right);

/* The place in by_piece of these bytes: their token, or a free one. */
uint32_t *tokenizer_place(const struct tokenizer *t, const char *text, size_t len);

/* The longest special that text begins with, len > 0; NULL: none. */
const struct special *tokenizer_special(const struct tokenizer *t, const char *text, size_t len,
                                        bool control);

#endif
