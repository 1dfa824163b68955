#include "tests/unit/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scaler/client/home.h"

static void create_makes_a_private_directory_and_remove_removes_it(void **state)
{
    struct home home;
    struct surety_error error;
    struct stat st;
    char file[200];
    assert_int_equal(home_create(&home, &error), SURETY_OK);
    assert_int_equal(stat(home.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    snprintf(file, sizeof file, "%s/c", home.path);
    assert_int_equal(close(open(file, O_CREAT | O_WRONLY, 0600)), 0);
    home_remove(&home);
    assert_int_not_equal(stat(home.path, &st), 0);
    home_remove(&home);
}

static void create_falls_back_where_the_path_is_too_long(void **state)
{
    struct home home;
    struct surety_error error;
    char *before = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
    setenv(
        "TMPDIR",
        "/tmp/a-directory-with-a-name-that-is-far-too-long-for-the-path-of-a-socket-in-it-really",
        1);
    assert_int_equal(home_create(&home, &error), SURETY_OK);
    assert_memory_equal(home.path, "/tmp/surety-", 12);
    home_remove(&home);
    setenv("TMPDIR", "/nonexistent", 1);
    assert_int_equal(home_create(&home, &error), SURETY_ERR_IO);
    assert_non_null(strstr(error.message, "No such file"));
    home_remove(&home);
    if (before)
        setenv("TMPDIR", before, 1);
    else
        unsetenv("TMPDIR");
    free(before);
}

/* The keeper's work: the directory goes when its owner is killed. */
static void killed_owner_leaves_nothing(void **state)
{
    int pipe_fds[2];
    char path[HOME_PATH_MAX + 1], events[4096];
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct home home;
        if (home_create(&home, NULL) == SURETY_OK &&
            write(pipe_fds[1], home.path, sizeof home.path) > 0)
            pause();
        _exit(1);
    }
    assert_int_equal(read(pipe_fds[0], path, sizeof path), sizeof path);
    int watch = inotify_init1(IN_CLOEXEC);
    assert_true(inotify_add_watch(watch, path, IN_DELETE_SELF) >= 0);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    struct pollfd wait = {.fd = watch, .events = POLLIN};
    assert_int_equal(poll(&wait, 1, 10000), 1);
    assert_true(read(watch, events, sizeof events) > 0);
    assert_int_not_equal(access(path, F_OK), 0);
    close(watch);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_makes_a_private_directory_and_remove_removes_it),
        cmocka_unit_test(create_falls_back_where_the_path_is_too_long),
        cmocka_unit_test(killed_owner_leaves_nothing),
    };
    return cmocka_run_group_tests_name("scaler.home", tests, NULL, NULL);
}
