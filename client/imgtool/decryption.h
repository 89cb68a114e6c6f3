// An encrypted image as its device sees it: what is to be known before it is
// flashed, and before the plaintext is thrown away.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_DECRYPTION_H_
#define BOOTSEAL_CLIENT_IMGTOOL_DECRYPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/imgtool/device_key.h"

namespace bootseal::imgtool {

// The same image with its payload in plaintext, which hash and signature cover.
// FAILED_PRECONDITION: NOT_ENCRYPTED (the header's flags), CONTENT_KEY_MISSING
// (no encryption TLV), the codes of firmware/image/result.h for a structure
// that does not hold; INVALID_ARGUMENT (ENCRYPTION_TLV) also when the TLV holds
// a key of another length than the flags say; the errors of Decrypt() in
// encryption.h. Thread-safe.
absl::StatusOr<std::string> DecryptImage(absl::string_view image,
                                         const DeviceKey& device);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_DECRYPTION_H_
