/*
 * profile.c - parses a profile's text (claims/read/profiles/README.md): a head of keys
 * (profile_keys.c), then sections.
 *
 * Lines are read one after the other; a section's text is cut out whole when the next one begins.
 * What belongs together (a stage and its placeholders) is checked at the end.
 */
#include "claims/read/profile_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/plain.h"
#include "claims/read/profiles/builtin.h"
#include <surety/settings.h>

/* ---- sections ---- */

/* Ends the open section before `end`. */
static enum surety_err close_section(struct profile_parser *p, const char *end)
{
    if (!p->role)
        return SURETY_OK;
    struct profile_wording *wording = p->wording;
    struct span s = {0, (size_t)(end - p->section)};
    while (s.start < s.end && (p->section[s.start] == '\n' || p->section[s.start] == '\r'))
        s.start++;
    while (s.end > s.start && scan_is_space(p->section[s.end - 1]))
        s.end--;
    p->line = p->section_line;
    if (s.start == s.end)
        return profile_bad(p, "the section is empty");
    if (wording->n_messages == SURETY_MESSAGES_MAX)
        return profile_bad(p, "more than 64 messages");
    char *role = arena_strdup(&p->profile->arena, p->role);
    char *content = arena_strndup(&p->profile->arena, p->section + s.start, s.end - s.start);
    if (!role || !content)
        return profile_no_memory(p);
    wording->messages[wording->n_messages++] = (struct surety_message){role, content};
    return SURETY_OK;
}

/* True when the line has the form "[word word]", with its words. */
static bool is_header(const char *text, struct span line, struct span *ret_stage,
                      struct span *ret_role)
{
    while (line.end > line.start && scan_is_blank(text[line.end - 1]))
        line.end--;
    if (line.end - line.start < 5 || text[line.start] != '[' || text[line.end - 1] != ']')
        return false;
    size_t at = line.start + 1;
    *ret_stage = *ret_role = (struct span){at, at};
    while (scan_is_letter(text[at]))
        at++;
    ret_stage->end = at;
    while (text[at] == ' ')
        at++;
    ret_role->start = at;
    while (scan_is_letter(text[at]))
        at++;
    ret_role->end = at;
    return at == line.end - 1 && ret_role->end > ret_role->start;
}

/* The wording of the stage with this name, or NULL. */
static struct profile_wording *find_stage(struct profile_parser *p, struct span name)
{
    if (profile_span_is(p->text, name, "sample"))
        return &p->profile->sample;
    if (profile_span_is(p->text, name, "claims"))
        return &p->profile->asking;
    for (size_t i = 0; i < PROFILE_WAYS; i++)
        if (profile_span_is(p->text, name, surety_verify_name(profile_ways[i].verify)))
            return &p->profile->ways[i].wording;
    return NULL;
}

static enum surety_err open_section(struct profile_parser *p, struct span stage, struct span role,
                                    const char *content)
{
    static const char *const roles[] = {"system", "user", "assistant"};
    struct profile_wording *wording = find_stage(p, stage);
    size_t i = 0;
    while (i < 3 && !profile_span_is(p->text, role, roles[i]))
        i++;
    if (!wording || i == 3) {
        char ways[256];
        profile_way_names("|", ways, sizeof ways);
        return surety_fail(p->err, SURETY_ERR_PARSE,
                           "profile, line %zu: a section is [sample|claims|%s "
                           "system|user|assistant]",
                           p->line, ways);
    }
    p->wording = wording;
    p->role = roles[i];
    p->section = content;
    p->section_line = p->line;
    return SURETY_OK;
}

static enum surety_err parse_lines(struct profile_parser *p)
{
    const char *at = p->text, *end;
    for (size_t number = 1; *at; at = *end ? end + 1 : end, number++) {
        end = strchrnul(at, '\n');
        struct span line = {(size_t)(at - p->text), (size_t)(end - p->text)}, stage, role;
        enum surety_err code = SURETY_OK;
        p->line = number;
        if (is_header(p->text, line, &stage, &role)) {
            code = close_section(p, at);
            p->line = number;
            if (!code)
                code = open_section(p, stage, role, end);
        } else if (!p->role) {
            code = profile_parse_key(p, line);
        }
        if (code)
            return code;
    }
    return close_section(p, at);
}

/* ---- the whole ---- */

static bool mentions(const struct profile_wording *wording, const char *placeholder)
{
    for (size_t i = 0; i < wording->n_messages; i++)
        if (strstr(wording->messages[i].content, placeholder))
            return true;
    return false;
}

static bool opens_well(const struct profile_wording *wording)
{
    const struct surety_message *last = &wording->messages[wording->n_messages - 1];
    return strcmp(last->role, "assistant") ||
           (wording->n_messages > 1 && strlen(last->content) <= SURETY_OPENED_MAX);
}

/* The turn stands behind a solution, so it is the user's. */
static bool asks_well(const struct profile_wording *asking)
{
    return asking->n_messages == 1 && !strcmp(asking->messages[0].role, "user");
}

static bool has_word(const char *const *words, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (!plain_compare(words[i], word, SIZE_MAX))
            return true;
    return false;
}

static bool words_have_labels(const struct profile *f, size_t way)
{
    const struct verdict_words *w = &f->words;
    return has_word(w->valid, w->n_valid, profile_label(f, way, 0)) &&
           has_word(w->refuted, w->n_refuted, profile_label(f, way, 1));
}

static enum surety_err check_ways(struct profile_parser *p)
{
    struct profile *f = p->profile;
    for (size_t i = 0; i < PROFILE_WAYS; i++) {
        const struct profile_way *way = &profile_ways[i];
        const struct profile_wording *wording = &f->ways[i].wording;
        if (!wording->n_messages)
            continue;
        if (f->verify == SURETY_VERIFY_DEFAULT)
            f->verify = way->verify;
        if (profile_is_choice(f, way->verify) && !opens_well(wording))
            return surety_fail(p->err, SURETY_ERR_PARSE,
                               "profile: [%s assistant] opens a reply, so it stands behind a "
                               "question and has at most %d bytes",
                               surety_verify_name(way->verify), SURETY_OPENED_MAX);
        if (profile_is_choice(f, way->verify) && !words_have_labels(f, i))
            return surety_fail(p->err, SURETY_ERR_PARSE,
                               "profile: the labels of '%s' are not among the words for valid and "
                               "for refuted",
                               surety_verify_name(way->verify));
        if (!mentions(wording, "{problem}") || !mentions(wording, way->asked))
            return surety_fail(p->err, SURETY_ERR_PARSE,
                               "profile: the [%s ...] sections do not hold {problem} and %s",
                               surety_verify_name(way->verify), way->asked);
    }
    if (f->verify == SURETY_VERIFY_DEFAULT)
        f->verify = SURETY_VERIFY_NONE;
    return SURETY_OK;
}

/* INVALID text as a whole is a PARSE error without a line of its own. */
static enum surety_err check_whole(struct profile_parser *p)
{
    struct profile *f = p->profile;
    const char *what = NULL;
    if (!f->name)
        what = "it has no name";
    else if (!mentions(&f->sample, "{problem}"))
        what = "no [sample ...] section holds {problem}";
    else if (f->claims == CLAIMS_ASK && !asks_well(&f->asking))
        what = "claims are asked for with one section [claims user]";
    enum surety_err code = what ? SURETY_OK : check_ways(p);
    if (code)
        return code;
    if (!what && f->verify != SURETY_VERIFY_NONE && !profile_can_verify(f, f->verify))
        what = "there is no section for its way to verify";
    for (size_t i = 0; i < f->words.n_valid; i++)
        for (size_t j = 0; j < f->words.n_refuted; j++)
            if (!strcmp(f->words.valid[i], f->words.refuted[j]))
                what = "a word means both valid and refuted";
    return what ? surety_fail(p->err, SURETY_ERR_PARSE, "profile: %s", what) : SURETY_OK;
}

enum surety_err profile_parse(const char *text, struct profile **ret_profile,
                              struct surety_error *err)
{
    size_t len = strlen(text);
    if (len > SURETY_PROFILE_MAX)
        return surety_fail(err, SURETY_ERR_LIMIT,
                           "the profile has %zu bytes; at most %u are allowed", len,
                           SURETY_PROFILE_MAX);
    const size_t failures = alloc_failures();
    struct profile *f = alloc_zeroed(1, sizeof *f);
    if (!f)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the profile");
    arena_init(&f->arena, 64 * SURETY_PROFILE_MAX);
    f->hash = hash_text(0, text);
    f->verify_temperature = 1;
    for (size_t i = 0; i < PROFILE_WAYS; i++)
        f->ways[i].temperature = -1;
    f->words = (struct verdict_words){{"valid"}, 1, {"refuted"}, 1};
    struct profile_parser p = {.profile = f, .text = text, .err = err};
    enum surety_err code = parse_lines(&p);
    if (!code)
        code = check_whole(&p);
    if (alloc_failures() != failures)
        code = surety_fail(err, SURETY_ERR_NOMEM, "no memory for the profile");
    if (code)
        profile_free(f);
    else
        *ret_profile = f;
    return code;
}

void profile_free(struct profile *profile)
{
    if (!profile)
        return;
    arena_fini(&profile->arena);
    free(profile);
}

/* ---- what is built in ---- */

const char *const *profile_builtin_names(void)
{
    return builtin_profile_names;
}

const char *profile_builtin(const char *name)
{
    for (size_t i = 0; builtin_profile_names[i]; i++)
        if (!strcmp(builtin_profile_names[i], name))
            return builtin_profile_texts[i];
    return NULL;
}

/* True when the profile's `models` line lists the model. */
static bool lists_model(const char *text, const char *model_name)
{
    static const char key[] = "\nmodels:";
    const char *line = strstr(text, key);
    if (!line)
        return false;
    line += sizeof key - 1;
    struct span rest = {0, (size_t)(strchrnul(line, '\n') - line)};
    for (struct span part; profile_next_part(line, &rest, &part);)
        if (profile_span_is(line, part, model_name))
            return true;
    return false;
}

const char *profile_for_model(const char *declared, const char *model_name)
{
    for (size_t i = 0; declared && builtin_profile_names[i]; i++)
        if (!strcmp(builtin_profile_names[i], declared))
            return builtin_profile_names[i];
    for (size_t i = 0; model_name && *model_name && builtin_profile_names[i]; i++)
        if (lists_model(builtin_profile_texts[i], model_name))
            return builtin_profile_names[i];
    return "instruct";
}

const char *profile_name(const struct profile *profile)
{
    return profile->name;
}

uint64_t profile_hash(const struct profile *profile)
{
    return profile->hash;
}

enum surety_verify profile_verify(const struct profile *profile)
{
    return profile->verify;
}

double profile_least_standing(const struct profile *profile)
{
    return profile->least_standing;
}

bool profile_can_verify(const struct profile *profile, enum surety_verify how)
{
    size_t way = profile_way_of(how);
    return way < PROFILE_WAYS && profile->ways[way].wording.n_messages;
}

bool profile_is_choice(const struct profile *profile, enum surety_verify how)
{
    size_t way = profile_way_of(how);
    return way < PROFILE_WAYS && profile_ways[way].labels_key &&
           profile->ways[way].form == profile_ways[way].choice;
}

const char *profile_label(const struct profile *profile, size_t way, size_t i)
{
    const char *own = profile->ways[way].labels[i];
    return own ? own : profile_ways[way].labels[i];
}

bool profile_asks_claims(const struct profile *profile)
{
    return profile->claims == CLAIMS_ASK;
}

double profile_verify_temperature(const struct profile *profile, enum surety_verify how)
{
    size_t way = profile_way_of(how);
    return way < PROFILE_WAYS && profile->ways[way].temperature >= 0
               ? profile->ways[way].temperature
               : profile->verify_temperature;
}
