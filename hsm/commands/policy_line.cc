#include "hsm/commands/policy_line.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/pkcs11/uri.h"

namespace bootseal::hsm::commands {
namespace {

// As proto/bootseal/v1/keys.proto has it.
std::string PolicyName(Algorithm algorithm) {
  if (algorithm == Algorithm::kBrainpoolP256t1) return "BRAINPOOL_P256T1";
  return absl::AsciiStrToUpper(NameOf(algorithm));
}

// A policy's names have fewer characters than labels (server/trust/names.h).
std::string NameFor(std::string label) {
  std::replace_if(
      label.begin(), label.end(),
      [](char c) {
        return !absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
               absl::string_view("._/@+-").find(c) == absl::string_view::npos;
      },
      '-');
  return label;
}

}  // namespace

std::string PolicyLine(const Token& token, const KeyInfo& key,
                       const std::string& purpose) {
  return absl::StrCat(
      "keys { name: \"", NameFor(key.label),
      "\" uri: \"pkcs11:token=", pkcs11::UriEscape(token.label()),
      ";object=", pkcs11::UriEscape(key.label),
      "\" algorithm: ", PolicyName(key.algorithm),
      " purpose: ", absl::AsciiStrToUpper(purpose), " public_key_sha256: \"",
      absl::BytesToHexString(Sha256(key.public_key)), "\"",
      key.local ? "" : " accept_imported: true", " }");
}

absl::Status CheckLogOrigin(const std::string& origin) {
  if (!origin.empty() && origin.find_first_of("+ \t\n") == std::string::npos) {
    return absl::OkStatus();
  }
  return base::Invalid("ORIGIN", "--origin",
                       "a log's verifier key needs --origin, the log's name "
                       "without spaces and plus signs");
}

absl::StatusOr<std::string> VerifierKeyOf(const PublicKey& key,
                                          const std::string& origin) {
  if (key.algorithm() != Algorithm::kEd25519) {
    return base::Precondition(
        "KEY_TYPE", absl::StrCat("a verifier key is ed25519, this key is ",
                                 NameOf(key.algorithm())));
  }
  RETURN_IF_ERROR(CheckLogOrigin(origin));
  const std::string typed = absl::StrCat("\x01", key.Raw());
  const std::string id = Sha256(absl::StrCat(origin, "\n", typed)).substr(0, 4);
  return absl::StrCat(origin, "+", absl::BytesToHexString(id), "+",
                      absl::Base64Escape(typed));
}

}  // namespace bootseal::hsm::commands
