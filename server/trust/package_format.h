// A target's packages (FIP): what its format must be like, which key signs
// which certificate, and the certificates that a request means. Thread-safe:
// free functions.
#ifndef BOOTSEAL_SERVER_TRUST_PACKAGE_FORMAT_H_
#define BOOTSEAL_SERVER_TRUST_PACKAGE_FORMAT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "firmware/image/certificate/chain.h"
#include "firmware/image/host/package_certificates.h"
#include "firmware/image/host/stm32_chip.h"
#include "server/trust/problems.h"

namespace bootseal::trust {

// Of whole packages.
inline constexpr std::uint64_t kMaxPackageBytes = std::uint64_t{1} << 30;
// A device counts one by one up to its certificate's value.
inline constexpr std::uint32_t kDefaultNvCounterCeiling = 1024;
inline constexpr std::uint32_t kDefaultNvCounterStep = 1;

// nullptr for an unspecified or unknown one.
const image::host::Stm32Chip* ToImage(v1::Stm32Chip chip);
void CheckChip(v1::Stm32Chip chip, const Field& field);

// Whether a chain of trust may have keys of it.
inline bool IsOfAChain(v1::Algorithm algorithm) {
  return algorithm == v1::P256 || algorithm == v1::BRAINPOOL_P256T1;
}

// Every problem but those of keys that are not there.
void CheckFip(const v1::FipFormat& format, v1::Algorithm algorithm,
              const Field& here);

// A place of the format that names a key of its own.
struct PackageKey {
  const char* field;  // "trusted_world_key"
  std::string name;
};
// Those that are set.
std::vector<PackageKey> FurtherKeysOf(const v1::FipFormat& format);

// The policy's name of the key that signs a certificate.
std::string SignerOf(const v1::Target& target, image::certificate::Role role);

// nullopt for a name that is no image's of a package.
std::optional<image::certificate::ImageRole> ImageRoleOf(
    absl::string_view name);
// nullptr when the format does not list it.
const v1::FipImage* FindImage(const v1::FipFormat& format,
                              absl::string_view name);
// Those that the format lists, in the order of the upload.
std::vector<const v1::FipImage*> ImagesOf(const v1::FipFormat& format);

// nullopt for other text than RFC 3339 with whole seconds.
std::optional<absl::Time> ParseValidFrom(absl::string_view text);

// All that follows is for a format without problems.

// What a request for these components means, with the keys in their places.
// Whoever has the files computes the same.
image::host::CertificateRequest CertificatesFor(
    const v1::FipFormat& format, const v1::SignHeader& header,
    std::uint32_t security_counter, image::host::CertificateKeys keys,
    const std::vector<v1::ComponentDigest>& components);

// For approvers and reviewers: what a pending or released request gets signed.
// Read out of the certificates' own bytes where the entry has them.
struct PackageRequest {
  // Keys, times and digests of the images.
  image::host::CertificateRequest request;
  std::vector<image::host::PlannedCertificate> certificates;
};
// FAILED_PRECONDITION (PACKAGE_MISMATCH) unless the entry names the six
// certificates, each digest is that of its message, and the messages are, byte
// for byte, the certificates that the entry's components, counter and key
// hashes mean. The files are the right ones when each has its component's
// SHA-256.
absl::StatusOr<PackageRequest> OpenPackageMessage(
    const v1::SigningEvent& signing);

// Whether the entry is about a package.
bool IsPackage(const v1::SigningEvent& signing);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_PACKAGE_FORMAT_H_
