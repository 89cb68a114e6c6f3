// A bootloader's switches as far as they bear on an image, in the words of the
// policy, from whatever build system set them.
//
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_BOOTLOADER_SETTINGS_H_
#define BOOTSEAL_CLIENT_BOOTLOADER_SETTINGS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "client/bootloader/build.h"

namespace bootseal::bootloader {

// In the order in which they are reported.
enum class Setting {
  kMeasuredBoot,    // yes, no
  kSoftwareType,    // SPE, NSPE, NSPE_SPE
  kSignature,       // RSA2048, RSA3072, P256, P384, ED25519
  kKeyFormat,       // HASH, FULL, ID
  kRollback,        // yes, no
  kCounterCeiling,  // a number
  kImageCount,      // a number
  kDependencies,    // (1,0.0.0)
  kStrategy,        // names of v1::UpgradeStrategy
  kSlotSize,        // 0x2d000
  kLoadAddress,     // the same; 0x0: none
  kRomFixed,        // the same
  kAlign,           // a number
  kMaxAlign,        // a number
  kHeaderSize,      // 0x400
  kMaxSectors,      // a number
  kPadding,         // PAD, CONFIRM
  kEncryption,      // no, or "RSA_OAEP 128": names of v1::KeyExchange
  kAllowList,       // yes, no
  kBootRecordSize,  // a number
  kHash,            // SHA-256, SHA-384, SHA-512
  kPure,            // yes, no
  kVendorId,        // yes, no
  kClassId,         // yes, no
  kDecompression,   // yes, no
};

struct Said {
  std::string value;  // as above
  std::string words;  // "MCUBOOT_MEASURED_BOOT=ON"
  std::string place;  // file:line, or the file that lacks it
};
// What a build does not tell is not there.
using Settings = std::map<Setting, Said>;

// Which image of a TF-M build: "s", "ns", or "s_ns" for both in one.
// FAILED_PRECONDITION (BUILD_NOT_TFM): its files tell no setting; the errors of
// LoadTfmBuild and tfm::LoadLayout.
absl::StatusOr<Settings> TfmSettings(const std::string& folder,
                                     const std::string& image);

// Whether TF-M signs both images as one.
bool IsCombined(const Facts& facts);

absl::StatusOr<Settings> ZephyrSettings(const Facts& facts);

}  // namespace bootseal::bootloader

#endif  // BOOTSEAL_CLIENT_BOOTLOADER_SETTINGS_H_
