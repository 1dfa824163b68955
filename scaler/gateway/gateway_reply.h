/*
 * gateway_reply.h - a result becomes a chat completion, whole or as a stream of events; and errors
 * in the form that clients of such endpoints know.
 *
 * What is given out is a sample as the model wrote it: the best of the group that won. All else is
 * in the member "surety". Pure.
 */
#ifndef SURETY_SCALER_GATEWAY_GATEWAY_REPLY_H
#define SURETY_SCALER_GATEWAY_GATEWAY_REPLY_H

#include "base/buf.h"
#include "scaler/gateway/gateway_chat.h"

#define GATEWAY_STREAM_MAX ((size_t)256 << 20) /* bytes of a reply's events */

/* The completion for a RESULT's JSON, as text; the caller frees. A result without any sample is an
 * error, the samples' own. NOMEM, PARSE. */
enum surety_err gateway_reply_json(const struct gateway_chat *chat, const char *id, int64_t created,
                                   const char *result, char **ret_json,
                                   struct gateway_fault *fault);

/* The same as events, up to "[DONE]". */
enum surety_err gateway_reply_events(const struct gateway_chat *chat, const char *id,
                                     int64_t created, const char *result, struct buf *out,
                                     struct gateway_fault *fault);

/* What went wrong, by a RESULT's JSON; OK: nothing. NOMEM, PARSE. */
enum surety_err gateway_reply_error(const char *result, struct gateway_fault *fault);

/* {"error":{...}}; NULL without memory. The caller frees. */
char *gateway_error_json(const struct gateway_fault *fault, int status);

/* The HTTP status for an error. */
int gateway_error_status(enum surety_err code);

#endif
