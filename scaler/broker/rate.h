/*
 * rate.h - how much came in a second, over the last ten parts of a sliding window.
 *
 * Told the time, as the core is; an answer costs the same however much came.
 */
#ifndef SURETY_SCALER_BROKER_RATE_H
#define SURETY_SCALER_BROKER_RATE_H

#include <stdint.h>

#define RATE_PARTS 10

struct rate {
    int64_t part_ms, began_ms;
    int64_t newest; /* number of the part that was added to last */
    int64_t counts[RATE_PARTS];
};

void rate_begin(struct rate *rate, int64_t part_ms, int64_t now_ms);

/* n below 0 takes back what was guessed too high. */
void rate_add(struct rate *rate, int64_t now_ms, int64_t n);

/* A second; from 0. Over the time since the beginning while that is shorter than the window, but
 * over one part at least. */
double rate_of(const struct rate *rate, int64_t now_ms);

#endif
