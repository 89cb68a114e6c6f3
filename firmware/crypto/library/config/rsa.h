/* mbedTLS: SHA-256 and RSASSA-PSS. */
#include "firmware/crypto/library/config/numbers.h"
/* Its table of hashes would want what this program does not hold. */
#undef MBEDTLS_SHA384_C
#define MBEDTLS_MD_C
#define MBEDTLS_OID_C
#define MBEDTLS_RSA_C
#define MBEDTLS_PKCS1_V21
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_MPI_WINDOW_SIZE 1
