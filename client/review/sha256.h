// SHA-256 of bytes in memory. Thread-safe: free function.
#ifndef BOOTSEAL_CLIENT_REVIEW_SHA256_H_
#define BOOTSEAL_CLIENT_REVIEW_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"

namespace bootseal::review {

// 32 raw bytes.
inline std::string Sha256(absl::string_view bytes) {
  return image::host::ToString(
      image::HashOf(image::HashAlgorithm::kSha256, image::host::AsBytes(bytes))
          .bytes());
}

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_SHA256_H_
