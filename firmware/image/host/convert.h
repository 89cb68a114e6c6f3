// Between the freestanding vocabulary of firmware/image and the host's.
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_CONVERT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_CONVERT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/bytes.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/result.h"

namespace bootseal::image::host {

inline Bytes AsBytes(absl::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string ToString(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The one mapping from the verifier's codes: kOk is OK, everything else is
// FAILED_PRECONDITION with the code's name as reason (for example
// "BOOT_RECORD_MISSING") and its text as message.
absl::Status ToStatus(Error error);

// "BOOT_RECORD_MISSING" for Error::kBootRecordMissing.
std::string NameOf(Error error);

// "1.2.3+4", "1.2" or "1"; imgtool's grammar without leading zeros. Components
// beyond their field are refused by name.
absl::StatusOr<mcuboot::Version> ParseVersion(absl::string_view text);
// Always "major.minor.revision", with "+build" when it is not 0.
std::string FormatVersion(const mcuboot::Version& version);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_CONVERT_H_
