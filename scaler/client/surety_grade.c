#include <surety/surety.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "claims/read/check.h"
#include "scaler/client/surety_internal.h"

#define ARENA_MAX (4 * (size_t)SURETY_ANSWER_MAX)

static_assert((int)SURETY_RELATION_UNKNOWN == EQUAL_UNKNOWN &&
                  (int)SURETY_RELATION_COMPATIBLE == EQUAL_COMPATIBLE &&
                  (int)SURETY_RELATION_EXACT == EQUAL_EXACT,
              "relations are those of relation.h");
static_assert((int)SURETY_KIND_TEXT == GOLD_TEXT && (int)SURETY_KIND_CHOICE == GOLD_CHOICE &&
                  (int)SURETY_KIND_EXPRESSION == GOLD_EXPRESSION &&
                  (int)SURETY_KIND_NUMBER == GOLD_NUMBER,
              "kinds are those of gold.h");
static_assert(SURETY_GOLD_ANSWERS_MAX == GOLD_ANSWERS_MAX, "one bound");

void surety_grade_fini(struct surety_grade *grade)
{
    if (!grade)
        return;
    free(grade->answer);
    *grade = (struct surety_grade){.answer = NULL};
}

int surety_correct(enum surety_relation relation, bool lenient)
{
    return check_correct((enum equal_verdict)relation, lenient);
}

static enum surety_err check_input(const char *what, const char *text, size_t most,
                                   struct surety_error *err)
{
    if (!text)
        return surety_fail(err, SURETY_ERR_INVALID, "there is no %s", what);
    size_t len = strlen(text);
    if (len > most)
        return surety_fail(err, SURETY_ERR_LIMIT, "the %s has %zu bytes; at most %zu are allowed",
                           what, len, most);
    if (!utf8_is_valid(text, len))
        return surety_fail(err, SURETY_ERR_INVALID, "the %s is not UTF-8", what);
    return SURETY_OK;
}

static enum surety_err read_gold(const struct surety_gold *from, struct gold *ret,
                                 struct surety_error *err)
{
    if (!from)
        return surety_fail(err, SURETY_ERR_INVALID, "there is no gold answer");
    if (!library_is_zero(from->reserved_, sizeof from->reserved_ / sizeof *from->reserved_))
        return surety_fail(err, SURETY_ERR_INVALID, "the gold answer %s", LIBRARY_UNKNOWN_MEMBER);
    if ((unsigned)from->kind >= GOLD_KIND_COUNT_)
        return surety_fail(err, SURETY_ERR_INVALID, "a gold answer of kind %d", (int)from->kind);
    *ret = (struct gold){.answers = from->answers,
                         .n = from->n_answers,
                         .problem = from->problem,
                         .kind = (enum gold_kind)from->kind,
                         .tolerance = {from->tolerance, from->relative_tolerance}};
    enum surety_err code = SURETY_OK;
    for (size_t i = 0; !code && ret->answers && i < ret->n && i < GOLD_ANSWERS_MAX; i++)
        code = check_input("gold answer", ret->answers[i], SURETY_PROBLEM_MAX, err);
    if (!code && from->problem)
        code = check_input("problem", from->problem, SURETY_PROBLEM_MAX, err);
    return code ? code : gold_check(ret, err);
}

static struct surety_grade grade_of(const struct check *check)
{
    return (struct surety_grade){.relation = (enum surety_relation)check->result.verdict,
                                 .how = check->result.how,
                                 .gold = check->gold,
                                 .found = check->answer.how,
                                 .start = check->answer.start,
                                 .end = check->answer.end};
}

/* Gives the answer to the caller. */
static enum surety_err give(const struct check *check, struct surety_grade *ret,
                            struct surety_error *err)
{
    struct surety_grade grade = grade_of(check);
    if (check->answer.text && !(grade.answer = alloc_text(check->answer.text)))
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    *ret = grade;
    return SURETY_OK;
}

enum surety_err surety_extract(const char *text, bool truncated, struct surety_grade *ret_grade,
                               struct surety_error *err)
{
    struct check check = {.result.how = NULL};
    enum surety_err code = check_input("text", text, SURETY_TEXT_MAX, err);
    if (code)
        return code;
    const size_t failures = alloc_failures();
    struct arena arena;
    arena_init(&arena, ARENA_MAX);
    code = answer_extract(text, truncated, &arena, &check.answer) || alloc_failures() != failures
               ? surety_fail(err, SURETY_ERR_NOMEM, "out of memory")
               : give(&check, ret_grade, err);
    arena_fini(&arena);
    return code;
}

enum surety_err surety_equal(const struct surety_gold *gold, const char *answer,
                             struct surety_grade *ret_grade, struct surety_error *err)
{
    struct gold inner;
    const size_t failures = alloc_failures();
    enum surety_err code = check_input("answer", answer, SURETY_TEXT_MAX, err);
    if (!code)
        code = read_gold(gold, &inner, err);
    if (!code) {
        struct check check = check_answer(&inner, answer);
        if (alloc_failures() == failures)
            *ret_grade = grade_of(&check);
    }
    if (alloc_failures() != failures)
        code = surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    equal_thread_cleanup();
    return code;
}

enum surety_err surety_check(const struct surety_gold *gold, const char *text, bool truncated,
                             struct surety_grade *ret_grade, struct surety_error *err)
{
    struct gold inner;
    struct check check;
    const size_t failures = alloc_failures();
    enum surety_err code = check_input("text", text, SURETY_TEXT_MAX, err);
    struct arena arena;
    arena_init(&arena, ARENA_MAX);
    if (!code)
        code = read_gold(gold, &inner, err);
    if (!code)
        code = check_text(&inner, text, truncated, &arena, &check);
    if (alloc_failures() != failures)
        code = surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    if (!code)
        code = give(&check, ret_grade, err);
    arena_fini(&arena);
    equal_thread_cleanup();
    return code;
}
