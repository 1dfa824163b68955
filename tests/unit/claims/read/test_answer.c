#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims/read/answer.h"
#include "claims/text/thinking.h"

struct row {
    const char *solution, *answer, *how;
};

static bool is_row(const struct row *row, bool truncated)
{
    struct arena arena;
    struct answer answer;
    arena_init(&arena, 1 << 20);
    assert_int_equal(answer_extract(row->solution, truncated, &arena, &answer), SURETY_OK);
    assert_true(answer.start <= answer.end && answer.end <= strlen(row->solution));
    bool good = !strcmp(answer.how, row->how) && !answer.text == !row->answer &&
                (!answer.text || !strcmp(answer.text, row->answer));
    if (!good)
        print_error("\"%s\" gives \"%s\" (%s), not \"%s\" (%s)\n", row->solution,
                    answer.text ? answer.text : "(none)", answer.how,
                    row->answer ? row->answer : "(none)", row->how);
    arena_fini(&arena);
    return good;
}

static void extract_whole_solution_is_found_or_none(void **state)
{
    static const struct row table[] = {
        {"so \\boxed{5}.", "5", "boxed"},
        {"first \\boxed{5}, in the end\n\n\\boxed{\\frac{1}{2}}", "\\frac{1}{2}", "boxed"},
        {"$\\boxed{\\{1, 2\\}}$", "\\{1, 2\\}", "boxed"},
        {"\\boxed{\\left\\{ x : x > 1 \\right\\}}", "\\left\\{ x : x > 1 \\right\\}", "boxed"},
        {"\\boxed{\\{1}", "\\{1", "boxed"},
        {"\\boxed{}\\boxed{3}\\boxed{ }", "3", "boxed"},
        {"\\boxed 5", "5", "boxed"},
        {"\\boxed5.", "5", "boxed"},
        {"\\boxed\\frac12$", "\\frac12", "boxed"},
        {"\\boxed {12}", "12", "boxed"},
        {"\\fbox{$7$}", "7", "boxed"},
        {"\\boxed{\\text{Yes}}", "Yes", "boxed"},
        {"\\boxed{\\textbf{(B)}}", "(B)", "boxed"},
        {"\\boxed{\\text{B} + 1}", "\\text{B} + 1", "boxed"},
        {"\\boxed{5\\text{ cm}}", "5\\text{ cm}", "boxed"},
        {"\\boxed{$5$}", "5", "boxed"},
        {"\\boxed{x = \\boxed{5}}", "x = \\boxed{5}", "boxed"},
        {"\\boxed{\\boxed{5}", "5", "boxed"},
        {"x = \\boxed{2} and y = \\boxed{3}.", "2, 3", "boxed"},
        {"The roots are $\\boxed{2}$, $\\boxed{3}$ and $\\boxed{5}$.", "2, 3, 5", "boxed"},
        {"$x = \\boxed{2}$ or $x = \\boxed{2}$", "2", "boxed"},
        {"\\boxed{5} is wrong. It is \\boxed{6}", "6", "boxed"},
        {"we get \\boxed{5}, so the end is \\boxed{6}", "6", "boxed"},
        {"\\boxed{a} = \\boxed{b}", "b", "boxed"},
        {"\\boxed{1}\n\n\\boxed{2}", "2", "boxed"},
        {"p = 5 = -\\boxed{60}", "-60", "boxed"},
        {"p = -\\boxed{a+b}", "-(a+b)", "boxed"},
        {"5 -\\boxed{60}", "60", "boxed"},
        {"Answer: 9\n\n\\boxed{7}", "7", "boxed"},
        {"\\boxed{7}\n\nSo the answer is correct.", "7", "boxed"},
        {"\\boxed{A} \u2028 \u202e", "A", "boxed"},
        {"Answer: 5", "5", "answer line"},
        {"ANSWER: 5", "5", "answer line"},
        {"answer = 5", "5", "answer line"},
        {"**Answer:** 5", "5", "answer line"},
        {"**Answer**: 5", "5", "answer line"},
        {"Answer: **5**", "5", "answer line"},
        {"*Answer:* `5`", "5", "answer line"},
        {"Answer:\n\n5\n", "5", "answer line"},
        {"Answer\n======\n", NULL, "none"},
        {"Answer: 5 apples.", "5 apples", "answer line"},
        {"Answer: x = 2 or x = 3", "x = 2 or x = 3", "answer line"},
        {"Answer: x = 2, y = 3, z = 4, and w = 12", "x = 2, y = 3, z = 4, and w = 12",
         "answer line"},
        {"Answer: (B) 42", "(B) 42", "answer line"},
        {"Answer: B", "B", "answer line"},
        {"Answer： 5", "5", "answer line"},
        {"Die Antwort ist 5.", "5", "answer line"},
        {"Die Antwort lautet: **3,5 m**", "3,5 m", "answer line"},
        {"**Antwort:** $\\frac{1}{2}$. Fertig.", "\\frac{1}{2}", "answer line"},
        {"La réponse est 12 km.", "12 km", "answer line"},
        {"Réponse : (B)", "(B)", "answer line"},
        {"La respuesta es $x = 4$.\n¡Listo!", "x = 4", "answer line"},
        {"La risposta è 7. Controlla.", "7", "answer line"},
        {"A resposta é 7", "7", "answer line"},
        {"2 + 3 = 5. Ответ: 5.", "5", "answer line"},
        {"ОТВЕТ: 5\nОтвет — 6", "6", "answer line"},
        {"所以答案是5。", "5", "answer line"},
        {"最终答案为：$\\sqrt{2}$。谢谢", "\\sqrt{2}", "answer line"},
        {"答案：C", "C", "answer line"},
        {"答えは5です。", "5", "answer line"},
        {"答え: 12", "12", "answer line"},
        {"Die Antwort ist klar.", NULL, "none"},
        {"Die Antworten: 5 und 6 waren beide ganz falsch", NULL, "none"},
        {"答案 解析 在 下 面 的 说 明 里", NULL, "none"},
        {"La respuesta 5 no es posible en este caso", NULL, "none"},
        {"Answer: \"Paris\"", "Paris", "answer line"},
        {"Answer: 5!", "5!", "answer line"},
        {"Answer: yes!", "yes", "answer line"},
        {"Answer: $x = 5$ or $x = -5$", "$x = 5$ or $x = -5$", "answer line"},
        {"### Answer\n\n42", "42", "answer line"},
        {"## Final Answer\nThe total is **12 apples**, since 3*4 = 12.", "12 apples",
         "final answer"},
        {"**Final Answer:** 42", "42", "final answer"},
        {"Final Answer: The final answer is $42$. I hope it is correct.", "42", "final answer"},
        {"Final Answer\n\\[\n\\frac{3}{4}.\n\\]", "\\frac{3}{4}", "final answer"},
        {"The final answer is\n$$\n42\n$$", "42", "final answer"},
        {"Thus the final answer is 12.", "12", "final answer"},
        {"The final answer is: $\\dfrac{5}{6}$.", "\\dfrac{5}{6}", "final answer"},
        {"The answer is: 5", "5", "answer line"},
        {"The answer is 5.", "5", "answer line"},
        {"The answer is 3.14.", "3.14", "answer line"},
        {"The answer is 1,234.", "1,234", "answer line"},
        {"The answer is $1,234.50.", "$1,234.50", "answer line"},
        {"So the answer is 42!", "42", "answer line"},
        {"the answer is (B).", "(B)", "answer line"},
        {"The answer is B.", "B", "answer line"},
        {"The answer is **5** because 2 + 3 = 5.", "5", "answer line"},
        {"The answer is $\\frac{1}{2}$, i.e. 50%.", "\\frac{1}{2}", "answer line"},
        {"The answer is 5, since 2 + 3 = 5.", "5", "answer line"},
        {"The answer is (2, 3).", "(2, 3)", "answer line"},
        {"The answer is $x = 5$, where x counts eggs.", "x = 5", "answer line"},
        {"The answers are 2 and 3.", "2 and 3", "answer line"},
        {"The answer to the question is 5.", "5", "answer line"},
        {"The correct answer is therefore 5.", "5", "answer line"},
        {"The answer is Paris.", "Paris", "answer line"},
        {"The answer is yes. That answer is correct.", "yes", "answer line"},
        {"The answer is 5. I hope this answer is clear.", "5", "answer line"},
        {"The answer is 9*8 = 72.", "9*8 = 72", "answer line"},
        {"The answer: 9*8 = 72 eggs", "72 eggs", "answer line"},
        {"The answer is: Toulouse and Seattle have 260 sheep together.", "260 sheep together",
         "answer line"},
        {"The answer is: The date is 05/01/2021.", "05/01/2021", "answer line"},
        {"The answer is 5</s>", "5", "answer line"},
        {"The answer is 5<|im_end|>", "5", "answer line"},
        {"2+3=5\n#### 5", "5", "####"},
        {"2+3=5\n####5 eggs", "5 eggs", "####"},
        {"#### 5\n#### Step 2: add", "5", "####"},
        {"#### Step 1\nWe add 2.", NULL, "none"},
        {"Done.\n<answer> 5 </answer>", "5", "answer tag"},
        {"<answer>\n\\boxed{5}\n</answer>", "5", "boxed"},
        {"\\boxed{4} <answer>5</answer>", "5", "answer tag"},
        {"<answer>4</answer> no: \\boxed{5}", "5", "boxed"},
        {"5</answer>", "5", "answer tag"},
        {"<answer></answer> it is done", NULL, "none"},
        {"{\"reasoning\": \"2+3\", \"answer\": \"5\"}", "5", "JSON"},
        {"{\"answer\": 5, \"sure\": true}", "5", "JSON"},
        {"{\"final_answer\": \"5\"}", "5", "JSON"},
        {"{\"answer\": [\"a\", \"b\"]}", "[\"a\", \"b\"]", "JSON"},
        {"{\"answer\": \"say \\\"hi\\\"\"}", "say \"hi\"", "JSON"},
        {"{\"answer\": \"\\\\frac{1}{2}\"}", "\\frac{1}{2}", "JSON"},
        {"{\"answer\": \"\\frac{1}{2}\"}", "\\frac{1}{2}", "JSON"},
        {"{\"reasoning\": \"so \\\\boxed{4}\", \"answer\": \"5\"}", "5", "JSON"},
        {"{\"answer\": \"\\\\boxed{5}\"}", "5", "boxed"},
        {"{\"answer\": \"\"}", NULL, "none"},
        {"```json\n{\"answer\": 5}\n```", "5", "JSON"},
        {"It must be.\n(B)", "(B)", "choice letter"},
        {"It must be.\n**B**", "B", "choice letter"},
        {"B", "B", "choice letter"},
        {"The correct option is (B).", "(B)", "choice letter"},
        {"Option C is correct.", "C", "choice letter"},
        {"The correct choice is B.", "B", "choice letter"},
        {"42", "42", "whole reply"},
        {"-3/4", "-3/4", "whole reply"},
        {"Yes.", "Yes", "whole reply"},
        {"12 apples", "12 apples", "whole reply"},
        {"The sum is known.\nThe date today is 05/01/2021.", "05/01/2021", "last statement"},
        {"We add. So the total is $5.", "$5", "last statement"},
        {"Therefore, there are 12 ways.", "12 ways", "last statement"},
        {"Therefore he pays 9*8 = 72.", "72", "last statement"},
        {"<think>\\boxed{4}</think>\\boxed{5}", "5", "boxed"},
        {"<think>\\boxed{4}</think>\nSo \\boxed{5}.\n<think>\\boxed{6}", "5", "boxed"},
        {"<thinking>Answer: 4</thinking>Answer: 5", "5", "answer line"},
        {"maybe 4</think>Answer: 5", "5", "answer line"},
        {"<think>a <think> b</think>Answer: 5", "5", "answer line"},
        {"[THINK]\\boxed{4}[/THINK]\\boxed{5}", "5", "boxed"},
        {"◁think▷\\boxed{4}◁/think▷\\boxed{5}", "5", "boxed"},
        {"<|channel|>analysis<|message|>\\boxed{4}<|end|><|start|>assistant<|channel|>final<|"
         "message|>\\boxed{5}<|return|>",
         "5", "boxed"},
        {"<|channel|>final<|message|>\\boxed{5}", "5", "boxed"},
        {"<think>so it is 4\n<answer>5</answer>", "5", "answer tag"},
        {"<think>so it is 4\\end{think}\n<answer>5</answer>", "5", "answer tag"},
        {"The tag <think> opens a block. The answer is 5.", "5", "answer line"},
    };
    size_t bad = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        bad += !is_row(&table[i], false);
    assert_int_equal(bad, 0);
}

static void extract_truncated_counts_only_what_was_stated(void **state)
{
    static const struct row table[] = {
        {"", NULL, "none"},
        {"I add 3 and 4. Then I multiply, and then", NULL, "none"},
        {"<think>so \\boxed{5}", NULL, "only in thinking"},
        {"<think>so \\boxed{5}</think>", NULL, "only in thinking"},
        {"<think>it is five", NULL, "none"},
        {"<|channel|>analysis<|message|>\\boxed{4}", NULL, "only in thinking"},
        {"\\boxed{5", NULL, "none"},
        {"The answer is 12", NULL, "none"},
        {"Answer: 12", NULL, "none"},
        {"B", NULL, "none"},
        {"42", NULL, "none"},
        {"The total is 5.", NULL, "none"},
        {"\\boxed{5} and so", "5", "boxed"},
        {"Answer: 12\nLet me check", "12", "answer line"},
        {"The answer is 12. Let", "12", "answer line"},
        {"#### 12\n\n", "12", "####"},
    };
    size_t bad = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        bad += !is_row(&table[i], true);
    assert_int_equal(bad, 0);
}

static void extract_place_is_the_statement(void **state)
{
    static const char text[] = "We add.\nSo the final answer is $\\frac{1}{2}$. Done.";
    struct arena arena;
    struct answer answer;
    arena_init(&arena, 1 << 16);
    assert_int_equal(answer_extract(text, false, &arena, &answer), SURETY_OK);
    assert_string_equal(answer.text, "\\frac{1}{2}");
    assert_memory_equal(text + answer.start, "So the final answer is $\\frac{1}{2}$",
                        answer.end - answer.start);
    arena_fini(&arena);
}

static void extract_without_memory_is_an_error(void **state)
{
    struct arena arena;
    struct answer answer;
    arena_init(&arena, 8);
    assert_int_equal(answer_extract("Answer: a whole sentence", false, &arena, &answer),
                     SURETY_ERR_NOMEM);
    arena_fini(&arena);
}

static void extract_too_long_is_dropped(void **state)
{
    size_t n = SURETY_ANSWER_MAX + 10;
    char *text = malloc(n + 32);
    struct arena arena;
    struct answer answer;
    assert_non_null(text);
    arena_init(&arena, 1 << 20);
    memcpy(text, "\\boxed{", 7);
    memset(text + 7, '5', n);
    memcpy(text + 7 + n, "}", 2);
    assert_int_equal(answer_extract(text, false, &arena, &answer), SURETY_OK);
    assert_null(answer.text);
    assert_string_equal(answer.how, "too long");
    arena_fini(&arena);
    free(text);
}

static void skip_thinking_is_after_the_last_block(void **state)
{
    static const struct {
        const char *text;
        size_t after;
    } table[] = {
        {"", 0},
        {"no block", 0},
        {"<think>a</think>b", 16},
        {"<think>a</think>b<think>c</think>d", 33},
        {"<think>a", 8},
        {"a</think>b", 9},
        {"the tag <think> is a mark", 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(thinking_skip(table[i].text), table[i].after);
}

/* tests/data/answers.tsv: kind, answer, text; made by make_answers.py, the reasons beside them. */
static void extract_table_of_replies_is_right(void **state)
{
    const char *path = getenv("SURETY_ANSWER_TABLE");
    FILE *f = path ? fopen(path, "r") : NULL;
    static char line[1 << 16];
    size_t rows = 0, bad = 0;
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        char *wanted = strchr(line, '\t'), *text = wanted ? strchr(wanted + 1, '\t') : NULL;
        if (line[0] == '#' || !text)
            continue;
        *wanted++ = *text++ = '\0';
        for (char *at; (at = strstr(text, "\u23ce"));) {
            *at = '\n';
            memmove(at + 1, at + 3, strlen(at + 3) + 1);
        }
        struct arena arena;
        struct answer answer;
        arena_init(&arena, 1 << 20);
        assert_int_equal(answer_extract(text, false, &arena, &answer), SURETY_OK);
        if (strcmp(answer.text ? answer.text : "", wanted) != 0) {
            print_error("%s: \"%s\" gives \"%s\", not \"%s\"\n", line, text,
                        answer.text ? answer.text : "", wanted);
            bad++;
        }
        arena_fini(&arena);
        rows++;
    }
    fclose(f);
    assert_true(rows >= 200);
    assert_int_equal(bad, 0);
}

static void extract_tells_where_the_reply_ends(void **state)
{
    static const struct {
        const char *text, *rest;
    } table[] = {
        {"The answer is 5.", NULL},
        {"The answer is 5.\nQ: And 3?\nThe answer is 3.", "Q: And 3?\nThe answer is 3."},
        {"Q: And 3?\nThe answer is 3.", NULL},
        {"<think>Q: a</think>It is \\boxed{5}.\nHuman: b", "Human: b"},
        {"It is so. Say it.\nIt is so. Say it.\nIt is so.", "It is so. Say it.\nIt is so."},
        {"Question 1: a?\nAnswer: 1.\nQuestion 2: b?\nAnswer: 2.", NULL}, /* steps */
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct arena arena;
        struct answer answer;
        arena_init(&arena, 1 << 20);
        assert_int_equal(answer_extract(table[i].text, false, &arena, &answer), SURETY_OK);
        if (table[i].rest)
            assert_string_equal(table[i].text + answer.reply_end, table[i].rest);
        else
            assert_int_equal(answer.reply_end, 0);
        arena_fini(&arena);
    }
}

/* What would take hours if any step were quadratic; the test's time limit is the check. */
static void extract_hostile_text_is_linear(void **state)
{
    static const char *const units[] = {"{",
                                        "}",
                                        "\\boxed{",
                                        "\\boxed{5} ",
                                        "answer:",
                                        "answer is not ",
                                        "the answer is $",
                                        "<",
                                        "<think>",
                                        "</think>",
                                        "**",
                                        "#### ",
                                        "#",
                                        " ",
                                        "\n",
                                        ".",
                                        ". ",
                                        "$",
                                        "\\",
                                        "</answer>",
                                        "<answer>",
                                        "\"answer\": [",
                                        "\"answer\": \"",
                                        "option ",
                                        "Question: is it? ",
                                        "Q:\n",
                                        "\nClaims:\n- a\n\nb",
                                        "Statement 1: a\n\nb\n\n",
                                        "The statements the answer needs:\n",
                                        "the claims:\n- a: the answer is 5\n\nb\n\n",
                                        "assistantfinal",
                                        "<|im_end|> ",
                                        "<|start|>",
                                        "It is so. ",
                                        "\\bbox[",
                                        "a = 5, in 5, for ",
                                        "5, in total, in total",
                                        "답",
                                        "the correct choice is ",
                                        "\u202e\u0661 = \u05d0 "};
    size_t max = 4u << 20;
    char *text = malloc(max + 64);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len = 0, unit = strlen(units[i]);
        for (; len + unit <= max; len += unit)
            memcpy(text + len, units[i], unit);
        text[len] = '\0';
        struct arena arena;
        struct answer answer;
        arena_init(&arena, 1 << 20);
        assert_int_equal(answer_extract(text, i % 2, &arena, &answer), SURETY_OK);
        assert_true(arena.used_bytes <= SURETY_ANSWER_MAX + 64);
        arena_fini(&arena);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extract_whole_solution_is_found_or_none),
        cmocka_unit_test(extract_truncated_counts_only_what_was_stated),
        cmocka_unit_test(extract_place_is_the_statement),
        cmocka_unit_test(extract_without_memory_is_an_error),
        cmocka_unit_test(extract_too_long_is_dropped),
        cmocka_unit_test(skip_thinking_is_after_the_last_block),
        cmocka_unit_test(extract_table_of_replies_is_right),
        cmocka_unit_test(extract_tells_where_the_reply_ends),
        cmocka_unit_test(extract_hostile_text_is_linear),
    };
    return cmocka_run_group_tests_name("claims.read.answer", tests, NULL, NULL);
}
