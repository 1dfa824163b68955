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
    if (gold->kind == GOLD_NUMBER || gold->tolerance.absolute > 0 || gold->tolerance.relative > 0)
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
    if (alloc_failures() != failures)
        return SURETY_ERR_NOMEM;
    check.answer = answer;
    *ret_check = check;
    return SURETY_OK;
}
