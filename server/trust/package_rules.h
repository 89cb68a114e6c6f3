// Rules of decision.h about requests for packages and first stages.
// Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_PACKAGE_RULES_H_
#define BOOTSEAL_SERVER_TRUST_PACKAGE_RULES_H_

#include <cstdint>

#include "server/trust/request_rules.h"

namespace bootseal::trust {

// The files of the upload are images of the target's package, in the order of
// packages: COMPONENT_UNKNOWN (a certificate among them, which the server
// makes), COMPONENT_TWICE, COMPONENT_ORDER, COMPONENT_EMPTY,
// COMPONENT_TOO_LARGE, COMPONENT_MISSING; PACKAGE_TOO_LARGE for its bank.
// Whether sizes add up is CheckComponents' to say.
Answer CheckPackageImages(const v1::Target& target,
                          const v1::SignHeader& header);

// COUNTERS_DIFFER when the request names another counter for the non-trusted
// world; NON_TRUSTED_COUNTER_NOT_OF_TARGET.
Answer CheckNonTrustedCounter(const v1::Target& target,
                              const v1::SignHeader& header,
                              std::uint32_t security_counter);

// VALID_FROM_NOT_OF_TARGET, VALID_FROM_INVALID.
Answer CheckValidFrom(const v1::Target& target, const v1::SignHeader& header);

// Of a first stage: IMAGE_VERSION_ZERO for chips that are closed or will be.
Answer CheckImageVersion(const v1::Target& target,
                         std::uint32_t security_counter);

// Of a first stage's payload: EMPTY_PAYLOAD, PAYLOAD_TOO_LARGE.
Answer CheckFirstStageSize(const v1::Target& target,
                           const v1::SignHeader& header);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_PACKAGE_RULES_H_
