/* clock.h - the monotonic clock. Only processes and tests read it; pure code is told the time. */
#ifndef SURETY_BASE_CLOCK_H
#define SURETY_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since an arbitrary start; never goes back. */
int64_t clock_now_ms(void);

#endif
