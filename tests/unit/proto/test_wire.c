#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/unit/proto/request_help.h"
#include "tests/unit/proto/settings_help.h"
#include <surety/settings.h>

/* Encodes, decodes, encodes again: the bytes must be the same. The message read back is in arena.
 */
static struct wire_message round_trip(const struct wire_message *m, struct arena *arena)
{
    char *body, *again;
    size_t len, again_len;
    struct surety_error err = {0};
    struct wire_message back = {0};
    arena_init(arena, 1u << 20);
    if (wire_encode(m, &body, &len, &err) || wire_decode(m->command, body, len, arena, &back, &err))
        fail_msg("%s: %s", wire_command_name(m->command), err.message);
    assert_int_equal(wire_encode(&back, &again, &again_len, &err), SURETY_OK);
    assert_int_equal(len, again_len);
    assert_memory_equal(body, again, len);
    assert_int_equal(back.command, m->command);
    free(body);
    free(again);
    return back;
}

static void command_names_round_trip(void **state)
{
    for (int c = 0; c < WIRE_COMMAND_COUNT_; c++) {
        const char *name = wire_command_name((enum wire_command)c);
        enum wire_command back;
        assert_true(wire_command_from_name(name, strlen(name), &back));
        assert_int_equal(back, c);
        assert_in_range(strlen(name), 1, WIRE_COMMAND_MAX);
        assert_false(wire_command_from_name(name, strlen(name) - 1, &back));
    }
    enum wire_command back;
    assert_false(wire_command_from_name("hello", 5, &back));
    assert_false(wire_command_from_name("", 0, &back));
}

static void hello_and_welcome_round_trip(void **state)
{
    struct arena a;
    struct wire_message m = {.command = WIRE_HELLO}, b;
    m.hello.worker = true;
    m.hello.version = "0.1.0";
    m.hello.model = (struct surety_model){"demo", "beef", "gguf", "instruct", "gguf/1/beef/avx2",
                                          4096,   32,     true,   true};
    b = round_trip(&m, &a);
    assert_true(b.hello.worker);
    assert_string_equal(b.hello.model.repro, "gguf/1/beef/avx2");
    assert_int_equal(b.hello.model.context_tokens, 4096);
    assert_int_equal(b.hello.model.slots, 32);
    assert_true(b.hello.model.chooses && b.hello.model.passes);
    assert_true(!b.hello.origin.pid && !b.hello.origin.host && !b.hello.origin.name);
    arena_fini(&a);
    m.hello.origin = (struct wire_origin){UINT32_MAX, "hôst", "left one"};
    b = round_trip(&m, &a);
    assert_true(b.hello.origin.pid == UINT32_MAX);
    assert_string_equal(b.hello.origin.host, "hôst");
    assert_string_equal(b.hello.origin.name, "left one");
    arena_fini(&a);
    m.hello.worker = false;
    b = round_trip(&m, &a);
    assert_false(b.hello.worker);
    assert_string_equal(b.hello.version, "0.1.0");
    arena_fini(&a);
    m = (struct wire_message){.command = WIRE_WELCOME, .welcome = {"0.1.0", 500, 64, true}};
    b = round_trip(&m, &a);
    assert_int_equal(b.welcome.heartbeat_ms, 500);
    assert_int_equal(b.welcome.window, 64);
    assert_true(b.welcome.users);
    arena_fini(&a);
}

static void batch_and_output_round_trip(void **state)
{
    struct arena a;
    char *stops[] = {"<|im_end|>", "\n\n"}, *claims[] = {"6*7 = 42", ""};
    struct surety_message messages[] = {{"system", "judge"}, {"user", "é <|im_end|>"}};
    struct surety_item items[] = {{0, 2147483647, 0}, {31, 7, 2}};
    char *labels[] = {" VALID", " REFUTED"};
    struct wire_message m = {.command = WIRE_BATCH}, b;
    m.batch.request = UINT64_MAX;
    m.batch.task = (struct surety_task){.stage = SURETY_STAGE_VERIFY,
                                        .id = 9,
                                        .messages = messages,
                                        .n_messages = 2,
                                        .sampling = {.temperature = 0.7,
                                                     .top_p = 0.95,
                                                     .top_k = 40,
                                                     .max_tokens = 256,
                                                     .max_thinking = 64,
                                                     .stop = stops,
                                                     .n_stop = 2},
                                        .problem = "6*7?",
                                        .claims = claims,
                                        .n_claims = 2,
                                        .items = items,
                                        .n_items = 2,
                                        .labels = labels,
                                        .n_labels = 2,
                                        .opened = "VERDICT:"};
    b = round_trip(&m, &a);
    assert_true(b.batch.request == UINT64_MAX);
    assert_int_equal(b.batch.task.stage, SURETY_STAGE_VERIFY);
    assert_string_equal(b.batch.task.messages[1].content, "é <|im_end|>");
    assert_string_equal(b.batch.task.sampling.stop[1], "\n\n");
    assert_true(b.batch.task.sampling.temperature == 0.7);
    assert_string_equal(b.batch.task.claims[0], "6*7 = 42");
    assert_int_equal(b.batch.task.items[1].index, 31);
    assert_int_equal(b.batch.task.items[1].attempt, 2);
    assert_int_equal(b.batch.task.n_labels, 2);
    assert_string_equal(b.batch.task.labels[1], " REFUTED");
    assert_string_equal(b.batch.task.opened, "VERDICT:");
    arena_fini(&a);
    m.batch.task.n_labels = 0;
    m.batch.task.opened = NULL;
    b = round_trip(&m, &a);
    assert_int_equal(b.batch.task.n_labels, 0);
    assert_null(b.batch.task.opened);
    arena_fini(&a);

    m = (struct wire_message){.command = WIRE_OUTPUT};
    m.output.request = 3;
    m.output.task = 1;
    m.output.output = (struct surety_output){.index = 5,
                                             .attempt = 1,
                                             .text = "42",
                                             .prompt_tokens = 10,
                                             .cached_tokens = 9,
                                             .completion_tokens = 3,
                                             .logprob = -1.5,
                                             .label_logprobs = {-0.25, -7},
                                             .n_labels = 2};
    b = round_trip(&m, &a);
    assert_true(b.output.output.logprob == -1.5);
    assert_int_equal(b.output.output.n_labels, 2);
    assert_true(b.output.output.label_logprobs[1] == -7);
    assert_int_equal(b.output.output.cached_tokens, 9);
    arena_fini(&a);
    m.output.output.finish = SURETY_FINISH_ERROR;
    m.output.output.logprob = NAN;
    m.output.output.error = (struct surety_error){SURETY_ERR_EXHAUSTED, "no sample 5"};
    b = round_trip(&m, &a);
    assert_true(isnan(b.output.output.logprob));
    assert_int_equal(b.output.output.error.code, SURETY_ERR_EXHAUSTED);
    assert_string_equal(b.output.output.error.message, "no sample 5");
    arena_fini(&a);
}

static void heartbeat_and_cancel_round_trip(void **state)
{
    struct arena a;
    struct wire_progress progress[] = {{{1, 2, 3, 4}, 5, false}, {{6, 7, 8, 9}, 10, true}};
    struct wire_item_key keys[] = {{1, 2, 3, 4}, {5, 6, 7, 8}};
    struct wire_message m = {.command = WIRE_HEARTBEAT, .heartbeat = {progress, 2, 7, 8, 9, "x"}},
                        b;
    b = round_trip(&m, &a);
    assert_int_equal(b.heartbeat.n, 2);
    assert_memory_equal(&b.heartbeat.items[1].key, &progress[1].key, 20);
    assert_int_equal(b.heartbeat.items[1].tokens, 10);
    assert_true(!b.heartbeat.items[0].alive && b.heartbeat.items[1].alive);
    assert_int_equal(b.heartbeat.outputs, 7);
    assert_int_equal(b.heartbeat.tokens, 8);
    assert_int_equal(b.heartbeat.waiting, 9);
    assert_string_equal(b.heartbeat.why, "x");
    arena_fini(&a);
    m.heartbeat.n = 0;
    assert_int_equal(round_trip(&m, &a).heartbeat.n, 0);
    arena_fini(&a);
    m = (struct wire_message){.command = WIRE_CANCEL, .cancel = {.items = keys, .n = 2}};
    b = round_trip(&m, &a);
    assert_int_equal(b.cancel.n, 2);
    assert_int_equal(b.cancel.items[1].attempt, 8);
    assert_null(b.cancel.id);
    arena_fini(&a);
    m.cancel.id = "p1";
    m.cancel.n = 0;
    assert_string_equal(round_trip(&m, &a).cancel.id, "p1");
    arena_fini(&a);
}

static void request_round_trips_with_every_setting(void **state)
{
    struct arena a;
    struct wire_message m = {.command = WIRE_REQUEST}, b;
    m.request = (struct surety_request){.id = "p1",
                                        .problem = "1+1?",
                                        .model_name = "demo",
                                        .verifier_model = "judge",
                                        .profile = "profile 1",
                                        .deadline_ms = 1000,
                                        .budget_tokens = 2000,
                                        .progress = true};
    m.request.settings = (struct surety_settings){.k = 1024,
                                                  .m = 64,
                                                  .gamma = 0,
                                                  .verify = SURETY_VERIFY_BLIND,
                                                  .verify_repeats = 3,
                                                  .controls = 9,
                                                  .verify_temperature = 0,
                                                  .signals = 31,
                                                  .rule = SURETY_RULE_SOFT,
                                                  .sampling = {.temperature = 0.5,
                                                               .top_p = 0.9,
                                                               .top_k = 3,
                                                               .max_tokens = 4,
                                                               .max_thinking = 5},
                                                  .seed = SURETY_SEED_MAX,
                                                  .text = true};
    b = round_trip(&m, &a);
    assert_string_equal(b.request.model_name, "demo");
    assert_string_equal(b.request.verifier_model, "judge");
    assert_string_equal(b.request.profile, "profile 1");
    assert_int_equal(b.request.settings.k, 1024);
    assert_true(b.request.settings.gamma == 0);
    assert_int_equal(b.request.settings.signals, 31);
    assert_int_equal(b.request.settings.sampling.max_tokens, 4);
    assert_int_equal(b.request.settings.sampling.max_thinking, 5);
    assert_int_equal(b.request.settings.verify, SURETY_VERIFY_BLIND);
    assert_int_equal(b.request.settings.controls, 9);
    assert_int_equal(b.request.settings.rule, SURETY_RULE_SOFT);
    assert_true(b.request.settings.seed == SURETY_SEED_MAX);
    assert_true(b.request.settings.text && b.request.progress);
    assert_int_equal(b.request.budget_tokens, 2000);
    arena_fini(&a);
    m.request.model_name = m.request.verifier_model = m.request.profile = NULL;
    m.request.settings.gamma = m.request.settings.verify_temperature = -1;
    b = round_trip(&m, &a);
    assert_null(b.request.model_name);
    assert_null(b.request.verifier_model);
    assert_null(b.request.profile);
    assert_true(b.request.settings.gamma < 0);
    assert_true(b.request.settings.verify_temperature < 0);
    arena_fini(&a);
}

static void each_member_of_a_request_travels(void **state)
{
    for (size_t i = 0; i < REQUEST_MEMBERS; i++) {
        struct wire_message m = {.command = WIRE_REQUEST};
        m.request.id = "p1";
        m.request.problem = "1+1?";
        surety_settings_init(&m.request.settings);
        for (int times = 0; times < 3; times++) {
            struct arena a;
            struct wire_message b = round_trip(&m, &a);
            for (size_t j = 0; j < REQUEST_MEMBERS; j++)
                if (!request_equal(&request_members[j], &m.request, &b.request))
                    fail_msg("%s does not arrive", request_members[j].name);
            arena_fini(&a);
            request_change(&request_members[i], &m.request);
        }
    }
}

static bool has_key(const struct wire_message *m, const char *key)
{
    char *body;
    size_t len;
    assert_int_equal(wire_encode(m, &body, &len, NULL), SURETY_OK);
    char packed[64] = {(char)(0xa0 | strlen(key))};
    memcpy(packed + 1, key, strlen(key));
    bool found = memmem(body, len, packed, strlen(key) + 1);
    free(body);
    return found;
}

static bool setting_equal(const struct setting *row, const struct surety_settings *a,
                          const struct surety_settings *b)
{
    return row->storage == SETTING_DOUBLE ? setting_number(row, a) == setting_number(row, b)
                                          : setting_integer(row, a) == setting_integer(row, b);
}

static void each_setting_travels(void **state)
{
    struct wire_message m = {.command = WIRE_REQUEST, .request = {.id = "p1", .problem = "1+1?"}};
    for (size_t i = 0; i < settings_count; i++) {
        struct arena a;
        surety_settings_init(&m.request.settings);
        for (int times = 0; times < 3; times++) { /* the default and two others */
            struct wire_message b = round_trip(&m, &a);
            const struct surety_settings *sent = &m.request.settings;
            assert_int_equal(has_key(&m, settings_table[i].key),
                             setting_is_told(&settings_table[i], sent));
            for (size_t j = 0; j < settings_count; j++) {
                const struct setting *row = &settings_table[j];
                if (!setting_equal(row, &b.request.settings, sent))
                    fail_msg("%s does not arrive", row->key);
            }
            arena_fini(&a);
            setting_change(&settings_table[i], &m.request.settings);
        }
    }
}

/* Those that are sampling's go on to the engine. */
static void each_setting_of_sampling_travels_to_the_engine(void **state)
{
    struct surety_item item = {0, 7, 0};
    struct wire_message m = {.command = WIRE_BATCH};
    m.batch.task = (struct surety_task){.problem = "1+1?", .items = &item, .n_items = 1};
    size_t n = 0;
    for (size_t i = 0; i < settings_count; i++) {
        struct surety_settings sent, got = {.k = 0};
        surety_settings_init(&sent);
        bool of_task = setting_is_sampling(&settings_table[i]);
        n += of_task;
        for (int times = 0; times < 3; times++) { /* the default and two others */
            struct arena a;
            m.batch.task.sampling = sent.sampling;
            got.sampling = round_trip(&m, &a).batch.task.sampling;
            if (of_task) /* "seed" is also a key of an item */
                assert_int_equal(has_key(&m, settings_table[i].key),
                                 setting_is_told(&settings_table[i], &sent));
            for (size_t j = 0; j < settings_count; j++) {
                const struct setting *row = &settings_table[j];
                if (setting_is_sampling(row) && !setting_equal(row, &got, &sent))
                    fail_msg("%s does not arrive", row->key);
            }
            arena_fini(&a);
            setting_change(&settings_table[i], &sent);
        }
    }
    assert_true(n >= 5);
}

static void small_messages_round_trip(void **state)
{
    struct arena a;
    struct wire_message m = {.command = WIRE_ACCEPTED, .accepted = {"p1"}}, b;
    assert_string_equal(round_trip(&m, &a).accepted.id, "p1");
    arena_fini(&a);
    m = (struct wire_message){.command = WIRE_PROGRESS, .result = {"p1", "{}"}};
    assert_string_equal(round_trip(&m, &a).result.json, "{}");
    arena_fini(&a);
    m.command = WIRE_RESULT;
    assert_string_equal(round_trip(&m, &a).result.id, "p1");
    arena_fini(&a);
    m = (struct wire_message){.command = WIRE_STATUS, .status = {""}};
    assert_string_equal(round_trip(&m, &a).status.json, "");
    arena_fini(&a);
    m = (struct wire_message){.command = WIRE_MODELS};
    assert_int_equal(round_trip(&m, &a).models.n, 0);
    arena_fini(&a);
    struct surety_model models[] = {{"a", "1", "e", "p", "r", 512, 5000, true, true},
                                    {"b", "", "", "", "", 0, 1, false, false}};
    m.models.list = models;
    m.models.n = 2;
    b = round_trip(&m, &a);
    assert_int_equal(b.models.n, 2);
    assert_string_equal(b.models.list[1].name, "b");
    assert_int_equal(b.models.list[0].slots, 5000);
    assert_true(b.models.list[0].passes && !b.models.list[1].passes);
    arena_fini(&a);
    m = (struct wire_message){.command = WIRE_ERROR, .error = {SURETY_ERR_BUSY, "full", NULL}};
    b = round_trip(&m, &a);
    assert_int_equal(b.error.code, SURETY_ERR_BUSY);
    assert_null(b.error.id);
    arena_fini(&a);
    m.error.id = "p1";
    assert_string_equal(round_trip(&m, &a).error.id, "p1");
    arena_fini(&a);
    m = (struct wire_message){.command = WIRE_BYE};
    round_trip(&m, &a);
    arena_fini(&a);
}

static void passing_round_trips(void **state)
{
    struct arena a;
    struct surety_item item = {0};
    struct wire_message m = {.command = WIRE_REQUEST,
                             .request = {.id = "p1", .problem = "", .body = "{\"a\": 1.50}"}};
    surety_settings_init(&m.request.settings);
    struct wire_message b = round_trip(&m, &a);
    assert_string_equal(b.request.body, "{\"a\": 1.50}");
    assert_int_equal(surety_request_check(&b.request, NULL), SURETY_OK);
    b.request.body = NULL; /* and then there is no problem either */
    assert_int_equal(surety_request_check(&b.request, NULL), SURETY_ERR_INVALID);
    arena_fini(&a);
    m = (struct wire_message){.command = WIRE_BATCH};
    m.batch.task = (struct surety_task){.problem = "", .body = "{}", .items = &item, .n_items = 1};
    m.batch.task.sampling = b.request.settings.sampling;
    b = round_trip(&m, &a);
    assert_string_equal(b.batch.task.body, "{}");
    assert_int_equal(b.batch.task.n_messages, 0);
    arena_fini(&a);
    m = (struct wire_message){.command = WIRE_DELTA,
                              .delta = {.key = {7, 0, 0, 2}, .status = 429, .text = "busy"}};
    b = round_trip(&m, &a);
    assert_null(b.delta.id);
    assert_int_equal(b.delta.key.request, 7);
    assert_int_equal(b.delta.key.attempt, 2);
    assert_int_equal(b.delta.status, 429);
    assert_string_equal(b.delta.text, "busy");
    arena_fini(&a);
    m.delta.id = "p1";
    m.delta.at = 1ull << 40;
    b = round_trip(&m, &a);
    assert_string_equal(b.delta.id, "p1");
    assert_true(b.delta.at == 1ull << 40);
    arena_fini(&a);
}

/* ---- bodies by hand: what other languages may send ---- */

static enum surety_err decode(enum wire_command command, const char *body, size_t len,
                              struct wire_message *m, struct surety_error *err)
{
    static struct arena a;
    arena_fini(&a);
    arena_init(&a, 1u << 20);
    memset(m, 0, sizeof *m);
    return wire_decode(command, body, len, &a, m, err);
}

#define DECODE(command, body, m, err) decode(command, body, sizeof(body) - 1, m, err)

static void decode_short_request_takes_the_defaults(void **state)
{
    struct wire_message m;
    struct surety_settings defaults;
    surety_settings_init(&defaults);
    assert_int_equal(DECODE(WIRE_REQUEST, "\x82\xa2id\xa1x\xa7problem\xa4what", &m, NULL),
                     SURETY_OK);
    assert_string_equal(m.request.problem, "what");
    assert_int_equal(m.request.settings.k, defaults.k);
    assert_true(m.request.settings.gamma < 0);
    assert_int_equal(surety_request_check(&m.request, NULL), SURETY_OK);
    assert_int_equal(DECODE(WIRE_STATUS, "\x80", &m, NULL), SURETY_OK);
    assert_string_equal(m.status.json, "");
    assert_int_equal(DECODE(WIRE_HEARTBEAT, "\x80", &m, NULL), SURETY_OK);
    assert_int_equal(m.heartbeat.n, 0);
}

static void decode_bad_text_becomes_valid(void **state)
{
    struct wire_message m;
    assert_int_equal(DECODE(WIRE_ACCEPTED,
                            "\x81\xa2id\xa4"
                            "a\xff\x00"
                            "b",
                            &m, NULL),
                     SURETY_OK);
    assert_string_equal(m.accepted.id, "a\xEF\xBF\xBD\xEF\xBF\xBD"
                                       "b");
}

static void decode_wrong_key_is_refused_by_name(void **state)
{
    struct wire_message m;
    struct surety_error err = {0};
#define REFUSED(command, body, code, word)                                                         \
    do {                                                                                           \
        assert_int_equal(DECODE(command, body, &m, &err), code);                                   \
        if (!strstr(err.message, word))                                                            \
            fail_msg("'%s' does not name %s", err.message, word);                                  \
    } while (0)
    REFUSED(WIRE_ACCEPTED, "\x80", SURETY_ERR_PROTOCOL, "\"id\" is missing");
    REFUSED(WIRE_ACCEPTED, "\x81\xa2id\xc0", SURETY_ERR_PROTOCOL, "\"id\" is missing");
    REFUSED(WIRE_ACCEPTED, "\x81\xa2id\x01", SURETY_ERR_PROTOCOL, "\"id\" is no string");
    REFUSED(WIRE_ACCEPTED, "\x82\xa2id\xa1x\xa2id\xa1y", SURETY_ERR_PROTOCOL,
            "\"id\" occurs twice");
    REFUSED(WIRE_HELLO, "\x82\xa4role\xa4king\xa7version\xa1v", SURETY_ERR_PROTOCOL, "role");
    REFUSED(WIRE_HELLO, "\x82\xa4role\xa6worker\xa7version\xa1v", SURETY_ERR_PROTOCOL, "model");
    REFUSED(WIRE_HEARTBEAT, "\x81\xa5items\x91\x01", SURETY_ERR_PROTOCOL, "items");
    REFUSED(WIRE_HEARTBEAT, "\x81\xa5items\x91\x80", SURETY_ERR_PROTOCOL, "\"request\"");
    REFUSED(WIRE_REQUEST, "\x83\xa2id\xa1x\xa7problem\xa1y\xa8settings\x01", SURETY_ERR_PROTOCOL,
            "settings");
    REFUSED(WIRE_REQUEST, "\x83\xa2id\xa1x\xa7problem\xa1y\xa8settings\x81\xa1k\xff",
            SURETY_ERR_PROTOCOL, "\"k\"");
    REFUSED(WIRE_REQUEST, "\x83\xa2id\xa1x\xa7problem\xa1y\xa8settings\x81\xa5gamma\xa1z",
            SURETY_ERR_PROTOCOL, "\"gamma\"");
    REFUSED(WIRE_REQUEST,
            "\x83\xa2id\xa1x\xa7problem\xa1y\xa8settings\x81\xa5gamma\xcb\x7f\xf8\0\0\0\0\0\0",
            SURETY_ERR_PROTOCOL, "\"gamma\"");
    REFUSED(WIRE_REQUEST, "\x83\xa2id\xa1x\xa7problem\xa1y\xa8settings\x81\xa6verify\xa5magic",
            SURETY_ERR_INVALID, "verify");
    REFUSED(WIRE_REQUEST,
            "\x83\xa2id\xa1x\xa7problem\xa1y\xa7"
            "context\x90",
            SURETY_ERR_UNSUPPORTED, "context");
    REFUSED(WIRE_BYE, "\x90", SURETY_ERR_PARSE, "map");
}

#define SETTINGS "\x83\xa2id\xa1x\xa7problem\xa1y\xa8settings"

static void decode_unknown_setting_is_refused_by_name(void **state)
{
    struct wire_message m;
    struct surety_error err = {0};
    static const char sentence[] = "this broker (surety " SURETY_VERSION ") does not know the "
                                   "setting 'warp': use the same version of surety on both sides";
    assert_int_equal(DECODE(WIRE_REQUEST, SETTINGS "\x82\xa1k\x02\xa4warp\x01", &m, &err),
                     SURETY_ERR_UNSUPPORTED);
    assert_string_equal(err.message, sentence);
    /* also before a known one that is wrong, and with a value of any kind */
    assert_int_equal(DECODE(WIRE_REQUEST, SETTINGS "\x82\xa4warp\x80\xa1k\xff", &m, &err),
                     SURETY_ERR_UNSUPPORTED);
    assert_string_equal(err.message, sentence);
    assert_int_equal(DECODE(WIRE_REQUEST, SETTINGS "\x81\xa0\x01", &m, &err),
                     SURETY_ERR_UNSUPPORTED);
    REFUSED(WIRE_REQUEST, SETTINGS "\x81\xa2K\xff\x01", SURETY_ERR_UNSUPPORTED, "'K\xEF\xBF\xBD'");
    REFUSED(WIRE_REQUEST, SETTINGS "\x81\xa9top_k\x00not\x01", SURETY_ERR_UNSUPPORTED,
            "'top_k\xEF\xBF\xBDnot'");
    REFUSED(WIRE_REQUEST, SETTINGS "\x81\xa4k\n\x1b\x7f\x01", SURETY_ERR_UNSUPPORTED,
            "'k??"
            "?'");
    REFUSED(WIRE_REQUEST,
            SETTINGS "\x81\xd9\x46"
                     "0123456789012345678901234567890123456789012345678901234567890123456789\x01",
            SURETY_ERR_UNSUPPORTED,
            "'012345678901234567890123456789012345678901234567890123456789'");
}

static void decode_unknown_key_of_a_request_is_refused_by_name(void **state)
{
    struct wire_message m;
    struct surety_error err = {0};
#define WITH(member) "\x83\xa2id\xa1x\xa7problem\xa1y" member
    assert_int_equal(DECODE(WIRE_REQUEST, WITH("\xadverifer_model\xa5judge"), &m, &err),
                     SURETY_ERR_UNSUPPORTED);
    assert_string_equal(err.message, "this broker (surety " SURETY_VERSION ") does not know the "
                                     "key of a request 'verifer_model': use the same version of "
                                     "surety on both sides");
    REFUSED(WIRE_REQUEST, WITH("\xa5later\xc4\x01z"), SURETY_ERR_UNSUPPORTED, "'later'");
    REFUSED(WIRE_REQUEST, WITH("\xa3ids\x80"), SURETY_ERR_UNSUPPORTED, "'ids'");
    REFUSED(WIRE_REQUEST, WITH("\xa1k\x02"), SURETY_ERR_UNSUPPORTED, "'k'"); /* a setting */
    /* also before a known one that is wrong */
    REFUSED(WIRE_REQUEST, "\x82\xa2id\x01\xa5later\x01", SURETY_ERR_UNSUPPORTED, "'later'");
    assert_int_equal(DECODE(WIRE_REQUEST, WITH("\xa5later\xc0"), &m, &err), SURETY_OK);
}

static void decode_unknown_key_elsewhere_or_nil_is_ignored(void **state)
{
    struct wire_message m;
    assert_int_equal(DECODE(WIRE_REQUEST, SETTINGS "\x82\xa4stop\xc0\xa1k\x02", &m, NULL),
                     SURETY_OK);
    assert_int_equal(m.request.settings.k, 2);
    assert_int_equal(DECODE(WIRE_ACCEPTED, "\x82\xa2id\xa1x\xa4warp\x01", &m, NULL), SURETY_OK);
}

/* So that the sentence can say the range. */
static void decode_setting_out_of_range_is_left_to_the_check(void **state)
{
    struct wire_message m;
    struct surety_error err = {0};
    assert_int_equal(DECODE(WIRE_REQUEST, SETTINGS "\x81\xa1k\x00", &m, &err), SURETY_OK);
    assert_int_equal(surety_request_check(&m.request, &err), SURETY_ERR_INVALID);
    assert_string_equal(err.message, "k is 0; it must be 1 to 1024");
    assert_int_equal(DECODE(WIRE_REQUEST, SETTINGS "\x81\xa5top_k\xff", &m, &err), SURETY_OK);
    assert_int_equal(surety_request_check(&m.request, &err), SURETY_ERR_INVALID);
    assert_string_equal(err.message, "top-k is -1; it must be 0 to 2147483647");
    REFUSED(WIRE_REQUEST, SETTINGS "\x81\xa1k\xcf\0\0\0\x01\0\0\0\0", SURETY_ERR_PROTOCOL, "\"k\"");
    REFUSED(WIRE_REQUEST, SETTINGS "\x81\xa4rule\xa1x", SURETY_ERR_INVALID, "\"rule\"");
    REFUSED(WIRE_REQUEST, SETTINGS "\x81\xa7signals\x91\xa1x", SURETY_ERR_INVALID, "\"signals\"");
    REFUSED(WIRE_REQUEST, SETTINGS "\x81\xa4text\x01", SURETY_ERR_PROTOCOL, "\"text\"");
}

/* As broker and worker talk: what is missing has its default, what is out of range is told. */
static void decode_sampling_is_checked_and_has_defaults(void **state)
{
    struct wire_message m;
    struct surety_error err = {0};
#define BATCH                                                                                      \
    "\x86\xa7request\x01\xa4task\x00\xa5stage\xa6sample\xa7problem\xa1y\xa5items\x91\x83"          \
    "\xa5index\x00\xa4seed\x00\xa7"                                                                \
    "attempt\x00\xa8sampling"
    assert_int_equal(DECODE(WIRE_BATCH, BATCH "\x81\xa5later\x01", &m, &err), SURETY_OK);
    assert_true(m.batch.task.sampling.temperature == 1 && m.batch.task.sampling.top_p == 0.95);
    assert_int_equal(m.batch.task.sampling.max_tokens, 0);
    REFUSED(WIRE_BATCH, BATCH "\x81\xa5top_k\xff", SURETY_ERR_INVALID,
            "top-k is -1; it must be 0 to 2147483647");
    REFUSED(WIRE_BATCH, BATCH "\x81\xa5top_p\x00", SURETY_ERR_INVALID, "top-p");
    REFUSED(WIRE_BATCH, BATCH "\x81\xa5top_k\xa1x", SURETY_ERR_PROTOCOL, "\"top_k\"");
}

static void decode_bomb_is_refused_before_unpacking(void **state)
{
    struct wire_message m;
    assert_int_equal(DECODE(WIRE_HEARTBEAT, "\x81\xa5items\xdd\xff\xff\xff\xff", &m, NULL),
                     SURETY_ERR_PARSE);
}

static void decode_small_arena_is_nomem_and_leaves_the_message(void **state)
{
    static const char body[] = "\x81\xa2id\xa4name";
    struct wire_message m = {.command = WIRE_BYE};
    struct arena tiny;
    arena_init(&tiny, 0);
    assert_int_equal(wire_decode(WIRE_ACCEPTED, body, sizeof body - 1, &tiny, &m, NULL),
                     SURETY_ERR_NOMEM);
    assert_int_equal(m.command, WIRE_BYE);
    arena_fini(&tiny);
}

static void encode_beyond_limits_is_refused(void **state)
{
    char *body = NULL, id[SURETY_NAME_MAX + 2];
    size_t len;
    memset(id, 'x', sizeof id);
    id[sizeof id - 1] = '\0';
    struct wire_message m = {.command = WIRE_ACCEPTED, .accepted = {id}};
    assert_int_equal(wire_encode(&m, &body, &len, NULL), SURETY_ERR_LIMIT);
    m.accepted.id = NULL;
    assert_int_equal(wire_encode(&m, &body, &len, NULL), SURETY_ERR_INVALID);
    m.command = WIRE_COMMAND_COUNT_;
    assert_int_equal(wire_encode(&m, &body, &len, NULL), SURETY_ERR_INVALID);
    m = (struct wire_message){.command = WIRE_HEARTBEAT, .heartbeat = {.n = SURETY_SLOTS_MAX + 1}};
    assert_int_equal(wire_encode(&m, &body, &len, NULL), SURETY_ERR_LIMIT);
    char *large = malloc((size_t)WIRE_JSON_MAX + 2);
    assert_non_null(large);
    memset(large, 'x', (size_t)WIRE_JSON_MAX + 1);
    large[WIRE_JSON_MAX + 1] = '\0';
    m = (struct wire_message){.command = WIRE_RESULT, .result = {"p1", large}};
    assert_int_equal(wire_encode(&m, &body, &len, NULL), SURETY_ERR_LIMIT);
    assert_null(body);
    large[WIRE_JSON_MAX] = '\0';
    assert_int_equal(wire_encode(&m, &body, &len, NULL), SURETY_OK);
    assert_true(len <= WIRE_BODY_MAX);
    free(body);
    free(large);
}

/* The most that one worker may hold fits into the bound on objects. */
static void full_heartbeat_passes_the_check(void **state)
{
    struct arena a;
    struct wire_progress *items = calloc(SURETY_SLOTS_MAX, sizeof *items);
    assert_non_null(items);
    struct wire_message m = {.command = WIRE_HEARTBEAT,
                             .heartbeat = {.items = items, .n = SURETY_SLOTS_MAX}};
    assert_int_equal(round_trip(&m, &a).heartbeat.n, SURETY_SLOTS_MAX);
    arena_fini(&a);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_names_round_trip),
        cmocka_unit_test(hello_and_welcome_round_trip),
        cmocka_unit_test(batch_and_output_round_trip),
        cmocka_unit_test(heartbeat_and_cancel_round_trip),
        cmocka_unit_test(request_round_trips_with_every_setting),
        cmocka_unit_test(each_member_of_a_request_travels),
        cmocka_unit_test(each_setting_travels),
        cmocka_unit_test(each_setting_of_sampling_travels_to_the_engine),
        cmocka_unit_test(small_messages_round_trip),
        cmocka_unit_test(passing_round_trips),
        cmocka_unit_test(decode_short_request_takes_the_defaults),
        cmocka_unit_test(decode_bad_text_becomes_valid),
        cmocka_unit_test(decode_wrong_key_is_refused_by_name),
        cmocka_unit_test(decode_unknown_setting_is_refused_by_name),
        cmocka_unit_test(decode_unknown_key_of_a_request_is_refused_by_name),
        cmocka_unit_test(decode_unknown_key_elsewhere_or_nil_is_ignored),
        cmocka_unit_test(decode_setting_out_of_range_is_left_to_the_check),
        cmocka_unit_test(decode_sampling_is_checked_and_has_defaults),
        cmocka_unit_test(decode_bomb_is_refused_before_unpacking),
        cmocka_unit_test(decode_small_arena_is_nomem_and_leaves_the_message),
        cmocka_unit_test(encode_beyond_limits_is_refused),
        cmocka_unit_test(full_heartbeat_passes_the_check),
    };
    return cmocka_run_group_tests_name("proto.wire", tests, NULL, NULL);
}
