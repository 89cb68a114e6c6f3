#include "firmware/boards/stm32mp/fuses.h"

#include "firmware/boards/stm32mp/port.h"
#include "firmware/boards/stm32mp/registers.h"

namespace bootseal::boards::stm32mp {
namespace {

using image::Error;
using image::MutableBytes;
using image::Result;
using namespace bsec;

constexpr std::uint32_t kPatience = 1'000'000;

bool Has(std::uint32_t bank, std::uint32_t word) {
  return (Get(bank + word / 32 * 4) >> word % 32 & 1) != 0;
}

// The cells have power while it lives, and then as before.
class Power {
 public:
  Power() : before_(Get(kConfiguration)) {
    Set(kConfiguration, before_ | kPower);
    on_ = WaitFor(kStatus, kPowered, kPowered, kPatience);
  }
  ~Power() { Set(kConfiguration, before_); }
  Power(const Power&) = delete;
  Power& operator=(const Power&) = delete;
  bool on() const { return on_; }

 private:
  std::uint32_t before_;
  bool on_;
};

Error Load(std::uint32_t word) {
  const Power power;
  if (!power.on()) return Error::kStorage;
  if (!WaitFor(kStatus, kBusy, 0, kPatience)) return Error::kStorage;
  Set(kControl, word);
  return WaitFor(kStatus, kBusy, 0, kPatience) ? Error::kOk : Error::kStorage;
}

bool IsAll(image::Bytes bytes, std::byte value) {
  for (const std::byte byte : bytes) {
    if (byte != value) return false;
  }
  return true;
}

}  // namespace

Result<std::uint32_t> ReadFuse(std::uint32_t word) {
  if (word >= kOtpWords || Get(kIdentity) != kVersion2) return Error::kStorage;
  if ((Get(kStatus) & kInvalid) != 0) return Error::kStorage;
  if (!Has(kReadLocks, word)) BOOTSEAL_TRY(Load(word));
  if (Has(kError, word) || Has(kDisturbed, word)) return Error::kStorage;
  return Get(kWords + 4 * word);
}

Error ReadKeyHash(MutableBytes to) {
  for (std::size_t i = 0; i < to.size(); i += 4) {
    const auto word =
        ReadFuse(kKeyHashWord + static_cast<std::uint32_t>(i / 4));
    if (!word.ok()) return word.error();
    for (std::size_t byte = 0; byte < 4; ++byte) {
      to[i + byte] = static_cast<std::byte>(*word >> (24 - 8 * byte) & 0xff);
    }
  }
  if (IsAll(to, std::byte{0xff})) image::Fill(to, std::byte{0});
  return Error::kOk;
}

}  // namespace bootseal::boards::stm32mp
