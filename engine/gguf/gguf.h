/*
 * gguf.h - the engine gguf: runs a model file in GGUF format on the processor's cores.
 *
 * Options: model=FILE (also without its key), context=N (fewer tokens than the model's own),
 * cache=N (tokens whose keys and values are held), kernels=NAME. Repeatable: an item's output
 * follows from the model, the messages, the sampling and the seed alone.
 */
#ifndef SURETY_ENGINE_GGUF_GGUF_H
#define SURETY_ENGINE_GGUF_GGUF_H

#include "engine/engine.h"

extern const struct engine_ops engine_gguf;

#endif
