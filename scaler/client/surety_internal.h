/*
 * surety_internal.h - what the files of the public library share. Internal to surety*.c.
 */
#ifndef SURETY_SCALER_CLIENT_SURETY_INTERNAL_H
#define SURETY_SCALER_CLIENT_SURETY_INTERNAL_H

#include <surety/types.h>

/* What is said of a struct whose room is not zero. */
#define LIBRARY_UNKNOWN_MEMBER                                                                     \
    "has a member that this library does not know, or did not begin with zeros"
bool library_is_zero(const uint64_t *words, size_t n);

/* surety_request_check, and INVALID when the request's room is not zero (docs/abi.md): a newer
 * program has set a member that would be ignored, or the request did not begin with zeros. */
enum surety_err library_check_request(const struct surety_request *request,
                                      struct surety_error *err);

#endif
