#include "base/jsonl.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/plain.h"
#include "base/utf8.h"

void jsonl_init(struct jsonl *reader, FILE *file, const char *name)
{
    *reader = (struct jsonl){.file = file, .name = name};
}

void jsonl_fini(struct jsonl *reader)
{
    if (!reader)
        return;
    free(reader->data);
    reader->data = NULL;
    reader->size = 0;
}

/* jansson refuses \u0000, which real recordings hold: it becomes \uFFFD. In place, same length. */
static void replace_escaped_nul(char *text, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++) {
        if (text[i] != '\\')
            continue;
        if (len - i >= 6 && memcmp(text + i, "\\u0000", 6) == 0)
            memcpy(text + i, "\\uFFFD", 6);
        i++;
    }
}

static bool too_deep(const char *text, size_t len)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || c == '{') && ++depth > JSON_DEPTH_MAX)
            return true;
        else if (!quoted && (c == ']' || c == '}'))
            depth--;
    }
    return false;
}

/* Of numbers that were read as reals because one of them is too large, those that are whole. The
 * nesting is bounded (too_deep). */
static json_t *as_integer(const json_t *value)
{
    double number = json_real_value(value);
    bool whole = json_is_real(value) && number >= -9007199254740992.0 &&
                 number <= 9007199254740992.0 && number == (double)(json_int_t)number;
    return whole ? json_integer((json_int_t)number) : NULL;
}

static void restore_integers(json_t *value)
{
    const char *key;
    json_t *member, *integer;
    void *next;
    size_t i;
    json_object_foreach_safe(value, next, key, member)
    {
        if ((integer = as_integer(member)))
            json_object_set_new(value, key, integer);
        else
            restore_integers(member);
    }
    json_array_foreach(value, i, member)
    {
        if ((integer = as_integer(member)))
            json_array_set_new(value, i, integer);
        else
            restore_integers(member);
    }
}

void jsonl_count_failures(void)
{
    json_set_alloc_funcs(alloc_bytes, free);
}

enum surety_err json_load_text(const char *text, size_t len, json_t **ret_value,
                               struct surety_error *err)
{
    size_t valid_len;
    char *valid = utf8_make_valid(text, len, &valid_len);
    if (!valid)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for %zu bytes of JSON", len);
    enum surety_err code = SURETY_OK;
    if (too_deep(valid, valid_len)) {
        code = surety_fail(err, SURETY_ERR_LIMIT, "JSON is nested deeper than %d", JSON_DEPTH_MAX);
    } else {
        replace_escaped_nul(valid, valid_len);
        json_error_t reason;
        const size_t failures = alloc_failures();
        json_t *value = json_loadb(valid, valid_len, JSON_DECODE_ANY, &reason);
        if (!value && json_error_code(&reason) == json_error_numeric_overflow) {
            value =
                json_loadb(valid, valid_len, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &reason);
            restore_integers(value);
        }
        if (alloc_failures() != failures) {
            json_decref(value);
            code = surety_fail(err, SURETY_ERR_NOMEM, "no memory for %zu bytes of JSON", len);
        } else if (value)
            *ret_value = value;
        else
            code = surety_fail(err, SURETY_ERR_PARSE, "not valid JSON: %s (column %d)", reason.text,
                               reason.column);
    }
    free(valid);
    return code;
}

/* Reads one line into reader->data. *ret_len counts its bytes without the newline, or is beyond
 * JSONL_LINE_MAX when the line is too long (its rest is skipped). False at the end of the file. */
static bool read_line(struct jsonl *reader, size_t *ret_len)
{
    size_t len = 0;
    int c;
    while ((c = getc_unlocked(reader->file)) != EOF && c != '\n') {
        if (len < JSONL_LINE_MAX && len == reader->size) {
            size_t size = reader->size ? reader->size * 2 : 4096;
            char *data = alloc_again(reader->data, size);
            if (!data) {
                errno = ENOMEM;
                return false;
            }
            reader->data = data;
            reader->size = size;
        }
        if (len < JSONL_LINE_MAX)
            reader->data[len] = (char)c;
        if (len <= JSONL_LINE_MAX)
            len++;
    }
    *ret_len = len;
    return c != EOF || len > 0;
}

enum surety_err jsonl_next(struct jsonl *reader, json_t **ret_object, struct surety_error *err)
{
    for (;;) {
        size_t len = 0;
        errno = 0;
        if (!read_line(reader, &len)) {
            if (errno == ENOMEM)
                return surety_fail(err, SURETY_ERR_NOMEM, "%s:%zu: no memory for the line",
                                   reader->name, reader->line + 1);
            if (ferror(reader->file))
                return surety_fail(err, SURETY_ERR_IO, "%s: %s", reader->name, strerror(errno));
            *ret_object = NULL;
            return SURETY_OK;
        }
        reader->line++;
        if (len > JSONL_LINE_MAX)
            return surety_fail(err, SURETY_ERR_LIMIT, "%s:%zu: the line is longer than %u MiB",
                               reader->name, reader->line, JSONL_LINE_MAX >> 20);
        size_t start = 0;
        if (reader->line == 1 && len >= 3 && memcmp(reader->data, "\xEF\xBB\xBF", 3) == 0)
            start = 3; /* a byte-order mark */
        while (start < len && plain_is_space(reader->data[start]))
            start++;
        if (start == len)
            continue;
        struct surety_error why = {0};
        json_t *value = NULL;
        enum surety_err code = json_load_text(reader->data + start, len - start, &value, &why);
        if (code)
            return surety_fail(err, code, "%s:%zu: %s", reader->name, reader->line, why.message);
        if (!json_is_object(value)) {
            json_decref(value);
            return surety_fail(err, SURETY_ERR_PARSE, "%s:%zu: expected a JSON object on the line",
                               reader->name, reader->line);
        }
        *ret_object = value;
        return SURETY_OK;
    }
}

const char *json_get_string(const json_t *object, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : fallback;
}

double json_get_number(const json_t *object, const char *key, double fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : fallback;
}

static int take_text(const char *text, size_t len, void *buf)
{
    return buf_append(buf, text, len) ? -1 : 0;
}

char *json_to_text(const json_t *value)
{
    struct buf text;
    buf_init(&text, PTRDIFF_MAX);
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);
    if (json_dump_callback(value, take_text, &text, flags) == 0)
        return buf_detach(&text, NULL);
    buf_fini(&text);
    return NULL;
}
