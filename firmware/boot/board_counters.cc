#include <algorithm>

#include "firmware/boards/counters.h"
#include "firmware/boot/device.h"

namespace bootseal::boot {
namespace {

using image::Error;
using image::Result;
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

// Known: every image was verified, with the counter of then as its minimum.
// That is looked at once more, beside the verifier. In a trial the counter
// stays: the image before is the way back.
Error KeepCounters(Handover& handover) {
  handover.has_counters = true;
  for (std::size_t i = 0; i < handover.images.size(); ++i) {
    const auto image = static_cast<std::uint8_t>(i);
    const std::uint32_t value = handover.verified[i]->security_counter();
    const Result<std::uint32_t> counter = CounterOf(image);
    if (!counter.ok()) return counter.error();
    if (value < *counter) return Error::kSecurityCounterLow;
    const bool stays = upgrade::Stays(*handover.images[i], image);
    if (stays) BOOTSEAL_TRY(boards::RaiseCounter(image, value));
    handover.counters[i] = stays ? value : *counter;
  }
  return Error::kOk;
}

}  // namespace

extern constinit const Part kBoardCounters{TakeCounter, KeepCounters};

}  // namespace bootseal::boot
