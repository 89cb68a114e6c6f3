/* mbedTLS: SHA-256 and the Montgomery multiplication of its bignum core. */
#include "firmware/crypto/config/base.h"
#define MBEDTLS_SHA256_C
#define MBEDTLS_BIGNUM_C
