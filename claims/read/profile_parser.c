/*
 * profile_parser.c - what both parts of a profile's parser need: the sections (profile.c) and the
 * keys of the head (profile_keys.c).
 */
#include <string.h>

#include "claims/read/profile_internal.h"

enum surety_err profile_bad(struct profile_parser *p, const char *what)
{
    return surety_fail(p->err, SURETY_ERR_PARSE, "profile, line %zu: %s", p->line, what);
}

enum surety_err profile_no_memory(struct profile_parser *p)
{
    return surety_fail(p->err, SURETY_ERR_NOMEM, "no memory for the profile");
}

bool profile_next_part(const char *text, struct span *rest, struct span *ret_part)
{
    if (rest->start > rest->end)
        return false;
    const char *comma = memchr(text + rest->start, ',', rest->end - rest->start);
    size_t end = comma ? (size_t)(comma - text) : rest->end;
    *ret_part = scan_trim(text, (struct span){rest->start, end});
    rest->start = end + 1;
    return true;
}

bool profile_span_is(const char *text, struct span s, const char *word)
{
    return s.end - s.start == strlen(word) && !memcmp(text + s.start, word, s.end - s.start);
}
