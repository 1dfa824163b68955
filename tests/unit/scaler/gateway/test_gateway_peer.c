#include "tests/unit/test.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scaler/gateway/gateway_peer.h"

/* A connection over loopback; [0] is the client's end. */
static void connect_pair(sa_family_t family, int ret_fds[2])
{
    struct sockaddr_storage at = {.ss_family = family};
    socklen_t len = sizeof at;
    if (family == AF_INET)
        ((struct sockaddr_in *)&at)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        ((struct sockaddr_in6 *)&at)->sin6_addr = in6addr_loopback;
    int listener = socket(family, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&at, sizeof at)) {
        close(listener);
        skip(); /* a machine without IPv6 */
    }
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    ret_fds[0] = socket(family, SOCK_STREAM, 0);
    assert_int_equal(connect(ret_fds[0], (struct sockaddr *)&at, len), 0);
    ret_fds[1] = accept(listener, NULL, NULL);
    assert_true(ret_fds[1] >= 0);
    close(listener);
}

static void check_family(sa_family_t family)
{
    int fds[2];
    char byte;
    connect_pair(family, fds);
    assert_true(gateway_peer_listens(fds[1]));
    assert_int_equal(shutdown(fds[0], SHUT_WR), 0);
    assert_int_equal(recv(fds[1], &byte, 1, 0), 0);
    assert_true(gateway_peer_listens(fds[1]));
    assert_int_equal(close(fds[0]), 0);
    assert_false(gateway_peer_listens(fds[1]));
    close(fds[1]);
}

static void listens_half_closed_is_there_and_closed_is_not(void **state)
{
    check_family(AF_INET);
}

static void listens_over_ipv6_is_the_same(void **state)
{
    check_family(AF_INET6);
}

static void listens_what_is_no_connection_is_not_there(void **state)
{
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    assert_false(gateway_peer_listens(pipe_fds[0]));
    assert_false(gateway_peer_listens(-1));
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listens_half_closed_is_there_and_closed_is_not),
        cmocka_unit_test(listens_over_ipv6_is_the_same),
        cmocka_unit_test(listens_what_is_no_connection_is_not_there),
    };
    return cmocka_run_group_tests_name("scaler.gateway_peer", tests, NULL, NULL);
}
