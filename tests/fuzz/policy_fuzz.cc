// Any text as a policy, and behind a line "---" as its test, which is judged by
// that policy or, when that is none, by a good one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "client/policy/expectations.h"
#include "google/protobuf/text_format.h"
#include "server/trust/explanation.h"
#include "server/trust/policy.h"
#include "tests/fuzz/quiet.h"
#include "tests/server/trust/example_policy.h"

namespace bootseal::tests {
namespace {

using PolicyPtr = std::shared_ptr<const trust::Policy>;

void Require(bool holds) {
  if (!holds) std::abort();
}

// Its own text is a policy that says the same.
void RequireStays(const trust::Policy& policy) {
  std::string text;
  Require(google::protobuf::TextFormat::PrintToString(policy.proto(), &text));
  if (text.size() > trust::kMaxPolicyBytes) return;
  const auto again = trust::Policy::Parse(text);
  Require(again.ok() && (*again)->proto().SerializeAsString() ==
                            policy.proto().SerializeAsString());
}

void RequireIndexed(const trust::Policy& policy) {
  for (const v1::Target& target : policy.proto().targets()) {
    Require(policy.FindTarget(target.name()) == &target);
    Require(policy.FindKey(target.key()) != nullptr);
  }
  for (const v1::Person& person : policy.proto().people()) {
    Require(policy.FindPerson(person.name()) == &person);
    for (const std::string& role : policy.RolesOf(person.name())) {
      Require(!role.empty());
    }
  }
  for (const v1::Issuer& issuer : policy.proto().issuers()) {
    Require(policy.KeysOf(issuer.name()) == nullptr);
  }
  for (const trust::Approver& approver : policy.approvers()) {
    Require(approver.person != nullptr);
  }
}

PolicyPtr ReadPolicy(absl::string_view text) {
  auto policy = trust::Policy::Parse(text);
  if (!policy.ok()) return nullptr;
  Require((*policy)->text() == text && (*policy)->sha256().size() == 32);
  RequireIndexed(**policy);
  RequireStays(**policy);
  const auto without = (*policy)->WithIssuerKeys(
      [](const std::string&) { return std::optional<std::string>(); });
  if (without.ok()) Require((*without)->text() == text);
  const auto nonsense = (*policy)->WithIssuerKeys(
      [](const std::string&) { return std::optional<std::string>("{}"); });
  Require(!nonsense.ok() || (*policy)->proto().issuers().empty());
  return *policy;
}

// Who is let in stands in a role that the target names.
void RequireRequester(const trust::Policy& policy, const v1::PolicyCase& each) {
  const v1::Target* const target = policy.FindTarget(each.target());
  Require(target != nullptr);
  if (each.caller_case() != v1::PolicyCase::kIdentity) return;
  const std::vector<std::string> roles = policy.RolesOf(each.identity());
  Require(std::any_of(target->requesters().begin(), target->requesters().end(),
                      [&roles](const std::string& role) {
                        return std::find(roles.begin(), roles.end(), role) !=
                               roles.end();
                      }));
}

void RequireRuling(const trust::Policy& policy, const v1::PolicyCase& each,
                   const trust::Ruling& ruling) {
  static const auto* const rules =
      new std::vector<std::string>(trust::DecidingRules());
  if (ruling.decision != v1::ALLOWED) {
    Require(!ruling.code.empty() && !ruling.reason.empty());
    Require(ruling.rule == "caller" || std::find(rules->begin(), rules->end(),
                                                 ruling.rule) != rules->end());
  }
  if (ruling.decision != v1::REFUSED) RequireRequester(policy, each);
}

void JudgeAll(const trust::Policy& policy, absl::string_view text) {
  const auto test = policy::ParsePolicyTest(text);
  if (!test.ok()) return;
  const auto results = policy::Judge(policy, *test);
  Require(results.size() == static_cast<std::size_t>(test->cases_size()));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const v1::PolicyCase& each = test->cases(static_cast<int>(i));
    Require(results[i].name == each.name());
    RequireRuling(policy, each, results[i].found);
  }
}

}  // namespace
}  // namespace bootseal::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace bootseal::tests;
  SilenceProtobuf();
  static const auto* const example = new PolicyPtr(Parsed(ExamplePolicy()));
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits("\n---\n", 1));
  if (parts.empty()) return 0;  // of a view without an address
  const PolicyPtr policy = ReadPolicy(parts.front());
  if (parts.size() > 1) JudgeAll(policy ? *policy : **example, parts[1]);
  return 0;
}
