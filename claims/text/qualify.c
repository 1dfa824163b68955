/*
 * Lists of words; what is not listed names something.
 */
#include "claims/text/qualify.h"

#include <string.h>

#include "base/plain.h"

static const char *const anywhere[] = {
    "or",         "not",        "no",         "is",          "isn",
    "are",        "aren",       "does",       "doesn",       "do",
    "don",        "did",        "didn",       "was",         "wasn",
    "were",       "weren",      "cannot",     "can",         "couldn",
    "won",        "will",       "would",      "but",         "if",
    "unless",     "below",      "above",      "under",       "over",
    "beyond",     "than",       "least",      "most",        "rejected",
    "reject",     "rejects",    "extraneous", "invalid",     "wrong",
    "incorrect",  "false",      "impossible", "excluded",    "inadmissible",
    "discarded",  "discard",    "ignored",    "works",       "fails",
    "fail",       "failed",     "short",      "minus",       "plus",
    "squared",    "cubed",      "factorial",  "halves",      "thirds",
    "fourths",    "fifths",     "sixths",     "sevenths",    "eighths",
    "ninths",     "tenths",     "hundredths", "thousandths", "by",
    "except",     "without",    "instead",    "disregard",   "contradiction",
    "violates",   "ago",        "before",     "behind",      "debt",
    "debts",      "deficit",    "loss",       "hole",        "owed",
    "owes",       "owing",      "overdrawn",  "arrears",     "underground",
    "underwater", "backward",   "backwards",  "downward",    "downwards",
    "opposite",   "reciprocal", "inverse",    "bc",          "bce"};
/* "5 more" is no 5, "5 more students" are. */
static const char *const last[] = {"more",    "many",    "much",    "less",   "fewer",
                                   "greater", "smaller", "larger",  "higher", "lower",
                                   "bigger",  "minimum", "maximum", "up",     "work",
                                   "onwards", "onward",  "few",     "down"};
static const char *const ends[] = {"in the red", "from the end", "from the back", "from the right",
                                   "from the bottom"};
static const char *const operators[] = {"double", "twice",     "triple",  "thrice",
                                        "square", "quadruple", "negative"};

static bool is_in(const char *word, size_t len, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(list[i]) == len && plain_compare(list[i], word, len) == 0)
            return true;
    return false;
}

#define IS_IN(word, len, list) is_in(word, len, list, sizeof(list) / sizeof *(list))

bool qualify_number(const char *words, size_t len)
{
    const char *tail = NULL; /* a word that counts only where nothing follows */
    bool follows_point = false;
    for (size_t i = 0; i < len;) {
        size_t n = 0;
        while (i + n < len && plain_is_letter(words[i + n]))
            n++;
        bool command = i > 0 && words[i - 1] == '\\';
        if (n == 0 || command) {
            i += n ? n : 1;
            continue;
        }
        if (follows_point || IS_IN(words + i, n, anywhere))
            return true;
        tail = IS_IN(words + i, n, last) ? words + i : NULL;
        follows_point = n == 5 && plain_compare(words + i, "point", 5) == 0;
        i += n;
    }
    for (size_t i = 0; i < sizeof ends / sizeof *ends && !tail; i++) {
        size_t n = strlen(ends[i]);
        if (len >= n && plain_compare(words + len - n, ends[i], n) == 0)
            tail = ends[i];
    }
    return tail != NULL;
}

bool qualify_operates(const char *folded)
{
    size_t n = strcspn(folded, " ");
    bool half = strncmp(folded, "half ", 5) == 0;
    return half ? strncmp(folded, "half of ", 8) == 0 : IS_IN(folded, n, operators);
}
