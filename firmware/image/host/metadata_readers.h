// Who reads FWU metadata, and what each of them refuses that another takes: one
// table, checked before metadata is issued. Facts: fwu 1.8. Thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_METADATA_READERS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_METADATA_READERS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "firmware/image/fwu/metadata.h"

namespace bootseal::image::host {

enum class MetadataReader {
  kBootseal,  // versions 1 and 2
  kTfA210,    // TF-A up to 2.10: version 1 alone
  kTfA211,    // TF-A 2.11 to 2.15: version 2 alone, exact counts
  kTfA216,    // later ones
  kUBootV1,   // U-Boot built for version 1
  kUBootV2,   // and for version 2
  kTrustedServices,
  kEdk2,
};

// "tf-a-2.10", "u-boot-v2", ...; nullopt for another word.
std::optional<MetadataReader> ParseReader(absl::string_view word);
std::string NameOf(MetadataReader reader);
std::vector<MetadataReader> AllReaders();

// FAILED_PRECONDITION (METADATA_UNREADABLE) naming the reader, the field, its
// value, what the reader takes, and what to do.
absl::Status CheckReadableBy(MetadataReader reader,
                             const fwu::Metadata& metadata,
                             std::size_t vendor_bytes);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_METADATA_READERS_H_
