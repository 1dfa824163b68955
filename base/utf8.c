#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/alloc.h"

#define REPLACEMENT 0xFFFDu

size_t utf8_decode(const char *text, size_t len, uint32_t *ret_point)
{
    const unsigned char *s = (const unsigned char *)text;
    *ret_point = REPLACEMENT;
    if (len == 0)
        return 0;
    if (s[0] < 0x80) {
        *ret_point = s[0];
        return 1;
    }
    size_t need;
    uint32_t point;
    unsigned char low = 0x80,
                  high = 0xBF; /* bounds of the second byte: no overlong, no surrogate */
    if (s[0] >= 0xC2 && s[0] <= 0xDF) {
        need = 2;
        point = s[0] & 0x1F;
    } else if (s[0] >= 0xE0 && s[0] <= 0xEF) {
        need = 3;
        point = s[0] & 0x0F;
        if (s[0] == 0xE0)
            low = 0xA0;
        if (s[0] == 0xED)
            high = 0x9F;
    } else if (s[0] >= 0xF0 && s[0] <= 0xF4) {
        need = 4;
        point = s[0] & 0x07;
        if (s[0] == 0xF0)
            low = 0x90;
        if (s[0] == 0xF4)
            high = 0x8F;
    } else {
        return 1;
    }
    for (size_t i = 1; i < need; i++) {
        if (i == len || s[i] < low || s[i] > high)
            return i;
        point = point << 6 | (s[i] & 0x3F);
        low = 0x80;
        high = 0xBF;
    }
    *ret_point = point;
    return need;
}

size_t utf8_encode(uint32_t point, char out[4])
{
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
        point = REPLACEMENT;
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t n = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3F));
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[n] | point);
    return n;
}

/* One step of validation: the bytes to take, and whether they stand as they are. */
static size_t take(const char *text, size_t len, bool *ret_good)
{
    uint32_t point;
    size_t n = utf8_decode(text, len, &point);
    *ret_good =
        text[0] != '\0' && (point != REPLACEMENT || (n == 3 && !memcmp(text, "\xEF\xBF\xBD", 3)));
    return n;
}

bool utf8_is_valid(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        bool good;
        i += take(text + i, len - i, &good);
        if (!good)
            return false;
    }
    return true;
}

char *utf8_make_valid(const char *text, size_t len, size_t *ret_len)
{
    size_t size = 0;
    for (size_t i = 0; i < len;) {
        bool good;
        size_t n = take(text + i, len - i, &good);
        size += good ? n : 3;
        i += n;
    }
    char *copy = alloc_bytes(size + 1);
    if (!copy)
        return NULL;
    char *out = copy;
    for (size_t i = 0; i < len;) {
        bool good;
        size_t n = take(text + i, len - i, &good);
        memcpy(out, good ? text + i : "\xEF\xBF\xBD", good ? n : 3);
        out += good ? n : 3;
        i += n;
    }
    *out = '\0';
    if (ret_len)
        *ret_len = size;
    return copy;
}

size_t utf8_cut(const char *text, size_t len)
{
    size_t start = len;
    while (start > 0 && len - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return 0;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t need = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return start - 1 + need <= len ? start - 1 + need : start - 1;
}

size_t utf8_columns(const char *text, size_t len)
{
    size_t columns = 0;
    for (size_t i = 0; i < len;) {
        uint32_t point;
        i += utf8_decode(text + i, len - i, &point);
        int width = utf8proc_charwidth((utf8proc_int32_t)point);
        columns += width > 0 ? (size_t)width : 0;
    }
    return columns;
}
