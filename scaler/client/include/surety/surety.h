/*
 * surety.h - the public library: the answer that is most reliable, with its evidence.
 *
 * Three ways. surety_score judges samples that you have: it reads their answers and claims, decides
 * the claims that are plain arithmetic, groups equal answers and chooses one. surety_client_ask
 * sends a problem to a broker (`surety broker`), whose workers sample solutions and
 * try to refute their claims. Both give the same struct surety_result. The method is Claim-Level
 * Reliability (arXiv 2606.16140, section 3.1). Where the right answer is known, surety_check grades
 * a text with it (<surety/grade.h>).
 *
 * No function prints, exits, or reads the environment. Functions that can fail return an
 * enum surety_err (0 is success) and write a sentence into *err (NULL is fine); what they return
 * through a ret_ pointer is untouched then. They keep no state of their own, so any number of
 * threads may call them. Texts are UTF-8. The structs, with their units and bounds, are in
 * <surety/types.h>; what a program may rely on when the library is updated is in docs/abi.md: begin
 * every struct that you fill in with zeros. What these headers declare without SURETY_API is not
 * part of the library.
 */
#ifndef SURETY_SURETY_H
#define SURETY_SURETY_H

#include <surety/err.h>
#include <surety/grade.h>
#include <surety/result.h>
#include <surety/settings.h>
#include <surety/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0". */
SURETY_API const char *surety_version(void);

/* A request to fill in: zeros, and the settings of surety_settings_init. id and problem are still
 * to be set. */
SURETY_API void surety_request_init(struct surety_request *request);

/* ---- samples that you have ---- */

/* Zeroed fields are defaults. */
struct surety_sample {
    const char *text;   /* the whole solution; never NULL */
    const char *answer; /* NULL: is read from the text */
    /* Its claims: text, and in value a recorded verdict in [0,1] or NaN. Without has_claims they
     * are read from the text. */
    const struct surety_claim *claims;
    size_t n_claims;
    bool has_claims;
    bool cooperating;          /* m claims were asked for with it: a missing one counts as 0 */
    enum surety_finish finish; /* LENGTH: the text was cut off */
    uint64_t reserved_[8];
};

/* Chooses among n samples (1 to SURETY_K_MAX) of request->problem. request begins with
 * surety_request_init; its k is n, its deadline and budget mean nothing. INVALID (also for a member
 * that is newer than the library), LIMIT, PARSE (the profile), NOMEM. The caller ends the result
 * with surety_result_fini. */
SURETY_API enum surety_err surety_score(const struct surety_request *request,
                                        const struct surety_sample *samples, size_t n,
                                        struct surety_result *ret_result, struct surety_error *err);

/* ---- a broker ---- */

/* A connection; one thread at a time uses it. */
struct surety_client;

/* Connects to ipc://PATH or tcp://ADDRESS:PORT. UNREACHABLE when no broker answers within
 * timeout_ms, VERSION, INVALID, NOMEM. */
SURETY_API enum surety_err surety_client_open(const char *endpoint, int timeout_ms,
                                              struct surety_client **ret_client,
                                              struct surety_error *err);

/* Cancels what is unanswered. NULL is fine. */
SURETY_API void surety_client_close(struct surety_client *client);

/* Called by surety_client_ask, in its thread, with the result so far when request->progress is set.
 * The result ends with the call. False: enough, the best answer so far will do. */
typedef bool surety_progress_fn(void *user, const struct surety_result *so_far);

/* Asks and waits for the result, as long as request->deadline_ms says (0: for ever, while the
 * broker is heard). on_progress may be NULL. OK also for a result without an answer: its error says
 * why. INVALID (the request), BUSY, UNREACHABLE (the broker went silent), and what else the broker
 * refuses a request with. The caller ends the result with surety_result_fini. */
SURETY_API enum surety_err surety_client_ask(struct surety_client *client,
                                             const struct surety_request *request,
                                             surety_progress_fn *on_progress, void *user,
                                             struct surety_result *ret_result,
                                             struct surety_error *err);

#ifdef __cplusplus
}
#endif

#endif
