#include "tests/firmware/stm32mp/sdmmc_model.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bootseal::tests {
namespace {

// By offset.
constexpr std::uint32_t kPower = 0x00, kClock = 0x04, kArgument = 0x08,
                        kCommand = 0x0c, kAnswered = 0x10, kResponse = 0x14,
                        kDataTimer = 0x24, kDataLength = 0x28,
                        kDataControl = 0x2c, kStatus = 0x34, kClear = 0x38,
                        kFifo = 0x80;
// Status.
constexpr std::uint32_t kCommandCrcFlag = 1U << 0, kDataCrcFlag = 1U << 1,
                        kCommandTimeout = 1U << 2, kDataTimeout = 1U << 3,
                        kOverrun = 1U << 5, kAnswer = 1U << 6, kSent = 1U << 7,
                        kDataEnd = 1U << 8, kBlockEnd = 1U << 10,
                        kDataActive = 1U << 12, kCommandActive = 1U << 13,
                        kHalfFull = 1U << 15, kFull = 1U << 17,
                        kEmpty = 1U << 19, kBusy = 1U << 20;
constexpr std::uint32_t kStatic = 0x1fe00fff;
constexpr std::uint32_t kWithData = 1U << 6, kStop = 1U << 7, kRun = 1U << 12;
constexpr std::uint32_t kFlowControl = 1U << 17, kResetFifo = 1U << 13;
constexpr std::size_t kFifoWords = 16;
constexpr std::uint32_t kAddress = 0x59b40000;  // of the card

}  // namespace

std::uint32_t SdCardModel::Status() const {
  return state_ << 9 | 1U << 8 | (application_ ? 1U << 5 : 0);
}

std::array<std::uint32_t, 4> SdCardModel::Csd() const {
  // Bits 127:0; word 0 holds the highest.
  std::array<std::uint32_t, 4> csd{};
  const auto put = [&](unsigned low, std::uint64_t value) {
    for (unsigned bit = low; value != 0; ++bit, value >>= 1) {
      if ((value & 1) != 0) csd[3 - bit / 32] |= 1U << bit % 32;
    }
  };
  if (high_capacity) {
    put(126, 1);
    put(48, content.size() / (512 * 1024) - 1);
  } else {
    put(80, 9);                               // READ_BL_LEN
    put(47, 0);                               // C_SIZE_MULT: times four
    put(62, content.size() / (512 * 4) - 1);  // C_SIZE
  }
  csd[3] |= 0x7e;  // a CRC, which nobody must take for content
  return csd;
}

std::optional<SdCardModel::Answer> SdCardModel::Hear(std::uint32_t index,
                                                     std::uint32_t argument) {
  if (absent) return std::nullopt;
  const bool application = std::exchange(application_, false);
  Answer answer{{Status(), 0, 0, 0}, index, false, std::nullopt};
  switch (index) {
    case 0:
      state_ = 0;
      asked_ = 0;
      return std::nullopt;
    case 8:
      if (version1 || state_ != 0) return std::nullopt;
      answer.words[0] = argument & 0xfff;
      return answer;
    case 55:
      application_ = true;
      answer.words[0] = Status();
      return answer;
    case 41:
      if (!application || state_ != 0) return std::nullopt;
      // Asked without HCS, a high capacity card stays busy.
      if (asked_++ >= power_up &&
          (!high_capacity || (argument & 1U << 30) != 0)) {
        state_ = 1;
      }
      answer.words[0] = 0x00ff8000;
      if (state_ == 1) {
        answer.words[0] |= 1U << 31 | (high_capacity ? 1U << 30 : 0);
      }
      answer.index = 0x3f;
      return answer;
    case 2:
      if (state_ != 1) return std::nullopt;
      state_ = 2;
      return Answer{{0x03534453, 0x55, 0x66, 0x77}, 0x3f, false, std::nullopt};
    case 3:
      if (state_ != 2) return std::nullopt;
      state_ = 3;
      answer.words[0] |= kAddress;
      return answer;
    default:
      return Registered(index, argument);
  }
}

// Of a card that has its address.
std::optional<SdCardModel::Answer> SdCardModel::Registered(
    std::uint32_t index, std::uint32_t argument) {
  Answer answer{{Status(), 0, 0, 0}, index, false, std::nullopt};
  if (index == 9 && state_ == 3 && argument == kAddress) {
    return Answer{Csd(), 0x3f, false, std::nullopt};
  }
  if (index == 7 && state_ == 3 && argument == kAddress) {
    state_ = 4;
    answer.busy = true;
    return answer;
  }
  if (index == 16 && state_ == 4 && argument == 512) return answer;
  if (index == 17 && state_ == 4) {
    const std::uint64_t at =
        high_capacity ? std::uint64_t{argument} * 512 : argument;
    if (at + 512 <= content.size() && at % 512 == 0) {
      answer.data_at = static_cast<std::uint32_t>(at);
    } else {
      answer.words[0] |= 1U << 31;  // and no data
    }
    return answer;
  }
  return std::nullopt;
}

void SdmmcModel::Reset() {
  registers_.clear();
  flags_ = 0;
  until_answer_ = 0;
  data_active_ = false;
  fifo_.clear();
  cycled_ = false;
}

bool SdmmcModel::Strikes(SdmmcFault::Kind kind, std::uint32_t index) {
  if (fault.kind != kind || fault.command != index || fault.times == 0) {
    return false;
  }
  if (fault.times != UINT32_MAX) --fault.times;
  return true;
}

void SdmmcModel::Run(std::uint32_t value, Violations& violations) {
  const std::uint32_t index = value & 0x3f;
  if ((registers_[kPower] & 3) != 3)
    violations.push_back("command without power");
  if (looks_on_ < 74) violations.push_back("command before 74 clocks");
  if (!card.is_identified() && bus_hertz_ > 400'000) {
    violations.push_back("identification above 400 kHz");
  }
  if (until_answer_ != 0) violations.push_back("command while one runs");
  if (busy_ != 0) violations.push_back("command to a busy card");
  if ((flags_ & kStatic) != 0) violations.push_back("command over old flags");
  if ((value & kWithData) != 0 &&
      registers_[kDataControl] != (1U << 1 | 9U << 4)) {
    violations.push_back("data command without its data path");
  }
  // It ends whatever was going on, answered or not.
  if ((value & kStop) != 0) data_active_ = false;
  commands.push_back(index);
  command_ = value;
  until_answer_ = slow;
  answer_ = card.Hear(index, registers_[kArgument]);
}

void SdmmcModel::EndCommand() {
  const std::uint32_t index = command_ & 0x3f;
  const std::uint32_t wanted = command_ >> 8 & 3;
  if (Strikes(SdmmcFault::kSilence, index)) return;
  if (wanted == 0) {
    flags_ |= kSent;
    return;
  }
  if (!answer_ || Strikes(SdmmcFault::kNoAnswer, index)) {
    flags_ |= kCommandTimeout;
    return;
  }
  if (Strikes(SdmmcFault::kCommandCrc, index) && wanted != 2) {
    flags_ |= kCommandCrcFlag;
    return;
  }
  flags_ |= kAnswer;
  registers_[kAnswered] =
      Strikes(SdmmcFault::kOtherIndex, index) ? 13 : answer_->index;
  for (std::uint32_t i = 0; i < 4; ++i) {
    registers_[kResponse + 4 * i] = answer_->words[i];
  }
  if (answer_->busy) busy_ = 20;
  if (Strikes(SdmmcFault::kBusyForever, index)) busy_ = UINT32_MAX;
  if ((command_ & kWithData) != 0)
    StartData(answer_->data_at.value_or(UINT32_MAX));
}

void SdmmcModel::StartData(std::uint32_t at) {
  const std::uint32_t index = command_ & 0x3f;
  data_active_ = true;
  next_ = at;
  until_data_ = 10;
  pending_words_ = registers_[kDataLength] / 4;
  end_flag_ = kDataEnd | kBlockEnd;
  if (at == UINT32_MAX || registers_[kDataTimer] < 2'500'000 ||
      Strikes(SdmmcFault::kDataTimeout, index)) {
    pending_words_ = 0;
    end_flag_ = kDataTimeout;
  } else if (Strikes(SdmmcFault::kDataCrc, index)) {
    end_flag_ = kDataCrcFlag | kDataEnd;
  } else if (Strikes(SdmmcFault::kShortData, index)) {
    pending_words_ -= 3;
  } else if (Strikes(SdmmcFault::kLongData, index)) {
    pending_words_ += 3;
  } else if (Strikes(SdmmcFault::kNoData, index)) {
    pending_words_ = 0;
    end_flag_ = 0;
  }
}

void SdmmcModel::PassData() {
  if (!data_active_ || (until_data_ != 0 && --until_data_ != 0)) return;
  for (std::uint32_t i = 0; i < words_at_once && pending_words_ != 0; ++i) {
    if (fifo_.size() == kFifoWords) {
      if ((registers_[kClock] & kFlowControl) == 0) flags_ |= kOverrun;
      return;
    }
    std::uint32_t word = 0;
    for (std::uint32_t byte = 0; byte < 4 && next_ < card.content.size();
         ++byte, ++next_) {
      word |= static_cast<std::uint32_t>(
                  static_cast<unsigned char>(card.content[next_]))
              << 8 * byte;
    }
    fifo_.push_back(word);
    --pending_words_;
  }
  max_fifo = std::max(max_fifo, static_cast<std::uint32_t>(fifo_.size()));
  if (pending_words_ != 0 || end_flag_ == 0) return;
  flags_ |= end_flag_;
  // After a failure it waits for CMDSTOP.
  if (end_flag_ == (kDataEnd | kBlockEnd)) data_active_ = false;
  end_flag_ = 0;
}

std::uint32_t SdmmcModel::Status(Violations&) {
  ++looks_on_;
  if (until_answer_ != 0 && --until_answer_ == 0) EndCommand();
  PassData();
  if (busy_ != 0 && busy_ != UINT32_MAX) --busy_;
  std::uint32_t status = flags_;
  if (data_active_) status |= kDataActive;
  if (until_answer_ != 0) status |= kCommandActive;
  if (fifo_.size() >= kFifoWords / 2) status |= kHalfFull;
  if (fifo_.size() == kFifoWords) status |= kFull;
  if (fifo_.empty()) status |= kEmpty;
  if (busy_ != 0) status |= kBusy;
  return status;
}

std::uint32_t SdmmcModel::Get(std::uint32_t offset, Violations& violations) {
  if (offset == kStatus) return Status(violations);
  if (offset == kFifo) {
    if (fifo_.empty()) {
      violations.push_back("empty FIFO read");
      return 0xa5a5a5a5;
    }
    const std::uint32_t word = fifo_.front();
    fifo_.pop_front();
    return word;
  }
  return registers_[offset];
}

void SdmmcModel::Set(std::uint32_t offset, std::uint32_t value,
                     std::uint32_t hertz, Violations& violations) {
  const bool of_data =
      offset == kDataTimer || offset == kDataLength || offset == kDataControl;
  if (of_data && data_active_ && value != kResetFifo) {
    violations.push_back(
        absl::StrCat("data path changed while it runs: ", absl::Hex(offset)));
    return;
  }
  if (offset == kArgument && until_answer_ != 0) {
    violations.push_back("argument changed while a command runs");
  }
  if (offset == kClear) {
    flags_ &= ~(value & kStatic);
    return;
  }
  if (offset == kPower) {
    if ((value & 3) == 2) cycled_ = true;
    if ((value & 3) == 3 && !cycled_) violations.push_back("no power cycle");
    if ((value & 3) == 3 && bus_hertz_ == 0)
      violations.push_back("power before a clock");
    card.Reset();
    looks_on_ = 0;
  }
  if (offset == kClock) {
    if (until_answer_ != 0 || data_active_) {
      violations.push_back("clock changed while it runs");
    }
    const std::uint32_t divider = value & 0x3ff;
    bus_hertz_ = divider == 0 ? hertz : hertz / (2 * divider);
    if (bus_hertz_ > 25'000'000) violations.push_back("bus above 25 MHz");
  }
  if (offset == kDataControl && (value & kResetFifo) != 0) fifo_.clear();
  registers_[offset] = value;
  if (offset == kCommand && (value & kRun) != 0) Run(value, violations);
}

}  // namespace bootseal::tests
