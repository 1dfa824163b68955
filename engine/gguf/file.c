/*
 * Parsing goes once over the header with a cursor that knows what is left; take() is the only way
 * to advance it. Keys and tensors are then sorted by name, which also finds duplicates, and the
 * tensors by offset before, which finds overlaps.
 */
#include "engine/gguf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

#define VERSION_LEAST 2 /* 3 only added big-endian files */
#define VERSION_MOST 3
#define ALIGNMENT_DEFAULT 32
#define ALIGNMENT_MAX (1u << 20)
#define NAME_MAX_BYTES 65535 /* the format's own limit for keys */
#define KEY_LEAST_BYTES 13   /* length, type, one byte of value */
#define TENSOR_LEAST_BYTES 24
#define SAMPLE_BYTES 256

struct cursor {
    const struct gguf_file *file;
    size_t at;
    struct surety_error *err;
};

static const unsigned char *take(struct cursor *c, uint64_t n)
{
    if (n > c->file->size - c->at)
        return NULL;
    const unsigned char *p = c->file->bytes + c->at;
    c->at += (size_t)n;
    return p;
}

static uint64_t load(const unsigned char *p, int n)
{
    uint64_t v = 0;
    for (int i = n - 1; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

static bool take_int(struct cursor *c, int n, uint64_t *ret)
{
    const unsigned char *p = take(c, (uint64_t)n);
    if (p)
        *ret = load(p, n);
    return p != NULL;
}

static bool take_string(struct cursor *c, struct gguf_string *ret)
{
    uint64_t len;
    if (!take_int(c, 8, &len))
        return false;
    const unsigned char *p = take(c, len);
    if (p)
        *ret = (struct gguf_string){(const char *)p, (size_t)len};
    return p != NULL;
}

static int type_bytes(enum gguf_type type)
{
    static const int bytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    return bytes[type];
}

const char *gguf_quote(struct gguf_string s, char out[GGUF_QUOTE_MAX])
{
    size_t n = s.len < GGUF_QUOTE_MAX ? s.len : GGUF_QUOTE_MAX - 1;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s.text[i];
        out[i] = (char)(c >= 0x20 && c < 0x7F ? c : '?');
    }
    out[n] = '\0';
    return out;
}

/* ---- header ---- */

static enum surety_err check_magic(struct cursor *c, uint64_t *ret_tensors, uint64_t *ret_keys)
{
    const struct gguf_file *f = c->file;
    char start[GGUF_QUOTE_MAX];
    if (f->size == 0)
        return surety_fail(c->err, SURETY_ERR_PARSE, "%s is not a GGUF file: it is empty", f->name);
    const unsigned char *magic = take(c, 4);
    if (!magic || memcmp(magic, "GGUF", 4) != 0) {
        struct gguf_string s = {(const char *)f->bytes, f->size < 4 ? f->size : 4};
        char hex[16] = "";
        static const char digits[] = "0123456789abcdef";
        for (size_t i = 0; i < s.len; i++) {
            hex[3 * i] = digits[f->bytes[i] >> 4];
            hex[3 * i + 1] = digits[f->bytes[i] & 15];
            hex[3 * i + 2] = i + 1 < s.len ? ' ' : '\0';
        }
        return surety_fail(c->err, SURETY_ERR_PARSE,
                           "%s is not a GGUF file: it starts with \"%s\" (%s) and not with "
                           "\"GGUF\"; name a model in GGUF format",
                           f->name, gguf_quote(s, start), hex);
    }
    uint64_t version;
    if (!take_int(c, 4, &version))
        return surety_fail(c->err, SURETY_ERR_PARSE, "%s ends within its header", f->name);
    if (version < VERSION_LEAST || version > VERSION_MOST) {
        bool swapped = version != 0 && (version & 0xFFFF) == 0;
        if (swapped)
            return surety_fail(c->err, SURETY_ERR_UNSUPPORTED,
                               "%s is a big-endian GGUF file; convert it to little-endian",
                               f->name);
        return surety_fail(c->err, SURETY_ERR_UNSUPPORTED,
                           "%s is GGUF version %u; this engine reads %d and %d: convert the "
                           "model again",
                           f->name, (unsigned)version, VERSION_LEAST, VERSION_MOST);
    }
    if (!take_int(c, 8, ret_tensors) || !take_int(c, 8, ret_keys))
        return surety_fail(c->err, SURETY_ERR_PARSE, "%s ends within its header", f->name);
    uint64_t left = f->size - c->at;
    if (*ret_keys > GGUF_KEYS_MAX || *ret_keys > left / KEY_LEAST_BYTES)
        return surety_fail(c->err, SURETY_ERR_PARSE,
                           "%s claims %llu metadata keys, more than %s: the file is damaged",
                           f->name, (unsigned long long)*ret_keys,
                           *ret_keys > GGUF_KEYS_MAX ? "any model has" : "fit into it");
    if (*ret_tensors > GGUF_TENSORS_MAX || *ret_tensors > left / TENSOR_LEAST_BYTES)
        return surety_fail(c->err, SURETY_ERR_PARSE,
                           "%s claims %llu tensors, more than %s: the file is damaged", f->name,
                           (unsigned long long)*ret_tensors,
                           *ret_tensors > GGUF_TENSORS_MAX ? "any model has" : "fit into it");
    return SURETY_OK;
}

/* ---- metadata ---- */

static enum surety_err cut_short(struct cursor *c, struct gguf_string key)
{
    char quote[GGUF_QUOTE_MAX];
    return surety_fail(c->err, SURETY_ERR_PARSE,
                       "%s ends within the metadata key '%s': the file is truncated or damaged",
                       c->file->name, gguf_quote(key, quote));
}

static enum surety_err bad_type(struct cursor *c, struct gguf_string key, uint64_t type)
{
    char quote[GGUF_QUOTE_MAX];
    return surety_fail(c->err, SURETY_ERR_PARSE, "%s: metadata key '%s' has the unknown type %llu",
                       c->file->name, gguf_quote(key, quote), (unsigned long long)type);
}

static enum surety_err parse_array(struct cursor *c, struct gguf_key *key)
{
    char quote[GGUF_QUOTE_MAX];
    uint64_t element;
    if (!take_int(c, 4, &element) || !take_int(c, 8, &key->count))
        return cut_short(c, key->name);
    if (element >= GGUF_TYPE_COUNT_)
        return bad_type(c, key->name, element);
    if (element == GGUF_ARRAY)
        return surety_fail(c->err, SURETY_ERR_UNSUPPORTED,
                           "%s: metadata key '%s' is an array of arrays", c->file->name,
                           gguf_quote(key->name, quote));
    key->element = (enum gguf_type)element;
    key->data = c->file->bytes + c->at;
    uint64_t least = element == GGUF_STRING ? 8 : (uint64_t)type_bytes(key->element);
    if (key->count > (c->file->size - c->at) / least)
        return surety_fail(c->err, SURETY_ERR_PARSE,
                           "%s: metadata key '%s' claims %llu elements, more than fit into the "
                           "file",
                           c->file->name, gguf_quote(key->name, quote),
                           (unsigned long long)key->count);
    if (element != GGUF_STRING) {
        take(c, key->count * least);
        return SURETY_OK;
    }
    for (uint64_t i = 0; i < key->count; i++) {
        struct gguf_string s;
        if (!take_string(c, &s))
            return cut_short(c, key->name);
    }
    return SURETY_OK;
}

static enum surety_err parse_key(struct cursor *c, struct gguf_key *key)
{
    uint64_t type;
    if (!take_string(c, &key->name))
        return surety_fail(c->err, SURETY_ERR_PARSE,
                           "%s ends within its metadata: the file is truncated or damaged",
                           c->file->name);
    char quote[GGUF_QUOTE_MAX];
    if (key->name.len == 0 || key->name.len > NAME_MAX_BYTES)
        return surety_fail(c->err, SURETY_ERR_PARSE, "%s: a metadata key '%s' of %zu bytes",
                           c->file->name, gguf_quote(key->name, quote), key->name.len);
    if (!take_int(c, 4, &type))
        return cut_short(c, key->name);
    if (type >= GGUF_TYPE_COUNT_)
        return bad_type(c, key->name, type);
    key->type = (enum gguf_type)type;
    if (key->type == GGUF_ARRAY)
        return parse_array(c, key);
    struct gguf_string s;
    key->data = c->file->bytes + c->at;
    bool whole = key->type == GGUF_STRING ? take_string(c, &s)
                                          : take(c, (uint64_t)type_bytes(key->type)) != NULL;
    return whole ? SURETY_OK : cut_short(c, key->name);
}

/* ---- tensors ---- */

static enum surety_err tensor_fail(struct cursor *c, const struct gguf_tensor *t, const char *what)
{
    char quote[GGUF_QUOTE_MAX];
    return surety_fail(c->err, SURETY_ERR_PARSE, "%s: tensor '%s' %s", c->file->name,
                       gguf_quote(t->name, quote), what);
}

static enum surety_err parse_shape(struct cursor *c, struct gguf_tensor *t)
{
    uint64_t n_dims;
    if (!take_int(c, 4, &n_dims))
        return tensor_fail(c, t, "ends with the file: it is truncated");
    if (n_dims == 0 || n_dims > GGUF_DIMS_MAX)
        return tensor_fail(c, t, "has no or more than four dimensions");
    t->n_dims = (uint32_t)n_dims;
    t->n_elements = 1;
    for (uint32_t i = 0; i < GGUF_DIMS_MAX; i++) {
        t->dims[i] = 1;
        if (i < n_dims && !take_int(c, 8, &t->dims[i]))
            return tensor_fail(c, t, "ends with the file: it is truncated");
        if (t->dims[i] == 0)
            return tensor_fail(c, t, "has a dimension of 0");
        if (t->n_elements > UINT64_MAX / 4 / t->dims[i])
            return tensor_fail(c, t, "is larger than any file: it is damaged");
        t->n_elements *= t->dims[i];
    }
    return SURETY_OK;
}

const struct gguf_block *gguf_block(uint64_t type)
{
    static const struct gguf_block blocks[] = {
        [GGUF_TENSOR_F32] = {"F32", 1, 4},       [GGUF_TENSOR_F16] = {"F16", 1, 2},
        [GGUF_TENSOR_Q4_0] = {"Q4_0", 32, 18},   [GGUF_TENSOR_Q5_0] = {"Q5_0", 32, 22},
        [GGUF_TENSOR_Q8_0] = {"Q8_0", 32, 34},   [GGUF_TENSOR_Q4_K] = {"Q4_K", 256, 144},
        [GGUF_TENSOR_Q6_K] = {"Q6_K", 256, 210}, [GGUF_TENSOR_BF16] = {"BF16", 1, 2},
    };
    return type < sizeof blocks / sizeof *blocks && blocks[type].name ? &blocks[type] : NULL;
}

static enum surety_err unknown_type(struct cursor *c, const struct gguf_tensor *t, uint64_t type)
{
    static const char *const others[] = {
        [3] = "Q4_1",    [7] = "Q5_1",    [9] = "Q8_1",   [10] = "Q2_K",
        [11] = "Q3_K",   [13] = "Q5_K",   [15] = "Q8_K",  [16] = "IQ2_XXS",
        [17] = "IQ2_XS", [20] = "IQ4_NL", [23] = "IQ4_XS"};
    char quote[GGUF_QUOTE_MAX];
    bool known = type < sizeof others / sizeof *others && others[type];
    return surety_fail(c->err, SURETY_ERR_UNSUPPORTED,
                       "%s: tensor '%s' is of type %s (%llu); this engine reads F32, F16, BF16, "
                       "Q8_0, Q6_K, Q5_0, Q4_K and Q4_0: use a model converted to one of them",
                       c->file->name, gguf_quote(t->name, quote), known ? others[type] : "?",
                       (unsigned long long)type);
}

static enum surety_err parse_tensor(struct cursor *c, struct gguf_tensor *t)
{
    uint64_t type;
    if (!take_string(c, &t->name))
        return surety_fail(c->err, SURETY_ERR_PARSE,
                           "%s ends within its tensor table: the file is truncated or damaged",
                           c->file->name);
    if (t->name.len == 0 || t->name.len > NAME_MAX_BYTES)
        return tensor_fail(c, t, "has no name, or one beyond all limits");
    enum surety_err code = parse_shape(c, t);
    if (code != SURETY_OK)
        return code;
    if (!take_int(c, 4, &type) || !take_int(c, 8, &t->offset))
        return tensor_fail(c, t, "ends with the file: it is truncated");
    const struct gguf_block *block = gguf_block(type);
    if (!block)
        return unknown_type(c, t, type);
    if (t->dims[0] % block->elements)
        return tensor_fail(c, t, "has rows that are no whole number of blocks: it is damaged");
    t->type = (enum gguf_tensor_type)type;
    t->bytes = t->n_elements / block->elements * block->bytes;
    if (t->bytes > c->file->size)
        return tensor_fail(c, t, "is larger than the file: it is truncated or damaged");
    return SURETY_OK;
}

static int by_offset(const void *a, const void *b)
{
    const struct gguf_tensor *s = a, *t = b;
    return (s->offset > t->offset) - (s->offset < t->offset);
}

static int compare_strings(struct gguf_string a, struct gguf_string b)
{
    int order = memcmp(a.text, b.text, a.len < b.len ? a.len : b.len);
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_tensor_name(const void *a, const void *b)
{
    return compare_strings(((const struct gguf_tensor *)a)->name,
                           ((const struct gguf_tensor *)b)->name);
}

static int by_key_name(const void *a, const void *b)
{
    return compare_strings(((const struct gguf_key *)a)->name, ((const struct gguf_key *)b)->name);
}

/* Places the tensors in the data and leaves them sorted by name. */
static enum surety_err place_tensors(struct cursor *c, struct gguf_file *f)
{
    uint64_t alignment = ALIGNMENT_DEFAULT;
    enum surety_err code =
        gguf_get_u64(f, "general.alignment", 1, ALIGNMENT_MAX, &alignment, c->err);
    if (code != SURETY_OK)
        return code;
    if (alignment & (alignment - 1))
        return surety_fail(c->err, SURETY_ERR_PARSE,
                           "%s: general.alignment is %llu, which is no power of two", f->name,
                           (unsigned long long)alignment);
    size_t start = (c->at + (size_t)alignment - 1) & ~((size_t)alignment - 1);
    f->data_start = start < f->size ? start : f->size;
    uint64_t room = f->size - f->data_start, end = 0;
    if (f->n_tensors == 0)
        return SURETY_OK;
    qsort(f->tensors, f->n_tensors, sizeof *f->tensors, by_offset);
    for (size_t i = 0; i < f->n_tensors; i++) {
        struct gguf_tensor *t = &f->tensors[i];
        if (t->offset % alignment)
            return tensor_fail(c, t, "is misaligned: the file is damaged");
        if (t->offset > room || t->bytes > room - t->offset)
            return tensor_fail(c, t,
                               "reaches beyond the end of the file: it is truncated; fetch "
                               "it again");
        if (t->offset < end)
            return tensor_fail(c, t, "overlaps the one before it: the file is damaged");
        end = t->offset + t->bytes;
        t->data = f->bytes + f->data_start + t->offset;
    }
    qsort(f->tensors, f->n_tensors, sizeof *f->tensors, by_tensor_name);
    for (size_t i = 1; i < f->n_tensors; i++)
        if (by_tensor_name(&f->tensors[i - 1], &f->tensors[i]) == 0)
            return tensor_fail(c, &f->tensors[i], "occurs twice");
    return SURETY_OK;
}

static enum surety_err parse_keys(struct cursor *c, struct gguf_file *f)
{
    char quote[GGUF_QUOTE_MAX];
    for (size_t i = 0; i < f->n_keys; i++) {
        enum surety_err code = parse_key(c, &f->keys[i]);
        if (code != SURETY_OK)
            return code;
    }
    if (f->n_keys > 0)
        qsort(f->keys, f->n_keys, sizeof *f->keys, by_key_name);
    for (size_t i = 1; i < f->n_keys; i++)
        if (by_key_name(&f->keys[i - 1], &f->keys[i]) == 0)
            return surety_fail(c->err, SURETY_ERR_PARSE, "%s: metadata key '%s' occurs twice",
                               f->name, gguf_quote(f->keys[i].name, quote));
    return SURETY_OK;
}

static enum surety_err parse(struct gguf_file *f, struct surety_error *err)
{
    struct cursor c = {.file = f, .err = err};
    uint64_t n_tensors = 0, n_keys = 0;
    enum surety_err code = check_magic(&c, &n_tensors, &n_keys);
    if (code != SURETY_OK)
        return code;
    f->keys = calloc(n_keys ? (size_t)n_keys : 1, sizeof *f->keys);
    f->tensors = calloc(n_tensors ? (size_t)n_tensors : 1, sizeof *f->tensors);
    if (!f->keys || !f->tensors)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the tables of %s", f->name);
    f->n_keys = (size_t)n_keys;
    f->n_tensors = (size_t)n_tensors;
    code = parse_keys(&c, f);
    for (size_t i = 0; i < f->n_tensors && code == SURETY_OK; i++)
        code = parse_tensor(&c, &f->tensors[i]);
    return code == SURETY_OK ? place_tensors(&c, f) : code;
}

/* ---- opening ---- */

enum surety_err gguf_parse(const char *name, const void *bytes, size_t size,
                           struct gguf_file *ret_file, struct surety_error *err)
{
    struct gguf_file f = {.bytes = bytes, .size = size, .name = strdup(name)};
    enum surety_err code =
        f.name ? parse(&f, err) : surety_fail(err, SURETY_ERR_NOMEM, "no memory");
    if (code == SURETY_OK)
        *ret_file = f;
    else
        gguf_close(&f);
    return code;
}

enum surety_err gguf_open(const char *path, struct gguf_file *ret_file, struct surety_error *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hang */
    if (fd < 0)
        return surety_fail(err, errno == ENOENT ? SURETY_ERR_NOT_FOUND : SURETY_ERR_IO,
                           "cannot open the model %s: %s", path, strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return surety_fail(err, SURETY_ERR_IO, "the model %s is not a regular file", path);
    }
    void *bytes = NULL;
    size_t size = (size_t)st.st_size;
    if (size > 0)
        bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    int reason = errno;
    close(fd);
    if (bytes == MAP_FAILED)
        return surety_fail(err, SURETY_ERR_IO, "cannot map the model %s: %s", path,
                           strerror(reason));
    enum surety_err code = gguf_parse(path, bytes, size, ret_file, err);
    if (code == SURETY_OK)
        ret_file->mapped = true;
    else if (bytes)
        munmap(bytes, size);
    return code;
}

void gguf_close(struct gguf_file *file)
{
    if (!file)
        return;
    if (file->mapped)
        munmap((void *)(uintptr_t)file->bytes, file->size);
    free(file->keys);
    free(file->tensors);
    free(file->name);
    *file = (struct gguf_file){0};
}

void gguf_release(const struct gguf_file *file, const struct gguf_tensor *tensor)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = ((uintptr_t)tensor->data + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)tensor->data + tensor->bytes) / page * page;
    if (file->mapped && start < end)
        madvise((void *)start, end - start, MADV_DONTNEED);
}

/* ---- reading values ---- */

const struct gguf_key *gguf_find(const struct gguf_file *file, const char *name)
{
    struct gguf_key key = {.name = {name, strlen(name)}};
    if (file->n_keys == 0)
        return NULL;
    return bsearch(&key, file->keys, file->n_keys, sizeof key, by_key_name);
}

const struct gguf_tensor *gguf_find_tensor(const struct gguf_file *file, const char *name)
{
    struct gguf_tensor key = {.name = {name, strlen(name)}};
    if (file->n_tensors == 0)
        return NULL;
    return bsearch(&key, file->tensors, file->n_tensors, sizeof key, by_tensor_name);
}

static bool is_integer(enum gguf_type type)
{
    return type <= GGUF_I32 || type == GGUF_U64 || type == GGUF_I64;
}

/* An integer of any type; an unsigned one of 64 bits may come back negative. */
static int64_t load_i64(enum gguf_type type, const unsigned char *p)
{
    int n = type_bytes(type);
    uint64_t v = load(p, n);
    bool is_signed = type == GGUF_I8 || type == GGUF_I16 || type == GGUF_I32;
    if (is_signed && v >> (8 * n - 1))
        v |= ~(uint64_t)0 << (8 * n);
    return (int64_t)v;
}

static float load_f32(const unsigned char *p)
{
    uint32_t bits = (uint32_t)load(p, 4);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

int64_t gguf_array_i64(const struct gguf_key *key, uint64_t i)
{
    return load_i64(key->element, key->data + i * (uint64_t)type_bytes(key->element));
}

float gguf_array_f32(const struct gguf_key *key, uint64_t i)
{
    return load_f32(key->data + 4 * i);
}

enum surety_err gguf_get_u64(const struct gguf_file *file, const char *name, uint64_t low,
                             uint64_t high, uint64_t *ret, struct surety_error *err)
{
    const struct gguf_key *key = gguf_find(file, name);
    if (!key)
        return SURETY_OK;
    if (!is_integer(key->type))
        return surety_fail(err, SURETY_ERR_PARSE, "%s: metadata key '%s' is no integer", file->name,
                           name);
    uint64_t value = (uint64_t)load_i64(key->type, key->data);
    if (value < low || value > high)
        return surety_fail(err, SURETY_ERR_PARSE,
                           "%s: metadata key '%s' is out of range (%llu to %llu)", file->name, name,
                           (unsigned long long)low, (unsigned long long)high);
    *ret = value;
    return SURETY_OK;
}

enum surety_err gguf_get_f64(const struct gguf_file *file, const char *name, double *ret,
                             struct surety_error *err)
{
    const struct gguf_key *key = gguf_find(file, name);
    if (!key)
        return SURETY_OK;
    if (key->type == GGUF_F32) {
        *ret = (double)load_f32(key->data);
    } else if (key->type == GGUF_F64) {
        uint64_t bits = load(key->data, 8);
        memcpy(ret, &bits, sizeof *ret);
    } else {
        return surety_fail(err, SURETY_ERR_PARSE,
                           "%s: metadata key '%s' is no floating-point number", file->name, name);
    }
    return SURETY_OK;
}

enum surety_err gguf_get_bool(const struct gguf_file *file, const char *name, bool *ret,
                              struct surety_error *err)
{
    const struct gguf_key *key = gguf_find(file, name);
    if (!key)
        return SURETY_OK;
    if (key->type != GGUF_BOOL)
        return surety_fail(err, SURETY_ERR_PARSE, "%s: metadata key '%s' is no truth value",
                           file->name, name);
    *ret = key->data[0] != 0;
    return SURETY_OK;
}

enum surety_err gguf_get_string(const struct gguf_file *file, const char *name,
                                struct gguf_string *ret, struct surety_error *err)
{
    const struct gguf_key *key = gguf_find(file, name);
    if (!key)
        return SURETY_OK;
    if (key->type != GGUF_STRING)
        return surety_fail(err, SURETY_ERR_PARSE, "%s: metadata key '%s' is no string", file->name,
                           name);
    const unsigned char *cursor = key->data;
    *ret = gguf_next_string(&cursor);
    return SURETY_OK;
}

struct gguf_string gguf_next_string(const unsigned char **cursor)
{
    struct gguf_string s = {(const char *)*cursor + 8, (size_t)load(*cursor, 8)};
    *cursor += 8 + s.len;
    return s;
}

uint64_t gguf_hash(const struct gguf_file *file)
{
    uint64_t h = hash_bytes(0, file->bytes, file->data_start);
    h = hash_u64(h, file->size);
    for (size_t i = 0; i < file->n_tensors; i++) {
        const struct gguf_tensor *t = &file->tensors[i];
        size_t n = t->bytes < SAMPLE_BYTES ? (size_t)t->bytes : SAMPLE_BYTES;
        for (unsigned part = 0; part <= 4; part++) /* start, quarters, end */
            h = hash_bytes(h, t->data + (t->bytes - n) / 4 * part, n);
    }
    return h;
}
