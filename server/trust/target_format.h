// What a target's format means where formats differ and their users do not: one
// switch for each question, none of them with a default. Thread-safe: free
// functions.
#ifndef BOOTSEAL_SERVER_TRUST_TARGET_FORMAT_H_
#define BOOTSEAL_SERVER_TRUST_TARGET_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bootseal/v1/keys.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "firmware/image/crypto.h"

namespace bootseal::trust {

// "mcuboot", "release", "capsule", "fip", "stm32_header"; "none" without a
// format.
absl::string_view NameOfFormat(const v1::Target& target);

// What is signed of a request, and in which call: "an image; use
// SigningService.Sign (bootseal sign)".
absl::string_view HowToAsk(const v1::Target& target);

// How a request gets its security counter.
struct CounterRules {
  v1::Presence presence = v1::OPTIONAL;
  bool from_version = false;
  std::uint32_t initial = 0;  // when the caller gives none; 0: none
  std::uint32_t ceiling = 0;  // 0: none
  std::uint32_t step = 0;     // above the last released one; 0: any
};
CounterRules CounterRulesOf(const v1::Target& target);

// Whose digest the key signs.
image::HashAlgorithm SignedHash(const v1::Target& target,
                                v1::Algorithm algorithm);

// The policy's names of all keys that sign for it, each once, the target's own
// first.
std::vector<std::string> KeysOf(const v1::Target& target);

// How many digests one request has decided on together.
std::size_t DigestsOf(const v1::Target& target);

// The key that signs the digest of this name; the target's own where there is
// but one digest.
std::string KeyFor(const v1::Target& target, absl::string_view digest);

// Whether the key signs the message itself instead of its digest.
bool SignsMessage(const v1::Target& target);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_TARGET_FORMAT_H_
