/* What is worth a line in a log: peers that come and go, requests that begin and end. */
#include "scaler/broker/core_internal.h"

#include <surety/settings.h>

/* NULL: nobody wants to know, or failed. */
static struct core_note *note_new(struct core *core, enum core_noted what)
{
    struct core_action *action = core->config.notes ? core_act(core, CORE_NOTE) : NULL;
    if (!action)
        return NULL;
    action->note.what = what;
    action->note.ms = action->note.tokens = -1;
    return &action->note;
}

/* A copy: what it is of may be freed before the note is read. */
static const char *copy(struct core *core, const char *text)
{
    const char *kept = arena_strdup(&core->scratch, text);
    if (text && !kept)
        core->failed = true;
    return kept;
}

void note_worker(struct core *core, const struct worker *worker, enum core_noted what,
                 const char *why)
{
    struct core_note *note = note_new(core, what);
    if (!note)
        return;
    note->worker = worker->peer.number;
    note->name = copy(core, worker->origin.name);
    note->host = copy(core, worker->origin.host);
    note->pid = worker->origin.pid;
    note->model = copy(core, worker->model.name);
    note->slots = worker->model.slots;
    note->why = copy(core, why);
}

void note_client(struct core *core, const struct client *client, enum core_noted what,
                 const char *why)
{
    struct core_note *note = note_new(core, what);
    if (!note)
        return;
    note->client = client->peer.number;
    note->why = copy(core, why);
}

static struct core_note *note_request(struct core *core, const struct request *request,
                                      enum core_noted what)
{
    struct core_note *note = note_new(core, what);
    if (!note)
        return NULL;
    note->request = request->number;
    note->id = copy(core, request->wanted.id);
    note->client = request->client ? request->client->peer.number : 0;
    return note;
}

void note_accepted(struct core *core, const struct request *request)
{
    struct core_note *note = note_request(core, request, NOTE_REQUEST_ACCEPTED);
    if (!note)
        return;
    note->model = copy(core, request->wanted.model_name);
    note->k = request->wanted.settings.k;
}

void note_refused(struct core *core, const struct client *client, const char *id, const char *why)
{
    struct core_note *note = note_new(core, NOTE_REQUEST_REFUSED);
    if (!note)
        return;
    note->id = copy(core, id);
    note->client = client ? client->peer.number : 0;
    note->why = copy(core, why);
}

void note_ended(struct core *core, const struct request *request, enum surety_stop stop,
                const struct surety_error *error)
{
    const char *why = error->code ? error->message : request->client ? NULL : "the client is gone";
    if (!request->stored) {
        note_refused(core, request->client, request->wanted.id, why);
        return;
    }
    struct core_note *note = note_request(core, request, NOTE_REQUEST_ENDED);
    if (!note)
        return;
    note->how = surety_stop_name(stop);
    note->ms = core->now_ms - request->since_ms;
    note->tokens = request->tokens;
    note->why = copy(core, why);
}
