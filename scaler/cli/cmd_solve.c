/*
 * cmd_solve.c - `surety solve`: one problem, its answer and the evidence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/jsonl.h"
#include "base/utf8.h"
#include "proto/result_json.h"
#include "scaler/cli/cli.h"
#include "scaler/cli/input.h"
#include "scaler/client/session.h"
#include "scaler/report/view.h"
#include <surety/settings.h>

#define REQUEST_ID "1"
#define LAST_RESULT_MS 5000 /* after a cancel, how long the best so far is waited for */

/* For who names a file where a problem is asked for. */
static void hint(const struct command *command, const char *operand)
{
    struct stat st;
    size_t len = strlen(operand);
    if (stat(operand, &st) || !S_ISREG(st.st_mode))
        return;
    bool lines = len > 6 && strcmp(operand + len - 6, ".jsonl") == 0;
    cli_fail(command, CLI_DONE, "'%.80s' is also a file; to solve what is in it: surety %s%.80s%s",
             operand, lines ? "grade " : "solve - < ", operand, lines ? " -o RESULTS.jsonl" : "");
}

/* The problem without white space at its end; NULL with a message when there is none. */
static char *read_problem(const struct command *command, const struct options *options)
{
    struct surety_error error = {0};
    char *text = NULL;
    const char *operand = options->operands[0];
    if (strcmp(operand, "-") == 0) {
        if (input_text("-", SURETY_PROBLEM_MAX, &text, &error)) {
            cli_fail(command, CLI_USAGE, "%s", error.message);
            return NULL;
        }
    } else {
        text = utf8_make_valid(operand, strlen(operand), NULL);
    }
    hint(command, operand);
    size_t len = text ? strlen(text) : 0;
    while (len && strchr(" \t\r\n", text[len - 1]))
        text[--len] = '\0';
    if (len)
        return text;
    cli_fail(command, CLI_USAGE, "the problem is empty");
    free(text);
    return NULL;
}

static void look(const struct session *session, struct view *view)
{
    struct client_signs signs = client_signs(session->client);
    /* a private broker's worker begins with it: nothing told means that it has not come */
    bool waits = signs.waiting || (session->private_broker && !signs.beats);
    view_set_waiting(view, waits ? session_waits_for(session) : NULL);
    view_set_written(view, signs.outputs, signs.tokens);
    view_tick(view);
}

/* Asks and waits. The result's JSON (the caller frees), or NULL and err. An interrupt or a failure
 * of the workers cancels the request, whose best answer so far still comes. */
static char *ask(struct session *session, struct view *view, const struct surety_request *request,
                 struct surety_error *err)
{
    bool cancelled = false;
    int64_t end_ms = INT64_MAX;
    if (client_send(session->client, request, err))
        return NULL;
    while (clock_now_ms() < end_ms) {
        struct client_event event;
        struct surety_error failed = {0};
        if (cancelled)
            client_next(session->client, 100, &event, &failed);
        else
            session_next(session, 100, &event, &failed);
        if (failed.code && !err->code)
            *err = failed;
        if (failed.code && cancelled)
            return NULL;
        if (!cancelled && (failed.code || interrupt_came())) {
            client_cancel(session->client, request->id, NULL);
            cancelled = true;
            end_ms = clock_now_ms() + LAST_RESULT_MS;
        }
        if (failed.code)
            continue;
        if (event.kind == CLIENT_RESULT)
            return strdup(event.json);
        if (event.kind == CLIENT_FAILED && !err->code)
            *err = event.error;
        if (event.kind == CLIENT_FAILED)
            return NULL;
        if (event.kind == CLIENT_PROGRESS)
            view_update(view, event.json);
        look(session, view);
    }
    if (!err->code)
        surety_fail(err, SURETY_ERR_UNREACHABLE, "the broker did not answer");
    return NULL;
}

/* Prints the result; the exit code. After a failure only a result that has an answer is worth it.
 */
static int print(const struct command *command, const struct options *options, const char *problem,
                 const char *json, bool failed)
{
    struct surety_error error = {0};
    struct surety_result result;
    json_t *object = NULL;
    enum surety_err code = json_load_text(json, strlen(json), &object, &error);
    if (!code)
        code = surety_result_from_json(object, &result, &error);
    if (!code && options->settings.text)
        json_object_set_new(object, "problem", json_string(problem));
    char *text = !code && options->json ? json_to_text(object) : NULL;
    json_decref(object);
    if (code)
        return cli_fail(command, CLI_UNREACHABLE, "the broker's result is malformed: %s",
                        error.message);
    if (failed && !result.answer) {
        surety_result_fini(&result);
        free(text);
        return CLI_NO_ANSWER;
    }
    if (options->json) {
        puts(text ? text : json);
        free(text);
    } else {
        struct render r;
        render_init(&r, stdout);
        render_result(&r, &result);
        fwrite(r.text.data, 1, r.text.len, stdout);
        render_fini(&r);
    }
    int exit_code = result.answer ? CLI_DONE : CLI_NO_ANSWER;
    surety_result_fini(&result);
    return cli_flush(command) ? exit_code : CLI_UNREACHABLE;
}

static int solve(const struct command *command, const struct options *options, char *problem,
                 char *profile)
{
    char id[] = REQUEST_ID;
    struct surety_request request = options_request(options, id, problem, profile);
    struct surety_error error = {0};
    struct session session;
    struct view view;
    if (surety_request_check(&request, &error))
        return cli_fail(command, CLI_USAGE, "%s", error.message);
    interrupt_install();
    view_init(&view, &(struct view_config){.name = command->name,
                                           .every_ms = options->report_ms,
                                           .k = options->settings.k,
                                           .deadline_ms = options->deadline_ms});
    request.progress = view.live;
    struct log log = {view_log, &view, LOG_WARN};
    struct session_config config = cli_session(options, &log);
    char *json = NULL;
    if (!session_open(&session, &config, &error))
        json = ask(&session, &view, &request, &error);
    view_fini(&view);
    session_close(&session);
    int code =
        json ? print(command, options, problem, json, error.code != SURETY_OK) : CLI_NO_ANSWER;
    if (error.code)
        code = cli_fail(command, cli_exit_of(error.code, CLI_UNREACHABLE), "%s", error.message);
    free(json);
    return interrupt_came() ? CLI_INTERRUPTED : code;
}

static int run(const struct command *command, const struct options *options)
{
    struct surety_error error = {0};
    char *profile = NULL;
    char *problem = read_problem(command, options);
    if (!problem)
        return CLI_USAGE;
    int code = input_profile(options->profile, &profile, &error)
                   ? cli_fail(command, CLI_USAGE, "%s", error.message)
                   : solve(command, options, problem, profile);
    free(profile);
    free(problem);
    return code;
}

const struct command cmd_solve = {
    .name = "solve",
    .user = USER_SOLVE,
    .synopsis = "[options] PROBLEM|-",
    .summary = "solve one problem",
    .help =
        "Samples solutions of the problem (or of the standard input) until the vote is decided\n"
        "(--stop), judges the claims of what can win, and prints the answer with the most\n"
        "reliability behind it, its rivals, the claims that were refuted and why, and the cost.\n"
        "On a terminal it shows live what happens. Ctrl-C, a deadline or a token budget end with\n"
        "the best answer so far. The same seed gives the same answer; it is 0 unless --seed says\n"
        "otherwise. Without an engine the demo model is used. Put -- before a problem that begins\n"
        "with '-'.",
    .examples = "surety solve 'If 8x + 20 = 3x + 30, what is 6x + 23?'\n"
                "surety solve --model model.gguf -k 16 --json - < problem.txt\n"
                "surety solve --engine replay:file=recorded.jsonl 'the recorded problem'\n"
                "surety solve --broker ipc:///tmp/surety.c --deadline 30 - < problem.txt",
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
