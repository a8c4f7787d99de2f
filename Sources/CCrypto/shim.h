#pragma once

// libcrypto of OpenSSL 3, from the system (Debian: libssl-dev). Of the old interface only what hashes a short message without an allocation.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

/// The first four bytes of a message's SHA-256 as a number, most significant first.
static inline unsigned int saltmill_sha256_first_word(const void *bytes, size_t length) {
    SHA256_CTX context;
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, length);
    SHA256_Final(digest, &context);
    return (unsigned int)digest[0] << 24 | (unsigned int)digest[1] << 16 | (unsigned int)digest[2] << 8 | digest[3];
}
