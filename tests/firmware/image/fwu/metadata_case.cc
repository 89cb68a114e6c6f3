#include "tests/firmware/image/fwu/metadata_case.h"

#include <gtest/gtest.h>

#include <array>

#include "firmware/image/crc32.h"
#include "firmware/image/host/convert.h"

namespace bootseal::tests {

using image::Guid;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::ToString;
using namespace image::fwu;

namespace {

constexpr BankState kFF = BankState::kInvalid;
constexpr BankState kFE = BankState::kValid;
constexpr BankState kFC = BankState::kAccepted;

Guid NumberedGuid(std::uint16_t image, std::uint16_t what) {
  return image::MakeGuid(0xb0075ea1, image, what, 0x8001, 0x123456789abc);
}

}  // namespace

const std::vector<MetadataVector>& MetadataVectors() {
  static const auto* vectors = new std::vector<MetadataVector>{
      {"mkfwumdata, version 1",
       1,
       0,
       1,
       {kFC, kFC},
       {true, true},
       "",
       96,
       "d8bf8880"},
      {"fwumd_tool, default",
       0,
       0,
       1,
       {kFC, kFE},
       {true, false},
       "",
       96,
       "779c385c"},
      {"version 1, staging",
       1,
       0,
       0,
       {kFC, kFE},
       {true, false},
       "",
       96,
       "891f2116"},
      {"version 1, trial",
       1,
       1,
       0,
       {kFC, kFE},
       {true, false},
       "",
       96,
       "9057e441"},
      {"version 1, accepted",
       1,
       1,
       0,
       {kFC, kFC},
       {true, true},
       "",
       96,
       "0e574e8d"},
      {"mkfwumdata, version 2",
       2,
       0,
       1,
       {kFC, kFC},
       {true, true},
       "",
       120,
       "0ce40cc0"},
      {"mkfwumdata -V",
       2,
       0,
       1,
       {kFC, kFC},
       {true, true},
       "VEND!",
       125,
       "acf2a147"},
      {"factory, B empty",
       2,
       0,
       1,
       {kFC, kFF},
       {true, false},
       "",
       120,
       "66e600a6"},
      {"staging", 2, 0, 0, {kFC, kFF}, {true, false}, "", 120, "de264a60"},
      {"trial", 2, 1, 0, {kFC, kFE}, {true, false}, "", 120, "4d17d037"},
      {"accepted", 2, 1, 0, {kFC, kFC}, {true, true}, "", 120, "8b14be37"},
      {"rolled back by its indices",
       2,
       0,
       1,
       {kFC, kFE},
       {true, false},
       "",
       120,
       "cae762c0"},
  };
  return *vectors;
}

Metadata MetadataOf(const MetadataVector& vector) {
  Metadata metadata;
  metadata.version = vector.version;
  metadata.active = vector.active;
  metadata.previous = vector.previous;
  metadata.states[0] = vector.states[0];
  metadata.states[1] = vector.states[1];
  metadata.images[0].type = image::guids::kFip;
  metadata.images[0].banks[0] = {image::guids::kFipA, vector.accepted[0]};
  metadata.images[0].banks[1] = {image::guids::kFipB, vector.accepted[1]};
  return metadata;
}

Metadata FactoryMetadata(std::uint32_t version) {
  return MetadataOf({"", version, 0, 1, {kFC, kFC}, {true, true}, "", 0, ""});
}

Metadata MetadataWith(std::uint32_t version, Geometry geometry) {
  Metadata metadata;
  metadata.version = version;
  metadata.geometry = geometry;
  metadata.previous = geometry.banks - 1u;
  for (std::uint16_t i = 0; i < geometry.images; ++i) {
    metadata.images[i].type = NumberedGuid(i, 100);
    metadata.images[i].location = NumberedGuid(i, 101);
    for (std::uint16_t b = 0; b < geometry.banks; ++b) {
      metadata.images[i].banks[b] = {NumberedGuid(i, b), true};
    }
  }
  for (std::uint16_t b = 0; b < geometry.banks; ++b) metadata.states[b] = kFC;
  return metadata;
}

std::string Written(const Metadata& metadata, const std::string& vendor) {
  std::array<std::byte, 2048> buffer;
  const auto written = WriteMetadata(metadata, AsBytes(vendor), buffer);
  EXPECT_TRUE(written.ok()) << NameOf(written.error());
  return ToString(*written);
}

std::string Sealed(std::string bytes, std::size_t size) {
  const std::uint32_t crc =
      image::Crc32Of(AsBytes(bytes).first(size).subspan(4));
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[i] = static_cast<char>(crc >> 8 * i & 0xff);
  }
  return bytes;
}

}  // namespace bootseal::tests
