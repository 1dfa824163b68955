#include "scaler/gateway/gateway_reply.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "base/utf8.h"
#include "claims/read/profile.h"
#include "proto/result_json.h"
#include <surety/settings.h>

#define PIECE_BYTES 200 /* of text in an event */
#define REFUTED_MAX 32  /* claims told */
#define PRESENT_MAX ((size_t)1 << 26)

/* ---- errors ---- */

int gateway_error_status(enum surety_err code)
{
    switch (code) {
    case SURETY_ERR_UNSUPPORTED: /* what clients know of 422 is something else */
    case SURETY_ERR_PROTOCOL:
        return 400;
    case SURETY_ERR_VERSION:
    case SURETY_ERR_EXHAUSTED:
        return 502;
    case SURETY_ERR_CANCELLED:
        return 503;
    default:
        return surety_err_http_status(code);
    }
}

char *gateway_error_json(const struct gateway_fault *fault, int status)
{
    const char *type = status == 429   ? "rate_limit_error"
                       : status == 404 ? "not_found_error"
                       : status < 500  ? "invalid_request_error"
                                       : "server_error";
    const char *param = *fault->param ? fault->param : NULL;
    json_t *error =
        json_pack("{s:{s:s,s:s,s:s?,s:s}}", "error", "message", fault->error.message, "type", type,
                  "param", param, "code", surety_err_name(fault->error.code));
    char *text = error ? json_to_text(error) : NULL;
    json_decref(error);
    return text;
}

/* ---- which samples ---- */

struct reply {
    const struct gateway_chat *chat;
    const char *id;
    int64_t created;
    json_t *object; /* the result */
    struct surety_result result;
    const struct surety_trajectory *chosen[SURETY_K_MAX];
    size_t n_chosen; /* up to chat->n */
};

static const struct surety_trajectory *find(const struct surety_result *r, uint32_t index)
{
    for (size_t i = 0; i < r->n_trajectories; i++)
        if (r->trajectories[i].index == index && r->trajectories[i].text)
            return &r->trajectories[i];
    return NULL;
}

static bool is_chosen(const struct reply *reply, const struct surety_trajectory *t)
{
    for (size_t i = 0; i < reply->n_chosen; i++)
        if (reply->chosen[i] == t)
            return true;
    return false;
}

static void choose(struct reply *reply)
{
    const struct surety_result *r = &reply->result;
    for (size_t g = 0; g < r->n_groups && reply->n_chosen < reply->chat->n; g++) {
        const struct surety_trajectory *best = NULL;
        for (uint32_t i = 0; i < r->groups[g].count; i++) {
            const struct surety_trajectory *t = find(r, r->groups[g].members[i]);
            if (t && (!best || t->r > best->r))
                best = t;
        }
        if (best)
            reply->chosen[reply->n_chosen++] = best;
    }
    while (reply->n_chosen < reply->chat->n) {
        const struct surety_trajectory *best = NULL;
        for (size_t i = 0; i < r->n_trajectories; i++) {
            const struct surety_trajectory *t = &r->trajectories[i];
            if (t->text && *t->text && !is_chosen(reply, t) && (!best || t->r > best->r))
                best = t;
        }
        if (!best)
            break;
        reply->chosen[reply->n_chosen++] = best;
    }
}

/* Why there is no sample. */
static enum surety_err explain(const struct surety_result *r, struct gateway_fault *fault)
{
    const struct surety_error *why = &r->error;
    for (size_t i = 0; i < r->n_trajectories && (!why->code || why == &r->error); i++)
        if (r->trajectories[i].error.code)
            why = &r->trajectories[i].error;
    if (why->code == SURETY_ERR_LIMIT) /* the prompt is what is too long */
        return gateway_fail(fault, "messages", SURETY_ERR_INVALID, "%s", why->message);
    return gateway_fail(fault, NULL, why->code ? why->code : SURETY_ERR_ENGINE,
                        "no sample came: %s", why->code ? why->message : "the engine gave nothing");
}

static enum surety_err open_reply(struct reply *reply, const struct gateway_chat *chat,
                                  const char *id, int64_t created, const char *result,
                                  struct gateway_fault *fault)
{
    *reply = (struct reply){.chat = chat, .id = id, .created = created};
    enum surety_err code = json_load_text(result, strlen(result), &reply->object, &fault->error);
    if (!code)
        code = surety_result_from_json(reply->object, &reply->result, &fault->error);
    if (code) {
        json_decref(reply->object);
        reply->object = NULL;
        return gateway_fail(fault, NULL, SURETY_ERR_INTERNAL,
                            "the broker's result is malformed: %s", fault->error.message);
    }
    choose(reply);
    return reply->n_chosen ? SURETY_OK : explain(&reply->result, fault);
}

static void close_reply(struct reply *reply)
{
    if (reply->object)
        surety_result_fini(&reply->result);
    json_decref(reply->object);
}

/* ---- the member "surety" ---- */

/* Claims that were refuted, each once, with how many samples made them. */
static json_t *refuted_json(const struct surety_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->n_trajectories; i++)
        for (size_t c = 0; c < r->trajectories[i].n_claims; c++) {
            const struct surety_claim *claim = &r->trajectories[i].claims[c];
            json_t *known = NULL;
            if (claim->verdict != SURETY_VERDICT_REFUTED)
                continue;
            for (size_t j = 0; j < json_array_size(list) && !known; j++)
                if (strcmp(json_get_string(json_array_get(list, j), "text", ""), claim->text) == 0)
                    known = json_array_get(list, j);
            if (!known && json_array_size(list) < REFUTED_MAX) {
                known = json_pack("{s:s,s:s,s:s?,s:[]}", "text", claim->text, "decided_by",
                                  surety_signal_name((enum surety_signal)claim->decided_by),
                                  "reason", claim->reason, "samples");
                json_array_append_new(list, known);
            }
            if (known)
                json_array_append_new(json_object_get(known, "samples"),
                                      json_integer(r->trajectories[i].index));
        }
    return list;
}

static json_t *groups_json(const struct surety_result *r)
{
    json_t *list = json_array();
    double all = 0;
    for (size_t i = 0; i < r->n_groups; i++)
        all += r->groups[i].score;
    for (size_t i = 0; i < r->n_groups; i++) {
        const struct surety_group *g = &r->groups[i];
        json_array_append_new(list, json_pack("{s:s,s:I,s:f,s:f}", "answer", g->answer, "count",
                                              (json_int_t)g->count, "score", g->score, "share",
                                              all > 0 ? g->score / all : 0));
    }
    return list;
}

static json_t *own_json(const struct reply *reply)
{
    static const char *const same[] = {"answer",    "reliability", "effective_votes", "mass",
                                       "used",      "stop_reason", "settled_by",      "error",
                                       "baselines", "usage",       "verifier",        "run"};
    const struct surety_result *r = &reply->result;
    json_t *own = json_object(), *samples = json_array(), *notes = json_array();
    const char *mode = r->n_groups ? json_get_string(reply->object, "mode", "vote") : "pass";
    json_object_set_new(own, "mode", json_string(mode));
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        json_object_set(own, same[i], json_object_get(reply->object, same[i]));
    json_object_set_new(own, "groups", groups_json(r));
    json_object_set_new(own, "refuted", refuted_json(r));
    for (size_t i = 0; i < reply->n_chosen; i++)
        json_array_append_new(samples, json_integer(reply->chosen[i]->index));
    json_object_set_new(own, "samples", samples);
    if (reply->chat->warmed)
        json_array_append_new(notes, json_sprintf("temperature 0 would make all samples equal: %g "
                                                  "was used",
                                                  r->run.settings.sampling.temperature));
    if (!r->n_groups)
        json_array_append_new(notes, json_string("no sample states an answer that could be "
                                                 "compared: this is the first"));
    json_object_set_new(own, "notes", notes);
    json_object_set(own, "ignored", reply->chat->ignored);
    if (reply->chat->request.settings.text)
        json_object_set(own, "trajectories", json_object_get(reply->object, "trajectories"));
    return own;
}

/* ---- the completion ---- */

static json_t *usage_json(const struct surety_usage *u)
{
    uint64_t made = u->completion_tokens + u->verify_tokens;
    return json_pack("{s:I,s:I,s:I,s:{s:I,s:I},s:{s:I,s:I,s:I}}", "prompt_tokens",
                     (json_int_t)u->prompt_tokens, "completion_tokens", (json_int_t)made,
                     "total_tokens", (json_int_t)(u->prompt_tokens + made), "prompt_tokens_details",
                     "cached_tokens", (json_int_t)u->cached_tokens, "verify_tokens",
                     (json_int_t)u->verify_prompt_tokens, "completion_tokens_details",
                     "sample_tokens", (json_int_t)u->completion_tokens, "verify_tokens",
                     (json_int_t)u->verify_tokens, "reasoning_tokens", (json_int_t)0);
}

/* What all objects of a reply begin with. */
static json_t *head_json(const struct reply *reply, const char *object)
{
    char fingerprint[64];
    snprintf(fingerprint, sizeof fingerprint, "surety-%s-%.16s", SURETY_VERSION,
             reply->result.run.model_id);
    return json_pack("{s:s,s:s,s:I,s:s,s:s}", "id", reply->id, "object", object, "created",
                     (json_int_t)reply->created, "model", reply->chat->model, "system_fingerprint",
                     fingerprint);
}

static const char *finish_name(const struct surety_trajectory *t)
{
    return t->finish == SURETY_FINISH_STOP ? "stop" : "length";
}

static json_t *choice_json(const struct reply *reply, size_t i)
{
    const struct surety_trajectory *t = reply->chosen[i];
    struct arena arena;
    char *thinking = NULL, *text = NULL;
    arena_init(&arena, PRESENT_MAX);
    json_t *choice = NULL;
    if (!profile_present_solution(t->text, t->cooperating, &arena, &thinking, &text))
        choice = json_pack("{s:i,s:{s:s,s:s,s:n},s:s,s:n}", "index", (int)i, "message", "role",
                           "assistant", "content", text, "refusal", "finish_reason", finish_name(t),
                           "logprobs");
    if (choice && thinking)
        json_object_set_new(json_object_get(choice, "message"), "reasoning_content",
                            json_string(thinking));
    arena_fini(&arena);
    return choice;
}

static enum surety_err no_memory(struct gateway_fault *fault)
{
    return gateway_fail(fault, NULL, SURETY_ERR_NOMEM, "no memory for the reply");
}

enum surety_err gateway_reply_error(const char *result, struct gateway_fault *fault)
{
    struct surety_result r;
    *fault = (struct gateway_fault){.param = ""};
    if (surety_result_from_text(result, &r, &fault->error))
        return fault->error.code;
    fault->error = r.error;
    surety_result_fini(&r);
    return fault->error.code;
}

enum surety_err gateway_reply_json(const struct gateway_chat *chat, const char *id, int64_t created,
                                   const char *result, char **ret_json, struct gateway_fault *fault)
{
    struct reply reply;
    enum surety_err code = open_reply(&reply, chat, id, created, result, fault);
    if (!code) {
        json_t *whole = head_json(&reply, "chat.completion"), *choices = json_array();
        bool made = true;
        for (size_t i = 0; i < reply.n_chosen; i++)
            made = !json_array_append_new(choices, choice_json(&reply, i)) && made;
        json_object_set_new(whole, "choices", choices);
        json_object_set_new(whole, "usage", usage_json(&reply.result.usage));
        json_object_set_new(whole, "surety", own_json(&reply));
        *ret_json = made && whole ? json_to_text(whole) : NULL;
        code = *ret_json ? SURETY_OK : no_memory(fault);
        json_decref(whole);
    }
    close_reply(&reply);
    return code;
}

/* ---- events ---- */

static void put_event(struct buf *out, json_t *event)
{
    char *text = event ? json_to_text(event) : NULL;
    if (text)
        buf_printf(out, "data: %s\n\n", text);
    else
        out->failed = SURETY_ERR_NOMEM;
    free(text);
    json_decref(event);
}

/* A chunk with one choice's delta; finish may be NULL. Takes delta over. */
static json_t *chunk_json(const struct reply *reply, size_t i, json_t *delta, const char *finish)
{
    json_t *chunk = head_json(reply, "chat.completion.chunk");
    if (chunk)
        json_object_set_new(chunk, "choices",
                            json_pack("[{s:i,s:o,s:s?,s:n}]", "index", (int)i, "delta", delta,
                                      "finish_reason", finish, "logprobs"));
    if (chunk && reply->chat->include_usage)
        json_object_set_new(chunk, "usage", json_null());
    return chunk;
}

static void put_text(const struct reply *reply, size_t i, const char *key, const char *text,
                     struct buf *out)
{
    while (text && *text && !out->failed) {
        size_t left = strlen(text), n = left <= PIECE_BYTES ? left : utf8_cut(text, PIECE_BYTES);
        put_event(out, chunk_json(reply, i, json_pack("{s:s%}", key, text, n), NULL));
        text += n;
    }
}

static void put_choice(const struct reply *reply, size_t i, struct buf *out)
{
    json_t *choice = choice_json(reply, i), *message = json_object_get(choice, "message");
    put_event(out, chunk_json(reply, i, json_pack("{s:s,s:s}", "role", "assistant", "content", ""),
                              NULL));
    put_text(reply, i, "reasoning_content", json_get_string(message, "reasoning_content", NULL),
             out);
    put_text(reply, i, "content", json_get_string(message, "content", ""), out);
    json_t *end = chunk_json(reply, i, json_object(), json_get_string(choice, "finish_reason", ""));
    if (end && i + 1 == reply->n_chosen)
        json_object_set_new(end, "surety", own_json(reply));
    put_event(out, end);
    if (!choice)
        out->failed = SURETY_ERR_NOMEM;
    json_decref(choice);
}

enum surety_err gateway_reply_events(const struct gateway_chat *chat, const char *id,
                                     int64_t created, const char *result, struct buf *out,
                                     struct gateway_fault *fault)
{
    struct reply reply;
    enum surety_err code = open_reply(&reply, chat, id, created, result, fault);
    for (size_t i = 0; !code && i < reply.n_chosen; i++)
        put_choice(&reply, i, out);
    if (!code && chat->include_usage) {
        json_t *last = head_json(&reply, "chat.completion.chunk");
        json_object_set_new(last, "choices", json_array());
        json_object_set_new(last, "usage", usage_json(&reply.result.usage));
        put_event(out, last);
    }
    if (!code)
        buf_puts(out, "data: [DONE]\n\n");
    if (!code && out->failed)
        code = no_memory(fault);
    close_reply(&reply);
    return code;
}
