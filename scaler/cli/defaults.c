#include "scaler/cli/defaults.h"

#include <stdlib.h>

/* An empty variable is as good as none. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

enum surety_err defaults_apply(enum option_user user, struct options *o, struct surety_error *err)
{
    bool asks = user == USER_SOLVE || user == USER_GRADE;
    bool named = o->model || o->engine || o->upstream;
    if (!o->profile && (asks || user & (USER_SCORE | USER_CLAIMS | USER_GATEWAY | USER_SERVE)))
        o->profile = environment("SURETY_PROFILE");
    if (!o->broker && !named && (asks || user & (USER_STATUS | USER_GATEWAY)))
        o->broker = environment("SURETY_BROKER");
    if (!named && ((asks && !o->broker) || user & (USER_WORKER | USER_SERVE)))
        o->upstream = environment("SURETY_UPSTREAM");
    if (!o->upstream)
        return SURETY_OK;
    if (o->model || o->engine)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "give one of --model, --engine and --upstream, not more");
    o->engine = arena_printf(&o->arena, "openai:url=%s", o->upstream);
    return o->engine ? SURETY_OK : surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
}
