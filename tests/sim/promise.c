#include "tests/sim/promise.h"

/* ---- turns ---- */

/* From then on its samples may be withdrawn, so that it can verify; nobody is told. */
static bool may_be_cut(const struct world *w, const struct sim_put *put)
{
    return put->budget || (put->deadline_ms && w->now_ms >= put->end_ms - put->deadline_ms / 4);
}

static bool waits(const struct world *w, uint64_t client, uint64_t class)
{
    for (size_t i = 0; i < w->n_puts; i++) {
        const struct sim_put *put = &w->puts[i];
        for (int stage = may_be_cut(w, put); stage < SURETY_STAGE_COUNT_; stage++)
            if (put->client == client && !put->over && put->classes[stage] == class &&
                put->told[stage] > put->begun[stage])
                return true;
    }
    return false;
}

static struct sim_turns *turns_of(struct world *w, uint64_t client, uint64_t class)
{
    for (size_t i = 0; i < w->n_turns; i++)
        if (w->turns[i].client == client && w->turns[i].class == class)
            return &w->turns[i];
    w->turns = world_grow(w->turns, w->n_turns, &w->turns_size, sizeof *w->turns);
    w->turns[w->n_turns] = (struct sim_turns){.client = client, .class = class};
    return &w->turns[w->n_turns++];
}

/* Who has come to wait, or no longer does. */
static void look_at_turns(struct world *w)
{
    for (size_t i = 0; i < w->n_turns; i++) {
        struct sim_turns *turns = &w->turns[i];
        if (!waits(w, turns->client, turns->class))
            turns->since = 0;
        else if (!turns->since)
            turns->since = w->n_batches + 1;
    }
}

void promise_batch(struct world *w, const struct sim_conn *worker, const struct wire_message *batch)
{
    const struct surety_task *task = &batch->batch.task;
    const struct sim_put *put = world_put(w, batch->batch.request);
    uint64_t class = put->classes[task->stage];
    bool alone = task->n_items == 1 && task->items[0].attempt >= 2;
    bool sure = !alone && w->class_of(worker->peer) == class; /* no stand-in for its class */
    look_at_turns(w);
    w->n_batches++;
    struct sim_turns *mine = turns_of(w, put->client, class);
    mine->served = w->n_batches;
    for (size_t i = 0; i < w->n_turns && sure; i++) {
        const struct sim_turns *other = &w->turns[i];
        if (other->class != class || other == mine || !other->since)
            continue;
        uint64_t from = other->since > other->served ? other->since : other->served;
        SIM_CHECK(w, mine->in_turn < from, "%s goes first while another client has waited",
                  put->id);
    }
    if (sure)
        mine->in_turn = w->n_batches;
}

/* ---- PROGRESS ---- */

void promise_over(struct world *w, uint64_t request)
{
    world_put(w, request)->over = true;
    look_at_turns(w);
}

void promise_job(struct world *w, const struct plan_job *job)
{
    struct sim_put *put = job->kind == PLAN_JOB_FREE ? NULL : world_put(w, job->request);
    if (!put)
        return;
    put->job_out = true;
    if (job->kind == PLAN_JOB_CREATE) {
        put->classes[SURETY_STAGE_SAMPLE] = put->classes[SURETY_STAGE_CLAIMS] =
            world_class(job->model);
        put->classes[SURETY_STAGE_VERIFY] = world_class(job->verifier ? job->verifier : job->model);
    }
    if (job->result == PLAN_JOB_FINAL)
        promise_over(w, job->request);
    bool due = put->wants_progress && put->untold && w->now_ms >= put->quiet_ms && !put->over;
    SIM_CHECK(w, !due || job->result == PLAN_JOB_SNAPSHOT, "%s has no PROGRESS", put->id);
    if (job->result == PLAN_JOB_SNAPSHOT)
        put->untold = false;
}

struct sim_job promise_job_done(struct world *w, const struct plan_job *job)
{
    struct sim_put *put = job->kind == PLAN_JOB_FREE ? NULL : world_put(w, job->request);
    struct sim_job was = {.progress_told = w->progress_told};
    if (!put)
        return was;
    put->job_out = false;
    put->untold = put->untold || job->n_read > 0;
    look_at_turns(w); /* what was withdrawn waits no more, also where new tasks come now */
    for (size_t i = 0; i < job->n_tasks && !put->over; i++) {
        put->told[job->tasks[i]->stage] += (uint32_t)job->tasks[i]->n_items;
        turns_of(w, put->client, put->classes[job->tasks[i]->stage]);
    }
    look_at_turns(w);
    if (job->result == PLAN_JOB_SNAPSHOT) {
        int64_t pause_ms = SIM_PROGRESS_SHARE * job->took_us / 1000;
        put->quiet_ms = w->now_ms + (pause_ms > SIM_PROGRESS_MS ? pause_ms : SIM_PROGRESS_MS);
        was.request = put->number;
    }
    return was;
}

void promise_job_taken(struct world *w, const struct sim_job *job)
{
    const struct sim_put *put = job->request ? world_put(w, job->request) : NULL;
    SIM_CHECK(w, !put || put->over || w->progress_told > job->progress_told,
              "%s: PROGRESS was made and not sent", put->id);
}

void promise_check(struct world *w)
{
    for (size_t i = 0; i < w->n_puts; i++) {
        const struct sim_put *put = &w->puts[i];
        SIM_CHECK(w,
                  !put->wants_progress || put->over || put->job_out || !put->untold ||
                      w->now_ms <= put->quiet_ms,
                  "%s has no PROGRESS, and nothing is done for it", put->id);
        SIM_CHECK(w, put->over || !put->kept || !put->deadline_ms || w->now_ms <= put->end_ms,
                  "the deadline of %s does not strike", put->id);
    }
}
