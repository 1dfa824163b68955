#include <surety/result.h>

#include <string.h>

#include "base/jsonl.h"
#include "proto/result_json.h"

void surety_result_fini(struct surety_result *result)
{
    if (!result)
        return;
    arena_fini(&result->arena);
    memset(result, 0, sizeof *result);
}

char *surety_result_to_text(const struct surety_result *result)
{
    json_t *object = surety_result_to_json(result, false);
    char *text = object ? json_to_text(object) : NULL;
    json_decref(object);
    return text;
}

enum surety_err surety_result_from_text(const char *json, struct surety_result *ret_result,
                                        struct surety_error *err)
{
    json_t *object = NULL;
    enum surety_err code = json_load_text(json, strlen(json), &object, err);
    if (!code)
        code = surety_result_from_json(object, ret_result, err);
    json_decref(object);
    return code;
}
