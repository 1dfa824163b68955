/*
 * gateway_peer.h - whether the other end of a connection that has said its last word still listens.
 *
 * A client that has closed its side alone (shutdown) waits for its reply; one that is gone looks
 * the same from here until it is written to. On loopback the system knows the other end, too.
 */
#ifndef SURETY_SCALER_GATEWAY_GATEWAY_PEER_H
#define SURETY_SCALER_GATEWAY_GATEWAY_PEER_H

#include <stdbool.h>

/* Of a TCP connection on this machine: whether a process holds its other end. False where the
 * system does not tell. */
bool gateway_peer_listens(int fd);

#endif
