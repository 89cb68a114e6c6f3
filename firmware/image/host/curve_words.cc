#include "firmware/image/host/curve_words.h"

#include "absl/strings/str_cat.h"
#include "base/openssl.h"

namespace bootseal::image::host {
namespace {

struct Mistaken {
  absl::string_view curve;
  const char* reason;
};
constexpr Mistaken kMistaken[] = {
    {"brainpoolP256r1",
     "the regular curve: STM32MP takes the twisted one, brainpoolP256t1"},
    {"brainpoolP384r1",
     "the regular curve: STM32MP21 takes the twisted one, brainpoolP384t1, "
     "which is not supported here"},
    {"brainpoolP384t1",
     "number 4 of header 2.3, which is not supported here: nothing signs or "
     "verifies with it"},
};

// "" for a key without one.
std::string CurveOf(const EVP_PKEY* key) {
  char name[64];
  std::size_t size = 0;
  if (!EVP_PKEY_is_a(key, "EC") ||
      EVP_PKEY_get_group_name(key, name, sizeof(name), &size) != 1) {
    return "";
  }
  return std::string(name, size);
}

std::string WordsOf(const EVP_PKEY* key) {
  const std::string curve = CurveOf(key);
  if (curve.empty()) {
    const char* type = EVP_PKEY_get0_type_name(key);
    return absl::StrCat("a key of type ", type == nullptr ? "unknown" : type);
  }
  for (const Mistaken& each : kMistaken) {
    if (each.curve != curve) continue;
    return absl::StrCat("a key on ", curve, ", ", each.reason);
  }
  return absl::StrCat("a key on ", curve);
}

}  // namespace

std::string CurveWords(absl::string_view spki) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(spki.data());
  const base::EvpKeyPtr key(
      d2i_PUBKEY(nullptr, &cursor, static_cast<long>(spki.size())));
  const std::string words =
      key ? WordsOf(key.get())
          : absl::StrCat("no SubjectPublicKeyInfo (", spki.size(), " bytes)");
  base::DrainOpenSslErrors();
  return words;
}

}  // namespace bootseal::image::host
