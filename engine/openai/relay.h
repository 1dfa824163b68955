/*
 * relay.h - a reply that is passed through: its bytes, until they are handed on as valid text.
 *
 * Knows neither JSON nor events: whole lines go on as they come, what is behind the last one when
 * the reply has ended. Bounded.
 */
#ifndef SURETY_ENGINE_OPENAI_RELAY_H
#define SURETY_ENGINE_OPENAI_RELAY_H

#include "base/buf.h"
#include <surety/types.h>

struct relay {
    struct buf bytes; /* not handed on yet */
    size_t total;     /* of the reply, as far as it came */
    uint32_t status;  /* of HTTP */
    bool told;        /* some of it was handed on */
    bool ended;
};

void relay_init(struct relay *relay);
void relay_fini(struct relay *relay); /* zeroed is fine */

/* LIMIT: more than SURETY_TEXT_MAX in all; NOMEM. */
enum surety_err relay_push(struct relay *relay, uint32_t status, const char *data, size_t len,
                           struct surety_error *err);

/* What can be handed on now; the caller frees. NULL: nothing, or no memory now. */
char *relay_take(struct relay *relay);

#endif
