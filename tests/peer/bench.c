/*
 * bench.c - the engine gguf next to llama.cpp, in one run. usage: bench [OPTION...] MODEL.gguf
 *
 *   --threads N (2)  --prompt TOKENS (512)  --seconds S (0.4)  --rounds N (4)  --only SIDE
 *
 * Same file, threads, token ids and cache type (F16); logits of all sequences in every step, no
 * sampling. Sides take turns in every round (A B C A B C), so that a disturbance of the machine
 * meets all of them; the best round counts, as a shared machine only ever adds time. The peer runs
 * with and without flash attention, and the faster is compared with. First token and memory are
 * measured in a process of their own for each side, before anything else is open. CSV lines on
 * stdout: measure,side,value,unit; then a table for readers on stderr.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <pthread.h>

#include "engine/gguf/file.h"
#include "tests/peer/roofline.h"
#include "tests/peer/side.h"

#define SIDES 3
#define K_MAX 32
#define TAIL 32 /* tokens of a sequence after the prompt, at most */
#define DRAWS 32

enum measure { PREFILL, DECODE_1, DECODE_8, DECODE_32, SAMPLE, FIRST, LOAD, PEAK, MEASURES };

static const struct {
    const char *name, *unit;
    uint32_t k;
} measures[MEASURES] = {
    [PREFILL] = {"prefill", "tokens/s", 0},     [DECODE_1] = {"decode K=1", "tokens/s", 1},
    [DECODE_8] = {"decode K=8", "tokens/s", 8}, [DECODE_32] = {"decode K=32", "tokens/s", K_MAX},
    [SAMPLE] = {"sampling", "ms/token", 0},     [FIRST] = {"first token", "s", 0},
    [LOAD] = {"of it loading", "s", 0},         [PEAK] = {"peak memory", "MB PSS", 0},
};

struct bench {
    struct side_config config;
    double seconds;
    int rounds;
    const char *only;
    uint32_t *ids; /* [prompt_tokens + K_MAX] */
    const struct side *sides[SIDES];
    void *states[SIDES];
    double results[SIDES][MEASURES];
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- first token and memory, in a process of their own ---- */

static double pss_mb(void)
{
    char line[256];
    double kib = 0;
    FILE *f = fopen("/proc/self/smaps_rollup", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "Pss: %lf", &kib) == 1)
            break;
    if (f)
        fclose(f);
    return kib / 1024;
}

static volatile bool watching = true;

static void *watch(void *arg)
{
    double *peak = arg;
    const struct timespec pause = {0, 20000000};
    while (watching) {
        double mb = pss_mb();
        *peak = mb > *peak ? mb : *peak;
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static bool run_alone(const struct bench *b, const struct side *side, double *results)
{
    pthread_t watcher;
    double peak = 0, start = now();
    if (pthread_create(&watcher, NULL, watch, &peak))
        return false;
    void *state = side->open(&b->config);
    results[LOAD] = now() - start;
    bool ok = state && side->prefill(state, b->ids, b->config.prompt_tokens);
    if (ok)
        side->sample(state, 0, 1);
    results[FIRST] = now() - start;
    ok = ok && side->fork(state, K_MAX);
    for (int step = 0; ok && step < 3; step++)
        ok = side->decode(state, b->ids + step, K_MAX);
    double last = pss_mb();
    watching = false;
    pthread_join(watcher, NULL);
    results[PEAK] = last > peak ? last : peak;
    side->close(state);
    return ok;
}

static bool measure_alone(const struct bench *b, const struct side *side, double *results)
{
    int fds[2], status = 1;
    double got[MEASURES];
    if (pipe(fds))
        return false;
    pid_t child = fork();
    if (child == 0) {
        memset(got, 0, sizeof got);
        bool ok = run_alone(b, side, got);
        ok = write(fds[1], got, sizeof got) == (ssize_t)sizeof got && ok;
        _exit(ok ? 0 : 1);
    }
    close(fds[1]);
    bool ok = child > 0 && read(fds[0], got, sizeof got) == (ssize_t)sizeof got;
    close(fds[0]);
    if (child > 0)
        waitpid(child, &status, 0);
    if (ok && status == 0)
        memcpy(results, got, sizeof got);
    return ok && status == 0;
}

/* ---- taking turns ---- */

/* One round of a measure on one side: its value, higher is better but for SAMPLE. */
static double one_round(struct bench *b, int s, enum measure m)
{
    const struct side *side = b->sides[s];
    void *state = b->states[s];
    uint32_t n = 0, k = measures[m].k;
    bool ok = true;
    if (k > 0)
        ok = side->fork(state, k) && side->decode(state, b->ids, k); /* not timed: wakes threads */
    double start = now();
    if (m == PREFILL) {
        for (; ok && (n == 0 || now() - start < b->seconds); n += b->config.prompt_tokens)
            ok = side->prefill(state, b->ids, b->config.prompt_tokens);
    } else if (m == SAMPLE) {
        for (; n < DRAWS; n++)
            side->sample(state, n % K_MAX, n);
    } else {
        for (uint32_t step = 1; ok && step < TAIL && (step < 3 || now() - start < b->seconds);
             step++, n += k)
            ok = side->decode(state, b->ids + step, k);
    }
    double seconds = now() - start;
    side->rest(state);
    if (!ok)
        exit(1);
    return m == SAMPLE ? seconds / n * 1000 : n / seconds;
}

static void take_turns(struct bench *b)
{
    for (enum measure m = PREFILL; m <= SAMPLE; m++)
        for (int round = 0; round < b->rounds; round++)
            for (int s = 0; s < SIDES; s++) {
                if (!b->sides[s])
                    continue;
                double value = one_round(b, s, m), *best = &b->results[s][m];
                if (*best == 0 || (m == SAMPLE ? value < *best : value > *best))
                    *best = value;
            }
}

/* ---- how far from what the machine can do ---- */

struct load {                      /* of one step */
    double weight_bytes, products; /* products: of one row, without attention */
    double kv_bytes, kv_products;  /* of one token in the cache, all layers, all heads */
    bool int8;                     /* most weights are quantised */
};

static double number(const struct gguf_file *g, struct gguf_string arch, const char *name,
                     double other)
{
    char key[128];
    struct surety_error err;
    uint64_t value = (uint64_t)other;
    snprintf(key, sizeof key, "%.*s.%s", (int)arch.len, arch.text, name);
    gguf_get_u64(g, key, 0, UINT32_MAX, &value, &err);
    return (double)value;
}

static bool load_of(const char *path, struct load *load)
{
    struct gguf_file g;
    struct surety_error err;
    struct gguf_string arch = {"", 0}, embedding = {"token_embd.weight", 17};
    if (gguf_open(path, &g, &err) != SURETY_OK) {
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    bool tied = !gguf_find_tensor(&g, "output.weight");
    double quantised = 0;
    *load = (struct load){0};
    for (size_t i = 0; i < g.n_tensors; i++) {
        const struct gguf_tensor *t = &g.tensors[i];
        bool is_embedding = t->name.len == embedding.len &&
                            memcmp(t->name.text, embedding.text, embedding.len) == 0;
        if (t->n_dims < 2 || (is_embedding && !tied))
            continue; /* of an embedding only one row is read */
        load->weight_bytes += (double)t->bytes;
        load->products += (double)t->n_elements;
        if (t->bytes < 2 * t->n_elements)
            quantised += (double)t->n_elements;
    }
    load->int8 = quantised > load->products / 2;
    gguf_get_string(&g, "general.architecture", &arch, &err);
    double heads = number(&g, arch, "attention.head_count", 1);
    double size =
        number(&g, arch, "attention.key_length", number(&g, arch, "embedding_length", 0) / heads);
    double layers = number(&g, arch, "block_count", 1);
    load->kv_bytes = layers * number(&g, arch, "attention.head_count_kv", 1) * size * 2 * 2;
    load->kv_products = layers * heads * size * 2;
    gguf_close(&g);
    return true;
}

/* Tokens a second at best: K rows read the weights and the prompt's cache once. */
static double bound(const struct load *l, const struct roofline *r, uint32_t prompt, uint32_t k)
{
    bool prefill = k == 0;
    double rows = prefill ? prompt : k;
    double length = prefill ? prompt / 2.0 : prompt + TAIL / 2.0;
    double bytes = l->weight_bytes + l->kv_bytes * (prompt + (prefill ? 0 : k * TAIL / 2.0));
    double peak = l->int8 ? r->int8_products : r->f32_products;
    double products = l->products * rows / peak + l->kv_products * length * rows / r->f32_products;
    double reading = bytes / r->read_bytes;
    return rows / (reading > products ? reading : products);
}

/* ---- reports ---- */

static void report(struct bench *b, const struct load *load, const struct roofline *r)
{
    fprintf(stderr, "%s, %u threads, prompt of %u tokens\n", b->config.model, b->config.threads,
            b->config.prompt_tokens);
    fprintf(stderr,
            "machine: reads %.1f GB/s, copies %.1f GB/s, multiply-adds: int8 %.0f G/s (%s), "
            "F32 %.0f G/s\n",
            r->read_bytes / 1e9, r->copy_bytes / 1e9, r->int8_products / 1e9, r->instruction,
            r->f32_products / 1e9);
    printf("read bandwidth,machine,%.2f,GB/s\ncopy bandwidth,machine,%.2f,GB/s\n",
           r->read_bytes / 1e9, r->copy_bytes / 1e9);
    printf("int8 multiply-adds,machine,%.1f,G/s\nF32 multiply-adds,machine,%.1f,G/s\n",
           r->int8_products / 1e9, r->f32_products / 1e9);
    fprintf(stderr, "%-14s %-8s %12s %12s %12s  %7s %10s %9s\n", "", "unit", "surety", "llama.cpp",
            "with flash", "ratio", "roofline", "reached");
    for (enum measure m = 0; m < MEASURES; m++) {
        bool low = m >= SAMPLE; /* is good */
        double v[SIDES], other;
        fprintf(stderr, "%-14s %-8s", measures[m].name, measures[m].unit);
        for (int s = 0; s < SIDES; s++) {
            v[s] = b->results[s][m];
            fprintf(stderr, " %12.*f", v[s] < 10 ? 3 : 1, v[s]);
            if (v[s] > 0)
                printf("%s,%s,%.4f,%s\n", measures[m].name, b->sides[s]->name, v[s],
                       measures[m].unit);
        }
        other = v[2] > 0 && (v[1] <= 0 || (low ? v[2] < v[1] : v[2] > v[1])) ? v[2] : v[1];
        if (v[0] > 0 && other > 0)
            fprintf(stderr, "  %6.2fx", low ? other / v[0] : v[0] / other);
        if (m <= DECODE_32 && r->read_bytes > 0 && r->f32_products > 0) {
            double top = bound(load, r, b->config.prompt_tokens, measures[m].k);
            printf("%s,roofline,%.4f,%s\n", measures[m].name, top, measures[m].unit);
            fprintf(stderr, " %10.1f %8.1f%%", top, 100 * v[0] / top);
        }
        fprintf(stderr, "\n");
    }
}

static bool options(struct bench *b, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (argv[i][0] != '-') {
            b->config.model = argv[i];
            continue;
        }
        if (!value)
            return false;
        if (strcmp(argv[i], "--threads") == 0)
            b->config.threads = (uint32_t)atoi(value);
        else if (strcmp(argv[i], "--prompt") == 0)
            b->config.prompt_tokens = (uint32_t)atoi(value);
        else if (strcmp(argv[i], "--seconds") == 0)
            b->seconds = atof(value);
        else if (strcmp(argv[i], "--rounds") == 0)
            b->rounds = atoi(value);
        else if (strcmp(argv[i], "--only") == 0)
            b->only = value;
        else
            return false;
        i++;
    }
    return b->config.model && b->config.threads > 0 && b->config.prompt_tokens > 0;
}

int main(int argc, char **argv)
{
    static const struct side *const all[SIDES] = {&side_surety, &side_llama, &side_llama_flash};
    struct bench b = {
        .config = {.threads = 2, .prompt_tokens = 512, .tail_tokens = TAIL, .sequences = K_MAX},
        .seconds = 0.4,
        .rounds = 4};
    if (!options(&b, argc, argv)) {
        fprintf(stderr, "usage: bench [--threads N] [--prompt TOKENS] [--seconds S] [--rounds N] "
                        "[--only SIDE] MODEL.gguf\n");
        return 2;
    }
    b.ids = calloc(b.config.prompt_tokens + K_MAX + TAIL, sizeof *b.ids);
    struct load load;
    if (!b.ids || !load_of(b.config.model, &load))
        return 1;
    for (uint32_t i = 0; i < b.config.prompt_tokens + K_MAX + TAIL; i++)
        b.ids[i] = (i * 7919u + 13) % 509; /* any; all vocabularies have these */
    for (int s = 0; s < SIDES; s++) {
        if (!b.only || strcmp(b.only, all[s]->name) == 0)
            b.sides[s] = all[s];
        if (b.sides[s] && !measure_alone(&b, b.sides[s], b.results[s]))
            return 1;
    }
    struct roofline roofline = roofline_measure(b.config.threads);
    for (int s = 0; s < SIDES; s++)
        if (b.sides[s] && !(b.states[s] = b.sides[s]->open(&b.config)))
            return 1;
    take_turns(&b);
    if (b.sides[1] || b.sides[2])
        fprintf(stderr, "%s\n", side_llama_about());
    report(&b, &load, &roofline);
    for (int s = 0; s < SIDES; s++)
        if (b.sides[s])
            b.sides[s]->close(b.states[s]);
    free(b.ids);
    return 0;
}
