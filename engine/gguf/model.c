/*
 * Loading goes twice over the same list of tensors: the first pass checks shapes and adds up the
 * memory, the second fills it. Nothing large is allocated before the whole is known to fit.
 */
#include "engine/gguf/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define WIDTH_MAX 65536
#define LAYERS_MAX 1024
#define CONTEXT_MAX (1u << 24)

struct loader {
    const struct gguf_file *file;
    struct model *model;
    struct thread_pool *pool;
    struct surety_error *err;
    enum surety_err code;     /* the first failure; later steps do nothing */
    const char *architecture; /* prefix of its keys */
    uint64_t bytes;           /* used so far */
    bool *used;               /* [tensors of the file] */
    uint32_t layer;           /* for names; UINT32_MAX: no layer */
};

/* ---- metadata ---- */

/* "ARCHITECTURE.key" */
static const char *full_key(const struct loader *l, const char *key, char name[64])
{
    snprintf(name, 64, "%s.%s", l->architecture, key);
    return name;
}

static uint32_t number(struct loader *l, const char *key, uint64_t high, uint64_t fallback)
{
    char name[64];
    full_key(l, key, name);
    if (l->code == SURETY_OK && fallback == 0 && !gguf_find(l->file, name))
        l->code = surety_fail(l->err, SURETY_ERR_PARSE, "%s lacks the metadata key '%s'",
                              l->file->name, name);
    uint64_t value = fallback;
    if (l->code == SURETY_OK)
        l->code = gguf_get_u64(l->file, name, 1, high, &value, l->err);
    return l->code == SURETY_OK ? (uint32_t)value : 1;
}

static double real(struct loader *l, const char *key, double fallback)
{
    char name[64];
    double value = fallback;
    if (l->code == SURETY_OK)
        l->code = gguf_get_f64(l->file, full_key(l, key, name), &value, l->err);
    return value;
}

/* The index of a string's value among the known ones; absent: 0. */
static size_t choice(struct loader *l, const char *key, const char *const *known)
{
    struct gguf_string s = {known[0], strlen(known[0])};
    char quote[GGUF_QUOTE_MAX], list[100] = "";
    if (l->code == SURETY_OK)
        l->code = gguf_get_string(l->file, key, &s, l->err);
    for (size_t i = 0; known[i]; i++) {
        if (s.len == strlen(known[i]) && memcmp(s.text, known[i], s.len) == 0)
            return i;
        size_t at = strlen(list);
        snprintf(list + at, sizeof list - at, "%s%s", i ? ", " : "", known[i]);
    }
    if (l->code == SURETY_OK)
        l->code =
            surety_fail(l->err, SURETY_ERR_UNSUPPORTED, "%s: %s is '%s'; this engine knows %s",
                        l->file->name, key, gguf_quote(s, quote), list);
    return 0;
}

static void read_rope(struct loader *l)
{
    static const char *const scalings[] = {"linear", "none", NULL};
    struct model *m = l->model;
    char name[64];
    m->rope_base = real(l, "rope.freq_base", 10000);
    m->rope_shrink = 1;
    if (choice(l, full_key(l, "rope.scaling.type", name), scalings) == 0) /* also without a type */
        m->rope_shrink = real(l, "rope.scaling.factor", real(l, "rope.scale_linear", 1));
    uint32_t turned = number(l, "rope.dimension_count", WIDTH_MAX, m->head_size);
    if (l->code == SURETY_OK && turned != m->head_size)
        l->code = surety_fail(l->err, SURETY_ERR_UNSUPPORTED,
                              "%s rotates %u of the %u elements of a head; this engine rotates all",
                              l->file->name, turned, m->head_size);
}

static void read_shape(struct loader *l, uint32_t max_context)
{
    static const char *const architectures[] = {"qwen2", "qwen3", "llama", NULL};
    struct model *m = l->model;
    if (!gguf_find(l->file, "general.architecture"))
        l->code = surety_fail(l->err, SURETY_ERR_PARSE,
                              "%s lacks the metadata key 'general.architecture'", l->file->name);
    l->architecture = architectures[choice(l, "general.architecture", architectures)];
    m->neighbours = strcmp(l->architecture, "llama") == 0;
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
    uint32_t value_size = number(l, "attention.value_length", WIDTH_MAX, m->head_size);
    double epsilon = real(l, "attention.layer_norm_rms_epsilon", 1e-6);
    m->epsilon = (float)epsilon;
    read_rope(l);
    if (l->code == SURETY_OK &&
        (m->heads % m->kv_heads || m->head_size % 2 || value_size != m->head_size ||
         (uint64_t)m->heads * m->head_size > WIDTH_MAX || !(epsilon >= 0 && epsilon < 1) ||
         !(m->rope_base >= 1 && m->rope_base < 1e12) ||
         !(m->rope_shrink >= 1 && m->rope_shrink < 1e6)))
        l->code =
            surety_fail(l->err, SURETY_ERR_PARSE,
                        "%s: %u heads of %u over %u KV heads, epsilon %g, rope base %g: no "
                        "such model",
                        l->file->name, m->heads, m->head_size, m->kv_heads, epsilon, m->rope_base);
    if (l->code == SURETY_OK && strcmp(l->architecture, "qwen3") == 0 && m->head_size % LANES)
        l->code = surety_fail(l->err, SURETY_ERR_UNSUPPORTED,
                              "%s: heads of %u elements; this engine takes multiples of %d here",
                              l->file->name, m->head_size, LANES);
    m->q_size = lanes_round((size_t)m->heads * m->head_size);
    m->kv_size = lanes_round((size_t)m->kv_heads * m->head_size);
}

/* ---- tensors ---- */

static void *reserve(struct loader *l, uint64_t bytes)
{
    unsigned char *place = l->model->memory ? l->model->memory + l->bytes : NULL;
    l->bytes += (bytes + MATRIX_ALIGNMENT - 1) / MATRIX_ALIGNMENT * MATRIX_ALIGNMENT;
    return place;
}

static float *reserve_floats(struct loader *l, uint64_t n)
{
    return reserve(l, lanes_round(n) * sizeof(float));
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
    if (l->code == SURETY_OK)
        l->used[t - l->file->tensors] = true;
    return l->code == SURETY_OK ? t : NULL;
}

/* A tensor that nothing asked for would change the results if it was used: not this model. */
static void check_all_used(struct loader *l)
{
    char quote[GGUF_QUOTE_MAX];
    for (size_t i = 0; i < l->file->n_tensors && l->code == SURETY_OK; i++)
        if (!l->used[i])
            l->code = surety_fail(l->err, SURETY_ERR_UNSUPPORTED,
                                  "%s has a tensor '%s' that this engine has no use for: the model "
                                  "is of a kind that it does not know",
                                  l->file->name, gguf_quote(l->file->tensors[i].name, quote));
}

/* NULL also on the first pass. */
static float *vector(struct loader *l, const char *part, uint32_t n, bool optional)
{
    const struct gguf_tensor *t = find(l, part, n, 1, optional);
    if (!t)
        return NULL;
    float *out = reserve_floats(l, n);
    if (out)
        tensor_read(t->type, t->data, n, out);
    return out;
}

struct packing {
    const struct matrix *matrix;
    const unsigned char *tensor;
};

static void pack_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    const struct packing *p = arg;
    matrix_pack(p->matrix, p->tensor, first, end);
}

static struct matrix matrix(struct loader *l, const char *part, uint32_t columns, uint32_t rows)
{
    const struct gguf_tensor *t = find(l, part, columns, rows, false);
    if (!t)
        return (struct matrix){0};
    struct matrix m = matrix_plan(t->type, rows, columns);
    m.data = reserve(l, matrix_bytes(&m));
    struct packing p = {&m, t->data};
    if (m.data) {
        thread_pool_for(l->pool, m.panels, 16, pack_piece, &p);
        gguf_release(l->file, t);
    }
    return m;
}

static void load_layer(struct loader *l, struct layer *layer)
{
    const struct model *m = l->model;
    uint32_t q = m->heads * m->head_size, kv = m->kv_heads * m->head_size;
    bool normed = strcmp(l->architecture, "qwen3") == 0;
    layer->attention_norm = vector(l, "attn_norm.weight", m->width, false);
    layer->q = matrix(l, "attn_q.weight", m->width, q);
    layer->k = matrix(l, "attn_k.weight", m->width, kv);
    layer->v = matrix(l, "attn_v.weight", m->width, kv);
    layer->q_bias = vector(l, "attn_q.bias", q, true);
    layer->k_bias = vector(l, "attn_k.bias", kv, true);
    layer->v_bias = vector(l, "attn_v.bias", kv, true);
    layer->q_norm = normed ? vector(l, "attn_q_norm.weight", m->head_size, false) : NULL;
    layer->k_norm = normed ? vector(l, "attn_k_norm.weight", m->head_size, false) : NULL;
    layer->output = matrix(l, "attn_output.weight", q, m->width);
    layer->ffn_norm = vector(l, "ffn_norm.weight", m->width, false);
    layer->gate = matrix(l, "ffn_gate.weight", m->width, m->hidden);
    layer->up = matrix(l, "ffn_up.weight", m->width, m->hidden);
    layer->down = matrix(l, "ffn_down.weight", m->hidden, m->width);
}

/* One pass: checks and adds up, and fills once there is memory. */
static void load_all(struct loader *l)
{
    struct model *m = l->model;
    l->bytes = 0;
    l->layer = UINT32_MAX;
    m->embedding = matrix(l, "token_embd.weight", m->width, m->n_vocab);
    m->unembedding = find(l, "output.weight", m->width, m->n_vocab, true)
                         ? matrix(l, "output.weight", m->width, m->n_vocab)
                         : m->embedding;
    m->final_norm = vector(l, "output_norm.weight", m->width, false);
    m->rope_factors = vector(l, "rope_freqs.weight", m->head_size / 2, true);
    m->cosines = reserve_floats(l, (uint64_t)m->context * m->head_size / 2);
    m->sines = reserve_floats(l, (uint64_t)m->context * m->head_size / 2);
    for (l->layer = 0; l->layer < m->n_layers && l->code == SURETY_OK; l->layer++)
        load_layer(l, &m->layers[l->layer]);
}

/* Rotary position embedding (arXiv 2104.09864, eq. 15): angle of pair i at position p. */
static void rope_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    const struct model *m = arg;
    size_t half = m->head_size / 2;
    for (size_t i = 0; i < half; i++) {
        double frequency = pow(m->rope_base, -2.0 * (double)i / m->head_size) / m->rope_shrink;
        if (m->rope_factors)
            frequency /= (double)m->rope_factors[i];
        for (size_t p = first; p < end; p++) {
            m->cosines[p * half + i] = (float)cos((double)p * frequency);
            m->sines[p * half + i] = (float)sin((double)p * frequency);
        }
    }
}

/* Pages of zeros; large ones where the system has them, as weights are read from end to end. */
static unsigned char *take_memory(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

enum surety_err model_load(const struct gguf_file *file, uint32_t n_vocab, uint32_t max_context,
                           uint64_t memory_max, struct thread_pool *pool, struct model *ret_model,
                           struct surety_error *err)
{
    struct model m = {.n_vocab = n_vocab};
    struct loader l = {.file = file, .model = &m, .pool = pool, .err = err};
    read_shape(&l, max_context);
    if (l.code != SURETY_OK)
        return l.code;
    m.layers = calloc(m.n_layers, sizeof *m.layers);
    if (!m.layers)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for %u layers", m.n_layers);
    l.used = calloc(file->n_tensors + 1, sizeof *l.used);
    if (l.used)
        load_all(&l);
    else
        l.code = surety_fail(err, SURETY_ERR_NOMEM, "no memory for a list of tensors");
    check_all_used(&l);
    if (l.code == SURETY_OK && l.bytes > memory_max)
        l.code = surety_fail(err, SURETY_ERR_LIMIT,
                             "%s needs %llu MiB for its weights and %llu MiB may be used: use a "
                             "smaller model, or less context",
                             file->name, (unsigned long long)(l.bytes >> 20),
                             (unsigned long long)(memory_max >> 20));
    if (l.code == SURETY_OK) {
        m.memory_bytes = (size_t)l.bytes;
        m.memory = take_memory(m.memory_bytes);
        if (!m.memory)
            l.code =
                surety_fail(err, SURETY_ERR_NOMEM, "no memory for the weights of %s (%llu MiB)",
                            file->name, (unsigned long long)(l.bytes >> 20));
    }
    if (l.code == SURETY_OK) {
        load_all(&l);
        thread_pool_for(pool, m.context, 64, rope_piece,
                        &m); /* few enough rows to stay in a cache */
        *ret_model = m;
    } else {
        model_free(&m);
    }
    free(l.used);
    return l.code;
}

void model_free(struct model *model)
{
    if (!model)
        return;
    if (model->memory)
        munmap(model->memory, model->memory_bytes);
    free(model->layers);
    *model = (struct model){0};
}
