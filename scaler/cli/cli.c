#include "scaler/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/plain.h"
#include "scaler/cli/defaults.h"

int cli_fail(const struct command *command, enum cli_exit code, const char *format, ...)
{
    char message[1200];
    va_list args;
    va_start(args, format);
    int len = plain_vprint(message, sizeof message, format, args);
    va_end(args);
    /* messages quote files and models: nothing in them may drive the terminal */
    for (char *c = message; len > 0 && *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    fprintf(stderr, "surety %s: %s\n", command->name, len < 0 ? "" : message);
    return (int)code;
}

enum cli_exit cli_exit_of(enum surety_err code, enum cli_exit fallback)
{
    switch (code) {
    case SURETY_ERR_INVALID:
    case SURETY_ERR_LIMIT:
    case SURETY_ERR_UNSUPPORTED:
        return CLI_USAGE;
    case SURETY_ERR_UNREACHABLE:
    case SURETY_ERR_VERSION:
    case SURETY_ERR_PROTOCOL:
    case SURETY_ERR_ENGINE:
    case SURETY_ERR_LOST:
    case SURETY_ERR_ADDRESS_IN_USE:
    case SURETY_ERR_NOT_FOUND:
        return CLI_UNREACHABLE;
    default:
        return fallback;
    }
}

bool cli_flush(const struct command *command)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    cli_fail(command, CLI_UNREACHABLE, "the output could not be written: %s",
             errno ? strerror(errno) : "write error");
    return false;
}

static int help(const struct command *command)
{
    printf("usage: surety %s %s\n\n%s\n", command->name, command->synopsis, command->help);
    options_help(command->user, stdout);
    printf("\nExamples:\n");
    for (const char *line = command->examples; *line;) {
        size_t len = strcspn(line, "\n");
        printf("  %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
    return cli_flush(command) ? CLI_DONE : CLI_UNREACHABLE;
}

int cli_run(const struct command *command, int argc, char **argv)
{
    struct options options;
    struct surety_error error = {0};
    int code;
    if (options_parse(command->user, command->dash_operands, argc, argv, &options, &error) ||
        defaults_apply(command->user, &options, &error))
        code = cli_fail(command, CLI_USAGE, "%s; try 'surety %s --help'", error.message,
                        command->name);
    else if (options.help)
        code = help(command);
    else if (options.n_operands < command->min_operands ||
             options.n_operands > command->max_operands)
        code =
            cli_fail(command, CLI_USAGE, "usage: surety %s %s", command->name, command->synopsis);
    else
        code = command->run(command, &options);
    options_fini(&options);
    return code;
}

struct session_config cli_session(const struct options *options, const struct log *log)
{
    return (struct session_config){.broker = options->broker,
                                   .model = options->model,
                                   .engine = options->engine,
                                   .workers = options->workers,
                                   .threads = options->threads,
                                   .log = log};
}
