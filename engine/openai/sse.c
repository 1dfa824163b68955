#include "engine/openai/sse.h"

#include <string.h>

void sse_init(struct sse *sse, size_t max_bytes,
              enum surety_err (*event)(void *user, const char *data, size_t len), void *user)
{
    *sse = (struct sse){.event = event, .user = user};
    buf_init(&sse->line, max_bytes);
    buf_init(&sse->data, max_bytes);
}

void sse_fini(struct sse *sse)
{
    buf_fini(&sse->line);
    buf_fini(&sse->data);
}

static enum surety_err dispatch(struct sse *sse)
{
    enum surety_err code = SURETY_OK;
    if (sse->has_data)
        code = sse->event(sse->user, sse->data.data, sse->data.len);
    sse->has_data = false;
    buf_reset(&sse->data);
    return code;
}

static enum surety_err end_line(struct sse *sse)
{
    static const char field[] = "data", mark[] = "\xEF\xBB\xBF";
    const char *line = sse->line.data;
    size_t len = sse->line.len, n = sizeof field - 1;
    enum surety_err code = SURETY_OK;
    if (!sse->began && len >= 3 && memcmp(line, mark, 3) == 0) {
        line += 3;
        len -= 3;
    }
    sse->began = true;
    if (len == 0) {
        code = dispatch(sse);
    } else if (len >= n && memcmp(line, field, n) == 0 && (len == n || line[n] == ':')) {
        size_t skip = len == n ? n : n + 1;
        skip += skip < len && line[skip] == ' ';
        if (sse->has_data)
            buf_putc(&sse->data, '\n');
        code = buf_append(&sse->data, line + skip, len - skip);
        sse->has_data = true;
    }
    buf_reset(&sse->line);
    return code;
}

enum surety_err sse_push(struct sse *sse, const char *bytes, size_t len)
{
    enum surety_err code = SURETY_OK;
    for (size_t i = 0; i < len && !code;) {
        if (sse->after_cr && bytes[i] == '\n')
            i++;
        sse->after_cr = false;
        size_t n = 0;
        while (i + n < len && bytes[i + n] != '\n' && bytes[i + n] != '\r')
            n++;
        if (n > 0)
            code = buf_append(&sse->line, bytes + i, n);
        i += n;
        if (!code && i < len) {
            sse->after_cr = bytes[i++] == '\r';
            code = end_line(sse);
        }
    }
    return code;
}

enum surety_err sse_end(struct sse *sse)
{
    enum surety_err code = sse->line.len ? end_line(sse) : SURETY_OK;
    return code ? code : dispatch(sse);
}
