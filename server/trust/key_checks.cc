// Pinned keys: where they are, what they are, one purpose each.
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/trust/names.h"
#include "server/trust/policy_checks.h"

namespace bootseal::trust {
namespace {

constexpr absl::string_view kScheme = "pkcs11:";

// Attributes of path and query as "name=value".
std::vector<absl::string_view> AttributesOf(absl::string_view uri) {
  return absl::StrSplit(uri, absl::ByAnyChar(";?&"), absl::SkipEmpty());
}

// RFC 7512 2.3; the values are the token's business.
void CheckUri(absl::string_view uri, const Field& field) {
  if (uri.empty()) return field.Report("required");
  if (!absl::ConsumePrefix(&uri, kScheme)) {
    return field.Report("is no PKCS#11 URI, expected pkcs11:...");
  }
  bool names_object = false;
  for (const absl::string_view attribute : AttributesOf(uri)) {
    const std::size_t equals = attribute.find('=');
    if (equals == absl::string_view::npos || equals == 0) {
      field.Report(absl::StrCat("\"", attribute, "\" is no name=value"));
      continue;
    }
    const absl::string_view name = attribute.substr(0, equals);
    if (name == "pin-value" || name == "pin-source") {
      field.Report(absl::StrCat("has ", name, "; the PIN does not belong into ",
                                "the policy, the server's configuration names ",
                                "its file"));
    }
    names_object |= name == "object" || name == "id";
  }
  if (!names_object) field.Report("names no key, expected object= or id=");
}

void CheckKey(const v1::PinnedKey& key, const Field& field) {
  CheckUri(key.uri(), field.At("uri"));
  if (key.algorithm() == v1::ALGORITHM_UNSPECIFIED) {
    field.At("algorithm")
        .Report(
            "required: RSA2048, RSA3072, P256, P384, ED25519 or "
            "BRAINPOOL_P256T1");
  }
  if (key.purpose() == v1::KEY_PURPOSE_UNSPECIFIED) {
    field.At("purpose").Report("required: FIRMWARE, CHECKPOINT or CANARY");
  }
  if (key.purpose() == v1::CHECKPOINT && key.algorithm() != v1::ED25519) {
    field.At("algorithm")
        .Report(absl::StrCat(v1::Algorithm_Name(key.algorithm()),
                             " cannot sign checkpoints, expected ED25519"));
  }
  CheckSha256Hex(key.public_key_sha256(), field.At("public_key_sha256"));
}

}  // namespace

void CheckKeys(const v1::Policy& policy, const Field& here) {
  CheckNames(policy.keys(), "keys", here);
  std::map<std::string, std::string> owners;
  for (int i = 0; i < policy.keys_size(); ++i) {
    const v1::PinnedKey& key = policy.keys(i);
    const Field field = here.At("keys", i);
    CheckKey(key, field);
    const auto [owner, is_new] = owners.emplace(
        absl::AsciiStrToLower(key.public_key_sha256()), key.name());
    if (is_new || key.public_key_sha256().empty()) continue;
    field.At("public_key_sha256")
        .Report(absl::StrCat("is the public key of \"", owner->second,
                             "\" already: one key has one name and one "
                             "purpose"));
  }
}

}  // namespace bootseal::trust
