// What kind of reason stopped a device, as its light tells it.
#ifndef BOOTSEAL_FIRMWARE_BOOT_BLINKS_H_
#define BOOTSEAL_FIRMWARE_BOOT_BLINKS_H_

#include <cstdint>
#include <iterator>

#include "firmware/image/result.h"

namespace bootseal::boot {

// How often it blinks between two pauses (firmware/README.md says what to do).
enum class Blinks : std::uint8_t {
  kRules = 1,     // no key, or rules or option bytes that do not fit the board
  kImage,         // no image, or one that cannot run from this slot
  kSignature,     // not genuine
  kNotAllowed,    // genuine, and forbidden: counter, boot record, dependency
  kStorage,       // flash cannot be read or written
  kFault,         // of the processor, or of the flow of control
  kTransparency,  // not proved to be in the log
};

// One for each family of codes in result.h: the upper twelve bits of the index.
inline constexpr Blinks kFamilies[] = {
    Blinks::kImage,     Blinks::kImage,        Blinks::kImage,
    Blinks::kSignature, Blinks::kNotAllowed,   Blinks::kNotAllowed,
    Blinks::kRules,     Blinks::kTransparency, Blinks::kStorage,
};

// What CodeWord() was given: division by the generator, whose lowest bit is
// set.
constexpr std::uint32_t IndexOf(std::uint32_t word) {
  const std::uint32_t generator = image::CodeWord(1) >> 1;
  std::uint32_t rest = word >> 1;
  std::uint32_t index = 0;
  for (int bit = 0; bit < 16; ++bit) {
    if ((rest >> bit & 1) == 0) continue;
    rest ^= generator << bit;
    index |= 1U << bit;
  }
  return index;
}

// kFault for what is no error, or none that a bootloader can come upon.
constexpr Blinks BlinksFor(image::Error error) {
  if (error == image::Error::kFault) return Blinks::kFault;
  const std::uint32_t family = IndexOf(static_cast<std::uint32_t>(error)) >> 4;
  return family < std::size(kFamilies) ? kFamilies[family] : Blinks::kFault;
}

}  // namespace bootseal::boot

#endif  // BOOTSEAL_FIRMWARE_BOOT_BLINKS_H_
