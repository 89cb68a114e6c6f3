// A console's source in memory: one release and one pending request, and a
// record of what was signed. What stands before it is what is under test.
#ifndef BOOTSEAL_TESTS_CLIENT_CONSOLE_MEMORY_SOURCE_H_
#define BOOTSEAL_TESTS_CLIENT_CONSOLE_MEMORY_SOURCE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "client/console/source.h"

namespace bootseal::tests {

// Thread-safe.
class MemorySource final : public console::Source {
 public:
  MemorySource();

  const console::Settings& settings() const override { return settings_; }
  absl::StatusOr<v1::ListEntriesReply> ListEntries(
      const v1::ListEntriesRequest& request) const override;
  absl::StatusOr<console::ShownEntry> GetEntry(
      std::uint64_t index) const override;
  absl::StatusOr<std::string> GetCheckpoint() const override { return ""; }
  absl::StatusOr<v1::ListRequestsReply> ListRequests(
      const v1::ListRequestsRequest& request) const override;
  absl::StatusOr<console::ShownRequest> GetRequest(
      const std::string& subject_sha256) const override;
  absl::StatusOr<console::Prepared> Prepare(
      const console::Word& word) const override;
  absl::StatusOr<v1::SubmitApprovalReply> Submit(
      const v1::ApprovalStatement& statement) const override;
  cli::Json Describe(std::uint64_t index,
                     const v1::Entry& entry) const override;

  // Subjects of the two requests that wait, 64 hexadecimal digits.
  std::string subject() const { return std::string(64, 'a'); }
  std::string other_subject() const { return std::string(64, 'b'); }
  std::vector<v1::ApprovalStatement> signed_statements() const;
  // How often anything was asked for.
  int calls() const;
  v1::ListEntriesRequest last_filter() const;

  // From now on every request comes with what was proven of it, or with why
  // nothing was. Before there are threads.
  void ShowProven(approval::Review review) { review_ = std::move(review); }
  void ShowUnproven(absl::Status why) { unproven_ = std::move(why); }

 private:
  void Count() const;

  const console::Settings settings_;
  std::optional<approval::Review> review_;
  absl::Status unproven_;
  mutable base::Mutex mutex_;
  mutable std::vector<v1::ApprovalStatement> signed_ ABSL_GUARDED_BY(mutex_);
  mutable int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  mutable v1::ListEntriesRequest filter_ ABSL_GUARDED_BY(mutex_);
};

// Of target "app", asked for by "ci".
v1::Entry PendingEntry(const std::string& subject_sha256);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CONSOLE_MEMORY_SOURCE_H_
