#include "client/imgtool/signing.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "base/status.h"
#include "client/imgtool/message.h"
#include "firmware/image/host/convert.h"
#include "hsm/known_keys.h"

namespace bootseal::imgtool {
namespace {

using image::host::AsBytes;

// -k is taken to a server before this.
absl::Status CheckLocal(absl::string_view path) {
  if (!absl::StartsWith(path, "bootseal:")) return absl::OkStatus();
  return base::Invalid("SERVER_SIGNING", "--fix-sig-pubkey",
                       absl::StrCat("--fix-sig-pubkey ", path,
                                    " is no PEM file; -k/--key alone takes a "
                                    "key of the server"));
}

void WarnOfKnownKey(const Key& key, absl::string_view path) {
  const hsm::KnownKey* const known =
      hsm::FindKnownKey(key.Hash(image::HashAlgorithm::kSha256));
  if (known == nullptr) return;
  Warn(absl::StrCat("everybody has the private key ", path, " (", known->where,
                    "): a device that trusts it runs anything"));
}

// Python overlooks what is no letter of base64.
std::string LettersOf(absl::string_view text) {
  std::string letters;
  for (const char c : text) {
    const bool is_letter = absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                           c == '+' || c == '/' || c == '=';
    if (is_letter) letters += c;
  }
  return letters;
}

absl::StatusOr<std::string> LoadSignature(const SignOptions& options) {
  constexpr std::size_t kMost = 4096;
  const std::string& path = options.signature;
  ASSIGN_OR_RETURN(std::string text, base::ReadFile(path, kMost));
  absl::StrReplaceAll({{"\n", ""}, {"\r", ""}, {" ", ""}, {"\t", ""}}, &text);
  if (options.imgtool_compatible) text = LettersOf(text);
  std::string signature;
  if (absl::Base64Unescape(text, &signature) && !signature.empty()) {
    return signature;
  }
  return base::Invalid("SIGNATURE_FORMAT", "--fix-sig",
                       absl::StrCat("file ", path,
                                    " is no signature in base64, as --sig-out "
                                    "writes it"));
}

// Before MCUboot 1.5 an ECDSA signature had one length. Facts: mcuboot 1.8.
std::string Padded(std::string signature, KeyKind kind) {
  std::size_t size = 0;
  if (kind == KeyKind::kP256) size = 72;
  if (kind == KeyKind::kP384) size = 103;
  if (signature.size() < size) signature.resize(size, 0);
  return signature;
}

absl::Status CheckPrivate(const Key& key, const std::string& path) {
  if (key.is_private()) return absl::OkStatus();
  return base::Invalid("KEY_NOT_PRIVATE", "--key",
                       absl::StrCat("-k ", path,
                                    " is a public key; signing takes the "
                                    "private one"));
}

// A key file of the server is looked for in files alone: a pipe is read once.
absl::Status WithPipe(const absl::Status& status, const std::string& path) {
  std::error_code error;
  const auto type = std::filesystem::status(path, error).type();
  if (status.ok() || type != std::filesystem::file_type::fifo) return status;
  return base::Annotate(
      status, absl::StrCat("a key file that says bootseal:TARGET cannot be a "
                           "pipe, and ",
                           path, " is one; give it as a file"));
}

absl::StatusOr<Key> LoadKey(const std::string& path,
                            const Key::Passphrase& passphrase) {
  absl::StatusOr<Key> key = Key::Load(path, passphrase);
  if (key.ok()) return key;
  return WithPipe(key.status(), path);
}

}  // namespace

absl::StatusOr<Signatory> Signatory::Load(const SignOptions& options,
                                          const Key::Passphrase& passphrase) {
  Signatory signatory(options);
  const std::string& path =
      options.key.empty() ? options.signature_key : options.key;
  // imgtool loads it only along with --fix-sig.
  const bool ignored =
      options.key.empty() && options.signature.empty() &&
      (options.vector == Vector::kNone || options.imgtool_compatible);
  if (!path.empty() && !ignored) {
    RETURN_IF_ERROR(CheckLocal(path));
    ASSIGN_OR_RETURN(signatory.key_, LoadKey(path, passphrase));
    WarnOfKnownKey(*signatory.key_, path);
  }
  if (!options.key.empty()) {
    RETURN_IF_ERROR(
        WithPipe(CheckPrivate(*signatory.key_, options.key), options.key));
  }
  if (!options.signature.empty()) {
    ASSIGN_OR_RETURN(signatory.ready_, LoadSignature(options));
  }
  ASSIGN_OR_RETURN(signatory.signer_, SignerOf(options, signatory.key()));
  return signatory;
}

absl::StatusOr<std::string> Signatory::Make(absl::string_view range) const {
  if (ready_) return *ready_;
  if (options_->pure) return key_->SignPure(range);
  return key_->SignRange(range, signer_.hash);
}

absl::StatusOr<std::string> Signatory::SignatureOver(
    absl::string_view range) const {
  if (!key_) return std::string();
  ASSIGN_OR_RETURN(std::string signature, Make(range));
  const image::Digest digest = image::HashOf(signer_.hash, AsBytes(range));
  const image::Error error = image::VerifySignature(
      signer_.key->signing->algorithm, AsBytes(signer_.public_key),
      options_->pure ? AsBytes(range) : digest.bytes(), AsBytes(signature));
  const bool tolerated = options_->imgtool_compatible && ready_.has_value();
  if (error != image::Error::kOk && !tolerated) {
    return base::Precondition(
        "SIGNATURE_MISMATCH",
        !ready_.has_value()
            ? "the signature that was just made does not verify"
            : absl::StrCat("the signature in ", options_->signature,
                           " is not one of this image by ",
                           options_->signature_key, ": ", image::Text(error),
                           "; sign what --vector-to-sign writes with the same "
                           "options"));
  }
  if (!options_->pad_signature || ready_.has_value()) return signature;
  return Padded(std::move(signature), key_->kind());
}

}  // namespace bootseal::imgtool
