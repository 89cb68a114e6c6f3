#include "hsm/signer.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/public_key.h"
#include "hsm/signing_key.h"

namespace bootseal::hsm {
namespace {

// Errors about one key leave the others in service.
bool IsAboutTheKey(const absl::Status& status) {
  return status.code() == absl::StatusCode::kFailedPrecondition ||
         status.code() == absl::StatusCode::kInvalidArgument;
}

absl::Status CheckSpecs(const std::vector<KeySpec>& keys) {
  std::set<std::string> names;
  for (const KeySpec& spec : keys) {
    if (spec.purpose != Purpose::kFirmware) {
      return base::Invalid("KEY_PURPOSE", spec.name,
                           absl::StrCat("key ", spec.name,
                                        " is not for firmware, this signer "
                                        "takes no other"));
    }
    if (!names.insert(spec.name).second) {
      return base::Invalid("KEY_DUPLICATE", spec.name,
                           absl::StrCat("two keys are named ", spec.name));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckDistinct(const std::vector<ServingKey>& keys) {
  std::map<std::string, std::string> names;  // by public key
  for (const ServingKey& key : keys) {
    if (key.info.public_key.empty()) continue;
    const auto [other, inserted] =
        names.try_emplace(key.info.public_key, key.spec.name);
    if (inserted) continue;
    return base::Precondition(
        "KEY_DUPLICATE",
        absl::StrCat("keys ", other->second, " and ", key.spec.name,
                     " are one and the same key of the token; give each a key "
                     "of its own"));
  }
  return absl::OkStatus();
}

absl::Status CheckDigest(const SigningPermit& permit, Algorithm algorithm) {
  const std::size_t size = permit.digest().size();
  const std::size_t expected = DigestSize(algorithm);
  if (size == expected) return absl::OkStatus();
  if (expected == 0 && (size == 32 || size == 64)) return absl::OkStatus();
  return base::Invalid(
      "DIGEST_SIZE", "digest",
      absl::StrCat("the digest for key ", permit.key(), " has ", size,
                   " bytes, expected ",
                   expected == 0 ? "32 or 64" : absl::StrCat(expected), " for ",
                   NameOf(algorithm)));
}

absl::Status CheckMessage(const SigningPermit& permit, Algorithm algorithm,
                          std::optional<absl::string_view> message) {
  const auto refuse = [&permit](absl::string_view why) {
    return base::Invalid(
        "MESSAGE_MISMATCH", "message",
        absl::StrCat("the permit for key ", permit.key(), why));
  };
  if (permit.signs() == Signs::kDigest) {
    return message ? refuse(" is for a digest, not for a message")
                   : absl::OkStatus();
  }
  if (!message) return refuse(" is for a message, which is not given");
  if (algorithm != Algorithm::kEd25519) {
    return refuse(absl::StrCat(" is for a message, which ", NameOf(algorithm),
                               " does not sign"));
  }
  if (Sha512(*message) == permit.digest()) return absl::OkStatus();
  return refuse(absl::StrCat(" is for the message with SHA-512 ",
                             absl::BytesToHexString(permit.digest()),
                             ", not for the one that is given"));
}

}  // namespace

class Signer::State {
 public:
  absl::Status Add(const std::shared_ptr<Token>& token, const KeySpec& spec) {
    ServingKey row{spec, {}, absl::OkStatus()};
    auto key = SigningKey::Open(token, spec);
    row.status = key.status();
    if (key.ok()) {
      row.info = (*key)->info();
      keys_[spec.name] = *std::move(key);
    } else if (!IsAboutTheKey(key.status())) {
      return key.status();
    } else if (auto found = FindSpecifiedKey(*token, spec); found.ok()) {
      row.info = found->info;
    }
    rows_.push_back(std::move(row));
    return absl::OkStatus();
  }

  absl::StatusOr<SigningKey*> Find(const std::string& name) const {
    const auto key = keys_.find(name);
    if (key != keys_.end()) return key->second.get();
    for (const ServingKey& row : rows_) {
      if (row.spec.name == name) return row.status;
    }
    return base::Precondition("KEY_MISSING",
                              absl::StrCat("no key named \"", name, "\""));
  }

  using SignWith = absl::FunctionRef<absl::StatusOr<std::string>(
      SigningKey&, absl::string_view)>;
  // `message`: what the key is given; the permit's digest for nullopt.
  absl::StatusOr<Signature> Sign(SigningPermit permit,
                                 std::optional<absl::string_view> message,
                                 SignWith sign) const {
    // Moving empties it: the caller's copy cannot serve again.
    const SigningPermit spent = std::move(permit);
    if (spent.key().empty()) {
      return base::Refused("PERMIT_SPENT",
                           "this permit has served; one permit, one signature");
    }
    ASSIGN_OR_RETURN(SigningKey* const key, Find(spent.key()));
    RETURN_IF_ERROR(CheckDigest(spent, key->info().algorithm));
    RETURN_IF_ERROR(CheckMessage(spent, key->info().algorithm, message));
    ASSIGN_OR_RETURN(std::string bytes,
                     sign(*key, message.value_or(spent.digest())));
    return Signature{spent.key(), spent.digest(), std::move(bytes)};
  }

  const std::vector<ServingKey>& rows() const { return rows_; }

 private:
  std::vector<ServingKey> rows_;
  std::map<std::string, std::unique_ptr<SigningKey>> keys_;
};

Signer::Signer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Signer::~Signer() = default;

absl::StatusOr<std::unique_ptr<Signer>> Signer::Open(
    std::shared_ptr<Token> token, const std::vector<KeySpec>& keys) {
  RETURN_IF_ERROR(CheckSpecs(keys));
  auto state = std::make_unique<State>();
  for (const KeySpec& spec : keys) {
    RETURN_IF_ERROR(state->Add(token, spec));
  }
  RETURN_IF_ERROR(CheckDistinct(state->rows()));
  return std::unique_ptr<Signer>(new Signer(std::move(state)));
}

absl::StatusOr<Signature> Signer::Sign(SigningPermit permit) {
  return state_->Sign(std::move(permit), std::nullopt,
                      [](SigningKey& key, absl::string_view digest) {
                        return key.Sign(digest);
                      });
}

absl::StatusOr<Signature> Signer::Sign(SigningPermit permit,
                                       SignatureCheck check) {
  return state_->Sign(std::move(permit), std::nullopt,
                      [check](SigningKey& key, absl::string_view digest) {
                        return key.Sign(digest, check);
                      });
}

absl::StatusOr<Signature> Signer::SignMessage(SigningPermit permit,
                                              absl::string_view message,
                                              SignatureCheck check) {
  return state_->Sign(std::move(permit), message,
                      [check](SigningKey& key, absl::string_view bytes) {
                        return key.Sign(bytes, check);
                      });
}

const std::vector<ServingKey>& Signer::keys() const { return state_->rows(); }

}  // namespace bootseal::hsm
