#include "engine/openai/pace.h"

#include <math.h>

void pace_init(struct pace *pace, double a_minute, int64_t now_ms)
{
    double most = fmax(a_minute / 10, 1);
    *pace = (struct pace){.a_minute = a_minute, .most = most, .left = most, .at_ms = now_ms};
}

void pace_take(struct pace *pace, double amount, int64_t now_ms)
{
    if (pace->a_minute <= 0)
        return;
    double more = pace->a_minute * (double)(now_ms - pace->at_ms) / 60000;
    pace->left = fmin(pace->left + more, pace->most) - amount;
    pace->at_ms = now_ms;
}

int64_t pace_when(const struct pace *pace, double amount, int64_t now_ms)
{
    if (pace->a_minute <= 0)
        return now_ms;
    double lacks = fmin(amount, pace->most) - pace->left;
    return lacks <= 0 ? pace->at_ms : pace->at_ms + (int64_t)ceil(lacks * 60000 / pace->a_minute);
}

int64_t pace_pause_ms(unsigned tries, uint64_t random)
{
    int64_t pause = PACE_PAUSE_MIN_MS;
    for (; tries > 1 && pause < PACE_PAUSE_MAX_MS; tries--)
        pause *= 2;
    if (pause > PACE_PAUSE_MAX_MS)
        pause = PACE_PAUSE_MAX_MS;
    return pause / 2 + (int64_t)(random % (uint64_t)(pause / 2 + 1));
}
