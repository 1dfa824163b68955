#include "engine/exec/child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum surety_err child_words(const char *command, char ***ret_words, struct surety_error *err)
{
    size_t table = (CHILD_WORDS_MAX + 1) * sizeof(char *), n = 0;
    char **words = calloc(1, table + strlen(command) + 1);
    if (!words)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a command");
    char *out = (char *)words + table;
    bool quoted = false, inside = false;
    for (const char *c = command; *c; c++) {
        if (*c == ' ' && !quoted) {
            if (inside)
                *out++ = '\0';
            inside = false;
            continue;
        }
        if (!inside && n < CHILD_WORDS_MAX)
            words[n] = out;
        n += !inside;
        inside = true;
        if (*c == '"')
            quoted = !quoted;
        else
            *out++ = *c;
    }
    if (n > 0 && n <= CHILD_WORDS_MAX && !quoted) {
        *ret_words = words;
        return SURETY_OK;
    }
    free(words);
    return surety_fail(err, SURETY_ERR_INVALID, "exec: the command \"%.200s\" %s", command,
                       quoted  ? "has an open quote"
                       : n > 0 ? "has too many words"
                               : "is empty");
}

static int spawn(struct child *child, char **words, int fd)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, fd, 0);
    posix_spawn_file_actions_adddup2(&files, fd, 1);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawnp(&child->pid, words[0], &files, &attributes, words, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

enum surety_err child_start(struct child *child, char **words, struct surety_error *err)
{
    int ends[2]; /* a socket, so that writing to one that has gone is an error and no signal */
    *child = (struct child){0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return surety_fail(err, SURETY_ERR_IO, "exec: no pipe to \"%.200s\": %s", words[0],
                           strerror(errno));
    int failed = spawn(child, words, ends[1]);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        *child = (struct child){0};
        return surety_fail(err,
                           failed == ENOENT   ? SURETY_ERR_NOT_FOUND
                           : failed == EAGAIN ? SURETY_ERR_IO
                                              : SURETY_ERR_INVALID,
                           "exec: \"%.200s\" cannot be run: %s", words[0], strerror(failed));
    }
    child->fd = ends[0];
    buf_init(&child->lines, CHILD_LINE_MAX);
    return SURETY_OK;
}

enum surety_err child_write(struct child *child, const char *data, size_t len, size_t *sent)
{
    while (*sent < len) {
        ssize_t n = send(child->fd, data + *sent, len - *sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? SURETY_OK : SURETY_ERR_LOST;
        *sent += (size_t)n;
    }
    return SURETY_OK;
}

enum surety_err child_read(struct child *child)
{
    char chunk[65536];
    for (;;) {
        ssize_t n = recv(child->fd, chunk, sizeof chunk, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return SURETY_OK;
        if (n <= 0)
            return SURETY_ERR_LOST;
        enum surety_err code = buf_append(&child->lines, chunk, (size_t)n);
        if (code)
            return code;
    }
}

char *child_line(struct child *child, size_t *ret_len)
{
    struct buf *b = &child->lines;
    if (child->taken) { /* the one that was given out */
        memmove(b->data, b->data + child->taken, b->len - child->taken + 1);
        b->len -= child->taken;
        child->taken = child->seen = 0;
    }
    char *end =
        b->len > child->seen ? memchr(b->data + child->seen, '\n', b->len - child->seen) : NULL;
    if (!end) {
        child->seen = b->len;
        return NULL;
    }
    *end = '\0';
    *ret_len = (size_t)(end - b->data);
    child->taken = *ret_len + 1;
    return b->data;
}

int child_kill(struct child *child)
{
    int status = 0;
    if (!child->pid)
        return 0;
    kill(-child->pid, SIGKILL); /* those that it started too */
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(child->fd);
    buf_fini(&child->lines);
    *child = (struct child){0};
    return status;
}
