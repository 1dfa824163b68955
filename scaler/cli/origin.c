#include "scaler/cli/origin.h"

#include <stdio.h>
#include <string.h>

#include "proto/settings_table.h"

bool origin_is_told(const struct surety_result *result)
{
    return result->stop != SURETY_STOP_FAILED && (result->n_trajectories || *result->run.model_id);
}

static bool settings_differ(const struct surety_settings *there, const struct surety_settings *here,
                            char *ret, size_t size)
{
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *row = &settings_table[i];
        char before[SETTING_TEXT_MAX], now[SETTING_TEXT_MAX];
        if (!(row->flags & SETTING_COMPARED))
            continue;
        setting_text(row, there, before);
        setting_text(row, here, now);
        if (strcmp(before, now) == 0)
            continue;
        snprintf(ret, size, "%s%s is %s there and %s here", row->option[1] ? "--" : "-",
                 row->option, before, now);
        return true;
    }
    return false;
}

bool origin_differs(const struct surety_result *there, const struct surety_result *here, char *ret,
                    size_t size)
{
    const struct {
        const char *what, *there, *here;
    } rows[] = {
        {"the model", there->run.model_id, here->run.model_id},
        {"the profile", there->run.profile_hash, here->run.profile_hash},
        {"the verifier model", there->run.verifier_model_id, here->run.verifier_model_id},
        {"the verifier's profile", there->run.verifier_profile_hash,
         here->run.verifier_profile_hash},
    };
    if (settings_differ(&there->run.settings, &here->run.settings, ret, size))
        return true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *before = rows[i].there, *now = rows[i].here;
        if (!before || !now || !*before || !*now || strcmp(before, now) == 0)
            continue;
        snprintf(ret, size, "%s is another one (%.40s there, %.40s here)", rows[i].what, before,
                 now);
        return true;
    }
    return false;
}
