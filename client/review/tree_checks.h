// Whether the entries are those that were hashed into the tree: the root of the
// signed checkpoint, and whatever was seen of the log before.
#ifndef BOOTSEAL_CLIENT_REVIEW_TREE_CHECKS_H_
#define BOOTSEAL_CLIENT_REVIEW_TREE_CHECKS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/cli/tree_builder.h"
#include "client/review/finding.h"
#include "firmware/image/transparency/merkle.h"

namespace bootseal::review {

// A checkpoint whose signature was good.
struct KnownCheckpoint {
  std::string name;  // "the checkpoint seen before", "receipt app.receipt"
  std::uint64_t size = 0;
  image::transparency::TreeHash root{};
};

// What a receipt proves of its entry.
struct KnownEntry {
  std::string name;
  std::uint64_t index = 0;
  image::transparency::TreeHash leaf{};
};

// Not thread-safe.
class TreeChecks {
 public:
  // `head` is the log's own newest checkpoint. Of what is beyond it the log
  // lacks entries: ROLLED_BACK.
  TreeChecks(KnownCheckpoint head, const std::vector<KnownCheckpoint>& seen,
             const std::vector<KnownEntry>& entries, Findings& findings);

  // In ascending order; a gap is ENTRY_MISSING.
  void Take(std::uint64_t index, absl::string_view entry, Findings& findings);
  void Finish(Findings& findings);

 private:
  void Compare(Findings& findings) const;
  void Missing(std::uint64_t before, Findings& findings);

  const KnownCheckpoint head_;
  std::multimap<std::uint64_t, KnownCheckpoint> seen_;
  std::multimap<std::uint64_t, KnownEntry> entries_;
  cli::TreeBuilder tree_;
  std::uint64_t next_ = 0;
  bool whole_ = true;  // so far; without it there is no root to compare
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_TREE_CHECKS_H_
