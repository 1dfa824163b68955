#include "tests/unit/test.h"

#include "tests/engine_help.h"
#include "tests/gguf_help.h"

static struct buf bytes;
static struct gguf_file file;
static struct surety_error err;

static int setup(void **state)
{
    buf_init(&bytes, 1 << 20);
    file = (struct gguf_file){0};
    err = (struct surety_error){0};
    return 0;
}

static int teardown(void **state)
{
    gguf_close(&file);
    buf_fini(&bytes);
    return 0;
}

/* Parses an exact copy, so that a sanitizer sees a read beyond the end. */
static enum surety_err parse(void)
{
    static char *copy;
    free(copy);
    copy = malloc(bytes.len + 1);
    assert_non_null(copy);
    if (bytes.len > 0)
        memmove(copy + 1, bytes.data, bytes.len); /* and unaligned */
    gguf_close(&file);
    return gguf_parse("m.gguf", copy + 1, bytes.len, &file, &err);
}

static void assert_fails(enum surety_err code, const char *part)
{
    assert_int_equal(parse(), code);
    if (!strstr(err.message, part))
        print_error("\"%s\" lacks \"%s\"\n", err.message, part);
    assert_non_null(strstr(err.message, part));
    assert_non_null(strstr(err.message, "m.gguf"));
    assert_null(file.keys);
}

static void put_two_tensors(uint64_t second_offset)
{
    put_header(&bytes, 2, 1);
    put_u32(&bytes, "general.alignment", 32);
    put_tensor(&bytes, "b", 4, 3, GGUF_TENSOR_F32, 0);
    put_tensor(&bytes, "a", 2, 0, GGUF_TENSOR_F16, second_offset);
    put_padding(&bytes, 32);
    for (int i = 0; i < 12; i++)
        put_int(&bytes, (uint64_t)i, 4);
    put_padding(&bytes, 32);
    put_int(&bytes, 0x11223344, 4);
}

static void parse_whole_file_finds_keys_and_tensors(void **state)
{
    put_two_tensors(64);
    assert_int_equal(parse(), SURETY_OK);
    const struct gguf_tensor *b = gguf_find_tensor(&file, "b"), *a = gguf_find_tensor(&file, "a");
    assert_int_equal(b->n_dims, 2);
    assert_int_equal(b->dims[0], 4);
    assert_int_equal(b->dims[1], 3);
    assert_int_equal(b->dims[2], 1);
    assert_int_equal(b->bytes, 48);
    assert_int_equal(b->data[4], 1);
    assert_int_equal(a->type, GGUF_TENSOR_F16);
    assert_int_equal(a->data[0], 0x44);
    assert_null(gguf_find_tensor(&file, "c"));
    assert_null(gguf_find(&file, "general.alignmen"));
    uint64_t n = 0;
    assert_int_equal(gguf_get_u64(&file, "general.alignment", 0, 100, &n, &err), SURETY_OK);
    assert_int_equal(n, 32);
}

static void parse_values_of_every_type(void **state)
{
    put_header(&bytes, 0, 7);
    put_key(&bytes, "i8", GGUF_I8);
    put_int(&bytes, 0xFE, 1);
    put_key(&bytes, "f32", GGUF_F32);
    put_int(&bytes, 0x3FC00000, 4);
    put_key(&bytes, "f64", GGUF_F64);
    put_int(&bytes, 0x3FF8000000000000, 8);
    put_string(&bytes, "s", "text");
    put_key(&bytes, "bool", GGUF_BOOL);
    put_int(&bytes, 1, 1);
    put_array(&bytes, "ints", GGUF_I16, 2);
    put_int(&bytes, 0x0003FFFF, 4);
    put_array(&bytes, "strings", GGUF_STRING, 2);
    put_text(&bytes, "x", 1);
    put_text(&bytes, "", 0);
    assert_int_equal(parse(), SURETY_OK);
    double d = 0;
    assert_int_equal(gguf_get_f64(&file, "f32", &d, &err), SURETY_OK);
    assert_true(d == 1.5);
    d = 0;
    assert_int_equal(gguf_get_f64(&file, "f64", &d, &err), SURETY_OK);
    assert_true(d == 1.5);
    assert_int_equal(gguf_get_f64(&file, "absent", &d, &err), SURETY_OK);
    assert_true(d == 1.5);
    struct gguf_string s = {0};
    assert_int_equal(gguf_get_string(&file, "s", &s, &err), SURETY_OK);
    assert_int_equal(s.len, 4);
    assert_memory_equal(s.text, "text", 4);
    assert_int_equal(gguf_array_i64(gguf_find(&file, "ints"), 0), -1);
    assert_int_equal(gguf_array_i64(gguf_find(&file, "ints"), 1), 3);
    const unsigned char *cursor = gguf_find(&file, "strings")->data;
    assert_int_equal(gguf_next_string(&cursor).len, 1);
    assert_int_equal(gguf_next_string(&cursor).len, 0);
    bool truth = false;
    assert_int_equal(gguf_get_bool(&file, "bool", &truth, &err), SURETY_OK);
    assert_true(truth);
    assert_int_equal(gguf_get_bool(&file, "i8", &truth, &err), SURETY_ERR_PARSE);
    uint64_t n = 7;
    assert_int_equal(gguf_get_u64(&file, "s", 0, 9, &n, &err), SURETY_ERR_PARSE);
    assert_int_equal(gguf_get_u64(&file, "i8", 0, 9, &n, &err), SURETY_ERR_PARSE);
    assert_int_equal(gguf_get_f64(&file, "s", &d, &err), SURETY_ERR_PARSE);
    assert_int_equal(gguf_get_string(&file, "f64", &s, &err), SURETY_ERR_PARSE);
    assert_int_equal(n, 7);
}

static void parse_no_gguf_says_what_it_is(void **state)
{
    assert_fails(SURETY_ERR_PARSE, "empty");
    buf_append(&bytes, "\xFF\xD8\xFF\xE0\0\x10JFIF", 10);
    assert_fails(SURETY_ERR_PARSE, "not a GGUF file: it starts with \"????\" (ff d8 ff e0)");
    buf_reset(&bytes);
    buf_puts(&bytes, "GG");
    assert_fails(SURETY_ERR_PARSE, "starts with \"GG\" (47 47)");
    buf_reset(&bytes);
    buf_puts(&bytes, "GGUF");
    assert_fails(SURETY_ERR_PARSE, "ends within its header");
}

static void parse_other_version_is_named(void **state)
{
    put_header(&bytes, 0, 0);
    bytes.data[4] = 2;
    assert_int_equal(parse(), SURETY_OK);
    bytes.data[4] = 1;
    assert_fails(SURETY_ERR_UNSUPPORTED, "GGUF version 1");
    bytes.data[4] = 4;
    assert_fails(SURETY_ERR_UNSUPPORTED, "GGUF version 4");
    memcpy(bytes.data + 4, "\0\0\0\3", 4);
    assert_fails(SURETY_ERR_UNSUPPORTED, "big-endian");
}

static void parse_absurd_counts_fail_before_allocation(void **state)
{
    put_header(&bytes, 0, (uint64_t)1 << 63);
    assert_fails(SURETY_ERR_PARSE, "9223372036854775808 metadata keys");
    buf_reset(&bytes);
    put_header(&bytes, (uint64_t)1 << 63, 0);
    assert_fails(SURETY_ERR_PARSE, "9223372036854775808 tensors");
    buf_reset(&bytes);
    put_header(&bytes, 0, 50000);
    assert_fails(SURETY_ERR_PARSE, "50000 metadata keys, more than fit");
    for (int element = GGUF_U8; element <= GGUF_F64; element++) {
        if (element == GGUF_ARRAY)
            continue;
        buf_reset(&bytes);
        put_header(&bytes, 0, 1);
        put_array(&bytes, "huge", (enum gguf_type)element, (uint64_t)1 << 62);
        assert_fails(SURETY_ERR_PARSE, "'huge' claims 4611686018427387904 elements");
    }
    buf_reset(&bytes);
    put_header(&bytes, 0, 1);
    put_int(&bytes, UINT64_MAX, 8);
    put_int(&bytes, 0, 8);
    assert_fails(SURETY_ERR_PARSE, "ends within its metadata");
}

static void parse_bad_metadata_names_the_key(void **state)
{
    put_header(&bytes, 0, 1);
    put_array(&bytes, "nest\xFF", GGUF_ARRAY, 1);
    put_int(&bytes, 0, 16);
    assert_fails(SURETY_ERR_UNSUPPORTED, "'nest?' is an array of arrays");
    buf_reset(&bytes);
    put_header(&bytes, 0, 1);
    put_key(&bytes, "odd", (enum gguf_type)77);
    put_int(&bytes, 0, 8);
    assert_fails(SURETY_ERR_PARSE, "'odd' has the unknown type 77");
    buf_reset(&bytes);
    put_header(&bytes, 0, 2);
    put_u32(&bytes, "twin", 1);
    put_u32(&bytes, "twin", 1);
    assert_fails(SURETY_ERR_PARSE, "'twin' occurs twice");
    buf_reset(&bytes);
    put_header(&bytes, 0, 1);
    put_u32(&bytes, "general.alignment", 3);
    assert_fails(SURETY_ERR_PARSE, "no power of two");
}

static void parse_bad_tensor_names_the_tensor(void **state)
{
    put_two_tensors(33);
    assert_fails(SURETY_ERR_PARSE, "'a' is misaligned");
    buf_reset(&bytes);
    put_two_tensors(32);
    assert_fails(SURETY_ERR_PARSE, "'a' overlaps");
    buf_reset(&bytes);
    put_two_tensors(96);
    assert_fails(SURETY_ERR_PARSE, "'a' reaches beyond the end");
    buf_reset(&bytes);
    put_header(&bytes, 1, 0);
    put_tensor(&bytes, "q", 32, 32, 3, 0);
    assert_fails(SURETY_ERR_UNSUPPORTED, "'q' is of type Q4_1");
    buf_reset(&bytes);
    put_header(&bytes, 1, 0);
    put_tensor(&bytes, "wide", (uint64_t)1 << 40, (uint64_t)1 << 40, 0, 0);
    assert_fails(SURETY_ERR_PARSE, "'wide' is larger than any file");
    buf_reset(&bytes);
    put_header(&bytes, 1, 0);
    put_tensor(&bytes, "big", 1000, 1000, 0, 0);
    assert_fails(SURETY_ERR_PARSE, "'big' is larger than the file");
    buf_reset(&bytes);
    put_header(&bytes, 1, 0);
    put_tensor(&bytes, "none", 0, 1, 0, 0);
    assert_fails(SURETY_ERR_PARSE, "'none' has a dimension of 0");
    buf_reset(&bytes);
    put_header(&bytes, 2, 0);
    put_tensor(&bytes, "t", 4, 0, 0, 0);
    put_tensor(&bytes, "t", 4, 0, 0, 32);
    put_padding(&bytes, 32);
    put_int(&bytes, 0, 64);
    assert_fails(SURETY_ERR_PARSE, "'t' occurs twice");
}

static void put_key_name(uint64_t len)
{
    put_int(&bytes, len, 8);
    for (uint64_t i = 0; i < len && i < 70000; i++)
        put_int(&bytes, 'k', 1);
    put_int(&bytes, GGUF_U8, 4);
    put_int(&bytes, 0, 16);
}

static void parse_lengths_beyond_limits_are_named(void **state)
{
    put_header(&bytes, 0, 1);
    put_key_name(0);
    assert_fails(SURETY_ERR_PARSE, "a metadata key '' of 0 bytes");
    buf_reset(&bytes);
    put_header(&bytes, 0, 1);
    put_key_name(65536);
    assert_fails(SURETY_ERR_PARSE, "of 65536 bytes");
    buf_reset(&bytes);
    put_header(&bytes, 0, 1);
    put_key_name((uint64_t)1 << 63);
    assert_fails(SURETY_ERR_PARSE, "ends within its metadata");
    buf_reset(&bytes);
    put_header(&bytes, 0, 1);
    put_key(&bytes, "long", GGUF_STRING);
    put_int(&bytes, (uint64_t)1 << 63, 8);
    assert_fails(SURETY_ERR_PARSE, "ends within the metadata key 'long'");
    buf_reset(&bytes);
    put_header(&bytes, 0, 1);
    put_array(&bytes, "list", GGUF_STRING, 2);
    put_text(&bytes, "x", 1);
    put_int(&bytes, UINT64_MAX, 8);
    assert_fails(SURETY_ERR_PARSE, "ends within the metadata key 'list'");
    buf_reset(&bytes);
    put_header(&bytes, 0, 1);
    put_array(&bytes, "odd", (enum gguf_type)13, 1);
    put_int(&bytes, 0, 8);
    assert_fails(SURETY_ERR_PARSE, "'odd' has the unknown type 13");
    buf_reset(&bytes);
    put_header(&bytes, 1, 0);
    put_int(&bytes, (uint64_t)1 << 63, 8);
    put_int(&bytes, 0, 32);
    assert_fails(SURETY_ERR_PARSE, "ends within its tensor table");
    buf_reset(&bytes);
    put_header(&bytes, 1, 0);
    put_tensor(&bytes, "", 1, 0, GGUF_TENSOR_F32, 0);
    put_int(&bytes, 0, 8);
    assert_fails(SURETY_ERR_PARSE, "has no name");
}

static void parse_alignment_is_checked(void **state)
{
    static const struct {
        enum gguf_type type;
        uint64_t value;
        const char *part;
    } table[] = {{GGUF_U32, 0, "'general.alignment' is out of range"},
                 {GGUF_U64, (uint64_t)1 << 63, "'general.alignment' is out of range"},
                 {GGUF_I32, UINT32_MAX, "'general.alignment' is out of range"},
                 {GGUF_U32, 1 << 21, "'general.alignment' is out of range"},
                 {GGUF_U32, 48, "general.alignment is 48, which is no power of two"},
                 {GGUF_F32, 0x42000000, "'general.alignment' is no integer"},
                 {GGUF_BOOL, 1, "'general.alignment' is no integer"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        buf_reset(&bytes);
        put_header(&bytes, 0, 1);
        put_key(&bytes, "general.alignment", table[i].type);
        put_int(&bytes, table[i].value, 8);
        assert_fails(SURETY_ERR_PARSE, table[i].part);
    }
}

static void parse_shapes_and_places_of_tensors_are_checked(void **state)
{
    static const struct {
        uint32_t n_dims;
        uint64_t dims[5], offset;
        const char *part;
    } table[] = {
        {0, {0}, 0, "'t' has no or more than four dimensions"},
        {5, {1, 1, 1, 1, 1}, 0, "'t' has no or more than four dimensions"},
        {UINT32_MAX, {1}, 0, "'t' has no or more than four dimensions"},
        {4, {1 << 20, 1 << 20, 1 << 20, 1 << 20}, 0, "'t' is larger than any file"},
        {2, {(uint64_t)1 << 63, 2}, 0, "'t' is larger than any file"},
        {1, {(uint64_t)1 << 61}, 0, "'t' is larger than the file"},
        {4, {2, 2, 0, 2}, 0, "'t' has a dimension of 0"},
        {1, {4}, (uint64_t)1 << 63, "'t' reaches beyond the end of the file"},
        {1, {4}, UINT64_MAX - 31, "'t' reaches beyond the end of the file"},
        {1, {4}, UINT64_MAX, "'t' is misaligned"},
        {1, {9}, 0, "'t' reaches beyond the end of the file"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        buf_reset(&bytes);
        put_header(&bytes, 1, 0);
        put_text(&bytes, "t", 1);
        put_int(&bytes, table[i].n_dims, 4);
        for (uint32_t d = 0; d < table[i].n_dims && d < 5; d++)
            put_int(&bytes, table[i].dims[d], 8);
        put_int(&bytes, GGUF_TENSOR_F32, 4);
        put_int(&bytes, table[i].offset, 8);
        put_padding(&bytes, 32);
        put_int(&bytes, 0, 32);
        assert_fails(SURETY_ERR_PARSE, table[i].part);
    }
}

static void parse_every_truncation_fails(void **state)
{
    put_two_tensors(64);
    assert_int_equal(parse(), SURETY_OK);
    for (size_t whole = bytes.len; bytes.len > 0;) {
        bytes.len--;
        assert_int_not_equal(parse(), SURETY_OK);
        assert_true(err.message[0] != '\0');
        assert_true(bytes.len < whole);
    }
}

static void open_no_regular_file_fails(void **state)
{
    assert_int_equal(gguf_open("no/such.gguf", &file, &err), SURETY_ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "no/such.gguf"));
    assert_int_equal(gguf_open("/dev", &file, &err), SURETY_ERR_IO);
    assert_int_equal(gguf_open("/dev/null", &file, &err), SURETY_ERR_IO);
    char *path = help_file("", 0);
    assert_int_equal(gguf_open(path, &file, &err), SURETY_ERR_PARSE);
    help_unlink(path);
}

static void hash_changes_with_header_and_data(void **state)
{
    put_two_tensors(64);
    assert_int_equal(parse(), SURETY_OK);
    uint64_t first = gguf_hash(&file);
    assert_int_equal(parse(), SURETY_OK);
    assert_true(gguf_hash(&file) == first);
    bytes.data[bytes.len - 1] ^= 1;
    assert_int_equal(parse(), SURETY_OK);
    assert_true(gguf_hash(&file) != first);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(parse_whole_file_finds_keys_and_tensors),
        TEST(parse_values_of_every_type),
        TEST(parse_no_gguf_says_what_it_is),
        TEST(parse_other_version_is_named),
        TEST(parse_absurd_counts_fail_before_allocation),
        TEST(parse_bad_metadata_names_the_key),
        TEST(parse_bad_tensor_names_the_tensor),
        TEST(parse_lengths_beyond_limits_are_named),
        TEST(parse_alignment_is_checked),
        TEST(parse_shapes_and_places_of_tensors_are_checked),
        TEST(parse_every_truncation_fails),
        TEST(open_no_regular_file_fails),
        TEST(hash_changes_with_header_and_data),
    };
    return cmocka_run_group_tests_name("engine.file", tests, NULL, NULL);
}
