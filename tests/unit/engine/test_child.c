#include "tests/unit/test.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "engine/exec/child.h"

static struct surety_error err;

static void words_are_split_at_blanks_but_in_quotes(void **state)
{
    char **words;
    assert_int_equal(child_words("  python3 \"my file.py\"  --x=\"a b\"c ", &words, &err),
                     SURETY_OK);
    assert_string_equal(words[0], "python3");
    assert_string_equal(words[1], "my file.py");
    assert_string_equal(words[2], "--x=a bc");
    assert_null(words[3]);
    free(words);
    static const char *const bad[] = {"", "   ", "a \"b", "\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(child_words(bad[i], &words, &err), SURETY_ERR_INVALID);
    char many[2 * CHILD_WORDS_MAX + 3];
    for (size_t i = 0; i + 1 < sizeof many; i += 2)
        memcpy(many + i, "a ", 2);
    many[sizeof many - 1] = '\0';
    assert_int_equal(child_words(many, &words, &err), SURETY_ERR_INVALID);
    many[2 * CHILD_WORDS_MAX - 1] = '\0';
    assert_int_equal(child_words(many, &words, &err), SURETY_OK);
    assert_string_equal(words[CHILD_WORDS_MAX - 1], "a");
    assert_null(words[CHILD_WORDS_MAX]);
    free(words);
}

static void wait_for(struct child *child)
{
    struct pollfd p = {.fd = child->fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 20000), 1);
}

static void lines_come_back_whole(void **state)
{
    char cat[] = "cat", *words[] = {cat, NULL}, *line;
    static const char text[] = "first\n\nthird is longer\nno end";
    struct child child = {0};
    size_t sent = 0, len;
    assert_int_equal(child_start(&child, words, &err), SURETY_OK);
    assert_int_equal(child_write(&child, text, strlen(text), &sent), SURETY_OK);
    assert_int_equal(sent, strlen(text));
    while (child.lines.len < strlen(text)) {
        wait_for(&child);
        assert_int_equal(child_read(&child), SURETY_OK);
    }
    static const char *const expected[] = {"first", "", "third is longer"};
    for (size_t i = 0; i < 3; i++) {
        line = child_line(&child, &len);
        assert_non_null(line);
        assert_string_equal(line, expected[i]);
        assert_int_equal(len, strlen(expected[i]));
    }
    assert_null(child_line(&child, &len));
    assert_null(child_line(&child, &len));
    int status = child_kill(&child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(child_kill(&child), 0);
}

static void end_of_a_child_is_seen(void **state)
{
    char name[] = "sh", c[] = "-c", script[] = "exit 3", *words[] = {name, c, script, NULL};
    struct child child = {0};
    size_t sent = 0;
    assert_int_equal(child_start(&child, words, &err), SURETY_OK);
    wait_for(&child);
    assert_int_equal(child_read(&child), SURETY_ERR_LOST);
    assert_int_equal(child_write(&child, "x\n", 2, &sent), SURETY_ERR_LOST); /* and no SIGPIPE */
    assert_int_equal(WEXITSTATUS(child_kill(&child)), 3);
    assert_int_equal(child.pid, 0);
}

static void start_names_what_cannot_be_run(void **state)
{
    char name[] = "/no/such/command", folder[] = "/tmp", *words[] = {name, NULL};
    struct child child = {0};
    assert_int_equal(child_start(&child, words, &err), SURETY_ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, name));
    words[0] = folder;
    assert_int_equal(child_start(&child, words, &err), SURETY_ERR_INVALID);
    assert_int_equal(child.pid, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_split_at_blanks_but_in_quotes),
        cmocka_unit_test(lines_come_back_whole),
        cmocka_unit_test(end_of_a_child_is_seen),
        cmocka_unit_test(start_names_what_cannot_be_run),
    };
    return cmocka_run_group_tests_name("engine.child", tests, NULL, NULL);
}
