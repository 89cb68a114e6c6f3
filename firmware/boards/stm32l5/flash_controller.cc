#include "firmware/boards/stm32l5/flash_controller.h"

#include "firmware/boards/stm32l5/flash_port.h"
#include "firmware/boards/stm32l5/flash_registers.h"

namespace bootseal::boards::stm32l5 {
namespace {

using image::Bytes;
using image::Error;
using image::MutableBytes;

// A page takes 25 ms at most, which is far less than this many looks.
constexpr std::uint32_t kPatience = 2'000'000;

// Registers of one world.
struct Registers {
  std::uint32_t key;
  std::uint32_t status;
  std::uint32_t control;
};
constexpr Registers kSecure{kSecureKey, kSecureStatus, kSecureControl};
constexpr Registers kNonSecure{kNonSecureKey, kNonSecureStatus,
                               kNonSecureControl};

constinit volatile std::uint32_t detected = 0;  // by NMIs, flags of kEcc

class Uncached {
 public:
  Uncached() { CacheOff(); }
  ~Uncached() { CacheOn(); }
  Uncached(const Uncached&) = delete;
  Uncached& operator=(const Uncached&) = delete;
};

const Registers& RegistersFor(std::uint32_t address) {
  return address >= kSecureAlias ? kSecure : kNonSecure;
}

bool HasTwoBanks() { return (Get(kOptions) & kDualBank) != 0; }

Error WaitUntilIdle() {
  for (std::uint32_t looks = 0; looks < kPatience; ++looks) {
    if (((Get(kSecureStatus) | Get(kNonSecureStatus)) & kBusy) == 0) {
      return Error::kOk;
    }
  }
  return Error::kStorage;
}

// A key that is not wanted locks until reset as a wrong one does.
Error Unlock(const Registers& registers) {
  if ((Get(registers.control) & kLock) != 0) {
    Set(registers.key, kKey1);
    Set(registers.key, kKey2);
  }
  return (Get(registers.control) & kLock) == 0 ? Error::kOk : Error::kStorage;
}

Error Begin(const Registers& registers) {
  BOOTSEAL_TRY(WaitUntilIdle());
  Set(registers.status, kErrors | kEndOfOperation);
  return Unlock(registers);
}

void Choose(const Registers& registers, std::uint32_t operation) {
  Set(registers.control, (Get(registers.control) & ~kOperation) | operation);
}

// What the controller says of an operation; its flags are cleared.
Error Outcome(const Registers& registers) {
  BOOTSEAL_TRY(WaitUntilIdle());
  const std::uint32_t status = Get(registers.status);
  Set(registers.status, kErrors | kEndOfOperation);
  return (status & kErrors) == 0 ? Error::kOk : Error::kStorage;
}

void Lock(const Registers& registers) { Choose(registers, kLock); }

struct Doubleword {
  std::uint32_t low;
  std::uint32_t high;
  bool operator==(const Doubleword&) const = default;
};
constexpr Doubleword kErased{0xffffffff, 0xffffffff};

// With one bank the flags of its neighbour are not its own.
std::uint32_t Own(std::uint32_t address, std::uint32_t lower,
                  std::uint32_t upper) {
  return (address & kDoubleword) != 0 && !HasTwoBanks() ? upper : lower;
}

struct Loaded {
  Doubleword value;
  Error error;
};

// What was read last may be kept, and errors come only with reading: so another
// line first, of the same page.
constexpr std::uint32_t kLine = 16;

Loaded Load(std::uint32_t address) {
  static_cast<void>(LoadWord(address ^ kLine));
  Set(kEcc, Get(kEcc) | kEccFlags);
  detected = 0;
  const std::uint32_t low = LoadWord(address);
  const Doubleword value{low, LoadWord(address + 4)};
  const std::uint32_t flags = Get(kEcc) | detected;
  const bool lost = (flags & Own(address, kDetected, kDetected2)) != 0;
  const bool corrected = (flags & Own(address, kCorrected, kCorrected2)) != 0;
  // Reads as erased, and cannot be programmed.
  const bool worn = corrected && value == kErased;
  return {value, lost || worn ? Error::kStorage : Error::kOk};
}

Doubleword DoublewordOf(Bytes bytes) {
  image::Reader reader(bytes);
  const std::uint32_t low = reader.U32();
  return {low, reader.U32()};
}

bool IsErased(std::uint32_t address) {
  const Loaded there = Load(address);
  return there.error == Error::kOk && there.value == kErased;
}

Error Program(const Registers& registers, std::uint32_t address,
              const Doubleword& value) {
  StoreWord(address, value.low);
  StoreWord(address + 4, value.high);
  return Outcome(registers);
}

Error ProgramAll(const Registers& registers, std::uint32_t address,
                 Bytes from) {
  BOOTSEAL_TRY(Begin(registers));
  Choose(registers, kProgram);
  for (; !from.empty(); from = from.subspan(kDoubleword)) {
    BOOTSEAL_TRY(Program(registers, address, DoublewordOf(from)));
    address += kDoubleword;
  }
  return Error::kOk;
}

Error Compare(std::uint32_t address, Bytes expected) {
  for (; !expected.empty(); expected = expected.subspan(kDoubleword)) {
    const Loaded there = Load(address);
    if (there.error != Error::kOk || there.value != DoublewordOf(expected)) {
      return Error::kStorage;
    }
    address += kDoubleword;
  }
  return Error::kOk;
}

std::uint32_t PageFlags(std::uint32_t address) {
  std::uint32_t offset = address % kFlashSize;
  std::uint32_t bank = 0;
  if (HasTwoBanks() && offset >= kBankSize) {
    offset -= kBankSize;
    bank = kBank2;
  }
  return bank | (offset / PageSize()) << kPageShift;
}

Error EraseOne(const Registers& registers, std::uint32_t address) {
  BOOTSEAL_TRY(Begin(registers));
  Choose(registers, kErasePage | PageFlags(address));
  Set(registers.control, Get(registers.control) | kStart);
  return Outcome(registers);
}

std::uint32_t SecurePages(std::uint32_t end) {
  return end == 0 ? kFirstPage : (end / PageSize() - 1) << kLastPageShift;
}

}  // namespace

std::uint32_t PageSize() { return HasTwoBanks() ? 0x800 : 0x1000; }

const char* OptionFlaw(std::uint32_t secure_size) {
  const std::uint32_t options = Get(kOptions);
  if ((options & kTrustZone) == 0) return "option byte TZEN";
  if ((options & kSwapBanks) != 0) return "option byte SWAP_BANK";
  std::uint32_t first = secure_size;
  if (HasTwoBanks()) {
    first = secure_size < kBankSize ? secure_size : kBankSize;
    const std::uint32_t second = Get(kWatermark2) & kPages;
    if (second != SecurePages(secure_size - first)) return "option byte SECWM2";
  }
  return (Get(kWatermark1) & kPages) == SecurePages(first)
             ? nullptr
             : "option byte SECWM1";
}

Error Read(std::uint32_t address, MutableBytes to) {
  const Uncached uncached;
  Error error = Error::kOk;
  while (!to.empty()) {
    const std::uint32_t skipped = address % kDoubleword;
    const Loaded there = Load(address - skipped);
    if (there.error != Error::kOk) error = there.error;
    const std::uint64_t value =
        there.value.low | static_cast<std::uint64_t>(there.value.high) << 32;
    std::uint32_t done = 0;
    for (; skipped + done < kDoubleword && done < to.size(); ++done) {
      to[done] = static_cast<std::byte>(value >> (8 * (skipped + done)) & 0xff);
    }
    to = to.subspan(done);
    address += done;
  }
  return error;
}

Error Write(std::uint32_t address, Bytes from) {
  if (address % kDoubleword != 0 || from.size() % kDoubleword != 0) {
    return Error::kStorage;
  }
  const Uncached uncached;
  for (std::uint32_t at = 0; at < from.size(); at += kDoubleword) {
    if (!IsErased(address + at)) return Error::kStorage;
  }
  const Registers& registers = RegistersFor(address);
  const Error written = ProgramAll(registers, address, from);
  Lock(registers);
  return written == Error::kOk ? Compare(address, from) : written;
}

Error Erase(std::uint32_t address, std::uint32_t size) {
  const std::uint32_t page = PageSize();
  if (address % page != 0 || size % page != 0) return Error::kStorage;
  const Uncached uncached;
  const Registers& registers = RegistersFor(address);
  Error erased = Error::kOk;
  for (; size != 0 && erased == Error::kOk; size -= page, address += page) {
    erased = EraseOne(registers, address);
  }
  Lock(registers);
  return erased;
}

bool ServeNonMaskable(std::uint32_t kept) {
  const std::uint32_t ecc = Get(kEcc);
  const std::uint32_t found = ecc & (kDetected | kDetected2);
  std::uint32_t offset = ecc & kEccAddress;
  if ((ecc & kEccBank2) != 0) offset += kBankSize;
  if (found == 0 || (ecc & kEccSystemFlash) != 0 || offset < kept) return false;
  detected = detected | found;
  // Others wait until what was corrected is looked at.
  Set(kEcc, (ecc & ~kEccFlags) | found);
  return true;
}

}  // namespace bootseal::boards::stm32l5
