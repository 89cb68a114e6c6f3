// AES as MCUboot uses it: counter mode from zero, and key wrap.
//
// Keys of 16 or 32 bytes. Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_AES_H_
#define BOOTSEAL_CLIENT_IMGTOOL_AES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::imgtool {

// Encrypts and decrypts: the block counter is big-endian in the last bytes of
// the block and begins with 0.
absl::StatusOr<std::string> AesCtr(absl::string_view key,
                                   absl::string_view data);

// RFC 3394; the result is 8 bytes longer. Unwrap: FAILED_PRECONDITION
// (DECRYPTION_FAILED) when it was not wrapped with `kek`.
absl::StatusOr<std::string> WrapKey(absl::string_view kek,
                                    absl::string_view key);
absl::StatusOr<std::string> UnwrapKey(absl::string_view kek,
                                      absl::string_view wrapped);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_AES_H_
