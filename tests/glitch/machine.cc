#include "tests/glitch/machine.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bootseal::tests {
namespace {

constexpr std::uint32_t kPage = 0x1000;
constexpr std::uint32_t kThumbState = 1U << 24;
constexpr std::uint16_t kWfi = 0xbf30;
constexpr std::uint16_t kNop = 0xbf00;

// An emulator that cannot be set up proves nothing: no test goes on.
void Must(uc_err error, const char* what) {
  if (error == UC_ERR_OK) return;
  std::fprintf(stderr, "unicorn: %s: %s\n", what, uc_strerror(error));
  std::abort();
}

Range32 WholePages(Range32 range) {
  return {range.begin & ~(kPage - 1), (range.end + kPage - 1) & ~(kPage - 1)};
}

// All that a program of this kind leaves in the core, but for the stack limits,
// which cannot be asked for: a copy goes without. Unicorn's own contexts hold
// pointers of the engine that they are of.
constexpr int kState[] = {
    UC_ARM_REG_R0,      UC_ARM_REG_R1,        UC_ARM_REG_R2,
    UC_ARM_REG_R3,      UC_ARM_REG_R4,        UC_ARM_REG_R5,
    UC_ARM_REG_R6,      UC_ARM_REG_R7,        UC_ARM_REG_R8,
    UC_ARM_REG_R9,      UC_ARM_REG_R10,       UC_ARM_REG_R11,
    UC_ARM_REG_R12,     UC_ARM_REG_CONTROL,   UC_ARM_REG_SP,
    UC_ARM_REG_LR,      UC_ARM_REG_XPSR,      UC_ARM_REG_PRIMASK,
    UC_ARM_REG_BASEPRI, UC_ARM_REG_FAULTMASK, UC_ARM_REG_PC};

bool Inside(const std::vector<Range32>& ranges, std::uint32_t address) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range32& range) {
    return range.Holds(address);
  });
}

// EPSR's bits of ITSTATE (Arm DDI 0553, D1.2, EPSR).
std::uint32_t InXpsr(ItState state) {
  return (state & 0x3U) << 25 | (state & 0xfcU) << 8;
}
constexpr std::uint32_t kItBits = 0x3U << 25 | 0xfcU << 8;

}  // namespace

const char* Text(End end) {
  switch (end) {
    case End::kStopped:
      return "stopped";
    case End::kAsBefore:
      return "went on as before";
    case End::kFault:
      return "fault";
    case End::kHung:
      return "hung";
    case End::kSlot:
      return "executed a slot";
    case End::kHandover:
      return "handed over";
    case End::kRam:
      return "executed RAM";
  }
  return "";
}

Machine::Machine(const Board& board) : board_(board) {
  Must(uc_open(UC_ARCH_ARM,
               static_cast<uc_mode>(UC_MODE_THUMB | UC_MODE_MCLASS), &engine_),
       "open");
  Must(uc_ctl_set_cpu_model(engine_, UC_CPU_ARM_CORTEX_M33), "core");
  const Bytes32& code = board.program.code();
  const Range32 code_range{
      code.begin, static_cast<std::uint32_t>(code.begin + code.bytes.size())};
  Map(code_range, UC_PROT_READ | UC_PROT_EXEC);
  for (const Range32& range : board.ram)
    Map(range, UC_PROT_READ | UC_PROT_WRITE);
  for (const Range32& range : board.slots) {
    Map(range, UC_PROT_READ | UC_PROT_WRITE);
  }
  MapSystem();
  Load(code);
  for (const Bytes32& content : board.loaded) Load(content);
  for (const std::uint32_t stop : board.stops) StayAwake(stop);
  if (board.uart != 0) MapUart(board.uart);

  const auto count =
      +[](uc_engine*, std::uint64_t, std::uint32_t size, void* self) {
        auto* machine = static_cast<Machine*>(self);
        const std::uint64_t halfwords = std::max<std::uint32_t>(size, 2) / 2;
        if (machine->left_ < halfwords) {
          machine->hung_ = true;
          uc_emu_stop(machine->engine_);
          return;
        }
        machine->left_ -= halfwords;
      };
  Hook(UC_HOOK_BLOCK, reinterpret_cast<void*>(count), 1, 0);
  const auto stop = +[](uc_engine*, std::uint64_t, std::uint32_t, void* self) {
    auto* machine = static_cast<Machine*>(self);
    if (machine->watcher_) return;  // it sees for itself
    uc_emu_stop(machine->engine_);
  };
  for (const std::uint32_t address : board.stops) {
    Hook(UC_HOOK_CODE, reinterpret_cast<void*>(stop), address, address);
  }
}

Machine::~Machine() { uc_close(engine_); }

void Machine::Map(Range32 range, unsigned permissions) {
  const Range32 pages = WholePages(range);
  const std::size_t size = pages.end - pages.begin;
  memory_.push_back(
      {pages,
       {static_cast<std::byte*>(std::aligned_alloc(kPage, size)), &std::free},
       (permissions & UC_PROT_WRITE) != 0});
  std::memset(memory_.back().bytes.get(), 0, size);
  Must(uc_mem_map_ptr(engine_, pages.begin, size, permissions,
                      memory_.back().bytes.get()),
       "memory");
}

void Machine::Load(const Bytes32& content) {
  if (content.bytes.empty()) return;
  std::byte* begin = At(content.begin);
  const auto last =
      static_cast<std::uint32_t>(content.begin + content.bytes.size() - 1);
  if (begin == nullptr || At(last) != begin + content.bytes.size() - 1) {
    Must(UC_ERR_ARG, "content outside memory");
  }
  std::memcpy(begin, content.bytes.data(), content.bytes.size());
}

// Other bootloaders sleep where they have given up. Nothing wakes a core here;
// on a board, a debugger may.
void Machine::StayAwake(std::uint32_t stop) {
  constexpr std::uint32_t kLoop = 16;
  for (std::uint32_t at = stop; at < stop + kLoop; at += 2) {
    std::byte* code = At(at);
    if (code == nullptr || board_.program.Halfword(at) != kWfi) continue;
    std::memcpy(code, &kNop, sizeof(kNop));
  }
}

std::byte* Machine::At(std::uint32_t address) const {
  for (const Memory& memory : memory_) {
    if (memory.range.Holds(address)) {
      return memory.bytes.get() + (address - memory.range.begin);
    }
  }
  return nullptr;
}

// DATA is the first register; STATE reads 0: always ready.
void Machine::MapUart(std::uint32_t address) {
  const auto read = +[](uc_engine*, std::uint64_t, unsigned,
                        void*) -> std::uint64_t { return 0; };
  const auto write = +[](uc_engine*, std::uint64_t offset, unsigned,
                         std::uint64_t value, void* self) {
    auto* machine = static_cast<Machine*>(self);
    if (offset == 0) machine->said_ += static_cast<char>(value);
  };
  Must(uc_mmio_map(engine_, address, kPage, read, this, write, this), "UART");
}

void Machine::MapSystem() {
  const auto read = +[](uc_engine*, std::uint64_t offset, unsigned,
                        void* self) -> std::uint64_t {
    return static_cast<Machine*>(self)->system_.Read(
        static_cast<std::uint32_t>(offset));
  };
  const auto write = +[](uc_engine*, std::uint64_t offset, unsigned,
                         std::uint64_t value, void* self) {
    static_cast<Machine*>(self)->system_.Write(
        static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(value));
  };
  Must(
      uc_mmio_map(engine_, SystemSpace::kBegin, kPage, read, this, write, this),
      "system control space");
}

void Machine::Hook(int type, void* callback, std::uint32_t begin,
                   std::uint32_t end) {
  hooks_.emplace_back();
  Must(uc_hook_add(engine_, &hooks_.back(), type, callback, this, begin, end),
       "hook");
}

void Machine::Watch(Watcher watcher) {
  watcher_ = std::move(watcher);
  const auto see = +[](uc_engine*, std::uint64_t address, std::uint32_t,
                       void* self) {
    static_cast<Machine*>(self)->watcher_(static_cast<std::uint32_t>(address));
  };
  Hook(UC_HOOK_CODE, reinterpret_cast<void*>(see), 1, 0);
}

void Machine::WatchMemory(MemoryWatcher watcher) {
  memory_watcher_ = std::move(watcher);
  const auto see = +[](uc_engine*, uc_mem_type type, std::uint64_t address,
                       int size, std::int64_t, void* self) {
    static_cast<Machine*>(self)->memory_watcher_(
        type == UC_MEM_WRITE ? Access::kWrite : Access::kRead,
        static_cast<std::uint32_t>(address), static_cast<std::uint32_t>(size));
  };
  Hook(UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, reinterpret_cast<void*>(see), 1,
       0);
}

void Machine::Halt() { uc_emu_stop(engine_); }

End Machine::Reset(std::uint64_t budget) {
  const Program& program = board_.program;
  Set(UC_ARM_REG_SP, program.Word(program.code().begin));
  Set(UC_ARM_REG_LR, ~std::uint32_t{0});
  Set(UC_ARM_REG_PC, program.Word(program.code().begin + 4) | 1);
  return Go(budget);
}

End Machine::GoFrom(std::uint32_t address, ItState state,
                    std::uint64_t budget) {
  const std::uint32_t xpsr = Get(UC_ARM_REG_XPSR) & ~kItBits;
  Set(UC_ARM_REG_XPSR, xpsr | kThumbState | InXpsr(state));
  Set(UC_ARM_REG_PC, address | 1);
  return Go(budget);
}

End Machine::Go(std::uint64_t budget) {
  budget_ = budget;
  left_ = budget;
  hung_ = false;
  as_before_ = false;
  // No instruction is at an odd address: never.
  const std::uint32_t never = 1;
  const uc_err error = uc_emu_start(engine_, pc() | 1, never, 0, 0);
  return Classify(error);
}

End Machine::Classify(uc_err error) const {
  const std::uint32_t at = pc();
  const Bytes32& code = board_.program.code();
  const bool left = at < code.begin || at - code.begin >= code.bytes.size();
  if (left && !system_.IsExecutable(at)) return End::kFault;
  if (left && system_.vtor() != 0) return End::kHandover;
  if (left && Inside(board_.slots, at)) return End::kSlot;
  if (left && Inside(board_.ram, at)) return End::kRam;
  if (hung_) return End::kHung;
  if (as_before_) return End::kAsBefore;
  return error == UC_ERR_OK ? End::kStopped : End::kFault;
}

void Machine::TakeFrom(const Machine& other) {
  for (const int number : kState) Set(number, other.Get(number));
  for (std::size_t i = 0; i < memory_.size(); ++i) {
    if (!memory_[i].writable) continue;
    std::memcpy(memory_[i].bytes.get(), other.memory_[i].bytes.get(),
                memory_[i].range.end - memory_[i].range.begin);
  }
  system_ = other.system_;
  said_.clear();
}

Machine::State Machine::Save() const {
  State state;
  for (const int number : kState) state.registers.push_back(Get(number));
  for (const Memory& memory : memory_) {
    if (!memory.writable) continue;
    state.memory.push_back(
        {memory.range.begin,
         Read(memory.range.begin, memory.range.end - memory.range.begin)});
  }
  state.system = system_;
  return state;
}

bool Machine::IsIn(const State& state) const {
  for (std::size_t i = 0; i < state.registers.size(); ++i) {
    if (Get(kState[i]) != state.registers[i]) return false;
  }
  if (!(system_ == state.system)) return false;
  return std::all_of(state.memory.begin(), state.memory.end(),
                     [this](const Bytes32& then) {
                       return std::memcmp(At(then.begin), then.bytes.data(),
                                          then.bytes.size()) == 0;
                     });
}

void Machine::EndAt(std::uint32_t address, State state) {
  known_.emplace(address, std::move(state));
  const auto look =
      +[](uc_engine*, std::uint64_t at, std::uint32_t, void* self) {
        auto* machine = static_cast<Machine*>(self);
        const auto found = machine->known_.find(static_cast<std::uint32_t>(at));
        if (found == machine->known_.end() || !machine->IsIn(found->second))
          return;
        machine->as_before_ = true;
        uc_emu_stop(machine->engine_);
      };
  Hook(UC_HOOK_CODE, reinterpret_cast<void*>(look), address, address);
}

std::uint32_t Machine::Get(int unicorn_register) const {
  std::uint32_t value = 0;
  Must(uc_reg_read(engine_, unicorn_register, &value), "register");
  return value;
}

void Machine::Set(int unicorn_register, std::uint32_t value) {
  Must(uc_reg_write(engine_, unicorn_register, &value), "register");
}

std::uint32_t Machine::pc() const { return Get(UC_ARM_REG_PC) & ~1U; }

std::string Machine::Read(std::uint32_t address, std::size_t size) const {
  const std::byte* begin = At(address);
  if (begin == nullptr) return "";
  return {reinterpret_cast<const char*>(begin), size};
}

void Machine::FlipBit(std::uint32_t address, unsigned bit) {
  std::byte* byte = At(address);
  if (byte != nullptr) *byte ^= std::byte{1} << bit;
}

}  // namespace bootseal::tests
