/*
 * tokenizer.h - text to token ids and back, with the vocabulary of a model file.
 *
 * Two kinds (tokenizer.ggml.model): "gpt2", byte-level byte-pair encoding, where merges are listed
 * in order and words are cut first (pretoken.h); and "llama", SentencePiece's byte-pair encoding,
 * where the pair that makes the token of the highest score merges first, over the whole text, and
 * what no token spells falls back to bytes. Does not know chat templates (chat.h). Sources:
 * Sennrich et al. 2016 (BPE), Radford et al. 2019, section 2.2 (bytes as its alphabet), Kudo and
 * Richardson 2018 (SentencePiece). Immutable once created, so any thread may use it.
 */
#ifndef SURETY_ENGINE_GGUF_TOKENIZER_H
#define SURETY_ENGINE_GGUF_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/gguf/file.h"
#include <surety/err.h>

#define TOKEN_NONE UINT32_MAX
#define TOKEN_TEXT_MAX (1u << 30) /* bytes of one encode */

struct tokenizer;

struct token_list { /* zeroed is empty */
    uint32_t *ids;
    size_t n, size;
};

void token_list_fini(struct token_list *list);
enum surety_err token_list_add(struct token_list *list, uint32_t id); /* NOMEM */

/* Reads tokenizer.ggml.*; copies what it keeps. UNSUPPORTED: another kind of tokenizer or
 * pre-tokenizer. PARSE: missing or contradictory parts. LIMIT: more than a million tokens. NOMEM.
 */
enum surety_err tokenizer_create(const struct gguf_file *file, struct tokenizer **ret_tokenizer,
                                 struct surety_error *err);
void tokenizer_free(struct tokenizer *t); /* NULL is fine */

uint32_t tokenizer_size(const struct tokenizer *t);

/* Appends the tokens of text. control: text that spells a control token becomes that token; without
 * it, such text stays text, whatever it spells. Tokens that the file calls user-defined are found
 * in either case, as in training. Text is expected to be UTF-8; with the kind gpt2 any bytes come
 * back as they were. Adds neither BOS nor EOS. Takes n log n in the length. LIMIT, NOMEM; the list
 * may then hold a part. */
enum surety_err tokenizer_encode(const struct tokenizer *t, const char *text, size_t len,
                                 bool control, struct token_list *list);

/* The token that a prompt begins with, or TOKEN_NONE when this model wants none. */
uint32_t tokenizer_bos(const struct tokenizer *t);

/* The bytes of a token (of a control token, its name); empty for an unknown id. They may be a part
 * of a character. */
struct gguf_string tokenizer_piece(const struct tokenizer *t, uint32_t id);

/* Control tokens are those of the file's types control and unknown, its BOS and ends of turn, and
 * the marks of the chat formats even where a file calls them user-defined. */
bool tokenizer_is_control(const struct tokenizer *t, uint32_t id);

/* True for the tokens that end a turn: the file's eos, eot and eom, and the usual names of them
 * (<|im_end|>, <|eot_id|>, <|endoftext|>, </s>, ...). */
bool tokenizer_is_end(const struct tokenizer *t, uint32_t id);

/* The control token of this name, or TOKEN_NONE; and the longest one that text begins with. */
uint32_t tokenizer_control(const struct tokenizer *t, const char *name);
uint32_t tokenizer_control_at(const struct tokenizer *t, const char *text, size_t len);

#endif
