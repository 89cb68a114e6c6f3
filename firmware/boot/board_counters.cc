#include <algorithm>

#include "firmware/boards/counters.h"
#include "firmware/boot/device.h"

namespace bootseal::boot {
namespace {

using image::Error;
using image::Result;
using image::Verified;
using image::mcuboot::Rules;

// Read twice: no single skipped instruction makes it lower.
Result<std::uint32_t> CounterOf(std::uint8_t image) {
  const Result<std::uint32_t> once = boards::ReadCounter(image);
  if (!once.ok()) return once.error();
  const Result<std::uint32_t> again = boards::ReadCounter(image);
  if (!again.ok()) return again.error();
  return std::max(*once, *again);
}

Error TakeCounter(Rules& rules, std::uint8_t image) {
  const Result<std::uint32_t> counter = CounterOf(image);
  if (!counter.ok()) return counter.error();
  rules.minimum_security_counter =
      std::max(rules.minimum_security_counter, *counter);
  const std::uint32_t highest = boards::HighestCounter();
  if (rules.security_counter_ceiling == 0 ||
      rules.security_counter_ceiling > highest) {
    rules.security_counter_ceiling = highest;
  }
  return Error::kOk;
}

// Known: the image was verified, with the counter of now as its minimum. That
// is looked at once more, beside the verifier. In a trial the counter stays:
// the image before is the way back.
Error KeepCounter(const Rules& rules, const Verified& verified,
                  std::uint8_t image) {
  const std::uint32_t value = verified.security_counter();
  const Result<std::uint32_t> counter = CounterOf(image);
  if (!counter.ok()) return counter.error();
  if (value < *counter) return Error::kSecurityCounterLow;
  if (value == *counter || !upgrade::Stays(rules, image)) return Error::kOk;
  return boards::RaiseCounter(image, value);
}

Error KeepCounters(Handover& handover) {
  for (std::size_t i = 0; i < handover.images.size(); ++i) {
    const auto image = static_cast<std::uint8_t>(i);
    BOOTSEAL_TRY(
        KeepCounter(*handover.images[i], *handover.verified[i], image));
    const Result<std::uint32_t> counter = boards::ReadCounter(image);
    if (!counter.ok()) return counter.error();
    handover.counters[i] = *counter;
  }
  handover.has_counters = true;
  return Error::kOk;
}

}  // namespace

extern constinit const Part kBoardCounters{TakeCounter, KeepCounters};

}  // namespace bootseal::boot
