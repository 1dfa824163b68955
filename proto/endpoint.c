#include "proto/endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

const char *endpoint_path(const char *endpoint)
{
    const char *path = starts_with(endpoint, "ipc://") ? endpoint + strlen("ipc://") : NULL;
    return path && path[0] != '@' ? path : NULL;
}

bool endpoint_is_ipv6(const char *endpoint)
{
    return starts_with(endpoint, "tcp://[");
}

/* "127.0.0.1", "127.1.2.3", ... and nothing that only begins like it ("127.evil.example"). */
static bool is_loopback_v4(const char *host, size_t len)
{
    unsigned parts = 0, value = 0, digits = 0, first = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && host[i] >= '0' && host[i] <= '9') {
            value = value * 10 + (unsigned)(host[i] - '0');
            if (++digits > 3)
                return false;
        } else if ((i == len || host[i] == '.') && digits && value <= 255) {
            if (parts++ == 0)
                first = value;
            value = digits = 0;
        } else {
            return false;
        }
    }
    return parts == 4 && first == 127;
}

static bool is_port(const char *text)
{
    size_t len = strspn(text, "0123456789");
    return (len >= 1 && len <= 5 && text[len] == '\0') || strcmp(text, "*") == 0;
}

static enum surety_err check_tcp(const char *endpoint, struct surety_error *err)
{
    const char *host = endpoint + strlen("tcp://"), *colon = strrchr(host, ':');
    if (!colon || !is_port(colon + 1))
        return surety_fail(err, SURETY_ERR_INVALID,
                           "the endpoint '%s' needs a port: tcp://127.0.0.1:PORT", endpoint);
    size_t len = (size_t)(colon - host);
    if (is_loopback_v4(host, len) || (len == 5 && memcmp(host, "[::1]", 5) == 0) ||
        (len == 9 && memcmp(host, "localhost", 9) == 0))
        return SURETY_OK;
    return surety_fail(
        err, SURETY_ERR_INVALID,
        "the endpoint '%s' can be reached from other hosts, and encryption (CURVE) is "
        "not built: use 127.0.0.1, [::1] or ipc://PATH",
        endpoint);
}

enum surety_err endpoint_check(const char *endpoint, struct surety_error *err)
{
    if (starts_with(endpoint, "ipc://")) {
        const char *path = endpoint + strlen("ipc://");
        if (!path[0] || path[0] == '*')
            return surety_fail(err, SURETY_ERR_INVALID, "the endpoint '%.100s' needs a path",
                               endpoint);
        if (strlen(path) > ENDPOINT_PATH_MAX)
            return surety_fail(err, SURETY_ERR_INVALID,
                               "the path of '%.200s' has %zu bytes; the system allows %d in the "
                               "name of a socket: use a shorter folder",
                               endpoint, strlen(path), ENDPOINT_PATH_MAX);
        return SURETY_OK;
    }
    if (starts_with(endpoint, "tcp://") && strlen(endpoint) < ENDPOINT_MAX / 2)
        return check_tcp(endpoint, err);
    return surety_fail(err, SURETY_ERR_INVALID,
                       "'%.200s' is no endpoint: use ipc://PATH or tcp://127.0.0.1:PORT", endpoint);
}

void endpoint_to_bind(const char *endpoint, char *out)
{
    const char *port = starts_with(endpoint, "tcp://localhost:") ? strrchr(endpoint, ':') : NULL;
    if (port)
        snprintf(out, ENDPOINT_MAX, "tcp://127.0.0.1%s", port);
    else
        snprintf(out, ENDPOINT_MAX, "%s", endpoint);
}

enum surety_err endpoint_clear(const char *endpoint, struct surety_error *err)
{
    const char *path = endpoint_path(endpoint);
    struct stat info;
    if (!path || lstat(path, &info))
        return SURETY_OK;
    if (!S_ISSOCK(info.st_mode))
        return surety_fail(err, SURETY_ERR_ADDRESS_IN_USE,
                           "'%s' exists and is no socket: choose another path", path);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return surety_fail(err, SURETY_ERR_IO, "no socket: %s", strerror(errno));
    int failed = connect(fd, (struct sockaddr *)&address, sizeof address) ? errno : 0;
    close(fd);
    if (failed != ECONNREFUSED)
        return surety_fail(err, SURETY_ERR_ADDRESS_IN_USE,
                           "another process listens on '%s': stop it, or choose another endpoint",
                           endpoint);
    if (unlink(path) && errno != ENOENT)
        return surety_fail(err, SURETY_ERR_IO, "cannot remove the old socket '%s': %s", path,
                           strerror(errno));
    return SURETY_OK;
}

void endpoint_note_file(const char *endpoint, struct endpoint_file *ret_file)
{
    const char *path = endpoint_path(endpoint);
    struct stat info;
    *ret_file = (struct endpoint_file){0};
    if (!path || lstat(path, &info))
        return;
    snprintf(ret_file->path, sizeof ret_file->path, "%s", path);
    ret_file->device = info.st_dev;
    ret_file->inode = info.st_ino;
}

void endpoint_remove_file(const struct endpoint_file *file)
{
    struct stat info;
    if (file->path[0] && lstat(file->path, &info) == 0 && info.st_dev == file->device &&
        info.st_ino == file->inode)
        unlink(file->path);
}
