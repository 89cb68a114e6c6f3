// Metadata of one FIP in two banks, and what other tools made of it. Facts:
// fwu 1.4. Rows of mkfwumdata and fwumd_tool are those tools' output.
#ifndef BOOTSEAL_TESTS_FIRMWARE_IMAGE_FWU_METADATA_CASE_H_
#define BOOTSEAL_TESTS_FIRMWARE_IMAGE_FWU_METADATA_CASE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "firmware/image/fwu/metadata.h"

namespace bootseal::tests {

struct MetadataVector {
  const char* what;
  std::uint32_t version;
  std::uint32_t active;
  std::uint32_t previous;
  image::fwu::BankState states[2];
  bool accepted[2];
  const char* vendor;
  std::size_t size;
  const char* crc;  // hex, in file order
};

const std::vector<MetadataVector>& MetadataVectors();

image::fwu::Metadata MetadataOf(const MetadataVector& vector);
// Two banks and one image, accepted both.
image::fwu::Metadata FactoryMetadata(std::uint32_t version);
// Any counts; every GUID another.
image::fwu::Metadata MetadataWith(std::uint32_t version,
                                  image::fwu::Geometry geometry);

// Expects that it can be written.
std::string Written(const image::fwu::Metadata& metadata,
                    const std::string& vendor = "");
// The same bytes with a CRC that fits.
std::string Sealed(std::string bytes, std::size_t size);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_IMAGE_FWU_METADATA_CASE_H_
