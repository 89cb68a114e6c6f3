// The rpcs of ApprovalService, and what is demanded of their answers.
#ifndef BOOTSEAL_CLIENT_CLI_APPROVAL_SOURCE_H_
#define BOOTSEAL_CLIENT_CLI_APPROVAL_SOURCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bootseal/v1/approvals.pb.h"
#include "client/approval/pending_text.h"
#include "client/cli/audit_source.h"
#include "client/cli/connection.h"
#include "client/cli/log_key.h"
#include "client/cli/policy_source.h"

namespace bootseal::cli {

// Not thread-safe. Every request is in the log, by a receipt that our key
// signed and that continues what we saw, and agrees with itself. Errors as
// LogKey::OpenReceipt, LogMemory, approval::ReadPending; FAILED_PRECONDITION
// (ORIGIN_DIFFERS) when the server speaks of another log than our own
// configuration does, (REQUEST_DIFFERS) for another request than was asked for.
class ApprovalSource {
 public:
  // Both must outlive it.
  ApprovalSource(const Connection& connection, const LogKey& key)
      : connection_(connection), key_(key) {}

  struct Page {
    std::vector<approval::Review> reviews;
    std::uint64_t next = 0;
  };
  // Without last releases.
  absl::StatusOr<Page> List(const v1::ListRequestsRequest& request) const;

  // `id`: as trust::IsNamed has it (server/trust/request_name.h).
  absl::StatusOr<approval::Review> Get(const std::string& id) const;

  // The same of what a server answered to who asked otherwise, or held
  // until now. With the last release and what we count ourselves, where
  // the log may be read; not counted, with a warning, by a policy that another
  // followed.
  absl::StatusOr<approval::Review> Prove(v1::ApprovalRequest request) const;

  // The reply's receipt proves an entry with exactly this envelope.
  // FAILED_PRECONDITION (RECEIPT_MISMATCH).
  absl::StatusOr<v1::SubmitApprovalReply> Submit(
      const v1::DsseEnvelope& envelope) const;

 private:
  absl::StatusOr<approval::Review> Judge(v1::ApprovalRequest request) const;
  absl::StatusOr<ProvenEntry> FetchAccepted(std::uint64_t index) const;
  absl::StatusOr<std::optional<approval::LastRelease>> LastReleaseOf(
      const approval::Review& review) const;
  absl::StatusOr<std::vector<trust::RecordedApproval>> WordsOf(
      const approval::Review& review) const;
  absl::StatusOr<std::optional<LoggedPolicy>> PolicyOf(
      const approval::Review& review) const;
  absl::StatusOr<std::optional<approval::Tally>> TallyOf(
      const approval::Review& review) const;

  const Connection& connection_;
  const LogKey& key_;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_APPROVAL_SOURCE_H_
