// What the console shows and does, whatever brings it: the rpcs of a server in
// the program, memory in a test.
#ifndef BOOTSEAL_CLIENT_CONSOLE_SOURCE_H_
#define BOOTSEAL_CLIENT_CONSOLE_SOURCE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/approvals.pb.h"
#include "bootseal/v1/audit.pb.h"
#include "bootseal/v1/entry.pb.h"
#include "client/approval/pending_text.h"
#include "client/cli/json.h"

namespace bootseal::console {

// Of our own configuration, never of the server.
struct Settings {
  std::string server;   // host:port
  std::string log_key;  // "origin+id+key"
  std::string origin;
};

// An entry with what is to prove it, as they came.
struct ShownEntry {
  v1::LogEntry entry;
  v1::Proof proof;
  // Whether this machine takes the proof: OK, or why not.
  absl::Status checked;
};

struct ShownRequest {
  v1::ApprovalRequest request;
  // Whether this machine takes the receipt of the pending entry, and all else
  // that can be held against the log.
  absl::Status checked;
  // What of it is proven; none unless that is OK.
  std::optional<approval::Review> review = std::nullopt;
};

// What a person wants to say of one request.
struct Word {
  std::string subject_sha256;  // 32 raw bytes
  v1::Verdict verdict = v1::VERDICT_UNSPECIFIED;
  std::string reason;
  bool allows_lower_security_counter = false;
  bool allows_lower_version = false;
};

// The exact statement that a confirmation is asked for, and the proven entry
// that it is about.
struct Prepared {
  v1::ApprovalStatement statement;
  v1::Entry pending;
};

// Thread-safe: every call of a browser has a thread of its own.
class Source {
 public:
  virtual ~Source() = default;

  virtual const Settings& settings() const = 0;

  virtual absl::StatusOr<v1::ListEntriesReply> ListEntries(
      const v1::ListEntriesRequest& request) const = 0;
  virtual absl::StatusOr<ShownEntry> GetEntry(std::uint64_t index) const = 0;
  // The note as it came.
  virtual absl::StatusOr<std::string> GetCheckpoint() const = 0;

  virtual absl::StatusOr<v1::ListRequestsReply> ListRequests(
      const v1::ListRequestsRequest& request) const = 0;
  virtual absl::StatusOr<ShownRequest> GetRequest(
      const std::string& subject_sha256) const = 0;

  // The statement to be signed. Fails unless the pending entry is proven with
  // our own log key, is what the subject says, and still waits.
  virtual absl::StatusOr<Prepared> Prepare(const Word& word) const = 0;
  // Signs exactly this statement with the approver's own key and hands it in.
  // Called by one thread at a time, which has the keyboard.
  virtual absl::StatusOr<v1::SubmitApprovalReply> Submit(
      const v1::ApprovalStatement& statement) const = 0;

  // Every field of an entry for the page.
  virtual cli::Json Describe(std::uint64_t index,
                             const v1::Entry& entry) const = 0;
};

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_SOURCE_H_
