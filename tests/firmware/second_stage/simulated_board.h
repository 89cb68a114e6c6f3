// The board contract of a second stage on the host: storage in memory,
// registers that outlive a Boot(), and a journal of what was done to them. What
// starts or stops throws. One board at a time; not thread-safe.
#ifndef BOOTSEAL_TESTS_FIRMWARE_SECOND_STAGE_SIMULATED_BOARD_H_
#define BOOTSEAL_TESTS_FIRMWARE_SECOND_STAGE_SIMULATED_BOARD_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/boards/second_stage.h"
#include "firmware/image/certificate/chain.h"

namespace bootseal::tests {

enum class Event {
  kWatchdog,  // armed
  kRead,      // of the storage
  kRegister,  // a backup register was written
  kCounter,   // counted up
  kStart,     // the images
};

// Power goes before this event.
struct PowerCut {};

// How a boot ended.
struct Ending {
  bool started = false;  // else it stopped
  std::uint32_t program = 0;
  std::uint32_t link = 0;
  std::uint32_t argument = 0;  // r2
  std::string log;
  bool cut = false;
};

struct SimulatedBoard {
  // Everything that outlives a reset.
  std::string storage;
  std::array<std::uint32_t, 4> registers{};  // by BackupRegister
  std::uint32_t counter = 0;
  std::string key_hash;

  // What goes wrong.
  image::Error unprepared = image::Error::kOk;
  bool storage_absent = false;
  bool fuses_unreadable = false;
  bool counter_stuck = false;
  std::optional<std::uint64_t> unreadable_block;
  std::optional<std::size_t> failing_read;  // by its number in this boot
  std::optional<std::size_t> cut_before;    // event, by its number

  // Of the last boot.
  std::vector<Event> journal;
  std::size_t reads = 0;
  std::size_t unfed_bytes = 0;  // read since the watchdog was fed
  std::size_t most_unfed_bytes = 0;
  std::size_t feeds = 0;  // since the last read
  std::size_t most_feeds = 0;
  std::array<std::vector<std::uint32_t>, image::certificate::kImageRoles>
      areas;  // words: aligned as on a device
  std::string log;

  SimulatedBoard();
  Ending Boot();

  std::uint32_t& of(boards::BackupRegister which) {
    return registers[static_cast<std::size_t>(which)];
  }
  // The front of an image's area.
  std::string Loaded(image::certificate::ImageRole role,
                     std::size_t size) const;
  void Happens(Event event);
};

// The one that the contract's functions are about.
SimulatedBoard& Board();

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_SECOND_STAGE_SIMULATED_BOARD_H_
