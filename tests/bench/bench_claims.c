/*
 * bench_claims.c - speed of reading solutions: answers, statements, claims, agreement.
 *
 * CSV on stdout: name, value, unit, work. One thread, its processor time. Each measure is the best
 * of several rounds, since anything that disturbs a round makes it slower. The solution is made
 * here: prose, LaTeX and arithmetic in the mix of a worked solution.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "claims/plan/agreement.h"
#include "claims/read/answer.h"
#include "claims/read/split.h"

#define ROUNDS 7
#define SOLUTION_BYTES (4u << 20)
#define TRAJECTORIES 32
#define TRAJECTORY_BYTES 250000u

static const char problem[] =
    "A shop sells 120 boxes of 24 pens a week at $3 a box. How many pens?";

static int64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static char *make_solution(size_t bytes, unsigned salt)
{
    struct buf b;
    buf_init(&b, bytes + 4096);
    for (unsigned i = salt; b.len < bytes; i++) {
        unsigned x = i % 97 + 3, y = i % 89 + 2;
        buf_printf(&b,
                   "## Step %u: Work out the next part\nFirst, we need to see how many of them "
                   "are left after the day is over.\n",
                   i);
        buf_printf(&b,
                   "Since there are %u boxes with %u pens each, that makes %u * %u = %u pens in "
                   "all, so the rest is %u - %u = %u.\n",
                   x, y, x, y, x * y, x * y, y, x * y - y);
        buf_printf(&b,
                   "\\[\n\\frac{%u}{%u} + \\sqrt{%u} \\cdot x &= \\left(%u + x\\right)^2 \\\\\n "
                   "&= %u\n\\]\n",
                   x, y, x, y, x + y);
        buf_puts(&b, "Therefore the value that was asked for follows from the two lines above, and "
                     "nothing else is needed for it.\n\n");
    }
    buf_puts(&b, "The final answer is $\\boxed{42}$.\n");
    return buf_detach(&b, NULL);
}

static double megabytes_per_second(size_t bytes, int64_t ns)
{
    return ns > 0 ? (double)bytes * 1e3 / (double)ns : 0.0;
}

static void bench_reading(const char *solution)
{
    size_t len = strlen(solution), n = 0;
    int64_t extract = INT64_MAX, split = INT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        struct arena arena;
        struct answer answer;
        struct claim_span *claims;
        arena_init(&arena, 1 << 24);
        int64_t t0 = clock_ns();
        if (answer_extract(solution, false, &arena, &answer))
            exit(1);
        int64_t t1 = clock_ns();
        if (split_solution(problem, solution, &answer, 5, &arena, &claims, &n) || n != 5)
            exit(1);
        int64_t t2 = clock_ns();
        extract = t1 - t0 < extract ? t1 - t0 : extract;
        split = t2 - t1 < split ? t2 - t1 : split;
        arena_fini(&arena);
    }
    printf("answer_extract,%.0f,MB/s,%zu bytes\n", megabytes_per_second(len, extract), len);
    printf("split_solution,%.0f,MB/s,%zu bytes\n", megabytes_per_second(len, split), len);
}

/* What scoring does with K trajectories before any comparison of answers. */
static void bench_trajectories(void)
{
    char *text[TRAJECTORIES];
    int64_t read = INT64_MAX, agree = INT64_MAX, contextual = INT64_MAX;
    for (unsigned i = 0; i < TRAJECTORIES; i++)
        if (!(text[i] = make_solution(TRAJECTORY_BYTES, i)))
            exit(1);
    for (int round = 0; round < ROUNDS; round++) {
        struct surety_trajectory t[TRAJECTORIES] = {{.index = 0}};
        uint32_t group[TRAJECTORIES];
        struct arena arena;
        arena_init(&arena, 1 << 26);
        int64_t t0 = clock_ns();
        for (unsigned i = 0; i < TRAJECTORIES; i++) {
            struct answer answer;
            struct claim_span *claims;
            size_t n;
            group[i] = i % 5;
            if (answer_extract(text[i], false, &arena, &answer) ||
                split_solution(problem, text[i], &answer, SURETY_M_MAX, &arena, &claims, &n) ||
                !(t[i].claims = ARENA_ARRAY(&arena, struct surety_claim, n)))
                exit(1);
            t[i].n_claims = n;
            for (size_t k = 0; k < n; k++)
                t[i].claims[k].text = claims[k].text;
        }
        int64_t t1 = clock_ns();
        if (agreement_fill(t, TRAJECTORIES, group))
            exit(1);
        int64_t t2 = clock_ns();
        struct claim_names given;
        claim_names_read(problem, &given);
        for (unsigned i = 0; i < TRAJECTORIES; i++)
            for (size_t k = 0; k < t[i].n_claims; k++)
                claim_is_contextual(&given, t[i].claims[k].text);
        int64_t t3 = clock_ns();
        read = t1 - t0 < read ? t1 - t0 : read;
        agree = t2 - t1 < agree ? t2 - t1 : agree;
        contextual = t3 - t2 < contextual ? t3 - t2 : contextual;
        arena_fini(&arena);
    }
    printf("read_k32_250kB,%.2f,ms,m=%d\n", (double)read / 1e6, SURETY_M_MAX);
    printf("agreement_k32,%.3f,ms,m=%d\n", (double)agree / 1e6, SURETY_M_MAX);
    printf("contextual_k32,%.3f,ms,m=%d\n", (double)contextual / 1e6, SURETY_M_MAX);
    for (unsigned i = 0; i < TRAJECTORIES; i++)
        free(text[i]);
}

int main(void)
{
    char *solution = make_solution(SOLUTION_BYTES, 0);
    if (!solution)
        return 1;
    printf("name,value,unit,work\n");
    bench_reading(solution);
    bench_trajectories();
    free(solution);
    return 0;
}
