/*
 * log.h - the log callback. Library code never prints: it calls the sink it was given.
 */
#ifndef SURETY_BASE_LOG_H
#define SURETY_BASE_LOG_H

#include <surety/err.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log {
    void (*write)(void *user, enum log_level level, const char *message); /* one line, no newline */
    void *user;
    enum log_level least; /* quieter messages are dropped before they are formatted */
};

/* NULL log or NULL write: silent. Cut at 1,000 bytes. Any thread, if write allows it. */
void log_printf(const struct log *log, enum log_level level, const char *format, ...)
    SURETY_PRINTF(3, 4);

/* A write function for programs: "surety: message" to stderr, warnings and errors named. Any
 * thread; never waits (outlet.h). */
void log_to_stderr(void *user, enum log_level level, const char *message);

#endif
