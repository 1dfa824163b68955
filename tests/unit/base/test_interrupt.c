/* Each case in a process of its own: what a signal does is done once. */
#include "tests/unit/test.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"

#define GOOD 7 /* exit code of a child that found everything as it should be */

static int child_of(void (*body)(void), char *ret_stderr, size_t size)
{
    int fds[2], status;
    assert_int_equal(pipe(fds), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(fds[1], STDERR_FILENO);
        body();
        _exit(GOOD);
    }
    close(fds[1]);
    size_t len = 0;
    for (ssize_t n; (n = read(fds[0], ret_stderr + len, size - 1 - len)) > 0; len += (size_t)n)
        ;
    ret_stderr[len] = '\0';
    close(fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

#define NEEDS(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            _exit(1);                                                                              \
    } while (0)

static bool is_readable(int fd)
{
    struct pollfd item = {.fd = fd, .events = POLLIN};
    return poll(&item, 1, 0) == 1;
}

static void first(int number)
{
    interrupt_install();
    NEEDS(!interrupt_came() && !*interrupt_flag() && !is_readable(interrupt_fd()));
    raise(number);
    NEEDS(interrupt_came() && *interrupt_flag() && is_readable(interrupt_fd()));
}

static void first_int(void)
{
    first(SIGINT);
}

static void first_term(void)
{
    first(SIGTERM);
}

static void first_hup(void)
{
    first(SIGHUP);
}

static void first_signal_is_told_and_the_program_goes_on(void **state)
{
    char text[100];
    assert_int_equal(child_of(first_int, text, sizeof text), GOOD);
    assert_int_equal(child_of(first_term, text, sizeof text), GOOD);
    assert_int_equal(child_of(first_hup, text, sizeof text), GOOD);
    assert_string_equal(text, "");
}

static void twice(void)
{
    first(SIGINT);
    raise(SIGTERM);
}

static void twice_with_a_sequence(void)
{
    interrupt_restore("[restored]");
    twice();
}

static void second_signal_ends_the_program_at_once(void **state)
{
    char text[100];
    assert_int_equal(child_of(twice, text, sizeof text), 130);
    assert_string_equal(text, "");
    assert_int_equal(child_of(twice_with_a_sequence, text, sizeof text), 130);
    assert_string_equal(text, "[restored]");
}

static void ignored_before(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGHUP, &ignore, NULL);
    interrupt_install();
    raise(SIGHUP);
    raise(SIGHUP);
    NEEDS(!interrupt_came());
}

static void signal_that_was_ignored_stays_ignored(void **state)
{
    char text[100];
    assert_int_equal(child_of(ignored_before, text, sizeof text), GOOD);
}

static void writes_to_nobody(void)
{
    int fds[2];
    interrupt_install();
    NEEDS(pipe(fds) == 0);
    close(fds[0]);
    NEEDS(write(fds[1], "x", 1) < 0);
    NEEDS(!interrupt_came());
}

static void broken_pipe_does_not_kill(void **state)
{
    char text[100];
    assert_int_equal(child_of(writes_to_nobody, text, sizeof text), GOOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_signal_is_told_and_the_program_goes_on),
        cmocka_unit_test(second_signal_ends_the_program_at_once),
        cmocka_unit_test(signal_that_was_ignored_stays_ignored),
        cmocka_unit_test(broken_pipe_does_not_kill),
    };
    return cmocka_run_group_tests_name("base.interrupt", tests, NULL, NULL);
}
