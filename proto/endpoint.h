/*
 * endpoint.h - which endpoints are allowed: ipc:// paths, and tcp:// on loopback.
 *
 * Nobody is authenticated, so a socket that other hosts can reach is refused. Does not know sockets
 * of ZeroMQ; looks at the file system for ipc paths.
 */
#ifndef SURETY_PROTO_ENDPOINT_H
#define SURETY_PROTO_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include <surety/err.h>

#define ENDPOINT_MAX 200      /* bytes of an endpoint that is used */
#define ENDPOINT_PATH_MAX 107 /* bytes of an ipc path: the system's limit for a socket's name */

/* INVALID with a sentence when it is none of the two kinds, or not local. */
enum surety_err endpoint_check(const char *endpoint, struct surety_error *err);

/* The path of an ipc endpoint, or NULL for tcp and for names without a file ("ipc://@name"). */
const char *endpoint_path(const char *endpoint);

bool endpoint_is_ipv6(const char *endpoint);

/* Writes the form that can be bound: "localhost" is no interface. out has ENDPOINT_MAX bytes. */
void endpoint_to_bind(const char *endpoint, char *out);

/* Makes an ipc path free for binding: removes a socket that nobody listens on any more.
 * ADDRESS_IN_USE when somebody does, or when the file is no socket; IO. */
enum surety_err endpoint_clear(const char *endpoint, struct surety_error *err);

/* The socket's file that was made by binding, so that it, and no other, can be removed at the end:
 * libzmq leaves it. A zeroed file is none. */
struct endpoint_file {
    char path[ENDPOINT_PATH_MAX + 1];
    uint64_t device, inode;
};
void endpoint_note_file(const char *endpoint, struct endpoint_file *ret_file);
void endpoint_remove_file(const struct endpoint_file *file);

#endif
