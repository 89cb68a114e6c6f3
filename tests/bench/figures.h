// What a bootloader weighs and how long it takes: bytes of the ELF that ships,
// key included, and instructions from reset to the jump into a payload of
// 64 KiB (QEMU counts instructions, not cycles).
#ifndef BOOTSEAL_TESTS_BENCH_FIGURES_H_
#define BOOTSEAL_TESTS_BENCH_FIGURES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "firmware/image/crypto.h"
#include "firmware/image/mcuboot/rules.h"
#include "tests/support/device.h"

namespace bootseal::tests {

// kTwo: with keys in them, as TF-M has them. kTfm: the same in
// firmware/provision's configuration tfm: keys in OTP, counters, boot records
// handed on.
enum class Images : std::uint8_t { kOne, kTwo, kTfm };

struct Configuration {
  std::string board = "mps2-an505";
  image::Algorithm algorithm = image::Algorithm::kP256;
  Crypto crypto = Crypto::kOwn;
  image::mcuboot::Strategy strategy = image::mcuboot::Strategy::kSingleSlot;
  const char* log = "full";
  // Images without counter, boot record and dependency, as MCUboot's builds
  // take them that know none; else counter and boot record are demanded.
  bool plain = false;
  Images images = Images::kOne;
  bool upgrades = false;  // an image of the same size waits in slot 1
  bool receipt = false;   // the image carries one, and the rules demand it
};

struct Figures {
  unsigned long text = 0;
  unsigned long ram = 0;  // data, bss and stack
  unsigned long long instructions = 0;
};

// Says on stderr what went wrong.
std::optional<Figures> Measure(const Configuration& configuration);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_BENCH_FIGURES_H_
