/*
 * thinking.h - a cap on <think> blocks: when a reply has used it up, the end of the block is forced
 * ("budget forcing", Muennighoff et al. 2025, arXiv 2501.19393, section 3.1) and the model goes on
 * from there.
 *
 * Deterministic: the tokens before the cap are those of the same reply without one. All blocks of a
 * reply share the cap. Knows only this one pair of marks; what a reader sees of a block is decided
 * in claims/text/thinking.h.
 */
#ifndef SURETY_ENGINE_GGUF_THINKING_H
#define SURETY_ENGINE_GGUF_THINKING_H

#include "base/buf.h"
#include "engine/gguf/tokenizer.h"

struct thinking { /* of one reply; zeroed: it begins outside of a block */
    bool inside;
    uint32_t used;   /* tokens sampled inside */
    uint32_t forced; /* tokens of the end that were forced already */
};

/* Appends the tokens that end a block, "\n</think>\n\n". NOMEM. */
enum surety_err thinking_end(const struct tokenizer *t, struct token_list *list);

/* Before a sampled token is accepted: counts it, or puts the next token of the end in its place
 * when max tokens (0: no cap) are used up; then true. */
bool thinking_force(struct thinking *th, const struct token_list *end, uint32_t max,
                    uint32_t *token);

/* After the last added bytes of a reply's text were appended: sees marks that are whole now. A
 * block opens at the beginning of a line; "<think>" behind other text is prose about the mark. */
void thinking_see(struct thinking *th, const struct buf *text, size_t added);

#endif
