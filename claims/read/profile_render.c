/*
 * profile_render.c - fills a profile's wording with a problem and its claims.
 *
 * One pass from left to right over the profile's own text: what is put in is never searched for
 * placeholders, so a problem that contains "{claims}" stays as it is.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "claims/read/profile_internal.h"
#include "claims/text/fold.h"

#define PROMPT_MAX ((size_t)SURETY_PROBLEM_MAX + (1u << 20)) /* bytes of one message */

struct slot {
    const char *name; /* "{problem}" */
    const char *text; /* NULL: the stage does not know it */
};

static char *fill(const char *content, const struct slot *slots, size_t n, struct arena *arena)
{
    struct buf out;
    buf_init(&out, PROMPT_MAX);
    while (*content) {
        size_t plain = strcspn(content, "{");
        buf_append(&out, content, plain);
        content += plain;
        size_t i = 0;
        while (*content && i < n &&
               !(slots[i].text && !strncmp(content, slots[i].name, strlen(slots[i].name))))
            i++;
        if (*content && i < n) {
            buf_puts(&out, slots[i].text);
            content += strlen(slots[i].name);
        } else if (*content) {
            buf_putc(&out, *content++);
        }
    }
    char *text = out.failed ? NULL : arena_strndup(arena, out.data ? out.data : "", out.len);
    buf_fini(&out);
    return text;
}

static enum surety_err render(const struct profile_wording *wording, const struct slot *slots,
                              size_t n, struct arena *arena, struct surety_task *task)
{
    task->messages = ARENA_ARRAY(arena, struct surety_message, wording->n_messages);
    task->n_messages = wording->n_messages;
    if (!task->messages)
        return SURETY_ERR_NOMEM;
    for (size_t i = 0; i < wording->n_messages; i++) {
        task->messages[i].role = arena_strdup(arena, wording->messages[i].role);
        task->messages[i].content = fill(wording->messages[i].content, slots, n, arena);
        if (!task->messages[i].role || !task->messages[i].content)
            return SURETY_ERR_NOMEM;
    }
    return SURETY_OK;
}

enum surety_err profile_render_sample(const struct profile *profile, const char *problem,
                                      const struct surety_settings *settings, struct arena *arena,
                                      struct surety_task *task)
{
    char m[16];
    snprintf(m, sizeof m, "%u", settings->m);
    const struct slot slots[] = {{"{problem}", problem}, {"{max_claims}", m}};
    task->sampling = settings->sampling;
    task->sampling.n_stop = profile->n_stop;
    task->sampling.stop = ARENA_ARRAY(arena, char *, profile->n_stop);
    if (!task->sampling.stop)
        return SURETY_ERR_NOMEM;
    for (size_t i = 0; i < profile->n_stop; i++)
        if (!(task->sampling.stop[i] = arena_strdup(arena, profile->stop[i])))
            return SURETY_ERR_NOMEM;
    return render(&profile->sample, slots, sizeof slots / sizeof *slots, arena, task);
}

enum surety_err profile_render_asking(const struct profile *profile,
                                      const struct surety_message *messages, size_t n,
                                      const char *problem, const char *solution,
                                      const struct surety_settings *settings, struct arena *arena,
                                      struct surety_task *task)
{
    if (n + 2 > SURETY_MESSAGES_MAX)
        return SURETY_ERR_LIMIT;
    char m[16];
    snprintf(m, sizeof m, "%u", settings->m);
    const struct slot slots[] = {{"{problem}", problem}, {"{max_claims}", m}};
    struct surety_message *all = ARENA_ARRAY(arena, struct surety_message, n + 2);
    enum surety_err code =
        render(&profile->asking, slots, sizeof slots / sizeof *slots, arena, task);
    if (code || !all)
        return SURETY_ERR_NOMEM;
    if (n)
        memcpy(all, messages, n * sizeof *all);
    all[n] =
        (struct surety_message){arena_strdup(arena, "assistant"), arena_strdup(arena, solution)};
    all[n + 1] = task->messages[0];
    task->messages = all;
    task->n_messages = n + 2;
    task->sampling = settings->sampling;
    task->sampling.stop = NULL;
    task->sampling.n_stop = 0;
    task->sampling.temperature = profile->claims_temperature;
    task->sampling.max_tokens = profile->claims_max_tokens;
    return all[n].role && all[n].content ? SURETY_OK : SURETY_ERR_NOMEM;
}

/* The claims as "1. text\n2. text", each on one line. NULL without memory. */
static char *number_claims(const struct surety_task *task, struct arena *arena)
{
    struct buf out;
    buf_init(&out, (SURETY_CLAIM_MAX + 8u) * SURETY_M_MAX);
    for (size_t i = 0; i < task->n_claims; i++) {
        char *line = fold_line(task->claims[i], strlen(task->claims[i]), SURETY_CLAIM_MAX, arena);
        if (!line || buf_printf(&out, "%s%zu. %s", i ? "\n" : "", i + 1, line))
            break;
    }
    char *text = NULL;
    if (!out.failed && out.data)
        text = arena_strndup(arena, out.data, out.len);
    buf_fini(&out);
    return text;
}

/* A last message of the assistant opens the reply, and a label stands a blank behind it. By text it
 * is left out: the model is to write the whole reply. */
static enum surety_err make_choice(const struct profile *profile, size_t way, bool chooses,
                                   struct arena *arena, struct surety_task *task)
{
    struct surety_message *last = &task->messages[task->n_messages - 1];
    char *opened = NULL;
    if (!strcmp(last->role, "assistant")) {
        opened = last->content;
        task->n_messages--;
    }
    if (!chooses)
        return SURETY_OK;
    task->opened = opened;
    task->n_labels = 2;
    task->labels = ARENA_ARRAY(arena, char *, 2);
    for (size_t i = 0; task->labels && i < 2; i++) {
        char label[SURETY_LABEL_MAX + 2];
        snprintf(label, sizeof label, "%s%s", opened ? " " : "", profile_label(profile, way, i));
        if (!(task->labels[i] = arena_strdup(arena, label)))
            return SURETY_ERR_NOMEM;
    }
    return task->labels ? SURETY_OK : SURETY_ERR_NOMEM;
}

enum surety_err profile_render_verify(const struct profile *profile, enum surety_verify how,
                                      const char *problem, uint64_t nonce, bool chooses,
                                      const struct surety_settings *settings, struct arena *arena,
                                      struct surety_task *task)
{
    size_t row = profile_way_of(how);
    const struct profile_way *way = &profile_ways[row];
    char mark[17], n_claims[24];
    const char *claim = task->n_claims ? task->claims[0] : "";
    hash_hex(nonce, mark);
    snprintf(n_claims, sizeof n_claims, "%zu", task->n_claims);
    char *claims = way->lines     ? arena_strdup(arena, claim)
                   : way->several ? number_claims(task, arena)
                                  : fold_line(claim, strlen(claim), SURETY_CLAIM_MAX, arena);
    if (!claims)
        return SURETY_ERR_NOMEM;
    const struct slot slots[] = {{"{problem}", problem},
                                 {"{nonce}", mark},
                                 {way->asked, claims},
                                 {"{n_claims}", way->several ? n_claims : NULL}};
    task->sampling = settings->sampling;
    task->sampling.stop = NULL;
    task->sampling.n_stop = 0;
    task->sampling.temperature = settings->verify_temperature < 0
                                     ? profile_verify_temperature(profile, how)
                                     : settings->verify_temperature;
    task->sampling.max_tokens = profile->verify_max_tokens;
    enum surety_err code =
        render(&profile->ways[row].wording, slots, sizeof slots / sizeof *slots, arena, task);
    return code || !profile_is_choice(profile, how)
               ? code
               : make_choice(profile, row, chooses, arena, task);
}
