// A Cortex-M33 in Unicorn, with the memory of a board: code that cannot be
// written, RAM and slots that cannot be executed, a UART. Whatever leaves the
// code ends a run: that is how a start is seen. Not thread-safe.
#ifndef BOOTSEAL_TESTS_GLITCH_MACHINE_H_
#define BOOTSEAL_TESTS_GLITCH_MACHINE_H_

#include <unicorn/unicorn.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/glitch/program.h"
#include "tests/glitch/system_space.h"
#include "tests/glitch/thumb.h"

namespace bootseal::tests {

struct Board {
  Program program;
  std::vector<Range32> ram;     // registers that are as good as RAM included
  std::vector<Range32> slots;   // written by plain stores, where they are
  std::vector<Bytes32> loaded;  // into slots, before reset
  std::uint32_t uart = 0;       // a CMSDK UART; 0: none
  // Where the program has given up for good.
  std::vector<std::uint32_t> stops;
};

enum class End : std::uint8_t {
  kStopped,   // came to a stop
  kAsBefore,  // came to a state of the undisturbed boot: went on like it
  kFault,     // an exception, or an access to nothing
  kHung,      // more instructions than it may take
  kHandover,  // wrote VTOR and left its code: as bootloaders start an image
  kSlot,      // left its code for a slot in another way
  kRam,       // left its code for RAM
};
const char* Text(End end);
// Something was executed that is not the program.
inline bool IsStart(End end) {
  return end == End::kHandover || end == End::kSlot || end == End::kRam;
}

class Machine {
 public:
  explicit Machine(const Board& board);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // From reset until the end.
  End Reset(std::uint64_t budget);
  // Goes on where it is, or at `address`. At most about `budget` instructions.
  End Go(std::uint64_t budget);
  End GoFrom(std::uint32_t address, ItState state, std::uint64_t budget);

  // Registers and memory of another machine of the same board.
  void TakeFrom(const Machine& other);
  std::uint32_t Get(int unicorn_register) const;
  void Set(int unicorn_register, std::uint32_t value);
  std::uint32_t pc() const;
  std::string Read(std::uint32_t address, std::size_t size) const;
  void FlipBit(std::uint32_t address, unsigned bit);
  // Of the budget, in the last run.
  std::uint64_t spent() const { return budget_ - left_; }
  const std::string& said() const { return said_; }

  // All that what comes next can depend on.
  struct State {
    std::vector<std::uint32_t> registers;
    std::vector<Bytes32> memory;
    SystemSpace system;
  };
  State Save() const;
  bool IsIn(const State& state) const;
  // A run that comes to this address in this state ends there: kAsBefore.
  void EndAt(std::uint32_t address, State state);

  // Called before every instruction that is executed, from Reset() on. One
  // whose condition fails is not seen; the IT state cannot be asked for.
  using Watcher = std::function<void(std::uint32_t address)>;
  void Watch(Watcher watcher);
  // Called before every load and store.
  enum class Access : std::uint8_t { kRead, kWrite };
  using MemoryWatcher =
      std::function<void(Access, std::uint32_t address, std::uint32_t size)>;
  void WatchMemory(MemoryWatcher watcher);
  // Within a watcher: nothing more is executed.
  void Halt();

 private:
  struct Memory {
    Range32 range;
    std::unique_ptr<std::byte, void (*)(void*)> bytes;
    bool writable;
  };

  void Map(Range32 range, unsigned permissions);
  void Load(const Bytes32& content);
  void StayAwake(std::uint32_t stop);
  std::byte* At(std::uint32_t address) const;
  void MapSystem();
  void MapUart(std::uint32_t address);
  void Hook(int type, void* callback, std::uint32_t begin, std::uint32_t end);
  End Classify(uc_err error) const;

  const Board& board_;
  uc_engine* engine_ = nullptr;
  std::vector<Memory> memory_;
  std::vector<uc_hook> hooks_;
  std::map<std::uint32_t, State> known_;
  SystemSpace system_;
  std::string said_;
  Watcher watcher_;
  MemoryWatcher memory_watcher_;
  std::uint64_t budget_ = 0;  // halfwords
  std::uint64_t left_ = 0;
  bool hung_ = false;
  bool as_before_ = false;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_GLITCH_MACHINE_H_
