/* core_rig.h - drives a broker core by hand: names for peers, a log of what was sent, a clock. */
#ifndef SURETY_TESTS_UNIT_SCALER_BROKER_CORE_RIG_H
#define SURETY_TESTS_UNIT_SCALER_BROKER_CORE_RIG_H

#include "scaler/broker/core.h"
#include "tests/unit/test.h"

struct rig_sent {
    enum core_side side;
    char peer[16];
    enum wire_command command;
    char id[64]; /* of a request, "" when none */
    char *text;  /* json or message */
    enum surety_err code;
    uint64_t request; /* BATCH */
    uint32_t task;
    struct surety_item items[64]; /* BATCH, CANCEL (index, attempt) */
    size_t n_items;
    uint64_t tokens; /* HEARTBEAT */
    uint32_t waiting;
};

struct rig {
    struct core *core;
    int64_t now_ms;
    struct rig_sent *sent;
    size_t n_sent;
    int64_t next_ms;
    bool ended;
    uint64_t hurried;            /* the last request whose job was told to hurry; 0: none */
    bool hold_plans, hold_store; /* keep jobs, PERSISTED back until rig_release */
    struct plan_job *held_jobs[64];
    uint64_t held_puts[64];
    size_t n_held_jobs, n_held_puts;
    char plan_model[16], plan_verifier[16]; /* that the last plan was made for; "": none */
    enum surety_err store_fails;            /* what the store says; OK: it keeps all */
    uint64_t puts[64];                      /* what the store was told, in order */
    struct {
        uint64_t request;
        struct store_end how; /* its json is no longer valid */
    } ends[64];
    size_t n_puts, n_ends;
    struct core_note notes[64]; /* what was noted; its texts are no longer valid but for: */
    char note_texts[64][200];   /* "id how why", what there is of them */
    size_t n_notes;
    char fail_peer[16]; /* sends to this peer fail */
    enum core_sent fail_how;
    size_t unsent_bytes; /* what each event tells */
};

void rig_init(struct rig *rig, const struct core_config *config);
void rig_fini(struct rig *rig);
void rig_event(struct rig *rig, struct core_event event);
void rig_release(struct rig *rig);
void rig_persisted(struct rig *rig, uint64_t request); /* the store's answer, once more */
void rig_tick(struct rig *rig, int64_t ms); /* lets time pass, in steps as the core asks for them */
void rig_jump(struct rig *rig, int64_t ms); /* only the clock */
void rig_clear(struct rig *rig);            /* forgets the log */
void rig_say(struct rig *rig, enum core_side side, const char *peer, struct wire_message message);

/* model: "name", "name+class", "name#id", or "name!": it passes */
void rig_worker(struct rig *rig, const char *peer, const char *model, uint32_t slots);
void rig_client(struct rig *rig, const char *peer);
struct surety_request rig_request(const char *id, uint32_t k);
void rig_ask(struct rig *rig, const char *peer, const struct surety_request *request);
void rig_output(struct rig *rig, const char *peer, const struct rig_sent *batch, size_t item,
                const char *text);
void rig_failure(struct rig *rig, const char *peer, const struct rig_sent *batch, size_t item,
                 enum surety_err code);
void rig_beat(struct rig *rig, const char *peer);

/* The nth message of this command to this peer since rig_clear, or NULL. */
const struct rig_sent *rig_find(const struct rig *rig, const char *peer, enum wire_command command,
                                size_t nth);
size_t rig_count(const struct rig *rig, const char *peer, enum wire_command command);
/* A string or number member of a result's JSON text, "" when missing. */
const char *rig_json(const char *json, const char *key);

#endif
