#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/outlet.h"
#include "base/plain.h"

void log_printf(const struct log *log, enum log_level level, const char *format, ...)
{
    if (!log || !log->write || level < log->least)
        return;
    char message[1000];
    va_list args;
    va_start(args, format);
    plain_vprint(message, sizeof message, format, args);
    va_end(args);
    log->write(log->user, level, message);
}

static void say_lost(void *user, uint64_t n, struct buf *line)
{
    buf_printf(line, "surety: warning: %llu lines were lost here, since nobody read them\n",
               (unsigned long long)n);
}

void log_to_stderr(void *user, enum log_level level, const char *message)
{
    (void)user;
    static struct outlet outlet = OUTLET_INIT(STDERR_FILENO, say_lost, NULL);
    static const char *const prefix[] = {"debug: ", "", "warning: ", "error: "};
    char line[1100];
    snprintf(line, sizeof line, "surety: %s%.1000s\n", prefix[level], message);
    outlet_put(&outlet, line, strlen(line));
}
