/* settings_help.h - another value of a setting, for tests that walk the table of settings. */
#ifndef SURETY_TESTS_UNIT_PROTO_SETTINGS_HELP_H
#define SURETY_TESTS_UNIT_PROTO_SETTINGS_HELP_H

#include "proto/settings_table.h"

/* Gives the setting a value that is allowed and not the one it has. */
static inline void setting_change(const struct setting *row, struct surety_settings *s)
{
    if (row->storage == SETTING_DOUBLE) {
        double most = (double)row->most;
        setting_set_number(row, s, setting_number(row, s) == most ? most / 2 : most);
    } else if (row->type == SETTING_NAME) {
        setting_set_integer(row, s, setting_integer(row, s) == 1 ? 2 : 1);
    } else { /* the built names of a set are all bits of most */
        setting_set_integer(row, s, setting_integer(row, s) == row->most ? row->least : row->most);
    }
}

#endif
