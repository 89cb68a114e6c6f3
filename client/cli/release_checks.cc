#include "client/cli/release_checks.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {
namespace {

using image::host::AsBytes;

std::string Sha256(absl::string_view bytes) {
  return image::host::ToString(
      image::HashOf(image::HashAlgorithm::kSha256, AsBytes(bytes)).bytes());
}

std::optional<image::Algorithm> ToImage(v1::Algorithm algorithm) {
  switch (algorithm) {
    case v1::RSA2048:
      return image::Algorithm::kRsa2048;
    case v1::RSA3072:
      return image::Algorithm::kRsa3072;
    case v1::P256:
      return image::Algorithm::kP256;
    case v1::P384:
      return image::Algorithm::kP384;
    case v1::ED25519:
      return image::Algorithm::kEd25519;
    default:  // protobuf's sentinels
      return std::nullopt;
  }
}

// How many refused calls an entry speaks of.
std::uint64_t RefusalsIn(const v1::Entry& entry) {
  if (entry.has_refusals()) return entry.refusals().count();
  if (entry.has_access()) return 1;
  return entry.signing().decision() == v1::REFUSED ? 1 : 0;
}

// All that the log shows of a signature over an image.
absl::Status CheckForm(const v1::SignedDigest& digest) {
  constexpr std::size_t kBytes = 64;  // of SHA-512, and of Ed25519
  if (digest.algorithm() == v1::ED25519 && digest.digest().size() == kBytes &&
      digest.signature().size() == kBytes) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "SIGNATURE_INVALID",
      absl::StrCat("key \"", digest.key(), "\" signs an image itself, with a ",
                   "digest of ", digest.digest().size(),
                   " bytes and a signature of ", digest.signature().size(),
                   ", expected ED25519 and ", kBytes, " bytes each"));
}

}  // namespace

void ReleaseChecks::AddKey(PublicKey key) {
  std::string hash = absl::BytesToHexString(Sha256(key.device_der));
  keys_.emplace(std::move(hash), std::move(key));
}

absl::Status ReleaseChecks::Take(const v1::Entry& entry) {
  refusals_ += RefusalsIn(entry);
  if (entry.has_policy()) return TakePolicy(entry.policy());
  if (!entry.has_signing() || entry.signing().decision() != v1::ALLOWED) {
    return absl::OkStatus();
  }
  return TakeSigning(entry);
}

absl::Status ReleaseChecks::TakePolicy(const v1::PolicyEvent& event) {
  if (Sha256(event.text()) != event.sha256()) {
    return base::Precondition("POLICY_MISMATCH",
                              "a policy's text has not the SHA-256 it names");
  }
  ASSIGN_OR_RETURN(policies_[event.sha256()],
                   trust::Policy::Parse(event.text()));
  return absl::OkStatus();
}

absl::Status ReleaseChecks::TakeSigning(const v1::Entry& entry) {
  ++releases_;
  const auto policy = policies_.find(entry.policy_sha256());
  if (policy == policies_.end() || policy->second == nullptr) {
    return base::Precondition(
        "POLICY_UNKNOWN",
        absl::StrCat("released under policy ",
                     absl::BytesToHexString(entry.policy_sha256()),
                     ", which the log does not hold before it"));
  }
  if (entry.signing().digests().empty()) {
    return base::Precondition("RELEASE_UNSIGNED",
                              "a release without a signature");
  }
  for (const v1::SignedDigest& digest : entry.signing().digests()) {
    RETURN_IF_ERROR(CheckDigest(*policy->second, entry.signing(), digest));
  }
  return absl::OkStatus();
}

absl::Status ReleaseChecks::CheckDigest(const trust::Policy& policy,
                                        const v1::SigningEvent& event,
                                        const v1::SignedDigest& digest) {
  const v1::Target* const target = policy.FindTarget(event.target());
  const v1::PinnedKey* const pinned = policy.FindKey(digest.key());
  if (target == nullptr || pinned == nullptr || target->key() != digest.key() ||
      pinned->algorithm() != digest.algorithm()) {
    return base::Precondition(
        "KEY_NOT_PINNED",
        absl::StrCat("key \"", digest.key(),
                     "\" is not the policy's key of target \"", event.target(),
                     "\""));
  }
  if (target->mcuboot().pure() != digest.pure()) {
    return base::Precondition(
        "SIGNATURE_KIND",
        absl::StrCat("the signature is said to be over ",
                     digest.pure() ? "the image itself" : "a digest",
                     ", the policy's target \"", event.target(),
                     "\" has its key sign the other"));
  }
  const auto key =
      keys_.find(absl::AsciiStrToLower(pinned->public_key_sha256()));
  if (key == keys_.end()) {
    return base::Precondition(
        "KEY_UNKNOWN",
        absl::StrCat("the server no longer has key \"", digest.key(),
                     "\" (sha256 ", pinned->public_key_sha256(),
                     "); give it with --public-key"));
  }
  if (digest.pure()) {
    ++over_images_;
    return CheckForm(digest);
  }
  const auto algorithm = ToImage(digest.algorithm());
  const image::Error error =
      algorithm ? image::VerifySignature(
                      *algorithm, AsBytes(key->second.device_der),
                      AsBytes(digest.digest()), AsBytes(digest.signature()))
                : image::Error::kUnsupported;
  if (error == image::Error::kOk) return absl::OkStatus();
  return base::Precondition(
      "SIGNATURE_INVALID",
      absl::StrCat("the signature is not that of key \"", digest.key(), "\" (",
                   image::Text(error), ")"));
}

}  // namespace bootseal::cli
