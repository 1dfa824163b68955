#include <surety/surety.h>

#include <stdlib.h>
#include <string.h>

#include "scaler/client/client.h"
#include "scaler/client/surety_internal.h"

struct surety_client {
    struct client *wire;
};

enum surety_err surety_client_open(const char *endpoint, int timeout_ms,
                                   struct surety_client **ret_client, struct surety_error *err)
{
    struct surety_client *client = calloc(1, sizeof *client);
    if (!client)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a client");
    enum surety_err code = client_open(endpoint, timeout_ms, &client->wire, err);
    if (code) {
        free(client);
        return code;
    }
    *ret_client = client;
    return SURETY_OK;
}

void surety_client_close(struct surety_client *client)
{
    if (!client)
        return;
    client_close(client->wire);
    free(client);
}

/* Shows the result so far; a PROGRESS that cannot be read is not worth failing for. */
static bool wants_more(const char *json, surety_progress_fn *on_progress, void *user)
{
    struct surety_result so_far;
    if (!on_progress || surety_result_from_text(json, &so_far, NULL))
        return true;
    bool more = on_progress(user, &so_far);
    surety_result_fini(&so_far);
    return more;
}

enum surety_err surety_client_ask(struct surety_client *client,
                                  const struct surety_request *request,
                                  surety_progress_fn *on_progress, void *user,
                                  struct surety_result *ret_result, struct surety_error *err)
{
    enum surety_err code = library_check_request(request, err);
    if (!code)
        code = client_send(client->wire, request, err);
    while (!code) {
        struct client_event event;
        code = client_next(client->wire, -1, &event, err);
        if (code || !event.id || strcmp(event.id, request->id) != 0) {
            if (!code && event.kind == CLIENT_FAILED)
                code = surety_fail(err, event.error.code, "%s", event.error.message);
            continue;
        }
        if (event.kind == CLIENT_RESULT)
            return surety_result_from_text(event.json, ret_result, err);
        if (event.kind == CLIENT_FAILED)
            code = surety_fail(err, event.error.code, "%s", event.error.message);
        else if (event.kind == CLIENT_PROGRESS && !wants_more(event.json, on_progress, user))
            code = client_cancel(client->wire, request->id, err);
    }
    return code;
}
