// SDMMC version 2 and the SD card behind it: command and data path, FIFO, flags
// and what may be written when (RM0436, chapter SDMMC); the card's states and
// answers (SD Physical Layer 6.00, chapter 4). Not thread-safe.
#ifndef BOOTSEAL_TESTS_FIRMWARE_STM32MP_SDMMC_MODEL_H_
#define BOOTSEAL_TESTS_FIRMWARE_STM32MP_SDMMC_MODEL_H_

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bootseal::tests {

using Violations = std::vector<std::string>;

class SdCardModel {
 public:
  bool absent = false;
  bool version1 = false;       // knows no CMD8
  bool high_capacity = false;  // addressed by blocks
  std::uint32_t power_up = 2;  // ACMD41 that find it busy
  std::string content = std::string(1 << 20, '\0');

  struct Answer {
    std::array<std::uint32_t, 4> words{};  // as the host's registers hold them
    std::uint32_t index = 0;
    bool busy = false;
    std::optional<std::uint32_t> data_at;  // byte
  };
  // Nothing: it does not answer.
  std::optional<Answer> Hear(std::uint32_t index, std::uint32_t argument);
  bool is_identified() const { return state_ >= 3; }
  void Reset() { state_ = 0; }

 private:
  std::optional<Answer> Registered(std::uint32_t index, std::uint32_t argument);
  std::uint32_t Status() const;
  std::array<std::uint32_t, 4> Csd() const;

  std::uint32_t state_ = 0;  // idle, ready, ident, stby, tran
  bool application_ = false;
  std::uint32_t asked_ = 0;
};

// What goes wrong, once or for good.
struct SdmmcFault {
  enum Kind {
    kNone,
    kCommandCrc,
    kNoAnswer,
    kOtherIndex,  // answers another command
    kDataCrc,
    kDataTimeout,
    kShortData,    // ends before the block is whole
    kLongData,     // sends more than a block
    kNoData,       // neither data nor flags
    kSilence,      // a command's flags do not come
    kBusyForever,  // data line 0 stays low
  } kind = kNone;
  std::uint32_t command = 17;  // which it is about
  std::uint32_t times = UINT32_MAX;
};

class SdmmcModel {
 public:
  SdCardModel card;
  SdmmcFault fault;
  std::vector<std::uint32_t> commands;  // seen by the card
  std::uint32_t slow = 4;               // looks for a command
  std::uint32_t words_at_once = 5;      // that come with a look
  std::uint32_t max_fifo = 0;

  std::uint32_t Get(std::uint32_t offset, Violations& violations);
  void Set(std::uint32_t offset, std::uint32_t value, std::uint32_t hertz,
           Violations& violations);
  void Reset();
  std::uint32_t hertz() const { return bus_hertz_; }

 private:
  bool Strikes(SdmmcFault::Kind kind, std::uint32_t index);
  void Run(std::uint32_t value, Violations& violations);
  void Pass(Violations& violations);
  void EndCommand();
  void StartData(std::uint32_t at);
  void PassData();
  std::uint32_t Status(Violations& violations);

  std::map<std::uint32_t, std::uint32_t> registers_;
  std::uint32_t flags_ = 0;
  std::uint32_t until_answer_ = 0;
  std::uint32_t command_ = 0;
  std::optional<SdCardModel::Answer> answer_;
  std::uint32_t busy_ = 0;
  bool data_active_ = false;
  std::uint32_t pending_words_ = 0;
  std::uint32_t next_ = 0;  // byte of the card
  std::uint32_t end_flag_ = 0;
  std::uint32_t until_data_ = 0;
  std::deque<std::uint32_t> fifo_;
  std::uint32_t bus_hertz_ = 0;
  std::uint32_t looks_on_ = 0;
  bool cycled_ = false;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_STM32MP_SDMMC_MODEL_H_
