// A target's first stages (STM32 header): what its format must be like, and the
// header that a request means. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_FIRST_STAGE_FORMAT_H_
#define BOOTSEAL_SERVER_TRUST_FIRST_STAGE_FORMAT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "firmware/image/host/stm32_image.h"
#include "server/trust/problems.h"

namespace bootseal::trust {

// The chip's counter in OTP has so many steps.
inline constexpr std::uint32_t kMaxImageVersion = 32;
inline constexpr std::uint32_t kDefaultImageVersionStep = 1;

// Every problem but those of the key that the target names.
void CheckStm32Header(const v1::Stm32HeaderFormat& format,
                      v1::Algorithm algorithm, const Field& here);
// Whether the key at key_index is the one with this SHA-256 (hex) of its DER.
// Keys that cannot be read are CheckStm32Header's to report.
void CheckTableIsOf(const v1::Stm32HeaderFormat& format,
                    absl::string_view public_key_sha256, const Field& field);

// All that follows is for a format without problems.

image::host::Stm32Description DescriptionOf(const v1::Stm32HeaderFormat& format,
                                            std::uint32_t image_version);
// `signer`: the target's key, DER. INVALID_ARGUMENT (STM32_KEY).
absl::StatusOr<image::host::Stm32Keys> KeysOf(
    const v1::Stm32HeaderFormat& format, const std::string& signer);

// For approvers: the header that a pending request gets signed, without
// checksum and signature. FAILED_PRECONDITION (FIRST_STAGE_MISMATCH) unless the
// one digest's preimage is the front of a first stage, and image version and
// payload size are those of the entry. The file is the right one when the
// digest is over preimage and file.
absl::StatusOr<image::stm32::Header> OpenFirstStageMessage(
    const v1::SigningEvent& signing);

// Whether the preimage is a first stage's.
bool IsFirstStageMessage(const v1::Preimage& preimage);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_FIRST_STAGE_FORMAT_H_
