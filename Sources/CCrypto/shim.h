#pragma once

// libcrypto of OpenSSL 3, from the system (Debian: libssl-dev).
#include <openssl/crypto.h>
#include <openssl/evp.h>
