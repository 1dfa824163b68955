/*
 * fuzz_result_json.c - a result from arbitrary JSON. What is read must be written, and then read
 * and written the same.
 */
#include "base/jsonl.h"
#include "proto/result_json.h"
#include "tests/fuzz/fuzz.h"

static void check_stable(const json_t *value, bool stable)
{
    struct surety_result result, again;
    struct surety_error err = {0};
    if (surety_result_from_json(value, &result, &err)) {
        FUZZ_CHECK(err.message[0] != '\0');
        return;
    }
    json_t *first = surety_result_to_json(&result, stable);
    FUZZ_CHECK(first != NULL);
    FUZZ_CHECK(surety_result_from_json(first, &again, &err) == SURETY_OK);
    json_t *second = surety_result_to_json(&again, stable);
    FUZZ_CHECK(json_equal(first, second));
    json_decref(first);
    json_decref(second);
    surety_result_fini(&result);
    surety_result_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *value = NULL;
    if (json_load_text((const char *)data, size, &value, NULL))
        return 0;
    check_stable(value, false);
    check_stable(value, true);
    json_decref(value);
    return 0;
}
