// The shared area's encoder: what it takes, what it refuses, and that it leaves
// nothing half written.
#include "firmware/boot/shared_data.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "firmware/boot/measured_boot.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/header.h"
#include "firmware/image/mcuboot/verifier.h"
#include "tests/support/signing_key.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using boot::SharedData;
using image::Algorithm;
using image::Error;
using image::HashAlgorithm;
using image::Verified;
using image::host::AsBytes;
using image::host::ToString;

std::string Hex(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

class SharedDataArea : public testing::Test {
 protected:
  std::string First(std::size_t size) const {
    return ToString(image::Bytes(area_)).substr(0, size);
  }
  image::MutableBytes area(std::size_t size) {
    area_.fill(std::byte{0xa5});
    return image::MutableBytes(area_).first(size);
  }

  std::array<std::byte, 256> area_{};
};

TEST_F(SharedDataArea, BeginsWithMagicAndItsOwnSizeAndZeros) {
  SharedData shared(area(16));
  EXPECT_EQ(First(17), Hex("16200400") + std::string(12, '\0') + "\xa5");
}

TEST_F(SharedDataArea, HoldsEntriesOneBehindTheOther) {
  SharedData shared(area(64));
  EXPECT_EQ(shared.AddByte(0x2001, 0x7f), Error::kOk);
  EXPECT_EQ(shared.Add(0x107f, AsBytes("abc")), Error::kOk);
  EXPECT_EQ(shared.AddWord(0x2010, 0x12345678), Error::kOk);
  EXPECT_EQ(First(28), Hex("16201800"
                           "01200100"
                           "7f"
                           "7f100300"
                           "616263"
                           "10200400"
                           "78563412") +
                           std::string(4, '\0'));
}

// Type: reader, image, claim (facts: mcuboot 3.6).
TEST_F(SharedDataArea, NumbersItsTypesAsMcubootDoes) {
  EXPECT_EQ(boot::shared_data::BootRecord(0), 0x103f);
  EXPECT_EQ(boot::shared_data::BootRecord(1), 0x107f);
  EXPECT_EQ(boot::shared_data::BootRecord(2), 0x10bf);
  EXPECT_EQ(boot::shared_data::Version(0), 0x2000);
  EXPECT_EQ(boot::shared_data::Version(1), 0x2040);
  EXPECT_EQ(boot::shared_data::SecurityCounter(1), 0x2011);
}

TEST_F(SharedDataArea, TakesAnEntryThatFillsItAndNoneThatIsLonger) {
  SharedData exact(area(12));
  EXPECT_EQ(exact.AddWord(0x2010, 1), Error::kOk);
  SharedData shared(area(11));
  EXPECT_EQ(shared.AddWord(0x2010, 1), Error::kBufferTooSmall);
  EXPECT_EQ(First(12), Hex("16200400") + std::string(7, '\0') + "\xa5");
}

TEST_F(SharedDataArea, TakesNothingWithoutRoomForAHeader) {
  for (std::size_t size = 0; size < 4; ++size) {
    SharedData shared(area(size));
    EXPECT_EQ(shared.Add(0x2000, {}), Error::kBufferTooSmall);
    EXPECT_EQ(First(5),
              std::string(size, '\0') + std::string(5 - size, '\xa5'));
  }
  for (std::size_t size = 4; size < 8; ++size) {
    SharedData shared(area(size));
    EXPECT_EQ(shared.Add(0x2000, {}), Error::kBufferTooSmall);
  }
}

TEST_F(SharedDataArea, TakesNoEntryThatItsSizeCannotSay) {
  std::vector<std::byte> large(0x20000);
  SharedData shared(large);
  const std::vector<std::byte> value(0xffff - 8);
  EXPECT_EQ(shared.Add(0x2000, std::vector<std::byte>(0xffff - 7)),
            Error::kBufferTooSmall);
  EXPECT_EQ(shared.Add(0x2000, value), Error::kOk);
  EXPECT_EQ(shared.Add(0x2001, {}), Error::kBufferTooSmall);
}

// An image that was verified, of which the record is handed on.
class Measured : public SharedDataArea {
 protected:
  explicit Measured(Algorithm algorithm = Algorithm::kP256)
      : target_(SharedKey(algorithm)) {
    target_.rules.max_boot_record_size = 164;
  }

  Verified Seal(const image::mcuboot::ProtectedTlvs& tlvs) {
    image_ = MakeImage(target_, TestPayload(100), tlvs);
    const auto verified =
        image::mcuboot::Verify(target_.rules, AsBytes(image_));
    EXPECT_TRUE(verified.ok());
    return *verified;
  }
  static image::mcuboot::ProtectedTlvs WithRecord() {
    image::mcuboot::ProtectedTlvs tlvs;
    tlvs.software_type = AsBytes("SPE");
    return tlvs;
  }
  std::string Digest() const {
    const auto hash = target_.rules.hash;
    const auto header = image::mcuboot::ReadHeader(AsBytes(image_));
    const auto size =
        static_cast<std::size_t>(image::mcuboot::SignedSize(*header));
    return ToString(image::HashOf(hash, AsBytes(image_).first(size)).bytes());
  }

  TestTarget target_;
  std::string image_;
};

TEST_F(Measured, HasTheDigestInPlaceOfTheZerosAtTheRecordsEnd) {
  const Verified verified = Seal(WithRecord());
  SharedData shared(area(256));
  ASSERT_EQ(shared.AddBootRecord(verified, HashAlgorithm::kSha256, 1),
            Error::kOk);
  EXPECT_EQ(First(256).substr(4, 4), Hex("7f105b00"));
  EXPECT_EQ(First(256).substr(8, 7), Hex("a5016353504504"));
  EXPECT_EQ(First(256).substr(8 + 91 - 32, 32), Digest());
  EXPECT_EQ(First(256).substr(8 + 91), std::string(256 - 99, '\0'));
}

TEST_F(Measured, HasNoRecordWithoutOne) {
  SharedData shared(area(256));
  EXPECT_EQ(shared.AddBootRecord(Seal({}), HashAlgorithm::kSha256, 0),
            Error::kBootRecordMissing);
  image::mcuboot::ProtectedTlvs counter_only;
  counter_only.has_security_counter = true;
  EXPECT_EQ(shared.AddBootRecord(Seal(counter_only), HashAlgorithm::kSha256, 0),
            Error::kBootRecordMissing);
  EXPECT_EQ(First(8), Hex("1620040000000000"));
}

TEST_F(Measured, HasNoRecordWithTheDigestOfAnotherAlgorithm) {
  SharedData shared(area(256));
  EXPECT_EQ(shared.AddBootRecord(Seal(WithRecord()), HashAlgorithm::kSha384, 0),
            Error::kDigestMissing);
}

TEST_F(Measured, HasNoRecordThatDoesNotFit) {
  const Verified verified = Seal(WithRecord());
  SharedData shared(area(4 + 4 + 90));
  EXPECT_EQ(shared.AddBootRecord(verified, HashAlgorithm::kSha256, 0),
            Error::kBufferTooSmall);
  EXPECT_EQ(First(8), Hex("1620040000000000"));
}

TEST_F(Measured, HasTheVersionAsInTheHeader) {
  const Verified verified = Seal(WithRecord());
  SharedData shared(area(64));
  EXPECT_EQ(shared.AddVersion(verified, 1), Error::kOk);
  EXPECT_EQ(First(16), Hex("16201000402008000102030004000000"));
}

class MeasuredP384 : public Measured {
 protected:
  MeasuredP384() : Measured(Algorithm::kP384) {}
};

TEST_F(MeasuredP384, HasTheLongerDigest) {
  const Verified verified = Seal(WithRecord());
  SharedData shared(area(256));
  ASSERT_EQ(shared.AddBootRecord(verified, HashAlgorithm::kSha384, 0),
            Error::kOk);
  const std::string all = First(256);
  const auto size = static_cast<std::size_t>(
      static_cast<unsigned char>(all[6]));  // of the record
  EXPECT_EQ(all.substr(8 + size - 48, 48), Digest());
}

TEST_F(MeasuredP384, HasNoSignatureTypeOfMcuboots) {
  const Verified verified = Seal(WithRecord());
  const image::mcuboot::Rules* const rules[] = {&target_.rules};
  boot::Handover handover{.images = rules, .verified = {&verified}};
  ASSERT_EQ(boot::WriteAsMcuboot(handover, 0, area(256)), Error::kOk);
  const std::string all = First(256);
  const std::size_t end = 8 + static_cast<unsigned char>(all[6]);
  // A single slot: mode, signature type, recovery, and no more.
  EXPECT_EQ(all.substr(end, 16), Hex("00200100000120010000022001000000"));
}

TEST_F(Measured, SaysInWhichSlotItRuns) {
  target_.rules.strategy = image::mcuboot::Strategy::kDirectXip;
  const Verified verified = Seal(WithRecord());
  const image::mcuboot::Rules* const rules[] = {&target_.rules};
  boot::Handover handover{.images = rules, .verified = {&verified}};
  ASSERT_EQ(boot::WriteAsMcuboot(handover, 1, area(256)), Error::kOk);
  EXPECT_EQ(
      First(256).substr(8 + 91, 21),
      Hex("0020010004012001000202200100000320010001") + std::string(1, '\0'));
}

}  // namespace
}  // namespace bootseal::tests
