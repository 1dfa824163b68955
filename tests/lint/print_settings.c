/* Prints the table of settings, a row a line, for docs.py: key, option, range, default, and
 * "sampling" where it goes on to the engine. */
#include <stdio.h>

#include "proto/settings_table.h"

int main(void)
{
    char range[SETTING_TEXT_MAX], fallback[SETTING_TEXT_MAX];
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *row = &settings_table[i];
        setting_range(row, range);
        setting_default(row, fallback);
        printf("%s\t%s\t%s\t%s\t%s\n", row->key, row->option, range, fallback,
               setting_is_sampling(row) ? "sampling" : "");
    }
    return 0;
}
