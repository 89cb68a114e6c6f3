// The one structure that a capsule's SignedData has. For its reader and its
// writer. Thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGNED_DATA_PARTS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGNED_DATA_PARTS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::image::host {

struct SignedDataParts {
  absl::string_view certificate;        // DER
  absl::string_view issuer_and_serial;  // DER
  absl::string_view attributes;  // DER, one after another, without a SET around
  absl::string_view signature;
};

std::string AssembleSignedData(const SignedDataParts& parts);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGNED_DATA_PARTS_H_
