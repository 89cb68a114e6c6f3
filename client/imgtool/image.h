// The bytes of an MCUboot image from the options of `sign`: pure functions, no
// file and no private key. Facts: mcuboot 1.1 to 1.6, 1.14, 7.1.
//
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_IMAGE_H_
#define BOOTSEAL_CLIENT_IMGTOOL_IMAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/intel_hex.h"
#include "client/imgtool/encryption.h"
#include "client/imgtool/key.h"
#include "client/imgtool/options.h"

namespace bootseal::imgtool {

// Whom an image names, and how it is hashed.
struct Signer {
  const KeyTraits* key = nullptr;  // null: nobody
  image::HashAlgorithm hash = image::HashAlgorithm::kSha256;
  std::string public_key;  // DER as the device compares it
  std::string key_hash;    // of it; 32 zero bytes for nobody
};

// `key` is null for nobody. OUT_OF_RANGE: KEY_CANNOT_SIGN; INVALID_ARGUMENT:
// HASH_NOT_ALLOWED (RSA and P-256 go with SHA-256, P-384 with SHA-384, Ed25519
// with SHA-256 or SHA-512), PURE_NOT_ALLOWED (Ed25519 alone).
absl::StatusOr<Signer> SignerOf(const SignOptions& options, const Key* key);

// What stands between header and protected area, and what else it changes.
struct Content {
  std::string payload;
  std::uint32_t flags = 0;  // of encryption and compression
  std::vector<CustomTlv> decompression;
  // Marked as encrypted, and neither encrypted nor given a content key: what
  // imgtool makes of -E when compression does not pay.
  bool left_unencrypted = false;
};

// Header, payload and protected area: what hash and signature cover.
// OUT_OF_RANGE (AREA_TOO_LARGE); INVALID_ARGUMENT (IMAGE_TOO_LARGE).
absl::StatusOr<std::string> WriteRange(const SignOptions& options,
                                       const Signer& signer,
                                       const Content& content);

// The unprotected area of `range`. An empty signature leaves the key out too;
// `encryption` may be null. AREA_TOO_LARGE.
absl::StatusOr<std::string> WriteTail(const SignOptions& options,
                                      const Signer& signer,
                                      absl::string_view range,
                                      absl::string_view signature,
                                      const Encryption* encryption);

// OK when the slot holds `image_bytes` and the trailer, or its size is 0.
// `encryption_tlv_bytes` is 0 for none. INVALID_ARGUMENT (IMAGE_TOO_LARGE)
// naming all three sizes.
absl::Status CheckSize(const SignOptions& options, std::size_t image_bytes,
                       std::size_t encryption_tlv_bytes);

// The whole slot; what is between image and trailer is erased. Of a slot of
// size 0 the trailer alone, right behind the image.
absl::StatusOr<std::string> Pad(const SignOptions& options, std::string image);

// The image and, when padding is asked for, the cells of the trailer that say
// something. `trailer` must outlive them: see TrailerOf().
absl::StatusOr<std::vector<cli::HexSegment>> HexSegments(
    const SignOptions& options, std::uint32_t address, absl::string_view image,
    absl::string_view trailer);

// The last bytes of the slot: image_ok's cell, if it is written, to the magic.
absl::StatusOr<std::string> TrailerOf(const SignOptions& options);

// What the output file holds, padded as asked for: raw bytes, or Intel HEX from
// `address` on when its name says so.
absl::StatusOr<std::string> FileContent(const SignOptions& options,
                                        std::optional<std::uint32_t> address,
                                        std::string image);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_IMAGE_H_
