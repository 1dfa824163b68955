/*
 * settings.h - defaults and bounds of a request's settings, and the names of its enums.
 *
 * They are those of one table, proto/settings_table.h, for command line, wire and library alike.
 */
#ifndef SURETY_SETTINGS_H
#define SURETY_SETTINGS_H

#include <surety/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The defaults, as surety(1) has them of the options of the same names. */
SURETY_API void surety_settings_init(struct surety_settings *settings);

/* INVALID with a sentence that names the setting and its range; UNSUPPORTED for a signal that is
 * not built. Also of a request as a whole: id, problem (not empty; LIMIT when too long), model
 * name, profile, deadline, budget. */
SURETY_API enum surety_err surety_settings_check(const struct surety_settings *settings,
                                                 struct surety_error *err);
SURETY_API enum surety_err surety_request_check(const struct surety_request *request,
                                                struct surety_error *err);

/* Names as they stand in the JSON result and on the command line ("joint", "refuted", "deadline",
 * "length"). The _from_name functions return false for an unknown name. */
SURETY_API const char *surety_verify_name(enum surety_verify v);
SURETY_API const char *surety_rule_name(enum surety_rule r);
SURETY_API const char *surety_stopping_name(enum surety_stopping s);
SURETY_API const char *surety_finish_name(enum surety_finish f);
SURETY_API const char *surety_stop_name(enum surety_stop s);
SURETY_API const char *surety_verdict_name(enum surety_verdict v);
SURETY_API const char *surety_signal_name(enum surety_signal s);
SURETY_API bool surety_verify_from_name(const char *name, enum surety_verify *ret);
SURETY_API bool surety_rule_from_name(const char *name, enum surety_rule *ret);
SURETY_API bool surety_stopping_from_name(const char *name, enum surety_stopping *ret);
SURETY_API bool surety_finish_from_name(const char *name, enum surety_finish *ret);
SURETY_API bool surety_stop_from_name(const char *name, enum surety_stop *ret);
SURETY_API bool surety_verdict_from_name(const char *name, enum surety_verdict *ret);
SURETY_API bool surety_signal_from_name(const char *name, enum surety_signal *ret);

/* For people: who or what speaks in this signal ("the model", "exact arithmetic"). */
SURETY_API const char *surety_signal_words(enum surety_signal s);

/* The signal that the verdicts of this way of judging are; 0 for DEFAULT and NONE. The set of those
 * of all ways. */
SURETY_API unsigned surety_verify_signal(enum surety_verify v);
SURETY_API unsigned surety_verify_signals(void);

/* "symbolic,self" <-> a set of signals. INVALID names the part that is unknown. Formatting writes
 * the names in the enum's order, "" for the empty set; 64 bytes hold them all. */
SURETY_API enum surety_err surety_signals_parse(const char *list, unsigned *ret,
                                                struct surety_error *err);
SURETY_API void surety_signals_format(unsigned signals, char *out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
