/*
 * file.h - reads the container format GGUF, versions 2 and 3: metadata, tensor table, tensor data.
 *
 * Knows nothing of architectures and converts no weights. The file is hostile: every count and
 * length is checked against the bytes that are there before anything is read or allocated, so a
 * malformed file costs an error message that names the thing and no memory beyond a small multiple
 * of its own size. Format: the ggml project's docs/gguf.md.
 */
#ifndef SURETY_ENGINE_GGUF_FILE_H
#define SURETY_ENGINE_GGUF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <surety/err.h>

#define GGUF_KEYS_MAX 65536
#define GGUF_TENSORS_MAX 65536
#define GGUF_DIMS_MAX 4
#define GGUF_QUOTE_MAX 80 /* bytes of a name in a message, with NUL */

enum gguf_type { /* of metadata */
                 GGUF_U8,
                 GGUF_I8,
                 GGUF_U16,
                 GGUF_I16,
                 GGUF_U32,
                 GGUF_I32,
                 GGUF_F32,
                 GGUF_BOOL,
                 GGUF_STRING,
                 GGUF_ARRAY,
                 GGUF_U64,
                 GGUF_I64,
                 GGUF_F64,
                 GGUF_TYPE_COUNT_
};

enum gguf_tensor_type { /* the ones that can be read; values are the format's */
                        GGUF_TENSOR_F32 = 0,
                        GGUF_TENSOR_F16 = 1,
                        GGUF_TENSOR_Q4_0 = 2,
                        GGUF_TENSOR_Q5_0 = 6,
                        GGUF_TENSOR_Q8_0 = 8,
                        GGUF_TENSOR_Q4_K = 12,
                        GGUF_TENSOR_Q6_K = 14,
                        GGUF_TENSOR_BF16 = 30
};

/* A row of a tensor is a whole number of blocks; elements and bytes of one. */
struct gguf_block {
    const char *name;
    uint32_t elements, bytes;
};

/* Bytes of the file: not NUL-terminated, any bytes. */
struct gguf_string {
    const char *text;
    size_t len;
};

struct gguf_key {
    struct gguf_string name;
    enum gguf_type type;
    enum gguf_type element;    /* ARRAY only */
    uint64_t count;            /* ARRAY only */
    const unsigned char *data; /* the value; of an array its first element */
};

struct gguf_tensor {
    struct gguf_string name;
    uint32_t n_dims;
    uint64_t dims[GGUF_DIMS_MAX]; /* fastest first; 1 beyond n_dims */
    enum gguf_tensor_type type;
    uint64_t n_elements;
    uint64_t bytes;
    uint64_t offset; /* from the start of the data */
    const unsigned char *data;
};

struct gguf_file {
    char *name; /* for messages */
    const unsigned char *bytes;
    size_t size;
    size_t data_start;           /* the header and the tensor table lie before it */
    bool mapped;                 /* bytes is ours to unmap */
    struct gguf_key *keys;       /* by name, [n_keys] */
    struct gguf_tensor *tensors; /* by name, [n_tensors] */
    size_t n_keys, n_tensors;
};

/* Maps the file at path. NOT_FOUND, IO, PARSE, UNSUPPORTED (an older version, big-endian, a tensor
 * type not listed above), LIMIT, NOMEM; on failure nothing is kept. */
enum surety_err gguf_open(const char *path, struct gguf_file *ret_file, struct surety_error *err);

/* The same over bytes that the caller keeps until gguf_close. */
enum surety_err gguf_parse(const char *name, const void *bytes, size_t size,
                           struct gguf_file *ret_file, struct surety_error *err);

void gguf_close(struct gguf_file *file); /* NULL and a closed one are fine */

/* The tensor's data has been read and will not be again: it need not stay in memory. */
void gguf_release(const struct gguf_file *file, const struct gguf_tensor *tensor);

/* NULL: a type that cannot be read. */
const struct gguf_block *gguf_block(uint64_t type);

/* NULL: absent. */
const struct gguf_key *gguf_find(const struct gguf_file *file, const char *name);
const struct gguf_tensor *gguf_find_tensor(const struct gguf_file *file, const char *name);

/* A value by name. Absent: *ret stays as it is and the result is OK, so that defaults are simple;
 * use gguf_find where a key must exist. PARSE: another type, or out of [low, high]. */
enum surety_err gguf_get_u64(const struct gguf_file *file, const char *name, uint64_t low,
                             uint64_t high, uint64_t *ret, struct surety_error *err);
enum surety_err gguf_get_f64(const struct gguf_file *file, const char *name, double *ret,
                             struct surety_error *err);
enum surety_err gguf_get_bool(const struct gguf_file *file, const char *name, bool *ret,
                              struct surety_error *err);
enum surety_err gguf_get_string(const struct gguf_file *file, const char *name,
                                struct gguf_string *ret, struct surety_error *err);

/* Takes the next string of an array of strings, whose first cursor is key->data. */
struct gguf_string gguf_next_string(const unsigned char **cursor);

/* A number of an array of integers of any width, or of an array of F32; i < key->count. */
int64_t gguf_array_i64(const struct gguf_key *key, uint64_t i);
float gguf_array_f32(const struct gguf_key *key, uint64_t i);

/* The string fit for a message: cut, and '?' for all but printable ASCII. Returns out. */
const char *gguf_quote(struct gguf_string s, char out[GGUF_QUOTE_MAX]);

/* Hash over the header, the tensor table, the size and samples of every tensor's data: it tells
 * models apart that were trained or converted differently, without reading gigabytes. */
uint64_t gguf_hash(const struct gguf_file *file);

#endif
