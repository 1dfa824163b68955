/*
 * The peer, llama.cpp, through its own library: one context with a unified cache; the prompt is
 * decoded once in sequence 0 and its cells are shared with the others (llama_memory_seq_cp). What
 * its own tools do by default is done here too: the file is mapped, weights are repacked, all
 * threads are in a pool that polls. Contexts that are open at once share the loaded model
 * and the pool.
 */
#include "tests/peer/side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ggml-backend.h>
#include <llama.h>

struct peer {
    struct llama_context *context;
    struct llama_batch batch;
    struct llama_sampler *sampler;
    uint32_t sequences;
    int32_t prompt, position; /* tokens of the prompt; of the longest sequence */
    int32_t first;            /* row of the batch that has the logits of sequence 0 */
};

/* Shared by all contexts, the first of which says how many threads. */
static struct llama_model *model;
static ggml_threadpool_t pool;
static unsigned users;
static char model_path[4096];

static void *(*pool_new)(struct ggml_threadpool_params *);
static void (*pool_free)(ggml_threadpool_t);

static void log_warnings(enum ggml_log_level level, const char *text, void *user)
{
    if (level == GGML_LOG_LEVEL_ERROR)
        fputs(text, stderr);
}

static bool load_backends(void)
{
    static bool loaded;
    if (!loaded) {
        llama_log_set(log_warnings, NULL);
        ggml_backend_load_all_from_path(PEER_LIBRARIES);
        llama_backend_init();
        loaded = true;
    }
    ggml_backend_dev_t cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    if (!cpu) {
        fprintf(stderr, "llama.cpp: no backend for this processor in %s\n", PEER_LIBRARIES);
        return false;
    }
    ggml_backend_reg_t reg = ggml_backend_dev_backend_reg(cpu);
    *(void **)&pool_new = ggml_backend_reg_get_proc_address(reg, "ggml_threadpool_new");
    *(void **)&pool_free = ggml_backend_reg_get_proc_address(reg, "ggml_threadpool_free");
    return pool_new && pool_free;
}

static bool take_model(const char *path, uint32_t threads)
{
    if (users > 0 && strcmp(path, model_path) != 0) {
        fprintf(stderr, "llama.cpp: another model is open\n");
        return false;
    }
    if (users == 0) {
        struct llama_model_params params = llama_model_default_params();
        model = llama_model_load_from_file(path, params);
        snprintf(model_path, sizeof model_path, "%s", path);
        struct ggml_threadpool_params pool_params = ggml_threadpool_params_default((int)threads);
        pool = pool_new(&pool_params);
        if (!model || !pool) {
            fprintf(stderr, "llama.cpp: cannot load %s\n", path);
            return false;
        }
    }
    users++;
    return true;
}

static void peer_close(void *state)
{
    struct peer *p = state;
    if (!p)
        return;
    if (p->sampler)
        llama_sampler_free(p->sampler);
    if (p->batch.token)
        llama_batch_free(p->batch);
    if (p->context)
        llama_free(p->context);
    if (--users == 0) {
        llama_model_free(model);
        pool_free(pool);
    }
    free(p);
}

static void *peer_open(const struct side_config *config, enum llama_flash_attn_type flash)
{
    struct peer *p = calloc(1, sizeof *p);
    if (!p || !load_backends() || !take_model(config->model, config->threads)) {
        free(p);
        return NULL;
    }
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = config->prompt_tokens + config->tail_tokens * config->sequences;
    params.n_batch =
        config->prompt_tokens > config->sequences ? config->prompt_tokens : config->sequences;
    params.n_ubatch = 512;
    params.n_seq_max = config->sequences;
    params.n_threads = params.n_threads_batch = (int32_t)config->threads;
    params.flash_attn_type = flash;
    params.type_k = params.type_v = config->f32_cache ? GGML_TYPE_F32 : GGML_TYPE_F16;
    params.kv_unified = true;
    p->sequences = config->sequences;
    p->context = llama_init_from_model(model, params);
    p->batch = llama_batch_init((int32_t)params.n_batch, 0, 1);
    p->sampler = llama_sampler_chain_init(llama_sampler_chain_default_params());
    if (!p->context || !p->batch.token || !p->sampler) {
        fprintf(stderr, "llama.cpp: no context\n");
        peer_close(p);
        return NULL;
    }
    llama_sampler_chain_add(p->sampler, llama_sampler_init_temp(1));
    llama_sampler_chain_add(p->sampler, llama_sampler_init_top_p(0.95f, 1));
    llama_sampler_chain_add(p->sampler, llama_sampler_init_dist(1));
    llama_attach_threadpool(p->context, pool, pool);
    return p;
}

static void *open_plain(const struct side_config *config)
{
    return peer_open(config, LLAMA_FLASH_ATTN_TYPE_DISABLED);
}

static void *open_flash(const struct side_config *config)
{
    return peer_open(config, LLAMA_FLASH_ATTN_TYPE_ENABLED);
}

static uint32_t peer_vocabulary(const void *state)
{
    (void)state;
    return (uint32_t)llama_vocab_n_tokens(llama_model_get_vocab(model));
}

static void add(struct peer *p, uint32_t id, int32_t position, int32_t sequence, bool logits)
{
    int32_t i = p->batch.n_tokens++;
    p->batch.token[i] = (llama_token)id;
    p->batch.pos[i] = position;
    p->batch.n_seq_id[i] = 1;
    p->batch.seq_id[i][0] = sequence;
    p->batch.logits[i] = logits;
}

static bool compute(struct peer *p)
{
    int code = llama_decode(p->context, p->batch);
    if (code)
        fprintf(stderr, "llama.cpp: llama_decode gives %d\n", code);
    llama_synchronize(p->context);
    return code == 0;
}

static bool peer_prefill(void *state, const uint32_t *ids, uint32_t n)
{
    struct peer *p = state;
    llama_memory_clear(llama_get_memory(p->context), false);
    p->batch.n_tokens = 0;
    for (uint32_t i = 0; i < n; i++)
        add(p, ids[i], (int32_t)i, 0, i + 1 == n);
    p->prompt = p->position = (int32_t)n;
    p->first = p->prompt - 1;
    return compute(p);
}

static bool peer_fork(void *state, uint32_t k)
{
    struct peer *p = state;
    llama_memory_t memory = llama_get_memory(p->context);
    llama_memory_seq_rm(memory, 0, p->prompt, -1);
    for (int32_t i = 1; i < (int32_t)p->sequences; i++) {
        llama_memory_seq_rm(memory, i, -1, -1);
        if (i < (int32_t)k)
            llama_memory_seq_cp(memory, 0, i, -1, -1);
    }
    p->position = p->prompt;
    return true;
}

static bool peer_decode(void *state, const uint32_t *ids, uint32_t k)
{
    struct peer *p = state;
    p->batch.n_tokens = 0;
    for (uint32_t i = 0; i < k; i++)
        add(p, ids[i], p->position, (int32_t)i, true);
    p->position++;
    p->first = 0;
    return compute(p);
}

static const float *peer_logits(void *state, uint32_t i)
{
    struct peer *p = state;
    return llama_get_logits_ith(p->context, p->first + (int32_t)i);
}

static uint32_t peer_sample(void *state, uint32_t i, uint32_t seed)
{
    struct peer *p = state;
    (void)seed; /* the chain's generator runs on */
    return (uint32_t)llama_sampler_sample(p->sampler, p->context, p->first + (int32_t)i);
}

static void peer_rest(void *state)
{
    (void)state;
    /* An idle pool polls for about 0.1 s, and nothing that this library exports ends it. */
    nanosleep(&(struct timespec){0, 200000000}, NULL);
}

const char *side_llama_about(void)
{
    static char text[512];
    snprintf(text, sizeof text, "llama.cpp %s", llama_version());
    for (size_t i = 0; i < ggml_backend_reg_count(); i++) {
        ggml_backend_reg_t reg = ggml_backend_reg_get(i);
        ggml_backend_get_features_t features = NULL;
        *(void **)&features = ggml_backend_reg_get_proc_address(reg, "ggml_backend_get_features");
        for (struct ggml_backend_feature *f = features ? features(reg) : NULL; f && f->name; f++)
            snprintf(text + strlen(text), sizeof text - strlen(text), " %s", f->name);
    }
    return text;
}

#define SIDE(label, opener)                                                                        \
    {                                                                                              \
        .name = label, .open = opener, .close = peer_close, .vocabulary = peer_vocabulary,         \
        .prefill = peer_prefill, .fork = peer_fork, .decode = peer_decode, .logits = peer_logits,  \
        .sample = peer_sample, .rest = peer_rest,                                                  \
    }

const struct side side_llama = SIDE("llama.cpp", open_plain);
const struct side side_llama_flash = SIDE("llama.cpp flash", open_flash);
