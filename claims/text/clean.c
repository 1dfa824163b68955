/*
 * Turns Unicode signs into the ASCII or LaTeX that the lexer knows: one table, one pass, so that
 * "2 × 10³" and "2 \times 10^{3}" are the same text from here on.
 */
#include "claims/text/clean.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/plain.h"
#include "base/utf8.h"

static const struct {
    uint32_t point;
    const char *ascii;
} signs[] = {
    {0x00A0, " "},
    {0x00A2, "\\cents "},
    {0x00A3, "\\pounds "},
    {0x00A5, "\\yen "},
    {0x00AC, "\\neg "},
    {0x00B0, "^\\circ "},
    {0x00B1, "\\pm "},
    {0x00B5, "\\mu "},
    {0x00B7, "*"},
    {0x00BA, "^\\circ "},
    {0x00BC, "\\frac{1}{4}"},
    {0x00BD, "\\frac{1}{2}"},
    {0x00BE, "\\frac{3}{4}"},
    {0x00D7, "*"},
    {0x00F7, "/"},
    {0x02DA, "^\\circ "},
    {0x0393, "\\Gamma "},
    {0x0394, "\\Delta "},
    {0x0398, "\\Theta "},
    {0x03A3, "\\Sigma "},
    {0x03A6, "\\Phi "},
    {0x03A9, "\\Omega "},
    {0x03B1, "\\alpha "},
    {0x03B2, "\\beta "},
    {0x03B3, "\\gamma "},
    {0x03B4, "\\delta "},
    {0x03B5, "\\epsilon "},
    {0x03B8, "\\theta "},
    {0x03BB, "\\lambda "},
    {0x03BC, "\\mu "},
    {0x03C0, "\\pi "},
    {0x03C1, "\\rho "},
    {0x03C3, "\\sigma "},
    {0x03C4, "\\tau "},
    {0x03C6, "\\phi "},
    {0x03C9, "\\omega "},
    {0x2002, " "},
    {0x2003, " "},
    {0x2004, " "},
    {0x2005, " "},
    {0x2006, " "},
    {0x2007, " "},
    {0x2008, " "},
    {0x2009, " "},
    {0x200A, " "},
    {0x200B, ""},
    {0x200C, ""},
    {0x200D, ""},
    {0x200E, ""},
    {0x200F, ""},
    {0x2010, "-"},
    {0x2011, "-"},
    {0x2012, "-"},
    {0x2013, "-"},
    {0x2014, " - "},
    {0x2018, "'"},
    {0x2019, "'"},
    {0x201C, "\""},
    {0x201D, "\""},
    {0x2022, "*"},
    {0x2026, "\\dots "},
    {0x202F, " "},
    {0x2032, "'"},
    {0x2033, "''"},
    {0x2044, "/"},
    {0x2060, ""},
    {0x20AC, "\\euro "},
    {0x20B9, "\\rupee "},
    {0x2102, "\\mathbb{C}"},
    {0x2103, "^\\circ C"},
    {0x2109, "^\\circ F"},
    {0x211D, "\\mathbb{R}"},
    {0x2124, "\\mathbb{Z}"},
    {0x2126, "\\Omega "},
    {0x2153, "\\frac{1}{3}"},
    {0x2154, "\\frac{2}{3}"},
    {0x2155, "\\frac{1}{5}"},
    {0x215B, "\\frac{1}{8}"},
    {0x215C, "\\frac{3}{8}"},
    {0x215D, "\\frac{5}{8}"},
    {0x215E, "\\frac{7}{8}"},
    {0x2190, "\\leftarrow "},
    {0x2192, "\\Rightarrow "},
    {0x21D2, "\\Rightarrow "},
    {0x2205, "\\emptyset "},
    {0x2208, "\\in "},
    {0x2211, "\\sum "},
    {0x2212, "-"},
    {0x2213, "\\mp "},
    {0x2215, "/"},
    {0x2216, "\\setminus "},
    {0x2217, "*"},
    {0x2218, "^\\circ "},
    {0x2219, "*"},
    {0x221A, "\\proot2 "},
    {0x221B, "\\proot3 "},
    {0x221E, "\\infty "},
    {0x2220, "\\angle "},
    {0x2223, "\\mid "},
    {0x2227, "\\land "},
    {0x2228, "\\lor "},
    {0x2229, "\\cap "},
    {0x222A, "\\cup "},
    {0x2236, ":"},
    {0x2248, "\\approx "},
    {0x2260, "\\ne "},
    {0x2264, "\\le "},
    {0x2265, "\\ge "},
    {0x22C5, "*"},
    {0x22EF, "\\dots "},
    {0x2308, "\\lceil "},
    {0x2309, "\\rceil "},
    {0x230A, "\\lfloor "},
    {0x230B, "\\rfloor "},
    {0x25A1, ""},
    {0x25B3, "\\triangle "},
    {0x27E8, "\\langle "},
    {0x27E9, "\\rangle "},
    {0x2A7D, "\\le "},
    {0x2A7E, "\\ge "},
    {0x3000, " "},
    {0x3001, ","},
    {0x3002, "."},
    {0xFEFF, ""},
};

static const char *find_sign(uint32_t point)
{
    size_t low = 0, high = sizeof signs / sizeof *signs;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (signs[middle].point < point)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sizeof signs / sizeof *signs && signs[low].point == point ? signs[low].ascii
                                                                           : NULL;
}

#define RAISED 0x2070
#define LOWERED 0x2080

/* The ASCII character that a superscript or subscript stands for, 0 for none. */
static char raised(uint32_t point, uint32_t block)
{
    static const char tables[2][17] = {"0i__456789+-=()n", "0123456789+-=()_"};
    if (block == RAISED && (point == 0xB2 || point == 0xB3))
        return point == 0xB2 ? '2' : '3';
    if (block == RAISED && point == 0xB9)
        return '1';
    char c = point >= block && point < block + 16 ? tables[block == LOWERED][point - block] : '_';
    return c == '_' ? '\0' : c;
}

/* A run of raised (or lowered) characters becomes ^{...} (or _{...}). Returns its length. */
static size_t raised_run(const char *text, size_t len, uint32_t block, struct buf *out)
{
    size_t at = 0;
    for (uint32_t point; at < len;) {
        size_t n = utf8_decode(text + at, len - at, &point);
        char c = raised(point, block);
        if (!c)
            break;
        if (at == 0)
            buf_puts(out, block == RAISED ? "^{" : "_{");
        buf_putc(out, c);
        at += n;
    }
    if (at)
        buf_putc(out, '}');
    return at;
}

/* The u of "5 µA" and the ohm of "1 kΩ": part of a unit, not Greek letters of algebra. */
static const char *unit_sign(uint32_t point, const char *text, size_t at, const char *next)
{
    if ((point == 0xB5 || point == 0x3BC) && *next && strchr("AgmsLlFCVWJNHP", *next)) {
        while (at && (text[at - 1] == ' ' || text[at - 1] == '~'))
            at--;
        return at && text[at - 1] >= '0' && text[at - 1] <= '9' ? "u" : NULL;
    }
    bool ohm = point == 0x3A9 || point == 0x2126;
    if (!ohm || !at || !strchr("kMmG", text[at - 1]))
        return NULL;
    return at > 1 && (text[at - 2] == ' ' || (text[at - 2] >= '0' && text[at - 2] <= '9')) ? "ohm "
                                                                                           : NULL;
}

/* The length of the \Omega of "5 k\Omega" and "\mathrm{k\Omega}", where it ends a unit; else 0. */
static size_t ohm_command(const char *text, size_t len, size_t at)
{
    static const char command[] = "\\Omega";
    size_t n = sizeof command - 1, next = at + n;
    if (len - at < n || memcmp(text + at, command, n) != 0 || at < 2 ||
        !strchr("kMmG", text[at - 1]) || !strchr(" {,~", text[at - 2]))
        return 0;
    while (next < len && text[next] == ' ')
        next++;
    return next == len || strchr("}$.,;)/", text[next]) ? n : 0;
}

static bool follows_letter(const char *text, size_t at)
{
    while (at && text[at - 1] == ' ')
        at--;
    return at && (text[at - 1] == '}' || plain_is_letter(text[at - 1]));
}

char *clean_text(struct arena *arena, const char *text, size_t len, size_t max)
{
    struct buf out;
    buf_init(&out, max);
    buf_puts(&out, "");
    for (size_t i = 0; i < len && !out.failed;) {
        uint32_t point;
        size_t n = utf8_decode(text + i, len - i, &point);
        size_t run = 0;
        if (point >= 0x80) {
            run = raised_run(text + i, len - i, RAISED, &out);
            if (!run)
                run = raised_run(text + i, len - i, LOWERED, &out);
        }
        const char *sign =
            point >= 0x80 ? unit_sign(point, text, i, i + n < len ? text + i + n : "") : NULL;
        if (point == 0xD7 && follows_letter(text, i)) /* of vectors, where * is another product */
            sign = "\\times ";
        if (point >= 0x80 && !sign)
            sign = find_sign(point);
        size_t ohm = point == '\\' ? ohm_command(text, len, i) : 0;
        if (ohm) {
            sign = "ohm ";
            n = ohm;
        }
        if (run)
            n = run;
        else if (sign)
            buf_puts(&out, sign);
        else if (point >= 0xFF01 && point <= 0xFF5E)
            buf_putc(&out, (char)(point - 0xFEE0));
        else if (point >= 0x0660 && point <= 0x0669) /* Arabic digits */
            buf_putc(&out, (char)(point - 0x0660 + '0'));
        else if (point >= 0x06F0 && point <= 0x06F9)
            buf_putc(&out, (char)(point - 0x06F0 + '0'));
        else if (point == 0)
            buf_putc(&out, ' ');
        else
            buf_append(&out, text + i, n);
        i += n;
    }
    char *copy = out.failed ? NULL : arena_strndup(arena, out.data ? out.data : "", out.len);
    buf_fini(&out);
    return copy;
}
