// Properly signed, and as large, as small or as far away as can be.
#include <gmock/gmock.h>

#include <cstdint>
#include <string>

#include "absl/strings/str_format.h"
#include "firmware/image/mcuboot/trailer.h"
#include "tests/qemu/bench.h"
#include "tests/qemu/debugger.h"
#include "tests/support/device.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using testing::EndsWith;
using testing::HasSubstr;

constexpr const char* kBoard = "mps2-an505";

// With Ed25519 every signature has one size.
TEST(FirmwareLimits, TakesTheLargestImageAndNotOneByteMore) {
  const Device device(Algorithm::kEd25519);
  const Bench bench(device, kBoard);
  std::string payload = Payload(kBoard);
  const std::size_t rest = device.Seal(payload).size() - payload.size();
  payload.resize(image::mcuboot::MaxImageEnd(device.rules()) - rest, '\xa5');
  EXPECT_THAT(bench.Boot(device.Seal(payload), "payload:"),
              HasSubstr("payload: hello from"));
  payload.push_back('\xa5');
  EXPECT_EQ(bench.Boot(device.Seal(payload), "refused"),
            bench.Refusal(image::Error::kImageTooLarge));
}

TEST(FirmwareLimits, RefusesPayloadsThatHoldNoCode) {
  const Device device(Algorithm::kP256);
  const Bench bench(device, kBoard);
  for (const std::size_t size : {0, 1, 4, 7}) {
    EXPECT_EQ(
        bench.Boot(device.Seal(Payload(kBoard).substr(0, size)), "refused"),
        bench.Refusal(image::Error::kVectorTable))
        << size;
  }
  // Vectors alone: what they point at is not there.
  EXPECT_THAT(bench.Boot(device.Seal(Payload(kBoard).substr(0, 8)), "refused"),
              EndsWith(bench.RefusalLine(image::Error::kVectorTable)));
}

// Rules for another board, or that cannot be followed on this one.
TEST(FirmwareLimits, RefusesEverythingUnderRulesForAnotherSlot) {
  using image::Error;
  using image::mcuboot::Rules;
  struct Case {
    void (*change)(Rules&);
    Error verdict = Error::kRules;
  };
  for (const Case& one :
       {Case{[](Rules& r) { r.slot_size = 0x80001; }},
        Case{[](Rules& r) { r.slot_size = 0xffffffff; }},
        Case{[](Rules& r) { r.slot_size = 0; }},
        Case{[](Rules& r) { r.slot_size = 0x400; }, Error::kImageTooLarge},
        Case{[](Rules& r) { r.slot_address = 0x10100004; }},
        Case{[](Rules& r) { r.slot_address = 0xfff80000; }},
        Case{[](Rules& r) { r.header_size = 0x1f; }, Error::kTruncated},
        Case{[](Rules& r) { r.header_size = 0x10000; }},
        Case{[](Rules& r) { r.header_size = 0xffffffff; }}}) {
    Device device(Algorithm::kP256);
    const std::string image = device.Seal(Payload(kBoard));
    one.change(device.rules());
    const Bench bench(device, kBoard);
    EXPECT_EQ(bench.Boot(image, "refused"), bench.Refusal(one.verdict))
        << device.RulesSource();
  }
}

// The vector table's address has seven bits that the core ignores: exceptions
// of this payload would go where its header is.
TEST(FirmwareLimits, RefusesAPayloadAtAnAddressThatNoVectorTableCanHave) {
  for (const std::uint32_t header_size : {0x20U, 0x40U, 0x440U}) {
    Device device(Algorithm::kP256);
    device.rules().header_size = header_size;
    std::string payload = Payload(kBoard);
    const std::uint32_t reset = 0x10100000 + header_size + 0x41;
    for (int i = 0; i < 4; ++i) {
      payload[static_cast<std::size_t>(4 + i)] =
          static_cast<char>(reset >> (8 * i));
    }
    const Bench bench(device, kBoard);
    EXPECT_THAT(bench.Boot(device.Seal(payload), "refused"),
                EndsWith(bench.RefusalLine(image::Error::kVectorTable)))
        << header_size;
  }
}

// Memory ends inside the slot: before its first byte, behind the header, in the
// payload, and where the TLVs of a good payload begin.
TEST(FirmwareLimits, FaultsWhereTheSlotLeavesMemory) {
  constexpr std::uint32_t kEnd = 0x10800000;  // of SSRAM1
  constexpr std::uint32_t kBusFaultAddress = 0xe000ed38;
  const std::string payload = Payload(kBoard);
  const auto size = static_cast<std::uint32_t>(payload.size());
  for (const std::uint32_t there : {0U, 0x400U, 0x440U, 0x400 + size}) {
    Device device(Algorithm::kP256);
    const TemporaryFolder folder;
    WriteFile(folder.File("image"), device.Seal(payload));
    const std::string elf = folder.File("boot.elf");
    ASSERT_EQ(device.ProvisionFrom(
                  device.RulesSource() +
                      absl::StrFormat("constexpr std::uint32_t kSlot = 0x%x;\n"
                                      "#include \"tests/qemu/edge_board.cc\"\n",
                                      kEnd - there),
                  kBoard, elf),
              "");
    Debugger board({kBoard,
                    elf,
                    folder.File("image"),
                    {},
                    absl::StrFormat("0x%x", kEnd - there)});
    ASSERT_TRUE(board.RunTo(AddressOf(elf, "bootseal::arch::Stop()")));
    EXPECT_EQ(board.Uart(),
              "bootseal edge p256\n\nbootseal: fault\n"
              "exception 3, status 0x00008200\n");
    EXPECT_EQ(board.Word(kBusFaultAddress) & ~3U, kEnd) << there;
  }
}

}  // namespace
}  // namespace bootseal::tests
