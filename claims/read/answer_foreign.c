/*
 * answer_foreign.c - answers that other languages announce: "Die Antwort ist 5", "答案是 5".
 *
 * One table of announcing words, some of what may stand between word and value. The value ends with
 * its line, its sentence or the verb behind it; it must hold a digit or a formula or be a choice
 * letter, since nothing else here knows these languages.
 */
#include "claims/read/answer_internal.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* The word in lower case, and where in it the byte stands that read_at() looks for. The first
 * letter is left out where it is none of ASCII and may be a capital one. */
static const struct {
    const char *word;
    size_t key;
} announcements[] = {
    {"antwort", 3},   {"eindantwoord", 7}, {"antwoord", 3}, {"réponse", 3},    {"respuesta", 3},
    {"risposta", 3},  {"resposta", 3},     {"твет", 3},     {"答案", 1},       {"答え", 1},
    {"정답", 5},      {"답변", 2},         {"답", 2},       {"jawabannya", 2}, {"jawaban", 2},
    {"áp án", 2},     {"Áp Án", 2},        {"áp số", 2},    {"trả lời", 4},    {"odpowiedzią", 4},
    {"odpowiedź", 4}, {"odpowiedz", 4},    {"cevabı", 2},   {"cevap", 4},      {"yanıt", 4},
    {"الجواب", 5},    {"الإجابة", 7},      {"إجابة", 3},    {"جواب", 1},
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

/* Past what stands between the announcing word and its value; at when no sign or verb links them.
 * Words that only say which answer it is ("final", "correct") link nothing. */
static size_t skip_link(const char *text, size_t at, size_t end)
{
    static const char *const verbs[] = {"ist",  "lautet", "est",   "es",     "è",     "é",    "to",
                                        "jest", "is",     "luidt", "adalah", "ialah", "yaitu"};
    static const char *const marks[] = {":",  "-",  "—",  "–",        "=",  "：", "是",
                                        "为", "為", "は", "选",       "選", "은", "는",
                                        "là", "هي", "هو", "является", "】"};
    static const char *const which[] = {
        "finale",   "final",      "correcta", "correcte",  "correct",   "corretta",
        "correta",  "richtig",    "yang",     "tepat",     "akhirnya",  "akhir",
        "benar",    "nya",        "đúng",     "cuối cùng", "chính xác", "końcowa",
        "poprawna", "ostateczna", "الصحيحة",  "النهائية",  "الصحيح",    "النهائي"};
    size_t linked = at;
    for (size_t n = 1; n; at += n) {
        while (at < end && strchr(" \t*_", text[at]))
            at++;
        n = first_word(text, at, end, verbs, COUNT(verbs), true);
        n = n ? n : first_word(text, at, end, marks, COUNT(marks), false);
        linked = n ? at + n : linked;
        n = n ? n : first_word(text, at, end, which, COUNT(which), false);
    }
    return linked;
}

/* Where the value ends: with its line or sentence, or before a verb or the next clause. */
static size_t value_end(const char *text, size_t at, size_t end)
{
    static const char *const stops[] = {
        "\n",       ". ",      "。",        "．",       "；",         "です",     "입니다",
        "이다",     "이에요",  "예요",      "이며",     "이고",       "번입니다", "개입니다",
        "명입니다", "개이다",  "'dir",      "'dır",     "'tir",       "'tır",     "'dur",
        "'dür",     "'tur",    "'tür",      "’dir",     "’dır",       "’tir",     "’tır",
        "’dur",     "’dür",    "’tur",      "’tür",     ", karena",   ", sebab",  ", weil",
        ", denn",   ", car ",  ", parce",   ", porque", ", ya que",   ", perch",  ", vì ",
        ", ponie",  ", bo ",   ", want",    ", omdat",  ", çünkü",    ", потому", "，因",
        "，所以",   "،",       ", so dass", ", nicht",  " und nicht", ", pas ",   " et non",
        ", no ",    " y no ",  ", non ",    ", não ",   " e não ",    ", niet",   " en niet",
        ", a nie",  ", nie ",  ", а не",    ", не ",    "，不是",     "而不是",   "，而非",
        ", bukan",  ", không", " وليس",     "، ليس",    " e non ",    ", değil",  ", et non"};
    while (at < end && !first_word(text, at, end, stops, COUNT(stops), false))
        at++;
    return at;
}

/* "Cevap 12'dir": Turkish links by an ending. */
static bool ends_linked(const char *text, size_t at, size_t end)
{
    static const char *const endings[] = {"'d", "'t", "’d", "’t"};
    return first_word(text, at, end, endings, COUNT(endings), false) > 0;
}

/* The digits of Arabic script say a value, too. */
static bool has_value(const char *text, struct span s)
{
    for (size_t i = s.start; i + 1 < s.end; i++)
        if (text[i] == '\xD9' && text[i + 1] >= '\xA0' && text[i + 1] <= '\xA9')
            return true;
    return answer_has_value(text, s);
}

/* The value behind an announcing word that ends at `at`. */
static bool read_value(const char *text, size_t at, size_t end, struct span *ret)
{
    size_t value = skip_link(text, at, end);
    bool linked = value > at;
    while (value < end && strchr(" \t*_", text[value]))
        value++;
    if (linked && value < end && text[value] == '\n') /* a heading: the next line */
        value = scan_trim(text, (struct span){value, end}).start;
    size_t stop = value_end(text, value, end);
    if (!linked && !ends_linked(text, stop, end))
        return false;
    *ret = answer_without_remarks(text,
                                  answer_tail(text, (struct span){value, stop}, ANSWER_TAIL_WORDS));
    return has_value(text, *ret) || answer_is_choice(text, *ret);
}

bool answer_find_foreign(const char *text, struct span s, size_t at, struct found *ret,
                         bool *ret_tried)
{
    for (size_t k = 0; k < COUNT(announcements); k++) {
        const char *announcing = announcements[k].word;
        size_t len = strlen(announcing), key = announcements[k].key;
        if (scan_lower(text[at]) != announcing[key] || at < s.start + key ||
            !scan_starts(text, at - key, s.end, announcing) ||
            (at - key > s.start && scan_is_letter(text[at - key - 1])))
            continue;
        *ret_tried = true;
        struct span part;
        if (!read_value(text, at - key + len, s.end, &part))
            continue;
        *ret = (struct found){
            .whole = {at - key, part.end}, .part = {part}, .n_parts = 1, .how = "answer line"};
        return true;
    }
    return false;
}
