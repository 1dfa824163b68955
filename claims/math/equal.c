/*
 * An answer becomes a form once: a number, an expression, a choice, or words. Plain numbers take a
 * path of their own, without tokens or a tree.
 */
#include "claims/math/equal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/plain.h"
#include "claims/math/counted.h"
#include "claims/math/eval.h"
#include "claims/math/parse.h"
#include "claims/math/value.h"
#include "claims/text/calendar.h"
#include "claims/text/dress.h"
#include "claims/text/lexicon.h"
#include "claims/text/numeral.h"
#include "claims/text/qualify.h"
#include "claims/text/scan.h"
#include "claims/text/words.h"

enum form_kind {
    FORM_NUMBER,
    FORM_VALUE,
    FORM_CHOICE,
    FORM_CHOICES,
    FORM_TRUTH,
    FORM_DATE,
    FORM_TIME,
    FORM_WORDS,
    FORM_LIMIT,
};

#define FOLD_MAX (64u << 10)
#define PARTS_MAX 8 /* of an answer in labelled parts */
#define LABEL_MAX 40

struct part {
    const char *label; /* folded; as written when it is a symbol */
    struct equal_form *form;
};

struct equal_form {
    enum form_kind kind;
    int code;                  /* FORM_CHOICE: the letter; FORM_CHOICES: bits; FORM_TRUTH: 0 or 1;
                                  FORM_TIME: minutes */
    struct date date;          /* FORM_DATE */
    struct number number;      /* FORM_NUMBER; always initialised */
    const char *text;          /* without blanks around; in pool, "" for a plain number */
    const char *folded;        /* in pool; NULL for a plain number */
    const char *label;         /* in pool: the "mean" of "mean: 3", or NULL */
    const char *marks;         /* in pool (words.h); NULL for a plain number */
    const char *look;          /* FORM_WORDS: the tokens without braces and spacing, or NULL */
    bool unread;               /* FORM_WORDS: mathematics is among the words */
    bool stated;               /* FORM_CHOICE: the answer itself holds the option's text */
    struct equal_form *rest;   /* FORM_CHOICE: what stands after the letter, or the option's text */
    struct part *parts;        /* "mean: 3; mode: 4"; in pool */
    size_t n_parts;            /* 0, or at least two, whose labels differ */
    const struct value *value; /* FORM_NUMBER, FORM_VALUE */
    const struct value *letters; /* FORM_WORDS: a short word as a product of variables, or NULL */
    struct value plain;          /* FORM_NUMBER: number as a value */
    struct expr plain_expr;
    const char *problem; /* NULL: none; while the answer is parsed */
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
    form->plain_expr = (struct expr){.kind = EXPR_NUMBER, .number = &form->number};
    form->plain = (struct value){
        .kind = VALUE_SCALAR, .expr = &form->plain_expr, .literal = number, .is_literal = true};
    form->value = &form->plain;
    return true;
}

static void parse_words(struct equal_form *form, const char *answer, const char *problem)
{
    const char *rest, *option;
    size_t len;
    form->folded = words_fold(&form->pool.arena, answer, strlen(answer), FOLD_MAX);
    form->marks = words_marks(&form->pool.arena, answer);
    form->kind = form->folded && form->marks ? FORM_WORDS : FORM_LIMIT;
    if (form->kind == FORM_LIMIT)
        return;
    form->folded = words_canonical(form->folded);
    int truth = words_truth(form->folded);
    if (truth >= 0) {
        form->kind = FORM_TRUTH;
        form->code = truth;
        return;
    }
    if (calendar_date(answer, &form->date)) {
        form->kind = FORM_DATE;
        return;
    }
    if (calendar_time(answer, &form->code)) {
        form->kind = FORM_TIME;
        return;
    }
    char letter = words_choice(answer, &rest);
    if (!letter) {
        form->code = words_choices(answer);
        form->kind = form->code ? FORM_CHOICES : FORM_WORDS;
        return;
    }
    form->kind = FORM_CHOICE;
    form->code = letter;
    if (*rest) {
        form->rest = equal_parse(rest, NULL);
        form->stated = form->rest != NULL;
    } else if (problem && words_option(problem, letter, &option, &len)) {
        char *copy = arena_strndup(&form->pool.arena, option, len);
        form->rest = copy ? equal_parse(copy, NULL) : NULL;
    }
}

/* A pair of dollar signs marks mathematics and goes away; a single one is a currency. */
static size_t drop_dollars(struct tokens *t)
{
    size_t n = 0;
    struct token *open = NULL;
    bool drop[LEX_TOKENS_MAX] = {false};
    for (size_t i = 0; i < t->n; i++) {
        struct token *token = &t->list[i];
        if (token->kind != TOK_DOLLAR)
            continue;
        if (open && (!token->space || open[1].space)) {
            drop[open - t->list] = drop[i] = true;
            open = NULL;
        } else {
            open = token;
        }
    }
    for (size_t i = 0; i < t->n; i++)
        if (!drop[i])
            t->list[n++] = t->list[i];
    t->list[n] = t->list[t->n];
    return n;
}

enum reading { AS_MATH, AS_PROSE, AS_LETTERS };

/* "ad", in small letters: a product, unless it is a word. */
static bool is_product(const struct token *t)
{
    for (size_t i = 0; i < t->len; i++)
        if (t->text[i] < 'a' || t->text[i] > 'z')
            return false;
    return t->kind == TOK_WORD && t->len <= 3 && !lexicon_has(t->text, t->len);
}

/* Letters alone are words, not products of variables, unless some cannot be a word ("xy", the bc of
 * "ad - bc"). */
static enum reading reading_of(const struct tokens *t, size_t n)
{
    bool word = false, product = false, fixed = false;
    for (size_t i = 0; i < n; i++) {
        const struct token *token = &t->list[i];
        bool sign = token->kind == TOK_SIGN && token->id;
        if (sign && strchr(",.;:'\"?!-(){}", token->id)) {
            product = product && (strchr("-(){}", token->id) || i + 1 == n);
            continue;
        }
        if (token->kind != TOK_WORD && token->kind != TOK_TEXT && token->kind != TOK_AND &&
            token->kind != TOK_OR)
            return AS_MATH;
        bool vowel = token->kind != TOK_WORD || token->len > 3;
        for (size_t j = 0; j < token->len && !vowel; j++)
            vowel = strchr("aeiouAEIOU", token->text[j]) != NULL;
        bool letters = is_product(token),
             article = token->len == 1 && strchr("aiI", token->text[0]);
        fixed |= !letters && !article && !lexicon_has(token->text, token->len);
        product |= letters && !article;
        word |= vowel && token->len > 1;
    }
    product = product && !fixed;
    return !word ? AS_MATH : product ? AS_LETTERS : AS_PROSE;
}

static bool is_brace(const struct token *t, char brace)
{
    return t->kind == TOK_SIGN && t->id == (uint8_t)brace;
}

static bool has_text(const struct token *t)
{
    return t->kind == TOK_WORD || t->kind == TOK_TEXT || t->kind == TOK_NUMBER ||
           t->kind == TOK_NAME || t->kind == TOK_BIG;
}

/* What two spellings of unread mathematics have in common: "\ldots" and "\dots". */
static const char *look_of(struct arena *arena, const struct tokens *t, size_t n, bool *ret_unread)
{
    struct buf out;
    buf_init(&out, FOLD_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct token *token = &t->list[i];
        bool text = has_text(token);
        if (is_brace(token, '{') && i + 2 < n && is_brace(token + 2, '}')) {
            i++; /* braces around one token */
            token++;
            text = has_text(token);
        } else if (i >= 2 && is_brace(token, '}') && is_brace(token - 2, '{')) {
            continue;
        }
        *ret_unread |= (token->kind >= TOK_NAME && token->kind <= TOK_BIG) &&
                       token->kind != TOK_TEXT && token->kind != TOK_CONST;
        buf_putc(&out, (char)(token->kind + '0'));
        bool cross = is_brace(token, '*') && strncmp(token->text, "\\times", 6) == 0;
        buf_putc(&out, (char)(cross ? 'x' : token->id + 1));
        buf_append(&out, token->text, text ? token->len : 0);
    }
    char *look = out.failed ? NULL : arena_strndup(arena, out.data ? out.data : "", out.len);
    buf_fini(&out);
    return look;
}

/* "cab" beside "abc" is a product, and so is "at-by" beside "ta - by". */
static void note_letters(struct equal_form *form, const struct tokens *t, size_t n)
{
    enum parse_status status;
    bool small = n > 1 || (n == 1 && t->list[0].len == 3); /* "of" is no f o */
    for (size_t i = 0; small && i < n; i++) {
        const struct token *token = &t->list[i];
        bool sign = token->kind == TOK_SIGN && token->id && strchr("-()", token->id);
        small = sign || (token->kind == TOK_WORD && token->len <= 3 && !(i && token->space));
        for (size_t k = 0; !sign && small && k < token->len; k++)
            small = token->text[k] >= 'a' && token->text[k] <= 'z';
    }
    const struct expr *e = small ? parse_letters(&form->pool, t->list, t->list + n, &status) : NULL;
    form->letters = e ? value_make(&form->pool, e) : NULL;
}

static enum parse_status parse_text(struct equal_form *form, const char *text, size_t len)
{
    struct tokens tokens;
    enum parse_status status = PARSE_LIMIT;
    dress_off(&text, &len);
    if (!lex(&form->pool, text, len, &tokens) || tokens.limit)
        return PARSE_LIMIT;
    size_t n = drop_dollars(&tokens);
    enum reading reading = reading_of(&tokens, n);
    if (reading == AS_PROSE) {
        note_letters(form, &tokens, n);
        return PARSE_FAILED;
    }
    const struct expr *e = (reading == AS_LETTERS ? parse_letters : parse_answer)(
        &form->pool, tokens.list, tokens.list + n, &status);
    if (!e && status == PARSE_FAILED && !form->look)
        form->look = look_of(&form->pool.arena, &tokens, n, &form->unread);
    if (!e)
        return status;
    struct value *value = value_make(&form->pool, e);
    if (value && form->problem)
        counted_mark(value, form->problem);
    form->value = value;
    return value ? PARSE_OK : PARSE_LIMIT;
}

static bool starts_scale(const char *text)
{
    static const char *const words[] = {"dozen",   "gross",    "lakh",    "crore",
                                        "hundred", "thousand", "million", "billion"};
    size_t n = strlen(text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (scan_starts(text, 0, n, "a ") && scan_word(text, 2, n, words[i]))
            return true;
    return false;
}

/* Also where the text begins with a number in words: "five apples". */
static enum parse_status parse_or_spell(struct equal_form *form, const char *text, size_t len)
{
    enum parse_status status = parse_text(form, text, len);
    char digits[NUMERAL_TEXT_MAX];
    if (status != PARSE_FAILED || len > LEX_TEXT_MAX)
        return status;
    char *copy = arena_strndup(&form->pool.arena, text, len);
    size_t sign = !copy                                    ? 0
                  : scan_starts(copy, 0, len, "minus ")    ? 6
                  : scan_starts(copy, 0, len, "negative ") ? 9
                                                           : 0;
    size_t spelled = copy ? numeral_read(copy + sign, digits) : 0;
    if (sign && !spelled && scan_is_digit(copy[sign]))
        digits[0] = '\0';                /* "minus 5" */
    else if (copy && starts_scale(copy)) /* "a dozen" */
        spelled = (size_t)snprintf(digits, sizeof digits, "1");
    else if (spelled == 0)
        return status;
    spelled += sign;
    if (strcmp(copy + spelled, "!") == 0) /* "five!" is said loudly */
        len = spelled;
    char *text_in_digits = arena_printf(&form->pool.arena, "%s%s%.*s", sign ? "-" : "", digits,
                                        (int)(len - spelled), copy + spelled);
    return text_in_digits ? parse_text(form, text_in_digits, strlen(text_in_digits)) : PARSE_LIMIT;
}

/* "mean: 3", "P(A|B) = 1/2": one word and a sign before the value. */
static void note_label(struct equal_form *form, const char *answer, const char *tail)
{
    size_t len = (size_t)(tail - answer);
    while (len && plain_is_space(answer[len - 1]))
        len--;
    if (len < 2 || !strchr("=:", answer[len - 1]))
        return;
    for (len--; len && plain_is_space(answer[len - 1]);)
        len--;
    if (len && !memchr(answer, ' ', len))
        form->label = words_fold(&form->pool.arena, answer, len, FOLD_MAX);
}

static void parse_tree(struct equal_form *form, const char *answer)
{
    const char *tail, *named = words_as_math(&form->pool.arena, form->folded);
    size_t len = strlen(answer);
    enum parse_status status =
        named ? parse_text(form, named, strlen(named)) : parse_or_spell(form, answer, len);
    if (status == PARSE_FAILED && len <= LEX_TEXT_MAX && dress_remark(answer, len, &tail, &len))
        status = parse_or_spell(form, tail, len);
    len = strlen(answer);
    if (status == PARSE_FAILED && len <= LEX_TEXT_MAX && dress_tail(answer, len, &tail, &len)) {
        status = parse_or_spell(form, tail, len);
        note_label(form, answer, tail);
    }
    if (status == PARSE_OK)
        form->kind = FORM_VALUE;
    else if (status == PARSE_LIMIT)
        form->kind = FORM_LIMIT;
}

/* Where the part that begins at s ends: before a comma, a semicolon, a line's end, "and". */
static size_t part_length(const char *s)
{
    size_t len = strcspn(s, ",;\n");
    const char *word = strstr(s, " and ");
    return word && (size_t)(word - s) < len ? (size_t)(word - s) : len;
}

/* "mean: 3": words and a sign before the value. NULL: it is no such. */
static const char *part_value(const char *s, size_t len, size_t *ret_label)
{
    size_t n = 0;
    while (n < len && (plain_is_letter(s[n]) || s[n] == ' '))
        n++;
    if (n == 0 || n >= len || n > LABEL_MAX || (s[n] != ':' && s[n] != '=') || s[n + 1] == '=')
        return NULL;
    const char *value = skip_blanks(s + n + 1);
    for (*ret_label = n; n && s[n - 1] == ' ';)
        *ret_label = --n;
    return n && value < s + len ? value : NULL;
}

/* "Ann = 3, Bob = 5" is also a list of values; "x = 3, y = 5" is nothing else. */
static bool is_word_label(const char *answer)
{
    size_t n = 0;
    return part_value(answer, part_length(answer), &n) && n >= 3;
}

static bool add_part(struct equal_form *form, const char *s, size_t len, const char *problem)
{
    size_t n;
    const char *value = part_value(s, len, &n);
    if (!value || form->n_parts == PARTS_MAX)
        return false;
    struct arena *arena = &form->pool.arena;
    struct part *part = &form->parts[form->n_parts];
    char *copy = arena_strndup(arena, value, (size_t)(s + len - value));
    part->label = n <= 2 ? arena_strndup(arena, s, n) : words_fold(arena, s, n, FOLD_MAX);
    part->form = copy && part->label ? equal_parse(copy, problem) : NULL;
    form->n_parts += part->form != NULL;
    for (size_t i = 0; part->form && i + 1 < form->n_parts; i++)
        if (strcmp(form->parts[i].label, part->label) == 0)
            return false;
    return part->form != NULL;
}

static void drop_parts(struct equal_form *form)
{
    for (size_t i = 0; i < form->n_parts; i++)
        equal_form_free(form->parts[i].form);
    form->n_parts = 0;
}

static void parse_parts(struct equal_form *form, const char *answer, const char *problem)
{
    if (!part_value(answer, part_length(answer), &(size_t){0}) || !answer[part_length(answer)])
        return;
    form->parts = ARENA_ARRAY(&form->pool.arena, struct part, PARTS_MAX);
    bool fine = form->parts != NULL;
    for (const char *s = answer; fine && *s;) {
        size_t len = part_length(s);
        fine = add_part(form, s, len, problem);
        s += len;
        s = skip_blanks(s + (*s && *s != ' '));
        s += strncmp(s, "and ", 4) == 0 ? 4 : 0;
    }
    if (!fine || form->n_parts < 2)
        drop_parts(form);
}

/* "\\\\frac" as it comes out of JSON that was escaped twice; a row's end in a matrix stays. */
static void single_backslashes(char *text)
{
    static const char *const names[] = {
        "frac",  "sqrt",  "dfrac",  "pi",       "text",  "left",  "right", "cdot", "times",
        "boxed", "infty", "mathrm", "log",      "ln",    "sin",   "cos",   "tan",  "theta",
        "alpha", "beta",  "circ",   "cup",      "le",    "ge",    "leq",   "geq",  "tfrac",
        "binom", "pm",    "mathbb", "overline", "angle", "degree"};
    if (strstr(text, "\\begin") || !strstr(text, "\\\\"))
        return;
    char *out = text;
    for (const char *in = text; *in; in++) {
        bool doubled = in[0] == '\\' && in[1] == '\\';
        size_t len = 0;
        while (doubled && plain_is_letter(in[2 + len]))
            len++;
        bool known = false;
        for (size_t i = 0; len && i < sizeof names / sizeof *names; i++)
            known |= strlen(names[i]) == len && memcmp(names[i], in + 2, len) == 0;
        *out++ = *in;
        in += known;
    }
    *out = '\0';
}

/* The answer without what people put around it; as it was when nothing else is left. */
static char *undressed(struct arena *arena, const char *text)
{
    const char *inside = text;
    size_t len = strlen(text), left = len;
    dress_off(&inside, &left);
    return left ? arena_strndup(arena, inside, left) : arena_strndup(arena, text, len);
}

struct equal_form *equal_parse(const char *answer, const char *problem)
{
    struct equal_form *form = alloc_zeroed(1, sizeof *form);
    if (!form)
        return NULL;
    pool_init(&form->pool);
    form->text = "";
    if (parse_plain(form, answer))
        return form;
    number_init(&form->number);
    char *copy = strnlen(answer, FOLD_MAX) < FOLD_MAX ? undressed(&form->pool.arena, answer) : NULL;
    if (!copy) {
        form->kind = FORM_LIMIT;
        return form;
    }
    single_backslashes(copy);
    form->text = copy;
    form->problem = problem;
    parse_words(form, copy, problem);
    if (form->kind == FORM_WORDS)
        parse_tree(form, copy);
    form->problem = NULL;
    bool list = form->kind == FORM_VALUE && form->value->kind == VALUE_LIST;
    if (form->kind == FORM_WORDS || form->kind == FORM_CHOICE || (list && is_word_label(copy)))
        parse_parts(form, copy, problem);
    return form;
}

size_t equal_form_bytes(const struct equal_form *form)
{
    size_t sum = sizeof *form + form->pool.arena.used_bytes;
    for (size_t i = 0; i < form->n_parts; i++)
        sum += equal_form_bytes(form->parts[i].form);
    return sum + (form->rest ? equal_form_bytes(form->rest) : 0);
}

void equal_form_free(struct equal_form *form)
{
    if (!form)
        return;
    number_fini(&form->number);
    equal_form_free(form->rest);
    drop_parts(form);
    pool_fini(&form->pool);
    free(form);
}

const struct value *equal_value(const struct equal_form *form)
{
    return form->value;
}

static struct equal_result compare_numbers(const struct equal_form *a, const struct equal_form *b)
{
    if (fmpq_equal(a->number.value, b->number.value) && a->number.comma != b->number.comma)
        return relation_of(EQUAL_COMPATIBLE, "decimal comma");
    if (fmpq_equal(a->number.value, b->number.value))
        return relation_of(EQUAL_EXACT, "exact rational");
    if (number_rounds(&a->number, b->number.value) || number_rounds(&b->number, a->number.value))
        return relation_of(EQUAL_COMPATIBLE, "rounded");
    return relation_of(EQUAL_DIFFERENT, "different numbers");
}

static struct equal_result compare_choices(const struct equal_form *a, const struct equal_form *b)
{
    if (a->kind == FORM_CHOICE && b->kind == FORM_CHOICE) {
        if (a->code != b->code)
            return relation_of(EQUAL_DIFFERENT, "different choices");
        if (a->stated != b->stated)
            return relation_of(EQUAL_COMPATIBLE, "option's text missing");
        if (!a->stated)
            return relation_of(EQUAL_EXACT, "same choice");
        struct equal_result r = equal_forms(a->rest, b->rest);
        return r.verdict == EQUAL_DIFFERENT ? relation_of(EQUAL_UNKNOWN, "one letter, two texts")
                                            : r;
    }
    const struct equal_form *choice = a->kind == FORM_CHOICE ? a : b, *other = choice == a ? b : a;
    if (!choice->rest)
        return relation_of(EQUAL_UNKNOWN, "the options are not known");
    struct equal_result r = equal_forms(choice->rest, other);
    if (r.verdict == EQUAL_EXACT || r.verdict == EQUAL_COMPATIBLE)
        return relation_of(EQUAL_COMPATIBLE, "option's text");
    return r;
}

/* True when the words of part occur in a row in all. */
static bool has_words(const char *all, const char *part)
{
    size_t n = strlen(part);
    for (const char *s = n ? strstr(all, part) : NULL; s; s = strstr(s + 1, part))
        if ((s == all || s[-1] == ' ') && (s[n] == '\0' || s[n] == ' '))
            return true;
    return false;
}

/* How a text would mention the form. */
static const char *mention(const struct equal_form *form, char plain[64])
{
    if (form->kind != FORM_NUMBER)
        return form->folded ? form->folded : form->text;
    number_text(&form->number, plain, 64);
    return plain;
}

/* "no solution" against the set of the solutions */
static bool is_empty_set(const struct equal_form *words, const struct equal_form *set)
{
    return set->kind == FORM_VALUE && set->value->kind == VALUE_SET && set->value->n == 0 &&
           words->kind == FORM_WORDS &&
           (strcmp(words->folded, "no solution") == 0 ||
            strcmp(words->folded, "no real solution") == 0);
}

/* "double 5" */
static bool operates(const struct equal_form *form)
{
    return form->kind == FORM_WORDS && qualify_operates(form->folded);
}

/* "cab" and abc */
static struct equal_result compare_letters(const struct equal_form *a, const struct equal_form *b)
{
    const struct value *x = a->letters ? a->letters : a->value;
    const struct value *y = b->letters ? b->letters : b->value;
    bool fine = x && y && (a->letters == NULL) != (b->letters == NULL);
    return fine ? value_compare(x, y) : relation_of(EQUAL_DIFFERENT, "different text");
}

/* Words against something else: different, unless the one mentions the other. */
static struct equal_result compare_words(const struct equal_form *a, const struct equal_form *b)
{
    char plain_x[64], plain_y[64];
    const char *x = mention(a, plain_x), *y = mention(b, plain_y);
    bool unread = a->unread && b->unread; /* folding drops braces, which mean something there */
    bool marked = a->marks && b->marks && strcmp(a->marks, b->marks) != 0;
    if (marked && strcmp(x, y) == 0)
        return relation_of(EQUAL_UNKNOWN, "case, primes or brackets");
    if (a->kind == FORM_WORDS && b->kind == FORM_WORDS && !unread && strcmp(x, y) == 0)
        return *x ? relation_of(EQUAL_EXACT, "same text") : relation_of(EQUAL_UNKNOWN, "no words");
    if (is_empty_set(a, b) || is_empty_set(b, a))
        return relation_of(EQUAL_COMPATIBLE, "no solution as a set");
    if (a->look && b->look && strcmp(a->look, b->look) == 0)
        return relation_of(EQUAL_EXACT, "same text");
    if (a->folded && b->folded && !unread && strcmp(x, y) == 0 && strlen(x) > 1)
        return relation_of(EQUAL_COMPATIBLE, "same text"); /* "CO_2" is also a product */
    struct equal_result r = compare_letters(a, b);
    if (r.verdict == EQUAL_EXACT || r.verdict == EQUAL_COMPATIBLE)
        return r;
    if (has_words(x, y) || has_words(y, x))
        return relation_of(EQUAL_UNKNOWN, "one text holds the other");
    if (a->unread || b->unread)
        return relation_of(EQUAL_UNKNOWN, "not read");
    if (operates(a) || operates(b))
        return relation_of(EQUAL_UNKNOWN, "words that calculate");
    return relation_of(EQUAL_DIFFERENT, "different text");
}

static const struct part *find_part(const struct equal_form *form, const char *label)
{
    for (size_t i = 0; i < form->n_parts; i++)
        if (strcmp(form->parts[i].label, label) == 0)
            return &form->parts[i];
    return NULL;
}

/* "mean: 3; mode: 4" and "mode: 4, mean: 3". False: they have other labels. */
static bool compare_parts(const struct equal_form *a, const struct equal_form *b,
                          struct equal_result *ret)
{
    *ret = relation_of(EQUAL_EXACT, "same parts");
    if (a->n_parts == 0 || a->n_parts != b->n_parts)
        return false;
    for (size_t i = 0; i < a->n_parts; i++) {
        const struct part *other = find_part(b, a->parts[i].label);
        if (!other)
            return false;
        *ret = relation_worst(*ret, equal_forms(a->parts[i].form, other->form));
    }
    return true;
}

static bool is_value(const struct equal_form *form)
{
    return form->kind == FORM_NUMBER || form->kind == FORM_VALUE;
}

/* "3:30" may be a time whose half of the day was left out. */
static struct equal_result compare_time_to_value(const struct equal_form *time,
                                                 const struct value *v)
{
    fmpq_t part[2];
    bool fine = v->kind == VALUE_RATIO && v->n == 2;
    bool equal = fine;
    for (int i = 0; i < 2; i++) {
        fmpq_init(part[i]);
        fine = fine && v->items[i]->kind == VALUE_SCALAR &&
               eval_rational(v->items[i]->expr, part[i]) == EVAL_OK;
    }
    equal = fine && fmpq_cmp_si(part[1], time->code % 60) == 0 &&
            (fmpq_cmp_si(part[0], time->code / 60) == 0 ||
             fmpq_cmp_si(part[0], (time->code / 60 + 11) % 12 + 1) == 0);
    fmpq_clear(part[0]);
    fmpq_clear(part[1]);
    return equal ? relation_of(EQUAL_COMPATIBLE, "half of the day missing")
                 : relation_of(EQUAL_DIFFERENT, "different kinds");
}

/* 1:20 and 2:40 are one ratio and two times of the day. */
static struct equal_result unless_clocks(const struct equal_form *a, const struct equal_form *b,
                                         struct equal_result r)
{
    int x, y;
    if (r.verdict != EQUAL_EXACT || a->value->kind != VALUE_RATIO ||
        b->value->kind != VALUE_RATIO || !calendar_clock(a->text, &x) ||
        !calendar_clock(b->text, &y) || x == y)
        return r;
    return relation_of(EQUAL_UNKNOWN, "ratios or times");
}

/* "mean: 3" and "mode: 3" */
static struct equal_result unless_labels(struct equal_result r)
{
    return r.verdict == EQUAL_DIFFERENT ? r : relation_of(EQUAL_UNKNOWN, "another label");
}

static struct equal_result compare_dates(const struct date *a, const struct date *b)
{
    if (a->month != b->month || a->day != b->day ||
        (a->year != b->year && a->year != 0 && b->year != 0))
        return relation_of(EQUAL_DIFFERENT, "different values");
    return a->year == b->year ? relation_of(EQUAL_EXACT, "same date")
                              : relation_of(EQUAL_COMPATIBLE, "year missing");
}

struct equal_result equal_forms(const struct equal_form *a, const struct equal_form *b)
{
    if (a->kind == FORM_NUMBER && b->kind == FORM_NUMBER)
        return compare_numbers(a, b);
    if (strcmp(a->text, b->text) == 0 && a->text[0])
        return relation_of(EQUAL_EXACT, "same text");
    struct equal_result parts;
    if (compare_parts(a, b, &parts))
        return parts;
    if (a->kind == FORM_CHOICE || b->kind == FORM_CHOICE)
        return compare_choices(a, b);
    if (a->kind == FORM_LIMIT || b->kind == FORM_LIMIT)
        return relation_of(EQUAL_UNKNOWN, "beyond what can be decided");
    bool labels = a->label && b->label && strcmp(a->label, b->label) != 0;
    if (is_value(a) && is_value(b) && labels)
        return unless_labels(value_compare(a->value, b->value));
    if (is_value(a) && is_value(b))
        return unless_clocks(a, b, value_compare(a->value, b->value));
    if (a->kind == FORM_WORDS || b->kind == FORM_WORDS)
        return compare_words(a, b);
    if (a->kind == FORM_TIME && is_value(b))
        return compare_time_to_value(a, b->value);
    if (b->kind == FORM_TIME && is_value(a))
        return compare_time_to_value(b, a->value);
    if (a->kind != b->kind)
        return relation_of(EQUAL_DIFFERENT, "different kinds");
    if (a->kind == FORM_DATE)
        return compare_dates(&a->date, &b->date);
    if (a->code != b->code)
        return relation_of(EQUAL_DIFFERENT, "different values");
    return relation_of(EQUAL_EXACT, a->kind == FORM_TIME    ? "same time"
                                    : a->kind == FORM_TRUTH ? "same truth value"
                                                            : "same choices");
}

struct equal_result equal_texts(const char *gold, const char *pred, const char *problem)
{
    const size_t failures = alloc_failures();
    struct equal_form *a = equal_parse(gold, problem), *b = equal_parse(pred, problem);
    struct equal_result r = relation_of(EQUAL_UNKNOWN, "out of memory");
    if (a && b)
        r = equal_forms(a, b);
    if (alloc_failures() != failures)
        r = relation_of(EQUAL_UNKNOWN, "out of memory");
    equal_form_free(a);
    equal_form_free(b);
    return r;
}

void equal_thread_cleanup(void)
{
    flint_cleanup();
}
