/*
 * session.h - a client with a broker behind it: a running one (--broker), or a private one, which
 * is a thread of this program with worker children and sockets in a private directory.
 */
#ifndef SURETY_SCALER_CLIENT_SESSION_H
#define SURETY_SCALER_CLIENT_SESSION_H

#include <pthread.h>

#include "scaler/client/client.h"
#include "scaler/client/crew.h"
#include "scaler/client/home.h"

struct session_config {
    const char *broker;         /* a running one's client endpoint; NULL: a private one */
    const char *model, *engine; /* of the private broker's workers, as on the command line; one or
                                 * none of them: the demo model */
    uint32_t workers, threads;  /* 1..CREW_MAX; threads of each, 0: the cores divided among them */
    const struct log *log;
    void (*tick)(void *user); /* called often while session_check waits; NULL: nothing to do */
    void *user;
};

struct session {
    struct client *client;
    bool private_broker; /* the rest is in use */
    struct home home;
    char client_endpoint[HOME_PATH_MAX + 16], worker_endpoint[HOME_PATH_MAX + 16];
    int stop_fd; /* the broker thread ends when it is closed */
    pthread_t thread;
    bool thread_runs;
    struct surety_error broker_error; /* the thread's, to be read after its end */
    void *thread_arg;
    char *broker; /* NULL: a private one */
    struct crew crew;
    void (*tick)(void *user);
    void *user;
    char model[4096]; /* the demo model, where no engine was named */
};

/* UNREACHABLE (no broker there), NOT_FOUND (no engine named, no demo model), INVALID, IO, NOMEM.
 * The program may have no other threads yet. Ended by session_close, also after a failure. */
enum surety_err session_open(struct session *session, const struct session_config *config,
                             struct surety_error *err);

/* As client_next, and looks after the workers: may also return what crew_tend does. timeout_ms is
 * cut to 100. */
enum surety_err session_next(struct session *session, int timeout_ms, struct client_event *ret,
                             struct surety_error *err);

/* A fresh client in the place of one that the broker has left; what was in flight is lost.
 * UNREACHABLE after timeout_ms: there is no client then, and it may be tried again. */
enum surety_err session_rejoin(struct session *session, int timeout_ms, struct surety_error *err);

/* For people, what requests wait for that no worker serves (any more); until the next call. */
const char *session_waits_for(const struct session *session);

/*
 * Whether a plan can be made of the request for the models that will serve it, of which only the
 * profiles matter: INVALID, and what session_next returns. Waits for a worker of the private
 * broker; what another broker does not serve yet is not checked. CANCELLED by an interrupt. Before
 * anything is sent. ret, unless NULL, gets a result without anything but the run that such a
 * request will have, as far as it is known (the caller ends it); all zero where nothing is.
 */
enum surety_err session_check(struct session *session, const struct surety_request *request,
                              struct surety_result *ret, struct surety_error *err);

void session_close(struct session *session);

#endif
