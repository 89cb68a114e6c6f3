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

// The counter of the newest release that has one; 0: none. A release without a
// counter says which that was, so that leaving it out does not lower the bar.
// `last_release`: nullptr for the target's first one.
std::uint32_t CounterBefore(const v1::SigningEvent* last_release);

// The version of the newest release; empty: there is none. A verdict, which
// releases nothing, says which that was.
std::string VersionBefore(const v1::SigningEvent* last_release);

// Nothing for a verdict. An image without a counter is not compared by it.
// Versions are compared with their build number.
Lowering LoweringOf(const v1::SigningEvent& asked,
                    const v1::SigningEvent* last_release);

struct Leap {
  std::uint32_t from = 0;  // the counter that the asked one is too far above
  bool first_release = false;
};
// None when it is not too far, or the target has no step. A first release of
// what a boot ROM or its successor counts, a package or a first stage, steps
// from the target's default counter, or from 1: a chip that started it never
// goes back. That of another target may have any.
std::optional<Leap> LeapFrom(const v1::Target& target,
                             const v1::SigningEvent& asked,
                             const v1::SigningEvent* last_release);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_ROLLBACK_H_
