#include "tests/unit/test.h"

#include <string.h>

#include "claims/text/turn.h"

static void end_is_where_a_turn_begins(void **state)
{
    static const char *const table[][2] = {
        {"", ""},
        {"so 3 < 4", "so 3 < 4"},
        {"5<|im_end|>", "5"},
        {"5<|im_end|>\n<|im_start|>user\nMore?", "5"},
        {"5\n<|im_start|>user\nMore?", "5\n"},
        {"5 <|start_header_id|>user<|end_header_id|>", "5 "},
        {"5<|user|>more", "5"},
        {"5</s>", "5"},
        {"5<|endoftext|>Human: 6", "5"},
        {"5 [INST] more [/INST] 6", "5 "},
        {"5<end_of_turn>\n<start_of_turn>user\nmore", "5"},
        {"5<\uFF5Cend\u2581of\u2581sentence\uFF5C><\uFF5CUser\uFF5C>more", "5"},
        {"the mark <|im_end|> ends a turn", "the mark <|im_end|> ends a turn"},
        {"<|im_start|>assistant\n5", "<|im_start|>assistant\n5"},
        {"<|im_start|>user\nIt is 5", "<|im_start|>user\nIt is 5"}, /* nothing before it */
        {" \n[INST] 5", " \n[INST] 5"},
        {"a<b</s", "a<b</s"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t end = turn_end(table[i][0], strlen(table[i][0]));
        if (end != strlen(table[i][1]))
            fail_msg("\"%s\" ends at %zu, not %zu", table[i][0], end, strlen(table[i][1]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(end_is_where_a_turn_begins),
    };
    return cmocka_run_group_tests_name("claims.text.turn", tests, NULL, NULL);
}
