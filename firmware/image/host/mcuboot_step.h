// The steps of MCUboot's that can end a boot, and how one ends there.
// Source and facts: mcuboot_prediction.h. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_STEP_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_STEP_H_

#include <optional>
#include <span>
#include <string>
#include <utility>

namespace bootseal::image::host {

enum class PredictedBoot {
  kStarts,     // validated and started
  kRefused,    // the image is refused; in a secondary slot it is erased
  kStops,      // the image is taken, and the boot then fails
  kUndecided,  // only the device can tell: it has a key that we lack
};

struct LoaderStep {
  const char* code;      // "HASH_TLV"
  const char* function;  // "bootutil_img_validate"
  const char* rule;      // "every hash TLV equals the digest, one is there"
};

// In MCUboot's order.
enum class LoaderStepId {
  kMagic,
  kBootable,
  kSize,
  kEncryption,
  kCompression,
  kRomAddress,
  kRamLoad,
  kKeyUnwrap,
  kPure,
  kTlvInfo,
  kImageEnd,
  kTlvBounds,
  kAllowList,
  kHash,
  kKeyLength,
  kSignature,
  kCounter,
  kVendorId,
  kClassId,
  kDependencies,
  kCounterUpdate,
  kBootRecord,
};

// One for each LoaderStepId, in the same order.
std::span<const LoaderStep> LoaderSteps();

// Where a boot of one build ends.
struct LoaderEnd {
  PredictedBoot boot;
  LoaderStepId step;
  std::string reason;
};
using LoaderVerdict = std::optional<LoaderEnd>;  // nothing: it goes on

inline LoaderVerdict Refused(LoaderStepId step, std::string reason) {
  return LoaderEnd{PredictedBoot::kRefused, step, std::move(reason)};
}
inline LoaderVerdict Stopped(LoaderStepId step, std::string reason) {
  return LoaderEnd{PredictedBoot::kStops, step, std::move(reason)};
}

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_STEP_H_
