/* Asks sock_diag(7) for the one socket whose addresses are those of fd, the other way round. */
#include "scaler/gateway/gateway_peer.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The port; the address is copied. */
static uint16_t read_end(const struct sockaddr_storage *at, uint32_t ret_address[4])
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)at;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)at;
    if (at->ss_family == AF_INET)
        memcpy(ret_address, &v4->sin_addr, sizeof v4->sin_addr);
    else
        memcpy(ret_address, &v6->sin6_addr, sizeof v6->sin6_addr);
    return at->ss_family == AF_INET ? v4->sin_port : v6->sin6_port;
}

/* The answer is there when send returns. A socket that no process holds has no inode. */
static bool ask(int netlink, const struct inet_diag_req_v2 *wanted)
{
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 wanted;
    } question = {.head = {.nlmsg_len = sizeof question,
                           .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                           .nlmsg_flags = NLM_F_REQUEST},
                  .wanted = *wanted};
    union {
        struct nlmsghdr head;
        char bytes[4096];
    } answer;
    struct inet_diag_msg found;
    if (send(netlink, &question, sizeof question, 0) != (ssize_t)sizeof question)
        return false;
    ssize_t n = recv(netlink, &answer, sizeof answer, MSG_DONTWAIT);
    if (n < (ssize_t)(NLMSG_HDRLEN + sizeof found) || answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY)
        return false;
    memcpy(&found, answer.bytes + NLMSG_HDRLEN, sizeof found);
    return found.idiag_inode != 0;
}

bool gateway_peer_listens(int fd)
{
    struct sockaddr_storage here = {0}, there = {0};
    socklen_t here_len = sizeof here, there_len = sizeof there;
    if (getsockname(fd, (struct sockaddr *)&here, &here_len) ||
        getpeername(fd, (struct sockaddr *)&there, &there_len))
        return false;
    struct inet_diag_req_v2 wanted = {.sdiag_family = (uint8_t)there.ss_family,
                                      .sdiag_protocol = IPPROTO_TCP,
                                      .idiag_states = UINT32_MAX};
    wanted.id.idiag_sport = read_end(&there, wanted.id.idiag_src);
    wanted.id.idiag_dport = read_end(&here, wanted.id.idiag_dst);
    wanted.id.idiag_cookie[0] = wanted.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    bool listens = netlink >= 0 && ask(netlink, &wanted);
    if (netlink >= 0)
        close(netlink);
    return listens;
}
