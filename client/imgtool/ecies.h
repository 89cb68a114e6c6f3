// A content key wrapped to an elliptic-curve key as MCUboot unwraps it: an
// ephemeral key, an HMAC, the AES-CTR encrypted content key. Facts: mcuboot
// 1.12.
//
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_ECIES_H_
#define BOOTSEAL_CLIENT_IMGTOOL_ECIES_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/secret.h"
#include "client/imgtool/encryption.h"
#include "client/imgtool/key.h"

namespace bootseal::imgtool {

// Bytes before the wrapped content key: a point of P-256 (65, uncompressed) or
// an X25519 key (32), then the HMAC (32 or 64).
std::size_t EciesOverhead(KeyKind device_key, HmacHash hmac);

// `device_key` is P-256 or X25519; a content key of 16 or 32 bytes.
absl::StatusOr<std::string> EciesWrap(const Key& device_key, HmacHash hmac,
                                      const base::Secret& content_key);

// FAILED_PRECONDITION (DECRYPTION_FAILED) when `value` is for another key or
// was changed. `value` is longer than EciesOverhead() by 16 or 32.
absl::StatusOr<base::Secret> EciesUnwrap(const Key& device_key, HmacHash hmac,
                                         absl::string_view value);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_ECIES_H_
