/* mbedTLS: SHA-256 alone, for Ed25519. */
#include "firmware/crypto/config/base.h"
#define MBEDTLS_SHA256_C
