#include "client/review/tree_checks.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"

namespace bootseal::review {
namespace {

namespace transparency = image::transparency;

std::string Base64(const transparency::TreeHash& hash) {
  return absl::Base64Escape(image::host::ToString(hash));
}

std::string Disagree(const KnownCheckpoint& with,
                     const transparency::TreeHash& root) {
  return absl::StrCat("the first ", with.size, " entries lead to root ",
                      Base64(root), ", ", with.name, " says ",
                      Base64(with.root));
}

}  // namespace

TreeChecks::TreeChecks(KnownCheckpoint head,
                       const std::vector<KnownCheckpoint>& seen,
                       const std::vector<KnownEntry>& entries,
                       Findings& findings)
    : head_(std::move(head)) {
  for (const KnownCheckpoint& each : seen) {
    if (each.size <= head_.size) {
      seen_.emplace(each.size, each);
      continue;
    }
    findings.Add(FindingClass::kRolledBack, "ROLLED_BACK",
                 absl::StrCat("the log has ", head_.size, " entries, ",
                              each.name, " speaks of ", each.size));
  }
  // Of a receipt from beyond the end its checkpoint tells.
  for (const KnownEntry& each : entries) entries_.emplace(each.index, each);
  if (next_ == 0) Compare(findings);
}

void TreeChecks::Missing(std::uint64_t before, Findings& findings) {
  whole_ = false;
  const std::uint64_t last = before - 1;
  findings.Add(
      {FindingClass::kTree, Weight::kFinding, next_, "ENTRY_MISSING",
       next_ == last
           ? absl::StrCat("missing; the checkpoint speaks of ", head_.size)
           : absl::StrCat("missing, and all up to ", last,
                          "; the checkpoint speaks of ", head_.size)});
}

void TreeChecks::Take(std::uint64_t index, absl::string_view entry,
                      Findings& findings) {
  if (index != next_) Missing(index, findings);
  next_ = index + 1;
  const auto [first, last] = entries_.equal_range(index);
  for (auto known = first; known != last; ++known) {
    if (known->second.leaf ==
        transparency::LeafHash(image::host::AsBytes(entry))) {
      continue;
    }
    findings.Add({FindingClass::kConsistency, Weight::kFinding, index,
                  "ENTRY_DIFFERS",
                  absl::StrCat("not the entry that ", known->second.name,
                               " was given for")});
  }
  if (!whole_) return;
  tree_.Append(entry);
  Compare(findings);
}

void TreeChecks::Compare(Findings& findings) const {
  const auto [first, last] = seen_.equal_range(tree_.size());
  for (auto known = first; known != last; ++known) {
    const auto root = tree_.Root();
    if (root == known->second.root) continue;
    findings.Add(FindingClass::kConsistency, "LOG_INCONSISTENT",
                 Disagree(known->second, root));
  }
}

void TreeChecks::Finish(Findings& findings) {
  if (next_ < head_.size) Missing(head_.size, findings);
  if (!whole_) {
    for (const auto& [size, known] : seen_) {
      if (size <= tree_.size()) continue;
      findings.Add(FindingClass::kConsistency, "LOG_INCOMPLETE",
                   absl::StrCat("with entries missing nothing shows that the "
                                "log continues ",
                                known.name));
    }
    return;
  }
  const auto root = tree_.Root();
  if (root == head_.root) return;
  findings.Add(FindingClass::kTree, "LOG_INCONSISTENT", Disagree(head_, root));
}

}  // namespace bootseal::review
