/* fuzz_profile.c - any bytes as a profile's text; one that parses must render. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "claims/read/profile.h"
#include "tests/fuzz/fuzz.h"
#include <surety/settings.h>

static void render(const struct profile *profile, const char *text)
{
    static char a[] = "2+2=4\n1: VALID", b[] = "{claims}{nonce}";
    char *claims[] = {a, b};
    struct arena arena;
    struct surety_settings settings;
    struct surety_task task = {0};
    arena_init(&arena, 256u << 20);
    surety_settings_init(&settings);
    FUZZ_CHECK(!profile_render_sample(profile, "{problem} <|im_end|>", &settings, &arena, &task));
    FUZZ_CHECK(task.n_messages > 0);
    for (int how = SURETY_VERIFY_EACH; how < SURETY_VERIFY_COUNT_; how++) {
        if (!profile_can_verify(profile, (enum surety_verify)how))
            continue;
        task =
            (struct surety_task){.claims = claims, .n_claims = how == SURETY_VERIFY_JOINT ? 2 : 1};
        FUZZ_CHECK(!profile_render_verify(profile, (enum surety_verify)how, "{claim}", 1, how % 2,
                                          &settings, &arena, &task));
        FUZZ_CHECK(task.n_labels == 0 || (task.n_labels == 2 && task.labels[0][0]));
        FUZZ_CHECK(task.n_messages > 0);
        FUZZ_CHECK(task.sampling.temperature >= 0 && task.sampling.temperature <= 10);
        for (size_t i = 0; i < task.n_messages; i++)
            FUZZ_CHECK(!strstr(task.messages[i].content, a) || strstr(text, a));
    }
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Every {problem} of a profile is filled in, so few bytes can become many. */
    if (size > 8192)
        return 0;
    char *text = utf8_make_valid((const char *)data, size, NULL);
    struct profile *profile = NULL;
    struct surety_error err = {0};
    if (text && !profile_parse(text, &profile, &err))
        render(profile, text);
    else if (text)
        FUZZ_CHECK(err.code == SURETY_ERR_PARSE && strstr(err.message, "profile"));
    profile_free(profile);
    free(text);
    return 0;
}
