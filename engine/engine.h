/*
 * engine.h - the interface of all inference engines: one const table of functions.
 *
 * An engine turns tasks (messages and items) into outputs. It knows no sockets, no claims and no
 * profiles. One thread drives an engine; only wake may be called from others. tests/conformance
 * runs against every engine.
 */
#ifndef SURETY_ENGINE_ENGINE_H
#define SURETY_ENGINE_ENGINE_H

#include "base/log.h"
#include <surety/types.h>

#define ENGINE_OPTIONS_MAX 64

/* One key=value of `--engine NAME:key=value,...`; repeated keys stay in order. A part without '='
 * has the key "". */
struct engine_option {
    char *key;
    char *value;
};

struct engine_config {
    const struct engine_option *options; /* [n_options] */
    size_t n_options;
    uint32_t threads;      /* 0: one for each core */
    uint32_t slots;        /* 0: the engine's own choice */
    const struct log *log; /* outlives the engine; may be NULL */
};

/* Where a step delivers. All pointers are valid during the call only. Called from step alone. */
struct engine_sink {
    void *user;
    /* tokens computed so far for an item (prompt and completion), at most once a step and item */
    void (*progress)(void *user, uint64_t ticket, uint32_t index, uint32_t tokens);
    /* nothing new is known of an item's tokens, but what computes it shows signs of life: a server
     * that keeps its connection open; at most once a step and item, in place of progress, and not
     * for ever. NULL: nobody wants to know */
    void (*alive)(void *user, uint64_t ticket, uint32_t index);
    /* a piece of the reply to a task's body, as it came, with the status of HTTP: whole lines, or
     * the end. Valid text, not empty. The output that ends the item has no text. NULL: nobody has
     * submitted such a task */
    void (*delta)(void *user, uint64_t ticket, uint32_t index, uint32_t status, const char *text);
    /* the item is done or failed (output->finish says which); it is never heard of again */
    void (*output)(void *user, uint64_t ticket, const struct surety_output *output);
};

struct engine_ops {
    const char *name;
    const char *summary; /* one line for --help, with the options */
    size_t state_bytes;  /* the caller allocates the state, zeroed */

    /* What this machine gives the engine, in a few words ("avx2 kernels"). NULL: nothing to say. */
    const char *(*features)(void);

    /* Opens the model. On failure the state is as fresh and close is not called. The error names
     * the file or option and says what to do. May take long; nothing else runs meanwhile. */
    enum surety_err (*open)(void *state, const struct engine_config *config,
                            struct surety_error *err);

    /* What is served. Pointers live until close. */
    const struct surety_model *(*model)(const void *state);

    /* Takes a task under a ticket that is not in use; copies what it keeps. Every item ends in
     * exactly one output, in any order. BUSY: more items than free slots, nothing was taken.
     * A prompt that does not fit the context is no failure of submit: its items fail.
     * A choice (task->n_labels; engine_check_choice must pass) ends with finish STOP, an empty text
     * and one log-probability a label, each finite, where model()->chooses is true: exact to the
     * model's own precision, whatever seed, sampling and batch, and however many tokens a label
     * has. Labels with the same first tokens are told apart by the later ones. A server that tells
     * only its likeliest tokens gives shares: log-probabilities given that it is one of the labels,
     * of their first tokens where these differ. Where chooses is false, or this one choice cannot
     * be made, the output is text as if there were no labels.
     * A task with a body is given only where model()->passes is true. */
    enum surety_err (*submit)(void *state, uint64_t ticket, const struct surety_task *task,
                              struct surety_error *err);

    /* The item ends soon with finish CANCELLED, or with whatever overtook it. An unknown item is
     * fine. */
    void (*cancel)(void *state, uint64_t ticket, uint32_t index);

    /* Computes a little: at most one decode step of all running items or 256 prefill tokens.
     * Without work it waits for max_wait_ms at most, or until wake. An error is final: the engine
     * can only be closed (an item's own failure is an output). */
    enum surety_err (*step)(void *state, int max_wait_ms, const struct engine_sink *sink,
                            struct surety_error *err);

    /* Ends a waiting step soon. From any thread. */
    void (*wake)(void *state);

    /* Frees everything. Unfinished items are forgotten. */
    void (*close)(void *state);
};

/* An open engine. */
struct engine {
    const struct engine_ops *ops;
    void *state;
};

/* All engines of this build, NULL-terminated. */
const struct engine_ops *const *engine_all(void);

/* Parses "NAME[:key=value,...]" ('\' escapes the next character) into options that the caller
 * frees with engine_spec_fini. INVALID with a sentence. */
struct engine_spec {
    char *name;
    struct engine_option *options;
    size_t n_options;
};
enum surety_err engine_spec_parse(const char *text, struct engine_spec *ret,
                                  struct surety_error *err);
void engine_spec_fini(struct engine_spec *spec);

/* Opens the engine with this name; NOT_FOUND lists the names. close accepts NULL and a closed one.
 */
enum surety_err engine_open(const char *name, const struct engine_config *config,
                            struct engine *ret_engine, struct surety_error *err);
void engine_close(struct engine *engine);

/* The last value of a key, or NULL. */
const char *engine_option(const struct engine_config *config, const char *key);

/* INVALID, with a sentence, when a task's labels are no choice: fewer than 2 or more than
 * SURETY_LABELS_MAX, empty or too long ones, one that begins another. Without labels: OK. */
enum surety_err engine_check_choice(const struct surety_task *task, struct surety_error *err);

/* INVALID when the config has a key that is not in known (NULL-terminated). */
enum surety_err engine_check_options(const struct engine_config *config, const char *const *known,
                                     struct surety_error *err);

#endif
