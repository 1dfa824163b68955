/* What a step wants done, and the memory for it. */
#include "scaler/broker/core_internal.h"

#include <stdlib.h>
#include <string.h>

void *core_grow(struct core *core, void *array, size_t n, size_t *size, size_t element_bytes)
{
    if (n < *size)
        return array;
    size_t more = *size ? *size * 2 : 16;
    void *grown = realloc(array, more * element_bytes);
    if (!grown) {
        core->failed = true;
        return NULL;
    }
    *size = more;
    return grown;
}

struct core_action *core_act(struct core *core, int kind)
{
    struct core_action *grown =
        core_grow(core, core->actions, core->n_actions, &core->actions_size, sizeof *core->actions);
    if (!grown)
        return NULL;
    core->actions = grown;
    struct core_action *action = &core->actions[core->n_actions++];
    memset(action, 0, sizeof *action);
    action->kind = kind;
    return action;
}

struct wire_message *core_send(struct core *core, enum core_side side, const struct peer *to,
                               enum wire_command command)
{
    /* a copy: the peer may be freed before the action is carried out */
    struct core_identity *identity = ARENA_NEW(&core->scratch, struct core_identity);
    struct core_action *action = identity ? core_act(core, CORE_SEND) : NULL;
    if (!action) {
        core->failed = true;
        return NULL;
    }
    *identity = to->identity;
    action->send.side = side;
    action->send.to = identity;
    action->send.peer = to->number;
    action->send.ticket = ++core->ticket;
    action->send.message.command = command;
    return &action->send.message;
}

void core_send_error(struct core *core, enum core_side side, const struct peer *to,
                     enum surety_err code, const char *text)
{
    struct wire_message *message = core_send(core, side, to, WIRE_ERROR);
    if (!message)
        return;
    message->error.code = code;
    message->error.message = arena_strdup(&core->scratch, text);
    if (!message->error.message)
        core->failed = true;
}

bool core_plan(struct core *core, struct plan_job *job)
{
    struct core_action *action = core_act(core, CORE_PLAN);
    if (action) {
        action->job = job;
        return true;
    }
    if (job->kind == PLAN_JOB_FREE)
        plan_free(job->plan);
    plan_job_free(job);
    return false;
}

void core_hurry(struct core *core, uint64_t request)
{
    struct core_action *action = core_act(core, CORE_HURRY);
    if (action)
        action->hurry = request;
}
