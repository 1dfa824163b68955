#include "tests/unit/test.h"

#include <stdio.h>

#include "claims/read/answer_internal.h"

/* The last announcement of text; "" for none. *ret_tried: a word announced something. */
static const char *foreign(const char *text, bool *ret_tried)
{
    static char out[256];
    struct found f;
    *ret_tried = false;
    for (size_t at = strlen(text); at > 0; at--) {
        bool tried = false;
        bool found = answer_find_foreign(text, (struct span){0, strlen(text)}, at - 1, &f, &tried);
        *ret_tried = *ret_tried || tried;
        if (!found)
            continue;
        assert_true(tried);
        assert_string_equal(f.how, "answer line");
        assert_int_equal(f.n_parts, 1);
        assert_int_equal(f.whole.end, f.part[0].end);
        snprintf(out, sizeof out, "%.*s", (int)(f.part[0].end - f.part[0].start),
                 text + f.part[0].start);
        return out;
    }
    return "";
}

static void find_announced_value_is_read(void **state)
{
    static const char *const table[][2] = {
        {"Die Antwort ist 5.", "5"},
        {"die antwort lautet 5", "5"},
        {"Antwort: **5 m**", "5 m"},
        {"La réponse est 42.", "42"},
        {"La respuesta es: $x = 3$.", "x = 3"},
        {"La risposta è 7.\nFine.", "7"},
        {"A resposta é 7. Fim", "7"},
        {"Ответ: 12", "12"},
        {"答案是 5。完", "5"},
        {"答案：5；", "5"},
        {"答えは 5 です", "5"},
        {"Antwort - B", "B"},
        {"Antwort: 5. Mai", "5"},
        {"Die Antwort ist 3.5", "3.5"},
        {"Die richtige Antwort lautet 5, weil 2 + 3 = 5.", "5"},
        {"La respuesta correcta es B.", "B"},
        {"La réponse finale est 5.", "5"},
        {"正确答案选C。", "C"},
        {"따라서 정답은 12입니다.", "12"},
        {"답은 3번입니다.", "3"},
        {"최종 답변: 42", "42"},
        {"Jadi, jawabannya adalah 12, karena itu.", "12"},
        {"Jawaban yang benar adalah B.", "B"},
        {"Vậy đáp án đúng là B.", "B"},
        {"ĐÁP ÁN: 5", "5"},
        {"Đáp số: 12 cm", "12 cm"},
        {"Odpowiedzią jest 12.", "12"},
        {"Poprawna odpowiedź to B.", "B"},
        {"Doğru cevap C'dir.", "C"},
        {"Cevap 12’dir.", "12"},
        {"Yanıt: 12", "12"},
        {"Het juiste antwoord is B.", "B"},
        {"Het eindantwoord is 5, want zo is het.", "5"},
        {"الإجابة الصحيحة هي B", "B"},
        {"الجواب: ١٢", "١٢"},
        {"Antwort:\n\n5", "5"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        bool tried;
        if (strcmp(foreign(table[i][0], &tried), table[i][1]))
            fail_msg("\"%s\" gives \"%s\", not \"%s\"", table[i][0], foreign(table[i][0], &tried),
                     table[i][1]);
    }
}

static void find_announced_without_value_is_tried_and_none(void **state)
{
    static const char *const table[] = {
        "Die Antwort 5 ist gut", /* nothing links the word and the value */
        "Cevap 12 bize yeter.",
        "Jawaban benar 5",
        "답변 감사합니다",
        "Die Antwort ist gut.",
        "Ответ ясен",
        "Antwort:",
        "答案是对的",
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        bool tried;
        assert_string_equal(foreign(table[i], &tried), "");
        if (!tried)
            fail_msg("\"%s\" announces", table[i]);
    }
}

static void find_word_inside_of_a_word_is_none(void **state)
{
    static const char *const table[] = {"Gegenantwort ist 5", "the answer is 5", "", "5"};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        bool tried;
        assert_string_equal(foreign(table[i], &tried), "");
        assert_false(tried);
    }
}

static void find_whole_begins_at_the_word(void **state)
{
    const char *text = "So: Antwort: 5.";
    struct found f;
    bool tried = false;
    assert_true(answer_find_foreign(text, (struct span){0, strlen(text)}, 7, &f, &tried));
    assert_int_equal(f.whole.start, 4);
    assert_int_equal(f.part[0].start, 13);
    assert_int_equal(f.part[0].end, 14);
    assert_false(answer_find_foreign(text, (struct span){5, strlen(text)}, 7, &f, &tried));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find_announced_value_is_read),
        cmocka_unit_test(find_announced_without_value_is_tried_and_none),
        cmocka_unit_test(find_word_inside_of_a_word_is_none),
        cmocka_unit_test(find_whole_begins_at_the_word),
    };
    return cmocka_run_group_tests_name("claims.read.answer_foreign", tests, NULL, NULL);
}
