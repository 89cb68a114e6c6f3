#include "server/trust/key_set.h"

#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status.h"
#include "server/trust/json.h"

namespace bootseal::trust {
namespace {

constexpr std::size_t kMaxKeys = 64;
constexpr std::size_t kMinRsaBits = 2048;
constexpr std::size_t kMaxRsaBits = 8192;

// RFC 7518, sections 6.2.1 and 6.3.1.
constexpr const char* kNumbers[] = {"n", "e", "x", "y"};
// RFC 7518, sections 6.2.2, 6.3.2 and 6.4: a key with one of these is a secret.
constexpr const char* kSecretMembers[] = {"d",  "p",  "q",   "dp",
                                          "dq", "qi", "oth", "k"};

struct Kind {
  absl::string_view type;
  absl::string_view curve;  // "crv"; empty: the kind has none
  absl::string_view algorithm;
  v1::TokenAlgorithm value;
};
constexpr Kind kKinds[] = {{"RSA", "", "RS256", v1::RS256},
                           {"EC", "P-256", "ES256", v1::ES256}};

absl::Status Invalid(absl::string_view what) {
  return base::Fail(absl::StatusCode::kInvalidArgument, "KEY_SET_INVALID",
                    what);
}

absl::Status InvalidKey(std::size_t index, absl::string_view what) {
  return Invalid(absl::StrCat("keys[", index, "] ", what));
}

// nullptr for a kind, algorithm or use that is not ours.
const Kind* KindOf(const json_t* key) {
  if (JsonString(key, "use").value_or("sig") != "sig") return nullptr;
  for (const Kind& kind : kKinds) {
    if (JsonString(key, "kty") != kind.type) continue;
    if (JsonString(key, "crv").value_or("") != kind.curve) continue;
    if (json_object_get(key, "alg") == nullptr ||
        JsonString(key, "alg") == kind.algorithm) {
      return &kind;
    }
  }
  return nullptr;
}

void Release(const cjose_jwk_t* key) {
  cjose_jwk_release(const_cast<cjose_jwk_t*>(key));
}

std::shared_ptr<const cjose_jwk_t> Import(const json_t* key) {
  for (const char* number : kNumbers) {
    if (json_object_get(key, number) == nullptr) continue;
    if (!IsBase64Url(JsonString(key, number).value_or(""))) return nullptr;
  }
  char* const text = json_dumps(key, JSON_COMPACT);
  if (text == nullptr) return nullptr;
  cjose_err error{};
  cjose_jwk_t* const imported =
      cjose_jwk_import(text, std::char_traits<char>::length(text), &error);
  std::free(text);
  base::DrainOpenSslErrors();
  if (imported == nullptr) return nullptr;
  return {imported, Release};
}

bool IsSecret(const json_t* key) {
  for (const char* member : kSecretMembers) {
    if (json_object_get(key, member) != nullptr) return true;
  }
  return JsonString(key, "kty") == "oct";
}

// nullopt for one that is passed over.
absl::StatusOr<std::optional<TokenKey>> ReadKey(const json_t* json,
                                                std::size_t index) {
  if (!json_is_object(json)) return InvalidKey(index, "is no JSON object");
  if (IsSecret(json)) {
    return InvalidKey(index,
                      "is a private or symmetric key, expected public ones: "
                      "whoever reads this file could sign tokens");
  }
  const Kind* kind = KindOf(json);
  if (kind == nullptr) return std::nullopt;
  TokenKey key{JsonString(json, "kid").value_or(""), kind->value, Import(json)};
  if (!key.key) return InvalidKey(index, "is no key of its kind");
  const std::size_t bits = cjose_jwk_get_keysize(key.key.get(), nullptr);
  if (kind->value == v1::RS256 && (bits < kMinRsaBits || bits > kMaxRsaBits)) {
    return InvalidKey(index, absl::StrCat("has ", bits, " bits, expected ",
                                          kMinRsaBits, " to ", kMaxRsaBits));
  }
  return key;
}

}  // namespace

absl::StatusOr<KeySet> KeySet::Parse(absl::string_view json) {
  if (json.size() > kMaxKeySetBytes) {
    return Invalid(absl::StrCat("has ", json.size(),
                                " bytes, expected at most ", kMaxKeySetBytes));
  }
  const auto document = ParseJsonObject(json);
  if (!document.ok()) return Invalid(document.status().message());
  const json_t* list = json_object_get(document->get(), "keys");
  if (!json_is_array(list)) {
    return Invalid("is no JWK set: it has no array \"keys\"");
  }
  if (json_array_size(list) > kMaxKeys) {
    return Invalid(absl::StrCat("has ", json_array_size(list),
                                " keys, expected at most ", kMaxKeys));
  }
  KeySet set;
  for (std::size_t i = 0; i < json_array_size(list); ++i) {
    ASSIGN_OR_RETURN(std::optional<TokenKey> key,
                     ReadKey(json_array_get(list, i), i));
    if (!key) continue;
    if (set.Find(key->id) != nullptr) {
      return InvalidKey(i, "has the \"kid\" of another one, or lacks one too");
    }
    set.keys_.push_back(*std::move(key));
  }
  if (!set.keys_.empty()) return set;
  return Invalid("has no key for RS256 or ES256");
}

const TokenKey* KeySet::Find(absl::string_view id) const {
  for (const TokenKey& key : keys_) {
    if (key.id == id) return &key;
  }
  return nullptr;
}

}  // namespace bootseal::trust
