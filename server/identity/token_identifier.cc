#include "server/identity/token_identifier.h"

#include <cstddef>
#include <utility>

#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "server/trust/behind.h"

namespace bootseal::identity {
namespace {

constexpr std::size_t kRemembered = 1024;
constexpr std::size_t kMaxRecordedBytes = 512;
// Of the policy's own names; an entry of the log has its limit.
constexpr std::size_t kMaxRecordedClaims = 48;

// What tells a job apart, of GitHub and of GitLab. docs.github.com, "OpenID
// Connect reference"; docs.gitlab.com, "ID token payload".
constexpr const char* kJobClaims[] = {
    "actor_id",
    "ci_config_ref_uri",
    "ci_config_sha",
    "environment",
    "event_name",
    "job_id",
    "job_workflow_ref",
    "job_workflow_sha",
    "pipeline_id",
    "pipeline_source",
    "project_id",
    "project_path",
    "ref",
    "ref_path",
    "ref_protected",
    "ref_type",
    "repository",
    "repository_id",
    "run_attempt",
    "run_id",
    "runner_environment",
    "sha",
    "sub",
    "user_id",
    "workflow_ref",
};

std::string Sha256(absl::string_view text) {
  return image::host::ToString(
      image::HashOf(image::HashAlgorithm::kSha256, image::host::AsBytes(text))
          .bytes());
}

// UTF-8 cut between characters.
std::string Shortened(const std::string& text) {
  if (text.size() <= kMaxRecordedBytes) return text;
  std::size_t end = kMaxRecordedBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace

TokenIdentifier::TokenIdentifier(std::shared_ptr<const trust::Policy> policy)
    : policy_(std::move(policy)),
      recorded_(std::begin(kJobClaims), std::end(kJobClaims)),
      known_(kRemembered) {
  const auto record = [this](const std::string& claim) {
    if (recorded_.size() < kMaxRecordedClaims) recorded_.insert(claim);
  };
  for (const v1::Issuer& issuer : policy_->proto().issuers()) {
    if (!issuer.behind_claim().empty()) record(issuer.behind_claim());
  }
  for (const v1::Person& person : policy_->proto().people()) {
    for (const v1::Workload& workload : person.workloads()) {
      for (const v1::ClaimRule& rule : workload.claims()) record(rule.claim());
    }
  }
}

absl::StatusOr<v1::Caller> TokenIdentifier::Identify(absl::string_view token,
                                                     absl::Time now) {
  std::string key = Sha256(token);
  if (auto caller = known_.Recall(key, now)) return *std::move(caller);
  ASSIGN_OR_RETURN(Known known, Examine(token, now));
  v1::Caller caller = known.caller;
  known_.Remember(std::move(key), std::move(known));
  return caller;
}

absl::StatusOr<Known> TokenIdentifier::Examine(absl::string_view text,
                                               absl::Time now) const {
  ASSIGN_OR_RETURN(const Token token, ReadToken(*policy_, text, now));
  ASSIGN_OR_RETURN(
      const v1::Person* person,
      trust::FindPersonByClaims(*policy_, token.issuer->name(), token.claims));
  Known known;
  known.validity = token.validity;
  trust::SetPerson(*policy_, *person, known.caller);
  known.caller.set_method("oidc");
  known.caller.set_subject(Shortened(token.subject));
  known.caller.set_issuer(token.issuer->name());
  AddClaims(token, known.caller);
  const v1::Person* behind =
      trust::FindPersonBehind(*policy_, *token.issuer, token.claims);
  if (behind != nullptr) known.caller.set_behind(behind->name());
  return known;
}

void TokenIdentifier::AddClaims(const Token& token, v1::Caller& caller) const {
  for (const auto& [name, value] : token.claims) {
    if (recorded_.count(name) == 0) continue;
    v1::Claim& claim = *caller.add_claims();
    claim.set_name(name);
    claim.set_value(Shortened(value));
  }
}

}  // namespace bootseal::identity
