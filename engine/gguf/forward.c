/*
 * forward_run() reads from top to bottom like the paper (Qwen2, arXiv 2407.10671, section 2.2:
 * a pre-norm transformer with grouped queries and SwiGLU). Every part is one thread_pool_for over
 * outputs of a product or over rows; small parts run on the calling thread.
 */
#include "engine/gguf/forward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define TILE_PANELS 4 /* least share of a product: one full tile */
#define SMALL 16384   /* floats that are not worth sharing */
#define PIECES 4      /* of each thread, so that a late one finds less to do */
#define PRODUCTS 3

struct batch { /* the work in hand, passed to the threads */
    struct forward *s;
    const struct row *rows;
    size_t n, n_sets;
    uint32_t layer;
    struct matmul products[PRODUCTS];
    size_t n_products;
};

static size_t kv_halves(const struct model *m) /* of one layer and head in a page */
{
    return PAGE_TOKENS * (m->head_size + lanes_round(m->head_size));
}

static size_t page_halves(const struct model *m)
{
    return (size_t)m->n_layers * m->kv_heads * kv_halves(m);
}

size_t forward_page_bytes(const struct model *model)
{
    return page_halves(model) * sizeof(uint16_t);
}

/* The keys of a layer and KV head in a page; the values follow them. */
static uint16_t *keys_of(const struct forward *s, uint32_t page, uint32_t layer, uint32_t head)
{
    const struct model *m = s->model;
    return s->cache + page * s->page_halves + ((size_t)layer * m->kv_heads + head) * kv_halves(m);
}

static uint16_t *values_of(const struct forward *s, uint32_t page, uint32_t layer, uint32_t head)
{
    return keys_of(s, page, layer, head) + (size_t)s->model->head_size * PAGE_TOKENS;
}

/* How many things of so many floats each make a piece worth sharing. */
static size_t grain(size_t floats)
{
    return SMALL / floats ? SMALL / floats : 1;
}

/* ---- products and norms ---- */

static void quantize_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    const struct batch *b = arg;
    b->s->kernels->quantize(&b->products[0].x, first, end);
}

/* Panels of several products, as one row of panels. */
static void multiply_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    const struct batch *b = arg;
    size_t start = 0;
    for (size_t i = 0; i < b->n_products; i++) {
        size_t panels = b->products[i].w->panels;
        size_t from = first > start ? first - start : 0;
        size_t to = end > start ? end - start : 0;
        to = to < panels ? to : panels;
        if (from < to)
            b->s->kernels->matmul(&b->products[i], from, to);
        start += panels;
    }
}

/* Panels to a piece, in whole tiles. */
static size_t share_of(const struct forward *s, size_t panels)
{
    size_t tiles = panels / TILE_PANELS / (PIECES * thread_pool_size(s->pool));
    return (tiles ? tiles : 1) * TILE_PANELS;
}

/* Gives all products the rows x, in the forms that their weights want. */
static void set_rows(struct batch *b, const float *x, size_t stride)
{
    bool quantized = false;
    for (size_t i = 0; i < b->n_products; i++) {
        struct matmul *product = &b->products[i];
        product->x = (struct rows){x, stride, b->n, product->w->columns, b->s->quantized};
        quantized = quantized || matrix_is_quantized(product->w);
    }
    if (quantized)
        thread_pool_for(b->s->pool, b->n, grain(b->products[0].w->columns), quantize_piece, b);
}

static void multiply(struct batch *b, const float *x, size_t stride)
{
    size_t panels = 0;
    for (size_t i = 0; i < b->n_products; i++)
        panels += b->products[i].w->panels;
    set_rows(b, x, stride);
    thread_pool_for(b->s->pool, panels, share_of(b->s, panels), multiply_piece, b);
}

/* out (+)= w x, one product alone */
static void multiply_one(struct batch *b, const struct matrix *w, const float *x, size_t stride,
                         float *out, size_t out_stride, bool add)
{
    b->products[0] = (struct matmul){.w = w, .out = out, .out_stride = out_stride, .add = add};
    b->n_products = 1;
    multiply(b, x, stride);
}

struct norm {
    const struct forward *s;
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
    thread_pool_for(b->s->pool, b->n, grain(b->s->model->width), norm_piece, &n);
}

/* ---- attention ---- */

/* Rotates pairs of a head by the angles of its position: its halves (NEOX order), or neighbours. */
static void rotate(const struct model *m, float *head, uint32_t position)
{
    size_t half = m->head_size / 2, step = m->neighbours ? 2 : 1, far = m->neighbours ? 1 : half;
    const float *c = m->cosines + position * half, *s = m->sines + position * half;
    for (size_t i = 0; i < half; i++) {
        float a = head[i * step], b = head[i * step + far];
        head[i * step] = a * c[i] - b * s[i];
        head[i * step + far] = b * c[i] + a * s[i];
    }
}

static void prepare_head(const struct forward *s, float *head, const float *weight,
                         uint32_t position)
{
    const struct model *m = s->model;
    if (weight)
        s->kernels->rms_norm(head, head, weight, m->head_size, m->epsilon);
    rotate(m, head, position);
}

/* Rotates the queries and the key of one row and KV head, and puts key and value in their page. */
static void place(struct forward *s, const struct row *row, float *qkv, uint32_t layer, uint32_t kv)
{
    const struct model *m = s->model;
    const struct layer *w = &m->layers[layer];
    size_t group = m->heads / m->kv_heads, size = m->head_size, slot = row->position % PAGE_TOKENS;
    uint32_t page = row->pages[row->position / PAGE_TOKENS];
    float scale = 1.0f / sqrtf((float)size);
    float *queries = qkv + kv * group * size;
    float *key = qkv + m->q_size + kv * size;
    const float *value = qkv + m->q_size + m->kv_size + kv * size;
    for (size_t h = 0; h < group; h++)
        prepare_head(s, queries + h * size, w->q_norm, row->position);
    for (size_t i = 0; i < group * size; i++)
        queries[i] *= scale;
    prepare_head(s, key, w->k_norm, row->position);
    uint16_t *keys = keys_of(s, page, layer, kv) + slot;
    uint16_t *values = values_of(s, page, layer, kv) + slot * lanes_round(size);
    for (size_t i = 0; i < size; i += LANES) {
        float part[2][LANES] = {0};
        uint16_t halves[2][LANES];
        size_t n = size - i < LANES ? size - i : LANES;
        memcpy(part[0], key + i, n * sizeof *key);
        memcpy(part[1], value + i, n * sizeof *value);
        s->kernels->narrow(halves[0], part[0], LANES);
        s->kernels->narrow(values + i, part[1], LANES);
        for (size_t j = 0; j < n; j++)
            keys[(i + j) * PAGE_TOKENS] = halves[0][j];
    }
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

/* Runs that two rows share and both see whole. */
static uint32_t common_runs(const struct row *a, const struct row *b)
{
    uint32_t least = a->position < b->position ? a->position : b->position;
    uint32_t most = (least + 1) / RUN_TOKENS, n = 0;
    if (a->pages == b->pages)
        return most;
    while (n < most && memcmp(a->pages + n * RUN_PAGES, b->pages + n * RUN_PAGES,
                              RUN_PAGES * sizeof *a->pages) == 0)
        n++;
    return n;
}

static size_t make_sets(struct forward *s, const struct row *rows, size_t n)
{
    size_t n_sets = 0;
    for (uint32_t r = 0; r < n; r++) {
        struct row_set *last = n_sets ? &s->sets[n_sets - 1] : NULL;
        uint32_t common =
            last && last->n < SET_ROWS ? common_runs(&rows[last->first], &rows[r]) : 0;
        if (common == 0 || (last->n > 1 && common < last->runs)) {
            s->sets[n_sets++] = (struct row_set){.first = r, .n = 1};
        } else {
            last->runs = last->n == 1 ? common : last->runs;
            last->n++;
        }
    }
    return n_sets;
}

/* Takes the queries of args through one run of the tokens of a row. */
static void attend_run(const struct batch *b, const struct row *row, uint32_t kv, uint32_t run,
                       struct attend args)
{
    const struct forward *s = b->s;
    for (uint32_t p = 0; p * PAGE_TOKENS < args.length; p++) {
        uint32_t page = row->pages[run * RUN_PAGES + p];
        args.keys[p] = keys_of(s, page, b->layer, kv);
        args.values[p] = values_of(s, page, b->layer, kv);
    }
    s->kernels->attend(&args);
}

/* The queries of a set for one KV head: what all share, then the rest of each row. */
static void attend_set(const struct batch *b, const struct row_set *set, uint32_t kv, float *states)
{
    struct forward *s = b->s;
    const struct model *m = s->model;
    size_t group = m->heads / m->kv_heads, size = m->head_size, n = set->n * group;
    size_t state = state_floats(size), qkv_size = m->q_size + 2 * m->kv_size;
    struct attend args = {.head_size = size,
                          .n = n,
                          .group = group,
                          .row_stride = qkv_size,
                          .queries = s->qkv + set->first * qkv_size + kv * group * size,
                          .states = states,
                          .length = RUN_TOKENS};
    memset(states, 0, n * state * sizeof *states);
    for (size_t i = 0; i < n; i++)
        states[i * state + STATE_MAX] = -INFINITY;
    for (uint32_t run = 0; run < set->runs; run++)
        attend_run(b, &b->rows[set->first], kv, run, args);
    args.n = group;
    for (uint32_t r = 0; r < set->n; r++) {
        const struct row *row = &b->rows[set->first + r];
        for (uint32_t run = set->runs; run * RUN_TOKENS <= row->position; run++) {
            size_t left = row->position + 1 - run * RUN_TOKENS;
            args.length = left < RUN_TOKENS ? left : RUN_TOKENS;
            attend_run(b, row, kv, run, args);
        }
        args.queries += qkv_size;
        args.states += group * state;
    }
    for (size_t i = 0; i < n; i++) {
        float *out =
            s->attended + (set->first + i / group) * m->q_size + (kv * group + i % group) * size;
        const float *values = states + i * state + STATE_VALUES;
        float scale = 1.0f / states[i * state + STATE_SUM];
        for (size_t d = 0; d < size; d++)
            out[d] = values[d] * scale;
    }
}

static void attend_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    const struct batch *b = arg;
    const struct model *m = b->s->model;
    float *states =
        b->s->states + thread * SET_ROWS * (m->heads / m->kv_heads) * state_floats(m->head_size);
    for (size_t i = first; i < end; i++)
        attend_set(b, &b->s->sets[i / m->kv_heads], (uint32_t)(i % m->kv_heads), states);
}

static void self_attention(struct batch *b)
{
    struct forward *s = b->s;
    const struct model *m = s->model;
    const struct layer *w = &m->layers[b->layer];
    size_t width = lanes_round(m->width), qkv_size = m->q_size + 2 * m->kv_size;

    norm(b, w->attention_norm);
    b->products[0] = (struct matmul){.w = &w->q, .bias = w->q_bias, .out = s->qkv};
    b->products[1] = (struct matmul){.w = &w->k, .bias = w->k_bias, .out = s->qkv + m->q_size};
    b->products[2] =
        (struct matmul){.w = &w->v, .bias = w->v_bias, .out = s->qkv + m->q_size + m->kv_size};
    b->n_products = 3;
    for (int i = 0; i < 3; i++)
        b->products[i].out_stride = qkv_size;
    multiply(b, s->normed, width);
    thread_pool_for(s->pool, b->n * m->kv_heads, grain(qkv_size / m->kv_heads), place_piece, b);
    thread_pool_for(s->pool, b->n_sets * m->kv_heads, 1, attend_piece, b);
    multiply_one(b, &w->output, s->attended, m->q_size, s->stream, width, true);
}

/* ---- feed-forward network ---- */

/* The same outputs of gate and up, and SwiGLU over them. */
static void gate_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    const struct batch *b = arg;
    struct forward *s = b->s;
    size_t hidden = b->products[0].out_stride;
    s->kernels->matmul(&b->products[0], first, end);
    s->kernels->matmul(&b->products[1], first, end);
    for (size_t r = 0; r < b->n; r++) {
        size_t at = r * hidden + first * LANES;
        s->kernels->swiglu(s->gate + at, s->up + at, (end - first) * LANES);
    }
}

static void feed_forward(struct batch *b)
{
    struct forward *s = b->s;
    const struct model *m = s->model;
    const struct layer *w = &m->layers[b->layer];
    size_t width = lanes_round(m->width), hidden = lanes_round(m->hidden);

    norm(b, w->ffn_norm);
    b->products[0] = (struct matmul){.w = &w->gate, .out = s->gate, .out_stride = hidden};
    b->products[1] = (struct matmul){.w = &w->up, .out = s->up, .out_stride = hidden};
    b->n_products = 2;
    set_rows(b, s->normed, width);
    thread_pool_for(s->pool, w->gate.panels, share_of(s, w->gate.panels), gate_piece, b);
    multiply_one(b, &w->down, s->gate, hidden, s->stream, width, true);
}

/* ---- the forward pass ---- */

/* The logits of the rows that want them, which move to the front of the stream. */
static void unembed(struct batch *b)
{
    struct forward *s = b->s;
    const struct model *m = s->model;
    size_t width = lanes_round(m->width), n = 0;
    for (size_t r = 0; r < b->n; r++)
        if (b->rows[r].logits)
            memmove(s->stream + n++ * width, s->stream + r * width, width * sizeof *s->stream);
    b->n = n;
    if (n == 0)
        return;
    norm(b, m->final_norm);
    multiply_one(b, &m->unembedding, s->normed, width, s->logits, s->vocab_size, false);
    for (size_t i = 0; i < n; i++)
        for (size_t o = m->n_vocab; o < s->vocab_size; o++)
            s->logits[i * s->vocab_size + o] = -INFINITY;
}

void forward_run(struct forward *s, const struct row *rows, size_t n)
{
    const struct model *m = s->model;
    struct batch b = {.s = s, .rows = rows, .n = n, .n_sets = make_sets(s, rows, n)};
    for (size_t r = 0; r < n; r++) {
        float *row = s->stream + r * lanes_round(m->width);
        matrix_row(&m->embedding, rows[r].token, row);
        for (size_t i = m->width; i < lanes_round(m->width); i++)
            row[i] = 0; /* a row that is no number leaves none here for the next */
    }
    for (b.layer = 0; b.layer < m->n_layers; b.layer++) {
        self_attention(&b);
        feed_forward(&b);
    }
    unembed(&b);
}

const float *forward_logits(const struct forward *s, uint32_t i)
{
    return s->logits + i * s->vocab_size;
}

void forward_copy_page(struct forward *s, uint32_t to, uint32_t from)
{
    memcpy(s->cache + to * s->page_halves, s->cache + from * s->page_halves,
           s->page_halves * sizeof *s->cache);
}

/* ---- memory ---- */

static size_t widest(const struct model *m)
{
    size_t most = lanes_round(m->width) > m->q_size ? lanes_round(m->width) : m->q_size;
    return most > lanes_round(m->hidden) ? most : lanes_round(m->hidden);
}

/* Gives each array its place in memory (NULL: only adds up) and returns the bytes of all. */
static uint64_t lay_out(struct forward *s, const struct model *m, uint32_t threads,
                        unsigned char *memory)
{
    const uint64_t rows = s->max_rows;
    const struct {
        void *array; /* address of the pointer */
        uint64_t bytes;
    } parts[] = {
        {&s->stream, rows * lanes_round(m->width) * sizeof(float)},
        {&s->qkv, rows * (m->q_size + 2 * m->kv_size) * sizeof(float)},
        {&s->attended, rows * m->q_size * sizeof(float)},
        {&s->gate, rows * lanes_round(m->hidden) * sizeof(float)},
        {&s->up, rows * lanes_round(m->hidden) * sizeof(float)},
        {&s->logits, (uint64_t)s->max_logits * lanes_round(m->n_vocab) * sizeof(float)},
        {&s->normed, rows * lanes_round(m->width) * sizeof(float)},
        {&s->states, (uint64_t)threads * SET_ROWS * (m->heads / m->kv_heads) *
                         state_floats(m->head_size) * sizeof(float)},
        {&s->quantized, quantized_bytes(rows, widest(m))},
        {&s->sets, rows * sizeof(struct row_set)},
    };
    uint64_t at = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (memory) {
            unsigned char *place = memory + at;
            memcpy(parts[i].array, &place, sizeof place);
        }
        at += (parts[i].bytes + MATRIX_ALIGNMENT - 1) / MATRIX_ALIGNMENT * MATRIX_ALIGNMENT;
    }
    return at;
}

uint64_t forward_bytes(const struct model *model, uint32_t threads, uint32_t max_rows,
                       uint32_t max_logits, uint32_t n_pages)
{
    struct forward s = {.max_rows = max_rows, .max_logits = max_logits};
    return lay_out(&s, model, threads, NULL) + (uint64_t)n_pages * forward_page_bytes(model);
}

enum surety_err forward_init(struct forward *s, const struct model *model,
                             const struct kernels *kernels, struct thread_pool *pool,
                             uint32_t max_rows, uint32_t max_logits, uint32_t n_pages,
                             struct surety_error *err)
{
    *s = (struct forward){.model = model,
                          .kernels = kernels,
                          .pool = pool,
                          .max_rows = max_rows,
                          .max_logits = max_logits,
                          .vocab_size = lanes_round(model->n_vocab),
                          .page_halves = page_halves(model),
                          .n_pages = n_pages};
    size_t bytes = (size_t)lay_out(s, model, thread_pool_size(pool), NULL);
    s->cache_bytes = s->page_halves * n_pages * sizeof *s->cache;
    s->memory = aligned_alloc(MATRIX_ALIGNMENT, bytes);
    s->cache = mmap(NULL, s->cache_bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (s->cache == MAP_FAILED)
        s->cache = NULL;
    if (!s->memory || !s->cache) {
        forward_fini(s);
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the key-value cache (%zu MiB)",
                           (bytes + s->cache_bytes) >> 20);
    }
    memset(s->memory, 0, bytes);
    lay_out(s, model, thread_pool_size(pool), s->memory);
    return SURETY_OK;
}

void forward_fini(struct forward *s)
{
    if (!s)
        return;
    if (s->cache)
        munmap(s->cache, s->cache_bytes);
    free(s->memory);
    *s = (struct forward){0};
}
