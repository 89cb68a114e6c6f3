// The policy of example_policy.h with one thing spoilt, and the one line that
// must come of it.
#ifndef BOOTSEAL_TESTS_SERVER_TRUST_SPOILT_POLICY_H_
#define BOOTSEAL_TESTS_SERVER_TRUST_SPOILT_POLICY_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

#include "absl/strings/escaping.h"
#include "server/trust/parts.h"
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

inline void ExpectOneProblem(const v1::Policy& policy,
                             const std::string& problem) {
  EXPECT_THAT(
      trust::Policy::Parse(TextOf(policy)),
      testing::AllOf(
          StatusIs(absl::StatusCode::kInvalidArgument, "POLICY_INVALID"),
          MessageHas("policy has 1 problem:"), MessageHas("\n  " + problem)));
}

inline void ExpectRefusedByName(const Spoilt& spoilt) {
  v1::Policy policy = ExamplePolicy();
  spoilt.spoil(policy);
  ExpectOneProblem(policy, spoilt.problem);
}

// Of a target that was added to the example's four.
inline void ExpectAddedRefusedByName(v1::Policy policy, const Spoilt& spoilt) {
  spoilt.spoil(policy);
  ExpectOneProblem(policy, std::string("targets[4].") + spoilt.problem);
}

inline v1::PinnedKey& AddKey(v1::Policy& policy, const std::string& name,
                             const std::string& public_key,
                             v1::Algorithm algorithm = v1::P256) {
  v1::PinnedKey& key = *policy.add_keys();
  key.set_name(name);
  key.set_uri("pkcs11:token=bootseal;object=" + name);
  key.set_algorithm(algorithm);
  key.set_purpose(v1::FIRMWARE);
  key.set_public_key_sha256(
      absl::BytesToHexString(trust::Sha256Of(public_key)));
  return key;
}

// One that "ci" may ask for and that has no format yet.
inline v1::Target& AddTarget(v1::Policy& policy, const std::string& name,
                             const std::string& key) {
  v1::Target& target = *policy.add_targets();
  target.set_name(name);
  target.set_key(key);
  target.add_requesters("ci");
  return target;
}

inline v1::Target& AddedTarget(v1::Policy& policy) {
  return *policy.mutable_targets(policy.targets_size() - 1);
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
