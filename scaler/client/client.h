/*
 * client.h - the client side of PROTOCOL.md: ask a broker, get progress and results.
 *
 * One thread at a time uses a client. Behind the public library and behind solve, grade, status.
 */
#ifndef SURETY_SCALER_CLIENT_CLIENT_H
#define SURETY_SCALER_CLIENT_CLIENT_H

#include <surety/types.h>

struct client;

/* Connects and waits for WELCOME. UNREACHABLE after timeout_ms (the message names the endpoint and
 * says what to do), VERSION, INVALID, NOMEM. The caller closes. */
enum surety_err client_open(const char *endpoint, int timeout_ms, struct client **ret_client,
                            struct surety_error *err);
void client_close(struct client *client); /* NULL is fine; sends BYE, cancels what is unanswered */

uint32_t client_window(const struct client *client); /* requests in flight at most */

/* Since the broker last said something. */
int64_t client_silence_ms(const struct client *client);

/* What the broker told with its last sign of life. */
struct client_signs {
    uint64_t beats;           /* signs so far; 0: it has not told anything yet */
    uint64_t outputs, tokens; /* that came, and were written, for its requests since it joined */
    uint32_t waiting;         /* its requests that no worker serves */
    const char *why;          /* for people; NULL: no worker has come yet. Until the next call */
};
struct client_signs client_signs(const struct client *client);

/* Sends a request. BUSY beyond the window. INVALID. Its id must be free. */
enum surety_err client_send(struct client *client, const struct surety_request *request,
                            struct surety_error *err);

/* Asks for the end of a request: its best result so far comes soon. Unknown ids are fine. */
enum surety_err client_cancel(struct client *client, const char *id, struct surety_error *err);

/* Asks what is served; the answer is an event, or is lost. */
void client_ask_models(struct client *client);

/* client_next also returns, with NOTHING, when this descriptor is readable; -1: none. */
void client_watch(struct client *client, int fd);

/* What came. The strings belong to the client until the next call. */
struct client_event {
    enum {
        CLIENT_NOTHING,
        CLIENT_ACCEPTED,
        CLIENT_PROGRESS,
        CLIENT_RESULT,
        CLIENT_FAILED,
        CLIENT_MODELS,
        CLIENT_DELTA
    } kind;
    const char *id;                    /* of the request; NULL: about the connection */
    const char *json;                  /* PROGRESS, RESULT: see proto/result_json.h */
    struct surety_error error;         /* FAILED */
    const char *text;                  /* DELTA: a piece of what is passed through, which begins */
    uint64_t at;                       /* at so many bytes of it */
    uint32_t status;                   /* likewise: of HTTP */
    const struct surety_model *models; /* MODELS: [n_models], what is served now */
    size_t n_models;
};

/* Waits up to timeout_ms (-1: for ever) for the next event; NOTHING after that, or when a signal
 * came. UNREACHABLE when the broker has been silent for too long. */
enum surety_err client_next(struct client *client, int timeout_ms, struct client_event *ret_event,
                            struct surety_error *err);

/* The broker's report as JSON; the caller frees. */
enum surety_err client_status(struct client *client, int timeout_ms, char **ret_json,
                              struct surety_error *err);

#endif
