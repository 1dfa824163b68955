/*
 * options.c - one row an option: its name, who uses it, its type, bounds, place and help.
 *
 * getopt_long does the splitting; a row's position is its code. The order of rows is the order of
 * --help. Hidden rows (help NULL) are for the program itself.
 */
#include "scaler/cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include <surety/settings.h>

enum kind { FLAG, PATH, TEXT, U32, I32, SEED, I64, REAL, SECONDS, VERIFY, SIGNALS, RULE };
enum section { ENGINE, METHOD, RUN, OTHER };

#define ASKS (USER_SOLVE | USER_GRADE)
#define METHODS (ASKS | USER_SCORE)
#define SERVES (ASKS | USER_WORKER)

struct row {
    const char *name; /* NULL: only the short one */
    char letter;      /* '\0': only the long one */
    const char *value;
    unsigned users;
    enum section section;
    enum kind kind;
    size_t offset; /* in struct options */
    double least, most;
    const char *help;
};

#define AT(field) offsetof(struct options, field)
#define ABOVE_ZERO 1e-9 /* as the least value: 0 itself is out */

static const struct row rows[] = {
    {"model", 0, "FILE", SERVES, ENGINE, PATH, AT(model), 0, 0, "a model in GGUF format"},
    {"engine", 0, "NAME[:key=value,...]", SERVES, ENGINE, PATH, AT(engine), 0, 0,
     "an engine and its options ('\\' escapes a character)"},
    {"upstream", 0, "URL[,key=value,...]", SERVES, ENGINE, PATH, AT(upstream), 0, 0,
     "a server with a chat endpoint: --engine openai:url=URL,... ($SURETY_UPSTREAM)"},
    {"workers", 0, "N", ASKS, ENGINE, U32, AT(workers), 1, 64,
     "worker processes to start, 1 to 64 (1)"},
    {"threads", 0, "N", SERVES, ENGINE, U32, AT(threads), 1, 1024,
     "threads of each worker, 1 to 1024 (all cores)"},
    {"slots", 0, "N", USER_WORKER, ENGINE, U32, AT(slots), 1, SURETY_SLOTS_MAX,
     "trajectories at once, 1 to 4096 (the engine's choice)"},

    {NULL, 'k', "N", METHODS, METHOD, U32, AT(k), 1, SURETY_K_MAX,
     "trajectories of a problem, 1 to 1024 (32; score: all)"},
    {NULL, 'm', "N", METHODS | USER_CLAIMS, METHOD, U32, AT(settings.m), 1, SURETY_M_MAX,
     "claims of a trajectory, 1 to 64 (5)"},
    {"gamma", 0, "G", METHODS, METHOD, REAL, AT(settings.gamma), 0, 1000,
     "exponent of the power rule, 0 to 1000 (as -m)"},
    {"verify", 0, "joint|each|blind|none", METHODS, METHOD, VERIFY, AT(settings.verify), 0, 0,
     "where model verdicts come from (the profile's way; score: none)"},
    {"verify-repeats", 0, "J", METHODS, METHOD, U32, AT(settings.verify_repeats), 1,
     SURETY_REPEATS_MAX, "independent verdicts, or recomputations, 1 to 64 (1)"},
    {"verify-temperature", 0, "T", METHODS, METHOD, REAL, AT(settings.verify_temperature), 0, 10,
     "temperature of verdicts, 0 to 10 (the profile's)"},
    {"controls", 0, "N", METHODS, METHOD, U32, AT(settings.controls), 0, SURETY_CONTROLS_MAX,
     "plant N false claims: can the verifier tell? 0 to 64 (0)"},
    {"signals", 0, "LIST", METHODS, METHOD, SIGNALS, AT(settings.signals), 0, 0,
     "what may decide a claim: symbolic,self,blind,agreement"},
    {"rule", 0, "power|soft", METHODS, METHOD, RULE, AT(settings.rule), 0, 0,
     "how claims weigh (power with model verdicts, else soft)"},
    {"profile", 0, "NAME|FILE", METHODS | USER_CLAIMS, METHOD, PATH, AT(profile), 0, 0,
     "wording of prompts and how replies are read (the model's)"},
    {"temperature", 0, "T", METHODS, METHOD, REAL, AT(settings.sampling.temperature), 0, 10,
     "of sampling, 0 to 10 (1)"},
    {"top-p", 0, "P", METHODS, METHOD, REAL, AT(settings.sampling.top_p), ABOVE_ZERO, 1,
     "nucleus, above 0 up to 1 (0.95)"},
    {"top-k", 0, "N", METHODS, METHOD, I32, AT(settings.sampling.top_k), 0, INT32_MAX,
     "only the N likeliest tokens (0: off)"},
    {"max-tokens", 0, "N", METHODS, METHOD, I32, AT(settings.sampling.max_tokens), 1,
     SURETY_TOKENS_MAX, "of one trajectory (what the context leaves)"},
    {"max-thinking", 0, "N", METHODS, METHOD, I32, AT(settings.sampling.max_thinking), 0,
     SURETY_TOKENS_MAX, "tokens in <think> blocks, then their end is forced (0: off)"},

    {"broker", 0, "ENDPOINT", ASKS, RUN, PATH, AT(broker), 0, 0,
     "ask this broker instead of starting a private one ($SURETY_BROKER)"},
    {"model-name", 0, "NAME", ASKS, RUN, TEXT, AT(model_name), 0, 0,
     "which model, where a broker serves several"},
    {"seed", 0, "N", METHODS, RUN, SEED, AT(settings.seed), 0, 0,
     "every random choice follows from it (0)"},
    {"text", 0, NULL, METHODS, RUN, FLAG, AT(settings.text), 0, 0,
     "put the trajectories' texts into the result"},
    {"deadline", 0, "SECONDS", ASKS, RUN, SECONDS, AT(deadline_ms), ABOVE_ZERO,
     SURETY_DEADLINE_MAX_MS / 1000.0, "the best answer so far after this time"},
    {"budget-tokens", 0, "N", ASKS, RUN, I64, AT(budget_tokens), 1, 9e15,
     "the best answer so far after so many tokens"},

    {"a", 0, "LIST", USER_COMPARE, OTHER, PATH, AT(a), 0, 0,
     "of A: clr or cons, with @k of the first k samples (clr)"},
    {"b", 0, "LIST", USER_COMPARE, OTHER, PATH, AT(b), 0, 0, "of B, likewise (clr)"},
    {"equal", 0, "LIST", USER_COMPARE, OTHER, PATH, AT(equal), 0, 0,
     "choose B's k by calls, tokens, total_tokens or computed_tokens"},
    {"json", 0, NULL, USER_SOLVE | USER_STATUS | USER_COMPARE, OTHER, FLAG, AT(json), 0, 0,
     "print one JSON object"},
    {"output", 'o', "FILE", USER_GRADE | USER_SCORE, OTHER, PATH, AT(output), 0, 0,
     "where the results go, one a line; - is stdout"},
    {"resume", 0, NULL, USER_GRADE, OTHER, FLAG, AT(resume), 0, 0,
     "go on where FILE ends: skip its ids, try failed ones again"},
    {"summary", 0, "FILE", USER_GRADE | USER_SCORE, OTHER, PATH, AT(summary), 0, 0,
     "also write the table as JSON"},
    {"stable", 0, NULL, USER_GRADE | USER_SCORE, OTHER, FLAG, AT(stable), 0, 0,
     "in the input's order and without times: equal runs, equal bytes"},
    {"reextract", 0, NULL, USER_SCORE, OTHER, FLAG, AT(reextract), 0, 0,
     "take answers from the texts even where they are given"},
    {"jsonl", 0, "FILE", USER_EQUAL, OTHER, PATH, AT(jsonl), 0, 0,
     "a pair a line, {\"gold\",\"pred\"}; - is stdin"},
    {"problem", 0, "TEXT", USER_CLAIMS, OTHER, TEXT, AT(problem), 0, 0,
     "the problem: restating it is no claim"},
    {"client-endpoint", 0, "ENDPOINT", USER_BROKER, OTHER, PATH, AT(client_endpoint), 0, 0,
     "where clients connect: ipc://PATH or tcp://127.0.0.1:PORT"},
    {"worker-endpoint", 0, "ENDPOINT", USER_BROKER, OTHER, PATH, AT(worker_endpoint), 0, 0,
     "where workers connect"},
    {"heartbeat-ms", 0, "N", USER_BROKER, OTHER, U32, AT(heartbeat_ms), 10, 60000,
     "a worker silent for five of these (20 with work) is lost, 10 to 60000 (500)"},
    {"stall-ms", 0, "N", USER_BROKER, OTHER, U32, AT(stall_ms), 100, 86400000,
     "work without progress for so long is retried (60000)"},
    {"broker", 0, "ENDPOINT", USER_WORKER, OTHER, PATH, AT(broker), 0, 0,
     "the broker's worker endpoint"},
    {"broker", 0, "ENDPOINT", USER_STATUS, OTHER, PATH, AT(broker), 0, 0,
     "the broker's client endpoint"},
    {"lifeline-fd", 0, "N", USER_WORKER, OTHER, I32, AT(lifeline_fd), 0, 65535, NULL},
    {"help", 'h', NULL, ~0u, OTHER, FLAG, AT(help), 0, 0, "this text"},
};
#define N_ROWS (sizeof rows / sizeof rows[0])
#define CODE 1000 /* of rows[0] in getopt_long */

/* As the user writes it: "--gamma", "-k". */
static const char *row_name(const struct row *row, char name[64])
{
    if (row->name)
        snprintf(name, 64, "--%s", row->name);
    else
        snprintf(name, 64, "-%c", row->letter);
    return name;
}

static enum surety_err set_real(const struct row *row, const char *value, double *ret,
                                struct surety_error *err)
{
    char name[64], *end;
    errno = 0;
    double x = strtod(value, &end);
    if (end == value || *end || errno || !(x >= row->least && x <= row->most)) {
        if (row->kind == SECONDS)
            return surety_fail(err, SURETY_ERR_INVALID,
                               "%s must be a number of seconds above 0, not '%.80s'",
                               row_name(row, name), value);
        bool open = row->least == ABOVE_ZERO;
        return surety_fail(err, SURETY_ERR_INVALID, "%s must be a number %s %g %s %g, not '%.80s'",
                           row_name(row, name), open ? "above" : "from", open ? 0 : row->least,
                           open ? "up to" : "to", row->most, value);
    }
    *ret = x;
    return SURETY_OK;
}

static enum surety_err set_integer(const struct row *row, const char *value, int64_t *ret,
                                   struct surety_error *err)
{
    char name[64], *end;
    errno = 0;
    long long x = strtoll(value, &end, 10);
    if (end == value || *end || errno || (double)x < row->least || (double)x > row->most)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "%s must be a whole number from %.0f to %.0f, not '%.80s'",
                           row_name(row, name), row->least, row->most, value);
    *ret = x;
    return SURETY_OK;
}

static enum surety_err set_seed(const struct row *row, const char *value, uint64_t *ret,
                                struct surety_error *err)
{
    char name[64], *end;
    errno = 0;
    unsigned long long x = strtoull(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end || errno || x > SURETY_SEED_MAX)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "%s must be a whole number from 0 to %lld, not '%.80s'",
                           row_name(row, name), (long long)SURETY_SEED_MAX, value);
    *ret = x;
    return SURETY_OK;
}

static enum surety_err set_name(const struct row *row, const char *value, void *place,
                                struct surety_error *err)
{
    char name[64];
    bool known = row->kind == VERIFY ? surety_verify_from_name(value, place)
                                     : surety_rule_from_name(value, place);
    if (!known)
        return surety_fail(err, SURETY_ERR_INVALID, "%s must be one of %s, not '%.80s'",
                           row_name(row, name), row->value, value);
    return SURETY_OK;
}

static enum surety_err set(struct options *o, const struct row *row, char *value,
                           struct surety_error *err)
{
    void *place = (char *)o + row->offset;
    int64_t integer = 0;
    double real = 0;
    enum surety_err code;
    switch (row->kind) {
    case FLAG:
        *(bool *)place = true;
        return SURETY_OK;
    case PATH:
        *(const char **)place = value;
        return SURETY_OK;
    case TEXT:
        *(char **)place = options_text(o, value);
        return *(char **)place ? SURETY_OK : surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    case U32:
    case I32:
        code = set_integer(row, value, &integer, err);
        if (!code)
            *(uint32_t *)place = (uint32_t)integer;
        return code;
    case I64:
        return set_integer(row, value, place, err);
    case SEED:
        return set_seed(row, value, place, err);
    case REAL:
        return set_real(row, value, place, err);
    case SECONDS:
        code = set_real(row, value, &real, err);
        if (!code)
            *(int64_t *)place = (int64_t)ceil(real * 1000);
        return code;
    case SIGNALS:
        return surety_signals_parse(value, place, err);
    case VERIFY:
    case RULE:
        return set_name(row, value, place, err);
    }
    return SURETY_ERR_INTERNAL;
}

/* Options first, then "--", then what only looks like an option: "-5", "-\frac12", "-x". */
static int move_dash_operands(int argc, char **argv, char **out)
{
    int n = 1;
    out[0] = argv[0];
    char **operands = malloc(sizeof *operands * (size_t)(argc + 1));
    if (!operands)
        return -1;
    int n_operands = 0;
    for (int i = 1; i < argc; i++) {
        bool option = argv[i][0] == '-' && argv[i][1] == '-' &&
                      ((argv[i][2] | 32) >= 'a' && (argv[i][2] | 32) <= 'z');
        if (strcmp(argv[i], "--") == 0) {
            while (++i < argc)
                operands[n_operands++] = argv[i];
        } else if (!option) {
            operands[n_operands++] = argv[i];
        } else {
            out[n++] = argv[i];
            if (strcmp(argv[i], "--jsonl") == 0 && i + 1 < argc)
                out[n++] = argv[++i];
        }
    }
    static char separator[] = "--";
    out[n++] = separator;
    memcpy(out + n, operands, sizeof *operands * (size_t)n_operands);
    free(operands);
    return n + n_operands;
}

static enum surety_err unknown(const char *argument, struct surety_error *err)
{
    if (optopt >= CODE)
        return surety_fail(err, SURETY_ERR_INVALID, "the option --%s %s", rows[optopt - CODE].name,
                           rows[optopt - CODE].value ? "needs a value" : "takes no value");
    if (optopt)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "unknown option -%c (put -- before an operand that begins with '-')",
                           optopt);
    return surety_fail(err, SURETY_ERR_INVALID, "unknown option %.80s", argument);
}

/* The tables that getopt_long wants, for the options of one user. */
static void getopt_tables(enum option_user user, struct option *longs, char *shorts)
{
    *shorts++ = ':'; /* tell a missing value from an unknown option */
    for (size_t i = 0; i < N_ROWS; i++) {
        if (!(rows[i].users & user))
            continue;
        if (rows[i].name)
            *longs++ = (struct option){
                rows[i].name, rows[i].value ? required_argument : no_argument, NULL, CODE + (int)i};
        if (rows[i].letter) {
            *shorts++ = rows[i].letter;
            if (rows[i].value)
                *shorts++ = ':';
        }
    }
    *longs = (struct option){0};
    *shorts = '\0';
}

static const struct row *row_of(enum option_user user, int code)
{
    if (code >= CODE)
        return &rows[code - CODE];
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].users & user && rows[i].letter == code)
            return &rows[i];
    return NULL;
}

enum surety_err options_parse(enum option_user user, bool dash_operands, int argc, char **argv,
                              struct options *ret, struct surety_error *err)
{
    struct option longs[N_ROWS + 1];
    char shorts[2 * N_ROWS + 2];
    enum surety_err code = SURETY_OK;
    *ret = (struct options){.workers = 1, .lifeline_fd = -1};
    arena_init(&ret->arena, (size_t)SURETY_PROBLEM_MAX * 8);
    surety_settings_init(&ret->settings);
    char **args = arena_array(&ret->arena, (size_t)argc + 2, sizeof *args);
    if (!args)
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    memcpy(args, argv, sizeof *args * (size_t)argc);
    if (dash_operands && (argc = move_dash_operands(argc, argv, args)) < 0)
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");

    getopt_tables(user, longs, shorts);
    opterr = 0;
    optind = 0; /* start over, in glibc and musl */
    int c;
    while (!code && (c = getopt_long(argc, args, shorts, longs, NULL)) != -1) {
        const struct row *row = row_of(user, c);
        if (c == ':' && optopt < CODE)
            code = surety_fail(err, SURETY_ERR_INVALID, "the option -%c needs a value", optopt);
        else if (c == ':' || c == '?' || !row)
            code = unknown(args[optind - 1], err);
        else
            code = set(ret, row, optarg, err);
    }
    if (code)
        return code;
    if (ret->k)
        ret->settings.k = ret->k;
    ret->operands = args + optind;
    ret->n_operands = (size_t)(argc - optind);
    return SURETY_OK;
}

void options_fini(struct options *options)
{
    if (options)
        arena_fini(&options->arena);
}

char *options_text(struct options *options, const char *operand)
{
    char *valid = utf8_make_valid(operand, strlen(operand), NULL);
    char *copy = arena_strdup(&options->arena, valid);
    free(valid);
    return copy;
}

void options_help(enum option_user user, FILE *out)
{
    static const char *const titles[] = {"Engine", "Method", "Run", "Options"};
    for (enum section section = ENGINE; section <= OTHER; section++) {
        bool titled = false;
        for (size_t i = 0; i < N_ROWS; i++) {
            const struct row *row = &rows[i];
            if (!(row->users & user) || row->section != section || !row->help)
                continue;
            if (!titled)
                fprintf(out, "\n%s:\n", titles[section]);
            titled = true;
            char left[80];
            int n = 0;
            if (row->letter)
                n += snprintf(left + n, sizeof left - (size_t)n, "-%c", row->letter);
            if (row->name)
                n +=
                    snprintf(left + n, sizeof left - (size_t)n, "%s--%s", n ? ", " : "", row->name);
            if (row->value)
                n += snprintf(left + n, sizeof left - (size_t)n, " %s", row->value);
            if (n > 26)
                fprintf(out, "  %s\n  %-26s  %s\n", left, "", row->help);
            else
                fprintf(out, "  %-26s  %s\n", left, row->help);
        }
    }
}
