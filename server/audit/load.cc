#include "server/audit/load.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"

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
  const absl::StatusOr<std::vector<TreeHash>> frontier =
      store.Nodes(Frontier(head.size));
  if (!frontier.ok() || Fold(*frontier) != head.root) {
    return Corrupt(absl::StrCat("the stored head of ", head.size,
                                " entries is not the root of the stored "
                                "nodes"));
  }
  RETURN_IF_ERROR(CheckLastEntry(store, head.size));
  return Tree(head.size, *frontier);
}

}  // namespace bootseal::audit
