/*
 * result_json.h - a result as the JSON object of the command line's contract, and back.
 *
 * The same object is printed by solve, written by grade and score, shown by show and carried by
 * the RESULT and PROGRESS messages: there is one form of a result. Unknown keys are ignored.
 */
#ifndef SURETY_PROTO_RESULT_JSON_H
#define SURETY_PROTO_RESULT_JSON_H

#include <jansson.h>

#include <surety/result.h>
#include <surety/types.h>

#define SURETY_RESULT_SCHEMA 1

/* A new reference, NULL without memory. NaN becomes null. stable: leave out what differs between
 * equal runs (usage.wall_ms), so that two files can be compared byte by byte. */
json_t *surety_result_to_json(const struct surety_result *result, bool stable);

/* Builds result (with its own arena) from an object. PARSE names the key that is wrong; LIMIT;
 * NOMEM. On failure result is untouched. The caller ends with surety_result_fini. */
enum surety_err surety_result_from_json(const json_t *object, struct surety_result *ret_result,
                                        struct surety_error *err);

#endif
