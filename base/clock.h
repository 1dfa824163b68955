/* clock.h - the monotonic clock. Only processes and tests read it; pure code is told the time. */
#ifndef SURETY_BASE_CLOCK_H
#define SURETY_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since an arbitrary start; never goes back. */
int64_t clock_now_ms(void);

/* Milliseconds since 1970 in UTC, as the host believes: to be shown, never to be reckoned with. */
int64_t clock_utc_ms(void);

#endif
