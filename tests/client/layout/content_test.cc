// What is told of a FIP and of a first-stage bootloader.
#include "client/layout/content.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "client/fwu/byte_source.h"
#include "tests/client/layout/sample_flash.h"

namespace bootseal::layout {
namespace {

std::string FipReason(const std::string& bytes, std::uint64_t size = 1 << 20) {
  const auto source = fwu::FromMemory(bytes);
  return base::ReasonOf(ReadFip(*source, {0, size}).status());
}

std::string FsblReason(const std::string& bytes, std::uint32_t version) {
  const auto source = fwu::FromMemory(bytes);
  return base::ReasonOf(ReadFsbl(*source, {0, 1 << 18}, version).status());
}

std::string With(std::string bytes, std::size_t at, char value) {
  bytes[at] = value;
  return bytes;
}

TEST(LayoutContent, CountsTheImagesOfAFip) {
  const std::string bytes = SampleFip(1000);
  const auto source = fwu::FromMemory(bytes);
  const auto fip = ReadFip(*source, {0, bytes.size()});
  ASSERT_TRUE(fip.ok()) << fip.status();
  EXPECT_EQ(fip->images, 1u);
  EXPECT_EQ(fip->size, bytes.size());
}

TEST(LayoutContent, NamesWhatIsNoFip) {
  const std::string fip = SampleFip();
  EXPECT_EQ(FipReason(""), "FIP_BLANK");
  EXPECT_EQ(FipReason(std::string(5000, '\0')), "FIP_BLANK");
  EXPECT_EQ(FipReason(std::string(5000, '\xff')), "FIP_BLANK");
  EXPECT_EQ(FipReason(With(fip, 0, 'x')), "FIP_MAGIC");
  EXPECT_EQ(FipReason("\x01"), "FIP_MAGIC");
  std::string serial = fip;
  serial.replace(4, 4, 4, '\0');
  EXPECT_EQ(FipReason(serial), "FIP_TABLE");
}

TEST(LayoutContent, NamesAFipWhoseTableHasNoEndOrNoImage) {
  std::string none = SampleFip();
  none.replace(16, 16, 16, '\0');
  EXPECT_EQ(FipReason(none), "FIP_TABLE");
  EXPECT_EQ(FipReason(SampleFip().substr(0, 57)), "FIP_TRUNCATED");
  std::string endless = SampleFip().substr(0, 56);
  while (endless.size() < 8192) endless += endless.substr(16, 40);
  EXPECT_EQ(FipReason(endless), "FIP_TABLE");
}

TEST(LayoutContent, NamesAFipThatDoesNotFit) {
  const std::string fip = SampleFip(1000);
  EXPECT_EQ(FipReason(fip, fip.size()), "");
  EXPECT_EQ(FipReason(fip, fip.size() - 1), "FIP_TRUNCATED");
  EXPECT_EQ(FipReason(fip.substr(0, fip.size() - 1)), "FIP_TRUNCATED");
  std::string huge = fip;
  huge.replace(16 + 16, 8, 8, '\xff');
  EXPECT_EQ(FipReason(huge), "FIP_TRUNCATED");
}

TEST(LayoutContent, NeverReadsBehindTheEndOfACutFip) {
  const std::string fip = SampleFip(300);
  for (std::size_t size = 0; size < fip.size(); ++size) {
    EXPECT_NE(FipReason(fip.substr(0, size)), "") << size;
  }
}

TEST(LayoutContent, ReadsBothKindsOfStm32Headers) {
  for (const std::uint32_t version : {0x00010000u, 0x00020000u}) {
    EXPECT_EQ(FsblReason(SampleFsbl(version), version), "");
    EXPECT_EQ(FsblReason(SampleFsbl(version), 0), "");
  }
}

TEST(LayoutContent, NamesWhatIsNoFirstStageBootloader) {
  const std::string fsbl = SampleFsbl();
  EXPECT_EQ(FsblReason(std::string(700, '\0'), 0), "FSBL_BLANK");
  EXPECT_EQ(FsblReason(With(fsbl, 3, 'x'), 0), "FSBL_MAGIC");
  EXPECT_EQ(FsblReason(fsbl, 0x00020000), "FSBL_HEADER_VERSION");
  EXPECT_EQ(FsblReason(With(fsbl, 0x4a, 9), 0), "FSBL_HEADER_VERSION");
  EXPECT_EQ(FsblReason(With(fsbl, 0x4e, 9), 0), "FSBL_TRUNCATED");
  EXPECT_EQ(FsblReason(With(fsbl, 0x44, 9), 0), "FSBL_CHECKSUM");
  EXPECT_EQ(FsblReason(With(fsbl, 0x120, 9), 0), "FSBL_CHECKSUM");
  EXPECT_EQ(FsblReason(SampleFip(), 0), "FSBL_MAGIC");
}

TEST(LayoutContent, NeverReadsBehindTheEndOfACutHeader) {
  const std::string fsbl = SampleFsbl();
  for (std::size_t size = 0; size < fsbl.size(); ++size) {
    EXPECT_NE(FsblReason(fsbl.substr(0, size), 0), "") << size;
  }
}

}  // namespace
}  // namespace bootseal::layout
