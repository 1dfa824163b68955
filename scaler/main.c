/*
 * main.c - the one binary: `surety COMMAND`.
 *
 * The only file of scaler/ that knows workers and engines.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine.h"
#include "scaler/about.h"
#include "scaler/cli.h"

static const struct command *const commands[] = {
    &cmd_show,
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
           "Commands ('surety COMMAND --help' tells more):\n");
    list_commands(stdout);
    printf("\nOptions:\n  --version  versions and features of this build\n"
           "  --help     this text\n");
    return fflush(stdout) ? CLI_UNREACHABLE : CLI_DONE;
}

static int print_version(void)
{
    printf("surety %s\nengines:", SURETY_VERSION);
    for (const struct engine_ops *const *engine = engine_all(); *engine; engine++)
        printf(" %s", (*engine)->name);
    printf("\n");
    about_print(stdout);
    return fflush(stdout) ? CLI_UNREACHABLE : CLI_DONE;
}

int main(int argc, char **argv)
{
    /* A reader that went away is an error of write, not a silent death. */
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return print_help();
    if (strcmp(name, "--version") == 0)
        return print_version();
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(name, commands[i]->name) == 0)
            return cli_run(commands[i], argc - 1, argv + 1);
    if (*name)
        fprintf(stderr, "surety: there is no command '%.80s'; the commands are:\n", name);
    else
        fprintf(stderr, "usage: surety COMMAND [options] ...; the commands are:\n");
    list_commands(stderr);
    return CLI_USAGE;
}
