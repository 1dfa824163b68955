#include "engine/openai/labels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "engine/openai/ask.h"

#define RAISED 100.0 /* in log-odds: beyond what models tell apart, yet few bits of a float */
#define TOKENS_MAX (SURETY_OPENED_MAX + SURETY_LABEL_MAX)

const char *labels_way_name(enum choice_way way)
{
    static const char *const names[] = {
        [CHOICE_NONE] = "no choices",
        [CHOICE_TREE] = "choices by /completion",
        [CHOICE_CONTINUED] = "choices by top_logprobs",
        [CHOICE_OPENED] = "choices by top_logprobs",
    };
    return names[way];
}

void labels_init(struct choice *choice, enum choice_way way, const struct choice_question *question)
{
    *choice = (struct choice){
        .way = way, .question = *question, .prompt_tokens = -1, .cached_tokens = -1};
}

void labels_fini(struct choice *choice)
{
    json_decref(choice->prompt);
    for (size_t i = 0; i < choice->n_known; i++)
        json_decref(choice->tokens[i]);
    *choice = (struct choice){0};
}

/* ---- shares ---- */
static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Adds to each logprobs[i] its weight's share of all. The sum is the same in every order of the
 * labels. */
static void add_shares(const double *weights, size_t n, double *logprobs)
{
    double sorted[SURETY_LABELS_MAX], sum = 0;
    memcpy(sorted, weights, n * sizeof *weights);
    qsort(sorted, n, sizeof *sorted, compare);
    for (size_t i = 0; i < n; i++)
        sum += sorted[i];
    for (size_t i = 0; i < n; i++)
        logprobs[i] += log(weights[i] / sum);
}

static int64_t count_of(const json_t *object, const char *key)
{
    double n = json_get_number(object, key, -1);
    return n >= 0 && n <= SURETY_TOKENS_MAX ? (int64_t)n : -1;
}

/* ---- the tree ---- */
/* The token behind the first `depth` ones; -1: there is none. */
static json_int_t token_at(const struct choice *c, size_t label, size_t depth)
{
    const json_t *token = json_array_get(c->tokens[label], depth);
    return token ? json_integer_value(token) : -1;
}

/* Finds how many tokens every two labels begin with together. False: two do not part at a token
 * that both have. */
static bool compare_all(struct choice *c)
{
    for (size_t i = 0; i < c->n_known; i++)
        for (size_t j = 0; j < i; j++) {
            size_t n = 0;
            while (token_at(c, i, n) >= 0 && token_at(c, i, n) == token_at(c, j, n))
                n++;
            if (token_at(c, i, n) < 0 || token_at(c, j, n) < 0)
                return false;
            c->shared[i][j] = c->shared[j][i] = (uint16_t)n;
        }
    return true;
}

/* Whether the label is the first of several that part behind `depth` tokens. */
static bool is_fork(const struct choice *c, size_t label, size_t depth)
{
    bool parts = false;
    for (size_t i = 0; i < label; i++)
        if (c->shared[i][label] >= depth)
            return false;
    for (size_t i = label + 1; i < c->n_known; i++)
        parts = parts || c->shared[i][label] == depth;
    return parts;
}

/* Goes to the first fork from the present place on. */
static enum choice_step find_fork(struct choice *c)
{
    for (; c->depth <= TOKENS_MAX; c->depth++, c->label = 0)
        for (; c->label < c->n_known; c->label++)
            if (is_fork(c, c->label, c->depth))
                return CHOICE_ASK;
    return CHOICE_MADE;
}

/* The branches of the fork: labels[0..n) are one label of each, the first that goes there. */
static size_t branches(const struct choice *c, size_t *labels)
{
    size_t n = 0;
    for (size_t i = c->label; i < c->n_known; i++) {
        bool is_new = i == c->label || c->shared[i][c->label] >= c->depth;
        for (size_t k = 0; is_new && k < n; k++)
            is_new = token_at(c, labels[k], c->depth) != token_at(c, i, c->depth);
        if (is_new)
            labels[n++] = i;
    }
    return n;
}

static json_t *fork_body(const struct choice *c)
{
    size_t labels[SURETY_LABELS_MAX], n = branches(c, labels);
    json_t *prompt = json_array(), *raised = json_array();
    int failed = json_array_append(prompt, c->prompt);
    for (size_t d = 0; d < c->depth; d++)
        failed |= json_array_append(prompt, json_array_get(c->tokens[c->label], d));
    for (size_t k = 0; k < n; k++)
        failed |= json_array_append_new(
            raised, json_pack("[I, f]", token_at(c, labels[k], c->depth), RAISED));
    json_t *body =
        json_pack("{s:o, s:o, s:[], s:f, s:i, s:i, s:b, s:b, s:b}", "prompt", prompt, "logit_bias",
                  raised, "samplers", "temperature", 1.0, "n_predict", 1, "n_probs", (int)n,
                  "post_sampling_probs", 1, "cache_prompt", 1, "stream", 0);
    if (!failed)
        return body;
    json_decref(body);
    return NULL;
}

static enum choice_step take_fork(struct choice *c, const json_t *reply)
{
    size_t labels[SURETY_LABELS_MAX], n = branches(c, labels), k;
    double weights[SURETY_LABELS_MAX], shares[SURETY_LABELS_MAX] = {0};
    const json_t *list = json_object_get(reply, "completion_probabilities");
    const json_t *top = json_object_get(json_array_get(list, 0), "top_probs"), *entry;
    for (size_t i = 0; i < n; i++) {
        weights[i] = 0;
        json_array_foreach(top, k, entry)
        {
            const json_t *id = json_object_get(entry, "id");
            if (json_is_integer(id) && json_integer_value(id) == token_at(c, labels[i], c->depth))
                weights[i] = json_get_number(entry, "prob", 0);
        }
        if (!(weights[i] > 0 && weights[i] <= 1.001))
            return CHOICE_CANNOT;
    }
    add_shares(weights, n, shares);
    for (size_t i = c->label; i < c->n_known; i++)
        for (size_t j = 0; j < n; j++)
            if (i == labels[j] || c->shared[i][labels[j]] > c->depth)
                c->logprobs[i] += shares[j];
    if (c->prompt_tokens < 0) {
        c->prompt_tokens = count_of(reply, "tokens_evaluated");
        c->cached_tokens = count_of(json_object_get(reply, "timings"), "cache_n");
    }
    c->label++;
    return find_fork(c);
}

/* A format that opens the model's thinking leaves no place for an opened reply. */
static bool opens_thinking(const char *prompt)
{
    const char *last = NULL;
    for (const char *at = prompt; (at = strstr(at, "<think>")); at++)
        last = at;
    return last && !strstr(last, "</think>");
}

static enum choice_step take_prompt(struct choice *c, const json_t *reply)
{
    json_t *prompt = json_object_get(reply, "prompt");
    if (!json_is_string(prompt) || opens_thinking(json_string_value(prompt)))
        return CHOICE_CANNOT;
    c->prompt = json_incref(prompt);
    return CHOICE_ASK;
}

static enum choice_step take_tokens(struct choice *c, const json_t *reply)
{
    json_t *tokens = json_object_get(reply, "tokens");
    const json_t *token;
    size_t n = json_array_size(tokens), i;
    json_array_foreach(tokens, i, token) if (!json_is_integer(token) ||
                                             json_integer_value(token) < 0) return CHOICE_CANNOT;
    if (n == 0 || n > TOKENS_MAX)
        return CHOICE_CANNOT;
    c->tokens[c->n_known++] = json_incref(tokens);
    if (c->n_known < c->question.n_labels)
        return CHOICE_ASK;
    return compare_all(c) ? find_fork(c) : CHOICE_CANNOT;
}

static json_t *tokens_body(const struct choice *c)
{
    char text[SURETY_OPENED_MAX + SURETY_LABEL_MAX + 1];
    snprintf(text, sizeof text, "%s%s", c->question.opened, c->question.labels[c->n_known]);
    return json_pack("{s:s, s:b, s:b}", "content", text, "add_special", 0, "parse_special", 0);
}

/* ---- a chat of one token ---- */
static json_t *chat_body(const struct choice *c)
{
    const struct choice_question *q = &c->question;
    json_t *messages = json_copy((json_t *)q->messages);
    int failed = 0;
    if (*q->opened)
        failed = json_array_append_new(
            messages, json_pack("{s:s, s:s}", "role", "assistant", "content", q->opened));
    const char *most = ask_field_name(
        q->fields & ASK_BIT(MAX_COMPLETION_TOKENS) ? ASK_MAX_COMPLETION_TOKENS : ASK_MAX_TOKENS);
    json_t *body = json_pack("{s:s, s:o*, s:i, s:b, s:i}", "model", q->model, "messages", messages,
                             most, 1, "logprobs", 1, "top_logprobs", CHOICE_TOP);
    if (q->fields & ASK_BIT(TEMPERATURE))
        failed |= json_object_set_new(body, "temperature", json_real(1));
    if (*q->opened && c->way == CHOICE_CONTINUED) {
        failed |= json_object_set_new(body, "continue_final_message", json_true());
        failed |= json_object_set_new(body, "add_generation_prompt", json_false());
    }
    if (!failed && messages)
        return body;
    json_decref(body);
    return NULL;
}

/* The label that begins with this token; n_labels: none or several, *ret_several says which. */
static size_t label_of(const struct choice_question *q, const char *token, bool *ret_several)
{
    size_t found = q->n_labels, len = strlen(token);
    *ret_several = false;
    for (size_t i = 0; len > 0 && i < q->n_labels; i++) {
        if (strncmp(q->labels[i], token, len) != 0)
            continue;
        *ret_several = found < q->n_labels;
        if (*ret_several)
            return q->n_labels;
        found = i;
    }
    return found;
}

static enum choice_step take_chat(struct choice *c, const json_t *reply)
{
    const struct choice_question *q = &c->question;
    double weights[SURETY_LABELS_MAX] = {0}, told = 0, untold = 0;
    const json_t *answer = json_array_get(json_object_get(reply, "choices"), 0);
    const json_t *content = json_object_get(json_object_get(answer, "logprobs"), "content");
    const json_t *top = json_object_get(json_array_get(content, 0), "top_logprobs"), *entry;
    const json_t *usage = json_object_get(reply, "usage");
    size_t k;
    json_array_foreach(top, k, entry)
    {
        bool several;
        size_t label = label_of(q, json_get_string(entry, "token", ""), &several);
        double logprob = json_get_number(entry, "logprob", 1);
        double p = logprob <= 0 ? exp(logprob) : 0; /* vLLM has -9999 for "none" */
        if (label < q->n_labels) {
            weights[label] += p;
            told += p;
        }
        untold += several ? p : 0;
    }
    for (size_t i = 0; i < q->n_labels; i++)
        if (!(weights[i] > 0))
            return CHOICE_CANNOT;
    if (untold > told) /* what several begin with is likelier than what tells them apart */
        return CHOICE_CANNOT;
    add_shares(weights, q->n_labels, c->logprobs);
    c->prompt_tokens = count_of(usage, "prompt_tokens");
    c->cached_tokens = count_of(json_object_get(usage, "prompt_tokens_details"), "cached_tokens");
    return CHOICE_MADE;
}

/* ---- where it stands ---- */
static const struct {
    json_t *(*body)(const struct choice *c);
    enum choice_step (*take)(struct choice *c, const json_t *reply);
} places[CHOICE_PLACE_COUNT_] = {
    [CHOICE_AT_TEMPLATE] = {NULL, take_prompt},
    [CHOICE_AT_TOKENIZE] = {tokens_body, take_tokens},
    [CHOICE_AT_COMPLETION] = {fork_body, take_fork},
    [CHOICE_AT_CHAT] = {chat_body, take_chat},
};

static enum choice_place place_of(const struct choice *c)
{
    if (c->way != CHOICE_TREE)
        return CHOICE_AT_CHAT;
    if (!c->prompt)
        return CHOICE_AT_TEMPLATE;
    return c->n_known < c->question.n_labels ? CHOICE_AT_TOKENIZE : CHOICE_AT_COMPLETION;
}

char *labels_ask(const struct choice *choice, enum choice_place *ret_place)
{
    enum choice_place place = *ret_place = place_of(choice);
    json_t *body = places[place].body
                       ? places[place].body(choice)
                       : json_pack("{s:O}", "messages", (json_t *)choice->question.messages);
    char *text = body ? json_to_text(body) : NULL;
    json_decref(body);
    return text;
}

enum choice_step labels_take(struct choice *choice, const char *body, size_t len)
{
    json_t *reply = NULL;
    enum choice_step step = CHOICE_CANNOT;
    if (len <= CHOICE_BODY_MAX && json_load_text(body, len, &reply, NULL) == SURETY_OK)
        step = places[place_of(choice)].take(choice, reply);
    json_decref(reply);
    return step;
}
