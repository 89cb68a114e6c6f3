// Where the log's entries live: what every store must promise, and no more.
// One contract suite runs over all of them (tests/server/audit).
#ifndef BOOTSEAL_SERVER_AUDIT_STORE_H_
#define BOOTSEAL_SERVER_AUDIT_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "firmware/image/transparency/merkle.h"

namespace bootseal::v1 {
class SigningEvent;
}  // namespace bootseal::v1

namespace bootseal::audit {

struct Standing;

using image::transparency::TreeHash;

// One entry with what it is found by.
struct Record {
  std::string entry;       // exact bytes of the leaf
  std::string identity;    // of the caller; empty for the server's own entries
  std::string request_id;  // only of a release that a retry may ask for again
  std::string target;
  int decision = 0;                  // v1::Decision
  std::uint64_t policy_version = 0;  // only of a policy entry
  // Not stored by itself: of the policy that decided, 32 raw bytes; empty:
  // none did.
  std::string policy_sha256;
  int kind = 0;  // v1::Entry::EventCase
  std::int64_t time_unix_ms = 0;
  std::string key;      // that signed, or that is to change
  std::string subject;  // what approvals are about, raw; empty: nothing

  // Not stored: for the log alone.

  // Decides once more whether the record may be appended, inside the
  // transaction that does. It must be quick and must not call the log's
  // Append. Runs at most once, before the append is answered.
  std::function<absl::Status(const Standing&)> recheck = nullptr;
  // Of a release: its event, which spares the log reading the entry.
  std::shared_ptr<const v1::SigningEvent> release = nullptr;
};

// Identity and request id.
using ReleaseKey = std::pair<std::string, std::string>;

struct StoredRecord {
  std::uint64_t index = 0;
  std::string entry;
};

// A complete subtree: `level` 0 are leaves, and `index` counts the subtrees of
// that level from the left.
struct NodeId {
  std::uint32_t level = 0;
  std::uint64_t index = 0;
  friend bool operator==(const NodeId&, const NodeId&) = default;
};

struct Node {
  NodeId id;
  TreeHash hash{};
};

struct Head {
  std::uint64_t size = 0;
  TreeHash root{};
};

struct Filter {
  std::uint64_t start = 0;
  std::uint32_t limit = 100;
  std::string target;
  std::string identity;
  int decision = 0;  // 0: any
  int kind = 0;      // 0: any
  std::string key;
  std::int64_t from_unix_ms = 0;   // 0: no bound
  std::int64_t until_unix_ms = 0;  // 0: no bound; not included
};

// A turn, its reads and its Append are the business of one thread at a time;
// reads are thread-safe and see only whole appends, those of other servers too.
class Store {
 public:
  virtual ~Store() = default;

  // True: other servers append to the same log, and what is UNAVAILABLE
  // (LOG_STORE) comes back by itself.
  virtual bool shared() const { return false; }
  // Until Append or EndTurn nobody else appends: what this thread decides from
  // here on holds when it appends. The newest head, no older than the turn.
  virtual absl::StatusOr<Head> TakeTurn() { return NewestHead(); }
  // Of a turn in which nothing is appended. Without one, nothing.
  virtual void EndTurn() {}

  // In one durable transaction: the records from index `head.size -
  // records.size()` on, the nodes, and the head. ALREADY_EXISTS when a head of
  // that size or an (identity, request id) is there: nothing is written then.
  // Any other error: nothing is promised until reopened, or in a shared store
  // until the next turn. Ends the turn; takes one if there is none.
  virtual absl::Status Append(const std::vector<Record>& records,
                              const std::vector<Node>& nodes,
                              const Head& head) = 0;
  // Returns once a head that was read outlives what the store promises to
  // survive. What was cut off on its way there can be read before that is so.
  // UNAVAILABLE (LOG_STORE) also when a shared store does not hold the head
  // (any more).
  virtual absl::Status MakeDurable(const Head& /*head*/) {
    return absl::OkStatus();
  }
  // Whether an append would be stored by now; changes nothing in the log.
  virtual absl::Status CheckWrites() { return absl::OkStatus(); }
  // The server ends: what waits for a shared store gives up within seconds.
  virtual void Hurry() {}

  // Of the newest append; size 0 for a new log.
  virtual absl::StatusOr<Head> NewestHead() = 0;
  // NOT_FOUND beyond the end.
  virtual absl::StatusOr<std::string> Get(std::uint64_t index) = 0;
  virtual absl::StatusOr<std::vector<StoredRecord>> List(
      const Filter& filter) = 0;
  virtual absl::StatusOr<std::optional<StoredRecord>> FindRelease(
      const std::string& identity, const std::string& request_id) = 0;
  // The same for each of many, in their order.
  virtual absl::StatusOr<std::vector<std::optional<StoredRecord>>> FindReleases(
      const std::vector<ReleaseKey>& keys) {
    std::vector<std::optional<StoredRecord>> found;
    for (const auto& [identity, request_id] : keys) {
      absl::StatusOr<std::optional<StoredRecord>> one =
          FindRelease(identity, request_id);
      if (!one.ok()) return one.status();
      found.push_back(*std::move(one));
    }
    return found;
  }
  // The newest release of a target.
  virtual absl::StatusOr<std::optional<StoredRecord>> LastRelease(
      const std::string& target) = 0;
  // Every entry with this subject, oldest first; none for an empty one.
  virtual absl::StatusOr<std::vector<StoredRecord>> About(
      const std::string& subject) = 0;
  // The newest entry of this kind and decision about a key.
  virtual absl::StatusOr<std::optional<StoredRecord>> LastOfKey(
      const std::string& key, int kind, int decision) = 0;
  // In the order asked for; NOT_FOUND when one is missing.
  virtual absl::StatusOr<std::vector<TreeHash>> Nodes(
      const std::vector<NodeId>& wanted) = 0;
  // Of the policy entries with the highest version, the newest; nothing before
  // the first one.
  virtual absl::StatusOr<std::optional<StoredRecord>> HighestPolicy() = 0;
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_STORE_H_
