/*
 * types.h - the plain structs that all stages share: request, task, output, result.
 *
 * The way data flows is the way these stand here. No function, no I/O. Every string is valid UTF-8
 * without NUL (see base/utf8.h), NUL-terminated, and never NULL unless said so. What a struct
 * points to belongs to whoever made it, usually an arena; nothing here is freed by itself.
 * reserved_ is room for members to come, and zero (docs/abi.md).
 * The terms are those of the CLR method (arXiv 2606.16140, section 3.1; arXiv 2608.11994).
 */
#ifndef SURETY_TYPES_H
#define SURETY_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <surety/arena.h>
#include <surety/err.h>

/* ---- limits: every size that a user or a peer controls ---- */
#define SURETY_K_MAX 1024                  /* trajectories of one request */
#define SURETY_M_MAX 64                    /* claims of one trajectory */
#define SURETY_REPEATS_MAX 64              /* independent verdicts on one claim (J) */
#define SURETY_CONTROLS_MAX 64             /* planted false claims of one request */
#define SURETY_PROBLEM_MAX (4u << 20)      /* bytes */
#define SURETY_TEXT_MAX (16u << 20)        /* bytes of one trajectory */
#define SURETY_BODY_MAX (16u << 20)        /* bytes of a chat completion's body */
#define SURETY_CLAIM_MAX 2000              /* bytes of one claim; longer ones are cut */
#define SURETY_ANSWER_MAX 65536            /* bytes of one answer; longer ones are dropped */
#define SURETY_MESSAGES_MAX 256            /* messages of one prompt or conversation */
#define SURETY_STOPS_MAX 16                /* stop strings */
#define SURETY_PROFILE_MAX 65536           /* bytes of a profile's text */
#define SURETY_NAME_MAX 255                /* bytes of an id or a name */
#define SURETY_SLOTS_MAX 4096              /* trajectories that one worker takes at once */
#define SURETY_STOP_MAX 1000               /* bytes of one stop string */
#define SURETY_LABELS_MAX 26               /* labels of a choice; at least two */
#define SURETY_LABEL_MAX 255               /* bytes of one label */
#define SURETY_OPENED_MAX 4096             /* bytes of an opened reply */
#define SURETY_SEED_MAX INT64_MAX          /* largest seed of a request: what JSON integers hold */
#define SURETY_DEADLINE_MAX_MS 31536000000 /* a year */
#define SURETY_TOKENS_MAX 1000000000       /* of one output */

/* ---- settings of one request ---- */
/* The ways of judging claims: X(NAME, name, SIGNAL) with the name for command line, wire and
 * results, and the signal that their verdicts are. A new way is a row at the end, a row of
 * claims/read/profile_way.c and a file of claims/plan (see plan_way.h there). */
#define SURETY_VERIFY_TABLE(X)                                                                     \
    X(EACH, each, SELF)    /* every distinct claim by itself */                                    \
    X(JOINT, joint, SELF)  /* all claims of a trajectory at once */                                \
    X(BLIND, blind, BLIND) /* a quantity is computed anew, the claimed values unseen */            \
    X(WHOLE, whole, WHOLE) /* is the whole solution right? one verdict for all its claims */

enum surety_verify {
    SURETY_VERIFY_DEFAULT,
    SURETY_VERIFY_NONE,
#define X(NAME, name, SIGNAL) SURETY_VERIFY_##NAME,
    SURETY_VERIFY_TABLE(X)
#undef X
        SURETY_VERIFY_COUNT_
};
enum surety_rule { SURETY_RULE_DEFAULT, SURETY_RULE_POWER, SURETY_RULE_SOFT };

/* What ends sampling before all k: X(NAME, name). What each means is claims/plan/stop.h. */
#define SURETY_STOPPING_TABLE(X)                                                                   \
    X(NONE, none)           /* nothing: all are asked for */                                       \
    X(SURE, sure)           /* what is outstanding cannot overtake */                              \
    X(BETA, beta)           /* the leader has most of the votes, with a probability of .95 */      \
    X(CERTIFIED, certified) /* an e-process: the winner at infinite k is named, but for d */

enum surety_stopping {
#define X(NAME, name) SURETY_STOPPING_##NAME,
    SURETY_STOPPING_TABLE(X)
#undef X
};

/* The signals of a claim: X(NAME, name, bit, words), in the order in which a result writes them;
 * words say to people who or what speaks. A new one is a row at the end with the next free bit
 * (bits never change) and a row of claims/plan/plan_signal.c, which says how it is found and which
 * signal goes before which. */
#define SURETY_SIGNAL_TABLE(X)                                                                     \
    X(SELF, self, 2, "the model")                 /* its own refutation attempt */                 \
    X(BLIND, blind, 4, "recomputation")           /* agreement with independent ones */            \
    X(SYMBOLIC, symbolic, 1, "exact arithmetic")  /* what it proves of a labelled claim is only    \
                                                   * that its arithmetic is right, so a model      \
                                                   * that is asked decides it */                   \
    X(AGREEMENT, agreement, 8, "other solutions") /* share of other-answer trajectories with the   \
                                                   * same value */                                 \
    X(WHOLE, whole, 32, "the model on the whole") /* what it says of the solution that holds it */

/* A set of signals is a sum of these. 0: the default for the way of verifying. */
enum surety_signal {
#define X(NAME, name, bit, words) SURETY_SIGNAL_##NAME = bit,
    SURETY_SIGNAL_TABLE(X)
#undef X
        SURETY_SIGNAL_EXECUTION = 16 /* a test case was run; reserved */
};

/* Ranges and defaults of what follows are a table, proto/settings_table.c; people read them in
 * surety(1). A new member has a row there. */
struct surety_sampling {
    double temperature;   /* 0 is greedy */
    double top_p;         /* 1 is off */
    int32_t top_k;        /* 0 is off */
    int32_t max_tokens;   /* 0: what the context leaves */
    int32_t max_thinking; /* tokens in <think> blocks, then their end is forced; 0: no cap */
    char **stop;          /* strings that end the output and are not part of it */
    size_t n_stop;
    uint64_t reserved_[4];
};

struct surety_settings {
    uint32_t k;                      /* trajectories */
    uint32_t m;                      /* claims a trajectory */
    double gamma;                    /* exponent; negative: gamma = m */
    enum surety_verify verify;       /* DEFAULT: as signals and profile say */
    uint32_t verify_repeats;         /* J */
    double verify_temperature;       /* negative: the profile's */
    uint32_t controls;               /* planted false claims */
    unsigned signals;                /* set of enum surety_signal that may enter a verdict */
    enum surety_rule rule;           /* DEFAULT: power with model verdicts, soft without */
    struct surety_sampling sampling; /* of trajectories; stop is the profile's */
    uint64_t seed;                   /* every other one follows from it */
    bool text;                       /* the result carries the trajectories' texts */
    enum surety_stopping stop;       /* what ends sampling before all k */
    double stop_d;                   /* of certified: the chance to name another winner */
    uint64_t reserved_[15];
};

/* ---- request: one problem, or a conversation whose last turn is one ---- */
struct surety_message {
    char *role;    /* "system", "user", "assistant" */
    char *content; /* text, never control tokens */
};

struct surety_request {
    char *id;             /* the client's name for it, 1..SURETY_NAME_MAX bytes */
    char *problem;        /* not empty, up to SURETY_PROBLEM_MAX bytes */
    char *model_name;     /* NULL: the one model that is served */
    char *verifier_model; /* name of the model that judges; NULL: the one that samples */
    char *profile; /* a profile's whole text; NULL: each model's own profile for what it does */
    struct surety_settings settings;
    int64_t deadline_ms;   /* from acceptance; 0: none */
    int64_t budget_tokens; /* completion tokens of both stages; 0: none */
    bool progress;         /* send PROGRESS while it runs */
    /* A conversation, [n_messages]: samples are asked for with these turns as they stand, and not
     * with the profile's wording; the problem is what judges and readers are told that the last
     * turn asks. None: the problem is all there is. */
    struct surety_message *messages;
    size_t n_messages;
    char **stop; /* [n_stop], end a sample and are no part of it; none: the profile's */
    size_t n_stop;
    char *user; /* whom it is for, where a client asks for several: these take turns as clients do;
                 * decides nothing else; NULL: the client itself */
    /* The body of a chat completion, JSON, that is passed through: it is sent to the model's server
     * as it is, and what comes is given back as it comes. There is no plan; problem and settings
     * mean nothing. Not for the library: results hold nothing of it. NULL: there is a problem. */
    char *body;
    uint64_t reserved_[10];
};

/* ---- task: one prompt, asked of an engine n_items times ---- */
/* X(NAME, name) with the name for wire and engines. A new stage is a row at the end. */
#define SURETY_STAGE_TABLE(X)                                                                      \
    X(SAMPLE, sample) /* solutions of the problem */                                               \
    X(VERIFY, verify) /* verdicts on claims */                                                     \
    X(CLAIMS, claims) /* the claims of a solution, as the next turn behind it */

enum surety_stage {
#define X(NAME, name) SURETY_STAGE_##NAME,
    SURETY_STAGE_TABLE(X)
#undef X
        SURETY_STAGE_COUNT_
};

struct surety_item {
    uint32_t index;   /* SAMPLE: trajectory k; VERIFY: repeat j; CLAIMS: 0 */
    uint32_t seed;    /* 31 bits, distinct within the request (proto/seed.h) */
    uint32_t attempt; /* 0, then one more for each retry; the seed stays */
};

struct surety_task {
    enum surety_stage stage;
    uint32_t id;                     /* within the request: 0 is the sampling task */
    struct surety_message *messages; /* [n_messages] */
    size_t n_messages;
    struct surety_sampling sampling;
    char *problem; /* what the prompt is about, for engines that look it up */
    char **claims; /* VERIFY: the claims, or the quantity, asked about; CLAIMS: the solution, cut
                    * to SURETY_CLAIM_MAX; [n_claims], else none */
    size_t n_claims;
    struct surety_item *items; /* [n_items] */
    size_t n_items;
    /* A choice: nothing is sampled, but each label gets its log-probability as the continuation of
     * the opened reply. An engine that cannot choose answers the messages by text, as without. */
    char **labels; /* [n_labels], none the beginning of another; n_labels 0: no choice, else >= 2 */
    size_t n_labels;
    char *opened; /* how the assistant's turn begins; NULL or "": with a label */
    char *body;   /* in place of messages, for engines that pass: a chat completion's; NULL: none */
};

/* ---- output: what came of one item ---- */
enum surety_finish {
    SURETY_FINISH_STOP,      /* the model ended it, or a stop string */
    SURETY_FINISH_LENGTH,    /* max_tokens or the context ended it */
    SURETY_FINISH_CANCELLED, /* nobody wanted it any more */
    SURETY_FINISH_ERROR      /* no text: see error */
};

struct surety_output {
    uint32_t index;
    uint32_t attempt;
    enum surety_finish finish;
    char *text;             /* without the stop string; "" on error */
    uint32_t prompt_tokens; /* of its prompt, cached ones included */
    uint32_t cached_tokens; /* prompt tokens that were not computed again for this item */
    uint32_t completion_tokens;
    double logprob; /* sum over the sampled tokens, natural log, at temperature 1; NaN: unknown */
    struct surety_error error; /* OK unless finish is ERROR */
    /* Of a choice: of each label, in the task's order, the sum over its tokens, natural log, at
     * temperature 1; text is "". n_labels 0: the engine answered by text. */
    double label_logprobs[SURETY_LABELS_MAX];
    size_t n_labels;
};

/* ---- what an engine serves; travels in a worker's HELLO ---- */
struct surety_model {
    char *name;              /* what a request asks for */
    char *id;                /* hash over the weights' header and sampled data; "" if unknown */
    char *engine;            /* "gguf", "replay" */
    char *profile;           /* built-in profile that the weights declare; "": none */
    char *repro;             /* reproducibility class; "none": outputs may differ between runs */
    uint32_t context_tokens; /* 0: unknown */
    uint32_t slots;          /* items that run at once */
    bool chooses;            /* answers choices with their labels' log-probabilities */
    bool passes;             /* sends bodies of chat completions on as they are */
};

/* ---- result: the answer with its evidence (the JSON form is proto/result_json.h) ---- */
enum surety_verdict {
    SURETY_VERDICT_VALID, /* not refuted */
    SURETY_VERDICT_REFUTED,
    SURETY_VERDICT_UNPARSED, /* asked, and the reply could not be read */
    SURETY_VERDICT_UNCHECKED /* no signal decides it */
};

enum surety_stop {
    SURETY_STOP_COMPLETE,
    SURETY_STOP_EARLY, /* the stop rule had decided the vote */
    SURETY_STOP_BUDGET,
    SURETY_STOP_DEADLINE,
    SURETY_STOP_CANCELLED,
    SURETY_STOP_FAILED
};

struct surety_claim {
    char *text;
    size_t start, end; /* byte offsets into the trajectory's text */
    enum surety_verdict verdict;
    double value;        /* v in [0,1] as the rule used it; NaN: unparsed or unchecked */
    unsigned decided_by; /* one enum surety_signal; 0: none */
    char *reason;        /* why it was refuted or left open; NULL: nothing to say */
/* self, blind and so on: the signals in [0,1]; NaN: not known */
#define X(NAME, name, bit, words) double name;
    SURETY_SIGNAL_TABLE(X)
#undef X
#define X(NAME, name, bit, words) -1 /* each signal takes from the room */
    uint64_t reserved_[12 SURETY_SIGNAL_TABLE(X)];
#undef X
};

struct surety_trajectory {
    uint32_t index;
    uint32_t seed;
    char *answer; /* NULL: none was stated */
    enum surety_finish finish;
    struct surety_error error;   /* OK unless finish is ERROR */
    uint32_t tokens;             /* completion tokens */
    double r;                    /* reliability in [0,1]; 0 without an answer */
    bool cooperating;            /* its claims came with it, so that a missing one counts as 0; else
                                  * the splitter found them, and fewer than m are no fault */
    char *text;                  /* NULL unless settings.text */
    struct surety_claim *claims; /* [n_claims] */
    size_t n_claims;
    int correct;     /* 1, 0, or -1 (unknown); means nothing unless the result's correct.known */
    bool compatible; /* 0, but for a unit, a rounding or the like; not part of the JSON form */
    uint64_t reserved_[8];
};

struct surety_group {
    char *answer; /* of its earliest member */
    uint32_t count;
    double score;      /* R(G) = sum of r */
    uint32_t *members; /* trajectory indexes, ascending, [count] */
    uint64_t reserved_[4];
};

struct surety_usage {
    uint64_t prompt_tokens; /* of all stages */
    uint64_t completion_tokens,
        verify_tokens;      /* generated by samples; by all that is asked of them */
    uint64_t cached_tokens; /* of prompt_tokens */
    uint64_t verify_prompt_tokens, verify_cached_tokens; /* of these, not those of samples */
    uint64_t calls;                                      /* engine calls that returned */
    int64_t wall_ms;
    uint64_t claims_tokens, claims_prompt_tokens, claims_cached_tokens; /* of verify_*: those that
                                                                         * asking for claims took */
    uint64_t reserved_[13];
};

struct surety_result {
    char *id;
    char *answer;           /* NULL: none */
    bool rank;              /* mode "rank": no vote was possible, the best r was taken */
    double reliability;     /* score share in [0,1]; NaN in mode rank or without an answer */
    double effective_votes; /* (sum r)^2 / sum r^2; 0 without an answer */
    enum surety_stop stop;
    struct surety_error error;   /* OK, or why there is no or only a partial answer */
    size_t error_line;           /* line of the input file; 0: none */
    struct surety_group *groups; /* best first, [n_groups] */
    size_t n_groups;
    struct surety_trajectory *trajectories; /* finished or failed ones, by index */
    size_t n_trajectories;
    char *first, *cons; /* baselines: first stated answer, Cons@K; NULL: none */
    struct surety_usage usage;
    struct {
        double valid_rate;    /* of the parsed verdicts; NaN: none */
        double unparsed_rate; /* of the verdicts asked for; NaN: none */
        uint64_t calls_saved; /* by asking the same once */
        /* Planted false claims, and the claims that they were made from: n pairs with readable
         * verdicts, how far both were refuted (means of 1 - v; NaN without any). Uninformative: the
         * false ones no further, so that verdicts have no say. */
        uint32_t n_controls;
        double refuted_true, refuted_false;
        bool uninformative;
        uint64_t comparisons_skipped; /* pairs of answers beyond the budget: nobody knows */
        double standing;    /* share of the claims behind the highest score that stand; NaN: fewer
                             * than half were judged, or there was no vote */
        bool little_stands; /* below run.least_standing: the answer is the plain majority's */
        uint64_t reserved_[5];
    } verifier;
    struct {
        char *version, *model, *model_id, *profile, *profile_hash, *repro;
        bool reproducible;
        /* Every default resolved; without a plan as for models that declare no profile. */
        struct surety_settings settings;
        /* The model that judges, its profile where that is another; NULL: the one that samples. */
        char *verifier_model, *verifier_model_id, *verifier_repro;
        char *verifier_profile, *verifier_profile_hash;
        double least_standing; /* what the profile wants to stand behind an answer; 0: nothing */
        uint64_t reserved_[15];
    } run;
    struct { /* with a gold answer: 1, 0 or -1 (undecided, counted wrong) */
        bool known;
        int clr, cons, pass_at_k;
        double pass_at_1; /* share of right trajectories over all K */
        uint64_t reserved_[8];
    } correct;
    /* What was asked, where the result was stored with it; NULL: not told. */
    char *problem, *problem_hash; /* the text (with settings.text); base/hash.h, 16 digits */
    char *gold;
    struct arena arena; /* holds all of the above */
    double mass;        /* score of the answer's group over the samples used, in [0,1]; NaN: as
                         * reliability, which is NaN too where nothing was judged lazily */
    enum surety_stopping settled_by; /* the stop rule that decided the vote; NONE: none did */
    uint64_t reserved_[14];
};

#endif
