// Which image is started, and what happens to the slots before: the contract of
// the strategies. A bootloader links exactly one of them; README.md tells which
// there are.
//
// Every strategy keeps to this:
//   - Nothing is erased before the image that takes its place was verified in
//     its own slot, but images that were refused, and trailers.
//   - What is to be started is verified where it lies, after all writing.
//   - Whatever was going on when power went goes on at the next reset, and
//   ends.
#ifndef BOOTSEAL_FIRMWARE_UPGRADE_UPGRADE_H_
#define BOOTSEAL_FIRMWARE_UPGRADE_UPGRADE_H_

#include <cstdint>
#include <span>

#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/result.h"
#include "firmware/image/verified.h"

namespace bootseal::upgrade {

struct Outcome {
  // The image to start, or why there is none. kStorage: flash failed; whatever
  // was begun goes on at the next reset.
  image::Result<image::Verified> image = image::Error::kFault;
  // What was done beyond verifying, in a word or two for the log; null:
  // nothing.
  const char* done = nullptr;
  // Why an image that was to be installed was not; kOk: none was refused.
  image::Error refused = image::Error::kOk;
};

// Rules of every image, image 0 first; those of its primary slot.
using Images = std::span<const image::mcuboot::Rules* const>;
inline constexpr std::size_t kMostImages = 2;

// The rules have to fit the board's flash and the strategy: kRules.
// kSingleSlot and kDirectXip know one image.
Outcome Choose(Images images);

// After Choose found what to start, with two images: the proof of the other
// one. Proves nothing where there is one.
const image::Verified& VerifiedBeside();

// After Choose: whether the image that it verified stays. False in a trial, in
// which the next reset may bring the one before back. As MCUboot decides when
// it raises a counter: facts, mcuboot 3.6.
bool Stays(const image::mcuboot::Rules& rules, std::uint8_t image);

}  // namespace bootseal::upgrade

#endif  // BOOTSEAL_FIRMWARE_UPGRADE_UPGRADE_H_
