// TF-M's layout files: C after the preprocessor (signing_layout_s.o, made with
// -E), in which an enumeration tells the slot. Facts: mcuboot 4.1.
#ifndef BOOTSEAL_CLIENT_TFM_LAYOUT_H_
#define BOOTSEAL_CLIENT_TFM_LAYOUT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::tfm {

struct LayoutValue {
  std::uint32_t value = 0;
  std::size_t line = 0;  // from 1
};

struct Layout {
  std::optional<LayoutValue> slot_size;     // RE_SIGN_BIN_SIZE, bytes
  std::optional<LayoutValue> load_address;  // RE_IMAGE_LOAD_ADDRESS
  std::optional<LayoutValue> rom_fixed;     // RE_IMAGE_ROM_FIXED
};

// INVALID_ARGUMENT: LAYOUT_OBJECT (compiled, not preprocessed), LAYOUT_TWICE
// (one name with two values), LAYOUT_RANGE (not of 32 bits without sign), the
// errors of expression.h with the name and the line. Thread-safe.
absl::StatusOr<Layout> ParseLayout(absl::string_view text);

// The errors name the file; and those of base/file.h.
absl::StatusOr<Layout> LoadLayout(const std::string& path);

// Of the boot record, from the file's name: "SPE" for signing_layout_s.o,
// "NSPE" for ..._ns.o, "NSPE_SPE" for ..._s_ns.o and any other.
std::string SoftwareTypeOf(absl::string_view path);

// As TF-M's wrapper has it, which looks for "_s.o", then "_ns.o" anywhere in
// the path, and so takes the combined image for the non-secure one.
std::string WrapperSoftwareTypeOf(absl::string_view path);

}  // namespace bootseal::tfm

#endif  // BOOTSEAL_CLIENT_TFM_LAYOUT_H_
