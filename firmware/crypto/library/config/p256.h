/* mbedTLS: SHA-256 and p256-m. */
#include "firmware/crypto/library/config/sha2.h"
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED
