/*
 * options.c - one row an option: its name, who uses it, its type, bounds, place and help.
 *
 * getopt_long does the splitting; a row's position is its code. The order of rows is the order of
 * --help. Hidden rows (help NULL) are for the program itself. Before these rows stand those of the
 * table of settings, so that a new setting is an option at once.
 */
#include "scaler/cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "base/utf8.h"
#include "proto/settings_table.h"
#include <surety/settings.h>

enum kind { FLAG, PATH, TEXT, U32, I32, I64, SECONDS, SECONDS_OR_NONE, SETTING, NUMBER_IF_ANY };
enum section { ENGINE, METHOD, RUN, OTHER };

#define ASKS (USER_SOLVE | USER_GRADE)
#define ANSWERS (USER_GATEWAY | USER_SERVE) /* others, over HTTP */
#define METHODS (ASKS | USER_SCORE | ANSWERS)
#define SERVES (ASKS | USER_WORKER | USER_SERVE)
#define FILES (USER_GRADE | USER_SCORE)

struct row {
    const char *name; /* NULL: only the short one */
    char letter;      /* '\0': only the long one */
    const char *value;
    unsigned users;
    enum section section;
    enum kind kind;
    size_t offset; /* in struct options */
    int64_t least, most;
    const char *help;
};

#define AT(field) offsetof(struct options, field)

static const struct row rows[] = {
    {"model", 0, "FILE", SERVES, ENGINE, PATH, AT(model), 0, 0, "a model in GGUF format"},
    {"engine", 0, "NAME[:key=value,...]", SERVES, ENGINE, PATH, AT(engine), 0, 0,
     "an engine and its options ('\\' escapes a character)"},
    {"upstream", 0, "URL[,key=value,...]", SERVES, ENGINE, PATH, AT(upstream), 0, 0,
     "a server with a chat endpoint: --engine openai:url=URL,... ($SURETY_UPSTREAM)"},
    {"workers", 0, "N", ASKS | USER_SERVE, ENGINE, U32, AT(workers), 1, 64,
     "worker processes to start, 1 to 64 (1)"},
    {"threads", 0, "N", SERVES, ENGINE, U32, AT(threads), 1, 1024,
     "threads of each worker, 1 to 1024 (all cores)"},
    {"slots", 0, "N", USER_WORKER, ENGINE, U32, AT(slots), 1, SURETY_SLOTS_MAX,
     "trajectories at once, 1 to 4096 (the engine's choice)"},

    {"profile", 0, "NAME|FILE", METHODS | USER_CLAIMS, METHOD, PATH, AT(profile), 0, 0,
     "wording of prompts and how replies are read (the model's; $SURETY_PROFILE)"},
    {"broker", 0, "ENDPOINT", ASKS, RUN, PATH, AT(broker), 0, 0,
     "ask this broker instead of starting a private one ($SURETY_BROKER)"},
    {"model-name", 0, "NAME", ASKS, RUN, TEXT, AT(model_name), 0, 0,
     "which model, where a broker serves several"},
    {"verifier-model", 0, "NAME", ASKS | ANSWERS, RUN, TEXT, AT(verifier_model), 0, 0,
     "which model of the broker judges (the one that samples)"},
    {"deadline", 0, "SECONDS", ASKS | ANSWERS, RUN, SECONDS, AT(deadline_ms), 0,
     SURETY_DEADLINE_MAX_MS / 1000, "the best answer so far after this time"},
    {"budget-tokens", 0, "N", ASKS | ANSWERS, RUN, I64, AT(budget_tokens), 1, 9000000000000000,
     "the best answer so far after so many tokens"},
    {"report-every", 0, "SECONDS", ASKS, RUN, SECONDS_OR_NONE, AT(report_ms), 0, 86400,
     "how often a line tells how far it is where stderr is no terminal; 0: never (60)"},

    {"a", 0, "LIST", USER_COMPARE, OTHER, PATH, AT(a), 0, 0,
     "of A: clr or cons, with @k of the first k samples (clr)"},
    {"b", 0, "LIST", USER_COMPARE, OTHER, PATH, AT(b), 0, 0, "of B, likewise (clr)"},
    {"equal", 0, "LIST", USER_COMPARE, OTHER, PATH, AT(equal), 0, 0,
     "choose B's k by calls, tokens, total_tokens or computed_tokens"},
    {"json", 0, NULL, USER_SOLVE | USER_STATUS | USER_COMPARE | USER_CHECK, OTHER, FLAG, AT(json),
     0, 0, "print one JSON object"},
    {"output", 'o', "FILE", USER_GRADE | USER_SCORE, OTHER, PATH, AT(output), 0, 0,
     "where the results go, one a line; - is stdout"},
    {"resume", 0, NULL, USER_GRADE, OTHER, FLAG, AT(resume), 0, 0,
     "go on where FILE ends: skip its ids, try failed ones again"},
    {"force", 0, NULL, USER_GRADE, OTHER, FLAG, AT(force), 0, 0,
     "with --resume: also where FILE was made with other settings or of other problems"},
    {"summary", 0, "FILE", USER_GRADE | USER_SCORE, OTHER, PATH, AT(summary), 0, 0,
     "also write the table as JSON"},
    {"stable", 0, NULL, USER_GRADE | USER_SCORE, OTHER, FLAG, AT(stable), 0, 0,
     "in the input's order and without times: equal runs, equal bytes"},
    {"problem-key", 0, "KEY", FILES | USER_SHOW, OTHER, TEXT, AT(form.problem), 0, 0,
     "what the problem is called in the file (problem)"},
    {"gold-key", 0, "KEY", FILES, OTHER, TEXT, AT(form.gold), 0, 0,
     "what the gold answer is called (gold)"},
    {"id-key", 0, "KEY", FILES | USER_SHOW, OTHER, TEXT, AT(form.id), 0, 0,
     "what the id is called (id)"},
    {"limit", 0, "N", FILES, OTHER, I64, AT(form.limit), 1, 9e15, "only the first N problems"},
    {"problems", 0, "FILE", USER_SHOW, OTHER, PATH, AT(problems), 0, 0,
     "where results have no problems (--text), take them from here"},
    {"solution", 0, "[N]", USER_SHOW, OTHER, NUMBER_IF_ANY, AT(solution), 0, SURETY_K_MAX - 1,
     "solution N, else the best behind the answer, its claims marked"},
    {"reextract", 0, NULL, USER_SCORE, OTHER, FLAG, AT(reextract), 0, 0,
     "take answers from the texts even where they are given"},
    {"lenient", 0, NULL, USER_GRADE | USER_SCORE | USER_CHECK, OTHER, FLAG, AT(lenient), 0, 0,
     "compatible answers are right too: rounded, without the unit"},
    {"jsonl", 0, "FILE", USER_CHECK, OTHER, PATH, AT(jsonl), 0, 0,
     "a text a line, {\"gold\",\"text\"}; - is stdin"},
    {"problem", 0, "TEXT", USER_CHECK, OTHER, TEXT, AT(problem), 0, 0,
     "the problem: it lists the options that a letter stands for"},
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
    {"queue-mib", 0, "N", USER_BROKER, OTHER, U32, AT(queue_mib), 1, 1048576,
     "memory for requests, unread outputs, plans and unsent results, in MiB (1024)"},
    {"broker", 0, "ENDPOINT", USER_WORKER, OTHER, PATH, AT(broker), 0, 0,
     "the broker's worker endpoint"},
    {"log", 0, "text|json", USER_BROKER, OTHER, PATH, AT(log), 0, 0,
     "tell on stderr who joins, leaves or is lost, and each request's beginning and end"},
    {"name", 0, "NAME", USER_WORKER, OTHER, TEXT, AT(worker_name), 0, 0,
     "what 'surety status' and the broker's log call it"},
    {"http", 0, "HOST:PORT", ANSWERS, OTHER, PATH, AT(http), 0, 0,
     "where to listen, on loopback; port 0: any that is free"},
    {"broker", 0, "ENDPOINT", USER_GATEWAY, OTHER, PATH, AT(broker), 0, 0,
     "the broker's client endpoint ($SURETY_BROKER)"},
    {"broker", 0, "ENDPOINT", USER_STATUS, OTHER, PATH, AT(broker), 0, 0,
     "the broker's client endpoint"},
    {"lifeline-fd", 0, "N", USER_WORKER, OTHER, I32, AT(lifeline_fd), 0, 65535, NULL},
    {"help", 'h', NULL, ~0u, OTHER, FLAG, AT(help), 0, 0, "this text"},
};
#define N_ROWS (settings_count + sizeof rows / sizeof rows[0])
#define N_ROWS_MAX (SETTINGS_MAX + sizeof rows / sizeof rows[0])
#define CODE 1000 /* of the first row in getopt_long */

/* What is not compared between results is about the run, and not about the method. */
static struct row row_of_setting(const struct setting *s)
{
    bool letter = s->option[1] == '\0';
    return (struct row){.name = letter ? NULL : s->option,
                        .letter = letter ? s->option[0] : '\0',
                        .value = s->type == SETTING_SWITCH ? NULL
                                 : s->argument             ? s->argument
                                                           : "NAME",
                        .users = METHODS | (s->flags & SETTING_READING ? USER_CLAIMS : 0),
                        .section = s->flags & SETTING_COMPARED ? METHOD : RUN,
                        .kind = SETTING,
                        .help = s->help};
}

static struct row row_at(size_t i)
{
    return i < settings_count ? row_of_setting(&settings_table[i]) : rows[i - settings_count];
}

/* As the user writes it: "--gamma", "-k". */
static const char *row_name(const struct row *row, char name[64])
{
    if (row->name)
        snprintf(name, 64, "--%s", row->name);
    else
        snprintf(name, 64, "-%c", row->letter);
    return name;
}

static enum surety_err read_number(const char *value, double *ret)
{
    char *end;
    errno = 0;
    *ret = plain_number(value, &end);
    return end == value || *end || errno ? SURETY_ERR_INVALID : SURETY_OK;
}

static enum surety_err set_seconds(const struct row *row, const char *value, int64_t *ret_ms,
                                   struct surety_error *err)
{
    char name[64];
    double x;
    bool none = row->kind == SECONDS_OR_NONE;
    if (read_number(value, &x) || !((none ? x >= 0 : x > 0) && x <= (double)row->most))
        return surety_fail(err, SURETY_ERR_INVALID, "%s must be a number of seconds%s, not '%.80s'",
                           row_name(row, name), none ? " from 0" : " above 0", value);
    *ret_ms = (int64_t)ceil(x * 1000);
    return SURETY_OK;
}

static enum surety_err set_integer(const struct row *row, const char *value, int64_t least,
                                   int64_t most, int64_t *ret, struct surety_error *err)
{
    char name[64], *end;
    errno = 0;
    long long x = strtoll(value, &end, 10);
    if (end == value || *end || errno || x < least || x > most)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "%s must be a whole number from %lld to %lld, not '%.80s'",
                           row_name(row, name), (long long)least, (long long)most, value);
    *ret = x;
    return SURETY_OK;
}

static enum surety_err set_number(const struct row *row, const struct setting *s, const char *value,
                                  struct surety_settings *settings, struct surety_error *err)
{
    char name[64], range[SETTING_TEXT_MAX];
    double x;
    bool above = s->flags & SETTING_ABOVE;
    if (read_number(value, &x) || !(above ? x > (double)s->least : x >= (double)s->least) ||
        x > (double)s->most) {
        setting_range(s, range);
        return surety_fail(err, SURETY_ERR_INVALID, "%s must be a number %s%s, not '%.80s'",
                           row_name(row, name), above ? "" : "from ", range, value);
    }
    setting_set_number(s, settings, x);
    return SURETY_OK;
}

static enum surety_err set_setting(const struct row *row, const struct setting *s,
                                   const char *value, struct surety_settings *settings,
                                   struct surety_error *err)
{
    char name[64], range[SETTING_TEXT_MAX];
    unsigned names = 0;
    int64_t integer = 1; /* of a switch that is given */
    enum surety_err code = SURETY_OK;
    switch (s->type) {
    case SETTING_NUMBER:
    case SETTING_NUMBER_OR_DEFAULT:
        return set_number(row, s, value, settings, err);
    case SETTING_INTEGER:
        code = set_integer(row, value, s->least, s->most, &integer, err);
        break;
    case SETTING_SWITCH:
        break;
    case SETTING_NAME:
        setting_range(s, range);
        if (!setting_from_name(s, value, strlen(value), &names))
            code = surety_fail(err, SURETY_ERR_INVALID, "%s must be one of %s, not '%.80s'",
                               row_name(row, name), range, value);
        integer = names;
        break;
    case SETTING_NAMES:
        code = setting_parse_names(s, value, &names, err);
        integer = names;
        break;
    }
    if (!code)
        setting_set_integer(s, settings, integer);
    return code;
}

static enum surety_err set(struct options *o, size_t i, char *value, struct surety_error *err)
{
    const struct row row = row_at(i);
    void *place = (char *)o + row.offset;
    int64_t integer = 0;
    enum surety_err code;
    switch (row.kind) {
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
        code = set_integer(&row, value, row.least, row.most, &integer, err);
        if (!code)
            *(uint32_t *)place = (uint32_t)integer;
        return code;
    case NUMBER_IF_ANY:
        if (!value) {
            *(int64_t *)place = SOLUTION_BEST;
            return SURETY_OK;
        }
        return set_integer(&row, value, row.least, row.most, place, err);
    case I64:
        return set_integer(&row, value, row.least, row.most, place, err);
    case SECONDS:
    case SECONDS_OR_NONE:
        return set_seconds(&row, value, place, err);
    case SETTING:
        return set_setting(&row, &settings_table[i], value, &o->settings, err);
    }
    return SURETY_ERR_INTERNAL;
}

/* "--jsonl" does, "--jsonl=FILE" has it. */
static bool takes_value(enum option_user user, const char *argument)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        struct row row = row_at(i);
        if (row.users & user && row.name && row.value && strcmp(row.name, argument + 2) == 0)
            return true;
    }
    return false;
}

/* Options first, then "--", then what only looks like an option: "-5", "-\frac12", "-x". */
static int move_dash_operands(enum option_user user, int argc, char **argv, char **out)
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
            if (takes_value(user, argv[i]) && i + 1 < argc)
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
    if (optopt >= CODE) {
        struct row row = row_at((size_t)(optopt - CODE));
        return surety_fail(err, SURETY_ERR_INVALID, "the option --%s %s", row.name,
                           row.value ? "needs a value" : "takes no value");
    }
    if (optopt)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "unknown option -%c (put -- before an operand that begins with '-')",
                           optopt);
    return surety_fail(err, SURETY_ERR_INVALID, "unknown option %.80s", argument);
}

static int argument_of(const struct row *row)
{
    return !row->value                  ? no_argument
           : row->kind == NUMBER_IF_ANY ? optional_argument
                                        : required_argument;
}

/* A number that stands behind an option that may have one is its own. */
static char *next_number(size_t row, char **args)
{
    const char *next = args[optind];
    return row_at(row).kind == NUMBER_IF_ANY && next && *next && !next[strspn(next, "0123456789")]
               ? args[optind++]
               : NULL;
}

/* The tables that getopt_long wants, for the options of one user. */
static void getopt_tables(enum option_user user, struct option *longs, char *shorts)
{
    *shorts++ = ':'; /* tell a missing value from an unknown option */
    for (size_t i = 0; i < N_ROWS; i++) {
        struct row row = row_at(i);
        if (!(row.users & user))
            continue;
        if (row.name)
            *longs++ = (struct option){row.name, argument_of(&row), NULL, CODE + (int)i};
        if (row.letter) {
            *shorts++ = row.letter;
            if (row.value)
                *shorts++ = ':';
        }
    }
    *longs = (struct option){0};
    *shorts = '\0';
}

static bool find_row(enum option_user user, int code, size_t *ret)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        struct row row = row_at(i);
        *ret = i;
        if (code == CODE + (int)i || (row.users & user && row.letter == code))
            return true;
    }
    return false;
}

enum surety_err options_parse(enum option_user user, bool dash_operands, int argc, char **argv,
                              struct options *ret, struct surety_error *err)
{
    struct option longs[N_ROWS_MAX + 1];
    char shorts[2 * N_ROWS_MAX + 2];
    enum surety_err code = SURETY_OK;
    *ret = (struct options){.workers = 1, .lifeline_fd = -1, .solution = -1, .report_ms = 60000};
    arena_init(&ret->arena, (size_t)SURETY_PROBLEM_MAX * 8);
    surety_settings_init(&ret->settings);
    if (user & (USER_SOLVE | ANSWERS)) /* who asks for one answer, and not for a table */
        ret->settings.stop = SURETY_STOPPING_BETA;
    uint32_t k = ret->settings.k;
    ret->settings.k = 0;
    char **args = arena_array(&ret->arena, (size_t)argc + 2, sizeof *args);
    if (!args)
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    memcpy(args, argv, sizeof *args * (size_t)argc);
    if (dash_operands && (argc = move_dash_operands(user, argc, argv, args)) < 0)
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");

    getopt_tables(user, longs, shorts);
    opterr = 0;
    optind = 0; /* start over, in glibc and musl */
    int c;
    while (!code && (c = getopt_long(argc, args, shorts, longs, NULL)) != -1) {
        size_t i;
        if (c == ':' && optopt < CODE)
            code = surety_fail(err, SURETY_ERR_INVALID, "the option -%c needs a value", optopt);
        else if (c == ':' || c == '?' || !find_row(user, c, &i))
            code = unknown(args[optind - 1], err);
        else
            code = set(ret, i, optarg ? optarg : next_number(i, args), err);
    }
    if (code)
        return code;
    ret->k = ret->settings.k;
    if (!ret->k)
        ret->settings.k = k;
    ret->operands = args + optind;
    ret->n_operands = (size_t)(argc - optind);
    return SURETY_OK;
}

void options_fini(struct options *options)
{
    if (options)
        arena_fini(&options->arena);
}

struct surety_request options_request(const struct options *options, char *id, char *problem,
                                      char *profile)
{
    return (struct surety_request){.id = id,
                                   .problem = problem,
                                   .model_name = options->model_name,
                                   .verifier_model = options->verifier_model,
                                   .profile = profile,
                                   .settings = options->settings,
                                   .deadline_ms = options->deadline_ms,
                                   .budget_tokens = options->budget_tokens};
}

char *options_text(struct options *options, const char *operand)
{
    char *valid = utf8_make_valid(operand, strlen(operand), NULL);
    char *copy = arena_strdup(&options->arena, valid);
    free(valid);
    return copy;
}

/* The help of a setting: what it does, its range unless that is no more than a type's, its default.
 */
static void print_setting(const struct setting *s, FILE *out)
{
    char range[SETTING_TEXT_MAX], fallback[SETTING_TEXT_MAX];
    setting_range(s, range);
    setting_default(s, fallback);
    fputs(s->help, out);
    if (s->type == SETTING_NAMES)
        fprintf(out, ": %s", range);
    else if (s->type != SETTING_NAME && *range && s->most < SURETY_TOKENS_MAX)
        fprintf(out, ", %s", range);
    if (*fallback || s->note)
        fprintf(out, " (%s%s)", fallback, s->note ? s->note : "");
}

static void print_row(size_t i, FILE *out)
{
    const struct row row = row_at(i);
    const struct setting *setting = row.kind == SETTING ? &settings_table[i] : NULL;
    char left[80], names[SETTING_TEXT_MAX];
    const char *value = row.value;
    if (setting && setting->type == SETTING_NAME) {
        setting_range(setting, names);
        value = names;
    }
    int n = 0;
    if (row.letter)
        n += snprintf(left + n, sizeof left - (size_t)n, "-%c", row.letter);
    if (row.name)
        n += snprintf(left + n, sizeof left - (size_t)n, "%s--%s", n ? ", " : "", row.name);
    if (value)
        n += snprintf(left + n, sizeof left - (size_t)n, " %s", value);
    if (n > 26)
        fprintf(out, "  %s\n  %-26s  ", left, "");
    else
        fprintf(out, "  %-26s  ", left);
    if (setting)
        print_setting(setting, out);
    else
        fputs(row.help, out);
    fputc('\n', out);
}

void options_help(enum option_user user, FILE *out)
{
    static const char *const titles[] = {"Engine", "Method", "Run", "Options"};
    for (enum section section = ENGINE; section <= OTHER; section++) {
        bool titled = false;
        for (size_t i = 0; i < N_ROWS; i++) {
            struct row row = row_at(i);
            if (!(row.users & user) || row.section != section || !row.help)
                continue;
            if (!titled)
                fprintf(out, "\n%s:\n", titles[section]);
            titled = true;
            print_row(i, out);
        }
    }
}
