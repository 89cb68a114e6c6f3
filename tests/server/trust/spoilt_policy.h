// The policy of example_policy.h with one thing spoilt, and the one line that
// must come of it.
#ifndef BOOTSEAL_TESTS_SERVER_TRUST_SPOILT_POLICY_H_
#define BOOTSEAL_TESTS_SERVER_TRUST_SPOILT_POLICY_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

#include "server/trust/policy.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {

struct Spoilt {
  const char* name;
  std::function<void(v1::Policy&)> spoil;
  const char* problem;
};

inline void PrintTo(const Spoilt& spoilt, std::ostream* out) {
  *out << spoilt.name;
}

inline void ExpectRefusedByName(const Spoilt& spoilt) {
  v1::Policy policy = ExamplePolicy();
  spoilt.spoil(policy);
  EXPECT_THAT(trust::Policy::Parse(TextOf(policy)),
              testing::AllOf(StatusIs(absl::StatusCode::kInvalidArgument,
                                      "POLICY_INVALID"),
                             MessageHas("policy has 1 problem:"),
                             MessageHas(std::string("\n  ") + spoilt.problem)));
}

// What only came to be demanded: a log may hold such a policy.
inline void ExpectRefusedUnlessLogged(const Spoilt& spoilt) {
  ExpectRefusedByName(spoilt);
  v1::Policy policy = ExamplePolicy();
  spoilt.spoil(policy);
  EXPECT_OK(trust::Policy::ParseLogged(TextOf(policy)));
}

inline v1::McubootFormat& Format(v1::Policy& policy, int target) {
  return *policy.mutable_targets(target)->mutable_mcuboot();
}

// Targets of the example.
inline constexpr int kApp = 0;
inline constexpr int kSecure = 1;
inline constexpr int kEdwards = 2;

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_TRUST_SPOILT_POLICY_H_
