/*
 * store.h - where accepted requests are kept before they are acknowledged: one table of functions.
 *
 * The core holds ACCEPTED back until the store has answered. A store may answer late (a writer
 * thread, a group commit) or at once, but always through next, so that the order is the same.
 */
#ifndef SURETY_SCALER_BROKER_STORE_H
#define SURETY_SCALER_BROKER_STORE_H

#include <surety/types.h>

struct store_ops {
    const char *name;
    size_t state_bytes; /* the caller allocates the state, zeroed */

    /* Begins to keep a request under a number; copies what it needs. NOMEM, IO. */
    enum surety_err (*put)(void *state, uint64_t number, const struct surety_request *request,
                           struct surety_error *err);

    /* True, and the number of a request that is now kept, each put once. */
    bool (*next)(void *state, uint64_t *ret_number);

    /* Frees everything. */
    void (*close)(void *state);
};

/* Keeps nothing and says yes at once: requests live as long as the broker does. */
extern const struct store_ops store_null;

#endif
