/*
 * forward() reads from top to bottom like the paper (Qwen2, arXiv 2407.10671, section 2.2: a
 * pre-norm transformer with grouped queries, SwiGLU and biases on Q, K and V). All threads run it
 * side by side: each takes its share of the outputs of a product, or of the (row, head) pairs, and
 * a barrier stands where one needs what the others computed. RMSNorm is cheaper than a barrier, so
 * every thread norms all rows for itself.
 */
#include "engine/gguf/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT 64

struct batch {
    struct session *s;
    const struct row *rows;
    size_t n;
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

/* ---- one layer's parts ---- */

static float *norm(const struct batch *b, uint32_t thread, const float *weight)
{
    const struct session *s = b->s;
    const struct model *m = s->model;
    size_t width = lanes_round(m->width);
    float *out = s->normed + (size_t)thread * s->max_rows * width;
    for (size_t r = 0; r < b->n; r++)
        s->kernels->rms_norm(out + r * width, s->stream + r * width, weight, m->width, m->epsilon);
    return out;
}

/* This thread's share of the outputs of a product. */
static void multiply(const struct batch *b, uint32_t thread, size_t outputs, struct matmul product)
{
    size_t first, end;
    product.rows = b->n;
    pool_share(b->s->pool, thread, lanes_round(outputs) / LANES, 4, &first, &end);
    b->s->kernels->matmul(&product, first, end);
}

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

static void attend(const struct batch *b, uint32_t thread, size_t r, uint32_t layer, uint32_t kv)
{
    struct session *s = b->s;
    const struct model *m = s->model;
    size_t group = m->heads / m->kv_heads;
    struct attend a = {
        .queries = s->qkv + r * (m->q_size + 2 * m->kv_size) + kv * group * m->head_size,
        .out = s->attended + r * m->q_size + kv * group * m->head_size,
        .scores = s->scores + thread * lanes_round(m->context),
        .cache = s->cache,
        .page_floats = s->page_floats,
        .keys = keys_at(m, layer, kv),
        .values = values_at(m, layer, kv),
        .pages = b->rows[r].pages,
        .heads = group,
        .head_size = m->head_size,
        .length = b->rows[r].position + 1,
    };
    s->kernels->attend(&a);
}

static void self_attention(const struct batch *b, uint32_t thread, uint32_t layer)
{
    struct session *s = b->s;
    const struct model *m = s->model;
    const struct layer *w = &m->layers[layer];
    size_t width = lanes_round(m->width), qkv_size = m->q_size + 2 * m->kv_size, first, end;

    const float *x = norm(b, thread, w->attention_norm);
    multiply(b, thread, qkv_size,
             (struct matmul){.w = w->qkv,
                             .bias = w->qkv_bias,
                             .columns = m->width,
                             .x = x,
                             .x_stride = width,
                             .out = s->qkv,
                             .out_stride = qkv_size});
    pool_barrier(s->pool);
    pool_share(s->pool, thread, b->n * m->kv_heads, 1, &first, &end);
    for (size_t i = first; i < end; i++)
        place(s, &b->rows[i / m->kv_heads], s->qkv + i / m->kv_heads * qkv_size, layer,
              (uint32_t)(i % m->kv_heads));
    pool_barrier(s->pool);
    for (size_t i = first; i < end; i++)
        attend(b, thread, i / m->kv_heads, layer, (uint32_t)(i % m->kv_heads));
    pool_barrier(s->pool);
    multiply(b, thread, m->width,
             (struct matmul){.w = w->output,
                             .columns = (size_t)m->heads * m->head_size,
                             .x = s->attended,
                             .x_stride = m->q_size,
                             .out = s->stream,
                             .out_stride = width,
                             .add = true});
    pool_barrier(s->pool);
}

static void feed_forward(const struct batch *b, uint32_t thread, uint32_t layer)
{
    struct session *s = b->s;
    const struct model *m = s->model;
    const struct layer *w = &m->layers[layer];
    size_t width = lanes_round(m->width), hidden = lanes_round(m->hidden), first, end;

    const float *x = norm(b, thread, w->ffn_norm);
    struct matmul product = {.w = w->gate,
                             .columns = m->width,
                             .x = x,
                             .x_stride = width,
                             .out = s->gate,
                             .out_stride = hidden};
    multiply(b, thread, hidden, product);
    product.w = w->up;
    product.out = s->up;
    multiply(b, thread, hidden, product);
    pool_share(s->pool, thread, hidden / LANES, 4, &first, &end); /* as the products were */
    for (size_t r = 0; r < b->n && first < end; r++)
        s->kernels->swiglu(s->gate + r * hidden + first * LANES, s->up + r * hidden + first * LANES,
                           (end - first) * LANES);
    pool_barrier(s->pool);
    multiply(b, thread, m->width,
             (struct matmul){.w = w->down,
                             .columns = m->hidden,
                             .x = s->gate,
                             .x_stride = hidden,
                             .out = s->stream,
                             .out_stride = width,
                             .add = true});
    pool_barrier(s->pool);
}

/* The logits of the rows that want them. */
static void unembed(const struct batch *b, uint32_t thread)
{
    struct session *s = b->s;
    const struct model *m = s->model;
    size_t width = lanes_round(m->width), first, end;
    float *x = s->normed + (size_t)thread * s->max_rows * width;
    pool_share(s->pool, thread, s->vocab_size / LANES, 4, &first, &end);
    for (size_t r = 0; r < b->n; r++) {
        /* a run of wanted rows with neighbouring places is one product */
        size_t run = 0;
        for (; r + run < b->n && b->rows[r + run].logits != SESSION_NO_LOGITS &&
               b->rows[r + run].logits == b->rows[r].logits + run;
             run++)
            s->kernels->rms_norm(x + run * width, s->stream + (r + run) * width, m->final_norm,
                                 m->width, m->epsilon);
        if (run == 0)
            continue;
        float *out = s->logits + b->rows[r].logits * s->vocab_size;
        struct matmul product = {.w = m->unembedding,
                                 .columns = m->width,
                                 .x = x,
                                 .x_stride = width,
                                 .out = out,
                                 .out_stride = s->vocab_size,
                                 .rows = run};
        s->kernels->matmul(&product, first, end);
        for (size_t i = 0; end * LANES == s->vocab_size && first < end && i < run; i++)
            for (size_t o = m->n_vocab; o < s->vocab_size; o++)
                out[i * s->vocab_size + o] = -INFINITY;
        r += run - 1;
    }
}

/* ---- the forward pass ---- */

static void forward(void *arg, uint32_t thread)
{
    const struct batch *b = arg;
    struct session *s = b->s;
    size_t width = lanes_round(s->model->width), first, end;
    pool_share(s->pool, thread, b->n, 1, &first, &end);
    for (size_t r = first; r < end; r++)
        model_embed(s->model, b->rows[r].token, s->stream + r * width);
    pool_barrier(s->pool);
    for (uint32_t layer = 0; layer < s->model->n_layers; layer++) {
        self_attention(b, thread, layer);
        feed_forward(b, thread, layer);
    }
    unembed(b, thread);
}

void session_forward(struct session *s, const struct row *rows, size_t n)
{
    struct batch batch = {s, rows, n};
    pool_run(s->pool, forward, &batch);
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
        {&s->normed, (uint64_t)threads * s->max_rows * lanes_round(m->width)},
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
