/*
 * session_forward() reads from top to bottom like the paper (Qwen2, arXiv 2407.10671, section 2.2:
 * a pre-norm transformer with grouped queries, SwiGLU and biases on Q, K and V). Every part is one
 * pool_for over outputs of a product or over rows; small parts run on the calling thread.
 */
#include "engine/gguf/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT 64

#define BLOCKS 4    /* least share of a product: one full tile */
#define SMALL 16384 /* floats that are not worth sharing */
#define PIECES 4    /* of each thread, so that a late one finds less to do */

struct batch { /* the work in hand, passed to the threads */
    struct session *s;
    const struct row *rows;
    size_t n;
    uint32_t layer;
    struct matmul product;
};

static size_t kv_floats(const struct model *m) /* of one layer and head in a page */
{
    return PAGE_TOKENS * (m->head_size + lanes_round(m->head_size));
}

static size_t page_floats(const struct model *m)
{
    return (size_t)m->n_layers * m->kv_heads * lanes_round(kv_floats(m));
}

/* Offset in a page of the keys of a layer and KV head; the values follow them. */
static size_t keys_at(const struct model *m, uint32_t layer, uint32_t head)
{
    return ((size_t)layer * m->kv_heads + head) * lanes_round(kv_floats(m));
}

static size_t values_at(const struct model *m, uint32_t layer, uint32_t head)
{
    return keys_at(m, layer, head) + (size_t)m->head_size * PAGE_TOKENS;
}

/* ---- products and norms ---- */

static void multiply_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    const struct batch *b = arg;
    b->s->kernels->matmul(&b->product, first, end);
}

/* Blocks of LANES outputs to a piece, in whole tiles. */
static size_t blocks_of(const struct session *s, size_t outputs)
{
    size_t tiles = outputs / LANES / BLOCKS / (PIECES * pool_threads(s->pool));
    return (tiles ? tiles : 1) * BLOCKS;
}

static void multiply(struct batch *b, size_t outputs, struct matmul product)
{
    b->product = product;
    b->product.rows = b->n;
    outputs = lanes_round(outputs);
    pool_for(b->s->pool, outputs / LANES, blocks_of(b->s, outputs), multiply_piece, b);
}

/* How many things of so many floats each make a piece worth sharing. */
static size_t grain(size_t floats)
{
    return SMALL / floats ? SMALL / floats : 1;
}

struct norm {
    const struct session *s;
    const float *weight;
};

static void norm_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    const struct norm *n = arg;
    const struct model *m = n->s->model;
    size_t width = lanes_round(m->width);
    for (size_t r = first; r < end; r++)
        n->s->kernels->rms_norm(n->s->normed + r * width, n->s->stream + r * width, n->weight,
                                m->width, m->epsilon);
}

static void norm(const struct batch *b, const float *weight)
{
    struct norm n = {b->s, weight};
    pool_for(b->s->pool, b->n, grain(b->s->model->width), norm_piece, &n);
}

/* ---- attention ---- */

/* Rotates the two halves of a head by the angles of its position (NEOX order). */
static void rotate(const struct model *m, float *head, uint32_t position)
{
    size_t half = m->head_size / 2;
    const float *c = m->cosines + position * half, *s = m->sines + position * half;
    for (size_t i = 0; i < half; i++) {
        float a = head[i], b = head[i + half];
        head[i] = a * c[i] - b * s[i];
        head[i + half] = b * c[i] + a * s[i];
    }
}

/* Rotates the queries and the key of one row and KV head, and puts key and value in their page. */
static void place(struct session *s, const struct row *row, float *qkv, uint32_t layer, uint32_t kv)
{
    const struct model *m = s->model;
    size_t group = m->heads / m->kv_heads, size = m->head_size, slot = row->position % PAGE_TOKENS;
    float scale = 1.0f / sqrtf((float)size);
    float *page = s->cache + row->pages[row->position / PAGE_TOKENS] * s->page_floats;
    float *queries = qkv + kv * group * size;
    float *key = qkv + m->q_size + kv * size;
    const float *value = qkv + m->q_size + m->kv_size + kv * size;
    for (size_t h = 0; h < group; h++)
        rotate(m, queries + h * size, row->position);
    for (size_t i = 0; i < group * size; i++)
        queries[i] *= scale;
    rotate(m, key, row->position);
    float *keys = page + keys_at(m, layer, kv) + slot;
    for (size_t i = 0; i < size; i++)
        keys[i * PAGE_TOKENS] = key[i];
    memcpy(page + values_at(m, layer, kv) + slot * lanes_round(size), value, size * sizeof *value);
}

static void place_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    const struct batch *b = arg;
    const struct model *m = b->s->model;
    for (size_t i = first; i < end; i++)
        place(b->s, &b->rows[i / m->kv_heads],
              b->s->qkv + i / m->kv_heads * (m->q_size + 2 * m->kv_size), b->layer,
              (uint32_t)(i % m->kv_heads));
}

static void attend_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    const struct batch *b = arg;
    struct session *s = b->s;
    const struct model *m = s->model;
    size_t group = m->heads / m->kv_heads;
    for (size_t i = first; i < end; i++) {
        size_t r = i / m->kv_heads;
        uint32_t kv = (uint32_t)(i % m->kv_heads);
        struct attend a = {
            .queries = s->qkv + r * (m->q_size + 2 * m->kv_size) + kv * group * m->head_size,
            .out = s->attended + r * m->q_size + kv * group * m->head_size,
            .scores = s->scores + thread * lanes_round(m->context),
            .cache = s->cache,
            .page_floats = s->page_floats,
            .keys = keys_at(m, b->layer, kv),
            .values = values_at(m, b->layer, kv),
            .pages = b->rows[r].pages,
            .heads = group,
            .head_size = m->head_size,
            .length = b->rows[r].position + 1,
        };
        s->kernels->attend(&a);
    }
}

static void self_attention(struct batch *b)
{
    struct session *s = b->s;
    const struct model *m = s->model;
    const struct layer *w = &m->layers[b->layer];
    size_t width = lanes_round(m->width), qkv_size = m->q_size + 2 * m->kv_size;

    norm(b, w->attention_norm);
    multiply(b, qkv_size,
             (struct matmul){.w = w->qkv,
                             .bias = w->qkv_bias,
                             .columns = m->width,
                             .x = s->normed,
                             .x_stride = width,
                             .out = s->qkv,
                             .out_stride = qkv_size});
    pool_for(s->pool, b->n * m->kv_heads, grain(qkv_size / m->kv_heads), place_piece, b);
    pool_for(s->pool, b->n * m->kv_heads, 1, attend_piece, b);
    multiply(b, m->width,
             (struct matmul){.w = w->output,
                             .columns = (size_t)m->heads * m->head_size,
                             .x = s->attended,
                             .x_stride = m->q_size,
                             .out = s->stream,
                             .out_stride = width,
                             .add = true});
}

/* ---- feed-forward network ---- */

/* The same outputs of gate and up, and SwiGLU over them. */
static void gate_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    const struct batch *b = arg;
    struct session *s = b->s;
    struct matmul up = b->product;
    up.w = s->model->layers[b->layer].up;
    up.out = s->up;
    s->kernels->matmul(&b->product, first, end);
    s->kernels->matmul(&up, first, end);
    for (size_t r = 0; r < b->n; r++) {
        size_t at = r * up.out_stride + first * LANES;
        s->kernels->swiglu(s->gate + at, s->up + at, (end - first) * LANES);
    }
}

static void feed_forward(struct batch *b)
{
    struct session *s = b->s;
    const struct model *m = s->model;
    const struct layer *w = &m->layers[b->layer];
    size_t width = lanes_round(m->width), hidden = lanes_round(m->hidden);

    norm(b, w->ffn_norm);
    b->product = (struct matmul){.w = w->gate,
                                 .columns = m->width,
                                 .x = s->normed,
                                 .x_stride = width,
                                 .out = s->gate,
                                 .out_stride = hidden,
                                 .rows = b->n};
    pool_for(s->pool, hidden / LANES, blocks_of(s, hidden), gate_piece, b);
    multiply(b, m->width,
             (struct matmul){.w = w->down,
                             .columns = m->hidden,
                             .x = s->gate,
                             .x_stride = hidden,
                             .out = s->stream,
                             .out_stride = width,
                             .add = true});
}

/* ---- the forward pass ---- */

/* The logits of the rows that want them, which move to the front of the stream. */
static void unembed(struct batch *b)
{
    struct session *s = b->s;
    const struct model *m = s->model;
    size_t width = lanes_round(m->width), n = 0;
    for (size_t r = 0; r < b->n; r++)
        if (b->rows[r].logits)
            memmove(s->stream + n++ * width, s->stream + r * width, width * sizeof *s->stream);
    b->n = n;
    if (n == 0)
        return;
    norm(b, m->final_norm);
    multiply(b, m->n_vocab,
             (struct matmul){.w = m->unembedding,
                             .columns = m->width,
                             .x = s->normed,
                             .x_stride = width,
                             .out = s->logits,
                             .out_stride = s->vocab_size});
    for (size_t i = 0; i < n; i++)
        for (size_t o = m->n_vocab; o < s->vocab_size; o++)
            s->logits[i * s->vocab_size + o] = -INFINITY;
}

void session_forward(struct session *s, const struct row *rows, size_t n)
{
    const struct model *m = s->model;
    struct batch b = {.s = s, .rows = rows, .n = n};
    pool_rouse(s->pool);
    for (size_t r = 0; r < n; r++)
        model_embed(m, rows[r].token, s->stream + r * lanes_round(m->width));
    for (b.layer = 0; b.layer < m->n_layers; b.layer++) {
        self_attention(&b);
        feed_forward(&b);
    }
    unembed(&b);
}

const float *session_logits(const struct session *s, uint32_t i)
{
    return s->logits + i * s->vocab_size;
}

void session_copy_page(struct session *s, uint32_t to, uint32_t from)
{
    memcpy(s->cache + to * s->page_floats, s->cache + from * s->page_floats,
           s->page_floats * sizeof *s->cache);
}

/* ---- memory ---- */

/* Gives each array its place in memory (NULL: only adds up) and returns the floats of all. */
static uint64_t lay_out(struct session *s, const struct model *m, uint32_t threads, float *memory)
{
    const struct {
        float **array;
        uint64_t floats;
    } parts[] = {
        {&s->stream, (uint64_t)s->max_rows * lanes_round(m->width)},
        {&s->qkv, (uint64_t)s->max_rows * (m->q_size + 2 * m->kv_size)},
        {&s->attended, (uint64_t)s->max_rows * m->q_size},
        {&s->gate, (uint64_t)s->max_rows * lanes_round(m->hidden)},
        {&s->up, (uint64_t)s->max_rows * lanes_round(m->hidden)},
        {&s->logits, (uint64_t)s->max_logits * lanes_round(m->n_vocab)},
        {&s->normed, (uint64_t)s->max_rows * lanes_round(m->width)},
        {&s->scores, (uint64_t)threads * lanes_round(m->context)},
    };
    uint64_t at = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (memory)
            *parts[i].array = memory + at;
        at += parts[i].floats;
    }
    return at;
}

uint64_t session_bytes(const struct model *model, uint32_t threads, uint32_t max_rows,
                       uint32_t max_logits, uint32_t n_pages)
{
    struct session s = {.max_rows = max_rows, .max_logits = max_logits};
    return sizeof(float) *
           (lay_out(&s, model, threads, NULL) + (uint64_t)n_pages * page_floats(model));
}

enum surety_err session_init(struct session *s, const struct model *model,
                             const struct kernels *kernels, struct pool *pool, uint32_t max_rows,
                             uint32_t max_logits, uint32_t n_pages, struct surety_error *err)
{
    *s = (struct session){.model = model,
                          .kernels = kernels,
                          .pool = pool,
                          .max_rows = max_rows,
                          .max_logits = max_logits,
                          .vocab_size = lanes_round(model->n_vocab),
                          .page_floats = page_floats(model),
                          .n_pages = n_pages};
    size_t bytes = (size_t)lay_out(s, model, pool_threads(pool), NULL) * sizeof(float);
    s->cache_bytes = s->page_floats * n_pages * sizeof(float);
    s->memory = aligned_alloc(ALIGNMENT, bytes);
    s->cache = mmap(NULL, s->cache_bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (s->cache == MAP_FAILED)
        s->cache = NULL;
    if (!s->memory || !s->cache) {
        session_fini(s);
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the key-value cache (%zu MiB)",
                           (bytes + s->cache_bytes) >> 20);
    }
    memset(s->memory, 0, bytes);
    lay_out(s, model, pool_threads(pool), s->memory);
    return SURETY_OK;
}

void session_fini(struct session *s)
{
    if (!s)
        return;
    if (s->cache)
        munmap(s->cache, s->cache_bytes);
    free(s->memory);
    *s = (struct session){0};
}
