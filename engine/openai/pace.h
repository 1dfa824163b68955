/*
 * pace.h - how fast a server may be asked: requests and tokens a minute, and pauses after failures.
 *
 * Pure; told the time. A bucket fills evenly with what a minute allows and holds a tenth of that;
 * what a request really used is taken afterwards, so that it may go below zero and later ones wait.
 */
#ifndef SURETY_ENGINE_OPENAI_PACE_H
#define SURETY_ENGINE_OPENAI_PACE_H

#include <stdint.h>

#define PACE_PAUSE_MIN_MS 250
#define PACE_PAUSE_MAX_MS 30000

struct pace { /* zeroed: unlimited */
    double a_minute, most;
    double left;
    int64_t at_ms; /* when left was true */
};

void pace_init(struct pace *pace, double a_minute, int64_t now_ms);
void pace_take(struct pace *pace, double amount, int64_t now_ms);

/* When at least `amount` is there; now_ms or earlier: it is. */
int64_t pace_when(const struct pace *pace, double amount, int64_t now_ms);

/* A pause before try number tries (1, 2, ...): it doubles from PACE_PAUSE_MIN_MS, of which a random
 * half is left out, so that many do not come again at once. random: any number. */
int64_t pace_pause_ms(unsigned tries, uint64_t random);

#endif
