#include "server/trust/approver_key.h"

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "server/trust/approval.h"
#include "server/trust/parts.h"
#include "server/trust/public_key_reading.h"
#include "server/trust/ssh_wire.h"

namespace bootseal::trust {
namespace {

absl::Status Bad(absl::string_view message) {
  return base::Invalid("APPROVER_KEY", "public_key", message);
}

absl::Status Invalid(absl::string_view message) {
  return base::Refused("SIGNATURE_INVALID", message);
}

std::string Base64(absl::string_view bytes) {
  std::string text;
  absl::Base64Escape(bytes, &text);
  return text;
}

// How a signature algorithm of SSHSIG is checked, and the keys it is for.
enum class Shape { kPlain, kRsa, kEcdsa };
struct SshAlgorithm {
  absl::string_view name;
  absl::string_view key_type;
  const EVP_MD* (*hash)();  // nullptr: none of its own
  Shape shape;
};
constexpr std::array<SshAlgorithm, 7> kSshAlgorithms = {{
    {"ssh-ed25519", "ssh-ed25519", nullptr, Shape::kPlain},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", EVP_sha256, Shape::kEcdsa},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", EVP_sha384, Shape::kEcdsa},
    {"rsa-sha2-256", "ssh-rsa", EVP_sha256, Shape::kRsa},
    {"rsa-sha2-512", "ssh-rsa", EVP_sha512, Shape::kRsa},
    {"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", nullptr,
     Shape::kPlain},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
     EVP_sha256, Shape::kEcdsa},
}};

const SshAlgorithm* FindAlgorithm(absl::string_view name,
                                  absl::string_view key_type) {
  for (const SshAlgorithm& algorithm : kSshAlgorithms) {
    if (algorithm.name == name && algorithm.key_type == key_type) {
      return &algorithm;
    }
  }
  return nullptr;
}

// What a FIDO token signs in place of `data`: PROTOCOL.u2f.
std::string TokenData(const SshSignature& signature,
                      absl::string_view application, absl::string_view data) {
  std::string text = Sha256Of(application);
  text.push_back(static_cast<char>(signature.flags));
  absl::StrAppend(&text, SshUint32(signature.counter), Sha256Of(data));
  return text;
}

// As OpenSSL takes it; empty when the bytes have another form than the one.
std::string OpenSslSignature(Shape shape, absl::string_view signature) {
  if (shape != Shape::kEcdsa) return std::string(signature);
  SshReader reader(signature);
  const absl::string_view r = reader.Positive();
  const absl::string_view s = reader.Positive();
  return reader.done() ? EcdsaDerOf(r, s) : "";
}

bool HasPemBlock(absl::string_view text) {
  return absl::StrContains(text, "-----BEGIN ");
}

}  // namespace

absl::StatusOr<ApproverKey> ApproverKey::Parse(absl::string_view text) {
  if (absl::StripAsciiWhitespace(text).empty()) {
    return Bad(
        "is empty, expected a public key: PEM, or a line of an OpenSSH "
        "public key file");
  }
  return HasPemBlock(text) ? FromPem(text) : FromLine(text);
}

absl::Status ApproverKey::Finish(base::EvpKeyPtr key) {
  spki_sha256_ = Sha256Of(SpkiOf(key.get()));
  device_sha256_ = Sha256Of(DeviceDerOf(key.get()));
  keyid_ = form_ == ApproverKeyForm::kPem
               ? absl::BytesToHexString(spki_sha256_)
               : absl::StrCat("SHA256:", absl::StripSuffix(
                                             Base64(Sha256Of(ssh_blob_)), "="));
  key_ = std::shared_ptr<EVP_PKEY>(std::move(key));
  return absl::OkStatus();
}

absl::StatusOr<ApproverKey> ApproverKey::FromPem(absl::string_view text) {
  ASSIGN_OR_RETURN(base::EvpKeyPtr read, ReadPemPublicKey(text));
  ApproverKey key;
  RETURN_IF_ERROR(key.Finish(std::move(read)));
  return key;
}

absl::StatusOr<ApproverKey> ApproverKey::FromLine(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  if (absl::StrContains(line, '\n')) {
    return Bad("has more than one line, expected one key");
  }
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::MaxSplits(' ', 2));
  ApproverKey key;
  key.form_ = ApproverKeyForm::kOpenSsh;
  if (words.size() < 2 || !absl::Base64Unescape(words[1], &key.ssh_blob_) ||
      Base64(key.ssh_blob_) != words[1]) {
    return Bad(
        "is no public key, expected PEM, or \"ssh-ed25519 AAAA...\" as a "
        "line of an OpenSSH public key file begins, without options");
  }
  ASSIGN_OR_RETURN(SshPublicKey read, ReadSshPublicKey(key.ssh_blob_));
  if (read.type != words[0]) {
    return Bad(absl::StrCat("says ", absl::CHexEscape(words[0]), " and holds ",
                            read.type));
  }
  key.ssh_type_ = std::move(read.type);
  key.application_ = std::move(read.application);
  RETURN_IF_ERROR(key.Finish(std::move(read.key)));
  return key;
}

std::string ApproverKey::Description() const {
  const auto kind = KindOf(key_.get());
  return absl::StrCat(form_ == ApproverKeyForm::kOpenSsh ? "ssh " : "",
                      absl::StartsWith(ssh_type_, "sk-") ? "sk " : "",
                      kind.ok() ? *kind : "unknown");
}

absl::Status ApproverKey::Verify(absl::string_view message,
                                 absl::string_view signature) const {
  return form_ == ApproverKeyForm::kPem ? VerifyPem(message, signature)
                                        : VerifySsh(message, signature);
}

bool ApproverKey::IsNamedIn(absl::string_view signature) const {
  if (form_ != ApproverKeyForm::kOpenSsh) return false;
  const auto read = ReadSshSignature(signature);
  return read.ok() && read->public_key == ssh_blob_;
}

absl::Status ApproverKey::VerifyPem(absl::string_view message,
                                    absl::string_view signature) const {
  const EVP_MD* hash = EVP_sha256();
  if (EVP_PKEY_is_a(key_.get(), "ED25519")) hash = nullptr;
  if (EVP_PKEY_is_a(key_.get(), "EC") && EVP_PKEY_get_bits(key_.get()) == 384) {
    hash = EVP_sha384();
  }
  if (Verifies(key_.get(), hash, RsaPadding::kPss, message, signature)) {
    return absl::OkStatus();
  }
  return Invalid(absl::StrCat("the signature is not that of key ", keyid_,
                              " over this statement"));
}

absl::Status ApproverKey::VerifySsh(absl::string_view message,
                                    absl::string_view blob) const {
  const auto read = ReadSshSignature(blob);
  if (!read.ok()) return Invalid(read.status().message());
  if (read->public_key != ssh_blob_) {
    return base::Refused(
        "UNKNOWN_APPROVER_KEY",
        absl::StrCat("the ssh signature was made with another key than ",
                     keyid_));
  }
  if (read->name_space != kSshNamespace) {
    return Invalid(absl::StrCat("the ssh signature is for namespace \"",
                                absl::CHexEscape(read->name_space),
                                "\", expected ", kSshNamespace));
  }
  const SshAlgorithm* const algorithm =
      FindAlgorithm(read->algorithm, ssh_type_);
  if (algorithm == nullptr) {
    return Invalid(absl::StrCat("the ssh signature is of algorithm ",
                                read->algorithm, ", and the key is ",
                                ssh_type_));
  }
  std::string data = SshSignedData(*read, message);
  if (IsTokenAlgorithm(read->algorithm)) {
    if ((read->flags & kUserPresent) == 0) {
      return Invalid(
          "the ssh signature was made without a touch of the token; "
          "a key made with no-touch-required cannot approve");
    }
    data = TokenData(*read, application_, data);
  }
  const EVP_MD* const hash = algorithm->hash ? algorithm->hash() : nullptr;
  if (Verifies(key_.get(), hash, RsaPadding::kPkcs1, data,
               OpenSslSignature(algorithm->shape, read->signature))) {
    return absl::OkStatus();
  }
  return Invalid(absl::StrCat("the ssh signature does not verify with key ",
                              keyid_, " over this statement"));
}

}  // namespace bootseal::trust
