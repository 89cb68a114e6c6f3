#include "client/policy/expectations.h"

#include <memory>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/policy/caller.h"
#include "server/trust/names.h"
#include "server/trust/problems.h"
#include "server/trust/text.h"

namespace bootseal::policy {
namespace {

constexpr char kCallerRule[] = "caller";

void Demand(const std::string& value, const trust::Field& field) {
  if (value.empty()) field.Report("is missing");
}

void CheckCaller(const v1::PolicyCase& each, const trust::Field& here) {
  switch (each.caller_case()) {
    case v1::PolicyCase::kIdentity:
      return Demand(each.identity(), here.At("identity"));
    case v1::PolicyCase::kCertificateSubject:
      return Demand(each.certificate_subject(), here.At("certificate_subject"));
    case v1::PolicyCase::kToken:
      return Demand(each.token().issuer(), here.At("token").At("issuer"));
    case v1::PolicyCase::CALLER_NOT_SET:
      return here.Report(
          "nobody asks; give identity, certificate_subject or token");
  }
}

void CheckExpectation(const v1::Expectation& expect, const trust::Field& here) {
  if (expect.decision() == v1::DECISION_UNSPECIFIED) {
    here.At("decision").Report("is missing; ALLOWED, REFUSED or PENDING");
  }
  if (expect.rule().empty()) return;
  const std::vector<std::string> rules = trust::DecidingRules();
  trust::CheckKnown("rule", expect.rule(), {rules.begin(), rules.end()},
                    here.At("rule"));
}

void CheckCase(const v1::PolicyCase& each, const trust::Field& here) {
  CheckCaller(each, here);
  Demand(each.target(), here.At("target"));
  Demand(each.version(), here.At("version"));
  if (each.has_last_release()) {
    Demand(each.last_release().version(),
           here.At("last_release").At("version"));
  }
  CheckExpectation(each.expect(), here.At("expect"));
}

void CheckTest(const v1::PolicyTest& test, const trust::Field& here) {
  Demand(test.policy_path(), here.At("policy_path"));
  if (test.cases().empty()) here.At("cases").Report("there is none");
  std::set<std::string> names;
  for (int i = 0; i < test.cases_size(); ++i) {
    const v1::PolicyCase& each = test.cases(i);
    const trust::Field field = here.At("cases", i);
    Demand(each.name(), field.At("name"));
    if (!names.insert(each.name()).second) {
      field.At("name").Report(
          absl::StrCat("\"", each.name(), "\" is given twice"));
    }
    CheckCase(each, field);
  }
}

absl::StatusOr<v1::Caller> CallerOf(const trust::Policy& policy,
                                    const v1::PolicyCase& each) {
  switch (each.caller_case()) {
    case v1::PolicyCase::kIdentity:
      return CallerNamed(policy, each.identity());
    case v1::PolicyCase::kCertificateSubject:
      return CallerWithSubject(policy, each.certificate_subject());
    case v1::PolicyCase::kToken:
      return CallerWithToken(policy, each.token());
    case v1::PolicyCase::CALLER_NOT_SET:
      break;
  }
  return v1::Caller();
}

trust::Question QuestionOf(const v1::PolicyCase& each, v1::Caller caller) {
  trust::Question question;
  question.caller = std::move(caller);
  question.header.set_target(each.target());
  question.header.set_version(each.version());
  question.header.set_encrypted(each.encrypted());
  if (each.has_security_counter()) {
    question.header.set_security_counter(each.security_counter());
  }
  if (each.has_payload_size()) {
    question.header.set_payload_size(each.payload_size());
  }
  if (each.has_last_release()) {
    const auto last = std::make_shared<v1::SigningEvent>();
    last->set_version(each.last_release().version());
    last->set_security_counter(each.last_release().security_counter());
    question.last_release = last;
  }
  return question;
}

trust::Ruling RulingOf(const trust::Policy& policy,
                       const v1::PolicyCase& each) {
  absl::StatusOr<v1::Caller> caller = CallerOf(policy, each);
  if (caller.ok()) {
    return trust::Explain(policy, QuestionOf(each, *std::move(caller))).ruling;
  }
  trust::Ruling ruling;
  ruling.rule = kCallerRule;
  ruling.code = base::ReasonOf(caller.status());
  ruling.reason = std::string(caller.status().message());
  return ruling;
}

void Compare(absl::string_view what, absl::string_view expected,
             absl::string_view found, std::vector<std::string>& differences) {
  if (expected == found) return;
  differences.push_back(absl::StrCat(
      what, " is ", found.empty() ? "none" : found, ", expected ", expected));
}

std::vector<std::string> DifferencesOf(const v1::Expectation& expect,
                                       const trust::Ruling& found) {
  std::vector<std::string> differences;
  Compare("decision", NameOf(expect.decision()), NameOf(found.decision),
          differences);
  if (!expect.rule().empty()) {
    Compare("rule", expect.rule(), found.rule, differences);
  }
  if (!expect.code().empty()) {
    Compare("code", expect.code(), found.code, differences);
  }
  if (expect.has_approvals_needed()) {
    Compare("approvals_needed", absl::StrCat(expect.approvals_needed()),
            absl::StrCat(found.approvals_needed), differences);
  }
  return differences;
}

}  // namespace

absl::StatusOr<v1::PolicyTest> ParsePolicyTest(absl::string_view textproto) {
  v1::PolicyTest test;
  trust::Problems problems;
  if (!trust::IsText(textproto)) problems.push_back("the file is not UTF-8");
  if (trust::ParseText(textproto, test, problems) != trust::Syntax::kBroken) {
    CheckTest(test, trust::Field(problems));
  }
  if (problems.empty()) return test;
  return base::Fail(
      absl::StatusCode::kInvalidArgument, "POLICY_TEST_INVALID",
      absl::StrCat("policy test has ", problems.size(),
                   problems.size() == 1 ? " problem:\n  " : " problems:\n  ",
                   absl::StrJoin(problems, "\n  ")));
}

std::vector<CaseResult> Judge(const trust::Policy& policy,
                              const v1::PolicyTest& test) {
  std::vector<CaseResult> results;
  for (const v1::PolicyCase& each : test.cases()) {
    trust::Ruling found = RulingOf(policy, each);
    std::vector<std::string> differences = DifferencesOf(each.expect(), found);
    results.push_back({each.name(), std::move(found), std::move(differences)});
  }
  return results;
}

std::string NameOf(v1::Decision decision) {
  return absl::AsciiStrToLower(v1::Decision_Name(decision));
}

}  // namespace bootseal::policy
