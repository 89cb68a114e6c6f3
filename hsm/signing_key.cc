#include "hsm/signing_key.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/judgement.h"

namespace bootseal::hsm {
namespace {

absl::StatusOr<pkcs11::Selector> SelectorFor(const Token& token,
                                             const KeySpec& spec) {
  ASSIGN_OR_RETURN(const pkcs11::Uri uri, pkcs11::Uri::Parse(spec.uri));
  if (!token.Matches(uri)) {
    return base::Precondition(
        "KEY_MISSING",
        absl::StrCat("key ", spec.name, " is in another token (", spec.uri,
                     ") than the one that is open (\"", token.label(), "\")"));
  }
  pkcs11::Selector selector{uri.object(), uri.id()};
  if (selector.label || selector.id) return selector;
  return base::Invalid("URI_ATTRIBUTE", "uri",
                       absl::StrCat("the URI of key ", spec.name,
                                    " names no object, expected object=... or "
                                    "id=...: ",
                                    spec.uri));
}

bool IsEcdsa(Algorithm algorithm) {
  return algorithm == Algorithm::kP256 || algorithm == Algorithm::kP384 ||
         algorithm == Algorithm::kBrainpoolP256t1;
}

}  // namespace

absl::StatusOr<pkcs11::FoundKey> FindSpecifiedKey(Token& token,
                                                  const KeySpec& spec) {
  ASSIGN_OR_RETURN(const auto selector, SelectorFor(token, spec));
  ASSIGN_OR_RETURN(pkcs11::FoundKey found,
                   token.Run([&selector](const pkcs11::Session& session) {
                     return pkcs11::FindKey(session, selector);
                   }));
  found.info.name = spec.name;
  found.info.token_label = token.label();
  found.info.token_serial = token.serial();
  return found;
}

absl::StatusOr<std::unique_ptr<SigningKey>> SigningKey::Open(
    std::shared_ptr<Token> token, KeySpec spec) {
  ASSIGN_OR_RETURN(pkcs11::FoundKey found, FindSpecifiedKey(*token, spec));
  RETURN_IF_ERROR(
      Judge(spec, found.info, *found.public_key, token->refused_public_keys()));
  ASSIGN_OR_RETURN(std::shared_ptr<void> claim,
                   token->Claim(found.info.public_key, spec.purpose));
  return std::unique_ptr<SigningKey>(new SigningKey(
      std::move(token), std::move(spec), std::move(found), std::move(claim)));
}

SigningKey::SigningKey(std::shared_ptr<Token> token, KeySpec spec,
                       pkcs11::FoundKey found, std::shared_ptr<void> claim)
    : token_(std::move(token)),
      spec_(std::move(spec)),
      info_(std::move(found.info)),
      public_key_(std::move(found.public_key)),
      claim_(std::move(claim)),
      usage_(token_->usage().Of(spec_.purpose, info_.algorithm)),
      epoch_(found.epoch),
      handle_(found.handle) {
  usage_.opened = true;
}

absl::StatusOr<CK_OBJECT_HANDLE> SigningKey::Handle(
    const pkcs11::Session& session) {
  {
    base::MutexLock lock(mutex_);
    if (epoch_ == session.epoch) return handle_;
  }
  // The token that came back may be another one.
  ASSIGN_OR_RETURN(const auto selector, SelectorFor(*token_, spec_));
  ASSIGN_OR_RETURN(const auto found, pkcs11::FindKey(session, selector));
  RETURN_IF_ERROR(Judge(spec_, found.info, *found.public_key,
                        token_->refused_public_keys()));
  if (found.info.public_key != info_.public_key) {
    return base::Precondition(
        "KEY_NOT_PINNED",
        absl::StrCat("key ", spec_.name,
                     " was replaced in the token by one with another public "
                     "key; restart to accept it"));
  }
  base::MutexLock lock(mutex_);
  epoch_ = session.epoch;
  handle_ = found.handle;
  return handle_;
}

absl::StatusOr<std::string> SigningKey::Sign(absl::string_view message) {
  return Sign(message, [this, message](absl::string_view signature) {
    return Verify(message, signature);
  });
}

absl::StatusOr<std::string> SigningKey::Make(absl::string_view message) {
  ASSIGN_OR_RETURN(
      std::string signature,
      token_->Run(
          [&](const pkcs11::Session& session) -> absl::StatusOr<std::string> {
            ASSIGN_OR_RETURN(const CK_OBJECT_HANDLE handle, Handle(session));
            const base::Timed timed(usage_.sign_seconds);
            return pkcs11::Sign(session, handle, *public_key_, message,
                                spec_.padding);
          }));
  return IsEcdsa(info_.algorithm) ? EcdsaDer(signature) : std::move(signature);
}

absl::StatusOr<std::string> SigningKey::Sign(absl::string_view message,
                                             SignatureCheck check) {
  auto signature = Make(message);
  if (!signature.ok()) {
    usage_.CountFailure(signature.status());
    return signature;
  }
  const absl::Status accepted = check(*signature);
  if (accepted.ok()) return signature;
  // Whose fault it is decides what helps.
  if (absl::Status wrong = Verify(message, *signature); !wrong.ok()) {
    usage_.CountFailure(wrong);
    return wrong;
  }
  return accepted;
}

absl::Status SigningKey::Verify(absl::string_view message,
                                absl::string_view signature) const {
  if (public_key_->Verifies(message, signature, spec_.padding))
    return absl::OkStatus();
  return base::Fail(
      absl::StatusCode::kInternal, "SIGNATURE_WRONG",
      absl::StrCat(
          "the token's signature with key ", spec_.name,
          " does not verify with its public half; nothing is released, "
          "check the token"));
}

}  // namespace bootseal::hsm
