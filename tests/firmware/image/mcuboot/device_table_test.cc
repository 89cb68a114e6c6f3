// A device links the rules that matter to its images: it takes and refuses
// exactly what the whole table does.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/device_rules.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "tests/support/test_image.h"

namespace bootseal::image::mcuboot {

constexpr std::array<std::byte, 32> kSomeHash{};

// As TestTarget has them, and nothing beside.
constexpr Rules kPlain{.key_format = KeyFormat::kFull,
                       .public_key = {},
                       .key_hash = kSomeHash,
                       .header_size = 0x20,
                       .slot_size = 0x10000,
                       .security_counter = Presence::kForbidden,
                       .boot_record = Presence::kForbidden,
                       .software_type = {},
                       .dependency = Presence::kForbidden};
constexpr Rules kStrict{.key_format = KeyFormat::kFull,
                        .public_key = {},
                        .key_hash = kSomeHash,
                        .header_size = 0x20,
                        .slot_size = 0x10000,
                        .security_counter = Presence::kRequired,
                        .boot_record = Presence::kRequired,
                        .software_type = {}};

}  // namespace bootseal::image::mcuboot

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;
using namespace image::mcuboot;

bool AllHold(std::span<const Rule> table, const Rules& rules,
             const Facts& facts) {
  for (const Rule& rule : table) {
    if (Ask(rule, rules, facts) != Error::kOk) return false;
  }
  return true;
}

// Signed by the target's key, each with something that some rule is about.
std::vector<ImageParts> Variants(const TestTarget& target,
                                 const ProtectedTlvs& tlvs) {
  const ImageParts parts = MakeParts(target, TestPayload(256), tlvs);
  std::vector<ImageParts> variants{parts};
  for (unsigned bit = 0; bit < 32; ++bit) {
    variants.push_back(parts);
    variants.back().header.flags ^= std::uint32_t{1} << bit;
  }
  std::vector<RawTlv> carried;
  for (const Tlv& tlv : Tlvs(AsBytes(parts.protected_area))) {
    carried.push_back({tlv.type, image::host::ToString(tlv.value)});
  }
  for (unsigned type = 0; type < 0xa2; ++type) {
    for (const std::size_t size : {0, 1, 4, 12, 16, 32}) {
      const RawTlv added{static_cast<std::uint16_t>(type),
                         std::string(size, '\1')};
      std::vector<RawTlv> all = carried;
      all.push_back(added);
      variants.push_back(parts);
      variants.back().protected_area = Area(kProtectedMagic, all);
    }
  }
  for (ImageParts& variant : variants) SignAgain(target, variant);
  for (unsigned type = 0; type < 0xa2; ++type) {
    variants.push_back(parts);
    variants.back().unprotected.push_back(
        {static_cast<std::uint16_t>(type), std::string(1, '\1')});
  }
  return variants;
}

void Compare(std::span<const Rule> linked, const Rules& wanted,
             const ProtectedTlvs& tlvs) {
  TestTarget target(SharedKey(Algorithm::kP256));
  target.rules.security_counter = wanted.security_counter;
  target.rules.boot_record = wanted.boot_record;
  target.rules.dependency = wanted.dependency;
  std::vector<Rule> all(HeaderRules().begin(), HeaderRules().end());
  all.insert(all.end(), ImageRules().begin(), ImageRules().end());
  EXPECT_LT(linked.size(), all.size());
  int taken = 0, refused = 0;
  for (const ImageParts& parts : Variants(target, tlvs)) {
    const std::string image = Join(parts);
    const Reading reading = ReadImage(AsBytes(image), target.rules.hash);
    if (reading.error != Error::kOk) continue;
    const bool holds = AllHold(all, target.rules, reading.facts);
    EXPECT_EQ(AllHold(linked, target.rules, reading.facts), holds);
    (holds ? taken : refused) += 1;
  }
  EXPECT_GT(taken, 0);
  EXPECT_GT(refused, 200);
}

TEST(RulesOfADevice, TakeAndRefuseWhatAllRulesDo) {
  Compare(DeviceRules<kPlain>::kTable.all, kPlain, {});
  ProtectedTlvs tlvs;
  tlvs.has_security_counter = true;
  tlvs.security_counter = 1;
  tlvs.software_type = AsBytes("SPE");
  Compare(DeviceRules<kStrict>::kTable.all, kStrict, tlvs);
}

TEST(RulesOfADevice, WithTwoImagesAreThoseOfBoth) {
  EXPECT_EQ((DeviceRules<kPlain, kStrict>::kTable.all.size()),
            (DeviceRules<kStrict, kPlain>::kTable.all.size()));
  EXPECT_GT((DeviceRules<kPlain, kStrict>::kTable.all.size()),
            DeviceRules<kStrict>::kTable.all.size());
}

TEST(RulesOfADevice, HaveTheNumbersThatTheSumsComeTo) {
  EXPECT_EQ(DeviceRules<kPlain>::MaxImageEnd(kPlain), MaxImageEnd(kPlain));
  EXPECT_EQ(DeviceRules<kPlain>::LayOutTrailer(kPlain), LayOutTrailer(kPlain));
  EXPECT_EQ(DeviceRules<kPlain>::TrailerMagic(kPlain), TrailerMagic(kPlain));
}

}  // namespace
}  // namespace bootseal::tests
