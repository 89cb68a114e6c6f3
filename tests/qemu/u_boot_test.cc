// The real thing as the next stage: U-Boot, as Debian ships it for the Orange
// Pi Zero, byte for byte, behind our second stage and a small BL32.
#include "base/file.h"
#include "firmware/image/crc32.h"
#include "firmware/image/host/convert.h"
#include "tests/qemu/second_stage_case.h"

namespace bootseal::tests {
namespace {

using boards::BackupRegister;
using image::certificate::ImageRole;
using image::certificate::IndexOf;

constexpr std::size_t kHeaderBytes = 64;
constexpr std::uint32_t kLoadAddress = 0x4a000000;
// Where the package's own first stage (SPL) ends.
constexpr std::size_t kSplBytes = 32 << 10;

// Big-endian word of a legacy image's header (U-Boot include/image.h).
std::uint32_t HeaderWord(const std::string& header, std::size_t index) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<unsigned char>(header[4 * index + i]);
  }
  return value;
}

// What Debian's SPL would load: without the header that tells it where to.
std::string UBoot() {
  const auto file =
      base::ReadFile(BOOTSEAL_U_BOOT "/u-boot-sunxi-with-spl.bin", 16 << 20);
  EXPECT_EQ(file.status(), absl::OkStatus());
  if (!file.ok()) return "";
  const std::string header = file->substr(kSplBytes, kHeaderBytes);
  EXPECT_EQ(HeaderWord(header, 0), 0x27051956u);
  EXPECT_EQ(HeaderWord(header, 4), kLoadAddress);
  EXPECT_EQ(HeaderWord(header, 5), kLoadAddress);
  const std::string content =
      file->substr(kSplBytes + kHeaderBytes, HeaderWord(header, 3));
  EXPECT_EQ(image::Crc32Of(image::host::AsBytes(content)),
            HeaderWord(header, 6));
  return content;
}

PackageDeviceOrder WithUBoot() {
  PackageDeviceOrder order;
  order.states[1] = BankState::kInvalid;
  order.fips[0] = PackageFor(OrangePi(), {.nt_fw = UBoot()});
  return order;
}

TEST(RealUBoot, ComesToItsPromptAndObeys) {
  const PackageDevice device(OrangePi(), WithUBoot());
  Emulator board(device.Machine());
  ASSERT_TRUE(board.Says("bank 0: accepted\n")) << board.Uart("", {});
  ASSERT_TRUE(
      board.Says("starting tos-fw at 0x5e000000, nt-fw at "
                 "0x4a000000\n"));
  ASSERT_TRUE(board.Says("tos-fw: hello from orangepi-pc\n"));
  ASSERT_TRUE(board.Says("U-Boot 2023.01", std::chrono::seconds(60)))
      << board.Uart("", {});
  ASSERT_TRUE(board.Says("Allwinner H3")) << board.Uart("", {});
  ASSERT_TRUE(
      board.Says("Hit any key to stop autoboot", std::chrono::seconds(60)))
      << board.Uart("", {});
  ASSERT_TRUE(board.Type("\r"));
  ASSERT_TRUE(board.Says("=> ", std::chrono::seconds(60)))
      << board.Uart("", {});
  // Its own card driver finds our partitions on the same card.
  ASSERT_TRUE(board.Type("part list mmc 0\r"));
  EXPECT_TRUE(board.Says("metadata1", std::chrono::seconds(30)))
      << board.Uart("", {});
  EXPECT_TRUE(board.Says("fip-b")) << board.Uart("", {});
  // And the registers that were left for it: report, then error.
  ASSERT_TRUE(board.Says("=> "));
  ASSERT_TRUE(board.Type("md.l 5fff0000 4\r"));
  EXPECT_TRUE(board.Says("5fff0000: 00000030 6b2dc935 b0a70001 01b678e7"))
      << board.Uart("", {});
}

TEST(RealUBoot, IsNotStartedWithOneBitChanged) {
  PackageDeviceOrder order = WithUBoot();
  const std::uint64_t offset =
      OffsetOf(order.fips[0], image::fip::uuids::kNtFw);
  const PackageDevice device(OrangePi(), order);
  device.Damage(device.BankOffset(0) + offset + 400'000);
  const std::string log = device.Boot("bootseal: refused");
  EXPECT_THAT(log,
              HasSubstr(BankRefusal(0, "nt-fw", Error::kPackageImageDigest)));
  EXPECT_THAT(log, Not(HasSubstr("starting")));
}

}  // namespace
}  // namespace bootseal::tests
