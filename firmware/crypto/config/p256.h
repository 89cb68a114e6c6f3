/* mbedTLS: SHA-256 and p256-m. */
#include "firmware/crypto/config/base.h"
#define MBEDTLS_SHA256_C
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED
