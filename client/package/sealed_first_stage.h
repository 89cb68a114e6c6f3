// What is demanded of a signed first stage before anybody relies on it,
// offline: a target's profile, and the log's key. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_PACKAGE_SEALED_FIRST_STAGE_H_
#define BOOTSEAL_CLIENT_PACKAGE_SEALED_FIRST_STAGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "client/cli/log_key.h"
#include "client/release/proven_entry.h"
#include "firmware/image/host/stm32_image.h"

namespace bootseal::package {

// OK when a closed chip that has the profile's key fused starts the image, its
// header says what the target does, and no bytes but zeros follow it: its
// header. FAILED_PRECONDITION: the ROM's reason ("not bootable: ..."),
// STM32_TRAILING, FIRST_STAGE_OF_ANOTHER; PROFILE_INVALID.
absl::StatusOr<image::stm32::Header> VerifyFirstStage(
    const v1::Profile& profile, absl::string_view image);

// OK when the log proves, with our key, an entry that allows exactly this
// image: target, image version, digest, key and signature. FAILED_PRECONDITION:
// as release::ProveEntry and VerifyFirstStage.
absl::StatusOr<release::ProvenEntry> CheckFirstStageReceipt(
    const cli::LogKey& key, absl::string_view receipt,
    const v1::Profile& profile, absl::string_view image);

// What is fused for the profile's key or keys.
absl::StatusOr<std::vector<image::host::OtpWord>> OtpWordsOf(
    const v1::Profile& profile);
// A line for each: "word 24  0x01234567".
std::string FormatOtpWords(const std::vector<image::host::OtpWord>& words);

}  // namespace bootseal::package

#endif  // BOOTSEAL_CLIENT_PACKAGE_SEALED_FIRST_STAGE_H_
