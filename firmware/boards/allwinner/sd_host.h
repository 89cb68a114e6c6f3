// The SD host of Allwinner's H3 (H3 datasheet 5.3), polled, without DMA; a Host
// of sd/card.h. Gates, pins and rates are what the chip's start left.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_ALLWINNER_SD_HOST_H_
#define BOOTSEAL_FIRMWARE_BOARDS_ALLWINNER_SD_HOST_H_

#include "firmware/boards/registers.h"
#include "firmware/boards/sd/card.h"

namespace bootseal::boards::allwinner {

template <std::uintptr_t kBase>
class SdHost {
 public:
  static void Init() {
    At(kControl) = kReset;
    WaitWhile(kControl, kReset);
    At(kControl) = kByProcessor;
    At(kWidth) = 0;
  }

  static void Speed() {}

  static image::Result<sd::Response> Command(std::uint32_t index,
                                             std::uint32_t argument,
                                             sd::Answer answer) {
    BOOTSEAL_TRY(Issue(index, argument, FlagsOf(answer)));
    sd::Response response{At(kResponse), At(kResponse + 4), At(kResponse + 8),
                          At(kResponse + 12)};
    if (answer != sd::Answer::kLong) return response;
    // The CRC's byte is there as well.
    for (std::size_t i = 0; i < 4; ++i) {
      response[i] = response[i] >> 8 | (i < 3 ? response[i + 1] << 24 : 0);
    }
    return response;
  }

  static image::Error ReadData(std::uint32_t index, std::uint32_t argument,
                               image::MutableBytes to) {
    At(kBlockSize) = static_cast<std::uint32_t>(to.size());
    At(kByteCount) = static_cast<std::uint32_t>(to.size());
    BOOTSEAL_TRY(
        Issue(index, argument, FlagsOf(sd::Answer::kShort) | kWithData));
    auto* words = reinterpret_cast<std::uint32_t*>(to.data());
    for (std::size_t i = 0; i < to.size() / 4; ++i) {
      BOOTSEAL_TRY(WaitForFifo());
      words[i] = At(kFifo);
    }
    return WaitFor(kDataDone);
  }

 private:
  static constexpr std::uintptr_t kControl = 0x00;
  static constexpr std::uintptr_t kWidth = 0x0c;
  static constexpr std::uintptr_t kBlockSize = 0x10;
  static constexpr std::uintptr_t kByteCount = 0x14;
  static constexpr std::uintptr_t kCommand = 0x18;
  static constexpr std::uintptr_t kArgument = 0x1c;
  static constexpr std::uintptr_t kResponse = 0x20;
  static constexpr std::uintptr_t kInterrupts = 0x38;
  static constexpr std::uintptr_t kStatus = 0x3c;
  static constexpr std::uintptr_t kFifo = 0x200;

  static constexpr std::uint32_t kReset = 7;
  static constexpr std::uint32_t kByProcessor = 1U << 31;
  static constexpr std::uint32_t kLoad = 1U << 31;
  static constexpr std::uint32_t kWithData = 1U << 9 | 1U << 13;
  static constexpr std::uint32_t kCommandDone = 1U << 2;
  static constexpr std::uint32_t kDataDone = 1U << 3;
  // Answer, CRC, timeouts, overrun, start and end bits.
  static constexpr std::uint32_t kErrors = 0xbbc2;
  static constexpr std::uint32_t kFifoEmpty = 1U << 2;
  static constexpr int kPatience = 10'000'000;

  static volatile std::uint32_t& At(std::uintptr_t offset) {
    return Register(kBase + offset);
  }

  static std::uint32_t FlagsOf(sd::Answer answer) {
    switch (answer) {
      case sd::Answer::kNone:
        return 1U << 15;  // with the clocks that a card wants first
      case sd::Answer::kShort:
        return 1U << 6 | 1U << 8;  // CRC checked
      case sd::Answer::kShortUnchecked:
        return 1U << 6;
      case sd::Answer::kLong:
        return 1U << 6 | 1U << 7 | 1U << 8;
    }
    return 0;
  }

  static void WaitWhile(std::uintptr_t offset, std::uint32_t bits) {
    for (int i = 0; i < kPatience && (At(offset) & bits) != 0; ++i) {
    }
  }

  static image::Error WaitForFifo() {
    for (int i = 0; i < kPatience; ++i) {
      if ((At(kStatus) & kFifoEmpty) == 0) return image::Error::kOk;
    }
    return image::Error::kStorage;
  }

  static image::Error WaitFor(std::uint32_t bit) {
    for (int i = 0; i < kPatience; ++i) {
      const std::uint32_t status = At(kInterrupts);
      if ((status & kErrors) != 0) return image::Error::kStorage;
      if ((status & bit) != 0) return image::Error::kOk;
    }
    return image::Error::kStorage;
  }

  static image::Error Issue(std::uint32_t index, std::uint32_t argument,
                            std::uint32_t flags) {
    At(kInterrupts) = ~std::uint32_t{0};
    At(kArgument) = argument;
    At(kCommand) = kLoad | flags | index;
    return WaitFor(kCommandDone);
  }
};

}  // namespace bootseal::boards::allwinner

#endif  // BOOTSEAL_FIRMWARE_BOARDS_ALLWINNER_SD_HOST_H_
