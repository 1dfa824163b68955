/*
 * pretoken.h - cuts text into the words inside which byte-pair merges happen.
 *
 * Each vocabulary was trained behind one such cut, named by tokenizer.ggml.pre. Two forms, ordered
 * choices over Unicode's letters, numbers and white space (tokenizer.json of openai-community/gpt2,
 * Qwen/Qwen2-7B and meta-llama/Meta-Llama-3-8B):
 *   GPT2   's|'t|'re|'ve|'m|'ll|'d | ?\p{L}+ | ?\p{N}+ | ?[^\s\p{L}\p{N}]+ | \s+(?!\S) | \s+
 *   QWEN2  (?i:'s|'t|'re|'ve|'m|'ll|'d) | [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N}{1,DIGITS}
 *          | ?[^\s\p{L}\p{N}]+[\r\n]* | \s*[\r\n]+ | \s+(?!\S) | \s+
 * and three variants of them (struct pretoken). Deviation: none known. A byte that is not UTF-8
 * counts as U+FFFD, a symbol.
 */
#ifndef SURETY_ENGINE_GGUF_PRETOKEN_H
#define SURETY_ENGINE_GGUF_PRETOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum pretoken_form { PRETOKEN_GPT2, PRETOKEN_QWEN2 };

struct pretoken {
    const char *name; /* tokenizer.ggml.pre */
    enum pretoken_form form;
    unsigned digits;  /* QWEN2: the most digits of a word */
    bool single;      /* GPT2: text is first cut around every digit, which is a word of its own */
    bool marks;       /* combining marks (\p{M}) count as letters */
    bool whole_words; /* a word that is a token is that token, whatever the merges say */
    bool bos;         /* prompts begin with BOS unless the file says otherwise */
};

/* NULL: unknown. */
const struct pretoken *pretoken_find(const char *name, size_t len);

/* The i-th of those that pretoken_find knows; NULL beyond the last. */
const struct pretoken *pretoken_at(size_t i);

/* Bytes of the first word of text; 0 only when len is 0. The words of a text cover it, and finding
 * them all takes time linear in its length. */
size_t pretoken_next(const struct pretoken *p, const char *text, size_t len);

#endif
