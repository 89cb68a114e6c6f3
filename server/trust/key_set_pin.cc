#include "server/trust/key_set_pin.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"

namespace bootseal::trust {

std::string KeySetPin(absl::string_view file) {
  return absl::BytesToHexString(image::host::ToString(
      image::HashOf(image::HashAlgorithm::kSha256, image::host::AsBytes(file))
          .bytes()));
}

bool IsPinned(const v1::Issuer& issuer, absl::string_view file) {
  return absl::EqualsIgnoreCase(KeySetPin(file), issuer.jwks_sha256());
}

}  // namespace bootseal::trust
