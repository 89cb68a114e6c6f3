// The rollback guard: whether a release would go below the last one of its
// target. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_ROLLBACK_H_
#define BOOTSEAL_SERVER_TRUST_ROLLBACK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy.pb.h"

namespace bootseal::trust {

// What the last release of the target had more of.
struct Lowering {
  std::optional<std::uint32_t> security_counter_from;
  std::optional<std::string> version_from;
};

// `last_release`: nullptr for the target's first one. An image without a
// counter has 0: left out, it would lower the bar for what comes after. Where
// the target forbids counters none are compared. Versions are compared with
// their build number.
Lowering LoweringOf(const v1::Target& target, const v1::SigningEvent& asked,
                    const v1::SigningEvent* last_release);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_ROLLBACK_H_
