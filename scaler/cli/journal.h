/*
 * journal.h - what a broker has to tell, one line each with its time: `surety broker --log`.
 *
 * Lines for people are "TIME event key=value ...", those for programs are JSON objects with the
 * same keys. Whatever peers say is escaped: a line is one line, of ASCII, on any terminal.
 */
#ifndef SURETY_SCALER_CLI_JOURNAL_H
#define SURETY_SCALER_CLI_JOURNAL_H

#include <stdio.h>

#include "base/log.h"
#include "scaler/broker/core.h"

struct journal {
    bool json;
    FILE *out;
    int64_t (*utc_ms)(void); /* clock_utc_ms */
};

/* Of struct broker_config, and of struct log. */
void journal_note(void *journal, const struct core_note *note);
void journal_message(void *journal, enum log_level level, const char *message);

#endif
