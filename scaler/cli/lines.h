/*
 * lines.h - one line of JSON out for each line of JSON in, in order.
 *
 * A line that cannot be used gives {"error": {"code", "message", "line"}} and a message, and costs
 * no other line. Part of the program: these functions print.
 */
#ifndef SURETY_SCALER_CLI_LINES_H
#define SURETY_SCALER_CLI_LINES_H

#include <jansson.h>

#include "scaler/cli/cli.h"

/* What comes of a line, as a new reference; NULL with err set: the line cannot be used. */
typedef json_t *lines_fn(const json_t *line, const struct options *options,
                         struct surety_error *err);

/* All lines of the file ("-": stdin) to stdout; an "id" goes along. A terminal at stderr sees how
 * far it is, unless the lines go there too. Returns the exit code. */
int lines_run(const struct command *command, const struct options *options, const char *path,
              lines_fn *fn);

/* The text of a member: a string as it is, a number as it was written. NULL: neither. Owned by
 * *ret_owned where that is not NULL; to be freed. */
const char *lines_text(const json_t *line, const char *key, char **ret_owned);

#endif
