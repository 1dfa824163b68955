#include "base/plain.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int plain_compare(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int order = (unsigned char)plain_lower(a[i]) - (unsigned char)plain_lower(b[i]);
        if (order || !a[i])
            return order;
    }
    return 0;
}

const char *plain_find(const char *text, const char *part)
{
    size_t len = strlen(part);
    for (;; text++) {
        if (plain_compare(text, part, len) == 0)
            return text;
        if (!*text)
            return NULL;
    }
}

/* The C library gives its own object for "C": nothing is allocated, and nothing is to be freed. */
static locale_t c_locale(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

double plain_number(const char *text, char **ret_end)
{
    return strtod_l(text, ret_end, c_locale());
}

int plain_vprint(char *out, size_t size, const char *format, va_list args)
{
    locale_t before = uselocale(c_locale());
    int len = vsnprintf(out, size, format, args);
    uselocale(before);
    return len;
}

int plain_print(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = plain_vprint(out, size, format, args);
    va_end(args);
    return len;
}
