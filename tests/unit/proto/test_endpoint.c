#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/endpoint.h"

static struct surety_error err;

static void check_of_this_host_is_ok(void **state)
{
    static const char *const good[] = {
        "ipc:///tmp/s",         "ipc://relative/s",    "ipc://@abstract",
        "tcp://127.0.0.1:1",    "tcp://127.0.0.1:*",   "tcp://127.1.2.3:65535",
        "tcp://127.255.0.9:80", "tcp://localhost:555", "tcp://[::1]:5555",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (endpoint_check(good[i], &err))
            fail_msg("%s", err.message);
}

static void check_of_other_hosts_or_forms_is_invalid(void **state)
{
    static const struct {
        const char *endpoint, *part;
    } bad[] = {
        {"tcp://0.0.0.0:5", "other hosts"},
        {"tcp://*:5", "other hosts"},
        {"tcp://eth0:5", "other hosts"},
        {"tcp://128.0.0.1:5", "other hosts"},
        {"tcp://12.7.0.1:5", "other hosts"},
        {"tcp://127.evil.example:5", "other hosts"},
        {"tcp://127.0.0.1.evil.example:5", "other hosts"},
        {"tcp://127.0.0:5", "other hosts"},
        {"tcp://127.0.0.0.1:5", "other hosts"},
        {"tcp://127.0.0.256:5", "other hosts"},
        {"tcp://127.0.0.0001:5", "other hosts"},
        {"tcp://127..0.1:5", "other hosts"},
        {"tcp://localhost.evil.example:5", "other hosts"},
        {"tcp://Localhost:5", "other hosts"},
        {"tcp://[::]:5", "other hosts"},
        {"tcp://[::2]:5", "other hosts"},
        {"tcp://::1:5", "other hosts"},
        {"tcp://:5", "other hosts"},
        {"tcp://127.0.0.1", "port"},
        {"tcp://127.0.0.1:", "port"},
        {"tcp://127.0.0.1:123456", "port"},
        {"tcp://127.0.0.1:5x", "port"},
        {"tcp://127.0.0.1:-1", "port"},
        {"tcp://", "port"},
        {"ipc://", "path"},
        {"ipc://*", "path"}, /* a name that nobody else knows */
        {"", "no endpoint"},
        {"x", "no endpoint"},
        {"/tmp/s", "no endpoint"},
        {"127.0.0.1:5", "no endpoint"},
        {"TCP://127.0.0.1:5", "no endpoint"},
        {"inproc://x", "no endpoint"},
        {"udp://127.0.0.1:5", "no endpoint"},
        {" ipc:///tmp/s", "no endpoint"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(endpoint_check(bad[i].endpoint, &err), SURETY_ERR_INVALID);
        assert_non_null(strstr(err.message, bad[i].endpoint));
        assert_non_null(strstr(err.message, bad[i].part));
    }
}

static void check_path_may_be_as_long_as_the_system_allows(void **state)
{
    char endpoint[ENDPOINT_PATH_MAX + 10] = "ipc://";
    memset(endpoint + 6, 'x', ENDPOINT_PATH_MAX);
    assert_int_equal(endpoint_check(endpoint, &err), SURETY_OK);
    endpoint[6 + ENDPOINT_PATH_MAX] = 'x';
    assert_int_equal(endpoint_check(endpoint, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "108 bytes"));
}

static void check_endless_host_is_invalid(void **state)
{
    char endpoint[1000] = "tcp://";
    memset(endpoint + 6, '1', sizeof endpoint - 7);
    assert_int_equal(endpoint_check(endpoint, &err), SURETY_ERR_INVALID);
}

static void path_is_there_for_files_alone(void **state)
{
    assert_string_equal(endpoint_path("ipc:///tmp/s"), "/tmp/s");
    assert_null(endpoint_path("ipc://@abstract"));
    assert_null(endpoint_path("tcp://127.0.0.1:5"));
}

static void is_ipv6_by_the_brackets(void **state)
{
    assert_true(endpoint_is_ipv6("tcp://[::1]:5"));
    assert_false(endpoint_is_ipv6("tcp://127.0.0.1:5"));
    assert_false(endpoint_is_ipv6("ipc:///tmp/["));
}

static void to_bind_localhost_becomes_a_number(void **state)
{
    char out[ENDPOINT_MAX];
    endpoint_to_bind("tcp://localhost:5", out);
    assert_string_equal(out, "tcp://127.0.0.1:5");
    endpoint_to_bind("tcp://[::1]:5", out);
    assert_string_equal(out, "tcp://[::1]:5");
    endpoint_to_bind("ipc:///tmp/s", out);
    assert_string_equal(out, "ipc:///tmp/s");
}

/* ---- files ---- */

static char folder[64], endpoint[100];
static const char *path;

static int setup(void **state)
{
    snprintf(folder, sizeof folder, "/tmp/surety-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(endpoint, sizeof endpoint, "ipc://%s/s", folder);
    path = endpoint_path(endpoint);
    return 0;
}

static int teardown(void **state)
{
    return rmdir(folder); /* no file is left */
}

static int listen_at(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void make_file(void)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static void clear_socket_of_the_dead_is_removed(void **state)
{
    assert_int_equal(endpoint_clear(endpoint, &err), SURETY_OK); /* nothing there */
    close(listen_at());
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(endpoint_clear(endpoint, &err), SURETY_OK);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void clear_socket_of_the_living_is_in_use(void **state)
{
    const int fd = listen_at();
    assert_int_equal(endpoint_clear(endpoint, &err), SURETY_ERR_ADDRESS_IN_USE);
    assert_non_null(strstr(err.message, endpoint));
    assert_int_equal(unlink(path), 0); /* it is still there */
    close(fd);
}

static void clear_what_is_no_socket_is_left_alone(void **state)
{
    make_file();
    assert_int_equal(endpoint_clear(endpoint, &err), SURETY_ERR_ADDRESS_IN_USE);
    assert_non_null(strstr(err.message, "no socket"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/nonexistent", path), 0);
    assert_int_equal(endpoint_clear(endpoint, &err), SURETY_ERR_ADDRESS_IN_USE);
    assert_int_equal(unlink(path), 0);
}

static void clear_without_a_file_is_nothing(void **state)
{
    assert_int_equal(endpoint_clear("tcp://127.0.0.1:5", &err), SURETY_OK);
    assert_int_equal(endpoint_clear("ipc://@abstract", &err), SURETY_OK);
}

static void remove_file_takes_the_noted_one_alone(void **state)
{
    struct endpoint_file file = {0};
    endpoint_remove_file(&file); /* none */
    endpoint_note_file("tcp://127.0.0.1:5", &file);
    assert_string_equal(file.path, "");
    const int first = listen_at();
    endpoint_note_file(endpoint, &file);
    char aside[100]; /* so that its number is not given away again */
    snprintf(aside, sizeof aside, "%s/aside", folder);
    assert_int_equal(rename(path, aside), 0);
    make_file(); /* another one of the same name */
    endpoint_remove_file(&file);
    assert_int_equal(access(path, F_OK), 0);
    endpoint_note_file(endpoint, &file);
    endpoint_remove_file(&file);
    assert_int_not_equal(access(path, F_OK), 0);
    endpoint_remove_file(&file); /* once is enough */
    close(first);
    assert_int_equal(unlink(aside), 0);
}

#define FILES(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_of_this_host_is_ok),
        cmocka_unit_test(check_of_other_hosts_or_forms_is_invalid),
        cmocka_unit_test(check_path_may_be_as_long_as_the_system_allows),
        cmocka_unit_test(check_endless_host_is_invalid),
        cmocka_unit_test(path_is_there_for_files_alone),
        cmocka_unit_test(is_ipv6_by_the_brackets),
        cmocka_unit_test(to_bind_localhost_becomes_a_number),
        FILES(clear_socket_of_the_dead_is_removed),
        FILES(clear_socket_of_the_living_is_in_use),
        FILES(clear_what_is_no_socket_is_left_alone),
        FILES(clear_without_a_file_is_nothing),
        FILES(remove_file_takes_the_noted_one_alone),
    };
    return cmocka_run_group_tests_name("proto.endpoint", tests, NULL, NULL);
}
