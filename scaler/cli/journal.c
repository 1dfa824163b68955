/* See journal.h. A line is made as a JSON object, whatever its form. */
#include "scaler/cli/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/jsonl.h"

#define LINE_BYTES_MAX 65536

/* RFC 3339, to the millisecond. */
static void print_time(char out[80], int64_t utc_ms)
{
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm t;
    gmtime_r(&seconds, &t);
    snprintf(out, 80, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.tm_year + 1900, t.tm_mon + 1,
             t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, (int)(utc_ms % 1000));
}

static void put_pairs(struct buf *line, json_t *pairs)
{
    const char *key;
    json_t *value;
    json_object_foreach(pairs, key, value)
    {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
        if (text)
            buf_printf(line, " %s=%s", key, text);
        free(text);
    }
}

/* Takes pairs. Without memory the line is empty. */
static void make_line(const struct journal *journal, const char *event, json_t *pairs,
                      struct buf *line)
{
    char at[80];
    print_time(at, journal->utc_ms());
    if (journal->json) {
        json_t *head = json_pack("{s:s,s:s}", "time", at, "event", event);
        char *text = NULL;
        if (head && !json_object_update(head, pairs))
            text = json_dumps(head, JSON_COMPACT | JSON_ENSURE_ASCII);
        if (text)
            buf_printf(line, "%s\n", text);
        free(text);
        json_decref(head);
    } else {
        buf_printf(line, "%s %s", at, event);
        put_pairs(line, pairs);
        buf_putc(line, '\n');
    }
    json_decref(pairs);
}

/* Takes pairs. Without memory there is no line: a log is no reason to end. */
static void put_line(struct journal *journal, const char *event, json_t *pairs)
{
    struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    make_line(journal, event, pairs, &line);
    if (!line.failed && line.len)
        outlet_put(&journal->out, line.data, line.len);
    buf_fini(&line);
}

static void set_text(json_t *pairs, const char *key, const char *text)
{
    if (text)
        json_object_set_new(pairs, key, json_string(text));
}

static void set_number(json_t *pairs, const char *key, int64_t number, int64_t least)
{
    if (number >= least)
        json_object_set_new(pairs, key, json_integer(number));
}

void journal_note(void *journal, const struct core_note *note)
{
    static const char *const names[] = {
#define X(name, text) text,
        CORE_NOTES(X)
#undef X
    };
    json_t *pairs = json_object();
    set_number(pairs, "worker", (int64_t)note->worker, 1);
    set_number(pairs, "request", (int64_t)note->request, 1);
    set_text(pairs, "id", note->id);
    set_number(pairs, "client", (int64_t)note->client, 1);
    set_text(pairs, "name", note->name);
    set_text(pairs, "host", note->host);
    set_number(pairs, "pid", note->pid, 1);
    set_text(pairs, "model", note->model);
    set_number(pairs, "slots", note->slots, 1);
    set_number(pairs, "k", note->k, 1);
    set_text(pairs, "how", note->how);
    set_number(pairs, "ms", note->ms, 0);
    set_number(pairs, "tokens", note->tokens, 0);
    set_text(pairs, "why", note->why);
    put_line(journal, names[note->what], pairs);
}

void journal_message(void *journal, enum log_level level, const char *message)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    json_t *pairs = json_object();
    set_text(pairs, "level", names[level]);
    set_text(pairs, "message", message);
    put_line(journal, "message", pairs);
}

void journal_lost(void *journal, uint64_t n, struct buf *line)
{
    json_t *pairs = json_object();
    set_number(pairs, "n", (int64_t)n, 1);
    make_line(journal, "lines_lost", pairs, line);
}
