/*
 * cmd_broker.c - `surety broker`: the broker as a process of its own.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "scaler/broker/broker.h"
#include "scaler/cli/cli.h"
#include "scaler/cli/journal.h"

static int run(const struct command *command, const struct options *options)
{
    struct surety_error error = {0};
    struct log log = {log_to_stderr, NULL, LOG_INFO};
    if (!options->client_endpoint || !options->worker_endpoint)
        return cli_fail(command, CLI_USAGE, "usage: surety broker %s", command->synopsis);
    if (strcmp(options->client_endpoint, options->worker_endpoint) == 0)
        return cli_fail(command, CLI_USAGE, "clients and workers need different endpoints");
    struct journal journal = {.utc_ms = clock_utc_ms,
                              .out = OUTLET_INIT(STDERR_FILENO, journal_lost, &journal)};
    if (options->log) {
        journal.json = strcmp(options->log, "json") == 0;
        if (!journal.json && strcmp(options->log, "text") != 0)
            return cli_fail(command, CLI_USAGE, "--log must be text or json, not '%.80s'",
                            options->log);
        log.write = journal_message;
        log.user = &journal;
    }
    interrupt_install();
    struct broker_config config = {.client_endpoint = options->client_endpoint,
                                   .worker_endpoint = options->worker_endpoint,
                                   .heartbeat_ms = options->heartbeat_ms,
                                   .stall_ms = options->stall_ms,
                                   .max_queued_bytes = (size_t)options->queue_mib << 20,
                                   .stop_fd = interrupt_fd(),
                                   .ready_fd = -1,
                                   .log = &log,
                                   .note = options->log ? journal_note : NULL,
                                   .note_user = &journal};
    enum surety_err code = broker_run(&config, &error);
    outlet_fini(&journal.out);
    if (code)
        return cli_fail(command, cli_exit_of(code, CLI_UNREACHABLE), "%s", error.message);
    return CLI_DONE;
}

const struct command cmd_broker = {
    .name = "broker",
    .user = USER_BROKER,
    .synopsis = "--client-endpoint E --worker-endpoint E [options]",
    .summary = "run a broker",
    .help =
        "Takes problems from clients, fans them out to workers, and returns answers, until it is\n"
        "interrupted. Endpoints are ipc://PATH or tcp://127.0.0.1:PORT; other addresses are\n"
        "refused, since connections are not encrypted yet. The work of a worker that dies goes\n"
        "to another one, with the same seeds.",
    .examples = "surety broker --client-endpoint ipc:///tmp/surety.c "
                "--worker-endpoint ipc:///tmp/surety.w",
    .run = run,
};
