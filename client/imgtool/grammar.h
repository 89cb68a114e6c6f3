// What imgtool's options hold besides names and numbers.
//
// Errors name the option: INVALID_ARGUMENT for what has not the form,
// OUT_OF_RANGE (message.h) for a number that does not fit, digits that are none
// and names that nobody can place. Thread-safe: free functions
// without state.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_GRAMMAR_H_
#define BOOTSEAL_CLIENT_IMGTOOL_GRAMMAR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/writer.h"

namespace bootseal::imgtool {

// A 32-bit number, or "auto" for major << 24 | minor << 16 | revision.
// SECURITY_COUNTER_INVALID.
absl::StatusOr<std::uint32_t> ParseSecurityCounter(
    absl::string_view text, const image::mcuboot::Version& version);

// "(1,1.2.3+4),(2,1.0)": an image id below 256 and the least version. imgtool
// overlooks what is outside the parentheses; here it is an error.
// DEPENDENCIES_INVALID.
absl::StatusOr<std::vector<image::mcuboot::Dependency>> ParseDependencies(
    absl::string_view text);

// The number of a vendor TLV, 0xa0 to 0xfffe. CUSTOM_TLV_TYPE.
absl::StatusOr<std::uint16_t> ParseTlvType(absl::string_view text);

// "0x" and pairs of hexadecimal digits are bytes; other text is itself.
// CUSTOM_TLV_VALUE.
absl::StatusOr<std::string> ParseTlvValue(absl::string_view text);

// 16 bytes: a UUID with or without dashes as it is, any other printable text as
// a name (UUID version 5) in the namespace of DNS. VID_INVALID.
absl::StatusOr<std::string> ParseVendorUuid(absl::string_view text);

// The same in the namespace of `vendor`, of 16 bytes or empty: a name needs
// one. CID_INVALID.
absl::StatusOr<std::string> ParseClassUuid(absl::string_view text,
                                           absl::string_view vendor);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_GRAMMAR_H_
