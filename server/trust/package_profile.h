// What a verifier needs of targets for packages and first stages.
#ifndef BOOTSEAL_SERVER_TRUST_PACKAGE_PROFILE_H_
#define BOOTSEAL_SERVER_TRUST_PACKAGE_PROFILE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "firmware/image/certificate/rules.h"
#include "firmware/image/host/package_certificates.h"
#include "firmware/image/host/stm32_image.h"

namespace bootseal::trust {

// Rules with the bytes that they point to. Immutable; thread-safe.
class PackageProfile {
 public:
  // As McubootProfile::Make; PROFILE_INVALID too when a key that the target
  // names is not in profile.keys: none is ever made up.
  static absl::StatusOr<std::shared_ptr<const PackageProfile>> Make(
      const v1::Profile& profile);

  const v1::Profile& proto() const { return proto_; }
  const v1::FipFormat& format() const { return proto_.target().fip(); }
  // Of a device whose counter is 0.
  const image::certificate::Rules& rules() const { return rules_; }
  const image::host::CertificateKeys& keys() const { return keys_; }
  // SHA-256 of the root key's DER.
  const std::string& key_hash() const { return key_hash_; }

 private:
  PackageProfile(const v1::Profile& profile, image::host::CertificateKeys keys);

  v1::Profile proto_;
  image::host::CertificateKeys keys_;
  std::string key_hash_;
  std::string root_hash_;
  image::certificate::Rules rules_;
};

// Immutable; thread-safe.
class FirstStageProfile {
 public:
  // As McubootProfile::Make; PROFILE_INVALID too when the target's key is not
  // the one at key_index.
  static absl::StatusOr<std::shared_ptr<const FirstStageProfile>> Make(
      const v1::Profile& profile);

  const v1::Profile& proto() const { return proto_; }
  const v1::Stm32HeaderFormat& format() const {
    return proto_.target().stm32_header();
  }
  const image::host::Stm32Keys& keys() const { return keys_; }
  // What OTP holds of the key or the table, as the ROM compares it.
  const std::string& fused_hash() const { return fused_hash_; }
  // SHA-256 of the public key's DER.
  const std::string& key_hash() const { return key_hash_; }

 private:
  FirstStageProfile(const v1::Profile& profile, image::host::Stm32Keys keys,
                    std::string fused_hash);

  v1::Profile proto_;
  image::host::Stm32Keys keys_;
  std::string fused_hash_;
  std::string key_hash_;
};

// Of the profile's target by its name in the policy; empty when there is none.
std::string PublicKeyOf(const v1::Profile& profile, absl::string_view key);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_PACKAGE_PROFILE_H_
