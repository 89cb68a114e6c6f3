#include "server/audit/load.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "server/audit/proof.h"

namespace bootseal::audit {
namespace {

absl::Status Corrupt(absl::string_view what) {
  return base::Precondition(
      "LOG_CORRUPT", absl::StrCat(what, "; restore the log from a copy"));
}

// The newest entry is the tree's last leaf, and nothing comes after it.
absl::Status CheckLastEntry(Store& store, std::uint64_t size) {
  if (!absl::IsNotFound(store.Get(size).status())) {
    return Corrupt(
        absl::StrCat("there is an entry ", size, " beyond the stored head"));
  }
  if (size == 0) return absl::OkStatus();
  const absl::StatusOr<std::string> entry = store.Get(size - 1);
  const absl::StatusOr<std::vector<TreeHash>> leaf =
      store.Nodes({{0, size - 1}});
  if (entry.ok() && leaf.ok() &&
      image::transparency::LeafHash(image::host::AsBytes(*entry)) ==
          leaf->front()) {
    return absl::OkStatus();
  }
  return Corrupt(absl::StrCat("entry ", size - 1, " is not what was hashed"));
}

}  // namespace

absl::StatusOr<Tree> LoadTree(Store& store) {
  ASSIGN_OR_RETURN(const Head head, store.NewestHead());
  ASSIGN_OR_RETURN(Tree tree, LoadEdge(store, head));
  RETURN_IF_ERROR(CheckLastEntry(store, head.size));
  return tree;
}

absl::StatusOr<Tree> LoadEdge(Store& store, const Head& head) {
  const absl::StatusOr<std::vector<TreeHash>> frontier =
      store.Nodes(Frontier(head.size));
  // What keeps the store from answering is not what is wrong with it.
  if (!frontier.ok() && !absl::IsNotFound(frontier.status()) &&
      base::ReasonOf(frontier.status()) != "LOG_CORRUPT") {
    return frontier.status();
  }
  if (!frontier.ok() || Fold(*frontier) != head.root) {
    return Corrupt(absl::StrCat("the stored head of ", head.size,
                                " entries is not the root of the stored "
                                "nodes"));
  }
  return Tree(head.size, *frontier);
}

absl::Status CheckContinues(Store& store, const Head& before,
                            const Head& after) {
  if (after.size < before.size) {
    return base::Precondition(
        "LOG_WENT_BACK",
        absl::StrCat("the log has ", after.size, " entries and had ",
                     before.size,
                     ": its database has lost what was acknowledged"));
  }
  ASSIGN_OR_RETURN(
      const std::vector<TreeHash> proof,
      Carry(PlanConsistency(before.size, after.size), NodeCache(store)));
  if (before.size == 0 || image::transparency::VerifyConsistency(
                              before.size, after.size, proof, before.root,
                              after.root) == image::Error::kOk) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "LOG_INCONSISTENT",
      absl::StrCat("the log of ", after.size, " entries does not begin with ",
                   "the ", before.size, " that this server has signed for"));
}

}  // namespace bootseal::audit
