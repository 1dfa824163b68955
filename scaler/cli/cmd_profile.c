/*
 * cmd_profile.c - `surety profile`: the built-in profiles, to read or to copy.
 */
#include <stdio.h>

#include "claims/read/profile.h"
#include "scaler/cli/cli.h"
#include <surety/settings.h>

static int list(const struct command *command)
{
    for (const char *const *name = profile_builtin_names(); *name; name++) {
        struct profile *profile;
        struct surety_error error;
        if (profile_parse(profile_builtin(*name), &profile, &error))
            return cli_fail(command, CLI_NO_ANSWER, "%s: %s", *name, error.message);
        printf("%-10s --verify %s", *name, surety_verify_name(profile_verify(profile)));
        for (enum surety_verify v = SURETY_VERIFY_NONE + 1; v < SURETY_VERIFY_COUNT_; v++)
            if (v != profile_verify(profile) && profile_can_verify(profile, v))
                printf(", %s", surety_verify_name(v));
        putchar('\n');
        profile_free(profile);
    }
    return CLI_DONE;
}

static int run(const struct command *command, const struct options *options)
{
    int code = CLI_DONE;
    if (options->n_operands == 0) {
        code = list(command);
    } else {
        const char *text = profile_builtin(options->operands[0]);
        if (!text)
            return cli_fail(command, CLI_NO_ANSWER,
                            "there is no built-in profile '%.80s'; 'surety profile' lists them",
                            options->operands[0]);
        fputs(text, stdout);
    }
    return cli_flush(command) ? code : CLI_UNREACHABLE;
}

const struct command cmd_profile = {
    .name = "profile",
    .user = USER_PROFILE,
    .synopsis = "[NAME]",
    .summary = "list the built-in profiles, or print one",
    .help = "A profile words the prompts for a model and says how its replies are read. Without a\n"
            "name the built-in ones are listed, with the ways of verifying that each has, its own\n"
            "first. To adapt one, print it to a file, edit that, and name it with --profile.",
    .examples = "surety profile\n"
                "surety profile instruct > mine.profile",
    .max_operands = 1,
    .run = run,
};
