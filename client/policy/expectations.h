// A table of expectations (proto/bootseal/v1/policy_test.proto), held against
// its policy. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_POLICY_EXPECTATIONS_H_
#define BOOTSEAL_CLIENT_POLICY_EXPECTATIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy_test.pb.h"
#include "server/trust/explanation.h"
#include "server/trust/policy.h"

namespace bootseal::policy {

// Every problem at once, each with its place: "cases[2].expect.rule: ...".
// INVALID_ARGUMENT (POLICY_TEST_INVALID).
absl::StatusOr<v1::PolicyTest> ParsePolicyTest(absl::string_view textproto);

struct CaseResult {
  std::string name;
  trust::Ruling found;
  // What differs from the expectation, in words; empty: it holds.
  std::vector<std::string> differences;
};

// In the order of the file. A caller whom the policy does not let in is refused
// by rule "caller".
std::vector<CaseResult> Judge(const trust::Policy& policy,
                              const v1::PolicyTest& test);

// As scripts and people write it: "allowed".
std::string NameOf(v1::Decision decision);

}  // namespace bootseal::policy

#endif  // BOOTSEAL_CLIENT_POLICY_EXPECTATIONS_H_
