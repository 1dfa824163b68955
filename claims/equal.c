/*
 * An answer becomes a form once: a number, an expression, a choice, or words. Plain numbers take a
 * path of their own, without tokens or a tree.
 */
#include "claims/equal.h"

#include <stdlib.h>
#include <string.h>

#include "claims/eval.h"
#include "claims/words.h"

enum form_kind { FORM_NUMBER, FORM_CHOICE, FORM_TRUTH, FORM_WORDS, FORM_LIMIT };

#define FOLD_MAX (64u << 10)

struct equal_form {
    enum form_kind kind;
    int code;                /* FORM_CHOICE: the letter; FORM_TRUTH: 0 or 1 */
    struct number number;    /* FORM_NUMBER; always initialised */
    const char *folded;      /* in pool; NULL for a plain number */
    struct equal_form *rest; /* FORM_CHOICE: what stands after the letter, or the option's text */
    struct pool pool;
};

static const char *skip_blanks(const char *s)
{
    while (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r')
        s++;
    return s;
}

/* The whole text as one plain number, perhaps in dollar signs. */
static bool parse_plain(struct equal_form *form, const char *text)
{
    const char *s = skip_blanks(text);
    bool dollar = *s == '$';
    s = skip_blanks(s + dollar);
    bool minus = *s == '-';
    s += minus;
    if (*s != '.' && (*s < '0' || *s > '9'))
        return false;
    struct number number;
    size_t len = number_scan(s, NUMBER_GROUPS | NUMBER_SPACES, &number);
    if (len == 0)
        return false;
    s = skip_blanks(s + len);
    if (dollar && *s == '$')
        s = skip_blanks(s + 1);
    else if (dollar)
        len = 0;
    if (*s == '.')
        s = skip_blanks(s + 1);
    if (*s || number.too_big || number.cut || !len) {
        number_fini(&number);
        return false;
    }
    if (minus)
        fmpq_neg(number.value, number.value);
    form->number = number;
    form->kind = FORM_NUMBER;
    return true;
}

static void parse_words(struct equal_form *form, const char *answer, const char *problem)
{
    const char *rest, *option;
    size_t len;
    form->folded = words_fold(&form->pool.arena, answer, strlen(answer), FOLD_MAX);
    form->kind = form->folded ? FORM_WORDS : FORM_LIMIT;
    if (!form->folded)
        return;
    int truth = words_truth(form->folded);
    if (truth >= 0) {
        form->kind = FORM_TRUTH;
        form->code = truth;
        return;
    }
    char letter = words_choice(answer, &rest);
    if (!letter)
        return;
    form->kind = FORM_CHOICE;
    form->code = letter;
    if (*rest) {
        form->rest = equal_parse(rest, NULL);
    } else if (problem && words_option(problem, letter, &option, &len)) {
        char *copy = arena_strndup(&form->pool.arena, option, len);
        form->rest = copy ? equal_parse(copy, NULL) : NULL;
    }
}

static void parse_tree(struct equal_form *form, const char *answer)
{
    struct tokens tokens;
    enum expr_status status;
    if (!lex(&form->pool, answer, strlen(answer), &tokens) || tokens.limit) {
        form->kind = FORM_LIMIT;
        return;
    }
    const struct expr *e =
        expr_parse_scalar(&form->pool, tokens.list, tokens.list + tokens.n, &status);
    if (e && eval_rational(e, form->number.value) == EVAL_OK)
        form->kind = FORM_NUMBER;
    else if (e || status == EXPR_LIMIT)
        form->kind = FORM_LIMIT;
}

struct equal_form *equal_parse(const char *answer, const char *problem)
{
    struct equal_form *form = calloc(1, sizeof *form);
    if (!form)
        return NULL;
    pool_init(&form->pool);
    if (parse_plain(form, answer))
        return form;
    number_init(&form->number);
    parse_words(form, answer, problem);
    if (form->kind == FORM_WORDS)
        parse_tree(form, answer);
    return form;
}

void equal_form_free(struct equal_form *form)
{
    if (!form)
        return;
    number_fini(&form->number);
    equal_form_free(form->rest);
    pool_fini(&form->pool);
    free(form);
}

static struct equal_result result(enum equal_verdict verdict, const char *how)
{
    return (struct equal_result){verdict, how};
}

static struct equal_result compare_numbers(const struct equal_form *a, const struct equal_form *b)
{
    if (fmpq_equal(a->number.value, b->number.value))
        return result(EQUAL_EXACT, "exact rational");
    if (number_rounds(&a->number, b->number.value) || number_rounds(&b->number, a->number.value))
        return result(EQUAL_COMPATIBLE, "rounded");
    return result(EQUAL_DIFFERENT, "different numbers");
}

static struct equal_result compare_choices(const struct equal_form *a, const struct equal_form *b)
{
    if (a->kind == FORM_CHOICE && b->kind == FORM_CHOICE) {
        if (a->code != b->code)
            return result(EQUAL_DIFFERENT, "different choices");
        return result(EQUAL_EXACT, "same choice");
    }
    const struct equal_form *choice = a->kind == FORM_CHOICE ? a : b, *other = choice == a ? b : a;
    if (!choice->rest)
        return result(EQUAL_UNKNOWN, "the options are not known");
    struct equal_result r = equal_forms(choice->rest, other);
    if (r.verdict == EQUAL_EXACT || r.verdict == EQUAL_COMPATIBLE)
        return result(EQUAL_COMPATIBLE, "option's text");
    return r;
}

struct equal_result equal_forms(const struct equal_form *a, const struct equal_form *b)
{
    if (a->kind == FORM_NUMBER && b->kind == FORM_NUMBER)
        return compare_numbers(a, b);
    if (a->folded && b->folded && strcmp(a->folded, b->folded) == 0 && a->folded[0])
        return result(EQUAL_EXACT, "same text");
    if (a->kind == FORM_CHOICE || b->kind == FORM_CHOICE)
        return compare_choices(a, b);
    if (a->kind == FORM_LIMIT || b->kind == FORM_LIMIT)
        return result(EQUAL_UNKNOWN, "beyond what can be decided");
    if (a->kind == FORM_TRUTH && b->kind == FORM_TRUTH && a->code == b->code)
        return result(EQUAL_EXACT, "same truth value");
    return result(EQUAL_DIFFERENT, "different kinds");
}

struct equal_result equal_texts(const char *gold, const char *pred, const char *problem)
{
    struct equal_form *a = equal_parse(gold, problem), *b = equal_parse(pred, problem);
    struct equal_result r = result(EQUAL_UNKNOWN, "out of memory");
    if (a && b)
        r = equal_forms(a, b);
    equal_form_free(a);
    equal_form_free(b);
    return r;
}
