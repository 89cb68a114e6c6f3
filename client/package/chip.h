// The chips as commands name them. Thread-safe.
#ifndef BOOTSEAL_CLIENT_PACKAGE_CHIP_H_
#define BOOTSEAL_CLIENT_PACKAGE_CHIP_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/host/stm32_chip.h"

namespace bootseal::package {

using ChipKind = image::host::Stm32Chip;

// Ends with usage: CHIP.
absl::StatusOr<const ChipKind*> FindChip(absl::string_view name);

// Bytes of `digits`, hexadecimal in either case. Ends with usage: KEY_HASH.
absl::StatusOr<std::string> ParseKeyHash(absl::string_view digits,
                                         std::size_t bytes);

}  // namespace bootseal::package

#endif  // BOOTSEAL_CLIENT_PACKAGE_CHIP_H_
