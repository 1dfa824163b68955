/* Any text as an engine's spec: refused with a sentence, or the same again when written back. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "engine/engine.h"
#include "tests/fuzz/fuzz.h"

static void write_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (strchr(",=\\", *text))
            buf_putc(out, '\\');
        buf_putc(out, *text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct engine_spec spec, again;
    struct surety_error err = {0};
    FUZZ_CHECK(text);
    if (engine_spec_parse(text, &spec, &err)) {
        FUZZ_CHECK(err.code == SURETY_ERR_INVALID && err.message[0]);
        free(text);
        return 0;
    }
    struct buf out;
    buf_init(&out, 4 * size + 1000);
    buf_puts(&out, spec.name);
    for (size_t i = 0; i < spec.n_options; i++) {
        buf_putc(&out, i ? ',' : ':');
        write_escaped(&out, spec.options[i].key);
        if (spec.options[i].key[0])
            buf_putc(&out, '=');
        write_escaped(&out, spec.options[i].value);
    }
    FUZZ_CHECK(!out.failed && engine_spec_parse(out.data, &again, NULL) == SURETY_OK);
    FUZZ_CHECK(strcmp(again.name, spec.name) == 0 && again.n_options == spec.n_options);
    for (size_t i = 0; i < spec.n_options; i++) {
        FUZZ_CHECK(strcmp(again.options[i].key, spec.options[i].key) == 0);
        FUZZ_CHECK(strcmp(again.options[i].value, spec.options[i].value) == 0);
    }
    buf_fini(&out);
    engine_spec_fini(&spec);
    engine_spec_fini(&again);
    free(text);
    return 0;
}
