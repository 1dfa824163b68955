/*
 * exec.h - the engine that asks a command of the user's: any program that reads and writes JSON
 * lines, one for each item. examples/exec_engine.py is one.
 *
 *   to it    {"id", "messages": [{"role", "content"}, ...], "stage": "sample", "verify" or
 * "claims", "seed", "temperature", "top_p", "top_k", "max_tokens", "stop": [...], "labels"?: [...],
 * "opened"?} from it  {"id", "text", "finish_reason"?: "length", "prompt_tokens"?,
 * "completion_tokens"?}
 *            {"id", "logprobs": [...], "prompt_tokens"?}: of a choice, one for each of the "labels"
 *            {"id", "error": "why"}; and before that {"id", "tokens"} as often as it likes
 *
 * The command runs once for each slot, has one item at a time and stays for the next. It is started
 * again when it ends, or when its item is cancelled: then its process group is killed. Zero means
 * no limit in max_tokens and top_k. Stop strings are seen to here too.
 *
 * Options: command=COMMAND (or COMMAND alone; split at blanks, "double quotes" keep them; no
 * shell), slots=N (1), timeout=SECONDS (600) for an item, model=NAME ("exec"), profile=NAME (none),
 * repeats=yes: equal seeds give equal text, so results may be called reproducible,
 * chooses=yes: choices reach the command as "labels", behind the "opened" reply; it may still
 * answer them by "text". Without, it never hears of them.
 */
#ifndef SURETY_ENGINE_EXEC_EXEC_H
#define SURETY_ENGINE_EXEC_EXEC_H

#include "engine/engine.h"

extern const struct engine_ops engine_exec;

#endif
