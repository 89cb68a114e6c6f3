// What the console shows, from the server: every call with the reviewer's own
// identity, every proof held against our own log key.
#ifndef BOOTSEAL_CLIENT_CLI_CONSOLE_SOURCE_H_
#define BOOTSEAL_CLIENT_CLI_CONSOLE_SOURCE_H_

#include <cstdint>
#include <string>

#include "bootseal/v1/approval.pb.h"
#include "client/approval/pending_text.h"
#include "client/approval/signer.h"
#include "client/cli/connection.h"
#include "client/cli/log_key.h"
#include "client/console/source.h"

namespace bootseal::cli {

// Who signs for the reviewer.
struct Approver {
  approval::Signer* signer = nullptr;  // null: nothing can be approved
  std::string name;  // in the policy; empty: who we are to the server
};

class ConsoleSource final : public console::Source {
 public:
  // All must outlive it.
  ConsoleSource(const Connection& connection, const LogKey& key,
                std::string server, Approver approver);

  const console::Settings& settings() const override { return settings_; }
  absl::StatusOr<v1::ListEntriesReply> ListEntries(
      const v1::ListEntriesRequest& request) const override;
  absl::StatusOr<console::ShownEntry> GetEntry(
      std::uint64_t index) const override;
  absl::StatusOr<std::string> GetCheckpoint() const override;
  absl::StatusOr<v1::ListRequestsReply> ListRequests(
      const v1::ListRequestsRequest& request) const override;
  absl::StatusOr<console::ShownRequest> GetRequest(
      const std::string& subject_sha256) const override;
  absl::StatusOr<console::Prepared> Prepare(
      const console::Word& word) const override;
  absl::StatusOr<v1::SubmitApprovalReply> Submit(
      const v1::ApprovalStatement& statement) const override;
  Json Describe(std::uint64_t index, const v1::Entry& entry) const override;

 private:
  absl::Status CheckEntry(const v1::LogEntry& entry,
                          const v1::Proof& proof) const;
  absl::StatusOr<approval::Review> ProveRequest(
      const std::string& subject_sha256,
      const v1::ApprovalRequest& request) const;
  absl::StatusOr<v1::ApprovalStatement> Compose(
      const approval::Pending& pending, const v1::ApprovalRequest& request,
      const console::Word& word) const;

  const Connection& connection_;
  const LogKey& key_;
  const Approver approver_;
  const console::Settings settings_;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CONSOLE_SOURCE_H_
