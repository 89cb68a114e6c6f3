// The root of a log, leaf by leaf, in constant memory.
#ifndef BOOTSEAL_CLIENT_CLI_TREE_BUILDER_H_
#define BOOTSEAL_CLIENT_CLI_TREE_BUILDER_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "firmware/image/transparency/merkle.h"

namespace bootseal::cli {

// Keeps one hash for each complete subtree on the right edge: one for each bit
// set in the size. Not thread-safe.
class TreeBuilder {
 public:
  void Append(absl::string_view entry);
  std::uint64_t size() const { return size_; }
  image::transparency::TreeHash Root() const;

 private:
  std::vector<image::transparency::TreeHash> edge_;  // largest first
  std::uint64_t size_ = 0;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_TREE_BUILDER_H_
