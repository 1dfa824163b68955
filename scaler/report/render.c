/*
 * render.c - what all drawings are made of: the terminal, harmless text, sentences and bars.
 */
#include "scaler/report/render.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/plain.h"
#include "base/utf8.h"

#define TEXT_MAX (1u << 26) /* bytes of a drawing: a solution may be long */

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* UTF-8 unless the locale clearly says otherwise: containers often set none at all. */
static bool terminal_is_utf8(void)
{
    const char *locale = environment("LC_ALL");
    if (!locale)
        locale = environment("LC_CTYPE");
    if (!locale)
        locale = environment("LANG");
    return !locale || plain_find(locale, "utf-8") || plain_find(locale, "utf8");
}

void render_init(struct render *r, FILE *stream)
{
    struct winsize size = {0};
    const char *term = environment("TERM"), *columns = environment("COLUMNS");
    bool terminal = isatty(fileno(stream));
    *r = (struct render){.columns = 80};
    buf_init(&r->text, TEXT_MAX);
    if (terminal && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col)
        r->columns = size.ws_col;
    else if (terminal && columns)
        r->columns = (size_t)atoi(columns);
    if (r->columns < 40)
        r->columns = 40;
    if (r->columns > 400)
        r->columns = 400;
    r->colour = terminal && term && strcmp(term, "dumb") != 0 && !environment("NO_COLOR");
    r->unicode = terminal_is_utf8();
    r->wrap = terminal;
}

void render_fini(struct render *r)
{
    buf_fini(&r->text);
}

void render_style(struct render *r, enum render_style style)
{
    static const char *const codes[] = {"\033[0m",  "\033[1m",  "\033[2m",
                                        "\033[32m", "\033[31m", "\033[36m"};
    if (r->colour)
        buf_puts(&r->text, codes[style]);
}

const char *render_counted(uint64_t n, char out[32])
{
    size_t at = 31;
    out[at] = '\0';
    for (int digits = 0; n || !digits; n /= 10, digits++) {
        if (digits && digits % 3 == 0)
            out[--at] = ',';
        out[--at] = (char)('0' + n % 10);
    }
    return out + at;
}

void render_count(struct render *r, uint64_t n)
{
    char text[32];
    buf_puts(&r->text, render_counted(n, text));
}

/* Characters that would move the cursor or turn the direction of the text. */
static bool is_unsafe(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x200e || point == 0x200f ||
           point == 0x061c || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}

static void put_unsafe(struct render *r)
{
    buf_puts(&r->text, r->unicode ? "\xef\xbf\xbd" : "?");
}

void render_text(struct render *r, const char *text, size_t len)
{
    size_t point_len;
    for (size_t i = 0; i < len; i += point_len) {
        uint32_t point;
        point_len = utf8_decode(text + i, len - i, &point);
        if (point == '\t')
            buf_putc(&r->text, ' ');
        else if (point == '\r' && i + 1 < len && text[i + 1] == '\n')
            continue;
        else if (point != '\n' && is_unsafe(point))
            put_unsafe(r);
        else
            buf_append(&r->text, text + i, point_len);
    }
}

size_t render_line(struct render *r, const char *text, size_t columns)
{
    size_t len = strlen(text), width = 0, point_len;
    const char *dots = r->unicode ? "…" : "...";
    size_t dots_width = r->unicode ? 1 : 3;
    size_t mark = r->text.len, mark_width = 0; /* where dots still fit */
    bool space = true;
    while (len && strchr(" \t\r\n", text[len - 1]))
        len--;
    for (size_t i = 0; i < len; i += point_len) {
        uint32_t point;
        point_len = utf8_decode(text + i, len - i, &point);
        bool blank = point == ' ' || point == '\t' || point == '\r' || point == '\n';
        if (blank && space)
            continue;
        space = blank;
        size_t wide = blank || is_unsafe(point) ? 1 : utf8_columns(text + i, point_len);
        if (width + wide > columns) {
            r->text.len = mark;
            buf_puts(&r->text, dots);
            return mark_width + dots_width;
        }
        if (blank)
            buf_putc(&r->text, ' ');
        else if (is_unsafe(point))
            put_unsafe(r);
        else
            buf_append(&r->text, text + i, point_len);
        width += wide;
        if (width + dots_width <= columns) {
            mark = r->text.len;
            mark_width = width;
        }
    }
    return width;
}

void render_pad(struct render *r, size_t columns)
{
    while (columns--)
        buf_putc(&r->text, ' ');
}

void render_say(struct render *r, size_t indent, const char *format, ...)
{
    char text[1001];
    va_list args;
    va_start(args, format);
    plain_vprint(text, sizeof text, format, args);
    va_end(args);
    size_t width = indent;
    render_pad(r, indent);
    for (const char *word = text; *word;) {
        size_t len = strcspn(word, " "), wide = utf8_columns(word, len);
        if (r->wrap && width > indent && width + 1 + wide > r->columns) {
            buf_putc(&r->text, '\n');
            render_pad(r, indent);
            width = indent;
        } else if (width > indent) {
            buf_putc(&r->text, ' ');
            width++;
        }
        buf_append(&r->text, word, len);
        width += wide;
        word += len + (word[len] == ' ');
    }
    buf_putc(&r->text, '\n');
}

void render_bar(struct render *r, double share, size_t columns)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    share = share > 0 ? (share < 1 ? share : 1) : 0;
    size_t steps = (size_t)lround(share * (double)columns * 8);
    if (share > 0 && !steps)
        steps = 1;
    size_t full = steps / 8, rest = steps % 8, drawn = full;
    render_style(r, STYLE_BAR);
    if (!r->unicode) {
        drawn = (steps + 7) / 8;
        for (size_t i = 0; i < drawn; i++)
            buf_putc(&r->text, '#');
    } else {
        for (size_t i = 0; i < full; i++)
            buf_puts(&r->text, "█");
        buf_puts(&r->text, eighths[rest]);
        drawn += rest > 0;
    }
    render_style(r, STYLE_PLAIN);
    render_pad(r, columns - drawn);
}
