/* kernels_best.c - which of the compiled kernels this processor runs. */
#include "engine/gguf/kernels.h"

extern const struct kernels kernels_plain;
#if defined(__x86_64__)
extern const struct kernels kernels_avx2;
extern const struct kernels kernels_avx512;
#endif

const struct kernels *const *kernels_all(void)
{
#if defined(__x86_64__)
    static const struct kernels *const all[] = {&kernels_plain, &kernels_avx2, &kernels_avx512,
                                                NULL};
    static const struct kernels *const avx2[] = {&kernels_plain, &kernels_avx2, NULL};
    if (__builtin_cpu_supports("avx512f"))
        return all;
    if (__builtin_cpu_supports("avx2"))
        return avx2;
#endif
    static const struct kernels *const plain[] = {&kernels_plain, NULL};
    return plain;
}

const struct kernels *kernels_best(void)
{
    const struct kernels *const *k = kernels_all();
    while (k[1])
        k++;
    return *k;
}
