#include "base/outlet.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

/* A pipe that poll calls writable takes PIPE_BUF bytes without waiting, and so do the others. */
static bool has_room(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    return poll(&wait, 1, 0) == 1;
}

/* True when all of the rest has left, or never can. */
static bool drain(struct outlet *o)
{
    while (o->sent < o->rest.len && has_room(o->fd)) {
        size_t left = o->rest.len - o->sent;
        ssize_t n = write(o->fd, o->rest.data + o->sent, left < PIPE_BUF ? left : PIPE_BUF);
        if (n < 0 && errno == EAGAIN)
            return false;
        if (n < 0 && errno != EINTR)
            o->sent = o->rest.len;
        o->sent += n > 0 ? (size_t)n : 0;
    }
    if (o->sent < o->rest.len)
        return false;
    o->sent = 0;
    buf_reset(&o->rest);
    return true;
}

void outlet_put(struct outlet *o, const char *line, size_t len)
{
    pthread_mutex_lock(&o->lock);
    if (drain(o) && has_room(o->fd)) {
        if (o->n_lost)
            o->lost(o->user, o->n_lost, &o->rest);
        if (buf_append(&o->rest, line, len)) {
            buf_reset(&o->rest); /* a line too long; those that were lost are told with the next */
            o->n_lost++;
        } else {
            o->n_lost = 0;
        }
        drain(o);
    } else {
        o->n_lost++;
    }
    pthread_mutex_unlock(&o->lock);
}

void outlet_fini(struct outlet *o)
{
    buf_fini(&o->rest);
    pthread_mutex_destroy(&o->lock);
}
