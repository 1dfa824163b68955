/*
 * replay.h - the engine that plays recorded samples and verdicts back. Computes nothing.
 *
 * A recording is a file of JSON lines, one problem a line; other keys are ignored, so that files
 * for `grade` and `score` can be played as they are:
 *
 *   {"problem": "...",
 *    "samples":  [{"text", "finish_reason"?, "delay_ms"?, "fail"?, "fail_attempts"?}, ...],
 *    "verdicts": [{"claim", "text", "finish_reason"?, "delay_ms"?, "fail"?, "fail_attempts"?},
 *                 {"claim", "labels": {"VALID": -0.1, "REFUTED": -2.4}, "text"?, ...}, ...]}
 *
 * SAMPLE: trajectory k takes sample k of the task's problem (found by its exact text); past the end
 * the item fails with EXHAUSTED, without a line for the problem with NOT_FOUND.
 * VERIFY: repeat j takes the j-th verdict recorded for the claim, beginning again after the last;
 * claims are equal when they are equal but for white space. Several claims in one task are first
 * looked up together, joined by newlines; otherwise, when there is a verdict for each, the reply is
 * made of their last lines, "1: <last line>\n2: ...", with the longest delay and the first failure
 * (a last line that is itself numbered "1:" loses that number). A recomputation's claim is the name
 * of its quantity. A choice takes the log-probabilities of its labels, which are equal when they
 * are equal but for white space; a label that is not recorded is NOT_FOUND. A verdict without
 * "labels" answers a choice by its text, one without "text" nothing but choices. With any "labels"
 * the model chooses.
 *
 * CLAIMS: as VERIFY; the claim is the solution, its first 2,000 bytes where it is longer, and the
 * text lists what it claims.
 *
 * delay_ms: the output comes that much later; delays run side by side. fail: the item fails with
 * ENGINE ("error"), the process ends by abort() ("crash"), or the item never ends and makes no
 * progress ("hang"), on every attempt or on the first fail_attempts ones. finish_reason "length" is
 * kept, any other is a normal end. A word between white space counts as a token. The same problem
 * on a second line adds to the first. Sampling settings and messages do not matter.
 *
 * Options: file=PATH (or PATH alone), slots=N (64), model=NAME ("replay"), profile=NAME (none),
 * repeats=refuse (a problem's second line adds to the first).
 */
#ifndef SURETY_ENGINE_REPLAY_H
#define SURETY_ENGINE_REPLAY_H

#include "engine/engine.h"

#define REPLAY_DELAY_MAX_MS 86400000 /* a day */
#define REPLAY_BYTES_MAX ((size_t)2 << 30)

extern const struct engine_ops engine_replay;

#endif
