/* See rate.h: a ring of counts, one for each part of the window. */
#include "scaler/broker/rate.h"

#include <string.h>

static int64_t part_at(const struct rate *rate, int64_t now_ms)
{
    return (now_ms - rate->began_ms) / rate->part_ms;
}

void rate_begin(struct rate *rate, int64_t part_ms, int64_t now_ms)
{
    *rate = (struct rate){.part_ms = part_ms, .began_ms = now_ms};
}

void rate_add(struct rate *rate, int64_t now_ms, int64_t n)
{
    int64_t part = part_at(rate, now_ms);
    if (part - rate->newest >= RATE_PARTS)
        memset(rate->counts, 0, sizeof rate->counts);
    else
        for (int64_t i = rate->newest + 1; i <= part; i++)
            rate->counts[i % RATE_PARTS] = 0;
    rate->newest = part;
    rate->counts[part % RATE_PARTS] += n;
}

double rate_of(const struct rate *rate, int64_t now_ms)
{
    int64_t part = part_at(rate, now_ms), sum = 0;
    int64_t first = part < RATE_PARTS ? 0 : part - RATE_PARTS + 1;
    for (int64_t i = first; i <= rate->newest; i++)
        sum += rate->counts[i % RATE_PARTS];
    int64_t ms = now_ms - rate->began_ms - first * rate->part_ms;
    return sum > 0 ? (double)sum * 1000 / (double)(ms > rate->part_ms ? ms : rate->part_ms) : 0;
}
