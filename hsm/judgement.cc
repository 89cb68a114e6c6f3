#include "hsm/judgement.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/known_keys.h"

namespace bootseal::hsm {
namespace {

absl::Status Extractable(const KeyInfo& info, absl::string_view attribute) {
  return base::Precondition(
      "KEY_EXTRACTABLE",
      absl::StrCat("key \"", info.label, "\" has ", attribute,
                   ": its private half can leave the token; generate a new one "
                   "with bootseal-token generate"));
}

// Whether it signs, for whom, and at what price.
absl::Status JudgeUse(const KeyInfo& info) {
  const auto refuse = [&info](absl::string_view reason,
                              absl::string_view what) {
    return base::Precondition(
        reason, absl::StrCat("key \"", info.label, "\" has ", what,
                             "; generate a new one with bootseal-token "
                             "generate"));
  };
  if (!info.needs_login) {
    return refuse("KEY_WITHOUT_PIN",
                  "CKA_PRIVATE false: whoever opens the token signs with it");
  }
  if (info.pin_each_time) {
    return refuse("KEY_PIN_EACH_TIME",
                  "CKA_ALWAYS_AUTHENTICATE true: every signature asks for the "
                  "PIN, which a server gives only once");
  }
  if (!info.signs) return refuse("KEY_USAGE", "CKA_SIGN false: it cannot sign");
  return absl::OkStatus();
}

absl::Status CheckPin(const KeySpec& spec, const PublicKey& key) {
  if (spec.public_key_sha256.empty()) return absl::OkStatus();
  const std::string hash = Sha256(key.device_der());
  if (hash == spec.public_key_sha256) return absl::OkStatus();
  return base::Precondition(
      "KEY_NOT_PINNED",
      absl::StrCat("the token's key for ", spec.name, " has public key ",
                   absl::BytesToHexString(hash), " (SHA-256), the policy pins ",
                   absl::BytesToHexString(spec.public_key_sha256)));
}

bool IsRsa(Algorithm algorithm) {
  return algorithm == Algorithm::kRsa2048 || algorithm == Algorithm::kRsa3072;
}

absl::Status CheckPadding(const KeySpec& spec) {
  if (spec.padding == RsaPadding::kPss ||
      (IsRsa(spec.algorithm) && spec.purpose == Purpose::kFirmware)) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "KEY_USAGE",
      absl::StrCat("PKCS #1 v1.5 is for RSA keys of firmware; key ", spec.name,
                   " is ", NameOf(spec.algorithm),
                   IsRsa(spec.algorithm) ? " for another purpose" : ""));
}

}  // namespace

absl::Status JudgeAttributes(const KeyInfo& info, Origin accepted) {
  if (info.extractable) return Extractable(info, "CKA_EXTRACTABLE true");
  if (!info.sensitive) return Extractable(info, "CKA_SENSITIVE false");
  RETURN_IF_ERROR(JudgeUse(info));
  if (info.local) {
    if (!info.never_extractable) {
      return Extractable(info, "CKA_NEVER_EXTRACTABLE false");
    }
    if (!info.always_sensitive) {
      return Extractable(info, "CKA_ALWAYS_SENSITIVE false");
    }
    return absl::OkStatus();
  }
  if (accepted == Origin::kAnywhere) return absl::OkStatus();
  return base::Precondition(
      "KEY_IMPORTED",
      absl::StrCat("key \"", info.label,
                   "\" was not born in the token (CKA_LOCAL false); generate "
                   "one there, or accept it by name with accept_imported"));
}

absl::Status Judge(const KeySpec& spec, const KeyInfo& info,
                   const PublicKey& key,
                   const std::vector<std::string>& refused) {
  if (info.algorithm != spec.algorithm) {
    return base::Precondition(
        "KEY_TYPE", absl::StrCat("key \"", info.label, "\" is ",
                                 NameOf(info.algorithm), ", the policy says ",
                                 NameOf(spec.algorithm), " for ", spec.name));
  }
  RETURN_IF_ERROR(CheckPadding(spec));
  RETURN_IF_ERROR(CheckNotPubliclyKnown(key, refused));
  RETURN_IF_ERROR(CheckPin(spec, key));
  return JudgeAttributes(
      info, spec.accept_imported ? Origin::kAnywhere : Origin::kToken);
}

}  // namespace bootseal::hsm
