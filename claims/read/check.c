#include "claims/read/check.h"

#include <string.h>

#include "base/alloc.h"
#include "claims/text/words.h"

#define FOLD_MAX (64u << 10)

const char *check_relation(enum equal_verdict verdict)
{
    static const char *const names[] = {[EQUAL_DIFFERENT] = "different",
                                        [EQUAL_EXACT] = "exact",
                                        [EQUAL_COMPATIBLE] = "compatible",
                                        [EQUAL_UNKNOWN] = "unknown"};
    return names[verdict];
}

int check_correct(enum equal_verdict verdict, bool lenient)
{
    return verdict == EQUAL_UNKNOWN                  ? -1
           : verdict == EQUAL_COMPATIBLE && !lenient ? 0
                                                     : verdict != EQUAL_DIFFERENT;
}

/* Words, folded; a text too long to fold is beyond what can be decided. */
static struct equal_result compare_texts(const char *gold, const char *answer)
{
    struct equal_result r = relation_of(EQUAL_UNKNOWN, "beyond what can be decided");
    struct arena arena;
    if (strlen(gold) >= FOLD_MAX || strlen(answer) >= FOLD_MAX)
        return r;
    arena_init(&arena, 4 * FOLD_MAX);
    const char *a = words_fold(&arena, gold, strlen(gold), FOLD_MAX);
    const char *b = words_fold(&arena, answer, strlen(answer), FOLD_MAX);
    if (a && b && strcmp(*a ? a : gold, *b ? b : answer) == 0)
        r = relation_of(EQUAL_EXACT, "same text");
    else if (a && b)
        r = relation_of(EQUAL_DIFFERENT, "different text");
    arena_fini(&arena);
    return r;
}

static struct equal_result compare_numbers(const char *gold, const char *answer,
                                           struct tolerance tolerance)
{
    struct equal_form *a = equal_parse(gold, NULL), *b = equal_parse(answer, NULL);
    struct equal_result r = relation_of(EQUAL_UNKNOWN, "out of memory");
    if (a && b)
        r = within_compare(a, b, tolerance);
    equal_form_free(a);
    equal_form_free(b);
    return r;
}

static struct equal_result compare(const struct gold *gold, const char *stated, const char *answer)
{
    char a, b;
    switch (gold->kind) {
    case GOLD_TEXT:
        return compare_texts(stated, answer);
    case GOLD_CHOICE:
        a = gold_choice(stated);
        b = gold_choice(answer);
        if (a && b)
            return a == b ? relation_of(EQUAL_EXACT, "same choice")
                          : relation_of(EQUAL_DIFFERENT, "different choices");
        break;
    case GOLD_EXPRESSION:
        a = gold_letter(stated);
        b = gold_letter(answer);
        if (a && b)
            return a == b ? relation_of(EQUAL_EXACT, "same expression")
                          : relation_of(EQUAL_DIFFERENT, "different variables");
        break;
    default:
        break;
    }
    /* A modulus is no unit that may be left out. */
    bool number =
        gold->kind == GOLD_NUMBER && !gold_has_modulus(stated) && !gold_has_modulus(answer);
    if (number || gold->tolerance.absolute > 0 || gold->tolerance.relative > 0)
        return compare_numbers(stated, answer, gold->tolerance);
    return equal_texts(stated, answer, gold->problem);
}

/* How close a verdict comes: exact, compatible, unknown, different. */
static int closeness(enum equal_verdict verdict)
{
    static const int rank[] = {
        [EQUAL_DIFFERENT] = 0, [EQUAL_UNKNOWN] = 1, [EQUAL_COMPATIBLE] = 2, [EQUAL_EXACT] = 3};
    return rank[verdict];
}

struct check check_answer(const struct gold *gold, const char *answer)
{
    struct check check = {.answer.text = (char *)answer};
    for (size_t i = 0; i < gold->n; i++) {
        struct equal_result r = compare(gold, gold_stated(gold->answers[i]), answer);
        if (i == 0 || closeness(r.verdict) > closeness(check.result.verdict)) {
            check.result = r;
            check.gold = i;
        }
        if (r.verdict == EQUAL_EXACT)
            break;
    }
    return check;
}

/* "\\boxed{5} cm" says 5, and of a gold answer with a unit also which one. */
static void check_behind(const struct gold *gold, const struct answer *answer, struct arena *arena,
                         struct check *check)
{
    const char *text = answer->text;
    size_t len[] = {strlen(answer->behind), strcspn(answer->behind, " ")};
    for (size_t i = 0; i < 2 && check->result.verdict == EQUAL_COMPATIBLE; i++) {
        char *whole = arena_printf(arena, "%s %.*s", text, (int)len[i], answer->behind);
        if (!whole || !len[i])
            return;
        struct check with = check_answer(gold, whole);
        if (with.result.verdict == EQUAL_EXACT || !strcmp(with.result.how, "different values"))
            *check = with;
    }
}

enum surety_err check_text(const struct gold *gold, const char *text, bool truncated,
                           struct arena *arena, struct check *ret_check)
{
    struct answer answer;
    const size_t failures = alloc_failures();
    enum surety_err code = answer_extract(text, truncated, arena, &answer);
    if (code)
        return code;
    struct check check = answer.text ? check_answer(gold, answer.text)
                                     : (struct check){.result = {EQUAL_DIFFERENT, "no answer"}};
    if (answer.behind && check.result.verdict == EQUAL_COMPATIBLE)
        check_behind(gold, &answer, arena, &check);
    if (alloc_failures() != failures)
        return SURETY_ERR_NOMEM;
    check.answer = answer;
    *ret_check = check;
    return SURETY_OK;
}
