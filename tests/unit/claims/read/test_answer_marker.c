#include "tests/unit/test.h"

#include <stdio.h>

#include "claims/read/answer_internal.h"

struct row {
    const char *text, *value, *how; /* value NULL: none */
};

static bool find(const char *text, bool truncated, struct found *ret)
{
    return answer_find_marker(text, (struct span){0, strlen(text)}, truncated, ret);
}

static void check(const struct row *table, size_t n)
{
    size_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        struct found f;
        char got[256] = "(none)";
        bool found = find(table[i].text, false, &f);
        if (found)
            snprintf(got, sizeof got, "%.*s", (int)(f.part[0].end - f.part[0].start),
                     table[i].text + f.part[0].start);
        if (found != !!table[i].value ||
            (found && (strcmp(got, table[i].value) || strcmp(f.how, table[i].how)))) {
            print_error("\"%s\" gives \"%s\" (%s), not \"%s\" (%s)\n", table[i].text, got,
                        found ? f.how : "none", table[i].value ? table[i].value : "(none)",
                        table[i].how);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

static void find_colon_takes_the_line(void **state)
{
    static const struct row table[] = {
        {"Answer: 5", "5", "answer line"},
        {"answer = 5", "5", "answer line"},
        {"ANSWER: 5", "5", "answer line"},
        {"**Answer:** 5 dollars.", "5 dollars", "answer line"},
        {"**Answer**: 5", "5", "answer line"},
        {"(the answer): 5", "5", "answer line"},
        {"Answers: 5", "5", "answer line"},
        {"Answer(s): 5", "5", "answer line"},
        {"Final answer: 5", "5", "final answer"},
        {"the final **answer**: 5", "5", "final answer"},
        {"My final, correct answer: 5", "5", "final answer"},
        {"Answer\xEF\xBC\x9A"
         "5",
         "5", "answer line"}, /* a full-width colon */
        {"Answer: option(B)", "(B)", "answer line"},
        {"Answer: The length is 5 m.", "5 m", "answer line"},
        {"Answer: x = 2, y = 3", "x = 2, y = 3", "answer line"},
        {"The answer to the problem: 5", "5", "answer line"},
        {"The answer is: 5", "5", "answer line"},
        {"The answer is **:** 5", "5", "answer line"},
        {"Answer:\n5", "5", "answer line"},
        {"Answer:\n\\[\nx = 5\n\\]\nDone", "x = 5", "answer line"},
        {"Answer:\n$$5$$", "5", "answer line"},
        {"Answer:\n```text\n5\n```", "5", "answer line"},
        {"Answer: ---", NULL, NULL},
        {"Answer:", NULL, NULL},
        {"answering: 5", NULL, NULL},
        {"answer5: 6", NULL, NULL},
    };
    check(table, sizeof table / sizeof *table);
}

static void find_verb_takes_the_sentence_to_its_next_clause(void **state)
{
    static const struct row table[] = {
        {"The answer is 5.", "5", "answer line"},
        {"The answer is 5. It was hard.", "5", "answer line"},
        {"The answer is 3.5 dollars!", "3.5 dollars", "answer line"},
        {"The answer is 5, since 2+3 makes 5.", "5", "answer line"},
        {"The answer is 5, which is odd", "5", "answer line"},
        {"The answer is 5 because of this", "5", "answer line"},
        {"The answer is 5 which is odd", "5 which is odd", "answer line"},
        {"The answer is 5, 6", "5, 6", "answer line"},
        {"The answer is $5. 6$. Good", "$5. 6$", "answer line"},
        {"The answer is (1; 2). Good", "(1; 2)", "answer line"},
        {"The answer is therefore simply 5", "5", "answer line"},
        {"The answer is exactly equal to 5", "5", "answer line"},
        {"The answer must be 5", "5", "answer line"},
        {"The answer would be 5", "5", "answer line"},
        {"The answer turns out to be 5", "5", "answer line"},
        {"The answer to the problem is 5", "5", "answer line"},
        {"The answer for it is: 5", "5", "answer line"},
        {"The answer of. That is 5", NULL, NULL},
        {"The answer is\n\n5", "5", "answer line"},
        {"The answer is **\n5", "5", "answer line"},
        {"The final answer is 5", "5", "final answer"},
        {"So, the final answer is thus 5", "5", "final answer"},
        {"The answer is yes", "yes", "answer line"},
        {"The answer is correct.", NULL, NULL},
        {"The answer is not 5.", NULL, NULL},
        {"The answer is 5?", "5", "answer line"},
        {"The answer is as follows.", NULL, NULL},
        {"The answer is one two three four five six seven eight",
         "one two three four five six seven eight", "answer line"},
        {"The answer is one two three four five six seven eight nine", NULL, NULL},
        {"The answer is one two three four five six seven eight of 9",
         "one two three four five six seven eight of 9", "answer line"},
        {"The answer seems hard", NULL, NULL},
        {"The answer is 5.\nThe answer is wrong.", "5", "answer line"},
    };
    check(table, sizeof table / sizeof *table);
}

static void find_heading_takes_the_next_line(void **state)
{
    static const struct row table[] = {
        {"### Answer\n5", "5", "answer line"},
        {"**Final Answer**\n\n$5$", "5", "final answer"},
        {"The answer\n5", "5", "answer line"},
        {"See the answer\n5", NULL, NULL}, /* no heading */
        {"### Answer\n**5 m**\nmore", "5 m", "answer line"},
    };
    check(table, sizeof table / sizeof *table);
}

static void find_hashes_close_a_solution(void **state)
{
    static const struct row table[] = {
        {"work\n#### 5", "5", "####"},
        {"#### 5\n\n", "5", "####"},
        {"  #### 5 dollars\nmore", "5 dollars", "####"},
        {"##### 5", "5", "####"},
        {"#### the answer of all this work comes to be 5 dollars now",
         "the answer of all this work comes to be 5 dollars now", "####"},
        {"#### the answer of all this work comes to be 5 dollars now and then", NULL, NULL},
        {"#### Step 2", NULL, NULL},
        {"#### Work:", NULL, NULL},
        {"#### Work\nmore", NULL, NULL},
        {"#### 5 big eggs\nmore", NULL, NULL},
        {"#### yes", "yes", "####"},
        {"a #### 5", NULL, NULL},
        {"### 5", NULL, NULL},
        {"####", NULL, NULL},
    };
    check(table, sizeof table / sizeof *table);
}

static void find_json_member_is_read(void **state)
{
    static const struct row table[] = {
        {"{\"answer\": \"5\"}", "5", "JSON"},
        {"{\"answer\":5}", "5", "JSON"},
        {"{\"answer\": 5, \"n\": 3}", "5", "JSON"},
        {"{\"answer\": [1, [2]]}", "[1, [2]]", "JSON"},
        {"{\"answer\": \"a \\\"b\\\" c\"}", "a \\\"b\\\" c", "JSON"},
        {"{\"final_answer\": \"5\"}", "5", "JSON"},
        {"{\"answer\": \"5", "\"5", "answer line"}, /* without its end it is a line */
        {"{\"answer\": [1, 2", "[1, 2", "answer line"},
        {"{\"answer\": 5", "5", "answer line"},
        {"{\"answer\": \"\"}", NULL, NULL},
    };
    check(table, sizeof table / sizeof *table);
    struct found f;
    assert_true(find("{\"answer\": \"5\"}", false, &f));
    assert_true(f.json && f.json_key);
    assert_true(find("{\"answer\": 5}", false, &f));
    assert_true(!f.json && f.json_key);
    assert_true(find("Answer: 5", false, &f));
    assert_true(!f.json && !f.json_key);
}

static void find_option_that_is_called_correct_is_read(void **state)
{
    static const struct row table[] = {
        {"The correct option is (B)", "(B)", "choice letter"},
        {"the best choice is C.", "C", "choice letter"},
        {"the right option: **D**", "D**", "choice letter"},
        {"option B is correct", "B", "choice letter"},
        {"Option (B) is the correct one", "(B)", "choice letter"},
        {"choice B is the answer", "B", "choice letter"},
        {"option B is the right one", "B", "choice letter"},
        {"option B is wrong", NULL, NULL},
        {"the best option is 5", NULL, NULL},
        {"correct option is BE", NULL, NULL},
        {"adoption B is correct", "B", "choice letter"},
    };
    check(table, sizeof table / sizeof *table);
}

static void find_other_languages_are_read_too(void **state)
{
    static const struct row table[] = {
        {"Die Antwort ist 5.", "5", "answer line"}, {"La réponse est 5", "5", "answer line"},
        {"Ответ: 5", "5", "answer line"},           {"答案是 5", "5", "answer line"},
        {"La respuesta es 5", "5", "answer line"},
    };
    check(table, sizeof table / sizeof *table);
}

static void find_last_with_a_value_wins(void **state)
{
    static const struct row table[] = {
        {"Answer: 5\nAnswer: 6", "6", "answer line"},
        {"Answer: 5\n#### 6", "6", "####"},
        {"Answer: 5\nIs the answer right?", "5", "answer line"},
        {"option B is correct. The answer is 6", "6", "answer line"},
    };
    check(table, sizeof table / sizeof *table);
}

static void find_statement_at_the_end_of_a_cut_text_does_not_count(void **state)
{
    struct found f;
    assert_false(find("The answer is 5", true, &f));
    assert_true(find("The answer is 5.", true, &f));
    assert_true(find("Answer: 5\nmore", true, &f));
    assert_true(find("Answer: 5\nThe answer is 6", true, &f));
    assert_int_equal(f.part[0].start, 8);
}

static void find_whole_holds_announcement_and_value(void **state)
{
    struct found f;
    const char *text = "So it is. The final answer is **5** m. Good";
    assert_true(find(text, false, &f));
    assert_int_equal(f.whole.start, strlen("So it is. "));
    assert_int_equal(f.whole.end, strlen("So it is. The final answer is **5** m"));
    assert_int_equal(f.n_parts, 1);
    assert_true(find("work\n#### 5", false, &f));
    assert_int_equal(f.whole.start, 5);
    assert_int_equal(f.whole.end, 11);
    assert_true(find("a {\"answer\": 5}", false, &f));
    assert_int_equal(f.whole.start, 2);
    assert_int_equal(f.whole.end, 14);
}

static void find_only_so_many_announcements_are_tried(void **state)
{
    char text[4096] = "Answer: 5\n";
    size_t len = strlen(text);
    for (int i = 0; i < 199; i++, len += 8)
        memcpy(text + len, "answers ", 9);
    struct found f;
    assert_true(find(text, false, &f));
    memcpy(text + len, "answers ", 9);
    assert_false(find(text, false, &f));
}

static void find_value_far_from_its_word_is_cut(void **state)
{
    static char text[70000];
    struct found f;
    memset(text, ' ', sizeof text - 1);
    memcpy(text, "Answer: ", 8);
    text[65530] = '5';
    assert_true(find(text, false, &f));
    text[65530] = ' ';
    text[65560] = '5';
    assert_false(find(text, false, &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find_colon_takes_the_line),
        cmocka_unit_test(find_verb_takes_the_sentence_to_its_next_clause),
        cmocka_unit_test(find_heading_takes_the_next_line),
        cmocka_unit_test(find_hashes_close_a_solution),
        cmocka_unit_test(find_json_member_is_read),
        cmocka_unit_test(find_option_that_is_called_correct_is_read),
        cmocka_unit_test(find_other_languages_are_read_too),
        cmocka_unit_test(find_last_with_a_value_wins),
        cmocka_unit_test(find_statement_at_the_end_of_a_cut_text_does_not_count),
        cmocka_unit_test(find_whole_holds_announcement_and_value),
        cmocka_unit_test(find_only_so_many_announcements_are_tried),
        cmocka_unit_test(find_value_far_from_its_word_is_cut),
    };
    return cmocka_run_group_tests_name("claims.read.answer_marker", tests, NULL, NULL);
}
