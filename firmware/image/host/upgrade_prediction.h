// What a bootloader does with an image beyond taking it: the swap type that the
// trailers ask for, what follows, and whether other images and versions let it.
// Facts: mcuboot 3.7 to 3.9. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_UPGRADE_PREDICTION_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_UPGRADE_PREDICTION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware/image/host/slot_facts.h"
#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::host {

// As MCUboot numbers them.
enum class SwapType : std::uint8_t {
  kNone = 1,
  kTest = 2,
  kPermanent = 3,
  kRevert = 4,
};

// "NONE", "TEST", "PERM", "REVERT"
const char* NameOf(SwapType type);

// The rows of MCUboot's table, from top to bottom; the first that matches.
SwapType PredictSwapType(mcuboot::Strategy strategy,
                         const TrailerFacts& primary,
                         const TrailerFacts& secondary);

// What the swap type means for this strategy, in a sentence: what happens at
// the next boot and at the one after it. Direct-xip and ram-load swap nothing:
// their rule is told instead.
std::string DescribeUpgrade(const mcuboot::Rules& rules, SwapType type,
                            const TrailerFacts& secondary);

// Versions of the device's other images, by image number.
using OtherVersions = std::map<std::uint32_t, mcuboot::Version>;

struct DependencyFact {
  std::uint32_t image_id = 0;
  mcuboot::Version minimum;
  std::uint64_t offset = 0;  // of the TLV, from the image's start
  std::optional<mcuboot::Version> present;  // not told
  std::string text;                         // what follows
  bool satisfied = false;
};

// Every well-formed DEPENDENCY of the protected area, which starts at
// `area_offset` of the image.
std::vector<DependencyFact> PredictDependencies(const mcuboot::Rules& rules,
                                                const mcuboot::Facts& facts,
                                                const OtherVersions& others);

// MCUboot's order: major, minor, revision; the build number only with
// MCUBOOT_VERSION_CMP_USE_BUILD_NUMBER, and so not here. Below 0: a is older.
int CompareVersions(const mcuboot::Version& a, const mcuboot::Version& b);

// What a bootloader with MCUBOOT_DOWNGRADE_PREVENTION says to the image, beside
// this one in the primary slot.
std::string DescribeDowngrade(const mcuboot::Rules& rules, SwapType type,
                              const mcuboot::Version& image,
                              const mcuboot::Version& primary);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_UPGRADE_PREDICTION_H_
