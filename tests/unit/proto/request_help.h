/* request_help.h - the members of a request but its settings, for tests that walk them. lint.docs
 * holds the list against types.h. */
#ifndef SURETY_TESTS_UNIT_PROTO_REQUEST_HELP_H
#define SURETY_TESTS_UNIT_PROTO_REQUEST_HELP_H

#include <stddef.h>
#include <string.h>

#include <surety/types.h>

enum request_kind {
    REQUEST_TEXT,
    REQUEST_NUMBER,
    REQUEST_SWITCH,
    REQUEST_MESSAGES, /* and, behind it, how many; likewise */
    REQUEST_TEXTS
};

static const struct request_member {
    const char *name;
    size_t offset;
    enum request_kind kind;
    bool of_content; /* with another value, and the same id, it is another request */
} request_members[] = {
#define MEMBER(name) #name, offsetof(struct surety_request, name)
    {MEMBER(id), REQUEST_TEXT, false},
    {MEMBER(problem), REQUEST_TEXT, true},
    {MEMBER(model_name), REQUEST_TEXT, true},
    {MEMBER(verifier_model), REQUEST_TEXT, true},
    {MEMBER(profile), REQUEST_TEXT, true},
    {MEMBER(deadline_ms), REQUEST_NUMBER, true},
    {MEMBER(budget_tokens), REQUEST_NUMBER, true},
    {MEMBER(progress), REQUEST_SWITCH, false},
    {MEMBER(messages), REQUEST_MESSAGES, true},
    {MEMBER(stop), REQUEST_TEXTS, true},
    {MEMBER(user), REQUEST_TEXT, false},
    {MEMBER(body), REQUEST_TEXT, true},
#undef MEMBER
};
#define REQUEST_MEMBERS (sizeof request_members / sizeof *request_members)

/* Gives the member a value that is allowed and not the one it has. */
static inline void request_change(const struct request_member *member, struct surety_request *r)
{
    void *place = (char *)r + member->offset;
    static char other[] = "other", another[] = "another", user[] = "user";
    static struct surety_message turns[] = {{user, other}, {user, another}};
    static char *texts[] = {other, another};
    size_t *n = (size_t *)((char *)place + sizeof(void *));
    switch (member->kind) {
    case REQUEST_TEXT:
        *(char **)place = *(char **)place == other ? another : other;
        break;
    case REQUEST_NUMBER:
        *(int64_t *)place += 1000;
        break;
    case REQUEST_SWITCH:
        *(bool *)place = !*(bool *)place;
        break;
    case REQUEST_MESSAGES:
        *(struct surety_message **)place = turns;
        *n = 1 + *n % 2;
        break;
    case REQUEST_TEXTS:
        *(char ***)place = texts;
        *n = 1 + *n % 2;
        break;
    }
}

static inline bool request_equal(const struct request_member *member,
                                 const struct surety_request *a, const struct surety_request *b)
{
    const void *p = (const char *)a + member->offset, *q = (const char *)b + member->offset;
    if (member->kind == REQUEST_TEXT) {
        const char *s = *(char *const *)p, *t = *(char *const *)q;
        return s && t ? strcmp(s, t) == 0 : s == t;
    }
    if (member->kind == REQUEST_MESSAGES) {
        bool same = a->n_messages == b->n_messages;
        for (size_t i = 0; same && i < a->n_messages; i++)
            same = !strcmp(a->messages[i].role, b->messages[i].role) &&
                   !strcmp(a->messages[i].content, b->messages[i].content);
        return same;
    }
    if (member->kind == REQUEST_TEXTS) {
        bool same = a->n_stop == b->n_stop;
        for (size_t i = 0; same && i < a->n_stop; i++)
            same = !strcmp(a->stop[i], b->stop[i]);
        return same;
    }
    return memcmp(p, q, member->kind == REQUEST_SWITCH ? sizeof(bool) : sizeof(int64_t)) == 0;
}

#endif
