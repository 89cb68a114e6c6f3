// ECDSA verification on P-256 with the multiples of the public key's point
// tabulated, as every library has them for the base point: half the time of a
// plain verification, once the table is there.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_P256_TABLE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_P256_TABLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/openssl.h"
#include "firmware/image/bytes.h"
#include "firmware/image/der.h"

namespace bootseal::image::host {

// Immutable and thread-safe.
class P256Table {
 public:
  // X || Y, 64 bytes, big endian. Takes about 20 ms and 150 KiB. Null when the
  // point is not on the curve.
  static std::unique_ptr<const P256Table> Make(Bytes point);

  // `digest` of 32 bytes. SEC 1 section 4.1.4.
  bool Verifies(Bytes digest, const EcdsaSignature& signature) const;

 private:
  struct Scalars;
  explicit P256Table(base::EcGroupPtr group) : group_(std::move(group)) {}
  bool SumMatches(const Scalars& scalars, BN_CTX* context) const;

  // P-256 with the key's point as its base point.
  const base::EcGroupPtr group_;
};

// The table of a key that has verified so many signatures that it pays: none
// for the few of a command line, one for all threads of a server.
class P256TableOfKey {
 public:
  // One object for each key, whoever asks; null when there are too many keys.
  static std::shared_ptr<P256TableOfKey> Of(Bytes point);

  // Null until the key is worth a table. Counts the uses.
  const P256Table* ForNextUse();

 private:
  explicit P256TableOfKey(Bytes point) : point_(point.begin(), point.end()) {}

  const std::vector<std::byte> point_;
  std::atomic<std::uint32_t> uses_ = 0;
  std::unique_ptr<const P256Table> table_;  // written before `ready_`
  std::atomic<const P256Table*> ready_ = nullptr;
};

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_P256_TABLE_H_
