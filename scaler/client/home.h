/*
 * home.h - a private directory for sockets that does not outlive the program, however it ends.
 *
 * A small process of its own, the keeper, makes the directory and waits for the end of a pipe that
 * the program holds; then it removes the directory. So nothing is left after kill -9 either.
 */
#ifndef SURETY_SCALER_CLIENT_HOME_H
#define SURETY_SCALER_CLIENT_HOME_H

#include <surety/err.h>

#define HOME_PATH_MAX 90 /* bytes; ipc:// paths end at 107 */

struct home {
    char path[HOME_PATH_MAX + 1];
    int keeper_fd; /* -1: no home */
};

/* Makes a directory of mode 0700 in $TMPDIR, or in /tmp where that is unset or too long a path.
 * Forks, so the program may have no other threads yet. IO. */
enum surety_err home_create(struct home *home, struct surety_error *err);

/* Removes the directory with what is in it. A home that was never made (zeroed, -1) is fine. */
void home_remove(struct home *home);

#endif
