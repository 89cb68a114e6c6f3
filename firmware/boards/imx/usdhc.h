// The SD host of NXP's i.MX 7 (IMX7DRM 10.3), polled, without DMA; a Host of
// sd/card.h.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_IMX_USDHC_H_
#define BOOTSEAL_FIRMWARE_BOARDS_IMX_USDHC_H_

#include "firmware/boards/registers.h"
#include "firmware/boards/sd/card.h"

namespace bootseal::boards::imx {

template <std::uintptr_t kBase>
class Usdhc {
 public:
  static void Init() {
    At(kSystem) = At(kSystem) | kResetAll;
    WaitWhile(kSystem, kResetAll);
    At(kStatusEnable) = ~std::uint32_t{0};
    At(kProtocol) = kLittleEndian;
    SetClock(0x80, 0xf);  // divided by 256 and 16
    At(kSystem) = At(kSystem) | kInitClocks;
    WaitWhile(kSystem, kInitClocks);
  }

  static void Speed() { SetClock(0x02, 0x1); }

  static image::Result<sd::Response> Command(std::uint32_t index,
                                             std::uint32_t argument,
                                             sd::Answer answer) {
    BOOTSEAL_TRY(Issue(index, argument, FlagsOf(answer)));
    return sd::Response{At(kResponse), At(kResponse + 4), At(kResponse + 8),
                        At(kResponse + 12)};
  }

  static image::Error ReadData(std::uint32_t index, std::uint32_t argument,
                               image::MutableBytes to) {
    At(kBlock) = 1U << 16 | static_cast<std::uint32_t>(to.size());
    At(kMix) = kReading;
    BOOTSEAL_TRY(
        Issue(index, argument, FlagsOf(sd::Answer::kShort) | kWithData));
    BOOTSEAL_TRY(WaitFor(kBufferReady));
    auto* words = reinterpret_cast<std::uint32_t*>(to.data());
    for (std::size_t i = 0; i < to.size() / 4; ++i) words[i] = At(kData);
    return WaitFor(kTransferDone);
  }

 private:
  static constexpr std::uintptr_t kBlock = 0x04;
  static constexpr std::uintptr_t kArgument = 0x08;
  static constexpr std::uintptr_t kTransfer = 0x0c;
  static constexpr std::uintptr_t kResponse = 0x10;
  static constexpr std::uintptr_t kData = 0x20;
  static constexpr std::uintptr_t kPresent = 0x24;
  static constexpr std::uintptr_t kProtocol = 0x28;
  static constexpr std::uintptr_t kSystem = 0x2c;
  static constexpr std::uintptr_t kStatus = 0x30;
  static constexpr std::uintptr_t kStatusEnable = 0x34;
  static constexpr std::uintptr_t kMix = 0x48;

  static constexpr std::uint32_t kResetAll = 1U << 24;
  static constexpr std::uint32_t kInitClocks = 1U << 27;
  static constexpr std::uint32_t kLittleEndian = 2U << 4;
  static constexpr std::uint32_t kReading = 1U << 4;
  static constexpr std::uint32_t kWithData = 1U << 21;
  static constexpr std::uint32_t kBusy = 3;
  static constexpr std::uint32_t kCommandDone = 1U << 0;
  static constexpr std::uint32_t kTransferDone = 1U << 1;
  static constexpr std::uint32_t kBufferReady = 1U << 5;
  static constexpr std::uint32_t kErrors = 0xffff0000;
  static constexpr int kPatience = 10'000'000;

  static volatile std::uint32_t& At(std::uintptr_t offset) {
    return Register(kBase + offset);
  }

  static std::uint32_t FlagsOf(sd::Answer answer) {
    switch (answer) {
      case sd::Answer::kNone:
        return 0;
      case sd::Answer::kShort:
        return 2U << 16 | 1U << 19 | 1U << 20;  // index and CRC checked
      case sd::Answer::kShortUnchecked:
        return 2U << 16;
      case sd::Answer::kLong:
        return 1U << 16 | 1U << 19;
    }
    return 0;
  }

  static void SetClock(std::uint32_t divider, std::uint32_t divisor) {
    // Bits 3:0 are reserved, and ones.
    At(kSystem) =
        (At(kSystem) & 0xffff0000) | divider << 8 | divisor << 4 | 0xf;
  }

  static void WaitWhile(std::uintptr_t offset, std::uint32_t bits) {
    for (int i = 0; i < kPatience && (At(offset) & bits) != 0; ++i) {
    }
  }

  static image::Error WaitFor(std::uint32_t bit) {
    for (int i = 0; i < kPatience; ++i) {
      const std::uint32_t status = At(kStatus);
      if ((status & kErrors) != 0) return image::Error::kStorage;
      if ((status & bit) == 0) continue;
      At(kStatus) = bit;
      return image::Error::kOk;
    }
    return image::Error::kStorage;
  }

  static image::Error Issue(std::uint32_t index, std::uint32_t argument,
                            std::uint32_t flags) {
    WaitWhile(kPresent, kBusy);
    At(kStatus) = ~std::uint32_t{0};
    At(kArgument) = argument;
    At(kTransfer) = index << 24 | flags;
    return WaitFor(kCommandDone);
  }
};

}  // namespace bootseal::boards::imx

#endif  // BOOTSEAL_FIRMWARE_BOARDS_IMX_USDHC_H_
