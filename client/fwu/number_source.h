// A number of the device that the bootloader keeps, by where it is:
//
//   file:PATH           a number in text, decimal or with 0x
//   binary:PATH@OFFSET  32 bits, little-endian: nvmem (for example
//                       /sys/bus/nvmem/devices/.../nvmem), an image of memory
//   devmem:ADDRESS      a 32-bit register, through /dev/mem
//
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_FWU_NUMBER_SOURCE_H_
#define BOOTSEAL_CLIENT_FWU_NUMBER_SOURCE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::fwu {

// INVALID_ARGUMENT (SOURCE_INVALID): none of the three.
absl::Status CheckNumberSource(absl::string_view name,
                               const std::string& source);
// As that, FILE_NOT_FOUND, FILE_UNREADABLE, and FAILED_PRECONDITION
// (NUMBER_INVALID) for a text that is no number of 32 bits.
absl::StatusOr<std::uint32_t> ReadNumber(absl::string_view name,
                                         const std::string& source);

// Into `binary:` and `devmem:` alone; as ReadNumber, and FAILED_PRECONDITION
// (FILE_UNWRITABLE) also when it does not read back.
absl::Status WriteNumber(absl::string_view name, const std::string& source,
                         std::uint32_t value);

// Decimal, or hexadecimal with 0x.
std::optional<std::uint64_t> ParseNumber(absl::string_view text);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_NUMBER_SOURCE_H_
