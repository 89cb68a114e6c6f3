#include "firmware/image/transparency/merkle.h"

#include "firmware/image/crypto.h"
#include "firmware/image/hardened.h"

namespace bootseal::image::transparency {
namespace {

constexpr std::array<std::byte, 1> kLeafPrefix{std::byte{0x00}};
constexpr std::array<std::byte, 1> kNodePrefix{std::byte{0x01}};

TreeHash Finish(Hash& hash) {
  TreeHash result{};
  Copy(hash.Finish().bytes(), result);
  return result;
}

Error SameRoot(const TreeHash& a, const TreeHash& b) {
  return Same(a, b, Error::kProofMismatch);
}

constexpr bool IsPowerOfTwo(std::uint64_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

// Climbs from a node towards the root of a tree whose last node on this level
// is `last`. Left siblings join the earlier tree as well: what the consistency
// proof shows.
struct Climb {
  std::uint64_t index;
  std::uint64_t last;

  bool AtRoot() const { return last == 0; }
  // True when the next sibling is on the left. Skips the levels on which a last
  // node has no sibling.
  bool SiblingIsLeft() {
    if ((index & 1) == 0 && index != last) return false;
    while ((index & 1) == 0 && index != 0) Up();
    return true;
  }
  void Up() {
    index >>= 1;
    last >>= 1;
  }
};

}  // namespace

TreeHash EmptyRoot() {
  Hash hash(HashAlgorithm::kSha256);
  return Finish(hash);
}

TreeHash LeafHash(Bytes entry) {
  Hash hash(HashAlgorithm::kSha256);
  return Finish(hash.Update(kLeafPrefix).Update(entry));
}

TreeHash NodeHash(const TreeHash& left, const TreeHash& right) {
  Hash hash(HashAlgorithm::kSha256);
  return Finish(hash.Update(kNodePrefix).Update(left).Update(right));
}

Error VerifyPath(const TreeHash& leaf, std::uint64_t index, std::uint64_t size,
                 Bytes path, const TreeHash& root) {
  if (index >= size) return Error::kProofMismatch;
  if (path.size() % leaf.size() != 0) return Error::kProofLength;
  Climb climb{index, size - 1};
  TreeHash hash = leaf;
  while (!path.empty()) {
    if (climb.AtRoot()) return Error::kProofLength;
    TreeHash sibling{};
    Copy(path.first(sibling.size()), sibling);
    path = path.subspan(sibling.size());
    hash = climb.SiblingIsLeft() ? NodeHash(sibling, hash)
                                 : NodeHash(hash, sibling);
    climb.Up();
  }
  if (!climb.AtRoot()) return Error::kProofLength;
  return SameRoot(hash, root);
}

Error VerifyInclusion(const TreeHash& leaf, std::uint64_t index,
                      std::uint64_t size, std::span<const TreeHash> path,
                      const TreeHash& root) {
  return VerifyPath(leaf, index, size, std::as_bytes(path), root);
}

Error VerifyConsistency(std::uint64_t first_size, std::uint64_t second_size,
                        std::span<const TreeHash> path,
                        const TreeHash& first_root,
                        const TreeHash& second_root) {
  if (first_size > second_size) return Error::kProofMismatch;
  if (first_size == 0 || first_size == second_size) {
    if (!path.empty()) return Error::kProofLength;
    return SameRoot(first_root, first_size == 0 ? EmptyRoot() : second_root);
  }
  // Both trees share complete subtrees; start at the largest one at the right
  // edge of the first tree. If it is that whole tree, its root is known and the
  // proof leaves it out.
  Climb climb{first_size - 1, second_size - 1};
  while ((climb.index & 1) == 1) climb.Up();
  TreeHash first = first_root;
  if (!IsPowerOfTwo(first_size)) {
    if (path.empty()) return Error::kProofLength;
    first = path.front();
    path = path.subspan(1);
  }
  TreeHash second = first;
  for (const TreeHash& sibling : path) {
    if (climb.AtRoot()) return Error::kProofLength;
    if (climb.SiblingIsLeft()) {
      first = NodeHash(sibling, first);
      second = NodeHash(sibling, second);
    } else {
      second = NodeHash(second, sibling);
    }
    climb.Up();
  }
  if (!climb.AtRoot()) return Error::kProofLength;
  BOOTSEAL_TRY(SameRoot(first, first_root));
  return SameRoot(second, second_root);
}

}  // namespace bootseal::image::transparency
