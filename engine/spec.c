/*
 * spec.c - reads "NAME[:key=value,...]", and what an engine asks of its options.
 *
 * The first ':' ends the name, ',' separates, the first '=' ends a key, '\' takes the next
 * character as it is. A part without '=' is the value of the key "": the engine's main option.
 * All strings of a spec are separate allocations, so a half-built one can be freed.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

/* Reads one part into option and moves *pos to its end (a ',' or the NUL). */
static enum surety_err read_part(const char **pos, struct engine_option *option,
                                 struct surety_error *err)
{
    const char *p = *pos;
    size_t most = strlen(p) + 1;
    char *text = malloc(most), *empty = calloc(1, 1);
    enum surety_err code = SURETY_OK;
    if (!text || !empty) {
        code = surety_fail(err, SURETY_ERR_NOMEM, "no memory for the engine's options");
        goto fail;
    }
    size_t len = 0;
    char *value = NULL;
    for (; *p && *p != ','; p++) {
        if (*p == '=' && !value) {
            text[len++] = '\0';
            value = text + len;
            continue;
        }
        if (*p == '\\' && *++p == '\0') {
            code = surety_fail(err, SURETY_ERR_INVALID, "the engine's options end in a lone '\\'");
            goto fail;
        }
        text[len++] = *p;
    }
    text[len] = '\0';
    if (p == *pos || (value && text[0] == '\0')) {
        code = surety_fail(err, SURETY_ERR_INVALID,
                           "an empty %s among the engine's options; write NAME:key=value,...",
                           value ? "key" : "part");
        goto fail;
    }
    if (value) {
        free(empty);
        option->key = text;
        option->value = strdup(value);
        if (!option->value)
            return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the engine's options");
    } else {
        option->key = empty;
        option->value = text;
    }
    *pos = p;
    return SURETY_OK;

fail:
    free(text);
    free(empty);
    return code;
}

enum surety_err engine_spec_parse(const char *text, struct engine_spec *ret,
                                  struct surety_error *err)
{
    size_t name_len = strcspn(text, ":");
    if (name_len == 0)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "an engine's name is missing; write NAME or NAME:key=value,...");
    struct engine_spec spec = {
        .name = strndup(text, name_len),
        .options = calloc(ENGINE_OPTIONS_MAX, sizeof *spec.options),
    };
    enum surety_err code = SURETY_OK;
    if (!spec.name || !spec.options)
        code = surety_fail(err, SURETY_ERR_NOMEM, "no memory for the engine's options");
    const char *p = text + name_len;
    while (!code && *p) { /* at the ':' or a ',' */
        p++;
        if (spec.n_options == ENGINE_OPTIONS_MAX)
            code = surety_fail(err, SURETY_ERR_INVALID, "an engine takes at most %d options",
                               ENGINE_OPTIONS_MAX);
        else
            code = read_part(&p, &spec.options[spec.n_options++], err);
    }
    if (code) {
        engine_spec_fini(&spec);
        return code;
    }
    *ret = spec;
    return SURETY_OK;
}

void engine_spec_fini(struct engine_spec *spec)
{
    if (!spec)
        return;
    for (size_t i = 0; i < spec->n_options; i++) {
        free(spec->options[i].key);
        free(spec->options[i].value);
    }
    free(spec->options);
    free(spec->name);
    *spec = (struct engine_spec){0};
}

const char *engine_option(const struct engine_config *config, const char *key)
{
    for (size_t i = config->n_options; i > 0; i--)
        if (strcmp(config->options[i - 1].key, key) == 0)
            return config->options[i - 1].value;
    return NULL;
}

enum surety_err engine_check_options(const struct engine_config *config, const char *const *known,
                                     struct surety_error *err)
{
    for (size_t i = 0; i < config->n_options; i++) {
        const struct engine_option *option = &config->options[i];
        size_t k = 0;
        while (known[k] && strcmp(known[k], option->key) != 0)
            k++;
        if (known[k])
            continue;
        if (option->key[0] == '\0')
            return surety_fail(err, SURETY_ERR_INVALID,
                               "this engine takes no \"%.100s\" without a key=", option->value);
        return surety_fail(err, SURETY_ERR_INVALID, "this engine has no option \"%.100s\"",
                           option->key);
    }
    return SURETY_OK;
}
