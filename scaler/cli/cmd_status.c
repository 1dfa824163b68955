/*
 * cmd_status.c - `surety status`: what a broker is doing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "base/utf8.h"
#include "scaler/cli/cli.h"
#include "scaler/client/client.h"
#include "scaler/report/render.h"

#define TIMEOUT_MS 3000
#define IN_FLIGHT_SHOWN 20

static unsigned long long count(const json_t *object, const char *key)
{
    double value = json_get_number(object, key, 0);
    return value > 0 ? (unsigned long long)value : 0;
}

/* "name: pid 7 on host", as far as it is known. */
static void draw_origin(struct render *r, const json_t *worker)
{
    const char *name = json_get_string(worker, "name", ""), *host;
    host = json_get_string(worker, "host", "");
    if (name[0])
        render_line(r, name, 24);
    if (count(worker, "pid"))
        buf_printf(&r->text, "%spid %llu", name[0] ? ": " : "", count(worker, "pid"));
    if (host[0]) {
        buf_puts(&r->text, " on ");
        render_line(r, host, 40);
    }
    buf_putc(&r->text, '\n');
}

static void draw_workers(struct render *r, const json_t *workers)
{
    size_t i;
    json_t *worker;
    render_style(r, STYLE_BOLD);
    buf_printf(&r->text, "\n%-24s %-8s %6s %6s %9s %9s  %s\n", "Worker's model", "engine", "slots",
               "busy", "heard", "tokens/s", "where");
    render_style(r, STYLE_PLAIN);
    json_array_foreach(workers, i, worker)
    {
        size_t before = r->text.len;
        render_line(r, json_get_string(worker, "model", ""), 24);
        size_t width = utf8_columns(r->text.data + before, r->text.len - before);
        buf_printf(&r->text, "%*s %-8.8s %6llu %6llu %6llu ms %9.1f  ", (int)(24 - width), "",
                   json_get_string(worker, "engine", ""), count(worker, "slots"),
                   count(worker, "busy"), count(worker, "silent_ms"),
                   json_get_number(worker, "tokens_per_s", 0));
        draw_origin(r, worker);
    }
    if (!json_array_size(workers))
        buf_puts(&r->text, "none: start one with 'surety worker --broker ENDPOINT'\n");
}

static void draw_missing(struct render *r, const json_t *missing)
{
    size_t i;
    json_t *name;
    json_array_foreach(missing, i, name)
    {
        buf_puts(&r->text, i ? ", " : "  waits for a worker of ");
        if (json_is_string(name))
            render_line(r, json_string_value(name), 60);
        else
            buf_puts(&r->text, "a model to solve it");
    }
    if (json_array_size(missing))
        buf_putc(&r->text, '\n');
}

static void draw_requests(struct render *r, const json_t *requests)
{
    size_t i, n = json_array_size(requests);
    json_t *request;
    if (!n) {
        buf_puts(&r->text, "\nNo requests in hand\n");
        return;
    }
    render_style(r, STYLE_BOLD);
    buf_printf(&r->text, "\n%-24s %-8s %12s %12s %9s %8s\n", "Request", "state", "solutions",
               "verdicts", "tokens", "age");
    render_style(r, STYLE_PLAIN);
    json_array_foreach(requests, i, request)
    {
        if (i == IN_FLIGHT_SHOWN)
            break;
        const json_t *samples = json_object_get(request, "samples");
        const json_t *verify = json_object_get(request, "verify");
        size_t before = r->text.len;
        render_line(r, json_get_string(request, "id", ""), 24);
        size_t width = utf8_columns(r->text.data + before, r->text.len - before);
        buf_printf(&r->text, "%*s %-8.8s %5llu of %3llu %5llu of %3llu %9llu %6.1f s\n",
                   (int)(24 - width), "", json_get_string(request, "state", ""),
                   count(samples, "done") + count(samples, "failed"), count(samples, "k"),
                   count(verify, "done"), count(verify, "asked"), count(request, "tokens"),
                   json_get_number(request, "age_ms", 0) / 1000);
        draw_missing(r, json_object_get(request, "missing"));
    }
    if (n > IN_FLIGHT_SHOWN)
        buf_printf(&r->text, "and %zu more\n", n - IN_FLIGHT_SHOWN);
}

static void print_report(const json_t *report)
{
    struct render r;
    const json_t *counters = json_object_get(report, "counters");
    render_init(&r, stdout);
    buf_puts(&r.text, "Broker ");
    render_line(&r, json_get_string(report, "version", ""), 20);
    buf_printf(&r.text, ", up %.0f s, %llu client%s, %llu of %llu requests answered\n",
               json_get_number(report, "uptime_ms", 0) / 1000, count(report, "clients"),
               count(report, "clients") == 1 ? "" : "s", count(counters, "results"),
               count(counters, "requests"));
    const json_t *rates = json_object_get(report, "rates");
    buf_printf(&r.text, "%.1f tokens/s, %.1f items/s, %.1f results/min\n",
               json_get_number(rates, "tokens_per_s", 0),
               json_get_number(rates, "outputs_per_s", 0),
               json_get_number(rates, "results_per_min", 0));
    draw_workers(&r, json_object_get(report, "workers"));
    draw_requests(&r, json_object_get(report, "requests"));
    if (count(counters, "retries") || count(counters, "workers_lost"))
        buf_printf(&r.text, "\n%llu workers lost, %llu items tried again\n",
                   count(counters, "workers_lost"), count(counters, "retries"));
    fwrite(r.text.data, 1, r.text.len, stdout);
    render_fini(&r);
}

static int run(const struct command *command, const struct options *options)
{
    struct surety_error error = {0};
    struct client *client = NULL;
    char *text = NULL;
    json_t *report = NULL;
    if (!options->broker)
        return cli_fail(command, CLI_USAGE, "usage: surety status %s", command->synopsis);
    enum surety_err code = client_open(options->broker, TIMEOUT_MS, &client, &error);
    if (!code)
        code = client_status(client, TIMEOUT_MS, &text, &error);
    client_close(client);
    if (!code)
        code = json_load_text(text, strlen(text), &report, &error);
    if (code) {
        free(text);
        return cli_fail(command, cli_exit_of(code, CLI_UNREACHABLE), "%s", error.message);
    }
    if (options->json)
        puts(text);
    else
        print_report(report);
    free(text);
    json_decref(report);
    return cli_flush(command) ? CLI_DONE : CLI_UNREACHABLE;
}

const struct command cmd_status = {
    .name = "status",
    .user = USER_STATUS,
    .synopsis = "--broker ENDPOINT [--json]",
    .summary = "ask a broker what it is doing",
    .help =
        "Prints the workers of the broker at a client endpoint, their models and slots, and the\n"
        "requests in hand, with the models that they wait for.",
    .examples = "surety status --broker ipc:///tmp/surety.c",
    .run = run,
};
