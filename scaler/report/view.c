#include "scaler/report/view.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/jsonl.h"
#include "base/utf8.h"
#include "proto/result_json.h"

#define FRAME_MS 100
/* While the view stands: no cursor, and no wrapping, since lines are counted. */
#define BEGIN "\033[?25l\033[?7l"
#define END "\033[?7h\033[?25h"
#define BAR_COLUMNS 24
#define GROUPS_SHOWN 6
#define MARK_MS 5000 /* the speed is that of the last five to ten seconds */

/* Follows the size of the terminal. */
static void fit(struct view *view)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size))
        return;
    if (size.ws_row)
        view->rows = size.ws_row;
    if (size.ws_col)
        view->render.columns = size.ws_col < 40 ? 40 : size.ws_col > 400 ? 400 : size.ws_col;
}

void view_init(struct view *view, const struct view_config *config)
{
    const char *term = getenv("TERM");
    int64_t now_ms = clock_now_ms();
    *view = (struct view){.config = *config,
                          .rows = 24,
                          .began_ms = now_ms,
                          .said_ms = now_ms,
                          .work_ms = now_ms,
                          .marks = {{now_ms, 0}, {now_ms, 0}}};
    render_init(&view->render, stderr);
    view->live = isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

void view_set_bar(struct view *view, const struct view_bar *bar)
{
    view->bar = *bar;
}

void view_set_waiting(struct view *view, const char *waiting)
{
    int64_t now_ms = clock_now_ms();
    if (waiting || view->waiting)
        view->work_ms = now_ms;
    bool begun = view->outputs || view->bar.done > view->bar.before;
    if (!waiting != !view->waiting && (view->worked || (waiting && begun))) {
        view->worked = view->news = true;
        view->gap_ms = waiting ? 0 : now_ms - view->waits_ms;
    }
    if (waiting && !view->waiting)
        view->waits_ms = now_ms;
    view->waiting = waiting;
}

void view_set_written(struct view *view, uint64_t outputs, uint64_t tokens)
{
    int64_t now_ms = clock_now_ms();
    view->outputs = outputs;
    view->tokens = tokens;
    bool idle = !view->marks[1].tokens; /* nothing came yet: loading is no part of the speed */
    if (now_ms - view->marks[1].at_ms < MARK_MS && !(idle && tokens))
        return;
    view->marks[0] = view->marks[1];
    view->marks[1].at_ms = now_ms;
    view->marks[1].tokens = tokens;
    if (idle)
        view->marks[0] = view->marks[1];
}

void view_update(struct view *view, const char *json)
{
    json_t *object = NULL;
    struct surety_result result;
    if (!view->live || json_load_text(json, strlen(json), &object, NULL))
        return;
    if (!surety_result_from_json(object, &result, NULL)) {
        surety_result_fini(&view->result);
        view->result = result;
    }
    json_decref(object);
}

/* Puts what is in the render's buffer on the screen, in place of what stood there. */
static void put(struct view *view)
{
    struct render *r = &view->render;
    struct buf out;
    buf_init(&out, 2u << 20);
    if (!view->lines)
        buf_puts(&out, BEGIN);
    else
        buf_printf(&out, "\033[%zuA\r", view->lines);
    view->lines = 0;
    for (const char *line = r->text.data; line && *line;) {
        size_t len = strcspn(line, "\n");
        buf_append(&out, line, len);
        buf_puts(&out, "\033[K\n");
        view->lines++;
        line += len + (line[len] == '\n');
    }
    buf_puts(&out, "\033[J");
    interrupt_restore(END);
    if (!out.failed)
        fwrite(out.data, 1, out.len, stderr);
    fflush(stderr);
    buf_fini(&out);
}

static void spinner(struct view *view)
{
    static const char *const dots[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
    static const char *const plain[] = {"|", "/", "-", "\\"};
    struct render *r = &view->render;
    render_style(r, STYLE_BAR);
    buf_puts(&r->text, r->unicode ? dots[view->frame % 10] : plain[view->frame % 4]);
    render_style(r, STYLE_PLAIN);
    buf_putc(&r->text, ' ');
    view->frame++;
}

/* Why nothing goes on, and since when, if it went on before. */
static void draw_waiting(struct view *view, int64_t now_ms)
{
    struct render *r = &view->render;
    buf_puts(&r->text, view->waiting);
    if (view->worked)
        buf_printf(&r->text, "; waiting %lld s", (long long)(now_ms - view->waits_ms) / 1000);
}

/* One mark a trajectory: with the leading answer, another one, none, or still on its way. */
static void draw_marks(struct view *view)
{
    struct render *r = &view->render;
    const struct surety_result *result = &view->result;
    enum { WAITING, LEADING, OTHER, SILENT, FAILED };
    static const char *const marks[] = {"·", "●", "●", "○", "✗"};
    static const char *const plain[] = {".", "#", "o", "-", "x"};
    static const enum render_style styles[] = {STYLE_DIM, STYLE_GOOD, STYLE_BAR, STYLE_DIM,
                                               STYLE_BAD};
    char kinds[SURETY_K_MAX] = {WAITING};
    for (size_t i = 0; i < result->n_trajectories; i++) {
        const struct surety_trajectory *t = &result->trajectories[i];
        if (t->index < SURETY_K_MAX)
            kinds[t->index] = t->finish == SURETY_FINISH_ERROR ? FAILED
                              : t->answer                      ? OTHER
                                                               : SILENT;
    }
    for (uint32_t i = 0; result->n_groups && i < result->groups[0].count; i++)
        if (result->groups[0].members[i] < SURETY_K_MAX)
            kinds[result->groups[0].members[i]] = LEADING;
    buf_puts(&r->text, "  ");
    for (uint32_t i = 0; i < view->config.k && i < SURETY_K_MAX && i + 4 < r->columns; i++) {
        render_style(r, styles[(int)kinds[i]]);
        buf_puts(&r->text, r->unicode ? marks[(int)kinds[i]] : plain[(int)kinds[i]]);
        render_style(r, STYLE_PLAIN);
    }
    buf_putc(&r->text, '\n');
}

static void draw_time(struct render *r, double seconds)
{
    uint64_t s = (uint64_t)seconds;
    if (s < 3600)
        buf_printf(&r->text, "%u:%02u", (unsigned)s / 60, (unsigned)s % 60);
    else
        buf_printf(&r->text, "%u:%02u h", (unsigned)(s / 3600), (unsigned)(s / 60 % 60));
}

/* Tokens and how fast they come, after a comma; nothing where none are known. */
static void draw_tokens(struct view *view)
{
    struct render *r = &view->render;
    const struct surety_usage *usage = &view->result.usage;
    uint64_t told = usage->completion_tokens + usage->verify_tokens;
    uint64_t tokens = told > view->tokens ? told : view->tokens;
    double seconds = (double)(clock_now_ms() - view->marks[0].at_ms) / 1000;
    if (!tokens) {
        buf_puts(&r->text, view->outputs || view->waiting ? "" : ", no tokens yet");
        return;
    }
    buf_puts(&r->text, ", ");
    render_count(r, tokens);
    buf_puts(&r->text, " tokens");
    if (seconds > 0.5 && view->tokens > view->marks[0].tokens) {
        buf_puts(&r->text, ", ");
        render_count(r, (uint64_t)((double)(view->tokens - view->marks[0].tokens) / seconds));
        buf_puts(&r->text, "/s");
    }
}

/* When one problem ends: at its deadline, or when as many solutions are there as are wanted. */
static void draw_end(struct view *view, int64_t now_ms)
{
    struct render *r = &view->render;
    size_t done = view->result.n_trajectories;
    double worked = (double)(now_ms - view->work_ms) / 1000;
    if (view->config.deadline_ms) {
        int64_t left_ms = view->began_ms + view->config.deadline_ms - now_ms;
        buf_puts(&r->text, ", ");
        draw_time(r, left_ms > 0 ? (double)left_ms / 1000 : 0);
        buf_puts(&r->text, " to the deadline");
    } else if (done && done < view->config.k && worked > 0.5) {
        buf_puts(&r->text, ", about ");
        draw_time(r, worked * (double)(view->config.k - done) / (double)done);
        buf_puts(&r->text, " left to sample");
    }
}

static void draw_counts(struct view *view)
{
    struct render *r = &view->render;
    const struct surety_result *result = &view->result;
    size_t judged = 0, claims = 0;
    for (size_t i = 0; i < result->n_trajectories; i++)
        for (size_t j = 0; j < result->trajectories[i].n_claims; j++, claims++)
            judged += result->trajectories[i].claims[j].verdict != SURETY_VERDICT_UNCHECKED;
    buf_printf(&r->text, "%zu of %u solutions", result->n_trajectories, view->config.k);
    if (claims)
        buf_printf(&r->text, ", %zu of %zu claims judged", judged, claims);
}

static void draw_problem(struct view *view, int64_t now_ms)
{
    double seconds = (double)(now_ms - view->began_ms) / 1000;
    spinner(view);
    if (interrupt_came())
        buf_puts(&view->render.text, "stopping, Ctrl-C again ends at once; ");
    buf_printf(&view->render.text, "%.1f s  ", seconds);
    if (view->waiting)
        draw_waiting(view, now_ms);
    else
        draw_counts(view);
    draw_tokens(view);
    draw_end(view, now_ms);
    buf_putc(&view->render.text, '\n');
    if (!view->result.n_trajectories)
        return;
    draw_marks(view);
    size_t groups = view->rows > GROUPS_SHOWN + 4 ? GROUPS_SHOWN : 1;
    render_groups(&view->render, &view->result, groups);
}

/* "12 of 60", how fast and how long still. */
static void draw_place(struct view *view, int64_t now_ms)
{
    struct render *r = &view->render;
    const struct view_bar *bar = &view->bar;
    double seconds = (double)(now_ms - view->work_ms) / 1000;
    uint64_t here = bar->done - bar->before;
    render_count(r, bar->done);
    buf_puts(&r->text, " of ");
    render_count(r, view->config.total);
    if (!here || seconds <= 0.5)
        return;
    double rate = (double)here / seconds;
    if (rate >= 1)
        buf_printf(&r->text, ", %.1f/s, ", rate);
    else
        buf_printf(&r->text, ", %.1f s each, ", 1 / rate);
    draw_time(r, (double)(view->config.total - bar->done) / rate);
    buf_puts(&r->text, " left");
}

/* What came of it so far, after commas. */
static void draw_outcome(struct view *view)
{
    struct render *r = &view->render;
    const struct view_bar *bar = &view->bar;
    draw_tokens(view);
    if (bar->graded)
        buf_printf(&r->text, ", %llu of %llu right (%.1f %%)", (unsigned long long)bar->right,
                   (unsigned long long)bar->graded, 100 * (double)bar->right / (double)bar->graded);
    if (bar->failed) {
        render_style(r, STYLE_BAD);
        buf_printf(&r->text, ", %llu failed", (unsigned long long)bar->failed);
        render_style(r, STYLE_PLAIN);
    }
}

static void draw_bar(struct view *view, int64_t now_ms)
{
    struct render *r = &view->render;
    uint64_t total = view->config.total;
    spinner(view);
    render_bar(r, total ? (double)view->bar.done / (double)total : 1, BAR_COLUMNS);
    buf_puts(&r->text, "  ");
    if (view->waiting)
        draw_waiting(view, now_ms);
    else
        draw_place(view, now_ms);
    draw_outcome(view);
    buf_putc(&r->text, '\n');
}

/* Without a terminal: one line that stays. */
static void say(struct view *view, int64_t now_ms)
{
    struct buf *text = &view->render.text;
    buf_printf(text, "surety %s: ", view->config.name);
    draw_time(&view->render, (double)(now_ms - view->began_ms) / 1000);
    if (view->waiting) {
        buf_puts(text, ", ");
        draw_waiting(view, now_ms);
    } else if (view->news) {
        buf_printf(text, ", it goes on after %lld s", (long long)view->gap_ms / 1000);
    }
    view->news = false;
    if (view->config.total) {
        buf_puts(text, ", ");
        draw_place(view, now_ms);
        draw_outcome(view);
    } else {
        buf_printf(text, ", %llu repl%s", (unsigned long long)view->outputs,
                   view->outputs == 1 ? "y" : "ies");
        draw_tokens(view);
        draw_end(view, now_ms);
    }
    buf_putc(text, '\n');
    fwrite(text->data, 1, text->len, stderr);
}

void view_tick(struct view *view)
{
    int64_t now_ms = clock_now_ms();
    int64_t every_ms = view->live ? FRAME_MS : view->config.every_ms;
    int64_t *last_ms = view->live ? &view->drawn_ms : &view->said_ms;
    if (!every_ms || (now_ms - *last_ms < every_ms && !view->news))
        return;
    *last_ms = now_ms;
    buf_reset(&view->render.text);
    if (!view->live) {
        say(view, now_ms);
        return;
    }
    fit(view);
    if (view->config.total)
        draw_bar(view, now_ms);
    else
        draw_problem(view, now_ms);
    put(view);
}

void view_clear(struct view *view)
{
    if (!view->lines)
        return;
    fprintf(stderr, "\033[%zuA\r\033[J" END, view->lines);
    fflush(stderr);
    interrupt_restore(NULL);
    view->lines = 0;
    view->drawn_ms = 0;
}

void view_fini(struct view *view)
{
    view_clear(view);
    surety_result_fini(&view->result);
    render_fini(&view->render);
}

void view_log(void *user, enum log_level level, const char *message)
{
    view_clear(user);
    log_to_stderr(NULL, level, message);
}
