/*
 * wire.h - the messages of PROTOCOL.md as C structs, and their msgpack form.
 *
 * A message is three frames behind the routing identity: the protocol's signature "SURETY/1", the
 * command's name, and a msgpack map with string keys. Decoding trusts nothing: the body is first
 * checked (wire_check: depth, declared counts against the bytes that remain, sizes, exact end) and
 * only then unpacked, since msgpack-c allocates what a header declares. Does not know sockets.
 */
#ifndef SURETY_PROTO_WIRE_H
#define SURETY_PROTO_WIRE_H

#include <surety/arena.h>
#include <surety/types.h>

#define WIRE_FAMILY "SURETY/" /* of the signatures of all versions */
#define WIRE_SIGNATURE WIRE_FAMILY "1"
#define WIRE_COMMAND_MAX 16                  /* bytes of a command's name */
#define WIRE_BODY_MAX (64u << 20)            /* bytes of a body; also ZMQ_MAXMSGSIZE */
#define WIRE_JSON_MAX (WIRE_BODY_MAX - 4096) /* bytes of a result or report in a message */
#define WIRE_MESSAGE_MAX 4096                /* bytes of the sentence of an error */
#define WIRE_MODELS_MAX 1024
#define WIRE_WHY_MAX 1000 /* bytes of what a client's requests wait for */
#define WIRE_DEPTH_MAX 8
#define WIRE_OBJECTS_MAX 131072 /* msgpack objects of a body, keys included */

/* X(NAME): who sends it to whom is told in PROTOCOL.md. Names are never used again. */
#define WIRE_COMMANDS(X)                                                                           \
    X(HELLO)     /* worker or client -> broker */                                                  \
    X(WELCOME)   /* broker -> worker or client */                                                  \
    X(BATCH)     /* broker -> worker: a task's prompt and some of its items */                     \
    X(OUTPUT)    /* worker -> broker: one item is done or failed */                                \
    X(HEARTBEAT) /* worker -> broker, with each item's progress; broker -> worker */               \
    X(CANCEL)    /* broker -> worker: items; client -> broker: a request */                        \
    X(REQUEST)   /* client -> broker */                                                            \
    X(ACCEPTED)  /* broker -> client: the request will be answered */                              \
    X(PROGRESS)  /* broker -> client: the result so far; may be dropped */                         \
    X(RESULT)    /* broker -> client */                                                            \
    X(STATUS)    /* client -> broker, empty; broker -> client: a JSON report */                    \
    X(ERROR)     /* broker -> anyone */                                                            \
    X(BYE)       /* either side leaves; a worker's items go back to the queue at once */           \
    X(MODELS)    /* client -> broker, empty; broker -> client: what is served */                   \
    X(DELTA)     /* worker -> broker -> client: a piece of a reply that is passed through */

enum wire_command {
#define X(name) WIRE_##name,
    WIRE_COMMANDS(X)
#undef X
        WIRE_COMMAND_COUNT_
};

/* Names an item everywhere: results, retries and cancels are per item; late ones are dropped. */
struct wire_item_key {
    uint64_t request; /* the broker's number for the request */
    uint32_t task;
    uint32_t index;
    uint32_t attempt;
};

struct wire_progress {
    struct wire_item_key key;
    uint32_t tokens; /* prompt and completion tokens computed so far; a hung engine's stand still */
    bool alive;      /* they stand still, but what computes them has shown signs of life since */
};

/* Where a worker runs, for people. Each may be missing. */
struct wire_origin {
    uint32_t pid;      /* 0: not told */
    char *host, *name; /* NULL: not told; name: as its user calls it */
};

struct wire_message {
    enum wire_command command;
    union {
        struct {
            bool worker;               /* else a client */
            char *version;             /* of the sender's surety, for people */
            struct surety_model model; /* worker only, as what follows */
            struct wire_origin origin;
        } hello;
        struct {
            char *version;
            uint32_t heartbeat_ms; /* how often a worker must be heard */
            uint32_t window;       /* client only: requests in flight at most */
            bool users;            /* client only: the key "user" of a REQUEST is known */
        } welcome;
        struct {
            uint64_t request;
            struct surety_task task; /* with the items that this worker is to run */
        } batch;
        struct {
            uint64_t request;
            uint32_t task;
            struct surety_output output;
        } output;
        struct {
            struct wire_progress *items; /* [n]; the broker sends none */
            size_t n;
            /* to a client, of its requests: since it joined, and now */
            uint64_t outputs, tokens;
            uint32_t waiting;
            char *why; /* these wait, for people; NULL: no worker has come yet at all */
        } heartbeat;
        struct {
            struct wire_item_key *items; /* to a worker, [n] */
            size_t n;
            char *id; /* from a client: its request's id; else NULL */
        } cancel;
        struct surety_request request;
        struct {
            char *id;
        } accepted;
        struct {
            char *id;
            char *json; /* the result, see proto/result_json.h */
        } result;       /* RESULT and PROGRESS */
        struct {
            char *json; /* empty from a client */
        } status;
        struct {
            struct surety_model *list; /* [n], each once; slots of all its workers */
            size_t n;
        } models;
        struct {
            struct wire_item_key key; /* from a worker */
            char *id;                 /* to a client: its request's; else NULL */
            uint64_t at;              /* to a client: bytes of the reply before these */
            uint32_t status;          /* of HTTP, that the server replied with */
            char *text;               /* as it came */
        } delta;
        struct {
            enum surety_err code;
            char *message;
            char *id; /* the request it is about; NULL: the connection */
        } error;
    };
};

const char *wire_command_name(enum wire_command command);
bool wire_command_from_name(const char *name, size_t len, enum wire_command *ret_command);

/* PARSE or LIMIT when the body is not one well-formed msgpack map within all bounds. O(len), no
 * allocation. */
enum surety_err wire_check(const void *body, size_t len, struct surety_error *err);

/* The body of a message; the caller frees *ret_body. LIMIT, NOMEM, INVALID (a bug of the caller).
 */
enum surety_err wire_encode(const struct wire_message *message, char **ret_body, size_t *ret_len,
                            struct surety_error *err);

/* Unpacks a body; everything in *ret_message lives in arena. Strings are made valid UTF-8. Unknown
 * keys are ignored, but an unknown setting of a REQUEST is UNSUPPORTED; a missing or mistyped key
 * is PROTOCOL. Both are named. */
enum surety_err wire_decode(enum wire_command command, const void *body, size_t len,
                            struct arena *arena, struct wire_message *ret_message,
                            struct surety_error *err);

/* The key "id" of a body that was refused, so that the refusal can name it; NULL when there is none
 * to be read. It lives in arena. */
char *wire_decode_id(const void *body, size_t len, struct arena *arena);

#endif
