/*
 * cli.h - what all commands of the program share: their description, exit codes and messages.
 *
 * Results go to stdout, everything else to stderr. Part of the program, not of the library: these
 * functions print.
 */
#ifndef SURETY_SCALER_CLI_CLI_H
#define SURETY_SCALER_CLI_CLI_H

#include "scaler/cli/options.h"
#include "scaler/client/session.h"
#include <surety/err.h>

enum cli_exit {
    CLI_DONE = 0,
    CLI_NO_ANSWER = 1, /* equal: different; check: wrong */
    CLI_USAGE = 2,
    CLI_UNKNOWN = 3,
    CLI_LINES_FAILED = 4,
    CLI_UNREACHABLE = 5,
    CLI_INTERRUPTED = 130
};

struct command {
    const char *name;
    enum option_user user;
    const char *synopsis; /* what follows the name */
    const char *summary;  /* one line for `surety --help` */
    const char *help;     /* what it does, in full sentences */
    const char *examples; /* one a line */
    size_t min_operands, max_operands;
    bool dash_operands; /* "-5" is an operand */
    int (*run)(const struct command *command, const struct options *options);
};

extern const struct command cmd_broker, cmd_check, cmd_claims, cmd_compare, cmd_equal, cmd_gateway,
    cmd_grade, cmd_profile, cmd_score, cmd_serve, cmd_show, cmd_solve, cmd_status;

/* Parses what follows the command's name, prints help or a usage error, or runs the command. */
int cli_run(const struct command *command, int argc, char **argv);

/* "surety NAME: message" to stderr; returns code. */
int cli_fail(const struct command *command, enum cli_exit code, const char *format, ...)
    SURETY_PRINTF(3, 4);

/* The exit code that fits an error: usage, unreachable, or (anything else) fallback. */
enum cli_exit cli_exit_of(enum surety_err code, enum cli_exit fallback);

/* What the options say of the broker and its workers. */
struct session_config cli_session(const struct options *options, const struct log *log);

/* Flushes stdout; false with a message when not all of it could be written (a full disk). */
bool cli_flush(const struct command *command);

#endif
