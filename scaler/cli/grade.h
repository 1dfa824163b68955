/*
 * grade.h - what `grade` does, for `score` too where an engine is to judge recorded samples.
 */
#ifndef SURETY_SCALER_CLI_GRADE_H
#define SURETY_SCALER_CLI_GRADE_H

#include "scaler/cli/cli.h"

/* Runs a file of problems, the command's operand. recorded: its lines have their samples, which are
 * not sampled but judged by the options' engine. Prints; returns the exit code. */
int grade_run(const struct command *command, const struct options *options, bool recorded);

#endif
