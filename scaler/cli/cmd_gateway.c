/*
 * cmd_gateway.c - `surety gateway` and `surety serve`: a chat endpoint in front of a running
 * broker, or of one of its own with workers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "scaler/cli/cli.h"
#include "scaler/cli/input.h"
#include "scaler/gateway/gateway.h"

/* What is known of the models, and what a client is to be told. */
static void tell_ready(void *user, const char *address, const struct surety_model *models, size_t n)
{
    const struct log *log = user;
    for (size_t i = 0; i < n; i++) {
        char context[40] = "context not told";
        if (models[i].context_tokens)
            snprintf(context, sizeof context, "context %u", models[i].context_tokens);
        log_printf(log, LOG_INFO, "model %s: engine %s, %u at a time, %s, seeds %s", models[i].name,
                   models[i].engine, models[i].slots, context,
                   strcmp(models[i].repro, "none") == 0 ? "do not repeat" : "repeat");
    }
    log_printf(log, LOG_INFO, "ready: base URL http://%s/v1, model surety-%s", address,
               models[0].name);
}

static int run(const struct command *command, const struct options *options)
{
    struct surety_error error = {0};
    struct session session;
    struct log log = {log_to_stderr, NULL, LOG_INFO}, warnings = {log_to_stderr, NULL, LOG_WARN};
    char id[] = "", *profile = NULL;
    if (!options->http || (command->user == USER_GATEWAY && !options->broker))
        return cli_fail(command, CLI_USAGE, "usage: surety %s %s", command->name,
                        command->synopsis);
    if (input_profile(options->profile, &profile, &error))
        return cli_fail(command, CLI_USAGE, "%s", error.message);
    struct surety_request defaults = options_request(options, id, NULL, profile);
    struct session_config session_config = cli_session(options, &warnings);
    struct gateway_config config = {.http = options->http,
                                    .session = &session,
                                    .defaults = &defaults,
                                    .log = &log,
                                    .ready = tell_ready,
                                    .user = &log};
    interrupt_install();
    enum surety_err code = session_open(&session, &session_config, &error);
    if (!code)
        code = gateway_run(&config, &error);
    session_close(&session);
    free(profile);
    return code ? cli_fail(command, cli_exit_of(code, CLI_UNREACHABLE), "%s", error.message)
                : CLI_DONE;
}

const struct command cmd_gateway = {
    .name = "gateway",
    .user = USER_GATEWAY,
    .synopsis = "--broker ENDPOINT --http HOST:PORT [options]",
    .summary = "a chat endpoint over HTTP in front of a broker",
    .help =
        "Answers POST /v1/chat/completions as OpenAI's servers do, streamed or not, until it is\n"
        "interrupted. The model surety-NAME is NAME asked many times: the reply is the best "
        "sample\n"
        "behind the answer with the most reliability, as the model wrote it, and its member\n"
        "\"surety\" has the evidence. Also GET /v1/models, /healthz and /readyz. The options "
        "under\n"
        "Method are what a request has that says nothing else.",
    .examples = "surety gateway --broker ipc:///tmp/surety.c --http 127.0.0.1:8484",
    .run = run,
};

const struct command cmd_serve = {
    .name = "serve",
    .user = USER_SERVE,
    .synopsis = "--http HOST:PORT [options]",
    .summary = "a chat endpoint over HTTP: broker, workers and gateway in one",
    .help =
        "Puts a chat endpoint with reliable answers in front of a model, until it is interrupted:\n"
        "a broker, its workers and `surety gateway` in one. The model is what --upstream, --model\n"
        "or --engine names, else the demo model. When it is ready it prints what it found out\n"
        "about the model, and the base URL that a client is given.",
    .examples = "surety serve --http 127.0.0.1:8484\n"
                "surety serve --upstream http://127.0.0.1:8080 --http 127.0.0.1:8484\n"
                "surety serve --model model.gguf -k 16 --http 127.0.0.1:8484",
    .run = run,
};
