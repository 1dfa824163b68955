/*
 * score.c - libsurety in one page: which of these answers, and why?
 *
 *   score PROBLEM FILE...               judges the solutions in the files, without any model
 *   score --broker ENDPOINT PROBLEM     has a broker's workers solve the problem
 *
 * Build it with: cc score.c $(pkg-config --cflags --libs surety)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <surety/surety.h>

#define FILE_MAX (1u << 20) /* bytes of a solution */

/* The answer with its evidence: the groups, and the claims that were refuted. */
static void print_result(const struct surety_result *result)
{
    if (result->error.code)
        printf("%s: %s\n", surety_err_name(result->error.code), result->error.message);
    printf("answer: %s\n", result->answer ? result->answer : "(none)");
    if (result->answer && !result->rank)
        printf("score share %.2f (%.1f effective votes of %zu), not a probability\n",
               result->reliability, result->effective_votes, result->n_trajectories);
    for (size_t g = 0; g < result->n_groups; g++)
        printf("  %-12s %3u of %zu, score %.3f\n", result->groups[g].answer,
               result->groups[g].count, result->n_trajectories, result->groups[g].score);
    for (size_t t = 0; t < result->n_trajectories; t++) {
        const struct surety_trajectory *trajectory = &result->trajectories[t];
        for (size_t c = 0; c < trajectory->n_claims; c++)
            if (trajectory->claims[c].verdict == SURETY_VERDICT_REFUTED)
                printf("  refuted in solution %u: %s%s%s\n", trajectory->index,
                       trajectory->claims[c].text, trajectory->claims[c].reason ? " - " : "",
                       trajectory->claims[c].reason ? trajectory->claims[c].reason : "");
    }
}

/* A whole file as text; the caller frees. NULL with a message on stderr. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = file ? malloc(FILE_MAX + 1) : NULL;
    if (!text) {
        perror(path);
        if (file)
            fclose(file);
        return NULL;
    }
    size_t len = fread(text, 1, FILE_MAX, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

static enum surety_err score(const struct surety_request *request, char **paths, size_t n,
                             struct surety_result *ret_result, struct surety_error *err)
{
    struct surety_sample *samples = calloc(n, sizeof *samples);
    char **texts = calloc(n, sizeof *texts);
    enum surety_err code = samples && texts ? SURETY_OK : SURETY_ERR_NOMEM;
    for (size_t i = 0; i < n && !code; i++) {
        samples[i].text = texts[i] = read_file(paths[i]);
        if (!texts[i])
            code = SURETY_ERR_IO;
    }
    if (!code)
        code = surety_score(request, samples, n, ret_result, err);
    for (size_t i = 0; texts && i < n; i++)
        free(texts[i]);
    free(texts);
    free(samples);
    return code;
}

static bool show_progress(void *user, const struct surety_result *so_far)
{
    (void)user;
    fprintf(stderr, "%zu solutions so far, leading: %s\n", so_far->n_trajectories,
            so_far->answer ? so_far->answer : "-");
    return true;
}

static enum surety_err ask(const struct surety_request *request, const char *endpoint,
                           struct surety_result *ret_result, struct surety_error *err)
{
    struct surety_client *client;
    enum surety_err code = surety_client_open(endpoint, 5000, &client, err);
    if (code)
        return code;
    code = surety_client_ask(client, request, show_progress, NULL, ret_result, err);
    surety_client_close(client);
    return code;
}

int main(int argc, char **argv)
{
    bool broker = argc == 4 && strcmp(argv[1], "--broker") == 0;
    if (!broker && (argc < 3 || argv[1][0] == '-')) {
        fprintf(stderr, "usage: score PROBLEM FILE...\n       score --broker ENDPOINT PROBLEM\n");
        return 2;
    }
    char id[] = "example";
    struct surety_request request;
    surety_request_init(&request);
    request.id = id;
    request.problem = broker ? argv[3] : argv[1];
    request.progress = true;

    struct surety_result result;
    struct surety_error err = {0};
    enum surety_err code = broker ? ask(&request, argv[2], &result, &err)
                                  : score(&request, argv + 2, (size_t)argc - 2, &result, &err);
    if (code) {
        fprintf(stderr, "score: %s\n", err.message[0] ? err.message : surety_err_text(code));
        return 1;
    }
    print_result(&result);
    surety_result_fini(&result);
    return 0;
}
