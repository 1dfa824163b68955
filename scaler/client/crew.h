/*
 * crew.h - worker children: the own binary again, held by a pipe, restarted when they die.
 *
 * A child ends when its pipe does, so none outlives the program. One thread uses a crew.
 */
#ifndef SURETY_SCALER_CLIENT_CREW_H
#define SURETY_SCALER_CLIENT_CREW_H

#include <sys/types.h>

#include "base/log.h"
#include <surety/types.h>

#define CREW_MAX 64
#define CREW_RESTARTS 3 /* without progress between them */

struct crew_config {
    const char *endpoint;       /* the broker's worker endpoint */
    const char *model, *engine; /* as on the command line; NULL: not given */
    uint32_t workers;           /* 1..CREW_MAX */
    uint32_t threads;           /* of each; 0: the cores divided among them */
    const struct log *log;      /* gets what the children print */
};

struct crew_child {
    pid_t pid;       /* 0: not running */
    int lifeline_fd; /* the end that keeps it alive */
    int stderr_fd;   /* what it prints */
    char line[600];  /* the beginning of a line that is not whole yet */
    size_t n_line;
    struct surety_error error; /* its last words, "surety worker: ..." */
};

struct crew {
    struct crew_config config;
    struct crew_child children[CREW_MAX];
    uint32_t restarts; /* since the last progress */
    bool progressed;   /* ever */
};

/* Starts the children. IO. Ended by crew_stop, also after a failure. */
enum surety_err crew_start(struct crew *crew, const struct crew_config *config,
                           struct surety_error *err);

/* Work came back: deaths before this do not count any more. */
void crew_progress(struct crew *crew);

/*
 * Looks after the children, without waiting: passes on what they print and starts dead ones again.
 * ENGINE (INVALID when the child said that it was called wrongly) when a child failed before any
 * work was done, with its own words, or when children died too often without progress.
 */
enum surety_err crew_tend(struct crew *crew, struct surety_error *err);

/* Ends the children and waits for them: 2 s for a clean end, then SIGKILL. Zeroed is fine. */
void crew_stop(struct crew *crew);

#endif
