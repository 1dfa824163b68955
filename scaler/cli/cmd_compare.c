/*
 * cmd_compare.c - `surety compare`: two files of results, paired by id.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "proto/result_json.h"
#include "scaler/cli/cli.h"
#include "scaler/report/compare.h"

static const char *const cost_names[] = {"calls", "tokens", "total_tokens", "computed_tokens"};

#define ROWS_MAX 64

struct comparison {
    const struct command *command;
    const char *paths[2];
    struct compare_row rows[ROWS_MAX];
    enum compare_cost equal[ROWS_MAX]; /* COMPARE_COSTS: none */
    size_t n_rows, bad_lines;
    bool one_file; /* held against itself: read once */
    struct compare_counts counts;
};

/* ---- reading ---- */

/* False at the end of the file, or when no more can be read. */
static bool read_next(struct comparison *c, struct compare *compare, int side, struct jsonl *reader)
{
    struct surety_error error = {0};
    struct surety_result result;
    json_t *line = NULL;
    enum surety_err code = jsonl_next(reader, &line, &error);
    if (!code && !line)
        return false;
    if (code) {
        c->bad_lines++;
        cli_fail(c->command, CLI_LINES_FAILED, "%s", error.message);
        return code == SURETY_ERR_PARSE || code == SURETY_ERR_LIMIT;
    }
    code = surety_result_from_json(line, &result, &error);
    json_decref(line);
    if (code) {
        c->bad_lines++;
        cli_fail(c->command, CLI_LINES_FAILED, "%s:%zu: %s", reader->name, reader->line,
                 error.message);
        return code != SURETY_ERR_NOMEM;
    }
    code = compare_add(compare, side, &result);
    if (!code && c->one_file)
        code = compare_add(compare, 1, &result);
    surety_result_fini(&result);
    c->bad_lines += code != SURETY_OK;
    return !code;
}

/* CLI_DONE, or the exit code of what was printed. */
static int read_file(struct comparison *c, struct compare *compare, int side)
{
    const char *path = c->paths[side];
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "re");
    if (!file)
        return cli_fail(c->command, CLI_USAGE, "%s: %s", path, strerror(errno));
    struct jsonl reader;
    jsonl_init(&reader, file, standard ? "stdin" : path);
    while (read_next(c, compare, side, &reader))
        ;
    jsonl_fini(&reader);
    if (!standard)
        fclose(file);
    return CLI_DONE;
}

/* ---- the rows ---- */

/* Parses "clr@4,clr@8" into measures; their number, or 0 after a message. */
static size_t parse_measures(const struct comparison *c, const char *list,
                             struct compare_measure measures[ROWS_MAX])
{
    struct surety_error error;
    size_t n = 0;
    for (const char *at = list;; at++) {
        char part[24] = "";
        size_t len = strcspn(at, ",");
        memcpy(part, at, len < sizeof part ? len : 0);
        if (n == ROWS_MAX || compare_measure_parse(part, &measures[n], &error)) {
            cli_fail(c->command, CLI_USAGE, "%s",
                     n == ROWS_MAX ? "too many measures in one list" : error.message);
            return 0;
        }
        n++;
        at += len;
        if (!*at)
            return n;
    }
}

/* The same for costs. */
static size_t parse_costs(const struct comparison *c, const char *list,
                          enum compare_cost costs[COMPARE_COSTS])
{
    size_t n = 0;
    for (const char *at = list;; at++) {
        size_t len = strcspn(at, ","), i = 0;
        while (i < COMPARE_COSTS &&
               (strlen(cost_names[i]) != len || memcmp(at, cost_names[i], len)))
            i++;
        if (i == COMPARE_COSTS || n == COMPARE_COSTS) {
            cli_fail(c->command, CLI_USAGE,
                     "--equal must be of calls|tokens|total_tokens|computed_tokens, not '%.40s'",
                     list);
            return 0;
        }
        costs[n++] = (enum compare_cost)i;
        at += len;
        if (!*at)
            return n;
    }
}

/* A list of one goes with each of the other side; each row is made for each cost. */
static int choose_rows(struct comparison *c, const struct options *o)
{
    struct compare_measure a[ROWS_MAX], b[ROWS_MAX];
    enum compare_cost costs[COMPARE_COSTS] = {COMPARE_COSTS};
    bool plain = !o->a && !o->b;
    const char *both = plain && !o->equal ? "clr,cons" : "clr"; /* a gain is held against Cons */
    size_t n_a = parse_measures(c, o->a ? o->a : both, a);
    size_t n_b = n_a ? parse_measures(c, o->b ? o->b : plain && o->equal ? "cons" : both, b) : 0;
    size_t n_costs = n_b && o->equal ? parse_costs(c, o->equal, costs) : n_b > 0;
    if (!n_costs)
        return CLI_USAGE;
    if (n_a != n_b && n_a != 1 && n_b != 1)
        return cli_fail(c->command, CLI_USAGE, "--a has %zu measures and --b %zu", n_a, n_b);
    size_t n = n_a > n_b ? n_a : n_b;
    if (n * n_costs > ROWS_MAX)
        return cli_fail(c->command, CLI_USAGE, "more than %d rows", ROWS_MAX);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n_costs; j++) {
            c->equal[c->n_rows] = costs[j];
            c->rows[c->n_rows].a = a[n_a > 1 ? i : 0];
            c->rows[c->n_rows++].b = b[n_b > 1 ? i : 0];
        }
    return CLI_DONE;
}

static void name_of(const struct compare_measure *m, uint32_t all, char name[24])
{
    snprintf(name, 24, "%s@%u", m->cons ? "Cons" : "CLR", m->k ? m->k : all);
}

static json_t *real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *row_to_json(const struct comparison *c, size_t number)
{
    const struct compare_row *row = &c->rows[number];
    const struct stats_paired *p = &row->paired;
    char a[24], b[24], key[32];
    name_of(&row->a, c->counts.k_a, a);
    name_of(&row->b, c->counts.k_b, b);
    json_t *object = json_pack("{s:s,s:s,s:o,s:o,s:{s:o,s:o,s:o,s:o},s:I,s:I}", "a", a, "b", b,
                               "a_right", real(p->a), "b_right", real(p->b), "a_minus_b", "value",
                               real(p->difference.value), "low", real(p->difference.low), "high",
                               real(p->difference.high), "p", real(p->p), "rescue",
                               (json_int_t)p->rescue, "harm", (json_int_t)p->harm);
    if (p->few)
        json_object_set_new(json_object_get(object, "a_minus_b"), "exact",
                            json_pack("{s:f,s:f}", "low", p->exact.low, "high", p->exact.high));
    for (size_t i = 0; i < COMPARE_COSTS; i++) {
        snprintf(key, sizeof key, "a_%s", cost_names[i]);
        json_object_set_new(object, key, real(row->a_cost[i]));
        snprintf(key, sizeof key, "b_%s", cost_names[i]);
        json_object_set_new(object, key, real(row->b_cost[i]));
    }
    if (c->equal[number] != COMPARE_COSTS) {
        json_object_set_new(object, "equal", json_string(cost_names[c->equal[number]]));
        json_object_set_new(object, "paid", json_boolean(row->paid));
    }
    return object;
}

static int print_json(const struct comparison *c)
{
    const struct compare_counts *n = &c->counts;
    json_t *rows = json_array();
    for (size_t i = 0; i < c->n_rows; i++)
        json_array_append_new(rows, row_to_json(c, i));
    json_t *object = json_pack(
        "{s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "a", c->paths[0], "b", c->paths[1], "n",
        (json_int_t)n->paired, "only_a", (json_int_t)n->only_a, "only_b", (json_int_t)n->only_b,
        "ungraded", (json_int_t)n->ungraded, "results_a", (json_int_t)n->seeds_a, "results_b",
        (json_int_t)n->seeds_b, "recorded_verdicts_a", (json_int_t)n->free_a, "recorded_verdicts_b",
        (json_int_t)n->free_b, "rows", rows);
    char *text = object ? json_to_text(object) : NULL;
    json_decref(object);
    if (!text)
        return cli_fail(c->command, CLI_NO_ANSWER, "out of memory");
    puts(text);
    free(text);
    return CLI_DONE;
}

static void print_counts(const struct comparison *c)
{
    const struct compare_counts *n = &c->counts;
    printf("A: %s\nB: %s\n%zu problem%s paired by id", c->paths[0], c->paths[1], n->paired,
           n->paired == 1 ? "" : "s");
    if (n->only_a || n->only_b)
        printf("; %zu only in A, %zu only in B", n->only_a, n->only_b);
    if (n->ungraded)
        printf("; %zu without a gold answer", n->ungraded);
    puts(".");
    if (n->seeds_a > n->paired || n->seeds_b > n->paired)
        printf("Several results of one id (%zu in A, %zu in B) are sampling seeds, averaged inside "
               "the problem.\n",
               n->seeds_a, n->seeds_b);
}

/* Cons needs no verdicts. */
static bool shows_clr(const struct comparison *c, int side)
{
    for (size_t i = 0; i < c->n_rows; i++)
        if (!(side ? c->rows[i].b.cons : c->rows[i].a.cons))
            return true;
    return false;
}

static void print_free_verdicts(const struct comparison *c)
{
    bool a = c->counts.free_a && shows_clr(c, 0), b = c->counts.free_b && shows_clr(c, 1);
    if (a || b)
        printf("The verdicts of %s were recorded: what they cost is not in the calls and tokens "
               "of CLR.\n",
               a && b ? "A and B"
               : a    ? "A"
                      : "B");
}

/* tokens: somebody counted them. */
static void print_side(char side, const char *name, double right, const double *cost, bool tokens,
                       const char *of)
{
    printf("%s  %c %-9s %6.1f %%    %8.1f calls", side == 'A' ? "\n" : "", side, name, 100 * right,
           cost[COMPARE_CALLS]);
    if (tokens)
        printf(" %10.1f tokens", cost[COMPARE_TOKENS]);
    printf("%s\n", of);
}

static void print_row(const struct comparison *c, size_t number)
{
    const struct compare_row *row = &c->rows[number];
    const struct stats_paired *p = &row->paired;
    char a[24], b[24], range[48];
    name_of(&row->a, c->counts.k_a, a);
    name_of(&row->b, c->counts.k_b, b);
    stats_paired_range(p, range);
    bool tokens = row->a_cost[COMPARE_TOKENS] > 0 || row->b_cost[COMPARE_TOKENS] > 0;
    print_side('A', a, p->a, row->a_cost, tokens, " a problem");
    print_side('B', b, p->b, row->b_cost, tokens, "");
    printf("  A - B       %+6.1f      %s (95 %%), rescue %llu, harm %llu, p = %.2g\n",
           stats_points(p->difference.value), range, (unsigned long long)p->rescue,
           (unsigned long long)p->harm, p->p);
    if (!row->paid)
        printf("  All of B's samples cost less than A: this is not at equal %s.\n",
               cost_names[c->equal[number]]);
}

/* Refuses a k that was given and that no result of its side has. */
static int check_k(const struct comparison *c)
{
    for (size_t i = 0; i < c->n_rows; i++)
        for (int side = 0; side < 2; side++) {
            uint32_t k = side ? c->rows[i].b.k : c->rows[i].a.k;
            uint32_t most = side ? c->counts.k_b : c->counts.k_a;
            if (k > most)
                return cli_fail(c->command, CLI_USAGE,
                                "--%c asks for the first %u samples; those of %s have at most %u",
                                side ? 'b' : 'a', k, c->paths[side], most);
        }
    return CLI_DONE;
}

static int compare_files(struct comparison *c, struct compare *compare, bool json)
{
    c->one_file = strcmp(c->paths[0], c->paths[1]) == 0;
    for (int side = 0; side < 2 - c->one_file; side++) {
        int code = read_file(c, compare, side);
        if (code)
            return code;
    }
    struct surety_error error = {0};
    enum surety_err code = compare_pair(compare, &c->counts, &error);
    if (code == SURETY_ERR_INVALID)
        return cli_fail(c->command, CLI_USAGE, "%s", error.message);
    if (!code && c->counts.paired && check_k(c))
        return CLI_USAGE;
    for (size_t i = 0; i < c->n_rows && !code; i++)
        code = compare_row_fill(compare, c->equal[i], &c->rows[i]);
    if (code)
        return cli_fail(c->command, CLI_NO_ANSWER, "out of memory");
    if (json)
        return print_json(c);
    print_counts(c);
    print_free_verdicts(c);
    for (size_t i = 0; i < c->n_rows && c->counts.paired; i++)
        print_row(c, i);
    if (c->counts.paired)
        puts("\nDifferences are in points, paired by problem; 'rescue' counts problems that A has "
             "right more often, 'harm' those that B has.");
    return CLI_DONE;
}

static int run(const struct command *command, const struct options *options)
{
    struct comparison c = {.command = command,
                           .paths = {options->operands[0], options->operands[1]}};
    int code = choose_rows(&c, options);
    if (code)
        return code;
    struct compare *compare = compare_create();
    code = compare ? compare_files(&c, compare, options->json)
                   : cli_fail(command, CLI_NO_ANSWER, "out of memory");
    compare_free(compare);
    if (!cli_flush(command))
        return CLI_UNREACHABLE;
    if (!code && c.bad_lines)
        return CLI_LINES_FAILED;
    if (!code && !c.counts.paired)
        return cli_fail(command, CLI_NO_ANSWER, "no problem stands in both with a gold answer");
    return code;
}

const struct command cmd_compare = {
    .name = "compare",
    .user = USER_COMPARE,
    .synopsis = "[options] A.jsonl B.jsonl",
    .summary = "compare two files of results, problem by problem",
    .help =
        "Pairs the results of grade or score by id and prints, for CLR and for the majority "
        "(Cons),\n"
        "the difference A minus B with a 95 % interval over problems, the problems that A has "
        "right\n"
        "and B has not (rescue) and the reverse (harm), and the exact McNemar test. An id that\n"
        "stands several times in a file is one problem with several sampling seeds. With --equal\n"
        "B's k is the smallest that costs at least what A does. Lists make a row for each part.",
    .examples = "surety compare new.jsonl old.jsonl\n"
                "surety compare --a clr@32 --b cons@64 claims.jsonl plain.jsonl\n"
                "surety compare --a clr --b cons --equal tokens claims.jsonl plain.jsonl --json",
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
