#include "firmware/boards/stm32mp/sdmmc.h"

#include "firmware/boards/stm32mp/chip.h"
#include "firmware/boards/stm32mp/clock.h"
#include "firmware/boards/stm32mp/port.h"
#include "firmware/boards/stm32mp/registers.h"

namespace bootseal::boards::stm32mp {
namespace {

using image::Error;
using image::MutableBytes;
using image::Result;
using namespace sdmmc;

constexpr std::uint32_t kSlow = 400'000;  // Hz
constexpr std::uint32_t kFast = 25'000'000;
// A card has 100 ms for a block: less than so many clocks of kFast, and less
// than so many looks at a register.
constexpr std::uint32_t kDataClocks = 4'000'000;
constexpr std::uint32_t kPatience = 5'000'000;
// Reads of a register: a millisecond at least.
constexpr std::uint32_t kMillisecond = 100'000;
constexpr int kTries = 3;
constexpr std::uint32_t kStopTransmission = 12;

void Wait(std::uint32_t reads) {
  for (; reads != 0; --reads) static_cast<void>(Get(kStatus));
}

void SetClock(std::uint32_t hertz) {
  const std::uint32_t twice = 2 * hertz;
  const std::uint32_t divider = (KernelClock() + twice - 1) / twice;
  Set(kClock, kFlowControl | kNegativeEdge | (divider & kDivider));
}

std::uint32_t FlagsOf(sd::Answer answer) {
  switch (answer) {
    case sd::Answer::kNone:
      return 0;
    case sd::Answer::kShort:
      return kShort;
    case sd::Answer::kShortUnchecked:
      return kShortUnchecked;
    case sd::Answer::kLong:
      return kLong;
  }
  return 0;
}

// What the status says once one of `flags` is there; 0 when none comes.
std::uint32_t Await(std::uint32_t flags) {
  for (std::uint32_t looks = 0; looks < kPatience; ++looks) {
    const std::uint32_t status = Get(kStatus);
    if ((status & flags) != 0) return status;
  }
  return 0;
}

Error Issue(std::uint32_t index, std::uint32_t argument, std::uint32_t flags) {
  // A card that is busy hears no command.
  if (!WaitFor(kStatus, kBusy | kCommandActive, 0, kPatience)) {
    return Error::kStorage;
  }
  Set(kClear, kClearable);
  Set(kArgument, argument);
  Set(kCommand, kRun | flags | index);
  const std::uint32_t good = (flags & kLong) == 0 ? kSent : kAnswer;
  const std::uint32_t status = Await(good | kCommandTimeout | kCommandCrc);
  return (status & good) != 0 && (status & (kCommandTimeout | kCommandCrc)) == 0
             ? Error::kOk
             : Error::kStorage;
}

sd::Response LongResponse() {
  // The chip has bits 127:0, most significant word first.
  sd::Response chip;
  for (std::uint32_t i = 0; i < chip.size(); ++i) {
    chip[i] = Get(kResponse + 4 * (3 - i));
  }
  sd::Response response;
  for (std::size_t i = 0; i < 3; ++i) {
    response[i] = chip[i] >> 8 | chip[i + 1] << 24;
  }
  response[3] = chip[3] >> 8;
  return response;
}

// The FIFO's words until the transfer ends; `to` is full, or it is an error.
Error Drain(MutableBytes to) {
  constexpr std::uint32_t kFailures = kDataCrc | kDataTimeout | kOverrun;
  auto* words = reinterpret_cast<std::uint32_t*>(to.data());
  const std::size_t count = to.size() / 4;
  std::size_t done = 0;
  for (std::uint32_t looks = 0; looks < kPatience; ++looks) {
    const std::uint32_t status = Get(kStatus);
    if ((status & kFailures) != 0) return Error::kStorage;
    std::size_t ready = 0;
    if ((status & kHalfFull) != 0) {
      ready = kHalfFifoWords;
    } else if ((status & kDataEnd) != 0) {
      if ((status & kFifoEmpty) != 0) {
        return done == count ? Error::kOk : Error::kStorage;
      }
      ready = 1;
    }
    if (ready > count - done) return Error::kStorage;
    for (; ready != 0; --ready) words[done++] = Get(kFifo);
  }
  return Error::kStorage;
}

Error Transfer(std::uint32_t index, std::uint32_t argument, MutableBytes to) {
  if (!WaitFor(kStatus, kDataActive, 0, kPatience)) return Error::kStorage;
  Set(kDataTimer, kDataClocks);
  Set(kDataLength, static_cast<std::uint32_t>(to.size()));
  Set(kDataControl, kFromCard | kBlockOf512);
  BOOTSEAL_TRY(Issue(index, argument, kShort | kWithData));
  return Drain(to);
}

// A transfer that failed goes on until it is told to stop. A card that sends
// nothing any more does not answer; that is as good.
void Abandon() {
  static_cast<void>(Issue(kStopTransmission, 0, kShort | kStop));
  Set(kDataControl, kResetFifo);
  Set(kDataControl, 0);
  Set(kClear, kClearable);
}

}  // namespace

void Sdmmc::Init() {
  const std::uint32_t reset = kRcc + kChip.clocks.sdmmc_reset;
  Set(reset, rcc::kSdmmc1);
  Set(reset + 4, rcc::kSdmmc1);
  Set(kMask, 0);
  Set(kDmaControl, 0);
  Set(kPower, kPowerCycle);
  Wait(2 * kMillisecond);
  Set(kPower, kPowerOff);
  Wait(2 * kMillisecond);
  SetClock(kSlow);
  Set(kPower, kPowerOn);
  // 74 clocks, before which a card hears nothing.
  Wait(kMillisecond);
}

void Sdmmc::Speed() {
  static_cast<void>(
      WaitFor(kStatus, kCommandActive | kDataActive, 0, kPatience));
  SetClock(kFast);
}

Result<sd::Response> Sdmmc::Command(std::uint32_t index, std::uint32_t argument,
                                    sd::Answer answer) {
  const Error error = Issue(index, argument, FlagsOf(answer));
  if (error != Error::kOk) return error;
  // R2 and R3 carry ones instead.
  if (answer == sd::Answer::kShort && Get(kAnswered) != index) {
    return Error::kStorage;
  }
  if (answer == sd::Answer::kLong) return LongResponse();
  return sd::Response{Get(kResponse), 0, 0, 0};
}

Error Sdmmc::ReadData(std::uint32_t index, std::uint32_t argument,
                      MutableBytes to) {
  Error error = Error::kStorage;
  for (int i = 0; i < kTries; ++i) {
    error = Transfer(index, argument, to);
    if (error == Error::kOk) return error;
    Abandon();
  }
  return error;
}

}  // namespace bootseal::boards::stm32mp
