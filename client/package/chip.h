// The chips by name, and how a key's hash stands in each. Thread-safe.
// Source: facts: fwu 4.3, 5.6.
#ifndef BOOTSEAL_CLIENT_PACKAGE_CHIP_H_
#define BOOTSEAL_CLIENT_PACKAGE_CHIP_H_

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/certificate/public_key.h"
#include "firmware/image/stm32/header.h"

namespace bootseal::package {

struct ChipKind {
  const char* name;  // "stm32mp15"
  image::stm32::Version header;
  // Of the root key that BL2 demands of certificates.
  image::certificate::KeyHashForm root_hash;
};

std::span<const ChipKind> ChipKinds();

// Ends with usage: CHIP.
absl::StatusOr<const ChipKind*> FindChip(absl::string_view name);

// Bytes of `digits`, hexadecimal in either case. Ends with usage: KEY_HASH.
absl::StatusOr<std::string> ParseKeyHash(absl::string_view digits,
                                         std::size_t bytes);

}  // namespace bootseal::package

#endif  // BOOTSEAL_CLIENT_PACKAGE_CHIP_H_
