#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

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

void log_to_stderr(void *user, enum log_level level, const char *message)
{
    (void)user;
    static const char *const prefix[] = {"debug: ", "", "warning: ", "error: "};
    fprintf(stderr, "surety: %s%s\n", prefix[level], message);
}
