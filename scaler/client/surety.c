#include <surety/surety.h>

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "claims/plan/plan.h"
#include "scaler/client/surety_internal.h"

const char *surety_version(void)
{
    return SURETY_VERSION;
}

void surety_request_init(struct surety_request *request)
{
    *request = (struct surety_request){.id = NULL};
    surety_settings_init(&request->settings);
}

bool library_is_zero(const uint64_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (words[i])
            return false;
    return true;
}

#define ROOM_IS_ZERO(s) library_is_zero((s).reserved_, sizeof(s).reserved_ / sizeof *(s).reserved_)

enum surety_err library_check_request(const struct surety_request *request,
                                      struct surety_error *err)
{
    if (!ROOM_IS_ZERO(*request) || !ROOM_IS_ZERO(request->settings) ||
        !ROOM_IS_ZERO(request->settings.sampling))
        return surety_fail(err, SURETY_ERR_INVALID, "the request %s", LIBRARY_UNKNOWN_MEMBER);
    if (request->body)
        return surety_fail(err, SURETY_ERR_UNSUPPORTED,
                           "a body is passed through by the gateway alone: ask with a problem");
    return surety_request_check(request, err);
}

/* The library is where text enters: it must be UTF-8, or offsets would mean nothing. */
static enum surety_err check_samples(const struct surety_sample *samples, size_t n,
                                     struct surety_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct surety_sample *s = &samples[i];
        if (!s->text)
            return surety_fail(err, SURETY_ERR_INVALID, "sample %zu has no text", i);
        bool known = ROOM_IS_ZERO(*s);
        for (size_t c = 0; c < s->n_claims; c++)
            known = known && ROOM_IS_ZERO(s->claims[c]);
        if (!known)
            return surety_fail(err, SURETY_ERR_INVALID, "sample %zu %s", i, LIBRARY_UNKNOWN_MEMBER);
        size_t len = strlen(s->text);
        if (len > SURETY_TEXT_MAX)
            return surety_fail(err, SURETY_ERR_LIMIT,
                               "sample %zu has %zu bytes; at most %u are allowed", i, len,
                               SURETY_TEXT_MAX);
        bool valid = utf8_is_valid(s->text, len);
        if (s->answer)
            valid = valid && utf8_is_valid(s->answer, strlen(s->answer));
        for (size_t c = 0; valid && c < s->n_claims; c++)
            valid =
                s->claims[c].text && utf8_is_valid(s->claims[c].text, strlen(s->claims[c].text));
        if (!valid)
            return surety_fail(err, SURETY_ERR_INVALID, "sample %zu is not UTF-8", i);
    }
    return SURETY_OK;
}

enum surety_err surety_score(const struct surety_request *request,
                             const struct surety_sample *samples, size_t n,
                             struct surety_result *ret_result, struct surety_error *err)
{
    enum surety_err code = library_check_request(request, err);
    if (!code && !utf8_is_valid(request->problem, strlen(request->problem)))
        code = surety_fail(err, SURETY_ERR_INVALID, "the problem is not UTF-8");
    if (!code && n > SURETY_K_MAX)
        code = surety_fail(err, SURETY_ERR_LIMIT, "%zu samples; at most %d are allowed", n,
                           SURETY_K_MAX);
    if (!code)
        code = check_samples(samples, n, err);
    if (code)
        return code;
    struct plan_sample *plan_samples = calloc(n ? n : 1, sizeof *plan_samples);
    if (!plan_samples)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for %zu samples", n);
    for (size_t i = 0; i < n; i++)
        plan_samples[i] = (struct plan_sample){.text = samples[i].text,
                                               .answer = samples[i].answer,
                                               .claims = samples[i].claims,
                                               .n_claims = samples[i].n_claims,
                                               .has_claims = samples[i].has_claims,
                                               .cooperating = samples[i].cooperating,
                                               .finish = samples[i].finish};
    code = plan_score(request, plan_samples, n, ret_result, err);
    free(plan_samples);
    return code;
}
