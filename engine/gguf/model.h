/*
 * model.h - the immutable weights of a model of architecture qwen2, ready for the kernels.
 *
 * Everything is F32 here (F16 is widened exactly) and owned: the file may be closed after loading.
 * A loaded model never changes, so threads and sessions share it. Architecture: Qwen2 technical
 * report (arXiv 2407.10671), section 2.2; names of tensors and keys are those of GGUF.
 */
#ifndef SURETY_ENGINE_GGUF_MODEL_H
#define SURETY_ENGINE_GGUF_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/gguf/file.h"

/* A matrix [outputs][columns] in blocks: [lanes_round(outputs) / LANES][columns][LANES]. */
struct layer {
    float *attention_norm; /* [width] */
    float *qkv;            /* matrix [q + k + v][width], each part rounded to LANES */
    float *qkv_bias;       /* [q + k + v], rounded likewise */
    float *output;         /* matrix [width][heads * head_size] */
    float *ffn_norm;       /* [width] */
    float *gate, *up;      /* matrices [hidden][width] */
    float *down;           /* matrix [width][hidden] */
};

struct model {
    uint32_t n_vocab, n_layers, context;
    uint32_t width;           /* of the residual stream */
    uint32_t hidden;          /* of the feed-forward network */
    uint32_t heads, kv_heads; /* heads is a multiple of kv_heads */
    uint32_t head_size;       /* even */
    float epsilon;            /* of RMSNorm */
    double rope_base;         /* theta */
    size_t q_size, kv_size;   /* lanes_round of heads * head_size, kv_heads * head_size */
    float *embedding;         /* matrix [n_vocab][width] */
    float *unembedding;       /* the same shape; embedding itself when tied */
    float *final_norm;        /* [width] */
    struct layer *layers;     /* [n_layers] */
    float *cosines, *sines;   /* [context][head_size / 2] */
    float *memory;            /* holds all of the above */
    size_t memory_bytes;
};

/* Loads the weights; context is cut to max_context (0: the model's own). memory_max: bytes that
 * may be used. UNSUPPORTED (architecture, rope scaling), PARSE (a key or tensor missing or of a
 * wrong shape), LIMIT (it does not fit into memory_max), NOMEM. */
enum surety_err model_load(const struct gguf_file *file, uint32_t n_vocab, uint32_t max_context,
                           uint64_t memory_max, struct model *ret_model, struct surety_error *err);
void model_free(struct model *model); /* NULL and a freed one are fine */

/* A row of a matrix: the embedding of a token. out is [lanes_round(width)], padded with zeros. */
void model_embed(const struct model *model, uint32_t token, float *out);

/* The exact value of a half-precision number (IEEE 754 binary16). */
float half_to_float(uint16_t half);

#endif
