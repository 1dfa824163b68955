/*
 * A request with a body has no plan: one item, asked of a model that passes, whose reply goes to
 * the client piece by piece as it comes. All else - turns, slots, limits, cancelling, what is lost
 * - is as for every item, but that one whose client has heard a piece is not tried again: the reply
 * would begin anew in its middle. The RESULT at the end holds the usage, or says what went wrong.
 */
#include "scaler/broker/core_internal.h"

bool pass_begin(struct core *core, struct request *request, struct surety_error *ret_why)
{
    static char nothing[] = "";
    const struct surety_model *model = request->services[SURETY_STAGE_SAMPLE].model;
    if (!model->passes) {
        surety_fail(ret_why, SURETY_ERR_UNSUPPORTED,
                    "the engine %.60s that serves '%.200s' passes nothing through", model->engine,
                    model->name);
        return false;
    }
    struct surety_task *task = ARENA_NEW(&request->arena, struct surety_task);
    struct surety_item *item = ARENA_NEW(&request->arena, struct surety_item);
    if (!task || !item) {
        core->failed = true;
        return true;
    }
    *item = (struct surety_item){0};
    *task = (struct surety_task){.stage = SURETY_STAGE_SAMPLE,
                                 .sampling = request->wanted.settings.sampling,
                                 .problem = nothing,
                                 .items = item,
                                 .n_items = 1,
                                 .body = request->wanted.body};
    items_add_task(core, request, task);
    items_release(core, request, 1);
    memory_weigh(core, request);
    return true;
}

bool pass_delta(struct core *core, struct worker *worker, const struct wire_message *message)
{
    struct run *run = items_find_run(worker, &message->delta.key);
    if (!run)
        return false;
    run->moved_ms = worker->moved_ms = core->now_ms;
    if (!run->request || !run->request->wanted.body)
        return true;
    if (run->request->client)
        outbox_delta(core, run->request, message->delta.status, message->delta.text);
    return true;
}

void pass_end(struct core *core, struct request *request)
{
    if (request->n_samples_ok) {
        request_end(core, request, SURETY_STOP_COMPLETE, SURETY_OK, "%s", "");
        return;
    }
    size_t code = 0;
    while (code + 1 < SURETY_ERR_COUNT_ && !request->failures[code])
        code++;
    request_end(core, request, SURETY_STOP_FAILED, (enum surety_err)code, "%.400s",
                request->failure_text[code] ? request->failure_text[code] : "");
}
