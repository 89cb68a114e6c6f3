/* mbedTLS: SHA-2 and long numbers that are allocated from a buffer of ours. */
#include "firmware/crypto/library/config/sha2.h"
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
/* A double free would end here: a fault stops the device. */
#define MBEDTLS_PLATFORM_EXIT_MACRO(status) __builtin_trap()
