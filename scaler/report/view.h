/*
 * view.h - what happens, live, on a terminal: a few lines on stderr that are redrawn in place.
 *
 * Everything here does nothing when stderr is no terminal.
 */
#ifndef SURETY_SCALER_REPORT_VIEW_H
#define SURETY_SCALER_REPORT_VIEW_H

#include "base/log.h"
#include "scaler/report/render.h"

struct view {
    bool live;
    struct render render;
    size_t lines; /* that stand on the screen */
    size_t rows;  /* of the screen */
    int64_t began_ms, drawn_ms;
    unsigned frame;
    struct surety_result result; /* the last progress; zeroed: none yet */
    uint32_t k;
    uint64_t done, total, failed; /* grade's bar; total 0: the view of one problem */
    uint64_t before;              /* done already when it began */
};

/* For one problem with k trajectories. */
void view_init(struct view *view, uint32_t k);

/* For a file of problems: a bar. before: of those done, the ones that were so when it began. */
void view_init_bar(struct view *view, uint64_t total);
void view_set_bar(struct view *view, uint64_t done, uint64_t before, uint64_t failed);

/* Takes the result so far, as JSON; what cannot be read is passed over. */
void view_update(struct view *view, const char *json);

/* Draws when it is time (ten times a second). */
void view_tick(struct view *view);

/* Takes the lines off the screen; the next tick draws them again. */
void view_clear(struct view *view);

void view_fini(struct view *view); /* clears */

/* A log that clears the view first. user is the view. */
void view_log(void *user, enum log_level level, const char *message);

#endif
