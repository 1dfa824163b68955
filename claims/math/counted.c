/*
 * A word occurs when a word of the problem begins with it, the plural aside.
 */
#include "claims/math/counted.h"

#include <string.h>

#include "base/plain.h"
#include "claims/math/measure.h"

#define LETTERS_MIN 3

/* What is counted without being named before. */
static bool is_general(const char *word, size_t len)
{
    static const char *const words[] = {
        "way",   "solution", "value",  "unit", "time", "point", "item", "piece", "people", "person",
        "total", "case",     "number", "root", "pair", "each",  "only", "times", "exactly"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == len && plain_compare(words[i], word, len) == 0)
            return true;
    return false;
}

/* apples, boxes, puppies: the letters that the singular begins with */
static size_t stem(const char *word, size_t len)
{
    if (len > 4 && plain_compare(word + len - 3, "ies", 3) == 0)
        return len - 3;
    if (len > 4 && plain_compare(word + len - 2, "es", 2) == 0)
        return len - 2;
    return len > LETTERS_MIN && plain_lower(word[len - 1]) == 's' ? len - 1 : len;
}

static bool occurs(const char *problem, const char *word, size_t len)
{
    for (const char *s = problem; *s; s++)
        if ((s == problem || !plain_is_letter(s[-1])) && plain_compare(s, word, len) == 0)
            return true;
    return false;
}

static bool is_counted(const struct value *v, const char *problem)
{
    struct measure m;
    measure_init(&m);
    measure_read(&m, v->unit, v->unit_len, v->currency);
    bool counted = m.known;
    measure_fini(&m);
    for (size_t i = 0; i < v->unit_len && !counted;) {
        const char *word = v->unit + i;
        size_t len = 0;
        while (i + len < v->unit_len &&
               (plain_is_letter(word[len]) || (unsigned char)word[len] >= 0x80))
            len++;
        i += len ? len : 1;
        if (len >= LETTERS_MIN)
            counted = is_general(word, stem(word, len)) || is_general(word, len) ||
                      occurs(problem, word, stem(word, len));
    }
    return counted;
}

void counted_mark(struct value *v, const char *problem)
{
    v->uncounted = v->unit && !is_counted(v, problem);
    for (size_t i = 0; i < v->n; i++)
        counted_mark((struct value *)v->items[i], problem);
}
