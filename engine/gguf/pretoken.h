/*
 * pretoken.h - cuts text into the words inside which byte-pair merges happen.
 *
 * The pre-tokenizer of Qwen2 (tokenizer.json of Qwen/Qwen2-7B), an ordered choice:
 *   (?i:'s|'t|'re|'ve|'m|'ll|'d) | [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N} | ?[^\s\p{L}\p{N}]+[\r\n]*
 *   | \s*[\r\n]+ | \s+(?!\S) | \s+
 * with Unicode's letters, numbers and white space. Deviation: none known. A byte that is not UTF-8
 * counts as U+FFFD, a symbol.
 */
#ifndef SURETY_ENGINE_GGUF_PRETOKEN_H
#define SURETY_ENGINE_GGUF_PRETOKEN_H

#include <stddef.h>

/* Bytes of the first word of text; 0 only when len is 0. The words of a text cover it, and finding
 * them all takes time linear in its length. */
size_t pretoken_next(const char *text, size_t len);

#endif
