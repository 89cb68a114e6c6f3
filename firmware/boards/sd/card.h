// SD memory cards in SD mode, one data line, polled: from power-up to reading
// blocks. SD Specifications Part 1, Physical Layer Simplified Specification
// 6.00, 4.2 and 4.3.
//
// `Host` drives the lines, with these static functions:
//   void Init()      power, and a clock of at most 400 kHz
//   void Speed()     up to 25 MHz from here on
//   Result<Response> Command(index, argument, Answer)
//   Error ReadData(index, argument, MutableBytes)   one block of 512 bytes
#ifndef BOOTSEAL_FIRMWARE_BOARDS_SD_CARD_H_
#define BOOTSEAL_FIRMWARE_BOARDS_SD_CARD_H_

#include <array>
#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::boards::sd {

inline constexpr std::size_t kBlockBytes = 512;

enum class Answer : std::uint8_t {
  kNone,
  kShort,           // R1, R6, R7
  kShortUnchecked,  // R3: no CRC
  kLong,            // R2: 136 bits
};

// Of a short answer word 0; of a long one bits 127:8, least significant word
// first, without the CRC: word 3 holds bits 127:104.
using Response = std::array<std::uint32_t, 4>;

template <typename Host>
class Card {
 public:
  // Blocks of the card; kStorage when none answers.
  static image::Result<std::uint64_t> Open() {
    Host::Init();
    BOOTSEAL_TRY(Send(kGoIdle, 0, Answer::kNone));
    // Cards before version 2 do not know it, and are not high capacity.
    const bool version2 =
        Host::Command(kSendIfCond, 0x1aa, Answer::kShort).ok();
    BOOTSEAL_TRY(PowerUp(version2 ? kHighCapacity : 0));
    BOOTSEAL_TRY(Send(kAllSendCid, 0, Answer::kLong));
    const auto address = Host::Command(kRelativeAddress, 0, Answer::kShort);
    if (!address.ok()) return address.error();
    const std::uint32_t card = (*address)[0] & 0xffff0000;
    const auto csd = Host::Command(kSendCsd, card, Answer::kLong);
    if (!csd.ok()) return csd.error();
    BOOTSEAL_TRY(Send(kSelect, card, Answer::kShort));
    BOOTSEAL_TRY(Send(kBlockLength, kBlockBytes, Answer::kShort));
    Host::Speed();
    blocks_ = BlocksOf(*csd);
    return blocks_;
  }

  static image::Error Read(std::uint64_t block, image::MutableBytes to) {
    const std::uint64_t count = to.size() / kBlockBytes;
    if (to.size() % kBlockBytes != 0 || block > blocks_ ||
        count > blocks_ - block) {
      return image::Error::kStorage;
    }
    for (; !to.empty(); to = to.subspan(kBlockBytes), ++block) {
      const std::uint32_t at = static_cast<std::uint32_t>(block);
      const std::uint32_t argument = by_block_ ? at : at * kBlockBytes;
      BOOTSEAL_TRY(Host::ReadData(kReadBlock, argument, to.first(kBlockBytes)));
    }
    return image::Error::kOk;
  }

 private:
  static constexpr std::uint32_t kGoIdle = 0;
  static constexpr std::uint32_t kAllSendCid = 2;
  static constexpr std::uint32_t kRelativeAddress = 3;
  static constexpr std::uint32_t kSelect = 7;
  static constexpr std::uint32_t kSendIfCond = 8;
  static constexpr std::uint32_t kSendCsd = 9;
  static constexpr std::uint32_t kBlockLength = 16;
  static constexpr std::uint32_t kReadBlock = 17;
  static constexpr std::uint32_t kOperatingCondition = 41;
  static constexpr std::uint32_t kApplicationCommand = 55;
  static constexpr std::uint32_t kHighCapacity = 1U << 30;
  static constexpr std::uint32_t kVoltages = 0x00ff8000;
  static constexpr std::uint32_t kReady = 1U << 31;
  // A card may take a second; each try takes tens of microseconds and more.
  static constexpr int kTries = 20'000;

  static image::Error Send(std::uint32_t index, std::uint32_t argument,
                           Answer answer) {
    return Host::Command(index, argument, answer).error();
  }

  static image::Error PowerUp(std::uint32_t capacity) {
    for (int i = 0; i < kTries; ++i) {
      BOOTSEAL_TRY(Send(kApplicationCommand, 0, Answer::kShort));
      const auto condition = Host::Command(
          kOperatingCondition, kVoltages | capacity, Answer::kShortUnchecked);
      if (!condition.ok()) return condition.error();
      if (((*condition)[0] & kReady) == 0) continue;
      by_block_ = ((*condition)[0] & kHighCapacity) != 0;
      return image::Error::kOk;
    }
    return image::Error::kStorage;
  }

  // Bits of the CSD, by their numbers in 5.3: bit 8 is the lowest kept.
  static std::uint32_t Bits(const Response& csd, unsigned high, unsigned low) {
    std::uint32_t value = 0;
    for (unsigned bit = high + 1; bit-- > low;) {
      value = value << 1 | (csd[(bit - 8) / 32] >> (bit - 8) % 32 & 1);
    }
    return value;
  }

  static std::uint64_t BlocksOf(const Response& csd) {
    if (Bits(csd, 127, 126) == 1) {
      return (std::uint64_t{Bits(csd, 69, 48)} + 1) * 1024;
    }
    const std::uint64_t units = Bits(csd, 73, 62) + 1;
    const unsigned shift = Bits(csd, 49, 47) + 2 + Bits(csd, 83, 80);
    return (units << shift) / kBlockBytes;
  }

  static inline bool by_block_ = false;
  static inline std::uint64_t blocks_ = 0;
};

}  // namespace bootseal::boards::sd

#endif  // BOOTSEAL_FIRMWARE_BOARDS_SD_CARD_H_
