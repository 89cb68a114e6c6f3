// RFC 6962 Merkle trees over SHA-256: hashing and proof verification.
//
//            root                leaf = H(0x00 || entry)
//           /    \               node = H(0x01 || left || right)
//        n01      n23            empty tree = H("")
//       /   \    /   \           n leaves split at the largest power of two
//      l0   l1  l2   l3          below n
//
// Source: RFC 6962 section 2.1; proof checks as in RFC 9162 section 2.1.3.2 and
// 2.1.4.2. Freestanding; thread-safe: free functions without state.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_MERKLE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_MERKLE_H_

#include <array>
#include <cstdint>
#include <span>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::image::transparency {

using TreeHash = std::array<std::byte, 32>;

TreeHash EmptyRoot();
TreeHash LeafHash(Bytes entry);
TreeHash NodeHash(const TreeHash& left, const TreeHash& right);

// kOk when `leaf` is at `index` of the tree of `size` leaves with `root`;
// kProofLength or kProofMismatch. `path` runs from the leaf's sibling upward.
Error VerifyInclusion(const TreeHash& leaf, std::uint64_t index,
                      std::uint64_t size, std::span<const TreeHash> path,
                      const TreeHash& root);

// The same with the path as bytes, whole hashes; kProofLength otherwise.
Error VerifyPath(const TreeHash& leaf, std::uint64_t index, std::uint64_t size,
                 Bytes path, const TreeHash& root);

// kOk when the tree of `second_size` extends the one of `first_size`. Equal
// sizes and first_size 0 need an empty path.
Error VerifyConsistency(std::uint64_t first_size, std::uint64_t second_size,
                        std::span<const TreeHash> path,
                        const TreeHash& first_root,
                        const TreeHash& second_root);

}  // namespace bootseal::image::transparency

#endif  // BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_MERKLE_H_
