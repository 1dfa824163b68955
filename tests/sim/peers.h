/*
 * peers.h - simulated workers and clients, and the requests that the clients ask.
 *
 * What an item gives depends on its seed alone: most succeed, some always fail, some fail once,
 * and a few kill their worker. So a request has one right result, whatever happens around it.
 */
#ifndef SURETY_TESTS_SIM_PEERS_H
#define SURETY_TESTS_SIM_PEERS_H

#include "tests/sim/world.h"

#define SPECS_MAX 12
#define WORKERS_MAX 7
#define NUMBERS_MAX 64
#define CLIENTS_MAX 3
#define RUNS_MAX 64

struct spec {
    struct surety_request request;
    char id[16], problem[64];
    uint64_t numbers[NUMBERS_MAX]; /* that the core gave it; who comes back may ask anew */
    uint8_t served[NUMBERS_MAX]
                  [SURETY_STAGE_COUNT_]; /* by stage: a set of enum sim_kind_of_worker */
    size_t n_numbers;
    uint32_t asks, answers, refusals;
    bool cancelled;
    uint32_t progress; /* PROGRESS messages that came */
    bool unlucky;      /* in a calm world: a neighbour's poison took all attempts of an item */
    char *json;        /* the first answer */
};

/* Of one model's workers: the usual weights and class, or others. */
enum sim_kind_of_worker {
    SIM_USUAL = 1,
    SIM_OTHER_CLASS = 2,
    SIM_OTHER_WEIGHTS = 4,
};

struct sim_run {
    uint64_t serial;
    struct wire_item_key key;
    uint32_t seed;
    enum surety_stage stage;
    uint32_t n_claims;
    bool verify_each, recomputes;
    int64_t begun_ms;
    bool hangs;
};

struct sim_peer {
    bool worker;
    uint32_t number, lives;
    uint64_t conn;
    bool own_identity; /* keeps it over its lives */
    bool up, joined;
    uint64_t epoch; /* timers of an earlier one are void */
    int64_t frozen_until;
    /* worker */
    uint32_t slots;
    const char *model;
    enum sim_kind_of_worker kind;
    struct sim_run runs[RUNS_MAX];
    uint32_t n_runs;
    uint64_t next_serial;
    /* client */
    size_t first_spec, n_specs;
};

struct town { /* the world's user */
    struct sim_peer peers[WORKERS_MAX + CLIENTS_MAX];
    size_t n_peers;
    struct spec specs[SPECS_MAX];
    size_t n_specs;
    size_t n_models; /* that the specs ask for, the first so many of peers_model */
};

const char *peers_model(size_t i);                     /* its name */
const char *peers_class(enum sim_kind_of_worker kind); /* its repro class */
const char *peers_model_of(const struct surety_request *request, enum surety_stage stage);
void peers_attach(struct world *w, struct town *town);
void peers_start(struct world *w, struct sim_peer *peer);

/* True when an item with this seed is meant to give no output, ever. */
bool peers_seed_is_hopeless(uint32_t seed);

#endif
