#include "hsm/known_keys.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::hsm {
namespace {

absl::Status Known(absl::string_view where) {
  return base::Precondition(
      "KEY_PUBLICLY_KNOWN",
      absl::StrCat("everybody has the private half of this key (", where,
                   "); generate one in the token"));
}

}  // namespace

const KnownKey* FindKnownKey(absl::string_view sha256) {
  const std::string hex = absl::BytesToHexString(sha256);
  for (const KnownKey& known : KnownKeys()) {
    if (hex == known.device_sha256 || hex == known.spki_sha256) return &known;
  }
  return nullptr;
}

absl::Status CheckNotPubliclyKnown(const PublicKey& key,
                                   const std::vector<std::string>& further) {
  for (const std::string& der : {key.device_der(), key.spki()}) {
    const std::string hash = Sha256(der);
    if (const KnownKey* known = FindKnownKey(hash)) return Known(known->where);
    for (const std::string& listed : further) {
      if (hash == listed) return Known("listed by the operator");
    }
  }
  return absl::OkStatus();
}

}  // namespace bootseal::hsm
