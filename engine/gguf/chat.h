/*
 * chat.h - messages to the tokens of a prompt, in the ChatML form that Qwen2 was trained on.
 *
 * The only place where control tokens come from: roles and contents are tokenised with control
 * tokens off, so "<|im_end|>" in a problem stays text. Adds no system message of its own.
 */
#ifndef SURETY_ENGINE_GGUF_CHAT_H
#define SURETY_ENGINE_GGUF_CHAT_H

#include "engine/gguf/tokenizer.h"
#include "proto/types.h"

/* UNSUPPORTED when the vocabulary lacks <|im_start|> or <|im_end|>, or the file has a chat template
 * that is not ChatML. */
enum surety_err chat_check(const struct gguf_file *file, const struct tokenizer *t,
                           struct surety_error *err);

/* Appends "<|im_start|>ROLE\nCONTENT<|im_end|>\n" for each message and the opening of the
 * assistant's turn. NOMEM, LIMIT; the list may then hold a part. */
enum surety_err chat_render(const struct tokenizer *t, const struct surety_message *messages,
                            size_t n_messages, struct token_list *list);

#endif
