/*
 * fuzz_quantity.c - a claim, a NUL, and the reply to a blind recomputation of it.
 *
 * Besides reading within bounds: spans lie in the claim, the name is one line and leaves the value
 * out, and another value in the same place is another claim on the same quantity.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "claims/read/profile.h"
#include "claims/read/quantity.h"
#include "tests/fuzz/fuzz.h"

static void read_claim(const char *claim, struct arena *arena)
{
    struct quantity q, other;
    size_t len = strlen(claim);
    if (!quantity_read(claim, &q))
        return;
    FUZZ_CHECK(q.words || q.expr);
    FUZZ_CHECK(q.name.start <= q.name.end && q.name.end <= len);
    FUZZ_CHECK(q.where.start < q.where.end && q.where.end <= q.whole.end && q.whole.end <= len);
    FUZZ_CHECK(q.where.start == q.whole.start);
    FUZZ_CHECK(q.name.end <= q.where.start || (q.name.start <= q.where.start && q.name.end == len));
    char *name = quantity_name(claim, &q, arena);
    FUZZ_CHECK(name && !strchr(name, '\n') && strlen(name) <= len + 1);
    if (q.where.end != q.whole.end || q.where.end != len)
        return;
    char *changed = arena_strdup(arena, claim); /* a value at the end: "77" in its place */
    FUZZ_CHECK(changed);
    changed[q.where.start] = '\0';
    changed = arena_printf(arena, "%s77", changed);
    FUZZ_CHECK(changed);
    if (quantity_read(changed, &other) && other.where.start == q.where.start &&
        other.name.start == q.name.start && other.name.end == q.name.end)
        FUZZ_CHECK(quantity_key(claim, &q) == quantity_key(changed, &other));
}

static void read_reply(const struct profile *profile, const char *reply, struct arena *arena)
{
    char *value;
    FUZZ_CHECK(!profile_read_value(profile, SURETY_VERIFY_BLIND, reply, arena, &value));
    FUZZ_CHECK(!value || (strlen(value) <= SURETY_CLAIM_MAX && strlen(value) <= strlen(reply)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct profile *answers, *lines;
    if (!answers && profile_parse(profile_builtin("instruct"), &answers, NULL))
        return 0;
    if (!lines &&
        profile_parse("name: x\nblind-value: line\n[sample user]\n{problem}", &lines, NULL))
        return 0;
    const uint8_t *end = memchr(data, '\0', size);
    size_t len = end ? (size_t)(end - data) : size;
    char *claim = utf8_make_valid((const char *)data, len, NULL);
    char *reply = utf8_make_valid((const char *)data + (end ? len + 1 : len),
                                  size - (end ? len + 1 : len), NULL);
    struct arena arena;
    arena_init(&arena, 64u << 20);
    if (claim && reply) {
        read_claim(claim, &arena);
        read_reply(answers, reply, &arena);
        read_reply(lines, reply, &arena);
    }
    arena_fini(&arena);
    free(claim);
    free(reply);
    return 0;
}
