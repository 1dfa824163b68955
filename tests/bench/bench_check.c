/*
 * A whole text against its gold answer, as a reward does: texts of the size and make of
 * grade-school solutions. Prints the median and the 99th percentile of single calls, in processor
 * time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "claims/read/check.h"

#define CALLS 20000

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double spent[CALLS];

static void bench(const char *name, const char *gold_text, const char *text)
{
    const struct gold gold = {.answers = &gold_text, .n = 1};
    size_t right = 0;
    for (size_t i = 0; i < CALLS; i++) {
        struct arena arena;
        struct check check;
        double began = now();
        arena_init(&arena, 1 << 20);
        if (check_text(&gold, text, false, &arena, &check))
            exit(1);
        right += check.result.verdict == EQUAL_EXACT;
        arena_fini(&arena);
        spent[i] = now() - began;
    }
    if (right != CALLS)
        exit(1);
    qsort(spent, CALLS, sizeof *spent, by_size);
    printf("check_%s,%.2f,us,the median of %d; the 99th percentile is %.2f us\n", name,
           spent[CALLS / 2], CALLS, spent[CALLS / 100 * 99]);
}

int main(void)
{
    static const char solution[] =
        "To find how much Janet makes, we follow the eggs.\n\n"
        "1. Her ducks lay 16 eggs per day.\n"
        "2. She eats 3 eggs for breakfast every morning, so 16 - 3 = 13 eggs are left.\n"
        "3. She bakes muffins for her friends with 4 eggs: 13 - 4 = 9 eggs are left to sell.\n"
        "4. She sells each egg for $2, which gives 9 * $2 = $18 every day at the market.\n\n"
        "We can check this: 3 + 4 = 7 eggs are used, 16 - 7 = 9 eggs are sold, and 9 times 2 is "
        "18.\n\n";
    static char boxed[2000], marked[2000], stated[2000];
    snprintf(boxed, sizeof boxed, "%sSo she makes \\boxed{18} dollars every day.", solution);
    snprintf(marked, sizeof marked, "%s#### 18", solution);
    snprintf(stated, sizeof stated, "%sTherefore, the answer is \\(\\frac{36}{2}\\).", solution);
    bench("boxed", "18", boxed);
    bench("marked", "16 - 7 = <<16-7=9>>9, and 9 * 2 = 18\n#### 18", marked);
    bench("fraction", "18", stated);
    return 0;
}
