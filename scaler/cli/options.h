/*
 * options.h - the options of all commands: one table, from which parsing and --help follow.
 *
 * Does not print. Paths and endpoints are kept byte for byte; text (problems, answers, names) is
 * made valid UTF-8 here, once.
 */
#ifndef SURETY_SCALER_CLI_OPTIONS_H
#define SURETY_SCALER_CLI_OPTIONS_H

#include <stdio.h>

#include "scaler/cli/input.h"
#include <surety/types.h>

/* Who uses an option: a set of commands. */
enum option_user {
    USER_SOLVE = 1,
    USER_GRADE = 2,
    USER_SCORE = 4,
    USER_SHOW = 8,
    USER_EQUAL = 16,
    USER_CLAIMS = 32,
    USER_BROKER = 64,
    USER_WORKER = 128,
    USER_STATUS = 256,
    USER_COMPARE = 512,
    USER_PROFILE = 1024,
    USER_CHECK = 2048,
    USER_GATEWAY = 4096,
    USER_SERVE = 8192
};

#define SOLUTION_BEST INT64_MAX

struct options {
    /* engine */
    const char *model, *engine; /* NULL: not given */
    const char *upstream;       /* becomes the engine, see defaults.h */
    uint32_t workers, threads, slots;
    /* method */
    struct surety_settings settings;
    uint32_t k; /* 0: not given, and settings.k is the default */
    const char *profile;
    /* run */
    const char *broker;
    char *model_name, *verifier_model;
    int64_t deadline_ms, budget_tokens;
    int64_t report_ms; /* between lines on stderr where that is no terminal; 0: none */
    /* of single commands */
    bool json, resume, force, stable, reextract, lenient, help;
    const char *output, *summary, *jsonl;
    struct problem_form form;  /* of the file of problems */
    const char *problems;      /* of show */
    int64_t solution;          /* of show: its number; SOLUTION_BEST: not told; -1: none wanted */
    const char *a, *b, *equal; /* of compare */
    char *problem;
    const char *http;
    char *worker_name;
    const char *log; /* of broker; NULL: not given */
    const char *client_endpoint, *worker_endpoint;
    uint32_t heartbeat_ms, stall_ms, queue_mib;
    int32_t lifeline_fd; /* -1: none */

    char **operands; /* [n_operands], as given */
    size_t n_operands;
    struct arena arena; /* holds copies */
};

/*
 * Parses the arguments that follow a command's name; argv[0] is not looked at, and argv is put into
 * another order. dash_operands: arguments like "-5" are operands, only "--name" is an option.
 * INVALID with a sentence that names the option and its range. The caller ends with options_fini,
 * also after a failure.
 */
enum surety_err options_parse(enum option_user user, bool dash_operands, int argc, char **argv,
                              struct options *ret, struct surety_error *err);
void options_fini(struct options *options);

/* The request for a problem as the options want it, told of while it runs; it points to the
 * arguments and into the options. profile may be NULL. */
struct surety_request options_request(const struct options *options, char *id, char *problem,
                                      char *profile);

/* A valid UTF-8 copy of an operand, in the options' arena; NULL without memory. */
char *options_text(struct options *options, const char *operand);

/* The list of a command's options, for people. */
void options_help(enum option_user user, FILE *out);

#endif
