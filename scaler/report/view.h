/*
 * view.h - what happens, live: on a terminal a few lines on stderr that are redrawn in place,
 * elsewhere a line now and then.
 */
#ifndef SURETY_SCALER_REPORT_VIEW_H
#define SURETY_SCALER_REPORT_VIEW_H

#include "base/log.h"
#include "scaler/report/render.h"

/* Of a file of problems. */
struct view_bar {
    uint64_t done, before; /* before: of them, those that were so when it began */
    uint64_t failed;
    uint64_t graded, right; /* of the done ones */
};

struct view_config {
    const char *name;    /* of the command, before lines that are no drawing */
    int64_t every_ms;    /* between these; 0: none */
    uint32_t k;          /* of one problem; */
    int64_t deadline_ms; /* of one problem; 0: none */
    uint64_t total;      /* problems of a file; 0: it is one problem */
};

struct view {
    struct view_config config;
    bool live;
    struct render render;
    size_t lines; /* that stand on the screen */
    size_t rows;  /* of the screen */
    int64_t began_ms, drawn_ms, said_ms;
    int64_t work_ms;     /* since when nothing is waited for */
    const char *waiting; /* for what; NULL: for nothing */
    int64_t waits_ms;    /* since when */
    int64_t gap_ms;      /* how long it waited last */
    bool worked;         /* it did not wait at some time before */
    bool news;           /* work stopped, or goes on: worth a line at once */
    unsigned frame;
    struct surety_result result; /* the last progress; zeroed: none yet */
    struct view_bar bar;
    uint64_t outputs, tokens;
    struct {
        int64_t at_ms;
        uint64_t tokens;
    } marks[2]; /* the speed is what came since the first one */
};

void view_init(struct view *view, const struct view_config *config);
void view_set_bar(struct view *view, const struct view_bar *bar);

/* What stands in the way, "loading the model", lent; NULL: work goes on. */
void view_set_waiting(struct view *view, const char *waiting);

/* Replies that came and tokens that were written for it, so far. */
void view_set_written(struct view *view, uint64_t outputs, uint64_t tokens);

/* Takes the result so far, as JSON; what cannot be read is passed over. */
void view_update(struct view *view, const char *json);

/* Draws when it is time: ten times a second, or as the config says. */
void view_tick(struct view *view);

/* Takes the lines off the screen; the next tick draws them again. */
void view_clear(struct view *view);

void view_fini(struct view *view); /* clears */

/* A log that clears the view first. user is the view. */
void view_log(void *user, enum log_level level, const char *message);

#endif
