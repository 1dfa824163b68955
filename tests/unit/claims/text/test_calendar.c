#include "tests/unit/test.h"

#include "claims/text/calendar.h"

static void date(const char *text, int year, int month, int day)
{
    struct date d;
    if (!calendar_date(text, &d))
        fail_msg("%s: no date", text);
    if (d.year != year || d.month != month || d.day != day)
        fail_msg("%s: %d-%d-%d", text, d.year, d.month, d.day);
}

static void no_date(const char *text)
{
    struct date d;
    if (calendar_date(text, &d))
        fail_msg("%s: %d-%d-%d", text, d.year, d.month, d.day);
}

static void date_is_read_in_the_common_forms(void **state)
{
    date("11/22/2001", 2001, 11, 22);
    date("11-22-2001", 2001, 11, 22);
    date("2001-11-22", 2001, 11, 22);
    date("2001/1/2", 2001, 1, 2);
    date("22/11/2001", 2001, 11, 22); /* no month is 22 */
    date("12/12/2001", 2001, 12, 12);
    date("13/12/2001", 2001, 12, 13);
    date("5/6/2001", 2001, 5, 6);
    date("November 22, 2001", 2001, 11, 22);
    date("Nov. 22, 2001", 2001, 11, 22);
    date("november 22nd 2001", 2001, 11, 22);
    date("22 November 2001", 2001, 11, 22);
    date("22nd of November, 2001", 2001, 11, 22);
    date("Thursday, November 22, 2001", 2001, 11, 22);
    date("Thu Nov 22 2001", 2001, 11, 22);
    date("\\text{November 22, 2001}", 2001, 11, 22);
    date("**May 1, 1999**", 1999, 5, 1);
    date("April 5", 0, 4, 5); /* no year */
    date("5 April", 0, 4, 5);
    date("Jan 31", 0, 1, 31);
}

static void date_knows_each_month(void **state)
{
    static const char *const names[] = {"January 3",   "February 3", "March 3",    "April 3",
                                        "May 3",       "June 3",     "July 3",     "August 3",
                                        "September 3", "October 3",  "November 3", "December 3"};
    for (int i = 0; i < 12; i++)
        date(names[i], 0, i + 1, 3);
}

static void date_is_the_whole_text_and_possible(void **state)
{
    no_date("");
    no_date("2001");
    no_date("11/22/01");
    no_date("11/22-2001");
    no_date("13/13/2001");
    no_date("0/5/2001");
    no_date("1/0/2001");
    no_date("1/32/2001");
    no_date("11.22.2001");
    no_date("11/22/2001 at noon");
    no_date("November 2001");
    no_date("Nov 32, 2001");
    no_date("Smarch 3, 2001");
    no_date("No 3, 2001"); /* two letters name no month */
    no_date("0 April");
    no_date("November 22, 01");
    no_date("22nd of 11 2001");
    no_date("22 November 01");
    no_date("22nd of November 01");
    no_date("32nd of November 2001");
    no_date("22nd of Smarch 2001");
    no_date("22nd in November 2001");
    no_date("11/22/20011");
    no_date("3 + 4");
    no_date("Thursday");
    no_date("April/5");
    no_date("1 2 3 4 5 6 7");
    no_date("x 11/22/2001");
    no_date("100/22/2001");
    no_date("11/022/2001");
}

static void time_of_day(const char *text, int minutes)
{
    int got;
    if (!calendar_time(text, &got))
        fail_msg("%s: no time", text);
    assert_int_equal(got, minutes);
}

static void no_time(const char *text)
{
    int got;
    if (calendar_time(text, &got))
        fail_msg("%s: %d", text, got);
}

static void time_counts_from_midnight(void **state)
{
    time_of_day("3:30 pm", 15 * 60 + 30);
    time_of_day("3:30 p.m.", 15 * 60 + 30);
    time_of_day("3 PM", 15 * 60);
    time_of_day("3pm", 15 * 60);
    time_of_day("9:05 a.m.", 9 * 60 + 5);
    time_of_day("12:00 am", 0);
    time_of_day("12:01 am", 1);
    time_of_day("12:00 pm", 12 * 60);
    time_of_day("11:59 pm", 23 * 60 + 59);
    time_of_day("1 am", 60);
    time_of_day("noon", 12 * 60);
    time_of_day("12 noon", 12 * 60);
    time_of_day("Midnight", 0);
    time_of_day("12 midnight", 0);
    time_of_day("3:30\\text{ pm}", 15 * 60 + 30);
}

static void time_needs_its_half_of_the_day(void **state)
{
    no_time("3:30");
    no_time("13 pm");
    no_time("0 am");
    no_time("3:60 pm");
    no_time("3:5 pm");
    no_time("3/30 pm");
    no_time("pm");
    no_time("11 noon");
    no_time("afternoon");
    no_time("3:30 pm today");
    no_time("3 xm");
    no_time("");
}

static void clock_is_two_digits_after_a_colon(void **state)
{
    int got;
    assert_true(calendar_clock("3:30", &got));
    assert_int_equal(got, 210);
    assert_true(calendar_clock("0:00", &got));
    assert_int_equal(got, 0);
    assert_true(calendar_clock("24:59", &got));
    assert_int_equal(got, 24 * 60 + 59);
    static const char *const none[] = {"25:00", "3:60", "3:5",     "3",     "3:30:00", "003:30",
                                       "3-30",  "a:30", "3:30 pm", "3:30/", ""};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (calendar_clock(none[i], &got))
            fail_msg("%s: %d", none[i], got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_is_read_in_the_common_forms),
        cmocka_unit_test(date_knows_each_month),
        cmocka_unit_test(date_is_the_whole_text_and_possible),
        cmocka_unit_test(time_counts_from_midnight),
        cmocka_unit_test(time_needs_its_half_of_the_day),
        cmocka_unit_test(clock_is_two_digits_after_a_colon),
    };
    return cmocka_run_group_tests_name("claims.text.calendar", tests, NULL, NULL);
}
