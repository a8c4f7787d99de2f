#pragma once

// libcurl, from the system (Debian: libcurl4-openssl-dev). Nothing newer than 7.80 is used.
#include <curl/curl.h>

// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift does not import: one function for each kind of argument.
// The parentheses keep the type-checking macros of curl's headers out, which look at literal options only.

static inline CURLcode saltmill_easy_set_long(CURL *easy, CURLoption option, long value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode saltmill_easy_set_size(CURL *easy, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode saltmill_easy_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode saltmill_easy_set_text(CURL *easy, CURLoption option, const char *value) {
    return (curl_easy_setopt)(easy, option, value);
}

/// What libcurl calls for body bytes and for header lines.
typedef size_t (*saltmill_receiver)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode saltmill_easy_set_receiver(CURL *easy, CURLoption option, saltmill_receiver receiver) {
    return (curl_easy_setopt)(easy, option, receiver);
}

/// What libcurl calls on a connection that stands, before it sends a request.
typedef int (*saltmill_gatekeeper)(void *context, char *remote_ip, char *local_ip, int remote_port, int local_port);

static inline CURLcode saltmill_easy_set_gatekeeper(CURL *easy, saltmill_gatekeeper gatekeeper) {
    return (curl_easy_setopt)(easy, CURLOPT_PREREQFUNCTION, gatekeeper);
}

static inline CURLcode saltmill_easy_get_long(CURL *easy, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode saltmill_easy_get_pointer(CURL *easy, CURLINFO info, void **value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLMcode saltmill_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}

static inline CURLcode saltmill_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
