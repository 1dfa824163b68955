#include "scaler/client/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"

#define LIFELINE_FD 3 /* in the child */
#define LAST_WORDS "surety worker: "
#define LOG_PREFIX "surety: " /* of what a child logs */
#define STOP_MS 2000

extern char **environ;

static uint32_t threads_of_each(const struct crew_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (config->threads || config->workers < 2 || cores < 1)
        return config->threads;
    uint32_t share = (uint32_t)cores / config->workers;
    return share ? share : 1;
}

/* Puts the child's descriptors in place and starts it. */
static int spawn(struct crew_child *child, char **argv, int lifeline, int err_out)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, ours;
    sigemptyset(&none);
    sigemptyset(&ours);
    sigaddset(&ours, SIGPIPE);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, err_out, 2);
    posix_spawn_file_actions_adddup2(&files, lifeline, LIFELINE_FD);
    posix_spawn_file_actions_addclosefrom_np(&files, LIFELINE_FD + 1);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &ours);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawn(&child->pid, "/proc/self/exe", &files, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

/* A copy above the descriptors of the child, so that dup2 onto them really copies. */
static int move_up(int fd)
{
    int up = fcntl(fd, F_DUPFD_CLOEXEC, 16);
    close(fd);
    return up;
}

static enum surety_err start_child(struct crew *crew, struct crew_child *child,
                                   struct surety_error *err)
{
    const struct crew_config *config = &crew->config;
    char fd[16], threads[16];
    char *argv[12];
    int n = 0, life[2] = {-1, -1}, out[2] = {-1, -1}, failed = EMFILE;
    snprintf(fd, sizeof fd, "%d", LIFELINE_FD);
    snprintf(threads, sizeof threads, "%u", threads_of_each(config));
    argv[n++] = (char *)"surety";
    argv[n++] = (char *)"worker";
    argv[n++] = (char *)"--lifeline-fd";
    argv[n++] = fd;
    argv[n++] = (char *)"--broker";
    argv[n++] = (char *)config->endpoint;
    argv[n++] = (char *)(config->engine ? "--engine" : "--model");
    argv[n++] = (char *)(config->engine ? config->engine : config->model);
    if (threads_of_each(config)) {
        argv[n++] = (char *)"--threads";
        argv[n++] = threads;
    }
    argv[n] = NULL;
    *child = (struct crew_child){.lifeline_fd = -1, .stderr_fd = -1};
    if (pipe2(life, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0) {
        life[0] = move_up(life[0]);
        out[1] = move_up(out[1]);
        failed = spawn(child, argv, life[0], out[1]);
    }
    if (life[0] >= 0)
        close(life[0]);
    if (out[1] >= 0)
        close(out[1]);
    if (failed) {
        child->pid = 0;
        if (life[1] >= 0)
            close(life[1]);
        if (out[0] >= 0)
            close(out[0]);
        return surety_fail(err, SURETY_ERR_IO, "a worker could not be started: %s",
                           strerror(failed));
    }
    child->lifeline_fd = life[1];
    child->stderr_fd = out[0];
    fcntl(child->stderr_fd, F_SETFL, O_NONBLOCK);
    return SURETY_OK;
}

enum surety_err crew_start(struct crew *crew, const struct crew_config *config,
                           struct surety_error *err)
{
    *crew = (struct crew){.config = *config};
    for (uint32_t i = 0; i < CREW_MAX; i++)
        crew->children[i] = (struct crew_child){.lifeline_fd = -1, .stderr_fd = -1};
    for (uint32_t i = 0; i < config->workers; i++) {
        enum surety_err code = start_child(crew, &crew->children[i], err);
        if (code)
            return code;
    }
    return SURETY_OK;
}

void crew_progress(struct crew *crew)
{
    crew->restarts = 0;
    crew->progressed = true;
}

/* A whole line of a child: its last words are kept, anything else is passed on. */
static void take_line(struct crew *crew, struct crew_child *child)
{
    size_t prefix = strlen(LAST_WORDS);
    char *line = child->line;
    line[child->n_line] = '\0';
    child->n_line = 0;
    if (strncmp(line, LAST_WORDS, prefix) == 0)
        surety_fail(&child->error, SURETY_ERR_ENGINE, "%s", line + prefix);
    else if (*line)
        log_printf(crew->config.log, LOG_WARN, "worker: %s",
                   strncmp(line, LOG_PREFIX, strlen(LOG_PREFIX)) ? line
                                                                 : line + strlen(LOG_PREFIX));
}

static void read_stderr(struct crew *crew, struct crew_child *child)
{
    char chunk[512];
    ssize_t n;
    while (child->stderr_fd >= 0 && (n = read(child->stderr_fd, chunk, sizeof chunk)) > 0)
        for (ssize_t i = 0; i < n; i++) {
            if (chunk[i] == '\n')
                take_line(crew, child);
            else if (child->n_line < sizeof child->line - 1)
                child->line[child->n_line++] = chunk[i];
        }
}

static void forget(struct crew_child *child)
{
    if (child->lifeline_fd >= 0)
        close(child->lifeline_fd);
    if (child->stderr_fd >= 0)
        close(child->stderr_fd);
    child->lifeline_fd = child->stderr_fd = -1;
    child->pid = 0;
}

/* The child ended with this status: again, or no more? */
static enum surety_err replace(struct crew *crew, struct crew_child *child, int status,
                               struct surety_error *err)
{
    struct surety_error last = child->error;
    char how[64];
    if (WIFSIGNALED(status))
        snprintf(how, sizeof how, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(how, sizeof how, "ended with status %d", WEXITSTATUS(status));
    forget(child);
    if (last.code && !crew->progressed)
        return surety_fail(err,
                           WIFEXITED(status) && WEXITSTATUS(status) == 2 ? SURETY_ERR_INVALID
                                                                         : SURETY_ERR_ENGINE,
                           "%s", last.message);
    if (crew->restarts == CREW_RESTARTS)
        return surety_fail(err, SURETY_ERR_ENGINE,
                           "the worker %s; it was started again %d times and made no progress%s%s",
                           how, CREW_RESTARTS, last.code ? ": " : "", last.message);
    crew->restarts++;
    log_printf(crew->config.log, LOG_WARN, "a worker %s%s%s; it is started again", how,
               last.code ? ": " : "", last.message);
    return start_child(crew, child, err);
}

enum surety_err crew_tend(struct crew *crew, struct surety_error *err)
{
    for (uint32_t i = 0; i < crew->config.workers; i++) {
        struct crew_child *child = &crew->children[i];
        int status;
        if (!child->pid)
            continue;
        pid_t pid = waitpid(child->pid, &status, WNOHANG);
        read_stderr(crew, child);
        if (pid != child->pid)
            continue;
        if (child->n_line)
            take_line(crew, child);
        enum surety_err code = replace(crew, child, status, err);
        if (code)
            return code;
    }
    return SURETY_OK;
}

/* Waits for a child whose lifeline was cut. */
static void await_end(struct crew *crew, struct crew_child *child, int64_t end_ms)
{
    while (waitpid(child->pid, NULL, WNOHANG) == 0) {
        /* its stderr ends when it does, so that nothing has to be polled for */
        struct pollfd wait = {.fd = child->stderr_fd, .events = POLLIN};
        int64_t left = end_ms - clock_now_ms();
        bool ended = left > 0 && poll(&wait, 1, (int)left) > 0 && wait.revents == POLLHUP;
        if (left <= 0)
            kill(child->pid, SIGKILL);
        if (left <= 0 || ended) {
            waitpid(child->pid, NULL, 0);
            return;
        }
        read_stderr(crew, child);
    }
}

void crew_stop(struct crew *crew)
{
    int64_t end_ms = clock_now_ms() + STOP_MS;
    for (uint32_t i = 0; i < crew->config.workers; i++) {
        if (crew->children[i].lifeline_fd >= 0)
            close(crew->children[i].lifeline_fd);
        crew->children[i].lifeline_fd = -1;
    }
    for (uint32_t i = 0; i < crew->config.workers; i++) {
        if (crew->children[i].pid)
            await_end(crew, &crew->children[i], end_ms);
        read_stderr(crew, &crew->children[i]); /* what it said as it ended */
        forget(&crew->children[i]);
    }
}
