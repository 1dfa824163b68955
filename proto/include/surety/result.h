/*
 * result.h - a result's end, and its form as text. The public part of proto/result_json.h.
 */
#ifndef SURETY_RESULT_H
#define SURETY_RESULT_H

#include <surety/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Frees what the result holds and zeroes it. NULL and an ended result are fine. */
SURETY_API void surety_result_fini(struct surety_result *result);

/* One line of JSON, as `surety solve --json` prints it; the caller frees. NULL without memory. */
SURETY_API char *surety_result_to_text(const struct surety_result *result);

/* Reads that JSON. PARSE names the key that is wrong; LIMIT; NOMEM. On failure *ret_result is
 * untouched.
 * The caller ends with surety_result_fini. */
SURETY_API enum surety_err surety_result_from_text(const char *json,
                                                   struct surety_result *ret_result,
                                                   struct surety_error *err);

#ifdef __cplusplus
}
#endif

#endif
