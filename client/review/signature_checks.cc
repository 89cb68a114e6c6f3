#include "client/review/signature_checks.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/capsule_certificate.h"
#include "firmware/image/host/convert.h"
#include "server/trust/target_format.h"
#include "server/trust/verdict_rules.h"

namespace bootseal::review {
namespace {

using image::host::AsBytes;

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
    case v1::BRAINPOOL_P256T1:
      return image::Algorithm::kBrainpoolP256t1;
    default:  // protobuf's sentinels
      return std::nullopt;
  }
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

// As bootloaders verify it.
absl::Status CheckImageSignature(const std::string& key,
                                 const v1::SignedDigest& digest) {
  const auto algorithm = ToImage(digest.algorithm());
  return image::host::ToStatus(
      algorithm ? image::VerifySignature(*algorithm, AsBytes(key),
                                         AsBytes(digest.digest()),
                                         AsBytes(digest.signature()))
                : image::Error::kUnsupported);
}

// As U-Boot verifies a capsule's.
absl::Status CheckPkcs1(const std::string& key,
                        const v1::SignedDigest& digest) {
  return image::host::VerifyPkcs1(key, digest.digest(), digest.signature());
}

// The same as the server asks of a request; what else it asks shows in the
// entry's rule.
absl::Status CheckRequester(const trust::Policy& policy,
                            const v1::Entry& entry) {
  const std::string& who = entry.caller().identity();
  const v1::Target* const target = policy.FindTarget(entry.signing().target());
  if (target == nullptr) return absl::OkStatus();  // KEY_NOT_PINNED tells
  const std::vector<std::string> roles = policy.RolesOf(who);
  const trust::Roles& wanted = trust::RequestersOf(*target, entry.signing());
  const bool may =
      std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
        return std::count(wanted.begin(), wanted.end(), role) != 0;
      });
  const bool denied = policy.IsDenied(entry.caller().certificate_sha256());
  if (may && !denied) return absl::OkStatus();
  return base::Precondition(
      "REQUESTER_NOT_ALLOWED",
      absl::StrCat("released for \"", who, "\", ",
                   denied
                       ? "whose certificate the policy denies"
                       : absl::StrCat("who has roles ",
                                      absl::StrJoin(roles, ", "), "; target ",
                                      target->name(), " takes requests from ",
                                      absl::StrJoin(wanted, ", "))));
}

// A package has all of its certificates signed at once, none of them twice.
absl::Status CheckAllThere(const trust::Policy& policy,
                           const v1::SigningEvent& event) {
  const v1::Target* const target = policy.FindTarget(event.target());
  if (target == nullptr || !target->has_fip()) return absl::OkStatus();
  std::set<std::string> names;
  for (const v1::SignedDigest& digest : event.digests()) {
    names.insert(digest.name());
  }
  const std::size_t expected = trust::DigestsOf(*target);
  if (names.size() == expected &&
      static_cast<std::size_t>(event.digests_size()) == expected) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "RELEASE_INCOMPLETE",
      absl::StrCat("a package of target \"", event.target(), "\" with ",
                   event.digests_size(), " signatures for ", names.size(),
                   " certificates, expected ", expected));
}

}  // namespace

absl::Status SignatureChecks::Take(const Position& at, Findings& findings) {
  if (at.entry.signing().decision() != v1::ALLOWED) return absl::OkStatus();
  ++releases_;
  if (at.policy == nullptr) return absl::OkStatus();  // POLICY_UNKNOWN tells
  findings.Add(FindingClass::kPolicy, at.index,
               CheckRequester(*at.policy, at.entry));
  findings.Add(FindingClass::kSignature, at.index,
               CheckSignatures(*at.policy, at.entry.signing()));
  return absl::OkStatus();
}

absl::Status SignatureChecks::CheckSignatures(const trust::Policy& policy,
                                              const v1::SigningEvent& event) {
  if (event.digests().empty()) {
    return base::Precondition("RELEASE_UNSIGNED",
                              "a release without a signature");
  }
  RETURN_IF_ERROR(CheckAllThere(policy, event));
  for (const v1::SignedDigest& digest : event.digests()) {
    RETURN_IF_ERROR(CheckDigest(policy, event, digest));
  }
  return absl::OkStatus();
}

absl::Status SignatureChecks::CheckDigest(const trust::Policy& policy,
                                          const v1::SigningEvent& event,
                                          const v1::SignedDigest& digest) {
  const v1::Target* const target = policy.FindTarget(event.target());
  const v1::PinnedKey* const pinned = policy.FindKey(digest.key());
  if (target == nullptr || pinned == nullptr ||
      trust::KeyFor(*target, digest.name()) != digest.key() ||
      pinned->algorithm() != digest.algorithm()) {
    return base::Precondition(
        "KEY_NOT_PINNED",
        absl::StrCat("key \"", digest.key(),
                     "\" is not the policy's key of target \"", event.target(),
                     "\"", digest.name().empty() ? "" : " for ",
                     digest.name()));
  }
  if (target->mcuboot().pure() != digest.pure()) {
    return base::Precondition(
        "SIGNATURE_KIND",
        absl::StrCat("the signature is said to be over ",
                     digest.pure() ? "the image itself" : "a digest",
                     ", the policy's target \"", event.target(),
                     "\" has its key sign the other"));
  }
  const std::string* const key = keys_.Find(pinned->public_key_sha256());
  if (key == nullptr) {
    return base::Precondition(
        "KEY_UNKNOWN", absl::StrCat("nobody gave key \"", digest.key(),
                                    "\" (sha256 ", pinned->public_key_sha256(),
                                    "); give it with --public-key"));
  }
  if (digest.pure()) {
    ++over_images_;
    return CheckForm(digest);
  }
  const absl::Status good = target->has_capsule()
                                ? CheckPkcs1(*key, digest)
                                : CheckImageSignature(*key, digest);
  if (good.ok()) return good;
  return base::Precondition(
      "SIGNATURE_INVALID",
      absl::StrCat("the signature is not that of key \"", digest.key(), "\" (",
                   good.message(), ")"));
}

}  // namespace bootseal::review
