/*
 * settings_table.h - the one table of a request's settings.
 *
 * A row is all that is known about a setting but what it does: its option and help, its default and
 * range, its key in a REQUEST and in a result's "run", and what it tells apart. Defaults, checks,
 * codec (of a REQUEST and of a BATCH), JSON, command line, content hash and the comparison of
 * results walk the table, so that a new setting is a member of struct surety_settings and a row,
 * and its words in PROTOCOL.md, the man page and the Python client, which a test holds against the
 * table.
 */
#ifndef SURETY_PROTO_SETTINGS_TABLE_H
#define SURETY_PROTO_SETTINGS_TABLE_H

#include <surety/types.h>

enum setting_type {
    SETTING_INTEGER,           /* least..most */
    SETTING_NUMBER,            /* [least, most], finite */
    SETTING_NUMBER_OR_DEFAULT, /* likewise; negative, on the wire nil: not given */
    SETTING_SWITCH,            /* off, unless given */
    SETTING_NAME,              /* one of an enum's names; "default" is not advertised */
    SETTING_NAMES              /* a set of names, each a bit; most is the set of those built */
};

enum setting_storage { SETTING_U32, SETTING_I32, SETTING_U64, SETTING_DOUBLE, SETTING_BOOL };

#define SETTING_HASHED 1   /* part of the hash that tells a repeated request from another one */
#define SETTING_COMPARED 2 /* results that differ in it do not belong into one table */
#define SETTING_REPORTED 4 /* stands in a result's "run", in the table's order */
#define SETTING_SPARSE                                                                             \
    8 /* ... but not at its default, nor in a REQUEST: for what came later, so                     \
       * that a broker without it serves all who do not use it */
#define SETTING_REQUIRED 16 /* ... and what lacks it is no result */
#define SETTING_ABOVE 32    /* least itself is out */
#define SETTING_READING 64  /* is about reading solutions: `surety claims` takes it too */

struct setting {
    const char *key; /* on the wire and in JSON; also the member's name */
    size_t offset;   /* in struct surety_settings */
    enum setting_storage storage;
    enum setting_type type;
    unsigned flags;
    const char *option;   /* without dashes; one letter: a short option */
    const char *argument; /* its word in --help; NULL for a switch, and for the names themselves */
    int64_t least, most;
    double fallback;                     /* the default */
    const char *(*name)(unsigned value); /* of NAME and NAMES; "unknown" when it has none */
    const char *help;
    const char *note; /* on the default, in --help; behind the number where there is one. Or NULL */
};

#define SETTINGS_MAX 64 /* rows, for arrays */
#define SETTING_TEXT_MAX 128

extern const struct setting settings_table[];
extern const size_t settings_count;

/* The row with this key, of len bytes; NULL: there is none. */
const struct setting *setting_find(const char *key, size_t len);

/* A value, by the row's storage: _number for SETTING_DOUBLE, _integer for all others. */
int64_t setting_integer(const struct setting *row, const struct surety_settings *settings);
double setting_number(const struct setting *row, const struct surety_settings *settings);
void setting_set_integer(const struct setting *row, struct surety_settings *settings,
                         int64_t value);
void setting_set_number(const struct setting *row, struct surety_settings *settings, double value);

/* True for a member of the settings' sampling: it goes on to the engine, in a BATCH. */
bool setting_is_sampling(const struct setting *row);

bool setting_is_default(const struct setting *row, const struct surety_settings *settings);

/* False for one that is sparse and at its default. */
bool setting_is_told(const struct setting *row, const struct surety_settings *settings);

/* INVALID with a sentence that names the option and its range; UNSUPPORTED for a name that is known
 * and not built. */
enum surety_err setting_check(const struct setting *row, const struct surety_settings *settings,
                              struct surety_error *err);

/* NAME and NAMES: the value of one name; false when it is unknown. */
bool setting_from_name(const struct setting *row, const char *name, size_t len, unsigned *ret);

/* NAMES: "symbolic,self" <-> a set. INVALID names the part that is unknown. Formatting writes the
 * names in the order of their bits, "" for the empty set, and leaves out what does not fit. */
enum surety_err setting_parse_names(const struct setting *row, const char *list, unsigned *ret,
                                    struct surety_error *err);
void setting_format_names(const struct setting *row, unsigned set, char *out, size_t size);

/* For people: "1 to 64", "above 0 up to 1", "power|soft", "symbolic,self"; "" for a switch. */
void setting_range(const struct setting *row, char out[SETTING_TEXT_MAX]);

/* The default as a number; "" where it is none: a switch, a name, what other settings say. */
void setting_default(const struct setting *row, char out[SETTING_TEXT_MAX]);

/* The value for people: "5", "each", "symbolic,self", "yes". */
void setting_text(const struct setting *row, const struct surety_settings *settings,
                  char out[SETTING_TEXT_MAX]);

/* The hash of all settings that have the flag, continued from state. */
uint64_t settings_hash(uint64_t state, const struct surety_settings *settings, unsigned flag);

#endif
