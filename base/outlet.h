/*
 * outlet.h - lines for a descriptor that nobody may be reading: a pipe, a terminal that is stopped.
 *
 * Never waits. A line for which there is no room now is lost and counted; a line that was begun is
 * finished before the next, and how many were lost is told before the next that goes out. Knows
 * nothing of what a line looks like.
 */
#ifndef SURETY_BASE_OUTLET_H
#define SURETY_BASE_OUTLET_H

#include <pthread.h>
#include <stdint.h>

#include "base/buf.h"

struct outlet {
    int fd;
    /* Appends the line that tells of n lost ones, with its newline. */
    void (*lost)(void *user, uint64_t n, struct buf *line);
    void *user;
    pthread_mutex_t lock;
    struct buf rest; /* of a line that was begun */
    size_t sent;     /* of rest */
    uint64_t n_lost;
};

#define OUTLET_INIT(descriptor, lost_fn, lost_user)                                                \
    {                                                                                              \
        .fd = (descriptor), .lost = (lost_fn), .user = (lost_user),                                \
        .lock = PTHREAD_MUTEX_INITIALIZER, .rest = {                                               \
            .max = OUTLET_LINE_MAX                                                                 \
        }                                                                                          \
    }

#define OUTLET_LINE_MAX 131072 /* bytes of a line; longer ones are lost */

/* Any thread. The line ends in a newline; it is copied where it has to wait. */
void outlet_put(struct outlet *outlet, const char *line, size_t len);

void outlet_fini(struct outlet *outlet); /* what has not left is lost */

#endif
