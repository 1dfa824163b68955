/*
 * Opening a model: reads the file, loads the weights if they fit, then plans the cache in the
 * memory that is left, and makes everything that an engine has besides tasks. On failure engine.c
 * closes what there is.
 */
#include "engine/gguf/engine.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/utf8.h"

#define CACHE_SHARE 0.75 /* of the memory that weights and activations leave */

/* What may be used: the memory that is available now, as far as the system tells. */
static uint64_t machine_memory(void)
{
    uint64_t all = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    unsigned long long kib = 0;
    char line[128];
    FILE *f = fopen("/proc/meminfo", "re");
    while (f && kib == 0 && fgets(line, sizeof line, f))
        if (sscanf(line, "MemAvailable: %llu kB", &kib) != 1)
            kib = 0;
    if (f)
        fclose(f);
    return kib > 0 && kib << 10 < all ? kib << 10 : all;
}

static uint32_t cores(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n > THREAD_POOL_MAX ? THREAD_POOL_MAX : (uint32_t)n;
}

/* An option in tokens; absent: 0. */
static enum surety_err read_tokens(const struct engine_config *config, const char *key,
                                   uint32_t *ret, struct surety_error *err)
{
    const char *text = engine_option(config, key);
    if (!text)
        return SURETY_OK;
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (*text < '1' || *text > '9' || *end || n > UINT32_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "%s=%.40s: give a number of tokens, 1 or more",
                           key, text);
    *ret = (uint32_t)n;
    return SURETY_OK;
}

static enum surety_err choose_kernels(struct gguf *g, const struct engine_config *config,
                                      struct surety_error *err)
{
    const char *name = engine_option(config, "kernels");
    g->kernels = kernels_best();
    if (!name)
        return SURETY_OK;
    for (const struct kernels *const *k = kernels_all(); *k; k++)
        if (strcmp((*k)->name, name) == 0) {
            g->kernels = *k;
            return SURETY_OK;
        }
    return surety_fail(err, SURETY_ERR_INVALID,
                       "kernels=%.40s: this processor or build has none of this name; \"plain\" "
                       "always is there",
                       name);
}

static enum surety_err describe(struct gguf *g, const struct gguf_file *file,
                                struct surety_error *err)
{
    struct gguf_string name = {0}, profile = {"", 0};
    char id[17], repro[64];
    const char *base = strrchr(file->name, '/');
    base = base ? base + 1 : file->name;
    size_t len = strlen(base);
    if (len > 5 && strcmp(base + len - 5, ".gguf") == 0)
        len -= 5;
    enum surety_err code = gguf_get_string(file, "general.name", &name, err);
    if (code == SURETY_OK)
        code = gguf_get_string(file, "surety.profile", &profile, err);
    if (code != SURETY_OK)
        return code;
    if (name.len == 0)
        name = (struct gguf_string){base, len};
    if (name.len > SURETY_NAME_MAX + 4) /* cut to whole characters below */
        name.len = SURETY_NAME_MAX + 4;
    if (profile.len > SURETY_NAME_MAX + 1)
        profile.len = SURETY_NAME_MAX + 1;
    hash_hex(gguf_hash(file), id);
    snprintf(repro, sizeof repro, "gguf/1 %s " KERNELS_CLASS, id);
    g->about.name = utf8_make_valid(name.text, name.len, NULL);
    g->about.profile = utf8_make_valid(profile.text, profile.len, NULL);
    g->about.id = strdup(id);
    g->about.repro = strdup(repro);
    g->about.engine = strdup("gguf");
    g->about.context_tokens = g->model.context;
    g->about.slots = g->n_slots;
    g->about.chooses = !g->chat.thinks; /* an answer cannot be opened inside its thinking */
    if (!g->about.name || !g->about.profile || !g->about.id || !g->about.repro || !g->about.engine)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the model's name");
    if (strlen(g->about.name) > SURETY_NAME_MAX)
        g->about.name[utf8_cut(g->about.name, SURETY_NAME_MAX)] = '\0';
    if (strlen(g->about.profile) > SURETY_NAME_MAX)
        return surety_fail(err, SURETY_ERR_PARSE, "%s: surety.profile is longer than %d bytes",
                           file->name, SURETY_NAME_MAX);
    return SURETY_OK;
}

/*
 * How many pages the cache gets: what every slot with a whole context could use (prompts of their
 * own, see cache.h, and one more for idle ones), or as much as fits into CACHE_SHARE of the memory
 * that is left; with less than one whole context nothing would go on. Beyond that items are parked.
 */
static enum surety_err plan_cache(const struct gguf *g, uint32_t threads, uint32_t max_rows,
                                  uint32_t cache_tokens, const char *name, uint32_t *ret_pages,
                                  struct surety_error *err)
{
    const struct model *m = &g->model;
    uint64_t table = pages_of(m->context), least = table + 2;
    uint64_t most = ((uint64_t)g->n_slots + 1) * (table + 1);
    uint64_t page = forward_page_bytes(m), memory = machine_memory();
    uint64_t fixed = forward_bytes(m, threads, max_rows, g->n_slots, 0);
    uint64_t fit = fixed < memory ? (uint64_t)((double)(memory - fixed) * CACHE_SHARE) / page : 0;
    if (fit < least)
        return surety_fail(
            err, SURETY_ERR_LIMIT,
            "%s (%llu MiB of weights) with %u slots of %u tokens needs %llu MiB more "
            "and %llu can be had: take fewer slots, or less context (--engine "
            "gguf:model=FILE,context=N)",
            name, (unsigned long long)(m->memory_bytes >> 20), g->n_slots, m->context,
            (unsigned long long)((fixed + (uint64_t)((double)(least * page) / CACHE_SHARE)) >> 20),
            (unsigned long long)(memory >> 20));
    uint64_t n = most < fit ? most : fit;
    if (cache_tokens > 0 && (uint64_t)cache_tokens / PAGE_TOKENS < n)
        n = cache_tokens / PAGE_TOKENS;
    n = n < least ? least : n;
    *ret_pages = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    return SURETY_OK;
}

/* Everything but the weights; refuses before it allocates what the machine does not have. */
static enum surety_err make_buffers(struct gguf *g, uint32_t threads, uint32_t cache_tokens,
                                    const char *name, struct surety_error *err)
{
    const struct model *m = &g->model;
    uint32_t slots = g->n_slots, table = pages_of(m->context), n_pages = 0;
    uint32_t max_rows = slots + PREFILL_TOKENS;
    enum surety_err code = plan_cache(g, threads, max_rows, cache_tokens, name, &n_pages, err);
    if (code == SURETY_OK)
        code = forward_init(&g->forward, m, g->kernels, g->pool, max_rows, slots, n_pages, err);
    if (code != SURETY_OK)
        return code;
    g->prefill_rows = PREFILL_LEAST; /* until a step has told how fast the machine is */
    g->samplers = calloc(threads, sizeof *g->samplers);
    g->slots = calloc(slots, sizeof *g->slots);
    g->page_tables = calloc((size_t)slots * table, sizeof *g->page_tables);
    g->rows = calloc(max_rows, sizeof *g->rows);
    g->queue = calloc(slots, sizeof(struct slot *));
    g->draws = calloc(slots, sizeof *g->draws);
    g->drawn = calloc(slots, sizeof(struct slot *));
    if (!g->samplers || !g->slots || !g->page_tables || !g->rows || !g->queue || !g->draws ||
        !g->drawn)
        code = SURETY_ERR_NOMEM;
    if (code == SURETY_OK)
        code = cache_init(&g->cache, n_pages);
    for (uint32_t i = 0; i < threads && code == SURETY_OK; i++)
        code = sampler_init(&g->samplers[i], g->kernels, m->n_vocab);
    for (uint32_t i = 0; i < slots && code == SURETY_OK; i++)
        g->slots[i].pages = g->page_tables + (size_t)i * table;
    return code == SURETY_OK ? code : surety_fail(err, code, "no memory for %u slots", slots);
}

enum surety_err gguf_load(struct gguf *g, const struct engine_config *config, const char *path,
                          struct surety_error *err)
{
    uint32_t threads = config->threads ? config->threads : cores();
    struct gguf_file file = {0};
    uint32_t context = 0, cache_tokens = 0;
    enum surety_err code = read_tokens(config, "context", &context, err);
    if (code == SURETY_OK)
        code = read_tokens(config, "cache", &cache_tokens, err);
    if (code == SURETY_OK)
        code = choose_kernels(g, config, err);
    if (code == SURETY_OK)
        code = gguf_open(path, &file, err);
    if (code == SURETY_OK)
        code = tokenizer_create(&file, &g->tokenizer, err);
    if (code == SURETY_OK)
        code = chat_init(&g->chat, &file, g->tokenizer, err);
    if (code == SURETY_OK && (code = thinking_end(g->tokenizer, &g->think_end)) != SURETY_OK)
        surety_fail(err, code, "no memory for a few tokens");
    if (code == SURETY_OK)
        code = thread_pool_create(threads, &g->pool, err);
    if (code == SURETY_OK)
        code = model_load(&file, tokenizer_size(g->tokenizer), context, machine_memory(), g->pool,
                          &g->model, err);
    if (code == SURETY_OK)
        code = make_buffers(g, threads, cache_tokens, path, err);
    if (code == SURETY_OK)
        code = describe(g, &file, err);
    if (code == SURETY_OK)
        log_printf(g->log, LOG_INFO,
                   "model %s: %zu MiB of weights, %u slots of %u tokens, %u threads, %s kernels",
                   g->about.name, g->model.memory_bytes >> 20, g->n_slots, g->model.context,
                   threads, g->kernels->name);
    gguf_close(&file);
    return code;
}
