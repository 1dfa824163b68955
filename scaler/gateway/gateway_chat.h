/*
 * gateway_chat.h - the body of a chat completion becomes a request of ours.
 *
 * Pure: no socket, no broker. What a field does is a row of the table in gateway_chat.c; what can
 * not be done yet is refused by the field's name, in one place there.
 */
#ifndef SURETY_SCALER_GATEWAY_GATEWAY_CHAT_H
#define SURETY_SCALER_GATEWAY_GATEWAY_CHAT_H

#include <jansson.h>

#include <surety/types.h>

/* Of a model's name: answered by a vote. Without it a body is passed through. */
#define GATEWAY_PREFIX "surety-"
#define GATEWAY_PARAM_MAX 80

struct gateway_chat {
    struct surety_request request; /* but its id and model_name; lives in arena */
    const char *model;             /* as asked for */
    const char *user;              /* likewise; NULL: not told */
    uint32_t n;                    /* choices */
    bool stream, include_usage;
    bool pass;       /* of a model without the prefix: request.body is the body, as it came */
    bool warmed;     /* temperature 0 would have made all samples equal: it became the default */
    json_t *ignored; /* names of fields that nothing is known about; array */
    struct arena arena;
};

/* What is wrong: with which field, and in which words. */
struct gateway_fault {
    struct surety_error error;
    char param[GATEWAY_PARAM_MAX]; /* "" when it is no field's */
};

/*
 * Reads a body. defaults: what the command line says, as a request. INVALID, PARSE, LIMIT, NOMEM
 * with the field's name. The caller ends with gateway_chat_fini, also after a failure.
 */
enum surety_err gateway_chat_read(const char *body, size_t len,
                                  const struct surety_request *defaults, struct gateway_chat *ret,
                                  struct gateway_fault *fault);
void gateway_chat_fini(struct gateway_chat *chat);

/* Settings by header, after the body and before gateway_chat_check: "X-Surety: {...}" is an object
 * like the body's "surety", "X-Surety-Verify-Repeats: 3" one of its members. Others are none of
 * ours and fine. */
enum surety_err gateway_chat_header(struct gateway_chat *chat, const char *name, const char *value,
                                    struct gateway_fault *fault);

/* When all is read: whether it fits together. */
enum surety_err gateway_chat_check(struct gateway_chat *chat, struct gateway_fault *fault);

/* ---- gateway_settings.c ---- */

/* Sets what the object's members say. INVALID names a member that is unknown, of the wrong type or
 * out of range, with `place` before it. */
enum surety_err gateway_settings_read(const json_t *object, const char *place,
                                      struct gateway_chat *chat, struct gateway_fault *fault);

/* Fills fault and returns code; the param may be NULL. */
enum surety_err gateway_fail(struct gateway_fault *fault, const char *param, enum surety_err code,
                             const char *format, ...) SURETY_PRINTF(4, 5);

#endif
