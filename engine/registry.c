/* registry.c - the engines of this build, and what all of them share: open and close. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "engine/exec/exec.h"
#include "engine/gguf/gguf.h"
#include "engine/openai/openai.h"
#include "engine/replay.h"

static const struct engine_ops *const engines[] = {
    &engine_gguf,   /* model files */
    &engine_replay, /* recordings */
    &engine_exec,   /* commands */
#if SURETY_OPENAI
    &engine_openai, /* servers */
#endif
    NULL,
};

const struct engine_ops *const *engine_all(void)
{
    return engines;
}

static enum surety_err unknown_engine(const char *name, struct surety_error *err)
{
    char names[200] = "";
    size_t len = 0;
    for (size_t i = 0; engines[i] && len < sizeof names; i++)
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i ? ", " : "",
                                engines[i]->name);
    return surety_fail(err, SURETY_ERR_NOT_FOUND, "no engine \"%.100s\"; this build has: %s", name,
                       names);
}

enum surety_err engine_open(const char *name, const struct engine_config *config,
                            struct engine *ret_engine, struct surety_error *err)
{
    const struct engine_ops *ops = NULL;
    for (size_t i = 0; engines[i] && !ops; i++)
        if (strcmp(engines[i]->name, name) == 0)
            ops = engines[i];
    if (!ops)
        return unknown_engine(name, err);
    void *state = calloc(1, ops->state_bytes);
    if (!state)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the engine %s", name);
    enum surety_err code = ops->open(state, config, err);
    if (code) {
        free(state);
        return code;
    }
    *ret_engine = (struct engine){.ops = ops, .state = state};
    return SURETY_OK;
}

void engine_close(struct engine *engine)
{
    if (!engine || !engine->ops)
        return;
    engine->ops->close(engine->state);
    free(engine->state);
    *engine = (struct engine){0};
}
