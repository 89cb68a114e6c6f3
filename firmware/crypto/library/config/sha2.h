/* mbedTLS: SHA-256 and SHA-384 alone. They host nothing and allocate nothing. */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
/* Nothing here is secret: see zeroize.cc. */
#define MBEDTLS_PLATFORM_ZEROIZE_ALT
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA384_C
