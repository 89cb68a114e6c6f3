#include "server/trust/metadata_reader.h"

namespace bootseal::trust {

using image::host::MetadataReader;

std::optional<MetadataReader> ToImage(v1::MetadataReader reader) {
  switch (reader) {
    case v1::BOOTSEAL_BOOT:
      return MetadataReader::kBootseal;
    case v1::TF_A_2_10:
      return MetadataReader::kTfA210;
    case v1::TF_A_2_11:
      return MetadataReader::kTfA211;
    case v1::TF_A_2_16:
      return MetadataReader::kTfA216;
    case v1::U_BOOT_V1:
      return MetadataReader::kUBootV1;
    case v1::U_BOOT_V2:
      return MetadataReader::kUBootV2;
    case v1::TRUSTED_SERVICES:
      return MetadataReader::kTrustedServices;
    case v1::EDK2:
      return MetadataReader::kEdk2;
    default:  // unspecified, of a later version, and protobuf's sentinels
      return std::nullopt;
  }
}

}  // namespace bootseal::trust
