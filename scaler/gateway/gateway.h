/*
 * gateway.h - a chat endpoint over HTTP in front of a broker.
 *
 * A client of the broker like any other: what a body asks becomes one request, and its result one
 * completion. It makes no plan, knows no engine and keeps nothing. One thread does all of it.
 */
#ifndef SURETY_SCALER_GATEWAY_GATEWAY_H
#define SURETY_SCALER_GATEWAY_GATEWAY_H

#include "base/log.h"
#include "scaler/client/session.h"

#define GATEWAY_WAITING_MAX 2048           /* requests beyond the broker's window; then 429 */
#define GATEWAY_WAITING_BYTES (256u << 20) /* of their bodies */

struct gateway_config {
    const char *http;                      /* HOST:PORT on loopback; port 0: the system's choice */
    struct session *session;               /* open; only the gateway uses it meanwhile */
    const struct surety_request *defaults; /* settings, profile, limits where a body is silent */
    const struct log *log;
    /* Told once, when the first model is served. address is HOST:PORT. */
    void (*ready)(void *user, const char *address, const struct surety_model *models, size_t n);
    void *user;
};

/* Serves until base/interrupt.h says that it is enough. INVALID, ADDRESS_IN_USE, IO, NOMEM; ENGINE
 * and what else session_next tells of workers that are broken for good. A broker that goes is
 * waited for: requests are refused meanwhile. */
enum surety_err gateway_run(const struct gateway_config *config, struct surety_error *err);

#endif
