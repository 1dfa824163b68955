#include "engine/openai/http_io.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

struct http {
    CURLM *multi;
    struct http_call *calls; /* a list */
};

struct http_call {
    struct http_call *next, **link;
    CURL *easy;
    struct curl_slist *headers;
    struct http_request request; /* but for strings that curl has copied */
    char detail[CURL_ERROR_SIZE];
    bool stopped;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct http *http_create(long max_connections)
{
    pthread_once(&curl_once, start_curl);
    struct http *http = calloc(1, sizeof *http);
    if (http)
        http->multi = curl_multi_init();
    if (!http || !http->multi) {
        free(http);
        return NULL;
    }
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, max_connections);
    return http;
}

static void call_free(struct http *http, struct http_call *call)
{
    *call->link = call->next;
    if (call->next)
        call->next->link = call->link;
    if (call->easy) {
        curl_multi_remove_handle(http->multi, call->easy);
        curl_easy_cleanup(call->easy);
    }
    if (call->headers) /* one of them is the key */
        for (struct curl_slist *h = call->headers; h; h = h->next)
            memset(h->data, 0, strlen(h->data));
    curl_slist_free_all(call->headers);
    free(call);
}

void http_free(struct http *http)
{
    if (!http)
        return;
    while (http->calls)
        call_free(http, http->calls);
    curl_multi_cleanup(http->multi);
    free(http);
}

static size_t on_bytes(char *data, size_t size, size_t n, void *user)
{
    struct http_call *call = user;
    if (call->request.bytes(call->request.user, data, size * n))
        return size * n;
    call->stopped = true;
    return 0;
}

static bool add_header(struct http_call *call, const char *name, const char *value)
{
    char *line = NULL;
    if (asprintf(&line, "%s%s", name, value) < 0)
        return false;
    struct curl_slist *more = curl_slist_append(call->headers, line);
    memset(line, 0, strlen(line));
    free(line);
    if (more)
        call->headers = more;
    return more != NULL;
}

/* Whether a URL's server is this machine. */
static bool is_local(const char *url)
{
    static const char *const hosts[] = {"127.", "localhost", "[::1]"};
    const char *host = strstr(url, "://");
    for (size_t i = 0; host && i < sizeof hosts / sizeof *hosts; i++)
        if (strncmp(host + 3, hosts[i], strlen(hosts[i])) == 0)
            return true;
    return false;
}

static bool set_up(struct http_call *call, const struct http_request *request)
{
    CURL *easy = call->easy;
    bool fine = add_header(call, "Content-Type: ", "application/json") &&
                add_header(call, "Expect:", ""); /* no waiting for a "100 Continue" */
    if (fine && request->key)
        fine = add_header(call, "Authorization: Bearer ", request->key);
    if (!fine || curl_easy_setopt(easy, CURLOPT_URL, request->url))
        return false;
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "surety/" SURETY_VERSION);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->detail);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    if (is_local(request->url))
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (request->body) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
    }
    return true;
}

enum surety_err http_start(struct http *http, const struct http_request *request,
                           struct http_call **ret_call, struct surety_error *err)
{
    struct http_call *call = calloc(1, sizeof *call);
    if (!call)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a request");
    call->request = *request;
    call->next = http->calls;
    call->link = &http->calls;
    if (call->next)
        call->next->link = &call->next;
    http->calls = call;
    call->easy = curl_easy_init();
    if (!call->easy || !set_up(call, request) ||
        curl_multi_add_handle(http->multi, call->easy) != CURLM_OK) {
        call_free(http, call);
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a request");
    }
    *ret_call = call;
    return SURETY_OK;
}

void http_stop(struct http *http, struct http_call *call)
{
    call_free(http, call); /* curl closes the connection of a transfer that is not complete */
}

int http_status(const struct http_call *call)
{
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

static enum http_fault fault_of(CURLcode code, bool stopped)
{
    switch (code) {
    case CURLE_OK:
        return HTTP_FINE;
    case CURLE_WRITE_ERROR:
        return stopped ? HTTP_STOPPED : HTTP_BROKEN;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return HTTP_NO_HOST;
    case CURLE_COULDNT_CONNECT:
        return HTTP_NO_SERVER;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
        return HTTP_NO_TLS;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return HTTP_LOST;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_SLOW;
    default:
        return HTTP_BROKEN;
    }
}

static void end_call(struct http *http, CURL *easy, CURLcode code)
{
    struct http_call *call = NULL;
    long status = 0;
    curl_off_t retry_after = 0, connected = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&call);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected);
    struct http_end end = {.fault = fault_of(code, call->stopped),
                           .status = (int)status,
                           .retry_after_ms = retry_after > 0 ? (int64_t)retry_after * 1000 : -1};
    if (end.fault == HTTP_SLOW && connected == 0)
        end.fault = strstr(call->detail, "SSL") ? HTTP_NO_TLS : HTTP_NO_SERVER;
    snprintf(end.detail, sizeof end.detail, "%s",
             call->detail[0] ? call->detail : curl_easy_strerror(code));
    struct http_request request = call->request;
    call_free(http, call);
    request.end(request.user, &end);
}

enum surety_err http_run(struct http *http, int wait_ms, struct surety_error *err)
{
    for (int round = 0; round < 2; round++) {
        int running, left;
        CURLMcode code = curl_multi_perform(http->multi, &running);
        if (code)
            return surety_fail(err, SURETY_ERR_IO, "no request can be made: %s",
                               curl_multi_strerror(code));
        bool ended = false;
        for (CURLMsg *m; (m = curl_multi_info_read(http->multi, &left));)
            if (m->msg == CURLMSG_DONE) {
                end_call(http, m->easy_handle, m->data.result);
                ended = true;
            }
        if (round == 0 && !ended && wait_ms > 0)
            curl_multi_poll(http->multi, NULL, 0, wait_ms, NULL);
    }
    return SURETY_OK;
}

void http_wake(struct http *http)
{
    curl_multi_wakeup(http->multi);
}
