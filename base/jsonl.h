/*
 * jsonl.h - a bounded reader of JSON lines, and JSON text made valid where it enters.
 *
 * Reading goes line by line, so a malformed line costs itself and no other. Does not write.
 */
#ifndef SURETY_BASE_JSONL_H
#define SURETY_BASE_JSONL_H

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include <surety/err.h>

#define JSONL_LINE_MAX (64u << 20) /* bytes; a longer line is an error of its own */
#define JSON_DEPTH_MAX 64          /* nesting of arrays and objects */

struct jsonl {
    FILE *file;       /* borrowed */
    const char *name; /* borrowed; for messages */
    size_t line;      /* number of the line last returned, from 1 */
    char *data;
    size_t size;
};

void jsonl_init(struct jsonl *reader, FILE *file, const char *name);
void jsonl_fini(struct jsonl *reader); /* does not close the file */

/*
 * The next line that is not blank, as a new reference in *ret_object. End of file: OK and NULL.
 * PARSE (malformed, or no object: the message names the file and the line, and reading can go on),
 * LIMIT (line or nesting too long; the line is skipped), IO, NOMEM.
 */
enum surety_err jsonl_next(struct jsonl *reader, json_t **ret_object, struct surety_error *err);

/*
 * For main of a program, before any JSON: lets what jansson allocates count among alloc_failures.
 * A text that it has no memory to collect while it reads comes out shorter, and it tells nobody
 * else. The library does not do this: jansson belongs to its host program, which may have given it
 * an allocator of its own.
 */
void jsonl_count_failures(void);

/*
 * json_loadb for text from anywhere: bytes that are not UTF-8 and \u0000 become U+FFFD, integers
 * beyond 63 bits become reals, nesting is bounded. PARSE, LIMIT or NOMEM with a message.
 */
enum surety_err json_load_text(const char *text, size_t len, json_t **ret_value,
                               struct surety_error *err);

/* A string member, or fallback when it is missing, null or no string. Borrowed from object. */
const char *json_get_string(const json_t *object, const char *key, const char *fallback);

/* A number member (integer, real), or fallback when it is missing or no number. */
double json_get_number(const json_t *object, const char *key, double fallback);

/* Compact text, key order kept, UTF-8 unescaped; NULL without memory. The caller frees. Reals have
 * fifteen digits: three more than scores that count as equal may differ in (method's 1e-12), so
 * that a tie is still one when the text is read. */
char *json_to_text(const json_t *value);

#endif
