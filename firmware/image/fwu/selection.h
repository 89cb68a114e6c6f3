// Which bank a bootloader starts, and why. Pure: metadata and the register that
// survives resets go in, the bank and the register's next value come out. The
// bootloader of firmware/boot calls it, and everything that foretells it.
//
//   active bank          trials left            starts    register
//   accepted             any                    active    trials := 3
//   accepted, failed     any                    fallback  trials := 0
//   valid (a trial)      above 0                active    trials - 1
//   valid, failed        above 0                fallback  trials - 1
//   valid                0, register intact     fallback  stays 0
//   valid                register lost          fallback  stays lost
//   invalid              any                    fallback  trials := 0
//
// A trial that fails is tried again with the next boot, until none is left.
// The fallback: previous when accepted, any other accepted one, previous when
// valid, any other valid one; never the active one, never one that failed.
// Unlike TF-A: an accepted bank that fails to authenticate falls back too, a
// lost backup domain is told from spent trials, and there is no bank number for
// "none". Facts: fwu 2.2, 2.3, 9.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_FWU_SELECTION_H_
#define BOOTSEAL_FIRMWARE_IMAGE_FWU_SELECTION_H_

#include <cstdint>

#include "firmware/image/fwu/metadata.h"

namespace bootseal::image::fwu {

inline constexpr std::uint8_t kMaxTrials = 3;

// TAMP backup register of an STM32MP1: bits 3:0 the bank that was started, bits
// 7:4 the trials left. `intact` is the word beside it that a lost backup domain
// clears.
struct BootRegister {
  std::uint8_t bank = 0;
  std::uint8_t trials = 0;
  bool intact = false;
  friend constexpr bool operator==(const BootRegister&,
                                   const BootRegister&) = default;
};

enum class BootReason : std::uint8_t {
  kAccepted,     // the active bank, accepted
  kTrial,        // the active bank, on trial
  kTrialsSpent,  // fell back: the active bank was never accepted
  kTrialLost,    // fell back: the register did not survive; no trial was run
  kInvalid,      // fell back: the active bank is not complete
  kFailed,       // fell back: the active bank did not authenticate
};

struct Selection {
  std::uint8_t bank = 0;
  BootReason reason = BootReason::kAccepted;
  BootRegister next;  // to be written before the bank is read
};

// `failed`: bit n is set when bank n did not authenticate in this boot; the
// caller asks again after each failure, with the same `last`, as the boot
// before left it. kNoBank when none is left.
Result<Selection> SelectBank(const Metadata& metadata, BootRegister last,
                             std::uint8_t failed);

}  // namespace bootseal::image::fwu

#endif  // BOOTSEAL_FIRMWARE_IMAGE_FWU_SELECTION_H_
