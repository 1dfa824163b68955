/*
 * Reads a unit word by word: each word is looked up, "per" and "/" turn the sign of what follows,
 * "square" and "^2" set its power. Volumes, areas and speeds are powers of length and time.
 */
#include "claims/math/measure.h"

#include <string.h>

#include "base/plain.h"
#include "claims/math/eval.h"

void measure_init(struct measure *m)
{
    *m = (struct measure){.known = true};
    fmpq_init(m->factor);
    fmpq_one(m->factor);
    fmpq_init(m->scale);
    fmpq_one(m->scale);
}

void measure_fini(struct measure *m)
{
    fmpq_clear(m->factor);
    fmpq_clear(m->scale);
}

static void add_power(struct measure *m, enum unit_kind kind, int power)
{
    m->powers[kind] = (int8_t)(m->powers[kind] + power);
}

/* Units of mechanics and electricity are products of the base units: J/s is W. */
static void multiply(struct measure *m, enum unit_kind kind, long numerator, long denominator,
                     int power)
{
    fmpq_t size;
    fmpq_init(size);
    fmpq_set_si(size, numerator, (ulong)denominator);
    fmpq_pow_si(size, size, power);
    fmpq_mul(m->factor, m->factor, size);
    if (kind == UNIT_SCALE)
        fmpq_mul(m->scale, m->scale, size);
    fmpq_clear(size);
    static const struct {
        int8_t mass, length, time, current;
        long size; /* in grams, metres, seconds, amperes */
    } derived[UNIT_KIND_COUNT] = {
        [UNIT_FORCE] = {1, 1, -2, 0, 1000},
        [UNIT_ENERGY] = {1, 2, -2, 0, 1000},
        [UNIT_POWER] = {1, 2, -3, 0, 1000},
        [UNIT_PRESSURE] = {1, -1, -2, 0, 1000},
        [UNIT_VOLTAGE] = {1, 2, -3, -1, 1000},
        [UNIT_RESISTANCE] = {1, 2, -3, -2, 1000},
        [UNIT_CAPACITANCE] = {-1, -2, 4, 2, 1},
        [UNIT_CHARGE] = {0, 0, 1, 1, 1},
        [UNIT_FREQUENCY] = {0, 0, -1, 0, 1},
        [UNIT_VOLUME] = {0, 3, 0, 0, 1},
        [UNIT_AREA] = {0, 2, 0, 0, 1},
        [UNIT_SPEED] = {0, 1, -1, 0, 1},
        [UNIT_FLUX] = {1, 2, -2, -1, 1000},
        [UNIT_FLUX_DENSITY] = {1, 0, -2, -1, 1000},
        [UNIT_INDUCTANCE] = {1, 2, -2, -2, 1000},
    };
    if (kind == UNIT_VOLUME || kind == UNIT_CAPACITANCE) /* a litre, a farad: per thousand */
        multiply(m, UNIT_NONE, 1, 1000, power);
    if (kind == UNIT_MOLAR) {
        multiply(m, UNIT_AMOUNT, 1, 1, power);
        multiply(m, UNIT_VOLUME, 1, 1, -power);
    } else if (derived[kind].size) {
        if (derived[kind].size != 1)
            multiply(m, UNIT_NONE, derived[kind].size, 1, power);
        add_power(m, UNIT_MASS, derived[kind].mass * power);
        add_power(m, UNIT_LENGTH, derived[kind].length * power);
        add_power(m, UNIT_TIME, derived[kind].time * power);
        add_power(m, UNIT_CURRENT, derived[kind].current * power);
    } else if (kind != UNIT_NONE && kind != UNIT_SCALE) {
        add_power(m, kind, power);
    }
}

static const struct unit_word *find_letter(char c)
{
    static const struct unit_word letters[] = {
        {"m", UNIT_LENGTH, 1, 1},       {"g", UNIT_MASS, 1, 1},       {"s", UNIT_TIME, 1, 1},
        {"h", UNIT_TIME, 3600, 1},      {"L", UNIT_VOLUME, 1, 1},     {"l", UNIT_VOLUME, 1, 1},
        {"J", UNIT_ENERGY, 1, 1},       {"N", UNIT_FORCE, 1, 1},      {"W", UNIT_POWER, 1, 1},
        {"V", UNIT_VOLTAGE, 1, 1},      {"A", UNIT_CURRENT, 1, 1},    {"K", UNIT_KELVIN, 1, 1},
        {"M", UNIT_MOLAR, 1, 1},        {"C", UNIT_CHARGE, 1, 1},     {"F", UNIT_CAPACITANCE, 1, 1},
        {"T", UNIT_FLUX_DENSITY, 1, 1}, {"H", UNIT_INDUCTANCE, 1, 1},
    };
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].name[0] == c)
            return &letters[i];
    return NULL;
}

/* The B of $1.5B. */
static const struct unit_word *find_scale(const char *word, size_t len)
{
    static const struct unit_word scales[] = {
        {"K", UNIT_SCALE, 1000, 1},       {"k", UNIT_SCALE, 1000, 1},
        {"M", UNIT_SCALE, 1000000, 1},    {"mn", UNIT_SCALE, 1000000, 1},
        {"B", UNIT_SCALE, 1000000000, 1}, {"bn", UNIT_SCALE, 1000000000, 1}};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
        if (strlen(scales[i].name) == len && memcmp(scales[i].name, word, len) == 0)
            return &scales[i];
    return NULL;
}

static bool is(const char *word, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(word, name, len) == 0;
}

/* Case says nothing in "Dogs" and "DOGS", but much in symbols: PA, Pa, mHz, MHZ. */
static bool has_plain_case(const char *word, size_t len)
{
    size_t lower = 0, upper = 0;
    for (size_t i = 1; i < len; i++) {
        upper += word[i] >= 'A' && word[i] <= 'Z';
        lower += word[i] >= 'a' && word[i] <= 'z';
    }
    return len > 2 && (upper == 0 || (lower == 0 && len > 3));
}

/* Adds a word to the folded text, plural and case aside. */
static void note_word(struct measure *m, const char *word, size_t len)
{
    size_t at = strlen(m->text);
    if (len > 3 && word[len - 1] == 's' && !strchr("su", word[len - 2])) /* celsius */
        len--;
    if (at + len + 2 > sizeof m->text)
        return;
    if (at)
        m->text[at++] = ' ';
    bool fold = has_plain_case(word, len);
    for (size_t i = 0; i < len; i++)
        m->text[at++] = fold ? plain_lower(word[i]) : word[i];
}

struct reader {
    const char *s;
    size_t len, at;
    int sign, power; /* of the next word */
    bool micro;      /* \mu stands before it */
};

/* "^2", "^{2}" after a unit; 1 when there is none. */
static int read_power(struct reader *r)
{
    size_t at = r->at;
    while (at < r->len && (r->s[at] == '}' || r->s[at] == ' '))
        at++;
    if (at >= r->len || r->s[at] != '^')
        return 1;
    at++;
    at += at < r->len && r->s[at] == '{';
    bool minus = at < r->len && r->s[at] == '-';
    at += minus;
    if (at >= r->len || r->s[at] < '1' || r->s[at] > '4')
        return 1;
    int power = r->s[at] - '0';
    r->at = at + 1;
    return minus ? -power : power;
}

static void read_word(struct measure *m, struct reader *r)
{
    const char *word = r->s + r->at;
    size_t len = 0;
    while (r->at + len < r->len && (plain_is_letter(word[len]) || (unsigned char)word[len] >= 0x80))
        len++;
    r->at += len;
    if (is(word, len, "mu")) {
        r->micro = true;
        return;
    }
    if (is(word, len, "per")) {
        r->sign = -1;
        return;
    }
    if (is(word, len, "square") || is(word, len, "sq") || is(word, len, "cubic") ||
        is(word, len, "cu")) {
        r->power = word[0] == 's' ? 2 : 3;
        return;
    }
    if (is(word, len, "of") || is(word, len, "the") || is(word, len, "a") ||
        is(word, len, "text") || is(word, len, "mathrm") || is(word, len, "rm") ||
        is(word, len, "quad") || is(word, len, "cdot"))
        return;
    const struct unit_word *unit = m->money ? find_scale(word, len) : NULL;
    if (!unit)
        unit = len == 1 ? find_letter(word[0]) : units_find(word, len);
    int power = r->power * read_power(r) * r->sign;
    if (r->micro)
        multiply(m, UNIT_NONE, 1, 1000000, power);
    r->micro = false;
    if (unit && unit->numerator)
        multiply(m, unit->kind, unit->numerator, unit->denominator, power);
    else
        m->known = false;
    if (unit && unit->kind == UNIT_SCALE)
        return;
    note_word(m, word, len);
    if (power != 1 && strlen(m->text) + 4 < sizeof m->text) {
        size_t at = strlen(m->text);
        m->text[at++] = '^';
        m->text[at++] = power < 0 ? '-' : '+';
        m->text[at] = (char)('0' + (power < 0 ? -power : power));
    }
    r->power = 1;
    r->sign = 1;
}

void measure_read(struct measure *m, const char *text, size_t len, int currency)
{
    static const enum unit_kind kinds[] = {UNIT_DOLLAR, UNIT_EURO, UNIT_POUND, UNIT_YEN,
                                           UNIT_RUPEE};
    if (currency > 0 && (size_t)currency <= sizeof kinds / sizeof *kinds) {
        multiply(m, kinds[currency - 1], currency == 1 ? 100 : 1, 1, 1);
        static const char *const names[] = {"dollar", "euro", "pound sterling", "yen", "rupee"};
        note_word(m, names[currency - 1], strlen(names[currency - 1]));
        m->money = true;
    }
    struct reader r = {.s = text, .len = text ? len : 0, .sign = 1, .power = 1};
    while (r.at < r.len) {
        unsigned char c = (unsigned char)r.s[r.at];
        if (plain_is_letter(c) || c >= 0x80) {
            read_word(m, &r);
            continue;
        }
        if (c == '/')
            r.sign = -1;
        r.at++;
    }
    if (m->powers[UNIT_CELSIUS] || m->powers[UNIT_FAHRENHEIT])
        m->powers[UNIT_ANGLE] = 0; /* "degrees Celsius" */
}

static bool contains_words(const char *all, const char *part)
{
    size_t n = strlen(part);
    for (const char *s = strstr(all, part); n && s; s = strstr(s + 1, part))
        if ((s == all || s[-1] == ' ') && (s[n] == '\0' || s[n] == ' '))
            return true;
    return false;
}

/* A short form that more than one unit has, or that another kind has too. */
static bool short_for(const char *text, const char *full)
{
    static const char *const forms[][2] = {{"C", "celsius"},
                                           {"C", "degree celsius"},
                                           {"C", "coulomb"},
                                           {"F", "fahrenheit"},
                                           {"F", "degree fahrenheit"},
                                           {"c", "celsius"},
                                           {"f", "fahrenheit"},
                                           {"pound", "pound sterling"},
                                           {"gb", "GB"},
                                           {"gb", "Gb"},
                                           {"mb", "MB"},
                                           {"mb", "Mb"},
                                           {"tb", "TB"},
                                           {"tb", "Tb"}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(text, forms[i][0]) == 0 && strcmp(full, forms[i][1]) == 0)
            return true;
    return false;
}

/* The unit is a temperature and nothing else: the size of a degree in ninths of a kelvin, and its
 * zero in parts of 1/180 kelvin. False: it is no such. */
static bool read_temperature(const struct measure *m, long *ret_ninths, long *ret_zero)
{
    static const struct {
        enum unit_kind kind;
        long ninths, zero;
    } scales[] = {{UNIT_KELVIN, 9, 0}, {UNIT_CELSIUS, 9, 49167}, {UNIT_FAHRENHEIT, 5, 45967}};
    int powers = 0;
    for (size_t i = 0; i < UNIT_KIND_COUNT; i++)
        powers += m->powers[i] != 0;
    for (size_t i = 0; i < 3 && powers == 1 && m->known && fmpq_is_one(m->factor); i++)
        if (m->powers[scales[i].kind] == 1) {
            *ret_ninths = scales[i].ninths;
            *ret_zero = scales[i].zero;
            return true;
        }
    return false;
}

enum measure_relation measure_compare(const struct measure *x, const struct measure *y)
{
    if (short_for(x->text, y->text) || short_for(y->text, x->text))
        return MEASURE_ALIKE;
    if (x->known && y->known) {
        long ninths, zero;
        if (memcmp(x->powers, y->powers, sizeof x->powers) != 0)
            return read_temperature(x, &ninths, &zero) && read_temperature(y, &ninths, &zero)
                       ? MEASURE_CONVERTS
                       : MEASURE_DIFFERENT;
        return fmpq_equal(x->factor, y->factor) ? MEASURE_SAME : MEASURE_CONVERTS;
    }
    if (strcmp(x->text, y->text) == 0)
        return fmpq_equal(x->scale, y->scale) ? MEASURE_SAME : MEASURE_CONVERTS;
    return contains_words(x->text, y->text) || contains_words(y->text, x->text) ? MEASURE_ALIKE
                                                                                : MEASURE_DIFFERENT;
}

/* A value in the base units; temperatures count from absolute zero. */
static void to_base(fmpq_t value, const struct measure *m)
{
    long ninths, zero;
    fmpq_mul(value, value, m->factor);
    if (!read_temperature(m, &ninths, &zero))
        return;
    fmpq_t part;
    fmpq_init(part);
    fmpq_set_si(part, ninths, 9);
    fmpq_mul(value, value, part);
    fmpq_set_si(part, zero, 180);
    fmpq_add(value, value, part);
    fmpq_clear(part);
}

int measure_values(const struct measure *x, const struct expr *a, const struct measure *y,
                   const struct expr *b)
{
    fmpq_t p, q;
    fmpq_init(p);
    fmpq_init(q);
    int equal = -1;
    if (eval_rational(a, p) == EVAL_OK && eval_rational(b, q) == EVAL_OK) {
        to_base(p, x);
        to_base(q, y);
        equal = fmpq_equal(p, q);
    }
    fmpq_clear(p);
    fmpq_clear(q);
    return equal;
}
