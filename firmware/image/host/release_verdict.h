// The word on a release that a device has on trial: that it keeps it, or gives
// it up. An in-toto Statement v1 about the manifest of one release, in a DSSE
// envelope, by the key that signs releases.
//
//   {"_type":"https://in-toto.io/Statement/v1",
//    "predicate":{"notAfter":"2027-01-31T00:00:00Z","product":"...",
//     "target":"...","verdict":"accept","version":"1.3.0"},
//    "predicateType":"https://bootseal.dev/firmware-verdict/v1",
//    "subject":[{"digest":{"sha256":"..."},"name":"release"}]}
//
// Members sorted, no white space: one verdict has one text. The subject's
// digest is over the text of the manifest, the payload of its envelope: another
// build of the same version is another release.
//
// UEFI capsules have none of this: those that accept and revert are not
// authenticated, whoever writes the EFI partition may do either (facts: fwu
// 6.3). Source: https://github.com/in-toto/attestation, spec v1. Thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_RELEASE_VERDICT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_RELEASE_VERDICT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/host/release_manifest.h"

namespace bootseal::image::host {

inline constexpr char kVerdictPredicate[] =
    "https://bootseal.dev/firmware-verdict/v1";

enum class TrialEnd { kAccept, kReject };

// "accept", "reject".
absl::string_view NameOf(TrialEnd end);

struct ReleaseVerdict {
  std::string product;  // a device compares it with its own
  std::string target;   // of the policy
  mcuboot::Version version;
  TrialEnd end = TrialEnd::kReject;
  // Good up to and with this second since 1970-01-01T00:00:00Z; from 0 to
  // 9999-12-31T23:59:59Z.
  std::int64_t not_after = 0;
  std::string release_sha256;  // raw: ReleaseDigest of the manifest
};

// SHA-256 of the manifest's text, raw.
std::string ReleaseDigest(const ReleaseManifest& manifest);

std::string WriteVerdict(const ReleaseVerdict& verdict);

// Whether a statement says that it is a verdict; nothing else of it is read.
bool IsVerdict(absl::string_view json);

// INVALID_ARGUMENT (VERDICT_MALFORMED, naming the member): not the one text of
// a verdict.
absl::StatusOr<ReleaseVerdict> ReadVerdict(absl::string_view json);

// The proof that a verdict is the word of the key's owner, and that the log has
// it. Only OpenVerdict makes one. That it fits a device, and still holds, is
// the device's to judge.
class VerifiedVerdict {
 public:
  const ReleaseVerdict& verdict() const { return verdict_; }
  // Of the log entry; absent when no receipt was demanded.
  std::optional<std::uint64_t> log_index() const { return log_index_; }

 private:
  friend absl::StatusOr<VerifiedVerdict> OpenVerdict(absl::string_view envelope,
                                                     absl::string_view receipt,
                                                     const ReleaseTrust& trust);
  VerifiedVerdict() = default;

  ReleaseVerdict verdict_;
  std::optional<std::uint64_t> log_index_;
};

// As OpenStatement (signed_statement.h) and ReadVerdict.
absl::StatusOr<VerifiedVerdict> OpenVerdict(absl::string_view envelope,
                                            absl::string_view receipt,
                                            const ReleaseTrust& trust);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_RELEASE_VERDICT_H_
