/*
 * render.h - a result as text for people; shared by solve, show and the live view.
 *
 * Text of models is untrusted: it is folded to one line, cut to the width, and control and
 * direction characters are replaced, so that no answer can drive the reader's terminal.
 */
#ifndef SURETY_SCALER_REPORT_RENDER_H
#define SURETY_SCALER_REPORT_RENDER_H

#include <stdio.h>

#include "base/buf.h"
#include <surety/types.h>

struct render {
    struct buf text; /* what was drawn so far; the caller takes or writes it */
    size_t columns;  /* of the screen, at least 40 */
    bool colour;
    bool unicode; /* block characters; else ASCII */
    bool wrap;    /* a terminal, which would break sentences inside of words */
};

/* Looks at the stream and the environment (NO_COLOR, TERM, COLUMNS, LC_ALL, LC_CTYPE, LANG). */
void render_init(struct render *r, FILE *stream);
void render_fini(struct render *r);

/* The whole result. */
void render_result(struct render *r, const struct surety_result *result);

/* The best groups as bars with their share, at most max lines. */
void render_groups(struct render *r, const struct surety_result *result, size_t max);

/* What was asked and what is right, in front of a result; each may be NULL. */
void render_problem(struct render *r, const char *problem, const char *gold);

/* The solution with the highest r behind the answer, the earliest of these; without an answer, of
 * all. NULL: there is none. */
const struct surety_trajectory *render_best(const struct surety_result *result);

/* One solution that has its text, its claims marked in place, and what each was judged. */
void render_solution(struct render *r, const struct surety_result *result,
                     const struct surety_trajectory *t);

/* Who decided a claim: "exact arithmetic", "the model", ... */
const char *render_decider(const struct surety_claim *claim);

/* One line of text, at most columns wide ("..." where it is cut). Returns its width. */
size_t render_line(struct render *r, const char *text, size_t columns);

/* Text of any length as it is, lines and blanks too, but made harmless. */
void render_text(struct render *r, const char *text, size_t len);

/* A sentence as printf makes it (of our own words: at most 1000 bytes), as lines of their own that
 * begin with indent blanks; on a terminal none is wider than the screen. */
void render_say(struct render *r, size_t indent, const char *format, ...) SURETY_PRINTF(3, 4);

/* A bar of share * columns, padded to columns. */
void render_bar(struct render *r, double share, size_t columns);

enum render_style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD, STYLE_BAR };
void render_style(struct render *r, enum render_style style);

/* "12,345", into out or a part of it: a number has at most 20 digits. Drawn, or as text. */
void render_count(struct render *r, uint64_t n);
const char *render_counted(uint64_t n, char out[32]);

void render_pad(struct render *r, size_t columns); /* so many blanks */

#endif
