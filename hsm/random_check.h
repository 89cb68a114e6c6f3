// Whether a token's random numbers are broken in a way that shows: the
// monobit, poker and long run tests of FIPS 140-1 section 4.11.1, over 20,000
// bits. They find a source that is stuck or biased; none can show that one is
// good. A good source fails one in about 100,000 times.
// Thread-safe: free functions.
#ifndef BOOTSEAL_HSM_RANDOM_CHECK_H_
#define BOOTSEAL_HSM_RANDOM_CHECK_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "hsm/pkcs11/session_pool.h"

namespace bootseal::hsm {

inline constexpr std::size_t kRandomCheckBytes = 2500;

// `block` has kRandomCheckBytes. FAILED_PRECONDITION (RANDOM_BROKEN) names the
// test and its figure.
absl::Status CheckRandomBlock(absl::string_view block);

// Two blocks of C_GenerateRandom, which also differ. As above; errors of
// hsm/pkcs11/error.h.
absl::Status CheckRandomSource(const pkcs11::Session& session);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_RANDOM_CHECK_H_
