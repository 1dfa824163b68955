#include "base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile int came; /* sig_atomic_t is an int here; worker.h wants an int */
static const char *volatile restore;
static int pipe_fds[2] = {-1, -1};

static void handle(int number)
{
    int saved = errno;
    if (came) {
        const char *sequence = restore;
        if (sequence && write(STDERR_FILENO, sequence, strlen(sequence)) < 0)
            _exit(130);
        _exit(130);
    }
    came = 1;
    if (pipe_fds[1] >= 0 && write(pipe_fds[1], "!", 1) < 0)
        came = 1; /* the flag alone tells then */
    errno = saved;
}

/* What whoever started us had ignored (nohup, a background job) stays ignored. */
static void install(int number, const struct sigaction *action)
{
    struct sigaction before;
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(number, action, NULL);
}

void interrupt_install(void)
{
    struct sigaction action = {.sa_handler = handle}; /* no SA_RESTART: waiting calls end */
    sigemptyset(&action.sa_mask);
    if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK))
        pipe_fds[0] = pipe_fds[1] = -1;
    install(SIGINT, &action);
    install(SIGTERM, &action);
    install(SIGHUP, &action);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

bool interrupt_came(void)
{
    return came;
}

const volatile int *interrupt_flag(void)
{
    return &came;
}

int interrupt_fd(void)
{
    return pipe_fds[0];
}

void interrupt_restore(const char *sequence)
{
    restore = sequence;
}
