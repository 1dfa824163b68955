/*
 * An exchange lives from the first line of its request to libmicrohttpd's notice that it is over. A
 * connection that waits for us is suspended, which costs nothing; what makes it go on resumes it.
 * libmicrohttpd calls back for a suspended connection neither when its client goes, so
 * that has to be looked for (gateway_http_is_wanted), nor for its time limit.
 */
#include "scaler/gateway/gateway_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "scaler/gateway/gateway_peer.h"

#define BLOCK_BYTES 16384 /* of a stream, handed to the socket at a time */
#define BACKLOG 1024

struct gateway_http {
    struct MHD_Daemon *daemon;
    const struct gateway_http_calls *calls;
    void *user;
    int fd;
    size_t bodies; /* bytes of bodies that are being read */
    struct gateway_exchange *first;
    char address[80];
};

struct gateway_exchange {
    struct gateway_http *http;
    struct MHD_Connection *connection;
    struct gateway_exchange *next, **before; /* among all of http */
    char *method, *path;
    void *user;
    struct buf body;  /* until `request` has seen it; then what a stream has still to send */
    size_t dropped;   /* bytes of a body that is refused */
    int64_t since_ms; /* when its head was there */
    bool called;      /* `request` was */
    bool suspended, streams, stream_over, dead;
    size_t sent;                   /* of body, by a stream */
    struct MHD_Response *response; /* that waits for its turn; NULL: none yet, or it was given */
    unsigned status;
};

/* ---- replies ---- */

static void sleep_until_resumed(struct gateway_exchange *x)
{
    x->suspended = true;
    MHD_suspend_connection(x->connection);
}

static void wake(struct gateway_exchange *x)
{
    if (x->suspended)
        MHD_resume_connection(x->connection);
    x->suspended = false;
}

static struct MHD_Response *make_reply(char *json, int retry_s, const char *allow)
{
    static char none[] = "{\"error\":{\"message\":\"out of memory\",\"type\":\"server_error\","
                         "\"param\":null,\"code\":\"out_of_memory\"}}";
    struct MHD_Response *response =
        json ? MHD_create_response_from_buffer(strlen(json), json, MHD_RESPMEM_MUST_FREE)
             : MHD_create_response_from_buffer(strlen(none), none, MHD_RESPMEM_PERSISTENT);
    char seconds[16];
    if (!response) {
        free(json);
        return NULL;
    }
    MHD_add_response_header(response, "Content-Type", "application/json; charset=utf-8");
    snprintf(seconds, sizeof seconds, "%d", retry_s);
    if (retry_s)
        MHD_add_response_header(response, "Retry-After", seconds);
    if (allow)
        MHD_add_response_header(response, "Allow", allow);
    return response;
}

void gateway_http_reply(struct gateway_exchange *x, int status, char *json, int retry_s,
                        const char *allow)
{
    x->response = make_reply(json, retry_s, allow);
    x->status = (unsigned)status;
    x->dead = !x->response;
    wake(x);
}

/* libmicrohttpd has room for a piece of the stream. */
static ssize_t read_stream(void *arg, uint64_t at, char *out, size_t most)
{
    struct gateway_exchange *x = arg;
    size_t left = gateway_http_queued(x), n = left < most ? left : most;
    if (x->dead || x->body.failed)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (n) {
        memcpy(out, x->body.data + x->sent, n);
        x->sent += n;
        if (x->sent == x->body.len)
            x->sent = x->body.len = 0;
        return (ssize_t)n;
    }
    if (x->stream_over)
        return MHD_CONTENT_READER_END_OF_STREAM;
    sleep_until_resumed(x);
    return 0;
}

void gateway_http_begin_stream(struct gateway_exchange *x)
{
    x->streams = true;
    x->status = MHD_HTTP_OK;
    x->response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream, x, NULL);
    x->dead = !x->response;
    if (x->response) {
        MHD_add_response_header(x->response, "Content-Type", "text/event-stream; charset=utf-8");
        MHD_add_response_header(x->response, "Cache-Control", "no-cache");
    }
    wake(x);
}

void gateway_http_send(struct gateway_exchange *x, const char *text, size_t len)
{
    buf_append(&x->body, text, len);
    wake(x);
}

void gateway_http_end_stream(struct gateway_exchange *x)
{
    x->stream_over = true;
    wake(x);
}

size_t gateway_http_queued(const struct gateway_exchange *x)
{
    return x->body.len - x->sent;
}

bool gateway_http_is_wanted(struct gateway_exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    char byte;
    if (!info || x->dead)
        return false;
    ssize_t n = recv(info->connect_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)))
        return true;
    if (n == 0 && gateway_peer_listens(info->connect_fd))
        return true;
    x->dead = true;
    wake(x);
    return false;
}

/* ---- requests ---- */

void gateway_http_set_user(struct gateway_exchange *x, void *user)
{
    x->user = user;
}

void *gateway_http_user(const struct gateway_exchange *x)
{
    return x->user;
}

struct header_visit {
    void (*see)(void *arg, const char *name, const char *value);
    void *arg;
};

static enum MHD_Result see_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    const struct header_visit *visit = arg;
    visit->see(visit->arg, name, value ? value : "");
    return MHD_YES;
}

void gateway_http_headers(struct gateway_exchange *x,
                          void (*see)(void *arg, const char *name, const char *value), void *arg)
{
    struct header_visit visit = {see, arg};
    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, see_header, &visit);
}

static const char *header(struct gateway_exchange *x, const char *name)
{
    const char *value = MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
    return value ? value : "";
}

/* Refused before it is whole: what is still to come of the body is not read. */
static enum MHD_Result refuse(struct gateway_exchange *x, int status, const char *message)
{
    struct MHD_Response *response = make_reply(x->http->calls->refusal(status, message),
                                               status == MHD_HTTP_TOO_MANY_REQUESTS, NULL);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Connection", "close");
    enum MHD_Result result = MHD_queue_response(x->connection, (unsigned)status, response);
    MHD_destroy_response(response);
    x->called = false;
    return result;
}

static enum MHD_Result take_body(struct gateway_exchange *x, const char *data, size_t *len)
{
    struct gateway_http *http = x->http;
    /* libmicrohttpd takes no reply while a body comes in: what is too much is dropped, and the
     * refusal waits for its end; who never ends is hung up on */
    if (!x->body.failed && http->bodies + *len > GATEWAY_BODIES_MAX)
        x->body.failed = SURETY_ERR_BUSY;
    if (!x->body.failed) {
        buf_append(&x->body, data, *len);
        if (!x->body.failed)
            http->bodies += *len;
    }
    x->dropped += x->body.failed ? *len : 0;
    *len = 0;
    bool slow = clock_now_ms() - x->since_ms > GATEWAY_BODY_S * 1000;
    return slow || x->dropped > GATEWAY_BODY_MAX ? MHD_NO : MHD_YES;
}

static void forget_body(struct gateway_exchange *x)
{
    x->http->bodies -= x->body.len;
    buf_fini(&x->body);
}

/* The head is there. */
static enum MHD_Result begin(struct gateway_http *http, struct MHD_Connection *connection,
                             const char *path, const char *method, struct gateway_exchange **ret)
{
    struct gateway_exchange *x = calloc(1, sizeof *x);
    if (!x)
        return MHD_NO;
    *ret = x;
    x->http = http;
    x->connection = connection;
    x->since_ms = clock_now_ms();
    x->next = http->first;
    x->before = &http->first;
    if (x->next)
        x->next->before = &x->next;
    http->first = x;
    x->path = strdup(path);
    x->method = strdup(method);
    buf_init(&x->body, GATEWAY_BODY_MAX);
    if (!x->path || !x->method)
        return MHD_NO;
    const char *length = header(x, "Content-Length");
    if (strlen(length) > 10 || strtoull(length, NULL, 10) > GATEWAY_BODY_MAX)
        return refuse(x, MHD_HTTP_CONTENT_TOO_LARGE, "the body is longer than 32 MiB");
    return MHD_YES;
}

static enum MHD_Result call(struct gateway_exchange *x)
{
    struct gateway_http *http = x->http;
    struct gateway_request request = {.method = x->method,
                                      .path = x->path,
                                      .content_type = header(x, "Content-Type"),
                                      .body = x->body.data ? x->body.data : "",
                                      .len = x->body.len};
    enum surety_err failed = x->body.failed;
    if (failed) {
        forget_body(x);
        return failed == SURETY_ERR_LIMIT
                   ? refuse(x, MHD_HTTP_CONTENT_TOO_LARGE, "the body is longer than 32 MiB")
                   : refuse(x, MHD_HTTP_TOO_MANY_REQUESTS,
                            "too many long bodies at once: try again");
    }
    x->called = true;
    struct buf body = x->body;
    buf_init(&x->body, SIZE_MAX);
    http->calls->request(http->user, x, &request);
    http->bodies -= body.len;
    buf_fini(&body);
    return MHD_YES;
}

static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *data,
                              size_t *len, void **state)
{
    struct gateway_exchange *x = *state;
    if (!x)
        return begin(user, connection, path, method, (struct gateway_exchange **)state);
    if (*len)
        return take_body(x, data, len);
    if (!x->called && call(x) != MHD_YES)
        return MHD_NO;
    if (x->dead)
        return MHD_NO;
    if (!x->called) /* it was refused */
        return MHD_YES;
    if (!x->response) {
        sleep_until_resumed(x);
        return MHD_YES;
    }
    enum MHD_Result result = MHD_queue_response(connection, x->status, x->response);
    MHD_destroy_response(x->response);
    x->response = NULL;
    return result;
}

static void completed(void *user, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode how)
{
    struct gateway_exchange *x = *state;
    if (!x)
        return;
    if (x->called)
        x->http->calls->ended(x->http->user, x);
    else
        x->http->bodies -= x->body.len;
    if (x->response)
        MHD_destroy_response(x->response);
    *x->before = x->next;
    if (x->next)
        x->next->before = x->before;
    buf_fini(&x->body);
    free(x->path);
    free(x->method);
    free(x);
    *state = NULL;
}

/* ---- the socket ---- */

/* HOST:PORT on loopback. */
static enum surety_err read_address(const char *text, struct sockaddr_storage *ret,
                                    struct surety_error *err)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
    char host[64];
    const char *colon = strrchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;
    char *end = NULL;
    unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
    if (!len || len >= sizeof host || end == colon + 1 || *end || port > 65535)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "--http must be HOST:PORT, like 127.0.0.1:8484, not '%.80s'", text);
    memcpy(host, text, len);
    host[len] = '\0';
    *ret = (struct sockaddr_storage){0};
    bool bracketed = host[0] == '[' && host[len - 1] == ']';
    if (bracketed) {
        host[len - 1] = '\0';
        memmove(host, host + 1, len - 1);
    }
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, strcmp(host, "localhost") ? host : "127.0.0.1", &v4->sin_addr) == 1 &&
        (ntohl(v4->sin_addr.s_addr) >> 24) == 127)
        return SURETY_OK;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)port);
    if (bracketed && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1 &&
        IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr))
        return SURETY_OK;
    return surety_fail(err, SURETY_ERR_INVALID,
                       "--http listens on loopback only (127.0.0.1, localhost, [::1]), not on "
                       "'%.60s': whoever reaches it may use it, since there are no keys yet",
                       host);
}

static enum surety_err listen_at(const struct sockaddr_storage *at, int *ret_fd,
                                 struct surety_error *err)
{
    socklen_t len =
        at->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    int yes = 1;
    *ret_fd = socket(at->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*ret_fd >= 0)
        setsockopt(*ret_fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (*ret_fd >= 0 && bind(*ret_fd, (const struct sockaddr *)at, len) == 0 &&
        listen(*ret_fd, BACKLOG) == 0)
        return SURETY_OK;
    int failed = errno;
    if (*ret_fd >= 0)
        close(*ret_fd);
    return surety_fail(err, failed == EADDRINUSE ? SURETY_ERR_ADDRESS_IN_USE : SURETY_ERR_IO,
                       failed == EADDRINUSE ? "another program listens there already (%s)"
                                            : "cannot listen there: %s",
                       strerror(failed));
}

static void tell_address(int fd, char *out, size_t size)
{
    struct sockaddr_storage at = {0};
    socklen_t len = sizeof at;
    char host[INET6_ADDRSTRLEN] = "";
    getsockname(fd, (struct sockaddr *)&at, &len);
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&at;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&at;
    bool four = at.ss_family == AF_INET;
    inet_ntop(at.ss_family, four ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr, host,
              sizeof host);
    snprintf(out, size, four ? "%s:%u" : "[%s]:%u", host,
             ntohs(four ? v4->sin_port : v6->sin6_port));
}

/* What libmicrohttpd has to say of its clients' mistakes is nobody's business. */
static void say_nothing(void *arg, const char *format, va_list args)
{
}

enum surety_err gateway_http_open(const char *address, const struct gateway_http_calls *calls,
                                  void *user, struct gateway_http **ret_http,
                                  struct surety_error *err)
{
    struct sockaddr_storage at;
    int fd = -1;
    enum surety_err code = read_address(address, &at, err);
    if (!code)
        code = listen_at(&at, &fd, err);
    if (code)
        return code;
    struct gateway_http *http = calloc(1, sizeof *http);
    if (http) {
        *http = (struct gateway_http){.calls = calls, .user = user, .fd = -1};
        tell_address(fd, http->address, sizeof http->address);
        http->daemon = MHD_start_daemon(
            MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, handle,
            http, MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
            MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_CONNECTION_LIMIT,
            (unsigned)GATEWAY_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
            (unsigned)GATEWAY_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)GATEWAY_HEAD_MAX,
            MHD_OPTION_END);
    }
    const union MHD_DaemonInfo *info =
        http && http->daemon ? MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (!info) {
        if (!http || !http->daemon)
            close(fd);
        gateway_http_close(http);
        return surety_fail(err, SURETY_ERR_IO, "the HTTP server could not be started");
    }
    http->fd = info->epoll_fd;
    *ret_http = http;
    return SURETY_OK;
}

void gateway_http_close(struct gateway_http *http)
{
    if (!http)
        return;
    for (struct gateway_exchange *x = http->first; x; x = x->next) {
        x->dead = true;
        wake(x); /* libmicrohttpd does not end while a connection is suspended */
    }
    if (http->daemon) {
        MHD_run(http->daemon);
        MHD_stop_daemon(http->daemon);
    }
    free(http);
}

const char *gateway_http_address(const struct gateway_http *http)
{
    return http->address;
}

bool gateway_http_is_busy(const struct gateway_http *http)
{
    return http->first != NULL;
}

int gateway_http_fd(const struct gateway_http *http)
{
    return http->fd;
}

int64_t gateway_http_wait_ms(const struct gateway_http *http)
{
    MHD_UNSIGNED_LONG_LONG ms;
    return MHD_get_timeout(http->daemon, &ms) == MHD_YES ? (int64_t)ms : -1;
}

void gateway_http_run(struct gateway_http *http)
{
    MHD_run(http->daemon);
}
