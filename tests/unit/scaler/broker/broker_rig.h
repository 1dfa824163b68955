/* broker_rig.h - a real broker in a thread, on sockets in a temporary folder, and a worker by hand.
 */
#ifndef SURETY_TESTS_UNIT_SCALER_BROKER_BROKER_RIG_H
#define SURETY_TESTS_UNIT_SCALER_BROKER_BROKER_RIG_H

#include <pthread.h>

#include "proto/wire.h"
#include "scaler/broker/broker.h"
#include "scaler/client/client.h"
#include "tests/unit/test.h"

struct broker_rig {
    char folder[64];
    char client_endpoint[100], worker_endpoint[100];
    struct broker_config config;
    int stop[2], ready[2];
    pthread_t thread;
    enum surety_err code;
    struct surety_error err;
};

/* A folder with endpoints in it; nothing runs yet. */
void broker_rig_init(struct broker_rig *rig);
void broker_rig_fini(struct broker_rig *rig); /* fails the test when a file is left */

void broker_rig_start(struct broker_rig *rig); /* returns when it is ready, or has failed */
void broker_rig_stop(struct broker_rig *rig);  /* asks it to end and waits */

/* A peer by hand: a DEALER socket. */
struct hand {
    void *context, *socket;
};
void hand_connect(struct hand *hand, const char *endpoint);
void hand_close(struct hand *hand);
void hand_send(struct hand *hand, const struct wire_message *message);
void hand_send_raw(struct hand *hand, const char *signature, const char *command, const void *body,
                   size_t len);
/* Waits for a message of this command and skips others; fails the test after 10 s. */
void hand_expect(struct hand *hand, enum wire_command command, struct arena *arena,
                 struct wire_message *ret_message);

void hand_hello_worker(struct hand *hand, uint32_t slots);
/* Answers every item of a batch with this text. */
void hand_answer(struct hand *hand, const struct wire_message *batch, const char *text);

/* A request of k samples that wants no verification. */
struct surety_request broker_rig_request(const char *id, uint32_t k);

/* Waits for the next event that is not PROGRESS; fails the test after 10 s. */
void expect_event(struct client *client, int kind, const char *id, struct client_event *ret_event);

#endif
