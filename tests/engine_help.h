/* engine_help.h - what tests of engines share: files to open, tasks to submit, a sink that keeps.
 */
#ifndef SURETY_TESTS_ENGINE_HELP_H
#define SURETY_TESTS_ENGINE_HELP_H

#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "engine/engine.h"

/* A temporary file with this text; the caller unlinks and frees its name. */
static inline char *help_file(const void *data, size_t len)
{
    const char *dir = getenv("TMPDIR");
    char *path = NULL;
    assert_true(asprintf(&path, "%s/surety-test-XXXXXX", dir ? dir : "/tmp") > 0);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    close(fd);
    return path;
}

static inline void help_unlink(char *path)
{
    unlink(path);
    free(path);
}

/* One user message about a problem, asked for items with these indexes. */
struct help_task {
    struct surety_message message;
    struct surety_item items[64];
    char *claims[8];
    struct surety_task task;
};

static inline void help_task_init(struct help_task *h, enum surety_stage stage, const char *problem,
                                  uint32_t first_index, size_t n)
{
    *h = (struct help_task){.message = {.role = (char *)"user", .content = (char *)problem}};
    for (size_t i = 0; i < n; i++) {
        h->items[i].index = first_index + (uint32_t)i;
        h->items[i].seed = 1000003u * (first_index + (uint32_t)i + 1) % 2147483647u;
    }
    h->task = (struct surety_task){.stage = stage,
                                   .messages = &h->message,
                                   .n_messages = 1,
                                   .sampling = {.temperature = 1, .top_p = 0.95, .max_tokens = 48},
                                   .problem = (char *)problem,
                                   .claims = h->claims,
                                   .items = h->items,
                                   .n_items = n};
}

struct help_output {
    uint64_t ticket;
    struct surety_output output; /* text is a copy */
};

struct help_sink { /* zeroed is empty */
    struct help_output outputs[512];
    size_t n;
    size_t progress;       /* calls */
    uint32_t tokens[4096]; /* last progress by index */
};

static inline void help_on_progress(void *user, uint64_t ticket, uint32_t index, uint32_t tokens)
{
    (void)ticket;
    struct help_sink *s = user;
    s->progress++;
    if (index < 4096)
        s->tokens[index] = tokens;
}

static inline void help_on_output(void *user, uint64_t ticket, const struct surety_output *output)
{
    struct help_sink *s = user;
    assert_true(s->n < 512);
    assert_non_null(output->text);
    assert_true(utf8_is_valid(output->text, strlen(output->text)));
    if (output->finish == SURETY_FINISH_ERROR)
        assert_true(output->error.code != SURETY_OK && output->error.message[0]);
    else
        assert_int_equal(output->error.code, SURETY_OK);
    struct help_output *kept = &s->outputs[s->n++];
    kept->ticket = ticket;
    kept->output = *output;
    kept->output.text = strdup(output->text);
}

static inline struct engine_sink help_sink(struct help_sink *s)
{
    return (struct engine_sink){.user = s, .progress = help_on_progress, .output = help_on_output};
}

static inline void help_sink_clear(struct help_sink *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->outputs[i].output.text);
    *s = (struct help_sink){0};
}

/* The one output of an item; fails the test when there is none or more than one. */
static inline const struct surety_output *help_find(const struct help_sink *s, uint64_t ticket,
                                                    uint32_t index)
{
    const struct surety_output *found = NULL;
    for (size_t i = 0; i < s->n; i++)
        if (s->outputs[i].ticket == ticket && s->outputs[i].output.index == index) {
            assert_null(found);
            found = &s->outputs[i].output;
        }
    assert_non_null(found);
    return found;
}

/* All that a seed decides, to the bit. */
static inline void help_assert_same(const struct surety_output *a, const struct surety_output *b)
{
    assert_string_equal(a->text, b->text);
    assert_int_equal(a->finish, b->finish);
    assert_int_equal(a->prompt_tokens, b->prompt_tokens);
    assert_int_equal(a->completion_tokens, b->completion_tokens);
    assert_memory_equal(&a->logprob, &b->logprob, sizeof a->logprob);
}

/* The engine gguf, which must open. */
static inline struct engine help_open(const struct engine_config *config)
{
    struct engine e = {0};
    struct surety_error err = {0};
    if (engine_open("gguf", config, &e, &err))
        print_error("%s\n", err.message);
    assert_non_null(e.ops);
    return e;
}

/* Steps until n outputs are there; fails the test after a minute, or SURETY_PATIENCE_S seconds. */
static inline void help_run(struct engine *e, struct help_sink *s, size_t n)
{
    struct engine_sink sink = help_sink(s);
    const char *patience = getenv("SURETY_PATIENCE_S");
    int64_t end = clock_now_ms() + (patience ? atoll(patience) : 60) * 1000;
    while (s->n < n) {
        assert_true(clock_now_ms() < end);
        assert_int_equal(e->ops->step(e->state, 1000, &sink, NULL), SURETY_OK);
    }
    assert_int_equal(s->n, n);
}

#endif
