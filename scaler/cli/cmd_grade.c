/*
 * cmd_grade.c - `surety grade`: a file of problems, as many at once as the broker's window allows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/jsonl.h"
#include "proto/result_json.h"
#include "proto/seed.h"
#include "scaler/cli/batch.h"
#include "scaler/cli/grade.h"
#include "scaler/client/session.h"
#include "scaler/report/grading.h"
#include "scaler/report/view.h"
#include <surety/settings.h>

#define AGAIN_MS 1000 /* before a broker that has cancelled a problem is asked again */
#define LOST_MS 16000 /* of silence after which no other broker is waited for */

struct flight {
    struct problem problem; /* id NULL: this slot is free */
    size_t place;
    bool sent; /* and not cancelled since */
};

struct grade {
    struct batch batch;
    struct session session;
    struct view view;
    char *profile;
    bool recorded;                   /* the lines have their samples */
    char judge[SURETY_NAME_MAX + 1]; /* the model that judges these */
    struct flight *flights;          /* [window] */
    size_t window, in_flight;
    bool sent_all;
    bool answered;          /* the broker has taken a request */
    int64_t again_ms;       /* nothing is sent before */
    uint64_t tokens_before; /* written by brokers that are gone */
};

static void clear_view(void *user)
{
    view_clear(user);
}

/* n_samples: of a line that has them */
static struct surety_request make_request(struct grade *g, char *id, char *problem,
                                          size_t n_samples)
{
    static char recorded[] = SESSION_RECORDED;
    const struct options *o = g->batch.options;
    struct surety_request request = options_request(o, id, problem, g->profile);
    request.settings.seed = seed_of_line(o->settings.seed, id);
    if (!g->recorded)
        return request;
    request.model_name = recorded;
    request.verifier_model = g->judge;
    request.settings.k = (uint32_t)(o->k && o->k < n_samples ? o->k : n_samples);
    return request;
}

/* What is wrong with the samples of a line, before the player is asked for them. */
static enum surety_err check_samples(const struct grade *g, const struct problem *problem,
                                     size_t *ret_n, struct surety_error *why)
{
    const json_t *samples = json_object_get(problem->line, "samples");
    *ret_n = json_array_size(samples);
    if (g->recorded && (*ret_n < 1 || *ret_n > SURETY_K_MAX))
        return surety_fail(why, SURETY_ERR_INVALID, "\"samples\" must be a list of 1 to %d",
                           SURETY_K_MAX);
    return SURETY_OK;
}

/* Sends one problem. What is wrong with it alone fails alone. */
static enum surety_err send_problem(struct grade *g, struct flight *flight,
                                    struct surety_error *err)
{
    struct surety_error why = {0};
    size_t n_samples;
    enum surety_err bad = check_samples(g, &flight->problem, &n_samples, &why);
    struct surety_request request =
        make_request(g, flight->problem.id, flight->problem.problem, n_samples);
    if (!bad && !client_send(g->session.client, &request, &why)) {
        flight->sent = true;
        g->in_flight++;
        return SURETY_OK;
    }
    if (why.code != SURETY_ERR_INVALID && why.code != SURETY_ERR_LIMIT)
        return surety_fail(err, why.code, "%s", why.message);
    enum surety_err code = batch_fail(&g->batch, &flight->problem, flight->place, &why, err);
    problem_fini(&flight->problem);
    return code;
}

/* Fills the window; what was cancelled is sent again. */
static enum surety_err send_more(struct grade *g, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    if (clock_now_ms() < g->again_ms)
        return code;
    for (size_t i = 0; i < g->window && !code && !interrupt_came(); i++) {
        struct flight *flight = &g->flights[i];
        if (!flight->problem.id && !g->sent_all) {
            flight->sent = false;
            g->sent_all = !batch_next(&g->batch, &flight->problem, &flight->place, err);
            code = err->code;
        }
        if (!code && flight->problem.id && !flight->sent &&
            g->in_flight < client_window(g->session.client))
            code = send_problem(g, flight, err);
    }
    return code;
}

static bool all_done(const struct grade *g)
{
    bool done = g->sent_all;
    for (size_t i = 0; i < g->window; i++)
        done &= !g->flights[i].problem.id;
    return done;
}

/* A running broker that ends cancels what it has, then says so: that is no result, and another one
 * may take its place. OK when one did; else err as it was. */
static enum surety_err wait_for_broker(struct grade *g, struct surety_error *err)
{
    struct session *s = &g->session;
    struct surety_error ignored;
    int64_t end_ms = clock_now_ms() + LOST_MS - (s->client ? client_silence_ms(s->client) : 0);
    g->tokens_before += s->client ? client_signs(s->client).tokens : 0;
    client_close(s->client);
    s->client = NULL; /* at once: a HELLO to who is gone would wait */
    view_set_waiting(&g->view, "the broker is gone, another one may take its place");
    for (size_t i = 0; i < g->window; i++)
        g->flights[i].sent = false;
    g->in_flight = 0;
    while (!s->client && clock_now_ms() < end_ms && !interrupt_came()) {
        session_rejoin(s, 200, &ignored);
        view_tick(&g->view);
    }
    if (!s->client)
        return err->code;
    *err = (struct surety_error){0};
    return SURETY_OK;
}

static struct flight *find_flight(struct grade *g, const char *id)
{
    for (size_t i = 0; id && i < g->window; i++)
        if (g->flights[i].problem.id && strcmp(g->flights[i].problem.id, id) == 0)
            return &g->flights[i];
    return NULL;
}

/* Cancelled, and not by us: to be asked again. */
static void put_back(struct grade *g, struct flight *flight)
{
    flight->sent = false;
    g->again_ms = clock_now_ms() + AGAIN_MS;
}

static enum surety_err take_result(struct grade *g, struct flight *flight, const char *json,
                                   struct surety_error *err)
{
    struct surety_error why = {0};
    struct surety_result result;
    json_t *object = NULL;
    if (json_load_text(json, strlen(json), &object, &why) ||
        surety_result_from_json(object, &result, &why)) {
        json_decref(object);
        return batch_fail(&g->batch, &flight->problem, flight->place, &why, err);
    }
    json_decref(object);
    if (result.stop == SURETY_STOP_CANCELLED) {
        surety_result_fini(&result);
        put_back(g, flight);
        return SURETY_OK;
    }
    if (grading_fill(&result, flight->problem.gold, flight->problem.problem, NULL, 0)) {
        surety_result_fini(&result);
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    }
    result.error_line = result.error.code ? flight->problem.number : 0;
    enum surety_err code = batch_put(&g->batch, &flight->problem, flight->place, &result, err);
    surety_result_fini(&result);
    return code;
}

static enum surety_err take_event(struct grade *g, const struct client_event *event,
                                  struct surety_error *err)
{
    struct flight *flight = find_flight(g, event->id);
    enum surety_err code = SURETY_OK;
    bool settings = event->error.code == SURETY_ERR_INVALID || /* the problem itself is fine */
                    event->error.code == SURETY_ERR_UNSUPPORTED;
    if (event->kind == CLIENT_FAILED && (!event->id || (settings && !g->answered)))
        return surety_fail(err, event->error.code, "%s", event->error.message);
    if (!flight || (event->kind != CLIENT_RESULT && event->kind != CLIENT_FAILED))
        return SURETY_OK;
    g->answered = true;
    if (event->kind == CLIENT_RESULT)
        code = take_result(g, flight, event->json, err);
    else if (event->error.code == SURETY_ERR_CANCELLED)
        put_back(g, flight);
    else
        code = batch_fail(&g->batch, &flight->problem, flight->place, &event->error, err);
    crew_progress(&g->session.crew);
    if (flight->sent)
        problem_fini(&flight->problem);
    g->in_flight--;
    return code;
}

static void look(struct grade *g)
{
    const struct batch *b = &g->batch;
    struct client_signs signs =
        g->session.client ? client_signs(g->session.client) : (struct client_signs){0};
    view_set_bar(&g->view, &(struct view_bar){.done = b->before + b->done,
                                              .before = b->before,
                                              .failed = b->failed,
                                              .graded = b->graded,
                                              .right = b->right});
    view_set_written(&g->view, signs.outputs, g->tokens_before + signs.tokens);
    view_set_waiting(&g->view, signs.waiting && signs.waiting >= g->in_flight
                                   ? session_waits_for(&g->session)
                                   : NULL);
    view_tick(&g->view);
}

/* Until everything is answered, something breaks, or Ctrl-C. */
static enum surety_err work(struct grade *g, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    while (!code && !interrupt_came()) {
        struct client_event event = {.kind = CLIENT_NOTHING};
        code = send_more(g, err);
        if (!code && all_done(g))
            break;
        if (!code)
            code = session_next(&g->session, 100, &event, err);
        if (!code)
            code = take_event(g, &event, err);
        if (code == SURETY_ERR_UNREACHABLE && !g->session.private_broker)
            code = wait_for_broker(g, err);
        if (!code)
            look(g);
    }
    return code;
}

/* What is wrong with all requests is found before the results are touched. */
static enum surety_err check(struct grade *g, struct surety_result *ret_run,
                             struct surety_error *err)
{
    char any[] = "1";
    enum surety_err code = g->recorded ? session_judge(&g->session, g->judge, err) : SURETY_OK;
    struct surety_request request = make_request(g, any, any, SURETY_K_MAX);
    return code ? code : session_check(&g->session, &request, ret_run, err);
}

static void tick(void *user)
{
    struct grade *g = user;
    view_set_waiting(&g->view, session_waits_for(&g->session));
    view_tick(&g->view);
}

static int grade(struct grade *g)
{
    const struct command *command = g->batch.command;
    struct surety_error error = {0};
    struct log log = {view_log, &g->view, LOG_WARN};
    struct session_config config = cli_session(g->batch.options, &log);
    config.recording = g->recorded ? g->batch.options->operands[0] : NULL;
    config.tick = tick;
    config.user = g;
    int code = CLI_DONE;
    interrupt_install();
    view_init(&g->view, &(struct view_config){.name = command->name,
                                              .every_ms = g->batch.options->report_ms,
                                              .total = g->batch.total});
    g->batch.clear = clear_view;
    g->batch.user = &g->view;
    struct surety_result run = {0};
    if (!session_open(&g->session, &config, &error) && !check(g, &run, &error) &&
        !(code = batch_begin(&g->batch, &run))) {
        g->window = client_window(g->session.client);
        /* a deadline counts from acceptance: problems must not spend it in a queue */
        if (g->batch.options->deadline_ms && g->window > g->batch.options->workers)
            g->window = g->batch.options->workers;
        g->flights = calloc(g->window ? g->window : 1, sizeof *g->flights);
        if (g->flights)
            work(g, &error);
        else
            surety_fail(&error, SURETY_ERR_NOMEM, "out of memory");
    }
    surety_result_fini(&run);
    view_fini(&g->view);
    g->batch.clear = NULL;
    session_close(&g->session);
    if (error.code)
        code = cli_fail(command, cli_exit_of(error.code, CLI_UNREACHABLE), "%s", error.message);
    for (size_t i = 0; g->flights && i < g->window; i++)
        problem_fini(&g->flights[i].problem);
    free(g->flights);
    return interrupt_came() ? CLI_INTERRUPTED : code;
}

int grade_run(const struct command *command, const struct options *options, bool recorded)
{
    struct grade g = {.recorded = recorded};
    struct surety_error error = {0};
    if (surety_settings_check(&options->settings, &error) ||
        input_profile(options->profile, &g.profile, &error))
        return cli_fail(command, CLI_USAGE, "%s", error.message);
    int code = batch_open(&g.batch, command, options);
    if (!code)
        code = grade(&g);
    code = batch_close(&g.batch, code);
    free(g.profile);
    return code;
}

static int run(const struct command *command, const struct options *options)
{
    return grade_run(command, options, false);
}

const struct command cmd_grade = {
    .name = "grade",
    .user = USER_GRADE,
    .synopsis = "[options] PROBLEMS.jsonl|- -o RESULTS.jsonl",
    .summary = "solve a file of problems and print the accuracy",
    .help =
        "Reads problems, one a line:\n"
        "  {\"id\"?, \"problem\", \"gold\"?}\n"
        "The id defaults to the line's number and must be unique; each line's seed follows from\n"
        "--seed (0) and its id. Results are written as they come. A line that cannot be used is\n"
        "reported with its number and gets a result with an error; the others are done. At the\n"
        "end comes the table: pass@1, Cons@K, CLR@K, pass@K with 95 % intervals, rescue, harm,\n"
        "tokens and calls. Ctrl-C keeps what is done; --resume goes on from there. Deadline and\n"
        "token budget are those of each problem; with a deadline, only as many problems are under\n"
        "way at once as there are --workers.",
    .examples = "surety grade problems.jsonl -o results.jsonl\n"
                "surety grade problems.jsonl -o results.jsonl --resume\n"
                "surety grade --model model.gguf -k 16 problems.jsonl -o model.jsonl "
                "--summary table.json\n"
                "surety grade gsm8k.jsonl --problem-key question --gold-key answer --limit 5 "
                "-o five.jsonl",
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
