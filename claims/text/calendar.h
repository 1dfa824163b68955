/*
 * calendar.h - dates and times of day in the common forms.
 *
 * Does not check that a day exists. Month before day, unless that is no month. Pure, thread-safe.
 */
#ifndef SURETY_CLAIMS_TEXT_CALENDAR_H
#define SURETY_CLAIMS_TEXT_CALENDAR_H

#include <stdbool.h>

struct date {
    int year, month, day;
};

/* "11/22/2001", "2001-11-22", "Nov. 22, 2001", "22nd of November 2001", a weekday before it. The
 * whole text, or false. */
bool calendar_date(const char *text, struct date *ret_date);

/* "3:30 pm", "3 p.m.", "noon": minutes since midnight. The whole text, or false. */
bool calendar_time(const char *text, int *ret_minutes);

/* "3:30", which may also be a ratio: minutes since midnight. The whole text, or false. */
bool calendar_clock(const char *text, int *ret_minutes);

#endif
