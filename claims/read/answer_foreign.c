/*
 * answer_foreign.c - answers that other languages announce: "Die Antwort ist 5", "答案是 5".
 *
 * One table of announcing words, one of what may stand between word and value. The value ends with
 * its line or sentence; it must hold a digit or a formula or be a choice letter, since nothing else
 * here knows these languages.
 */
#include "claims/read/answer_internal.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* The word in lower case, and where in it the byte stands that read_at() looks for. */
static const struct {
    const char *word;
    size_t key;
} announcements[] = {
    {"antwort", 3},  {"réponse", 3}, {"respuesta", 3}, {"risposta", 3},
    {"resposta", 3}, {"твет", 3},    {"答案", 1},      {"答え", 1},
};

/* The length of the first of n words that stands at text[at..end), 0 for none. */
static size_t first_word(const char *text, size_t at, size_t end, const char *const *words,
                         size_t n, bool whole)
{
    for (size_t k = 0; k < n; k++)
        if ((whole ? scan_word : scan_starts)(text, at, end, words[k]))
            return strlen(words[k]);
    return 0;
}

/* Past the signs and verbs between the announcing word and its value; at when there are none. */
static size_t skip_link(const char *text, size_t at, size_t end)
{
    static const char *const verbs[] = {"ist", "lautet", "est", "es", "è", "é"};
    static const char *const marks[] = {":", "-", "—", "：", "是", "为", "為", "は"};
    size_t linked = at;
    for (size_t n = 1; n; at += n) {
        while (at < end && strchr(" \t*_", text[at]))
            at++;
        n = first_word(text, at, end, verbs, COUNT(verbs), true);
        n = n ? n : first_word(text, at, end, marks, COUNT(marks), false);
        linked = n ? at + n : linked;
    }
    return linked;
}

/* Where the value's sentence or line ends. */
static size_t value_end(const char *text, size_t at, size_t end)
{
    static const char *const stops[] = {"\n", ". ", "。", "．", "；", "です"};
    while (at < end && !first_word(text, at, end, stops, COUNT(stops), false))
        at++;
    return at;
}

bool answer_find_foreign(const char *text, struct span s, size_t at, struct found *ret,
                         bool *ret_tried)
{
    for (size_t k = 0; k < COUNT(announcements); k++) {
        size_t len = strlen(announcements[k].word), key = announcements[k].key;
        if (at < s.start + key || !scan_starts(text, at - key, s.end, announcements[k].word) ||
            (at - key > s.start && scan_is_letter(text[at - key - 1])))
            continue;
        size_t word = at - key, value = skip_link(text, word + len, s.end);
        *ret_tried = true;
        if (value == word + len)
            continue;
        struct span part = answer_clean(text, (struct span){value, value_end(text, value, s.end)});
        *ret = (struct found){
            .whole = {word, part.end}, .part = {part}, .n_parts = 1, .how = "answer line"};
        return answer_has_value(text, part) || answer_is_choice(text, part);
    }
    return false;
}
