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

static void init(struct view *view)
{
    const char *term = getenv("TERM");
    *view = (struct view){.began_ms = clock_now_ms(), .rows = 24};
    render_init(&view->render, stderr);
    view->live = isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

void view_init(struct view *view, uint32_t k)
{
    init(view);
    view->k = k;
}

void view_init_bar(struct view *view, uint64_t total)
{
    init(view);
    view->total = total;
}

void view_set_bar(struct view *view, uint64_t done, uint64_t before, uint64_t failed)
{
    view->done = done;
    view->before = before;
    view->failed = failed;
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
    for (uint32_t i = 0; i < view->k && i < SURETY_K_MAX && i + 4 < r->columns; i++) {
        render_style(r, styles[(int)kinds[i]]);
        buf_puts(&r->text, r->unicode ? marks[(int)kinds[i]] : plain[(int)kinds[i]]);
        render_style(r, STYLE_PLAIN);
    }
    buf_putc(&r->text, '\n');
}

static void draw_counts(struct view *view, double seconds)
{
    struct render *r = &view->render;
    const struct surety_result *result = &view->result;
    uint64_t tokens = result->usage.completion_tokens + result->usage.verify_tokens;
    size_t judged = 0, claims = 0;
    for (size_t i = 0; i < result->n_trajectories; i++)
        for (size_t j = 0; j < result->trajectories[i].n_claims; j++, claims++)
            judged += result->trajectories[i].claims[j].verdict != SURETY_VERDICT_UNCHECKED;
    buf_printf(&r->text, "%zu of %u solutions", result->n_trajectories, view->k);
    if (claims)
        buf_printf(&r->text, ", %zu of %zu claims judged", judged, claims);
    if (tokens) {
        buf_puts(&r->text, ", ");
        render_count(r, tokens);
        buf_puts(&r->text, " tokens");
        if (seconds > 0.5) {
            buf_puts(&r->text, ", ");
            render_count(r, (uint64_t)((double)tokens / seconds));
            buf_puts(&r->text, "/s");
        }
    }
    buf_putc(&r->text, '\n');
}

static void draw_problem(struct view *view, int64_t now_ms)
{
    double seconds = (double)(now_ms - view->began_ms) / 1000;
    spinner(view);
    if (interrupt_came())
        buf_puts(&view->render.text, "stopping, Ctrl-C again ends at once; ");
    if (!view->result.n_trajectories) {
        buf_printf(&view->render.text, "solving, %.1f s\n", seconds);
        return;
    }
    buf_printf(&view->render.text, "%.1f s  ", seconds);
    draw_counts(view, seconds);
    draw_marks(view);
    size_t groups = view->rows > GROUPS_SHOWN + 4 ? GROUPS_SHOWN : 1;
    render_groups(&view->render, &view->result, groups);
}

static void draw_bar(struct view *view, int64_t now_ms)
{
    struct render *r = &view->render;
    double seconds = (double)(now_ms - view->began_ms) / 1000;
    uint64_t here = view->done - view->before;
    spinner(view);
    render_bar(r, view->total ? (double)view->done / (double)view->total : 1, BAR_COLUMNS);
    buf_puts(&r->text, "  ");
    render_count(r, view->done);
    buf_puts(&r->text, " of ");
    render_count(r, view->total);
    if (here && seconds > 0.5) {
        double rate = (double)here / seconds;
        uint64_t left = (uint64_t)((double)(view->total - view->done) / rate);
        if (rate >= 1)
            buf_printf(&r->text, ", %.1f/s", rate);
        else
            buf_printf(&r->text, ", %.1f s each", 1 / rate);
        if (left < 3600)
            buf_printf(&r->text, ", %u:%02u left", (unsigned)left / 60, (unsigned)left % 60);
        else
            buf_printf(&r->text, ", %u:%02u h left", (unsigned)(left / 3600),
                       (unsigned)(left / 60 % 60));
    }
    if (view->failed) {
        render_style(r, STYLE_BAD);
        buf_printf(&r->text, ", %llu failed", (unsigned long long)view->failed);
        render_style(r, STYLE_PLAIN);
    }
    buf_putc(&r->text, '\n');
}

void view_tick(struct view *view)
{
    int64_t now_ms = clock_now_ms();
    if (!view->live || now_ms - view->drawn_ms < FRAME_MS)
        return;
    view->drawn_ms = now_ms;
    fit(view);
    buf_reset(&view->render.text);
    if (view->total)
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
