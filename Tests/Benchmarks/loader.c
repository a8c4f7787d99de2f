// The least a loader over libcurl can be: bodies of 25 items made beforehand, hashed, signed by AWS Signature Version 4 and sent over a multi handle.
// loader URL TABLE REQUESTS CONNECTIONS [CA-FILE] prints seconds; what else a loader costs is measured against its processor time.
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { bodies = 1000, items = 25 };
static const char *table, *host;
static char *body[bodies];
static size_t length[bodies];
static const char *const key_id = "saltmilltest", *const secret = "not0a0secret", *const region = "us-east-1";

struct transfer {
    CURL *easy;
    struct curl_slist *headers;
};

static void hex(const unsigned char *bytes, char *text) {
    for (int i = 0; i < 32; i++) sprintf(text + 2 * i, "%02x", bytes[i]);
}

static void sha256(const void *bytes, size_t count, char *text) {
    unsigned char digest[32];
    EVP_Digest(bytes, count, digest, NULL, EVP_sha256(), NULL);
    hex(digest, text);
}

static void hmac(const void *key, int key_length, const char *text, unsigned char *out) {
    HMAC(EVP_sha256(), key, key_length, (const unsigned char *)text, strlen(text), out, NULL);
}

static size_t ignore(char *bytes, size_t size, size_t count, void *context) { return size * count; }

static void make_bodies(void) {
    for (int b = 0; b < bodies; b++) {
        char *at = body[b] = malloc(16384);
        at += sprintf(at, "{\"RequestItems\":{\"%s\":[", table);
        for (int i = 0; i < items; i++) {
            unsigned n = (unsigned)(b * items + i) * 2654435761u;
            at += sprintf(at, "%s{\"PutRequest\":{\"Item\":{\"id\":{\"S\":\"row-%012d\"},\"name\":{\"S\":\"user %010u of group %03u\"},"
                "\"email\":{\"S\":\"u%010u@example.org\"},\"city\":{\"S\":\"Manchester\"},\"created\":{\"S\":\"2013-11-09T10:20:00Z\"},"
                "\"note\":{\"S\":\"left at the porch...\"},\"amount\":{\"N\":\"%u.25\"},\"quantity\":{\"N\":\"%u\"},\"score\":{\"N\":\"-37.5\"},"
                "\"active\":{\"BOOL\":true}}}}", i ? "," : "", b * items + i, n, n % 977, n, 100 + n % 900, n % 9000);
        }
        at += sprintf(at, "]}}");
        length[b] = at - body[b];
    }
}

static void start(CURLM *multi, struct transfer *t, long number) {
    static unsigned char signing_key[32];
    static char day[9];
    char date[17], body_hash[65], hash[65], signature[65], canonical[1024], scope[64], text[512], line[512];
    unsigned char digest[32];
    time_t now = time(NULL);
    strftime(date, sizeof date, "%Y%m%dT%H%M%SZ", gmtime(&now));
    if (strncmp(day, date, 8)) {
        char first[64];
        memcpy(day, date, 8);
        hmac(first, sprintf(first, "AWS4%s", secret), day, signing_key);
        hmac(signing_key, 32, region, signing_key);
        hmac(signing_key, 32, "dynamodb", signing_key);
        hmac(signing_key, 32, "aws4_request", signing_key);
    }
    int b = number % bodies;
    sha256(body[b], length[b], body_hash);
    size_t count = sprintf(canonical, "POST\n/\n\ncontent-type:application/x-amz-json-1.0\nhost:%s\nx-amz-date:%s\n"
        "x-amz-target:DynamoDB_20120810.BatchWriteItem\n\ncontent-type;host;x-amz-date;x-amz-target\n%s", host, date, body_hash);
    sha256(canonical, count, hash);
    sprintf(scope, "%s/%s/dynamodb/aws4_request", day, region);
    sprintf(text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, hash);
    hmac(signing_key, 32, text, digest);
    hex(digest, signature);
    curl_slist_free_all(t->headers);
    t->headers = curl_slist_append(NULL, "Content-Type: application/x-amz-json-1.0");
    curl_slist_append(t->headers, "X-Amz-Target: DynamoDB_20120810.BatchWriteItem");
    sprintf(line, "X-Amz-Date: %s", date);
    curl_slist_append(t->headers, line);
    sprintf(line, "Authorization: AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=%s",
        key_id, scope, signature);
    curl_slist_append(t->headers, line);
    curl_slist_append(t->headers, "Expect:");
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE, (long)length[b]);
    curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, body[b]);
    curl_multi_add_handle(multi, t->easy);
}

int main(int count, char **arguments) {
    if (count < 5) return 2;
    const char *url = arguments[1];
    table = arguments[2];
    long requests = atol(arguments[3]), started = 0, done = 0, failed = 0;
    int connections = atoi(arguments[4]), running, left;
    host = strstr(url, "://") + 3;
    make_bodies();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    struct transfer *transfers = calloc(connections, sizeof *transfers);
    for (int i = 0; i < connections; i++) {
        CURL *easy = transfers[i].easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfers[i]);
        if (count > 5) curl_easy_setopt(easy, CURLOPT_CAINFO, arguments[5]);
        if (started < requests) start(multi, &transfers[i], started++);
    }
    while (done < requests) {
        curl_multi_perform(multi, &running);
        CURLMsg *message;
        int added = 0;
        while ((message = curl_multi_info_read(multi, &left))) {
            struct transfer *t;
            long status = 0;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
            curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
            failed += message->data.result != CURLE_OK || status != 200;
            curl_multi_remove_handle(multi, t->easy);
            done++;
            if (started < requests) added++, start(multi, t, started++);
        }
        if (!added && done < requests) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    printf("{\"items\":%ld,\"failed\":%ld}\n", requests * items, failed);
    return failed != 0;
}
