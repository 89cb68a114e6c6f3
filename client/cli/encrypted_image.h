// An image that was accepted in plaintext, encrypted for a device: what was
// signed stays, the payload becomes unreadable, the content key follows the
// signature. Facts: mcuboot 1.12. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CLI_ENCRYPTED_IMAGE_H_
#define BOOTSEAL_CLIENT_CLI_ENCRYPTED_IMAGE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "client/cli/assembly.h"
#include "client/cli/compressed_payload.h"
#include "client/imgtool/device_key.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/verified.h"

namespace bootseal::cli {

// Of header and payload, `bytes` at least, in whole blocks of the cipher.
std::size_t PaddedSize(std::size_t bytes);

// With zeros, to whole blocks of the cipher together with its header. Before
// it is sent, and after it is compressed: the server signs the padding.
SentPayload PaddedForCipher(const v1::McubootFormat& format,
                            SentPayload payload);

enum class PayloadForm {
  kEncrypted,
  kClear,  // encryptable, for the primary slot
};

// `accepted` is the image of `reply` after every check of acceptance.h. The
// result passes the target's rules once its payload is decrypted: that is tried
// here, with the plaintext, and with the device's key where we have it.
// FAILED_PRECONDITION: IMAGE_TOO_LARGE, ENCRYPTION_FAILED; the errors of
// CheckFits.
absl::StatusOr<AssembledImage> EncryptImage(const AssembledImage& accepted,
                                            const v1::SignReply& reply,
                                            const imgtool::DeviceKey& device,
                                            PayloadForm form);

// What a target demands of a file as a device gets it, not as it is signed: an
// encrypted image has its content key.
image::mcuboot::Rules RulesOfFile(image::mcuboot::Rules rules);

// The verdict by those rules. As Judge; FAILED_PRECONDITION (PAYLOAD_ENCRYPTED)
// for a file that the device alone can judge, and that breaks no rule that can
// be judged without its key.
absl::StatusOr<image::Verified> JudgeFile(const v1::Profile& profile,
                                          absl::string_view image);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_ENCRYPTED_IMAGE_H_
