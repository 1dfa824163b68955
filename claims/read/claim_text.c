/*
 * claim_text.c - the key of a claim, and whether it leaves a name undefined (claim_text_names.c
 * finds the names).
 */
#include "claims/read/claim_text.h"

#include <stdint.h>
#include <stdlib.h>

#include <utf8proc.h>

#include "base/utf8.h"
#include "claims/read/claim_text_internal.h"

/* ---- key ---- */

static bool is_white(uint32_t point)
{
    if (point < 0x80)
        return scan_is_space((char)point);
    return utf8proc_category((utf8proc_int32_t)point) == UTF8PROC_CATEGORY_ZS || point == 0x85 ||
           point == 0x2028 || point == 0x2029;
}

char *claim_key(const char *text, struct arena *arena)
{
    utf8proc_uint8_t *nfc = NULL;
    utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)text, 0, &nfc,
                                        UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (len < 0) { /* without memory, or text that is not valid: as it stands */
        free(nfc);
        return len == UTF8PROC_ERROR_NOMEM ? NULL : arena_strdup(arena, text);
    }
    char *key = arena_alloc(arena, (size_t)len + 1);
    size_t out = 0;
    bool gap = false;
    for (size_t i = 0; key && i < (size_t)len;) {
        uint32_t point;
        size_t n = utf8_decode((char *)nfc + i, (size_t)len - i, &point);
        if (is_white(point)) {
            gap = out > 0;
        } else {
            if (gap)
                key[out++] = ' ';
            gap = false;
            memcpy(key + out, nfc + i, n);
            out += n;
        }
        i += n;
    }
    free(nfc);
    return key;
}

/* ---- names ---- */

static struct letters letters_of(const char *text)
{
    return (struct letters){.text = text, .len = strlen(text)};
}

static bool names_has(const struct claim_names *names, uint32_t point)
{
    for (size_t i = 0; i < names->n; i++)
        if (names->point[i] == point)
            return true;
    return false;
}

void claim_names_read(const char *text, struct claim_names *ret)
{
    ret->n = 0;
    for (struct letters r = letters_of(text); ret->n < CLAIM_NAMES_MAX && claim_text_next_name(&r);)
        if (!names_has(ret, r.point))
            ret->point[ret->n++] = r.point;
}

/* "let x be", "where x is", "x denotes": the claim says itself what the name stands for. */
static bool defines(const struct letters *r)
{
    static const char *const introduced[] = {"let", "where", "denote by", "call", "denote"};
    static const char *const follows[] = {"denotes", "represents", "stands for", "be the",
                                          "is the",  "denote",     "represent"};
    size_t b = claim_text_before(r), a = claim_text_after(r);
    while (b > 0 && strchr("$( ", r->text[b - 1]))
        b--;
    while (a < r->len && strchr("$) ", r->text[a]))
        a++;
    for (size_t k = 0; k < sizeof introduced / sizeof *introduced; k++)
        if (scan_ends(r->text, 0, b, introduced[k]))
            return true;
    for (size_t k = 0; k < sizeof follows / sizeof *follows; k++)
        if (scan_word(r->text, a, r->len, follows[k]))
            return true;
    return false;
}

/* "this equals 7", "it is 12", "the result is 5" */
static bool points_back(const char *claim)
{
    static const char *const lead[] = {"so", "then", "thus", "and", "but", "hence", "therefore"};
    static const char *const words[] = {
        "it",         "this",      "that",     "these",      "those",      "they", "which",
        "the result", "the above", "the same", "the latter", "the former", "his",  "its"};
    size_t at = 0, len = strlen(claim);
    for (bool again = true; again;) {
        again = false;
        while (at < len && strchr(" ,", claim[at]))
            at++;
        for (size_t k = 0; k < sizeof lead / sizeof *lead && !again; k++)
            if (scan_word(claim, at, len, lead[k])) {
                at += strlen(lead[k]);
                again = true;
            }
    }
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (scan_word(claim, at, len, words[k]))
            return true;
    return false;
}

bool claim_is_contextual(const struct claim_names *given, const char *claim)
{
    if (points_back(claim))
        return true;
    struct claim_names used = {.n = 0}, defined = {.n = 0};
    for (struct letters r = letters_of(claim);
         used.n < CLAIM_NAMES_MAX && claim_text_next_name(&r);) {
        if (defines(&r) && defined.n < CLAIM_NAMES_MAX)
            defined.point[defined.n++] = r.point;
        if (!names_has(&used, r.point))
            used.point[used.n++] = r.point;
    }
    for (size_t i = 0; i < used.n; i++)
        if (!names_has(&defined, used.point[i]) && !names_has(given, used.point[i]))
            return true;
    return false;
}
