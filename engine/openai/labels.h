/*
 * labels.h - what a server is asked for a choice, and what its replies say of the labels.
 *
 * Pure: makes bodies and reads bodies, one after the other, until every label has its
 * log-probability or it is clear that this server tells it not. What comes is renormalised over
 * the labels: servers tell a few of the likeliest tokens, never all.
 *
 * The way TREE asks llama-server. Labels are tokenised behind the opened reply, which makes a tree
 * of tokens; at each fork its branches are raised alike until they are all that is likely, so that
 * they come back whatever else the model would have said. The others ask any chat endpoint for the
 * first token alone and take what begins a label: labels that begin with the same token are not
 * told apart there.
 */
#ifndef SURETY_ENGINE_OPENAI_LABELS_H
#define SURETY_ENGINE_OPENAI_LABELS_H

#include <jansson.h>

#include <surety/types.h>

#define CHOICE_TOP 20          /* tokens asked for: the most that vLLM and hosted servers tell */
#define CHOICE_BODY_MAX 262144 /* bytes of a reply */

/* In the order in which they are tried. */
enum choice_way {
    CHOICE_NONE,
    CHOICE_TREE,      /* llama-server */
    CHOICE_CONTINUED, /* vLLM: a last turn of the assistant goes on when that is asked for */
    CHOICE_OPENED,    /* others: it goes on, or it is another turn and the labels do not come */
    CHOICE_WAY_COUNT_
};

enum choice_place {
    CHOICE_AT_TEMPLATE,
    CHOICE_AT_TOKENIZE,
    CHOICE_AT_COMPLETION,
    CHOICE_AT_CHAT,
    CHOICE_PLACE_COUNT_
};

enum choice_step {
    CHOICE_ASK,   /* the next request is to be sent */
    CHOICE_MADE,  /* all labels have a log-probability */
    CHOICE_CANNOT /* not by this server and way */
};

/* All is borrowed and lives as long as the choice. */
struct choice_question {
    const json_t *messages;
    char *const *labels; /* [n_labels]; engine_check_choice passes */
    size_t n_labels;
    const char *opened; /* "": nothing */
    const char *model;
    unsigned fields; /* that the server takes: set of 1 << enum ask_field */
};

struct choice {
    enum choice_way way;
    struct choice_question question;
    /* of a tree */
    json_t *prompt;                    /* the messages in the model's chat format */
    json_t *tokens[SURETY_LABELS_MAX]; /* of the opened reply with each label, [n_known] */
    size_t n_known;
    uint16_t shared[SURETY_LABELS_MAX][SURETY_LABELS_MAX]; /* tokens that two begin with together */
    size_t depth, label; /* the fork that is asked about: behind so many tokens of this label */
    /* what came */
    double logprobs[SURETY_LABELS_MAX]; /* [n_labels], once it is made */
    int64_t prompt_tokens;              /* as told; -1: not told, as the next */
    int64_t cached_tokens;
};

const char *labels_way_name(enum choice_way way);

void labels_init(struct choice *choice, enum choice_way way,
                 const struct choice_question *question);
void labels_fini(struct choice *choice); /* zeroed is fine */

/* The body of the next request and where it goes. The caller frees. NULL: NOMEM. */
char *labels_ask(const struct choice *choice, enum choice_place *ret_place);

/* Takes the body of the reply to what was asked for last, whatever it is. */
enum choice_step labels_take(struct choice *choice, const char *body, size_t len);

#endif
