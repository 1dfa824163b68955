/*
 * One pass over a msgpack body with a fixed stack, before anything is allocated. What it lets
 * through, an unpacker can take without harm: it nests at most WIRE_DEPTH_MAX deep, holds at most
 * WIRE_OBJECTS_MAX objects, declares nothing that is not there, has string keys only, and ends
 * where the body ends.
 */
#include "proto/wire.h"

#include <string.h>

struct cursor {
    const unsigned char *data;
    size_t at, len;
};

/* What one object's header says. */
struct header {
    bool is_map, is_string;
    uint64_t children; /* objects inside: elements, or keys and values */
    uint64_t bytes;    /* of content that follows: text, number, extension */
};

static uint64_t big_endian(const unsigned char *p, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | p[i];
    return value;
}

/* Headers 0xc0 to 0xdf: how many bytes of length follow, and what the length counts. */
struct form {
    unsigned char length_bytes;
    enum { BYTES, ELEMENTS, PAIRS, FIXED, REFUSED } counts;
    unsigned char fixed; /* bytes of content, apart from what the length counts */
    bool is_string;
};

static const struct form forms[32] = {
    [0x00] = {0, FIXED, 0, false},    [0x01] = {0, REFUSED, 0, false}, /* nil, never used */
    [0x02] = {0, FIXED, 0, false},    [0x03] = {0, FIXED, 0, false},   /* false, true */
    [0x04] = {1, BYTES, 0, false},    [0x05] = {2, BYTES, 0, false},   /* bin */
    [0x06] = {4, BYTES, 0, false},    [0x07] = {1, BYTES, 1, false},   /* bin, ext */
    [0x08] = {2, BYTES, 1, false},    [0x09] = {4, BYTES, 1, false},   /* ext */
    [0x0a] = {0, FIXED, 4, false},    [0x0b] = {0, FIXED, 8, false},   /* float */
    [0x0c] = {0, FIXED, 1, false},    [0x0d] = {0, FIXED, 2, false},   /* uint */
    [0x0e] = {0, FIXED, 4, false},    [0x0f] = {0, FIXED, 8, false},   /* uint */
    [0x10] = {0, FIXED, 1, false},    [0x11] = {0, FIXED, 2, false},   /* int */
    [0x12] = {0, FIXED, 4, false},    [0x13] = {0, FIXED, 8, false},   /* int */
    [0x14] = {0, FIXED, 2, false},    [0x15] = {0, FIXED, 3, false},   /* fixext */
    [0x16] = {0, FIXED, 5, false},    [0x17] = {0, FIXED, 9, false},   /* fixext */
    [0x18] = {0, FIXED, 17, false},   [0x19] = {1, BYTES, 0, true},    /* fixext, str */
    [0x1a] = {2, BYTES, 0, true},     [0x1b] = {4, BYTES, 0, true},    /* str */
    [0x1c] = {2, ELEMENTS, 0, false}, [0x1d] = {4, ELEMENTS, 0, false},
    [0x1e] = {2, PAIRS, 0, false},    [0x1f] = {4, PAIRS, 0, false},
};

/* Reads the header at the cursor; false when it is cut off or never used. */
static bool read_header(struct cursor *c, struct header *ret)
{
    *ret = (struct header){0};
    if (c->at == c->len)
        return false;
    unsigned char byte = c->data[c->at++];
    if (byte < 0x80 || byte >= 0xe0) { /* small number */
        return true;
    } else if (byte < 0x90) {
        ret->is_map = true;
        ret->children = 2 * (byte & 0x0fu);
    } else if (byte < 0xa0) {
        ret->children = byte & 0x0fu;
    } else if (byte < 0xc0) {
        ret->is_string = true;
        ret->bytes = byte & 0x1fu;
    } else {
        const struct form *form = &forms[byte - 0xc0];
        if (form->counts == REFUSED || c->len - c->at < form->length_bytes)
            return false;
        uint64_t length = big_endian(c->data + c->at, form->length_bytes);
        c->at += form->length_bytes;
        ret->is_map = form->counts == PAIRS;
        ret->is_string = form->is_string;
        ret->bytes = form->fixed + (form->counts == BYTES ? length : 0);
        if (form->counts == ELEMENTS || form->counts == PAIRS)
            ret->children = form->counts == PAIRS ? 2 * length : length;
    }
    return true;
}

enum surety_err wire_check(const void *body, size_t len, struct surety_error *err)
{
    /* left[d] objects are still to come at depth d; map[d] says whether they are a map's. */
    uint64_t left[WIRE_DEPTH_MAX + 1] = {1};
    bool map[WIRE_DEPTH_MAX + 1] = {false};
    size_t depth = 0, objects = 0;
    struct cursor c = {.data = body, .len = len};

    if (len > WIRE_BODY_MAX)
        return surety_fail(err, SURETY_ERR_LIMIT, "a body of %zu bytes; at most %u are allowed",
                           len, WIRE_BODY_MAX);
    while (depth > 0 || left[0] > 0) {
        if (left[depth] == 0) {
            depth--;
            continue;
        }
        size_t start = c.at;
        struct header h;
        if (!read_header(&c, &h) || h.bytes > c.len - c.at || h.children > c.len - c.at)
            return surety_fail(err, SURETY_ERR_PARSE, "the body is no msgpack (byte %zu of %zu)",
                               start, len);
        if (start == 0 && !h.is_map)
            return surety_fail(err, SURETY_ERR_PARSE, "the body is no msgpack map");
        bool is_key = map[depth] && left[depth] % 2 == 0;
        if (is_key && !h.is_string)
            return surety_fail(err, SURETY_ERR_PARSE, "a map's key is no string (byte %zu)", start);
        if (++objects > WIRE_OBJECTS_MAX)
            return surety_fail(err, SURETY_ERR_LIMIT, "the body has more than %d objects",
                               WIRE_OBJECTS_MAX);
        c.at += h.bytes;
        left[depth]--;
        if (h.children == 0)
            continue;
        if (depth == WIRE_DEPTH_MAX)
            return surety_fail(err, SURETY_ERR_LIMIT, "the body is nested deeper than %d",
                               WIRE_DEPTH_MAX);
        depth++;
        left[depth] = h.children;
        map[depth] = h.is_map;
    }
    if (c.at != len)
        return surety_fail(err, SURETY_ERR_PARSE, "%zu bytes follow the body's map", len - c.at);
    return SURETY_OK;
}
