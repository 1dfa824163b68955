/*
 * fuzz_chat.c - bodies of chat completions from arbitrary bytes, and headers beside them.
 *
 * What stands before the first NUL is the body, then a header's name, then its value. What is taken
 * is a request that the broker takes; what is refused has a sentence, and an error object.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "proto/wire.h"
#include "scaler/gateway/gateway_chat.h"
#include "scaler/gateway/gateway_reply.h"
#include <surety/settings.h>

static char *take(const char **at, const char *end)
{
    const char *nul = memchr(*at, '\0', (size_t)(end - *at));
    size_t len = (size_t)((nul ? nul : end) - *at);
    char *text = strndup(*at, len);
    *at += len + (nul != NULL);
    return text;
}

static void check_taken(const struct gateway_chat *chat)
{
    static char id[] = "1";
    struct wire_message message = {.command = WIRE_REQUEST};
    char *body = NULL;
    size_t len;
    message.request = chat->request;
    message.request.id = id;
    FUZZ_CHECK(surety_request_check(&message.request, NULL) == SURETY_OK);
    FUZZ_CHECK(wire_encode(&message, &body, &len, NULL) == SURETY_OK);
    FUZZ_CHECK(chat->model && chat->n >= 1 && chat->n <= chat->request.settings.k);
    FUZZ_CHECK(chat->request.settings.k == 1 || chat->request.settings.sampling.temperature > 0 ||
               !chat->warmed);
    free(body);
}

static void check_refused(const struct gateway_fault *fault)
{
    char *json = gateway_error_json(fault, gateway_error_status(fault->error.code));
    FUZZ_CHECK(fault->error.code && fault->error.message[0]);
    FUZZ_CHECK(json && utf8_is_valid(json, strlen(json)));
    free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct surety_request defaults = {.id = NULL};
    struct gateway_chat chat;
    struct gateway_fault fault;
    const char *at = (const char *)data, *end = at + size;
    surety_settings_init(&defaults.settings);
    char *body = take(&at, end), *name = take(&at, end), *value = take(&at, end);
    enum surety_err code = gateway_chat_read(body, strlen(body), &defaults, &chat, &fault);
    if (!code)
        code = gateway_chat_header(&chat, name, value, &fault);
    if (!code)
        code = gateway_chat_check(&chat, &fault);
    if (code)
        check_refused(&fault);
    else
        check_taken(&chat);
    gateway_chat_fini(&chat);
    free(body);
    free(name);
    free(value);
    return 0;
}
