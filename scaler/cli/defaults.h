/*
 * defaults.h - what the environment says where the command line is silent, and --upstream as the
 * engine that it stands for.
 */
#ifndef SURETY_SCALER_CLI_DEFAULTS_H
#define SURETY_SCALER_CLI_DEFAULTS_H

#include "scaler/cli/options.h"

/*
 * SURETY_BROKER (solve, grade, status, gateway) and SURETY_UPSTREAM (solve, grade, worker, serve)
 * count where no option names a broker or an engine; of both the broker. SURETY_PROFILE counts
 * where --profile is an option that was not given. "URL,key=value" becomes the engine
 * "openai:url=URL,key=value". INVALID: more than one engine. NOMEM.
 */
enum surety_err defaults_apply(enum option_user user, struct options *options,
                               struct surety_error *err);

#endif
