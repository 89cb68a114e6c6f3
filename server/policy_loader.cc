#include "server/policy_loader.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "server/audit/policy_order.h"
#include "server/audit/record.h"

namespace bootseal::server {
namespace {

// Far above what a log entry holds: the error is then about the entry.
constexpr std::size_t kMaxPolicyBytes = 1 << 20;

v1::PolicyEvent EventOf(const trust::Policy& policy) {
  v1::PolicyEvent event;
  event.set_version(policy.proto().version());
  event.set_sha256(policy.sha256());
  event.set_text(policy.text());
  return event;
}

}  // namespace

absl::StatusOr<base::InputFile> OpenBeside(const std::string& path,
                                           const std::string& named) {
  return base::InputFile::Open(
      std::filesystem::path(path).parent_path() / named,
      base::Accepts::kRegularFile);
}

absl::StatusOr<std::shared_ptr<const trust::Policy>> ReadPolicy(
    const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadOwnersFile(path, kMaxPolicyBytes));
  auto policy = trust::Policy::Parse(text);
  if (policy.ok()) {
    policy = (*policy)->WithIssuerKeys(
        [&path](const std::string& named)
            -> absl::StatusOr<std::optional<std::string>> {
          ASSIGN_OR_RETURN(const base::InputFile keys, OpenBeside(path, named));
          return keys.Read(trust::kMaxKeySetBytes);
        });
  }
  if (policy.ok()) return policy;
  return base::Annotate(policy.status(), path);
}

absl::StatusOr<std::shared_ptr<const PolicyInForce>>
PolicyLoader::BringIntoForce(std::shared_ptr<const trust::Policy> policy) {
  RETURN_IF_ERROR(CheckVersion(*policy));
  RETURN_IF_ERROR(CheckLogKeys(*policy));
  ASSIGN_OR_RETURN(auto in_force,
                   PolicyInForce::Make(policy, token_, key_states_, clock_));
  RETURN_IF_ERROR(Record(*policy));
  return in_force;
}

absl::Status PolicyLoader::CheckLogKeys(const trust::Policy& policy) const {
  std::vector<std::string> problems;
  for (int i = 0; i < policy.proto().targets_size(); ++i) {
    const v1::McubootFormat& format = policy.proto().targets(i).mcuboot();
    const auto& keys = format.receipt().log_keys();
    if (!format.has_receipt() || std::find(keys.begin(), keys.end(),
                                           log_.verifier_key()) != keys.end()) {
      continue;
    }
    problems.push_back(absl::StrCat(
        "targets[", i,
        "].mcuboot.receipt.log_keys: without this server's own "
        "key, ",
        log_.verifier_key(), ", devices would start nothing of it"));
  }
  if (problems.empty()) return absl::OkStatus();
  return base::Precondition("LOG_KEY_NOT_OURS", absl::StrJoin(problems, "\n"));
}

absl::Status PolicyLoader::CheckVersion(const trust::Policy& policy) {
  ASSIGN_OR_RETURN(const std::optional<v1::PolicyEvent> highest,
                   log_.HighestPolicy());
  return audit::CheckFollows(EventOf(policy), highest);
}

absl::Status PolicyLoader::Record(const trust::Policy& policy) {
  v1::Entry entry;
  entry.set_time_unix_ms(absl::ToUnixMillis(clock_.Now()));
  entry.set_policy_sha256(policy.sha256());
  *entry.mutable_policy() = EventOf(policy);
  ASSIGN_OR_RETURN(audit::Record record, audit::RecordOf(entry));
  record.policy_version = policy.proto().version();
  return log_.Append(std::move(record)).status();
}

}  // namespace bootseal::server
