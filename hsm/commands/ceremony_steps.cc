#include "hsm/commands/ceremony_steps.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "hsm/ceremony_probe.h"
#include "hsm/commands/policy_line.h"
#include "hsm/judgement.h"
#include "hsm/known_keys.h"
#include "hsm/pkcs11/token_facts.h"
#include "hsm/pkcs11/uri.h"
#include "hsm/random_check.h"
#include "hsm/signing_key.h"

namespace bootseal::hsm::commands {
namespace {

constexpr std::size_t kMaxProgramBytes = 256U << 20;

constexpr const char* kReminders[] = {
    "back the token up as the runbook says, and restore the copy once "
    "elsewhere",
    "seal the security officer's PIN away, apart from the user's PIN",
    "leave no PIN file on this machine that is not in use",
    "pin the policy lines above, and fuse device-hash and nothing else",
    "have the key approved: bootseal keys activate NAME --transcript FILE",
};

absl::StatusOr<std::string> FileHash(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string content,
                   base::ReadFile(path, kMaxProgramBytes));
  return absl::BytesToHexString(Sha256(content));
}

absl::StatusOr<pkcs11::FoundKey> Find(Token& token,
                                      const pkcs11::Selector& selector) {
  return token.Run([&selector](const pkcs11::Session& session) {
    return pkcs11::FindKey(session, selector);
  });
}

absl::Status CheckLabelsFree(const std::vector<PlannedKey>& plan,
                             Token& token) {
  for (const PlannedKey& key : plan) {
    const absl::Status found = Find(token, {key.label, {}}).status();
    if (base::ReasonOf(found) == "KEY_MISSING") continue;
    if (!absl::IsFailedPrecondition(found) && !found.ok()) return found;
    return base::Precondition(
        "KEY_EXISTS", absl::StrCat("the token has a private key \"", key.label,
                                   "\" already; choose another label"));
  }
  return absl::OkStatus();
}

const char* YesNo(bool value) { return value ? "yes" : "no"; }

}  // namespace

absl::Status SeeProgram(Seen& details) {
  std::error_code error;
  const std::string path =
      std::filesystem::read_symlink("/proc/self/exe", error).string();
  if (error) return base::Internal("cannot tell which program this is");
  ASSIGN_OR_RETURN(const std::string hash, FileHash("/proc/self/exe"));
  details = {
      {"path", path}, {"version", BOOTSEAL_VERSION}, {"program-sha256", hash}};
  return absl::OkStatus();
}

absl::Status SeeToken(const CeremonyOptions& options,
                      const std::vector<PlannedKey>& plan, Token& token,
                      Seen& details) {
  const std::string& uri = options.token.uri;
  ASSIGN_OR_RETURN(
      const std::string module,
      ModulePath(options.token.module, uri.empty() ? "pkcs11:" : uri));
  ASSIGN_OR_RETURN(const std::string hash, FileHash(module));
  ASSIGN_OR_RETURN(const pkcs11::TokenFacts facts,
                   token.Run([](const pkcs11::Session& session) {
                     return pkcs11::ReadTokenFacts(session);
                   }));
  ASSIGN_OR_RETURN(const auto keys, ListKeys(token));
  details = {{"module", module},
             {"module-sha256", hash},
             {"library", absl::StrCat(facts.library_description, ", ",
                                      facts.library_manufacturer, ", ",
                                      facts.library_version)},
             {"token", facts.label},
             {"manufacturer", facts.manufacturer},
             {"model", facts.model},
             {"serial", facts.serial},
             {"hardware-version", facts.hardware_version},
             {"firmware-version", facts.firmware_version},
             {"keys-before", absl::StrCat(keys.size())}};
  return CheckLabelsFree(plan, token);
}

absl::Status SeeRandom(Token& token, Seen& details) {
  details = {{"bytes", absl::StrCat(2 * kRandomCheckBytes)},
             {"tests", "monobit, poker, long run (FIPS 140-1), no repetition"}};
  return token.Run([](const pkcs11::Session& session) {
    return CheckRandomSource(session);
  });
}

absl::Status SeeKnownKeys(Seen& details) {
  details = {{"refused", absl::StrCat(KnownKeys().size())}};
  return absl::OkStatus();
}

absl::StatusOr<pkcs11::FoundKey> Generate(const PlannedKey& plan, Token& token,
                                          Seen& details) {
  details = {{"key", plan.label}};
  ASSIGN_OR_RETURN(const std::string id, IdOrRandom(""));
  const pkcs11::NewKey key{plan.label, id, plan.algorithm, plan.padding};
  ASSIGN_OR_RETURN(pkcs11::FoundKey made,
                   token.Change([&key](const pkcs11::Session& session) {
                     return pkcs11::GenerateKey(session, key);
                   }));
  details.push_back({"algorithm", std::string(NameOf(made.info.algorithm))});
  details.push_back({"id", absl::BytesToHexString(made.info.id)});
  return made;
}

absl::Status SeeAttributes(const pkcs11::FoundKey& key, Token& token,
                           Seen& details) {
  details = {{"key", key.info.label}};
  ASSIGN_OR_RETURN(const pkcs11::FoundKey read,
                   Find(token, {key.info.label, key.info.id}));
  const KeyInfo& info = read.info;
  const std::pair<const char*, bool> flags[] = {
      {"sensitive", info.sensitive},
      {"always-sensitive", info.always_sensitive},
      {"extractable", info.extractable},
      {"never-extractable", info.never_extractable},
      {"born-in-the-token", info.local},
      {"needs-a-login", info.needs_login},
      {"pin-each-time", info.pin_each_time},
      {"signs", info.signs},
  };
  for (const auto& [name, value] : flags) {
    details.push_back({name, YesNo(value)});
  }
  return JudgeAttributes(info, Origin::kToken);
}

absl::Status SeeThatItIsNew(const pkcs11::FoundKey& key, Token& token,
                            Seen& details) {
  details = {{"key", key.info.label}};
  RETURN_IF_ERROR(CheckNotPubliclyKnown(*key.public_key, {}));
  ASSIGN_OR_RETURN(const auto keys, ListKeys(token));
  for (const KeyInfo& other : keys) {
    if (other.id == key.info.id || other.public_key != key.info.public_key) {
      continue;
    }
    return base::Precondition(
        "KEY_DUPLICATE",
        absl::StrCat("key \"", key.info.label, "\" is the same as \"",
                     other.label, "\": the token makes no new keys"));
  }
  details.push_back({"compared-in-token", absl::StrCat(keys.size() - 1)});
  return absl::OkStatus();
}

absl::Status Probe(const PlannedKey& plan, const pkcs11::FoundKey& key,
                   const std::string& lines,
                   const std::shared_ptr<Token>& token, Seen& details) {
  details = {{"key", plan.label}};
  KeySpec spec;
  spec.name = plan.label;
  spec.uri = absl::StrCat("pkcs11:object=", pkcs11::UriEscape(plan.label),
                          ";id=", pkcs11::UriEscape(key.info.id));
  spec.algorithm = plan.algorithm;
  spec.padding = plan.padding;
  spec.public_key_sha256 = Sha256(key.info.public_key);
  ASSIGN_OR_RETURN(const auto signer, SigningKey::Open(token, spec));
  ASSIGN_OR_RETURN(const std::string signature,
                   signer->Sign(CeremonyProbe(plan.algorithm, lines)));
  details.push_back({"signature", absl::BytesToHexString(signature)});
  return absl::OkStatus();
}

absl::Status SeeHashes(const pkcs11::FoundKey& key, Seen& details) {
  const KeyInfo& info = key.info;
  details = {
      {"key", info.label},
      {"public-key-sha256", absl::BytesToHexString(Sha256(info.public_key))},
      {"device-hash",
       absl::BytesToHexString(KeyHash(info.algorithm, info.public_key))}};
  return absl::OkStatus();
}

absl::Status SeePolicy(const CeremonyOptions& options, const PlannedKey& plan,
                       const pkcs11::FoundKey& key, const Token& token,
                       Seen& details) {
  details = {{"key", plan.label},
             {"line", PolicyLine(token, key.info, plan.purpose)}};
  if (plan.purpose != "checkpoint") return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string vkey,
                   VerifierKeyOf(*key.public_key, options.origin));
  details.push_back({"vkey", vkey});
  return absl::OkStatus();
}

absl::Status Remind(Seen& details) {
  for (const char* reminder : kReminders) {
    details.push_back({"todo", reminder});
  }
  return absl::OkStatus();
}

}  // namespace bootseal::hsm::commands
