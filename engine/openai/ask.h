/*
 * ask.h - the JSON body of a chat completion.
 *
 * A body is made once for a task and written once for each item: seed, model and the fields that a
 * server knows differ. What asks for labels in place of text is labels.h's.
 */
#ifndef SURETY_ENGINE_OPENAI_ASK_H
#define SURETY_ENGINE_OPENAI_ASK_H

#include <jansson.h>

#include <surety/types.h>

/* X(NAME, key): what some server refuses or ignores. The order of bits is that of the table. */
#define ASK_FIELDS(X)                                                                              \
    X(SEED, "seed")                                                                                \
    X(STREAM_OPTIONS, "stream_options")                                                            \
    X(STREAM, "stream")                                                                            \
    X(MIN_P, "min_p")                                                                              \
    X(TOP_K, "top_k")                                                                              \
    X(TOP_P, "top_p")                                                                              \
    X(TEMPERATURE, "temperature")                                                                  \
    X(STOP, "stop")                                                                                \
    X(LOGPROBS, "logprobs")                                                                        \
    X(MAX_TOKENS, "max_tokens")                                                                    \
    X(MAX_COMPLETION_TOKENS, "max_completion_tokens")

enum ask_field {
#define X(name, key) ASK_##name,
    ASK_FIELDS(X)
#undef X
        ASK_FIELD_COUNT_
};
#define ASK_BIT(name) (1u << ASK_##name)
#define ASK_ALL ((1u << ASK_FIELD_COUNT_) - 1)

/* All but those that are asked for by option, or only in place of another. */
#define ASK_USUAL (ASK_ALL & ~ASK_BIT(LOGPROBS) & ~ASK_BIT(MAX_COMPLETION_TOKENS))

#define ASK_STOPS 4 /* stop strings that hosted servers take; the rest is found by reply.h */

const char *ask_field_name(enum ask_field field);

/* With every field but model and seed. NULL: NOMEM. Copies what it keeps. */
json_t *ask_body(const struct surety_message *messages, size_t n_messages,
                 const struct surety_sampling *sampling);

/* The text for one item with the fields of the set. The caller frees. NULL: NOMEM. */
char *ask_text(const json_t *body, unsigned fields, const char *model, uint32_t seed);

/* Bytes of the prompt; *ret_distinct: those that differ from the byte before them, since a long run
 * of one character may be one token. */
size_t ask_bytes(const struct surety_message *messages, size_t n, size_t *ret_distinct);

#endif
