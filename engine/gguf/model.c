/*
 * Loading goes twice over the same list of tensors: the first pass checks shapes and adds up the
 * memory, the second fills it. Nothing large is allocated before the whole is known to fit.
 */
#include "engine/gguf/model.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/gguf/kernels.h"

#define WIDTH_MAX 65536
#define LAYERS_MAX 1024
#define CONTEXT_MAX (1u << 24)
#define ALIGNMENT 64

struct loader {
    const struct gguf_file *file;
    struct model *model;
    struct surety_error *err;
    enum surety_err code; /* the first failure; later steps do nothing */
    uint64_t floats;      /* used so far */
    uint32_t layer;       /* for names; UINT32_MAX: no layer */
};

float half_to_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31;
    uint32_t fraction = half & 0x3FF, bits;
    if (exponent == 31)
        bits = sign | 0x7F800000 | fraction << 13;
    else if (exponent > 0)
        bits = sign | (exponent + 112) << 23 | fraction << 13;
    else
        return (sign ? -1.0f : 1.0f) * (float)fraction * 0x1p-24f;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- metadata ---- */

static uint32_t number(struct loader *l, const char *key, uint64_t high, uint64_t fallback)
{
    char name[64];
    snprintf(name, sizeof name, "qwen2.%s", key);
    if (l->code == SURETY_OK && fallback == 0 && !gguf_find(l->file, name))
        l->code = surety_fail(l->err, SURETY_ERR_PARSE, "%s lacks the metadata key '%s'",
                              l->file->name, name);
    uint64_t value = fallback;
    if (l->code == SURETY_OK)
        l->code = gguf_get_u64(l->file, name, 1, high, &value, l->err);
    return l->code == SURETY_OK ? (uint32_t)value : 1;
}

static void check_string(struct loader *l, const char *key, const char *wanted,
                         const char *fallback)
{
    struct gguf_string s = {fallback, strlen(fallback)};
    char quote[GGUF_QUOTE_MAX];
    if (l->code == SURETY_OK)
        l->code = gguf_get_string(l->file, key, &s, l->err);
    if (l->code == SURETY_OK && (s.len != strlen(wanted) || memcmp(s.text, wanted, s.len) != 0))
        l->code = surety_fail(l->err, SURETY_ERR_UNSUPPORTED,
                              "%s: %s is '%s'; this engine knows '%s' only", l->file->name, key,
                              gguf_quote(s, quote), wanted);
}

static void read_shape(struct loader *l, uint32_t max_context)
{
    struct model *m = l->model;
    check_string(l, "general.architecture", "qwen2", "");
    check_string(l, "qwen2.rope.scaling.type", "none", "none");
    m->context = number(l, "context_length", CONTEXT_MAX, 0);
    if (max_context > 0 && max_context < m->context)
        m->context = max_context;
    m->width = number(l, "embedding_length", WIDTH_MAX, 0);
    m->n_layers = number(l, "block_count", LAYERS_MAX, 0);
    m->hidden = number(l, "feed_forward_length", WIDTH_MAX * 16, 0);
    m->heads = number(l, "attention.head_count", WIDTH_MAX, 0);
    m->kv_heads = number(l, "attention.head_count_kv", WIDTH_MAX, m->heads);
    bool whole = m->width % m->heads == 0;
    m->head_size = number(l, "attention.key_length", WIDTH_MAX, whole ? m->width / m->heads : 0);
    double epsilon = 1e-6;
    m->rope_base = 10000;
    if (l->code == SURETY_OK)
        l->code = gguf_get_f64(l->file, "qwen2.attention.layer_norm_rms_epsilon", &epsilon, l->err);
    if (l->code == SURETY_OK)
        l->code = gguf_get_f64(l->file, "qwen2.rope.freq_base", &m->rope_base, l->err);
    m->epsilon = (float)epsilon;
    if (l->code == SURETY_OK &&
        (m->heads % m->kv_heads || m->head_size % 2 ||
         (uint64_t)m->heads * m->head_size > WIDTH_MAX || !(epsilon >= 0 && epsilon < 1) ||
         !(m->rope_base >= 1 && m->rope_base < 1e12)))
        l->code =
            surety_fail(l->err, SURETY_ERR_PARSE,
                        "%s: %u heads of %u over %u KV heads, epsilon %g, rope base %g: no "
                        "such model",
                        l->file->name, m->heads, m->head_size, m->kv_heads, epsilon, m->rope_base);
    m->q_size = lanes_round((size_t)m->heads * m->head_size);
    m->kv_size = lanes_round((size_t)m->kv_heads * m->head_size);
}

/* ---- tensors ---- */

static void *reserve(struct loader *l, uint64_t floats)
{
    float *place = l->model->memory ? l->model->memory + l->floats : NULL;
    l->floats += (floats + LANES - 1) / LANES * LANES;
    return place;
}

/* The tensor of this name and shape; absent and optional: NULL. */
static const struct gguf_tensor *find(struct loader *l, const char *part, uint64_t columns,
                                      uint64_t rows, bool optional)
{
    char name[64], full[80];
    if (l->layer == UINT32_MAX)
        snprintf(name, sizeof name, "%s", part);
    else
        snprintf(name, sizeof name, "blk.%u.%s", l->layer, part);
    const struct gguf_tensor *t = gguf_find_tensor(l->file, name);
    if (l->code != SURETY_OK || (!t && optional))
        return NULL;
    snprintf(full, sizeof full, "tensor '%s'", name);
    if (!t)
        l->code = surety_fail(l->err, SURETY_ERR_PARSE, "%s lacks the %s", l->file->name, full);
    else if (t->dims[0] != columns || t->dims[1] != rows || t->n_elements != columns * rows)
        l->code = surety_fail(l->err, SURETY_ERR_PARSE,
                              "%s: %s has the shape %llu x %llu and not %llu x %llu", l->file->name,
                              full, (unsigned long long)t->dims[0], (unsigned long long)t->dims[1],
                              (unsigned long long)columns, (unsigned long long)rows);
    return l->code == SURETY_OK ? t : NULL;
}

static float element(const struct gguf_tensor *t, uint64_t i)
{
    if (t->type == GGUF_TENSOR_F16) {
        const unsigned char *p = t->data + 2 * i;
        return half_to_float((uint16_t)(p[0] | p[1] << 8));
    }
    const unsigned char *p = t->data + 4 * i;
    uint32_t bits =
        (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void fill_vector(float *out, const struct gguf_tensor *t)
{
    for (uint64_t i = 0; out && t && i < t->n_elements; i++)
        out[i] = element(t, i);
}

static float *vector(struct loader *l, const char *part, uint32_t n)
{
    float *out = reserve(l, n);
    fill_vector(out, find(l, part, n, 1, false));
    return out;
}

/* Packs a tensor [rows][columns] into the blocks of out. */
static void fill_matrix(float *out, const struct gguf_tensor *t)
{
    if (!out || !t)
        return;
    uint64_t columns = t->dims[0];
    for (uint64_t row = 0; row < t->dims[1]; row++) {
        float *block = out + row / LANES * columns * LANES + row % LANES;
        for (uint64_t c = 0; c < columns; c++)
            block[c * LANES] = element(t, row * columns + c);
    }
}

static float *matrix(struct loader *l, const char *part, uint32_t columns, uint32_t rows)
{
    float *out = reserve(l, (uint64_t)lanes_round(rows) * columns);
    fill_matrix(out, find(l, part, columns, rows, false));
    return out;
}

/* Q, K and V one below the other, with their biases. */
static void load_qkv(struct loader *l, struct layer *layer)
{
    const struct model *m = l->model;
    static const char *const names[3][2] = {{"attn_q.weight", "attn_q.bias"},
                                            {"attn_k.weight", "attn_k.bias"},
                                            {"attn_v.weight", "attn_v.bias"}};
    uint64_t size = m->q_size + 2 * m->kv_size, at = 0;
    layer->qkv = reserve(l, size * m->width);
    layer->qkv_bias = reserve(l, size);
    for (int i = 0; i < 3; i++) {
        uint32_t rows = (i ? m->kv_heads : m->heads) * m->head_size;
        const struct gguf_tensor *weight = find(l, names[i][0], m->width, rows, false);
        const struct gguf_tensor *bias = find(l, names[i][1], rows, 1, true);
        if (m->memory) {
            fill_matrix(layer->qkv + at * m->width, weight);
            fill_vector(layer->qkv_bias + at, bias);
        }
        at += i ? m->kv_size : m->q_size;
    }
}

static void load_layer(struct loader *l, struct layer *layer)
{
    const struct model *m = l->model;
    layer->attention_norm = vector(l, "attn_norm.weight", m->width);
    load_qkv(l, layer);
    layer->output = matrix(l, "attn_output.weight", m->heads * m->head_size, m->width);
    layer->ffn_norm = vector(l, "ffn_norm.weight", m->width);
    layer->gate = matrix(l, "ffn_gate.weight", m->width, m->hidden);
    layer->up = matrix(l, "ffn_up.weight", m->width, m->hidden);
    layer->down = matrix(l, "ffn_down.weight", m->hidden, m->width);
}

/* One pass: checks and adds up, and fills once there is memory. */
static void load_all(struct loader *l)
{
    struct model *m = l->model;
    l->floats = 0;
    l->layer = UINT32_MAX;
    m->embedding = matrix(l, "token_embd.weight", m->width, m->n_vocab);
    m->unembedding = find(l, "output.weight", m->width, m->n_vocab, true)
                         ? matrix(l, "output.weight", m->width, m->n_vocab)
                         : m->embedding;
    m->final_norm = vector(l, "output_norm.weight", m->width);
    m->cosines = reserve(l, (uint64_t)m->context * m->head_size / 2);
    m->sines = reserve(l, (uint64_t)m->context * m->head_size / 2);
    for (l->layer = 0; l->layer < m->n_layers && l->code == SURETY_OK; l->layer++)
        load_layer(l, &m->layers[l->layer]);
}

/* Rotary position embedding (arXiv 2104.09864, eq. 15): angle of pair i at position p. */
static void fill_rope(struct model *m)
{
    size_t half = m->head_size / 2;
    for (size_t i = 0; i < half; i++) {
        double frequency = pow(m->rope_base, -2.0 * (double)i / m->head_size);
        for (size_t p = 0; p < m->context; p++) {
            m->cosines[p * half + i] = (float)cos((double)p * frequency);
            m->sines[p * half + i] = (float)sin((double)p * frequency);
        }
    }
}

enum surety_err model_load(const struct gguf_file *file, uint32_t n_vocab, uint32_t max_context,
                           uint64_t memory_max, struct model *ret_model, struct surety_error *err)
{
    struct model m = {.n_vocab = n_vocab};
    struct loader l = {.file = file, .model = &m, .err = err};
    read_shape(&l, max_context);
    if (l.code != SURETY_OK)
        return l.code;
    m.layers = calloc(m.n_layers, sizeof *m.layers);
    if (!m.layers)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for %u layers", m.n_layers);
    load_all(&l);
    uint64_t bytes = l.floats * sizeof(float);
    if (l.code == SURETY_OK && bytes > memory_max)
        l.code = surety_fail(err, SURETY_ERR_LIMIT,
                             "%s needs %llu MiB for its weights and %llu MiB may be used: use a "
                             "smaller model",
                             file->name, (unsigned long long)(bytes >> 20),
                             (unsigned long long)(memory_max >> 20));
    if (l.code == SURETY_OK) {
        m.memory = aligned_alloc(ALIGNMENT, (size_t)bytes);
        m.memory_bytes = (size_t)bytes;
        if (!m.memory)
            l.code =
                surety_fail(err, SURETY_ERR_NOMEM, "no memory for the weights of %s (%llu MiB)",
                            file->name, (unsigned long long)(bytes >> 20));
    }
    if (l.code == SURETY_OK) {
        memset(m.memory, 0, m.memory_bytes);
        load_all(&l);
        fill_rope(&m);
        *ret_model = m;
    } else {
        model_free(&m);
    }
    return l.code;
}

void model_free(struct model *model)
{
    if (!model)
        return;
    free(model->memory);
    free(model->layers);
    *model = (struct model){0};
}

void model_embed(const struct model *model, uint32_t token, float *out)
{
    size_t width = model->width;
    const float *block = model->embedding + token / LANES * width * LANES + token % LANES;
    for (size_t i = 0; i < width; i++)
        out[i] = block[i * LANES];
    for (size_t i = width; i < lanes_round(width); i++)
        out[i] = 0;
}
