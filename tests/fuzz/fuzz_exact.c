/* The exact signal: no crash, and a verdict that does not depend on being asked for its reason. */
#include <stdlib.h>
#include <string.h>

#include "claims/math/exact.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *claim = malloc(size + 1);
    if (!claim)
        return 0;
    memcpy(claim, data, size);
    claim[size] = '\0';
    char reason[80];
    enum exact_verdict verdict = exact_judge(claim, reason, sizeof reason);
    FUZZ_CHECK(verdict == exact_judge(claim, NULL, 0));
    FUZZ_CHECK((reason[0] != '\0') == (verdict == EXACT_REFUTED));
    free(claim);
    return 0;
}
