#include <surety/err.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/plain.h"
#include "base/utf8.h"

static const struct {
    const char *name;
    const char *text;
    int http_status;
} table[] = {
#define X(name, wire, http, text) [SURETY_ERR_##name] = {wire, text, http},
    SURETY_ERR_TABLE(X)
#undef X
};

static enum surety_err clamp(enum surety_err code)
{
    return (unsigned)code < SURETY_ERR_COUNT_ ? code : SURETY_ERR_INTERNAL;
}

const char *surety_err_name(enum surety_err code)
{
    return table[clamp(code)].name;
}

const char *surety_err_text(enum surety_err code)
{
    return table[clamp(code)].text;
}

int surety_err_http_status(enum surety_err code)
{
    return table[clamp(code)].http_status;
}

enum surety_err surety_err_from_name(const char *name)
{
    for (unsigned code = 0; name && code < SURETY_ERR_COUNT_; code++)
        if (strcmp(table[code].name, name) == 0)
            return (enum surety_err)code;
    return SURETY_ERR_INTERNAL;
}

/* A quotation that "%.80s" cuts may end inside of a character, and so may the message. */
static void drop_broken(char *text)
{
    size_t len = strlen(text), out = 0, n;
    uint32_t point;
    for (size_t in = 0; in < len; in += n) {
        n = utf8_decode(text + in, len - in, &point);
        if (!utf8_is_valid(text + in, n))
            continue;
        memmove(text + out, text + in, n);
        out += n;
    }
    text[out] = '\0';
}

enum surety_err surety_fail(struct surety_error *err, enum surety_err code, const char *format, ...)
{
    if (!err)
        return code;
    err->code = code;
    va_list args;
    va_start(args, format);
    plain_vprint(err->message, sizeof err->message, format, args);
    va_end(args);
    drop_broken(err->message);
    return code;
}
