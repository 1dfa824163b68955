/* kernels_best.c - which of the compiled kernels this processor runs. */
#include "engine/gguf/kernels.h"

extern const struct kernels kernels_plain;
#if defined(__x86_64__)
#include <cpuid.h> /* not every compiler's __builtin_cpu_supports() knows f16c */

extern const struct kernels kernels_avx2;
extern const struct kernels kernels_avx512;
extern const struct kernels kernels_vnni;

static bool has_f16c(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}

/* Each level has all that those before it have. */
static int level(void)
{
    if (!__builtin_cpu_supports("avx2") || !has_f16c())
        return 0;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return 1;
    return __builtin_cpu_supports("avx512vnni") ? 3 : 2;
}
#endif

const struct kernels *const *kernels_all(void)
{
#if defined(__x86_64__)
    static const struct kernels *const sets[4][5] = {
        {&kernels_plain},
        {&kernels_plain, &kernels_avx2},
        {&kernels_plain, &kernels_avx2, &kernels_avx512},
        {&kernels_plain, &kernels_avx2, &kernels_avx512, &kernels_vnni}};
    return sets[level()];
#else
    static const struct kernels *const plain[] = {&kernels_plain, NULL};
    return plain;
#endif
}

const struct kernels *kernels_best(void)
{
    const struct kernels *const *k = kernels_all();
    while (k[1])
        k++;
    return *k;
}
