/*
 * tokenizer.h - text to token ids and back: byte-level byte-pair encoding as in GPT-2.
 *
 * Does not know chat templates (chat.h). Sources: Sennrich et al. 2016 (BPE), Radford et al. 2019,
 * section 2.2 (bytes as its alphabet); words are cut by pretoken.h. Immutable once created, so any
 * thread may use it.
 */
#ifndef SURETY_ENGINE_GGUF_TOKENIZER_H
#define SURETY_ENGINE_GGUF_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/gguf/file.h"

#define TOKEN_NONE UINT32_MAX
#define TOKEN_TEXT_MAX (1u << 30) /* bytes of one encode */

struct tokenizer;

struct token_list { /* zeroed is empty */
    uint32_t *ids;
    size_t n, size;
};

void token_list_fini(struct token_list *list);
enum surety_err token_list_add(struct token_list *list, uint32_t id); /* NOMEM */

/* Reads tokenizer.ggml.*; copies what it keeps. UNSUPPORTED: another kind of tokenizer. PARSE:
 * missing or contradictory parts. NOMEM. */
enum surety_err tokenizer_create(const struct gguf_file *file, struct tokenizer **ret_tokenizer,
                                 struct surety_error *err);
void tokenizer_free(struct tokenizer *t); /* NULL is fine */

uint32_t tokenizer_size(const struct tokenizer *t);

/* Appends the tokens of text. control: text that spells a control token becomes that token; without
 * it, such text stays text, whatever it spells. Takes n log n in the length. LIMIT, NOMEM; the list
 * may then hold a part. */
enum surety_err tokenizer_encode(const struct tokenizer *t, const char *text, size_t len,
                                 bool control, struct token_list *list);

/* The bytes of a token (of a control token, its name); empty for an unknown id. They may be a part
 * of a character. */
struct gguf_string tokenizer_piece(const struct tokenizer *t, uint32_t id);

bool tokenizer_is_control(const struct tokenizer *t, uint32_t id);

/* True for the tokens that end a turn: the file's eos, <|im_end|>, <|endoftext|>. */
bool tokenizer_is_end(const struct tokenizer *t, uint32_t id);

/* The control token of this name, or TOKEN_NONE. */
uint32_t tokenizer_control(const struct tokenizer *t, const char *name);

#endif
