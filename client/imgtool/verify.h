// imgtool verify: hash and signature of an image, and that it names its key.
// Whether a target's bootloader takes it is `bootseal verify`'s to say.
// Facts: mcuboot 2.4.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_VERIFY_H_
#define BOOTSEAL_CLIENT_IMGTOOL_VERIFY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/imgtool/key.h"
#include "client/imgtool/key_commands.h"

namespace bootseal::imgtool {

// `server` must outlive the action.
Action DeclareVerify(CLI::App& app, const Server& server);

// kImgtool neither looks at the TLV that names the key nor at zeros behind an
// ECDSA signature, with which no bootloader of today takes the image.
enum class Strictness { kDevice, kImgtool };

// What to print of an image that is right; without a key only its hash counts.
// FAILED_PRECONDITION: the codes of firmware/image/result.h for a structure
// that does not hold, DIGEST_MISSING, DIGEST_MISMATCH, ENCRYPTED (the hash
// covers the plaintext), DIGEST_TYPE, KEY_MISSING, KEY_UNKNOWN,
// SIGNATURE_MISSING, SIGNATURE_MISMATCH. Thread-safe.
absl::StatusOr<std::string> VerifyImage(absl::string_view bytes, const Key* key,
                                        Strictness strictness);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_VERIFY_H_
