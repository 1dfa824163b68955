/*
 * model.h - the immutable weights of a model, ready for the kernels.
 *
 * Architectures: qwen2 (technical report, arXiv 2407.10671, section 2.2), qwen3 (arXiv 2505.09388:
 * no biases, a norm on each query and key head), llama (arXiv 2302.13971; rotation of neighbours,
 * and the frequency factors of Llama 3). Names of tensors and keys are those of GGUF. Matrices keep
 * the file's type (matrix.h), vectors are F32, all of it owned: the file may be closed after
 * loading. A loaded model never changes, so threads and forwards share it.
 */
#ifndef SURETY_ENGINE_GGUF_MODEL_H
#define SURETY_ENGINE_GGUF_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/gguf/file.h"
#include "engine/gguf/matrix.h"
#include "engine/gguf/thread_pool.h"
#include <surety/err.h>

/* Vectors are padded with zeros to lanes_round(). */
struct layer {
    float *attention_norm;           /* [width] */
    struct matrix q, k, v;           /* [heads or kv_heads * head_size][width] */
    float *q_bias, *k_bias, *v_bias; /* their outputs; NULL: none */
    float *q_norm, *k_norm;          /* [head_size]; NULL: none */
    struct matrix output;            /* [width][heads * head_size] */
    float *ffn_norm;                 /* [width] */
    struct matrix gate, up;          /* [hidden][width] */
    struct matrix down;              /* [width][hidden] */
};

struct model {
    uint32_t n_vocab, n_layers, context;
    uint32_t width;            /* of the residual stream */
    uint32_t hidden;           /* of the feed-forward network */
    uint32_t heads, kv_heads;  /* heads is a multiple of kv_heads */
    uint32_t head_size;        /* even */
    float epsilon;             /* of RMSNorm */
    double rope_base;          /* theta */
    double rope_shrink;        /* positions are divided by it (linear scaling); 1 */
    bool neighbours;           /* rotation turns elements 2i and 2i+1, not i and i + half */
    size_t q_size, kv_size;    /* lanes_round of heads * head_size, kv_heads * head_size */
    struct matrix embedding;   /* [n_vocab][width] */
    struct matrix unembedding; /* the same shape; embedding itself when tied */
    float *final_norm;         /* [width] */
    struct layer *layers;      /* [n_layers] */
    float *rope_factors;       /* [head_size / 2], frequencies are divided by them; NULL: none */
    float *cosines, *sines;    /* [context][head_size / 2] */
    unsigned char *memory;     /* holds all of the above */
    size_t memory_bytes;
};

/* Loads the weights; context is cut to max_context (0: the model's own). memory_max: bytes that
 * may be used. The pool shares the work. UNSUPPORTED (architecture, rope scaling), PARSE (a key or
 * tensor missing or of a wrong shape), LIMIT (it does not fit into memory_max), NOMEM. */
enum surety_err model_load(const struct gguf_file *file, uint32_t n_vocab, uint32_t max_context,
                           uint64_t memory_max, struct thread_pool *pool, struct model *ret_model,
                           struct surety_error *err);
void model_free(struct model *model); /* NULL and a freed one are fine */

#endif
