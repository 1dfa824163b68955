/*
 * main.c - the one binary: `surety COMMAND`.
 *
 * The only file of scaler/ that knows workers and engines.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/jsonl.h"
#include "claims/math/equal.h"
#include "engine/engine.h"
#include "proto/endpoint.h"
#include "scaler/cli/about.h"
#include "scaler/cli/cli.h"
#include "scaler/client/demo.h"
#include "workers/worker.h"

/* ---- surety worker ---- */

/* The engine that was named, as a spec: --engine, or gguf with --model or the demo model. */
static enum surety_err choose_engine(const struct options *options, struct engine_spec *spec,
                                     struct surety_error *err)
{
    char demo[4096];
    const char *model = options->model;
    if (options->engine && model)
        return surety_fail(err, SURETY_ERR_INVALID, "give --model or --engine, not both");
    if (options->engine)
        return engine_spec_parse(options->engine, spec, err);
    if (!model && demo_model(demo, sizeof demo, err))
        return SURETY_ERR_INVALID;
    struct engine_option *option = calloc(1, sizeof *option);
    *spec = (struct engine_spec){.name = strdup("gguf"), .options = option, .n_options = 1};
    if (option) {
        option->key = strdup("");
        option->value = strdup(model ? model : demo);
    }
    return SURETY_OK;
}

static bool is_engine(const char *name)
{
    for (const struct engine_ops *const *engine = engine_all(); *engine; engine++)
        if (strcmp((*engine)->name, name) == 0)
            return true;
    return false;
}

static int run_worker(const struct command *command, const struct options *options)
{
    struct surety_error error = {0};
    struct engine_spec spec = {0};
    struct log log = {log_to_stderr, NULL, options->lifeline_fd >= 0 ? LOG_WARN : LOG_INFO};
    if (!options->broker)
        return cli_fail(command, CLI_USAGE, "usage: surety worker %s", command->synopsis);
    if (endpoint_check(options->broker, &error))
        return cli_fail(command, CLI_USAGE, "%s", error.message);
    if (options->worker_name && strlen(options->worker_name) > SURETY_NAME_MAX)
        return cli_fail(command, CLI_USAGE, "--name takes at most %d bytes", SURETY_NAME_MAX);
    interrupt_install();
    if (options->lifeline_fd >= 0) /* Ctrl-C is the parent's business */
        sigaction(SIGINT, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    enum surety_err code = choose_engine(options, &spec, &error);
    if (!code) {
        struct worker_config config = {.broker = options->broker,
                                       .engine = spec.name,
                                       .name = options->worker_name,
                                       .engine_config = {.options = spec.options,
                                                         .n_options = spec.n_options,
                                                         .threads = options->threads,
                                                         .slots = options->slots,
                                                         .log = &log},
                                       .lifeline_fd = options->lifeline_fd,
                                       .stop = interrupt_flag(),
                                       .log = &log};
        code = worker_run(&config, &error);
    }
    int exit_code = CLI_DONE;
    if (code) /* one that is called wrongly must be told from one whose engine is broken */
        exit_code =
            cli_fail(command, spec.name && is_engine(spec.name) ? CLI_UNREACHABLE : CLI_USAGE, "%s",
                     error.message);
    engine_spec_fini(&spec);
    return exit_code;
}

static const struct command cmd_worker = {
    .name = "worker",
    .user = USER_WORKER,
    .synopsis = "--broker ENDPOINT [options]",
    .summary = "run a worker with an engine",
    .help =
        "Registers with a broker at its worker endpoint, runs what it is given, and streams the\n"
        "outputs, until it is interrupted. Without an engine the demo model is used.",
    .examples = "surety worker --broker ipc:///tmp/surety.w --model model.gguf\n"
                "surety worker --broker ipc:///tmp/surety.w --upstream http://127.0.0.1:8080",
    .run = run_worker,
};

static const struct command *const commands[] = {
    &cmd_solve, &cmd_serve,  &cmd_grade,   &cmd_score,  &cmd_compare, &cmd_show,    &cmd_equal,
    &cmd_check, &cmd_claims, &cmd_profile, &cmd_broker, &cmd_worker,  &cmd_gateway, &cmd_status,
};
#define N_COMMANDS (sizeof commands / sizeof commands[0])

static void list_commands(FILE *out)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
}

static int print_help(void)
{
    printf("usage: surety COMMAND [options] ...\n\n"
           "Makes a language model more reliable: samples many solutions, tries to refute the\n"
           "claims of each, and returns the answer with the most reliability behind it.\n\n"
           "Commands ('surety help COMMAND' tells more):\n");
    list_commands(stdout);
    printf("\nOptions:\n  --version  versions and features of this build\n"
           "  --help     this text\n");
    return fflush(stdout) ? CLI_UNREACHABLE : CLI_DONE;
}

static int print_version(void)
{
    printf("surety %s\n", SURETY_VERSION);
    for (const struct engine_ops *const *engine = engine_all(); *engine; engine++)
        printf("engine %s: %s%s%s%s\n", (*engine)->name, (*engine)->summary,
               (*engine)->features ? " (" : "", (*engine)->features ? (*engine)->features() : "",
               (*engine)->features ? ")" : "");
    about_print(stdout);
    return fflush(stdout) ? CLI_UNREACHABLE : CLI_DONE;
}

/* A closed standard stream must not become some socket's number. Writing to it still fails. */
static void occupy_standard_streams(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
            _exit(CLI_UNREACHABLE);
}

int main(int argc, char **argv)
{
    occupy_standard_streams();
    jsonl_count_failures();
    /* A reader that went away is an error of write, not a silent death. */
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    const char *name = argc > 1 ? argv[1] : "";
    bool help = strcmp(name, "help") == 0;
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || (help && argc < 3))
        return print_help();
    if (strcmp(name, "--version") == 0)
        return print_version();
    char flag[] = "--help", *asked[] = {NULL, help ? argv[2] : NULL, flag, NULL};
    if (help) { /* as COMMAND --help */
        name = asked[1];
        argv = asked;
        argc = 3;
    }
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(name, commands[i]->name) == 0) {
            int code = cli_run(commands[i], argc - 1, argv + 1);
            equal_thread_cleanup();
            return code;
        }
    if (*name)
        fprintf(stderr, "surety: there is no command '%.80s'; the commands are:\n", name);
    else
        fprintf(stderr, "usage: surety COMMAND [options] ...; the commands are:\n");
    list_commands(stderr);
    return CLI_USAGE;
}
