/*
 * Pairs of answers a second on one thread, parsing included, and the grouping of 512 answers.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "claims/math/equal.h"
#include "claims/math/exact.h"

#define ANSWERS 512

static double read_clock(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Wall time and, where other programs share the machine, the more telling processor time. */
static void bench_pairs(const char *name, const char *const (*pairs)[2], size_t n, const char *mix)
{
    size_t done = 0, decided = 0, equal = 0;
    double start = now(), start_cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID), spent, spent_cpu;
    do {
        for (size_t i = 0; i < n; i++) {
            enum equal_verdict verdict = equal_texts(pairs[i][0], pairs[i][1], NULL).verdict;
            decided += verdict != EQUAL_UNKNOWN;
            equal += verdict == EQUAL_EXACT;
        }
        done += n;
        spent = now() - start;
        spent_cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID) - start_cpu;
    } while (spent < 0.5);
    printf("equal_%s,%.0f,pairs/s,%zu pairs: %s; %zu%% decided; %zu%% equal\n", name,
           (double)done / spent, n, mix, 100 * decided / done, 100 * equal / done);
    printf("equal_%s_cpu,%.0f,pairs/s,the same in processor time\n", name,
           (double)done / spent_cpu);
}

static void bench_grouping(void)
{
    static char text[ANSWERS][32];
    const char *answers[ANSWERS];
    uint32_t group[ANSWERS];
    struct equal_groups groups;
    for (size_t i = 0; i < ANSWERS; i++) {
        snprintf(text[i], sizeof text[i], i % 3 ? "%zu" : "\\frac{%zu}{7}", i * i % 97);
        answers[i] = text[i];
    }
    double start = now();
    if (equal_group(answers, ANSWERS, NULL, group, &groups))
        exit(1);
    printf("equal_group,%.2f,ms,%d answers in %zu groups\n", (now() - start) * 1e3, ANSWERS,
           groups.n);
}

/* All members differ, so that every one is held against every other; and one list is the other,
 * reversed. */
static void bench_decimals(void)
{
    enum { MEMBERS = 50 };
    static char lists[3][MEMBERS * 16];
    static const char *const pairs[][2] = {{lists[0], lists[1]}, {lists[0], lists[2]}};
    size_t at[3] = {0};
    for (int i = 0; i < MEMBERS; i++)
        for (int list = 0; list < 3; list++) {
            int member = list == 2 ? MEMBERS - 1 - i : i, last = list == 1 ? 9 : 7;
            at[list] +=
                (size_t)snprintf(lists[list] + at[list], sizeof *lists - at[list], "%s%d.%03d",
                                 i ? ", " : "", member, (member * 389 + last) % 1000);
        }
    bench_pairs("decimals", pairs, 2, "lists of 50 decimals, different or reversed");
}

static void bench_exact(void)
{
    static const char claim[] = "So the total cost is 3 * $4.50 + 12 / 5 = $15.90 for everyone.";
    size_t done = 0;
    double start = now(), spent;
    do {
        for (int i = 0; i < 1000; i++)
            if (exact_judge(claim, NULL, 0) != EXACT_PROVED)
                exit(1);
        done += 1000;
        spent = now() - start;
    } while (spent < 0.5);
    printf("exact_judge,%.0f,claims/s,one equation in prose\n", (double)done / spent);
}

int main(void)
{
    static const char *const numbers[][2] = {{"1776", "1776"},  {"3/4", "0.75"}, {"-12.5", "12.5"},
                                             {"1,234", "1234"}, {"0.333", "12"}, {"42", "24"}};
    static const char *const constants[][2] = {
        {"\\sqrt{5+2\\sqrt{6}}", "\\sqrt{2}+\\sqrt{3}"},
        {"\\frac{1}{\\sqrt{2}}", "\\frac{\\sqrt2}{2}"},
        {"\\sqrt{12}", "2\\sqrt{3}"},
        {"\\frac{1}{\\sqrt{3}-\\sqrt{2}}", "\\sqrt3+\\sqrt2"},
        {"6\\sqrt{2}", "6\\sqrt{3}"},
        {"\\frac{1+\\sqrt5}{2}", "\\frac{1+\\sqrt3}{2}"},
        {"\\sqrt{7+4\\sqrt3}", "2-\\sqrt3"},
        {"10\\sqrt{5}", "25\\sqrt{2}"},
        {"\\ln 8", "3\\ln 2"},
        {"\\frac{\\ln 9}{\\ln 3}", "2"},
        {"\\log_2 10", "3"},
        {"\\ln 6", "\\ln 2 + \\ln 4"},
        {"\\sin(\\pi/6)+\\cos(\\pi/4)", "\\frac{1+\\sqrt2}{2}"},
        {"\\cos(\\pi/5)", "\\frac{1+\\sqrt5}{4}"},
        {"\\tan(\\pi/8)", "\\sqrt{2}+1"},
        {"\\sin(\\pi/12)", "\\frac{\\sqrt6+\\sqrt2}{4}"}};
    static const char *const expressions[][2] = {{"(x+1)^2", "x^2+2x+1"},
                                                 {"\\frac{x^2-1}{x-1}", "x+1"},
                                                 {"2x+3y=5", "4x+6y=10"},
                                                 {"\\sin^2 x+\\cos^2 x", "1"}};
    bench_pairs("numbers", numbers, sizeof numbers / sizeof *numbers, "half equal");
    bench_pairs("constants", constants, sizeof constants / sizeof *constants,
                "half radicals; a quarter logarithms; a quarter trigonometry");
    bench_pairs("expressions", expressions, sizeof expressions / sizeof *expressions,
                "polynomials; an equation; one trigonometric identity");
    bench_decimals();
    bench_grouping();
    bench_exact();
    return 0;
}
