#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "engine/openai/reply.h"

#define CHUNK(delta) "data: {\"choices\":[{\"delta\":{" delta "}}]}\n\n"
#define TEXT(text) CHUNK("\"content\":\"" text "\"")
#define FINISH(why) "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"" why "\"}]}\n\n"
#define DONE "data: [DONE]\n\n"

static struct reply reply;
static struct surety_error err;
static char *text;

static int fini(void **state)
{
    reply_fini(&reply);
    free(text);
    text = NULL;
    return 0;
}

static enum surety_err read_with(const char *bytes, const struct surety_sampling *sampling,
                                 uint32_t most_tokens)
{
    fini(NULL);
    err = (struct surety_error){0};
    reply_init(&reply, sampling, most_tokens);
    enum surety_err code = reply_push(&reply, bytes, strlen(bytes), &err);
    if (!code)
        code = reply_end(&reply, &err);
    text = reply_text(&reply);
    assert_non_null(text);
    assert_int_equal(code, err.code);
    return code;
}

static enum surety_err read_all(const char *bytes)
{
    return read_with(bytes, NULL, 0);
}

static void stream_gives_text_and_counts(void **state)
{
    assert_int_equal(
        read_all(CHUNK("\"role\":\"assistant\",\"content\":null") TEXT("Six ") TEXT("\\u00e9")
                     FINISH("length") "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,"
                                      "\"completion_tokens\":4,\"prompt_tokens_details\":"
                                      "{\"cached_tokens\":5}}}\n\n" DONE),
        SURETY_OK);
    assert_string_equal(text, "Six \u00e9");
    assert_int_equal(reply.shape, REPLY_STREAM);
    assert_int_equal(reply.pieces, 2);
    assert_true(reply.cut && reply.finished && reply.done);
    assert_int_equal(reply.prompt_tokens, 9);
    assert_int_equal(reply.completion_tokens, 4);
    assert_int_equal(reply.cached_tokens, 5);
}

static void whole_reply_is_told_from_a_stream(void **state)
{
    assert_int_equal(
        read_all(" {\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":"
                 "\"stop\"}],\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":1}}"),
        SURETY_OK);
    assert_int_equal(reply.shape, REPLY_WHOLE);
    assert_string_equal(text, "x");
    assert_int_equal(
        read_all("{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\",\"text\":"
                 "\"a\"},{\"text\":\"b\"}]}}]}"),
        SURETY_OK);
    assert_string_equal(text, "ab");
    assert_int_equal(reply.prompt_tokens, -1);
    fini(NULL); /* in pieces of one byte */
    static const char stream[] = ": hello\n\n" TEXT("a") DONE;
    reply_init(&reply, NULL, 0);
    for (size_t i = 0; i < sizeof stream - 1; i++)
        assert_int_equal(reply_push(&reply, stream + i, 1, &err), SURETY_OK);
    assert_int_equal(reply_end(&reply, &err), SURETY_OK);
    assert_int_equal(reply.shape, REPLY_STREAM);
    assert_string_equal(reply.text.data, "a");
}

static void thinking_is_put_before_the_text(void **state)
{
    assert_int_equal(read_all(CHUNK("\"reasoning_content\":\"hm\"") TEXT("42") DONE), SURETY_OK);
    assert_string_equal(text, "<think>\nhm\n</think>\n\n42");
    assert_int_equal(read_all(CHUNK("\"reasoning\":\"hm\",\"content\":\"\"") TEXT("42") DONE),
                     SURETY_OK);
    assert_string_equal(text, "<think>\nhm\n</think>\n\n42");
    assert_int_equal(
        read_all(CHUNK("\"reasoning_content\":null,\"reasoning\":\"h\"") FINISH("length") DONE),
        SURETY_OK);
    assert_string_equal(text, "<think>\nh");
}

static void counts_that_cannot_be_are_dropped(void **state)
{
    static const char *const usages[] = {
        "{\"prompt_tokens\":-5,\"completion_tokens\":-17}",
        "{\"prompt_tokens\":\"9\",\"completion_tokens\":1e300}",
        "{\"prompt_tokens\":99999999999999999999,\"completion_tokens\":4000000000}",
        "[1]",
        "null",
    };
    for (size_t i = 0; i < sizeof usages / sizeof *usages; i++) {
        char stream[300];
        snprintf(stream, sizeof stream, TEXT("a") "data: {\"choices\":[],\"usage\":%s}\n\n" DONE,
                 usages[i]);
        assert_int_equal(read_all(stream), SURETY_OK);
        assert_int_equal(reply.prompt_tokens, -1);
        assert_int_equal(reply.completion_tokens, -1);
    }
    read_all(TEXT("a") "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,"
                       "\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\n" DONE);
    assert_int_equal(reply.cached_tokens, -1);
}

static void nothing_counts_after_done(void **state)
{
    assert_int_equal(read_all(TEXT("a") DONE TEXT("b") "{{{\x01\n\ndata: {\n\n"), SURETY_OK);
    assert_string_equal(text, "a");
    char junk[5000];
    memset(junk, 'x', sizeof junk);
    for (int i = 0; i < 20 && !reply.enough; i++)
        assert_int_equal(reply_push(&reply, junk, sizeof junk, &err), SURETY_OK);
    assert_true(reply.enough);
}

static void stop_string_is_found_across_pieces(void **state)
{
    char *stops[] = {(char *)"never", (char *)"\n\nQ:"};
    const struct surety_sampling sampling = {.stop = stops, .n_stop = 2};
    assert_int_equal(
        read_with(TEXT("42\\n") TEXT("\\nQ") TEXT(": next") TEXT("more"), &sampling, 0), SURETY_OK);
    assert_string_equal(text, "42");
    assert_true(reply.enough && !reply.cut);
}

static void tokens_beyond_the_most_end_it(void **state)
{
    struct buf stream;
    buf_init(&stream, 100000);
    for (int i = 0; i < 3 + REPLY_SLACK; i++)
        buf_puts(&stream, TEXT("a"));
    assert_int_equal(read_with(stream.data, NULL, 3), SURETY_OK);
    assert_true(reply.enough && reply.cut);
    buf_fini(&stream);
}

static void bad_replies_are_refused_with_a_sentence(void **state)
{
    static const struct {
        const char *bytes;
        enum surety_err code;
        const char *part;
    } table[] = {
        {"", SURETY_ERR_PARSE, "empty"},
        {"<html>It works</html>", SURETY_ERR_PARSE, "not valid JSON"},
        {"{}", SURETY_ERR_PARSE, "without \"choices\""},
        {"[]", SURETY_ERR_PARSE, "without \"choices\""},
        {"{\"choices\":3}", SURETY_ERR_PARSE, "without \"choices\""},
        {"data: {\n\n", SURETY_ERR_PARSE, "not valid JSON"},
        {TEXT("a"), SURETY_ERR_PARSE, "in the middle"},
        {TEXT("a") "data: {\"error\":{\"message\":\"out of memory\"}}\n\n", SURETY_ERR_ENGINE,
         "out of memory"},
        {"{\"error\":\"no such model\"}", SURETY_ERR_ENGINE, "no such model"},
        {FINISH("content_filter"), SURETY_ERR_ENGINE, "filter"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(read_all(table[i].bytes), table[i].code);
        if (!strstr(err.message, table[i].part))
            print_error("\"%s\" lacks \"%s\"\n", err.message, table[i].part);
        assert_non_null(strstr(err.message, table[i].part));
    }
}

static void odd_shapes_harm_nothing(void **state)
{
    static const char *const events[] = {
        "{\"choices\":[null]}",
        "{\"choices\":[{\"delta\":[]}]}",
        "{\"choices\":[{\"delta\":{\"content\":{\"a\":1}}}]}",
        "{\"choices\":[{\"delta\":{\"content\":[1,null,{\"text\":5}]}}]}",
        "{\"choices\":[{\"delta\":{\"reasoning\":7}}],\"usage\":7}",
        "{\"choices\":[{\"logprobs\":{\"content\":[{\"logprob\":5},{\"logprob\":\"x\"},{}]}}]}",
        "{\"choices\":[{\"finish_reason\":7}],\"system_fingerprint\":[]}",
        "{\"choices\":[]}",
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        char stream[300];
        snprintf(stream, sizeof stream, TEXT("a") "data: %s\n\n" DONE, events[i]);
        assert_int_equal(read_all(stream), SURETY_OK);
        assert_string_equal(text, "a");
        assert_true(isnan(reply.logprob));
    }
    assert_int_equal(read_all("data: {\"choices\":[{\"delta\":{\"content\":\"\xFF\xC3 \\u0000\"}}]}"
                              "\n\n" DONE),
                     SURETY_OK);
    assert_true(utf8_is_valid(text, strlen(text)));
}

static void logprobs_are_summed(void **state)
{
    read_all("data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"logprobs\":{\"content\":["
             "{\"logprob\":-1.5},{\"logprob\":-0.5}]}}]}\n\n" DONE);
    assert_float_equal(reply.logprob, -2, 1e-9);
}

static void words_are_found_in_errors_of_all_kinds(void **state)
{
    static const struct {
        const char *body, *words;
    } table[] = {
        {"{\"error\":{\"message\":\"bad\\nkey\"}}", "bad key"},
        {"{\"error\":\"bad\"}", "bad"},
        {"{\"detail\":\"bad\"}", "bad"},
        {"{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"bad\"}]}", "bad"},
        {"{\"object\":\"error\",\"message\":\"bad\"}", "bad"},
        {"plain  words\r\n", "plain words "},
        {"<html>bad</html>", ""},
        {" <!DOCTYPE html>", ""},
        {"", ""},
        {"{}", ""},
        {"\x1b[31mred", " [31mred"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char words[50];
        reply_words(table[i].body, strlen(table[i].body), words, sizeof words);
        const char *start = words;
        while (*start == ' ' && table[i].words[0] != ' ')
            start++;
        if (table[i].words[0] == ' ')
            assert_string_equal(words, table[i].words + 1);
        else
            assert_string_equal(start, table[i].words);
    }
    char words[10];
    reply_words("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", 14, words, sizeof words);
    assert_true(utf8_is_valid(words, strlen(words)) && strlen(words) >= 6);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, fini)
    const struct CMUnitTest tests[] = {
        TEST(stream_gives_text_and_counts),
        TEST(whole_reply_is_told_from_a_stream),
        TEST(thinking_is_put_before_the_text),
        TEST(counts_that_cannot_be_are_dropped),
        TEST(nothing_counts_after_done),
        TEST(stop_string_is_found_across_pieces),
        TEST(tokens_beyond_the_most_end_it),
        TEST(bad_replies_are_refused_with_a_sentence),
        TEST(odd_shapes_harm_nothing),
        TEST(logprobs_are_summed),
        TEST(words_are_found_in_errors_of_all_kinds),
    };
    return cmocka_run_group_tests_name("engine.reply", tests, NULL, NULL);
}
