#include "claims/text/fold.h"

#include <string.h>

#include "base/utf8.h"

/* Bytes of the white space or control character at text, 0 when it is another. */
static size_t blank(const char *text, size_t len)
{
    unsigned char c = (unsigned char)*text;
    if (c <= ' ' || c == 0x7F)
        return 1;
    if (c == 0xC2 && len >= 2) { /* C1 controls with NEL, and the no-break space */
        unsigned char d = (unsigned char)text[1];
        return (d >= 0x80 && d <= 0xA0) ? 2 : 0;
    }
    if (len >= 3 && (!memcmp(text, "\xE2\x80\xA8", 3) || !memcmp(text, "\xE2\x80\xA9", 3)))
        return 3;
    return 0;
}

char *fold_line(const char *text, size_t len, size_t max, struct arena *arena)
{
    char *line = arena_alloc(arena, len + 1);
    if (!line)
        return NULL;
    size_t out = 0;
    for (size_t i = 0, n; i < len; i += n) {
        n = blank(text + i, len - i);
        if (!n)
            line[out++] = text[i];
        else if (out && line[out - 1] != ' ')
            line[out++] = ' ';
        n += !n;
    }
    line[out] = '\0';
    if (out > max)
        out = utf8_cut(line, max);
    while (out && line[out - 1] == ' ')
        out--;
    line[out] = '\0';
    return line;
}
