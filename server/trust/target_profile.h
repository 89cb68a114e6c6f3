// What a verifier needs of a target, whatever its format: one member of a
// closed set for each.
#ifndef BOOTSEAL_SERVER_TRUST_TARGET_PROFILE_H_
#define BOOTSEAL_SERVER_TRUST_TARGET_PROFILE_H_

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "firmware/image/host/capsule_certificate.h"
#include "firmware/image/host/release_manifest.h"
#include "server/trust/package_profile.h"
#include "server/trust/profile.h"

namespace bootseal::trust {

// A target whose releases are signed. Immutable; thread-safe.
class ReleaseProfile {
 public:
  // As McubootProfile::Make.
  static absl::StatusOr<std::shared_ptr<const ReleaseProfile>> Make(
      const v1::Profile& profile);

  const v1::Profile& proto() const { return proto_; }
  const v1::ReleaseFormat& format() const { return proto_.target().release(); }
  image::Algorithm algorithm() const { return trust_.algorithm; }
  // Without a log key: receipts are not demanded.
  const image::host::ReleaseTrust& trust() const { return trust_; }
  // SHA-256 of the public key's DER.
  const std::string& key_hash() const { return key_hash_; }

 private:
  explicit ReleaseProfile(const v1::Profile& profile);

  v1::Profile proto_;
  image::host::ReleaseTrust trust_;
  std::string key_hash_;
};

// A target whose capsules are signed. Immutable; thread-safe.
class CapsuleProfile {
 public:
  // As McubootProfile::Make; PROFILE_INVALID too when the certificate is of
  // another key.
  static absl::StatusOr<std::shared_ptr<const CapsuleProfile>> Make(
      const v1::Profile& profile);

  const v1::Profile& proto() const { return proto_; }
  const v1::CapsuleFormat& format() const { return proto_.target().capsule(); }
  const image::host::CapsuleCertificate& certificate() const {
    return certificate_;
  }
  // SHA-256 of the public key's DER.
  const std::string& key_hash() const { return key_hash_; }

 private:
  CapsuleProfile(const v1::Profile& profile,
                 image::host::CapsuleCertificate certificate);

  v1::Profile proto_;
  image::host::CapsuleCertificate certificate_;
  std::string key_hash_;
};

using FormatProfile = std::variant<std::shared_ptr<const McubootProfile>,
                                   std::shared_ptr<const ReleaseProfile>,
                                   std::shared_ptr<const CapsuleProfile>,
                                   std::shared_ptr<const PackageProfile>,
                                   std::shared_ptr<const FirstStageProfile>>;

// Never without one; cheap to copy. Thread-safe.
class TargetProfile {
 public:
  // INVALID_ARGUMENT (PROFILE_INVALID) when the profile is incomplete or its
  // public key is not of its algorithm.
  static absl::StatusOr<TargetProfile> Make(const v1::Profile& profile);

  const FormatProfile& format() const { return format_; }
  const v1::Profile& proto() const;
  // As the format has it: McubootProfile's by its own hash.
  std::string key_hash() const;
  // Of the key that signs the digest of this name: the same, or, of a package,
  // SHA-256 of the DER of that certificate's key.
  std::string key_hash_for(absl::string_view digest) const;

 private:
  explicit TargetProfile(FormatProfile format) : format_(std::move(format)) {}

  FormatProfile format_;
};

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_TARGET_PROFILE_H_
