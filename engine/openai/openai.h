/*
 * openai.h - the engine that asks servers with an OpenAI-like chat endpoint over HTTP.
 *
 * Always one request an item, with the item's seed: whatever a server thinks of `n`, samples
 * differ, and one can be cancelled. It streams where the server does; cancelling closes the
 * connection, which is how servers learn to stop. docs/servers.md says what is known of each.
 *
 * Options: url=URL (repeated: a pool; or the URL alone), model=NAME, key-env=VARIABLE (of the
 * environment, which holds the key), concurrency=N (requests at once and server; its own slots, or
 * 8), requests-per-minute=N, tokens-per-minute=N (of the whole pool), spend-limit-tokens=N (prompt
 * and completion tokens of this process; then items fail with LIMIT), timeout=SECONDS (600) without
 * a word of the reply, logprobs=yes (sums of log-probabilities; slow in llama-server),
 * profile=NAME.
 *
 * Choices (labels.h): log-probabilities given that it is one of the labels, where the server tells
 * the tokens that the labels begin with; a pool chooses when all its servers do.
 *
 * Counts: the server's usage where it sends one; else a chunk with text is a token, four bytes of
 * a prompt, or of a reply that came whole, are one.
 */
#ifndef SURETY_ENGINE_OPENAI_OPENAI_H
#define SURETY_ENGINE_OPENAI_OPENAI_H

#include "engine/engine.h"

extern const struct engine_ops engine_openai;

#endif
