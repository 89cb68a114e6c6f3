#include "client/cli/tree_builder.h"

#include "firmware/image/host/convert.h"

namespace bootseal::cli {

namespace transparency = image::transparency;

void TreeBuilder::Append(absl::string_view entry) {
  transparency::TreeHash hash =
      transparency::LeafHash(image::host::AsBytes(entry));
  for (std::uint64_t rest = size_; rest & 1; rest >>= 1) {
    hash = transparency::NodeHash(edge_.back(), hash);
    edge_.pop_back();
  }
  edge_.push_back(hash);
  ++size_;
}

transparency::TreeHash TreeBuilder::Root() const {
  if (edge_.empty()) return transparency::EmptyRoot();
  transparency::TreeHash root = edge_.back();
  for (std::size_t i = edge_.size() - 1; i > 0; --i) {
    root = transparency::NodeHash(edge_[i - 1], root);
  }
  return root;
}

}  // namespace bootseal::cli
