/*
 * store.h - where accepted requests are kept before they are acknowledged: one table of functions.
 *
 * The core holds ACCEPTED back until the store has answered. A store may answer late (a writer
 * thread, a group commit) or at once. What it cannot keep ends that request with an error to its
 * client, and nothing else. All functions are called by the broker's thread.
 *
 * A store does not yet give back what it kept before the broker began: a number names a request
 * only as long as this broker runs.
 */
#ifndef SURETY_SCALER_BROKER_STORE_H
#define SURETY_SCALER_BROKER_STORE_H

#include <surety/types.h>

/* How a request ended. */
struct store_end {
    enum {
        STORE_ANSWERED,     /* its result or its error is on its way to its client */
        STORE_CLIENT_GONE,  /* nobody wants an answer any more */
        STORE_BROKER_ENDED, /* before it was done; the best result so far is on its way */
    } how;
    enum surety_stop stop;     /* FAILED too when there is no result but an error */
    struct surety_error error; /* OK, or why there is no or only a partial answer */
    const char *json;          /* the result; NULL: there is none, or nobody wanted it */
};

struct store_ops {
    const char *name;
    size_t state_bytes; /* the caller allocates the state, zeroed */

    /* Begins to keep a request under a number that this broker never used before; copies what it
     * needs. An error (NOMEM, IO, LIMIT): it is not kept, and that is the answer. */
    enum surety_err (*put)(void *state, uint64_t number, const struct surety_request *request,
                           struct surety_error *err);

    /* True, and the answer to a put that was begun, each once: ret_error->code is OK when the
     * request is now kept, else says why it is not. */
    bool (*next)(void *state, uint64_t *ret_number, struct surety_error *ret_error);

    /* A descriptor that is readable while next has an answer, the same all the time; next takes
     * from it what makes it so. -1: next has each answer as soon as put has returned. */
    int (*fd)(void *state);

    /* The request is over; end lives for the call. Called once for each put, also for one that
     * failed, and perhaps before its answer, which may still come; but not by a broker that fails
     * itself. Whether to forget or to keep both is the store's affair, and so is a failure. */
    void (*end)(void *state, uint64_t number, const struct store_end *end);

    /* Frees everything. */
    void (*close)(void *state);
};

/* Keeps nothing and says yes at once: requests live as long as the broker does. */
extern const struct store_ops store_null;

#endif
