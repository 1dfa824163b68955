/*
 * child.h - a command that is kept running and speaks lines. Knows no JSON and no items.
 *
 * It has a process group of its own, so that what it starts ends with it. Its stdin ends when this
 * process does, in whatever way. What it writes to stderr goes where ours goes.
 */
#ifndef SURETY_ENGINE_EXEC_CHILD_H
#define SURETY_ENGINE_EXEC_CHILD_H

#include <sys/types.h>

#include "base/buf.h"

#define CHILD_WORDS_MAX 128
#define CHILD_LINE_MAX ((size_t)64 << 20) /* bytes of a line that it writes */

struct child { /* zeroed: none runs */
    pid_t pid;
    int fd;           /* its stdin and stdout */
    struct buf lines; /* read, but not taken */
    size_t taken;     /* of lines, the bytes of the line that was given out */
    size_t seen;      /* of lines, bytes without a newline */
};

/* Splits a command at blanks; "double quotes" keep them. *ret_words is NULL-terminated, in memory
 * that the caller frees at once with free. INVALID: nothing, too many words, an open quote. NOMEM.
 */
enum surety_err child_words(const char *command, char ***ret_words, struct surety_error *err);

/* NOT_FOUND, INVALID (not to be run), IO, with the command's name. */
enum surety_err child_start(struct child *child, char **words, struct surety_error *err);

/* Writes what it takes now; *sent is moved. LOST: it does not read any more. */
enum surety_err child_write(struct child *child, const char *data, size_t len, size_t *sent);

/* Reads what is there now. LOST: it has gone; LIMIT: a line is too long; NOMEM. */
enum surety_err child_read(struct child *child);

/* The next whole line that was read, without its newline, valid until the next call; else NULL. */
char *child_line(struct child *child, size_t *ret_len);

/* Ends its whole group by SIGKILL and takes its status, as waitpid gives it. Zeroed is fine. */
int child_kill(struct child *child);

#endif
