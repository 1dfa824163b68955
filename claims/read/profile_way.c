/*
 * profile_way.c - how profiles word the ways of judging. Here a new way gets its sections
 * ("[name role]"), its placeholder and its keys; what it asks and when is claims/plan/plan_way.h.
 */
#include <stdio.h>
#include <string.h>

#include "claims/read/profile_internal.h"
#include <surety/settings.h>

const struct profile_way profile_ways[] = {
    {.verify = SURETY_VERIFY_JOINT, .asked = "{claims}", .several = true},
    {.verify = SURETY_VERIFY_EACH,
     .asked = "{claim}",
     .form_key = "verdict",
     .forms = {"line", "word", "choice"},
     .choice = 2,
     .labels_key = "labels",
     .labels = {"VALID", "REFUTED"}},
    {.verify = SURETY_VERIFY_BLIND,
     .asked = "{quantity}",
     .temperature_key = "blind-temperature",
     .form_key = "blind-value",
     .forms = {"answer", "line"}},
    {.verify = SURETY_VERIFY_WHOLE,
     .asked = "{solution}",
     .lines = true,
     .labels_key = "whole-labels",
     .labels = {"VALID", "REFUTED"}},
};
_Static_assert(sizeof profile_ways / sizeof *profile_ways == PROFILE_WAYS,
               "every way has its wording");

size_t profile_way_of(enum surety_verify verify)
{
    size_t i = 0;
    while (i < PROFILE_WAYS && profile_ways[i].verify != verify)
        i++;
    return i;
}

void profile_way_names(const char *between, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < PROFILE_WAYS && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? between : "",
                                 surety_verify_name(profile_ways[i].verify));
}
