/*
 * chat.h - messages to the tokens of a prompt, in the form that the model was trained on.
 *
 * The file's template (tokenizer.chat_template) is a program; it is not run, but recognised by its
 * marks as one of the formats in chat.c, of which each is written down once more there. Two things
 * are read out of it: the system message that it adds when there is none (ChatML, as in Qwen2.5),
 * and whether it opens a <think> block. A template that adds the date (Llama 3.1) gets the constant
 * that it falls back to itself: a prompt must not depend on the day. Whatever else a template adds
 * (tools, a vendor's own system prompt in another format) is left out.
 *
 * The only place where control tokens come from: roles and contents are tokenised with control
 * tokens off, so "<|im_end|>" in a problem stays text. Formats whose marks are plain text in the
 * vocabulary ([INST] of Llama 2, <|user|> of Zephyr) have no such protection, in any program.
 */
#ifndef SURETY_ENGINE_GGUF_CHAT_H
#define SURETY_ENGINE_GGUF_CHAT_H

#include "engine/gguf/tokenizer.h"
#include <surety/types.h>

struct chat_format; /* of the table in chat.c */

struct chat { /* zeroed is finished */
    const struct chat_format *format;
    char *system;       /* when the messages have none; NULL: none */
    const char *dated;  /* before any system message; "" */
    const char *answer; /* opens the answer */
    bool thinks;        /* answer ends inside a <think> block */
};

/* Recognises the format; the file may be closed afterwards. Without a template a vocabulary with
 * ChatML's tokens makes ChatML. UNSUPPORTED: no format that is known, or one whose tokens the
 * vocabulary lacks. PARSE, LIMIT: the template is no string, or over a MiB. NOMEM. */
enum surety_err chat_init(struct chat *chat, const struct gguf_file *file,
                          const struct tokenizer *t, struct surety_error *err);
void chat_fini(struct chat *chat); /* NULL and a finished one are fine */

/* Appends the prompt: BOS where the model wants it, the messages, the opening of the assistant's
 * turn, and what it begins with (opened; "" for nothing). Roles: "system", "assistant", and any
 * other is the user's. NOMEM, LIMIT; the list may then hold a part. */
enum surety_err chat_render(const struct chat *chat, const struct tokenizer *t,
                            const struct surety_message *messages, size_t n_messages,
                            const char *opened, struct token_list *list);

#endif
