#include "firmware/image/host/capsule.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/open_capsule.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_capsule.h"

namespace bootseal::tests {
namespace {

using namespace image::host;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

const std::string kFirmware = "a firmware of a few bytes";

std::string Unsigned() {
  CapsuleHeader header = TestCapsuleHeader();
  header.monotonic_count.reset();
  return WriteCapsuleFront(header, "", kFirmware.size()).value() + kFirmware;
}

std::string Signed() {
  return MakeCapsule(TestCapsuleHeader(), kFirmware, SharedCapsuleKey());
}

absl::StatusOr<CapsuleFront> Read(const std::string& file) {
  return ReadCapsuleFront(file, file.size());
}

absl::Status Opened(const std::string& file) {
  return OpenCapsule(file, SharedCapsuleKey().certificate).status();
}

TEST(Capsule, IsReadAsItWasWritten) {
  CapsuleHeader header = TestCapsuleHeader();
  header.image_index = 255;
  header.hardware_instance = 0x8877665544332211;
  header.oem_flags = kMustBeAccepted | 1;
  header.monotonic_count = ~std::uint64_t{0};
  for (const bool with_version : {true, false}) {
    if (!with_version) header.version.reset();
    const std::string file = MakeCapsule(header, kFirmware, SharedCapsuleKey());
    const auto read = Read(file);
    ASSERT_OK(read);
    EXPECT_EQ(read->header, header);
    EXPECT_EQ(read->firmware_size, kFirmware.size());
    EXPECT_EQ(file.substr(read->size), kFirmware);
    EXPECT_EQ(
        WriteCapsuleFront(read->header, read->signed_data, read->firmware_size)
            .value(),
        file.substr(0, read->size));
    EXPECT_OK(Opened(file));
  }
}

TEST(Capsule, WithoutASignatureIsReadAndNotOpened) {
  const auto read = Read(Unsigned());
  ASSERT_OK(read);
  EXPECT_EQ(read->signed_data, "");
  EXPECT_THAT(Opened(Unsigned()),
              StatusIs(absl::StatusCode::kPermissionDenied, "NOT_SIGNED"));
}

TEST(Capsule, IsNotWrittenFrom4GiBOn) {
  CapsuleHeader header = TestCapsuleHeader();
  for (const std::uint64_t size :
       {0xffffffffull, 0x100000000ull, 0xfffffffffffffffeull}) {
    EXPECT_THAT(WriteCapsuleFront(header, "x", size),
                StatusIs(kInvalid, "CAPSULE_TOO_LARGE"));
  }
  EXPECT_OK(WriteCapsuleFront(header, "x", 0xfffff000));
}

TEST(Capsule, CutAtAnyByteIsRefused) {
  for (const std::string& whole : {Signed(), Unsigned()}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_THAT(Read(whole.substr(0, size)),
                  StatusIs(kInvalid, "CAPSULE_MALFORMED"))
          << size;
    }
    EXPECT_THAT(Read(whole + "x"), StatusIs(kInvalid, "CAPSULE_MALFORMED"));
  }
}

// Even with sizes that say so.
TEST(Capsule, WithoutAFirmwareIsRefused) {
  CapsuleHeader header = TestCapsuleHeader();
  for (const bool with_version : {true, false}) {
    if (!with_version) header.version.reset();
    EXPECT_THAT(Read(MakeCapsule(header, "", SharedCapsuleKey())),
                MessageHas("no firmware"));
  }
}

struct Change {
  const char* name;
  std::size_t offset;
  std::string bytes;  // hexadecimal
  const char* says;
};
class CapsuleWith : public testing::TestWithParam<Change> {};

TEST_P(CapsuleWith, IsRefused) {
  std::string file = Signed();
  const std::string bytes = absl::HexStringToBytes(GetParam().bytes);
  file.replace(GetParam().offset, bytes.size(), bytes);
  EXPECT_THAT(Read(file), MessageHas(GetParam().says));
  EXPECT_THAT(Opened(file), StatusIs(kInvalid, "CAPSULE_MALFORMED"));
}

const Change kChanges[] = {
    {"AnotherGuid", 0x00, "00", "its GUID is 6dcbd500-"},
    {"AnotherHeaderSize", 0x10, "20", "header's size is 0x20, expected 0x1c"},
    {"SystemFlagsOfAnotherKind", 0x16, "03", "the system's flags is 0x30000"},
    {"AnotherSize", 0x18, "00000000", "the capsule's size is 0x0"},
    {"AnotherFmpVersion", 0x1c, "02", "FMP header's version is 0x2"},
    {"Drivers", 0x20, "01", "number of drivers is 0x1, expected 0x0"},
    {"TwoItems", 0x22, "02", "number of items is 0x2"},
    {"NoItem", 0x22, "00", "number of items is 0x0"},
    {"AnotherOffset", 0x24, "18", "item's offset is 0x18"},
    {"AnHighOffset", 0x2b, "01", "item's offset is 0x100000000000010"},
    {"ImageVersion2", 0x2c, "02", "image header's version is 0x2"},
    {"IndexZero", 0x40, "00", "the image index is 0"},
    {"Reserved", 0x43, "01", "what is reserved is 0x10000"},
    {"AnotherImageSize", 0x44, "00", "the image's size is"},
    {"VendorCode", 0x48, "01", "vendor code's size is 0x1"},
    {"Dependencies", 0x54, "03", "the image's support is 0x3"},
    {"CertificateOfNothing", 0x64, "18000000", "the certificate has 24 bytes"},
    {"CertificateTooLong", 0x64, "ffffffff", "ends within the PKCS#7"},
    {"AnotherRevision", 0x68, "0001", "certificate's revision is 0x100"},
    {"AnotherCertificateType", 0x6a, "f00e", "certificate's type is 0xef0"},
    {"AnotherCertificateGuid", 0x6c, "00", "certificate's GUID is 4aafd200-"},
};
INSTANTIATE_TEST_SUITE_P(All, CapsuleWith, testing::ValuesIn(kChanges),
                         [](const auto& each) { return each.param.name; });

TEST(Capsule, WithAPayloadHeaderOfAnotherSizeIsRefused) {
  std::string file = Signed();
  file[file.size() - kFirmware.size() - 12] = 20;
  EXPECT_THAT(Read(file), MessageHas("payload header's size is 0x14"));
  CapsuleHeader header = TestCapsuleHeader();
  header.version.reset();
  EXPECT_THAT(Read(MakeCapsule(header, "MSS1 and more", SharedCapsuleKey())),
              MessageHas("ends within the payload header"));
}

TEST(CapsuleKinds, AreKnownByTheirGuid) {
  EXPECT_EQ(FindCapsuleKind(Signed()), CapsuleKind::kFirmware);
  EXPECT_EQ(FindCapsuleKind(WriteAcceptCapsule(image::guids::kFip)),
            CapsuleKind::kAccept);
  EXPECT_EQ(FindCapsuleKind(WriteRevertCapsule()), CapsuleKind::kRevert);
  EXPECT_EQ(FindCapsuleKind(""), std::nullopt);
  EXPECT_EQ(FindCapsuleKind(Signed().substr(0, 15)), std::nullopt);
  EXPECT_EQ(FindCapsuleKind(kFirmware), std::nullopt);
}

TEST(AcceptCapsule, IsReadAsItWasWrittenAndNothingElseIs) {
  const std::string accept = WriteAcceptCapsule(image::guids::kFip);
  const auto type = ReadAcceptCapsule(accept);
  ASSERT_OK(type);
  EXPECT_EQ(*type, image::guids::kFip);
  for (std::size_t size = 0; size < accept.size(); ++size) {
    EXPECT_THAT(ReadAcceptCapsule(accept.substr(0, size)),
                StatusIs(kInvalid, "CAPSULE_MALFORMED"));
  }
  for (const std::string& bad :
       {accept + "x", WriteRevertCapsule(), Signed(), std::string()}) {
    EXPECT_THAT(ReadAcceptCapsule(bad),
                StatusIs(kInvalid, "CAPSULE_MALFORMED"));
  }
  std::string with_flags = accept;
  with_flags[0x16] = 1;
  EXPECT_THAT(ReadAcceptCapsule(with_flags), MessageHas("the flags"));
}

TEST(RevertCapsule, IsOneFileAlone) {
  const std::string revert = WriteRevertCapsule();
  EXPECT_OK(CheckRevertCapsule(revert));
  for (std::size_t i = 0; i < revert.size(); ++i) {
    EXPECT_THAT(CheckRevertCapsule(revert.substr(0, i)),
                StatusIs(kInvalid, "CAPSULE_MALFORMED"));
    std::string changed = revert;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_THAT(CheckRevertCapsule(changed),
                StatusIs(kInvalid, "CAPSULE_MALFORMED"))
        << i;
  }
  EXPECT_THAT(CheckRevertCapsule(revert + "x"),
              StatusIs(kInvalid, "CAPSULE_MALFORMED"));
  EXPECT_THAT(CheckRevertCapsule(WriteAcceptCapsule(image::guids::kFip)),
              StatusIs(kInvalid, "CAPSULE_MALFORMED"));
}

}  // namespace
}  // namespace bootseal::tests
