/*
 * journal.h - what a broker has to tell, one line each with its time: `surety broker --log`.
 *
 * Lines for people are "TIME event key=value ...", those for programs are JSON objects with the
 * same keys. Whatever peers say is escaped: a line is one line, of ASCII, on any terminal.
 */
#ifndef SURETY_SCALER_CLI_JOURNAL_H
#define SURETY_SCALER_CLI_JOURNAL_H

#include "base/log.h"
#include "base/outlet.h"
#include "scaler/broker/core.h"

struct journal {
    bool json;
    int64_t (*utc_ms)(void); /* clock_utc_ms */
    struct outlet out;       /* a broker waits for no reader; its lost function is journal_lost */
};

/* Of struct broker_config, and of struct log. */
void journal_note(void *journal, const struct core_note *note);
void journal_message(void *journal, enum log_level level, const char *message);

/* Of struct outlet: lines that nobody took. */
void journal_lost(void *journal, uint64_t n, struct buf *line);

#endif
