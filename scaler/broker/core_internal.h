/*
 * core_internal.h - the state of the broker core, shared by its files and by nobody else.
 *
 * From the bottom up; a file calls only those above it in this list:
 *
 *   core_act.c       memory, and what a step wants done
 *   core_note.c      what is worth a line in a log
 *   core_due.c       which requests have something to do
 *   core_outbox.c    what must reach a client, in order
 *   core_memory.c    what requests hold
 *   core_service.c   which models are served, and by whom
 *   core_share.c     whose turn it is
 *   core_item.c      tasks and items: given, told of, failed, done, cancelled
 *   core_schedule.c  which worker gets which item
 *   core_pass.c      requests without a plan: passed through
 *   core_request.c   a request comes in, and goes out
 *   core_state.c     what is done with it in between
 *   core_peer.c      workers and clients come, and go
 *   core_status.c    the STATUS report
 *   core.c           events, time, the step
 *
 * Where to put it: a state of requests, or what is done in one: a row in core_state.c; what a peer
 * may say: core.c; what becomes of an item: core_item.c; who is served first: core_share.c; which
 * worker gets it: core_schedule.c; what it must have to get it at all: core_service.c; work for
 * another thread: plan_job.c, which the core hands out as it is; what a client must hear even if it
 * is slow: core_outbox.c.
 *
 * Running out of memory sets core->failed; the step then returns NOMEM and the core can only be
 * freed. Nothing else is fatal.
 */
#ifndef SURETY_SCALER_BROKER_CORE_INTERNAL_H
#define SURETY_SCALER_BROKER_CORE_INTERNAL_H

#include "scaler/broker/core.h"
#include "scaler/broker/rate.h"

#define SILENT_BEATS 5 /* heartbeats a worker may miss */
/* The same while it holds items: one step of its engine may take long. */
#define COMPUTING_BEATS 20
/* Stall times that an item may stand still while others of its worker move. */
#define WAITING_STALLS 10
#define PROGRESS_MS 100     /* between two PROGRESS messages of a request, at least */
#define PROGRESS_SHARE 100  /* and so many times what making the last one took */
#define SLOW_US 20000       /* of a job: its request's next ones go to the lane of slow ones */
#define LAST_JOB_MS 250     /* that reading the last outputs of an ended request may take */
#define RETRY_MS 20         /* before a client with a full queue is tried again */
#define CLASS_WAIT_BEATS 10 /* before a request goes on in another repro class */
#define TURN_ITEMS 64       /* a request gets before another one of its client */
#define ALONE_AFTER 2       /* an item lost with this many workers runs alone */
#define KEPT_RESULTS 64     /* delivered results a client may ask for again */
#define KEPT_BYTES (8u << 20)
#define WAITING_MAX(window) (4 * (size_t)(window) + 256) /* messages in a client's outbox */
#define MODELS_SEEN 64
#define PEER_BUCKETS 1024
#define WATCHES 8 /* in a beat, or a stall's time where that is shorter: looks for silence */
#define RATE_MS                                                                                    \
    1000 /* of a part of the window of tokens and outputs; a beat where that is longer */
#define RESULTS_MS 6000     /* of results */
#define MODEL_WAIT_BEATS 20 /* before a model that was never served is an error */

/* A place in a line: of a share in its pool's, of a service in its share's. */
struct turn {
    struct turn *before, *after;
    void *owner;
};

struct turn_line {
    struct turn *first, *last;
};

/* What waits for workers of one class. */
struct pool {
    struct pool *next;
    uint64_t hash;         /* of the class */
    struct turn_line line; /* of shares */
};

/* What of it one client waits for, or one of the users that it asks for. */
struct share {
    struct share *next; /* of the client */
    struct pool *pool;
    struct client *client;
    uint64_t user; /* hash of its name; 0: the client itself */
    struct turn turn;
    struct turn_line line; /* of services */
};

enum item_state { ITEM_HELD, /* not released */ ITEM_WAITING, ITEM_RUNNING, ITEM_DONE };

struct item {
    uint32_t index, seed;
    uint32_t attempt; /* of its current or next run */
    uint32_t fails;   /* runs that counted and gave nothing */
    uint32_t lost;    /* of them, those that ended with the worker's end or without progress */
    enum item_state state;
};

/* What serves the tasks of one stage of a request: the worker class that their items are bound to.
 */
struct service {
    const char *name;           /* that was asked for; NULL: the one model that is served */
    const char *but;            /* without a name: besides this one; NULL: at all */
    struct surety_model *model; /* bound to it when a worker has come; in arena; NULL: none has */
    int64_t class_gone_ms;      /* since when its class is waited for and not there; -1: it is */
    struct request *request;
    size_t n_waiting;    /* items of its tasks */
    size_t first_open;   /* no task of it before this position has a waiting item */
    struct share *share; /* in whose line it stands; NULL: nothing waits */
    struct turn turn;
    size_t turn_items; /* that it got since it came to the front */
};

struct task {
    const struct surety_task *spec; /* the plan's */
    struct service *service;        /* of the request; its items go nowhere else */
    struct item *items;             /* [spec->n_items] */
    size_t n_waiting;
    size_t first_waiting;   /* no item before this position waits */
    uint64_t home;          /* number of the worker that last got this prompt; 0: none */
    uint32_t prompt_tokens; /* as an output told; 0: not yet known */
    uint64_t prompt_bytes;  /* an upper bound of prompt_tokens until then */
};

/* What is done in each, and what a deadline says in it: the table in core_state.c. */
enum request_state {
    REQUEST_STORING,  /* the store has not answered yet */
    REQUEST_WAITING,  /* for a worker of each model that it needs */
    REQUEST_PLANNING, /* its plan is being made */
    REQUEST_RUNNING,  /* has a plan */
    REQUEST_ENDING,   /* stop is decided; waits for its last jobs */
};

struct request {
    uint64_t number;
    struct client *client; /* NULL: gone, nobody wants the result */
    struct surety_request wanted;
    uint64_t content; /* hash: tells a repeated request from another with the same id */
    struct arena arena;
    size_t bytes; /* its share of queued_bytes, of which: */
    size_t job_bytes, plan_bytes, task_bytes;
    enum request_state state;
    bool stored;            /* and accepted; one may end before */
    int64_t since_ms;       /* when it was accepted; until then, when it came */
    int64_t progress_ms;    /* no PROGRESS before this */
    bool changed;           /* outputs were read since the last PROGRESS */
    int64_t due_ms;         /* when it has something to do even if nothing happens */
    size_t due_at, todo_at; /* core_due.c */

    struct service services[2]; /* by enum surety_stage; all are bound from CREATE on */
    size_t n_services;          /* 1: what samples judges too */
    bool not_reproducible;

    struct plan *plan;
    bool job_out;
    struct plan_job *pending; /* outputs for the next FEED */
    bool more;                /* its plan has more to compare */
    bool slow;                /* one of its jobs took long */
    int64_t hurry_ms;         /* when its last job is to hurry; 0: it need not */
    struct task **tasks;
    size_t n_tasks, tasks_size;
    size_t n_waiting, n_running, n_done; /* items */
    size_t n_alone;                      /* items that must run alone and are not done */
    uint32_t n_verify, n_verify_done;    /* items of all other tasks */
    uint32_t released;                   /* samples below this index may be given out */
    uint32_t n_samples, n_samples_ok, n_samples_failed; /* but for those that were withdrawn */
    uint64_t told_bytes;  /* of its reply that is passed through; not 0: nothing is tried again */
    bool verifies;        /* so that a part of what it may spend is kept for it */
    enum surety_stop cut; /* what ended its sampling before the rest; 0: nothing */
    uint32_t failures[SURETY_ERR_COUNT_];        /* failed samples by code */
    const char *failure_text[SURETY_ERR_COUNT_]; /* of the first of each; in arena */
    int64_t tokens;                              /* completion tokens of all outputs that came */

    enum surety_stop stop; /* ENDING */
    struct surety_error why;
    bool broker_ended; /* that is what stopped it */
};

/* An item at a worker: holds one of its slots until its output comes. */
struct run {
    struct wire_item_key key;
    struct request *request; /* NULL: nobody wants it any more */
    struct task *task;
    struct item *item;
    uint64_t ticket; /* of its BATCH */
    uint32_t tokens; /* progress */
    int64_t written; /* of them, those that its client was told */
    int64_t moved_ms;
    bool cancelled; /* CANCEL was sent */
    bool stalled;   /* it was cancelled because it stood still */
};

struct peer {
    uint64_t number;   /* never used again; 0 is nobody */
    struct peer *next; /* in its bucket */
    struct core_identity identity;
    int64_t heard_ms;
};

struct worker {
    struct peer peer;
    struct arena arena; /* of model, origin and version */
    struct surety_model model;
    struct wire_origin origin;
    char *version;
    struct run *runs; /* [model.slots] */
    uint32_t n_runs;
    int64_t moved_ms; /* when one of its items last moved */
    struct rate tokens, outputs;
    bool reserved; /* in this pass: kept free for an item that must run alone */
    bool alone;    /* its run tolerates no other */
    bool broken;   /* a SEND failed: it is lost as soon as no other outcome is pending */
    bool hangs;    /* it does not react to a CANCEL: it is lost in this step */
};

struct outgoing {
    struct outgoing *next;
    enum wire_command command; /* ACCEPTED, RESULT, ERROR, DELTA */
    enum surety_err code;      /* ERROR */
    uint32_t status;           /* DELTA, as the next */
    uint64_t at;
    char *id;         /* NULL only for an ERROR about the connection */
    char *text;       /* json, message or piece; NULL for ACCEPTED */
    uint64_t content; /* of the request that a RESULT answers */
    size_t bytes;
};

struct outbox {
    struct outgoing *head, *tail;
    size_t n, bytes;
};

struct client {
    struct peer peer;
    uint32_t n_requests;
    struct share *shares;
    uint64_t outputs_told;
    uint64_t outputs;   /* of its requests, since it joined */
    int64_t tokens;     /* likewise: written, as far as is known */
    uint32_t n_waiting; /* its requests that no worker serves, at the last beat */
    char why[400];      /* what the first of them waits for; "": for any worker at all */
    struct outbox out;  /* to be delivered, in order */
    struct outbox kept; /* delivered results, oldest first */
    uint64_t sending;   /* ticket of the head of out, which is on its way; 0: it is not */
    int64_t retry_ms;   /* not before this; 0: at once */
    bool deaf;          /* too much waits for it, and it takes nothing: it is lost */
};

struct core {
    struct core_config config;
    int64_t now_ms, started_ms, beat_ms; /* beat_ms: next heartbeat to everybody */
    bool started, stopping, failed;
    bool rooms_moved;          /* items or slots became free since the last schedule */
    bool outputs_untold;       /* a client is to hear that outputs came */
    int64_t sign_ms;           /* not before this */
    bool workers_moved;        /* one came or went since then */
    bool some_unsent;          /* an outbox may have something to send */
    size_t n_broken, n_deaf;   /* peers that are to be lost */
    size_t n_alone;            /* items of all requests that must run alone and are not done */
    int64_t watch_ms;          /* when silence and stalls are looked for next */
    struct plan_job *last_job; /* came back in this step; actions may point into it */
    uint64_t next_number;      /* of peers and requests */
    uint64_t ticket;           /* of the last SEND */
    struct request **requests; /* by number, oldest first */
    size_t n_requests, requests_size;
    struct request **todo; /* touched in this step; done_todo of them are done */
    size_t n_todo, done_todo, todo_size;
    struct request **due; /* a heap by due_ms */
    size_t n_due, due_size;
    struct peer *buckets[2][PEER_BUCKETS]; /* by side, and hash of the identity */
    struct worker **workers;
    size_t n_workers, workers_size;
    struct client **clients;
    size_t n_clients, clients_size;
    size_t queued_bytes;
    size_t unsent_bytes;            /* beside these, as the shell tells */
    char *models_seen[MODELS_SEEN]; /* names that were ever served */
    size_t n_models_seen;
    struct {
        uint64_t requests, results, errors, items, outputs, retries, late, workers_lost;
    } count;
    struct rate results;

    struct pool *pools;

    struct arena scratch; /* what actions point to; reset at each step */
    struct core_action *actions;
    size_t n_actions, actions_size;
    struct core_actions ret;
};

/* core_act.c */
void *core_grow(struct core *core, void *array, size_t n, size_t *size, size_t element_bytes);
struct core_action *core_act(struct core *core, int kind); /* NULL: failed */
/* A SEND to a peer; its message is to be filled in. NULL: failed. Its ticket: core->ticket. */
struct wire_message *core_send(struct core *core, enum core_side side, const struct peer *to,
                               enum wire_command command);
void core_send_error(struct core *core, enum core_side side, const struct peer *to,
                     enum surety_err code, const char *text);
/* The job is gone when there is no memory for it. */
bool core_plan(struct core *core, struct plan_job *job);
void core_hurry(struct core *core, uint64_t request); /* its job, if one is out */

/* core_note.c; why: NULL: nothing to be said */
void note_worker(struct core *core, const struct worker *worker, enum core_noted what,
                 const char *why);
void note_client(struct core *core, const struct client *client, enum core_noted what,
                 const char *why);
void note_accepted(struct core *core, const struct request *request);
void note_refused(struct core *core, const struct client *client, const char *id, const char *why);
/* One that was never accepted is told as refused. */
void note_ended(struct core *core, const struct request *request, enum surety_stop stop,
                const struct surety_error *error);

/* core_due.c */
void due_init(struct request *request);
void due_touch(struct core *core, struct request *request); /* it has something to do now */
void due_set(struct core *core, struct request *request, int64_t ms); /* at ms; -1: it has not */
struct request *due_next(struct core *core); /* with something to do; NULL: none (any more) */
int64_t due_ms(const struct core *core);     /* when one will have; -1: never */
void due_forget(struct core *core, struct request *request);

/* core_outbox.c */
void outbox_result(struct core *core, struct client *client, const struct request *request,
                   const char *json);
/* The next piece of its reply; it may leave together with the one before. */
void outbox_delta(struct core *core, struct request *request, uint32_t status, const char *text);
void outbox_accepted(struct core *core, struct client *client, const char *id);
/* id may be NULL */
void outbox_error(struct core *core, struct client *client, const char *id, enum surety_err code,
                  const char *format, ...) SURETY_PRINTF(5, 6);
void outbox_sent(struct core *core, struct client *client, enum core_sent sent);
void outbox_flush(struct core *core, struct client *client);
/* The answer to a request with this id, if it is still there: sent again. */
bool outbox_again(struct core *core, struct client *client, const char *id, uint64_t content);
void outbox_clear(struct core *core, struct outbox *box);
void outbox_give_up(struct core *core, struct client *client); /* it is lost in the next step */
uint32_t outbox_results(const struct client *client);          /* that are not delivered yet */

/* core_memory.c */
void memory_weigh(struct core *core, struct request *request); /* after what it holds changed */
bool memory_is_full(struct core *core);                        /* for another request */
/* The request that holds the most, if the limit is passed even without what ends already. */
struct request *memory_heaviest(struct core *core);

/* core_service.c */
bool service_copy_model(struct arena *arena, const struct surety_model *from,
                        struct surety_model *to);
void service_note(struct core *core, const char *name); /* a worker serves it */
void service_init(struct request *request);             /* from what is wanted */
/* Binds what can be bound to what is served now. True: all is bound. False with an error in
 * ret_why: it will never be. */
bool service_bind(struct core *core, struct request *request, struct surety_error *ret_why);
/* The request waits for a worker that it can be bound to, or for one that may go on with it. */
bool service_is_missing(const struct core *core, const struct request *request,
                        const struct service *service);
/* Those that are missing: "'a', 'b'", "a model besides 'b'"; "": none, or any model. */
void service_missing(const struct core *core, const struct request *request, char *out,
                     size_t size);
/* What it waits for, for people: which model, and which are served. False: it waits for nothing. */
bool service_lack(const struct core *core, const struct request *request, char *out, size_t size);
struct service *service_of(struct request *request, enum surety_stage stage);
bool service_is_exact(const struct service *service, const struct worker *worker); /* its class */
/* May this worker run the service's items at all? Another repro class of the same model only when
 * none of its own has been there for a while. */
bool service_fits(const struct core *core, const struct service *service,
                  const struct worker *worker);
/* Begins a pass: is its class there, if somebody waits for it? */
void service_look(struct core *core, struct service *service, bool waited_for);

/* core_share.c */
/* It has waiting items. */
void share_join(struct core *core, struct request *request, struct service *service);
void share_leave(struct service *service);            /* it has none, or has ended */
void share_served(struct service *service, size_t n); /* it gets n items now */
void share_tidy(struct core *core);                   /* frees what nothing waits in */
void share_pool_last(struct pool **at);               /* to the end of the list */

/* core_item.c */
void items_add_task(struct core *core, struct request *request, const struct surety_task *spec);
/* Those of its samples with lower indexes may be given out. */
void items_release(struct core *core, struct request *request, uint32_t n);
void items_free(struct request *request); /* its tasks */
bool items_is_lone(const struct item *item);
/* Gives a worker up to n waiting items of a task as one BATCH; only those that must run alone, or
 * only those that need not. */
void items_give(struct core *core, struct request *request, struct task *task,
                struct worker *worker, size_t n, bool alone);
/* The run that this worker holds under this key; NULL: it holds none. */
struct run *items_find_run(struct worker *worker, const struct wire_item_key *key);
/* False: the worker does not hold this item. */
bool items_output(struct core *core, struct worker *worker, uint64_t request, uint32_t task,
                  const struct surety_output *output);
void items_progress(struct core *core, struct worker *worker, const struct wire_progress *items,
                    size_t n);
void items_give_back(struct core *core, struct worker *worker); /* all, for it is lost */
/* The BATCH with this ticket never left: its items wait again, uncounted. */
void items_not_sent(struct core *core, struct worker *worker, uint64_t ticket);
void items_cancel(struct core *core, struct request *request); /* those that run */
/* Ends its sampling: what has not come is cancelled, and the plan is told. */
void items_withdraw_samples(struct core *core, struct request *request);
/* Cancels what stands still, and marks workers that do not even cancel. */
void items_stalls(struct core *core);
/* Completion tokens of items that are running, by what heartbeats told; never too many. */
int64_t items_running_tokens(const struct core *core, const struct request *request);

/* core_schedule.c */
void schedule(struct core *core);

/* core_request.c */
void request_new(struct core *core, struct client *client, const struct surety_request *wanted);
/* The client sent a REQUEST that cannot be read, but for its id. */
void request_refuse(struct core *core, struct client *client, const char *id,
                    const struct surety_error *why);
struct request *request_find(struct core *core, uint64_t number);
void request_cancel(struct core *core, struct client *client, const char *id);
/* error: why the store does not keep it; NULL: it does */
void request_persisted(struct core *core, uint64_t number, const struct surety_error *error);
/* Decides what ends it; the first decision stands. */
void request_end(struct core *core, struct request *request, enum surety_stop stop,
                 enum surety_err code, const char *format, ...) SURETY_PRINTF(5, 6);
/* Everything was said; json: its result, NULL: none. The request is gone. */
void request_done(struct core *core, struct request *request, enum surety_stop stop,
                  const struct surety_error *error, const char *json);
void request_free(struct core *core, struct request *request);

/* core_pass.c */
/* Makes the one task of a request with a body. False: its model does not pass; ret_why says so. */
bool pass_begin(struct core *core, struct request *request, struct surety_error *ret_why);
/* A piece came from a worker; false: it does not hold this item. */
bool pass_delta(struct core *core, struct worker *worker, const struct wire_message *message);
/* Ends the request, once its item has. */
void pass_end(struct core *core, struct request *request);

/* core_state.c */
void state_plan_says(struct core *core, struct plan_job *job);
/* Does what can be done now for requests that have something to do: deadlines, budgets, plans,
 * progress. */
void state_pump_all(struct core *core);
const char *state_name(const struct request *request); /* in STATUS */

/* core_peer.c */
struct worker *peer_find_worker(struct core *core, const struct core_identity *identity);
struct client *peer_find_client(struct core *core, const struct core_identity *identity);
void peer_worker_hello(struct core *core, const struct peer *from,
                       const struct wire_message *message);
void peer_client_hello(struct core *core, const struct peer *from,
                       const struct wire_message *message);
/* why: for the log; LEFT: a BYE was said */
void peer_end_worker(struct core *core, struct worker *worker, enum core_noted how,
                     const char *why);
void peer_end_client(struct core *core, struct client *client, enum core_noted how,
                     const char *why);
/* It is lost, and told so. */
void peer_give_up_worker(struct core *core, struct worker *worker, const char *why);
void peer_free_worker(struct worker *worker);
void peer_free_client(struct core *core, struct client *client);

/* core_status.c: JSON in scratch, NULL: failed */
char *status_report(struct core *core);

/* What is served now, into a MODELS. */
void status_models(struct core *core, struct wire_message *reply);

#endif
