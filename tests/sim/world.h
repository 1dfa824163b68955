/*
 * world.h - a simulated world around the broker core: a clock, a network, a store, a pool.
 *
 * The core, its jobs and the wire codec are the real ones. Connections behave as ZeroMQ over a
 * stream does: in order and once, until they are cut; then what was on its way is lost from some
 * point on, the router notices a little later, and what the dead had sent may still come. In
 * hostile schedules messages of workers are also dropped, doubled and swapped inside a connection,
 * which no transport of ours does: that may cost time and attempts, but nothing may break.
 */
#ifndef SURETY_TESTS_SIM_WORLD_H
#define SURETY_TESTS_SIM_WORLD_H

#include "scaler/broker/core.h"
#include "scaler/broker/scoring_queue.h"

#define SIM_HEARTBEAT_MS 100
#define SIM_STALL_MS 1500
#define SIM_ATTEMPTS 3
#define SIM_WINDOW 8

/* Chances in a thousand, each time there is an occasion. All zero: a calm world. */
struct faults {
    unsigned cut;       /* a connection, every 50 ms */
    unsigned crash;     /* a worker, every 50 ms */
    unsigned freeze;    /* a worker does nothing for a while, then goes on */
    unsigned hang;      /* an item never ends, but the worker beats on */
    unsigned leave;     /* a client crashes and comes back */
    unsigned full;      /* a SEND finds a full queue */
    unsigned cancel;    /* a client gives a request up */
    unsigned repeat;    /* a client says a request again */
    unsigned store;     /* the store cannot keep a request, or takes its time */
    unsigned hostile;   /* a worker's message is dropped, doubled or delayed out of order */
    unsigned slow_jobs; /* a job takes up to SIM_SLOW_MS, and those after it often do */
    unsigned slow_ms;   /* longest delay of network, pool and store */
};

#define SIM_SLOW_MS 400
#define SIM_LAST_MS 3000       /* the same of a request's last one, which reads all */
#define SIM_HURRY_MS 20        /* that a job still takes when it is told to hurry */
#define SIM_LATE_MS 1000       /* that the end may come after a deadline */
#define SIM_PROGRESS_MS 100    /* between two PROGRESS messages of a request */
#define SIM_PROGRESS_SHARE 100 /* and so many times what making the last one took */

struct world;
struct sim_peer;

enum sim_kind { SIM_TO_BROKER, SIM_TO_PEER, SIM_JOB, SIM_STORED, SIM_TIMER };

struct sim_event {
    int64_t at;
    uint64_t order; /* of events at the same time */
    enum sim_kind kind;
    uint64_t conn; /* TO_BROKER, TO_PEER: number of the connection */
    enum wire_command command;
    char *body;
    size_t len;
    struct plan_job *job;
    uint64_t number;       /* STORED: request; TIMER: the peer's own */
    bool fails;            /* STORED */
    struct sim_peer *peer; /* TIMER */
};

struct sim_conn {
    uint64_t number;
    uint64_t who; /* number of the first connection under this identity */
    struct sim_peer *peer;
    struct core_identity identity;
    bool up;
    int64_t deliver_until, gone_at; /* once it is down */
    int64_t last_in, last_out;      /* keeps each direction in order */
};

/* An item as the core's messages tell of it. */
struct sim_item {
    uint64_t request;
    uint32_t task, index, seed;
    uint32_t sent; /* BATCHes that left with it */
    bool ok;       /* an output for it was given to the core by who held it */
};

struct sim_put { /* a request as the store knows it */
    uint64_t number;
    uint64_t client; /* the who of its connection */
    char id[16];
    bool kept, ended;
    bool over;                             /* its end is decided */
    uint64_t classes[SURETY_STAGE_COUNT_]; /* by stage, that its plan was made for; 0: none yet */
    uint32_t told[SURETY_STAGE_COUNT_],
        begun[SURETY_STAGE_COUNT_];       /* items by stage: that its plan wants, that ran */
    bool budget;                          /* it has one */
    bool wants_progress, job_out, untold; /* untold: outputs were read since the last PROGRESS */
    int64_t quiet_ms;                     /* no PROGRESS before this */
    int64_t deadline_ms;                  /* 0: none */
    int64_t end_ms;                       /* when it strikes */
    int64_t due_ms;                       /* when it must have ended because of it */
};

struct sim_held { /* what the core believes the worker under an identity to hold */
    uint64_t who;
    struct wire_item_key key;
};

/* A client's turns with one class of workers; numbers are of BATCHes. */
struct sim_turns {
    uint64_t client, class;
    uint64_t since;   /* it has had items that wait; 0: it has none */
    uint64_t served;  /* last */
    uint64_t in_turn; /* last, but for what may have gone out of turn */
};

struct world {
    uint64_t seed, random;
    struct faults faults;
    int64_t now_ms, calm_ms; /* no more faults from calm_ms on */
    struct core *core;
    int64_t tick_ms;
    bool stopping, ended;
    struct sim_event *events; /* a heap */
    size_t n_events, events_size;
    uint64_t next_order;
    struct sim_conn *conns;
    size_t n_conns, conns_size;
    struct sim_item *items;
    size_t n_items, items_size;
    struct sim_held *held;
    size_t n_held, held_size;
    struct scoring_queue jobs; /* that wait for a thread */
    size_t n_running;          /* jobs */
    uint64_t asking;           /* the client whose message the core takes */
    struct sim_turns *turns;
    size_t n_turns, turns_size;
    uint64_t n_batches, progress_told;
    struct sim_put *puts;
    size_t n_puts, puts_size;
    uint32_t (*slots_of)(const struct sim_peer *peer);
    bool (*is_worker)(const struct sim_peer *peer);
    int64_t (*frozen_until)(const struct sim_peer *peer); /* it reads nothing before */
    void (*accepted)(struct world *w, uint64_t request, const struct surety_request *wanted);
    uint64_t (*class_of)(const struct sim_peer *worker); /* as world_class */
    /* A BATCH leaves for this worker: may it? */
    void (*batch)(struct world *w, const struct sim_peer *peer, const struct wire_message *batch);
    void (*take)(struct world *w, struct sim_peer *peer, const struct wire_message *message);
    void (*timer)(struct world *w, struct sim_peer *peer, uint64_t number);
    void *user;
    uint64_t steps;
};

/* Prints the seed and what is wrong, and exits with 1. */
#define SIM_CHECK(w, condition, ...)                                                               \
    do {                                                                                           \
        if (!(condition))                                                                          \
            sim_fail((w), #condition, __FILE__, __LINE__, __VA_ARGS__);                            \
    } while (0)
void sim_fail(const struct world *w, const char *condition, const char *file, int line,
              const char *format, ...) SURETY_PRINTF(5, 6) __attribute__((noreturn));

void world_init(struct world *w, uint64_t seed, const struct faults *faults, int64_t calm_ms);
void world_fini(struct world *w);
bool world_step(struct world *w); /* the next event; false: nothing will happen any more */
void world_stop(struct world *w); /* ends the broker and takes what it still has to say */

uint64_t world_random(struct world *w);
uint64_t world_below(struct world *w, uint64_t n);
bool world_happens(struct world *w, unsigned permille); /* never after calm_ms */

/* A fresh connection of a peer under this identity; an older one with it is taken over. */
uint64_t world_connect(struct world *w, struct sim_peer *peer, const char *identity);
void world_cut(struct world *w, uint64_t conn);
void world_send(struct world *w, uint64_t conn, const struct wire_message *message);
void world_timer(struct world *w, struct sim_peer *peer, int64_t in_ms, uint64_t number);
uint64_t world_class(const struct surety_model *model);
struct sim_put *world_put(struct world *w, uint64_t request);
void *world_grow(void *array, size_t n, size_t *size, size_t bytes);
struct sim_item *world_item(struct world *w, uint64_t request, uint32_t task, uint32_t index);

#endif
