#include "server/trust/target_profile.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "server/trust/parts.h"
#include "server/trust/target_format.h"

namespace bootseal::trust {
namespace {

using image::host::AsBytes;
using image::host::ToString;

std::string KeyHash(const McubootProfile& profile) {
  return ToString(profile.rules().key_hash);
}
std::string KeyHash(const ReleaseProfile& profile) {
  return profile.key_hash();
}
std::string KeyHash(const CapsuleProfile& profile) {
  return profile.key_hash();
}
std::string KeyHash(const PackageProfile& profile) {
  return profile.key_hash();
}
std::string KeyHash(const FirstStageProfile& profile) {
  return profile.key_hash();
}

std::string HashOfKey(const v1::Profile& profile) {
  return ToString(image::HashOf(image::HashAlgorithm::kSha256,
                                AsBytes(profile.public_key()))
                      .bytes());
}

}  // namespace

ReleaseProfile::ReleaseProfile(const v1::Profile& profile) : proto_(profile) {
  trust_.algorithm = ToImage(profile.algorithm());
  trust_.public_key = profile.public_key();
  key_hash_ = HashOfKey(profile);
}

absl::StatusOr<std::shared_ptr<const ReleaseProfile>> ReleaseProfile::Make(
    const v1::Profile& profile) {
  RETURN_IF_ERROR(CheckProfile(profile));
  RETURN_IF_ERROR(CheckFormatIs(profile, v1::Target::kRelease));
  return std::shared_ptr<const ReleaseProfile>(new ReleaseProfile(profile));
}

CapsuleProfile::CapsuleProfile(const v1::Profile& profile,
                               image::host::CapsuleCertificate certificate)
    : proto_(profile),
      certificate_(std::move(certificate)),
      key_hash_(HashOfKey(profile)) {}

absl::StatusOr<std::shared_ptr<const CapsuleProfile>> CapsuleProfile::Make(
    const v1::Profile& profile) {
  RETURN_IF_ERROR(CheckProfile(profile));
  RETURN_IF_ERROR(CheckFormatIs(profile, v1::Target::kCapsule));
  ASSIGN_OR_RETURN(auto certificate,
                   image::host::CapsuleCertificate::Parse(
                       profile.target().capsule().certificate_pem()));
  if (certificate.public_key() != profile.public_key()) {
    return base::Fail(
        absl::StatusCode::kInvalidArgument, "PROFILE_INVALID",
        absl::StrCat("profile: target.capsule.certificate_pem is of another "
                     "key than target ",
                     profile.target().name(), " has"));
  }
  return std::shared_ptr<const CapsuleProfile>(
      new CapsuleProfile(profile, std::move(certificate)));
}

absl::StatusOr<TargetProfile> TargetProfile::Make(const v1::Profile& profile) {
  switch (profile.target().format_case()) {
    case v1::Target::kMcuboot: {
      ASSIGN_OR_RETURN(auto made, McubootProfile::Make(profile));
      return TargetProfile(std::move(made));
    }
    case v1::Target::kRelease: {
      ASSIGN_OR_RETURN(auto made, ReleaseProfile::Make(profile));
      return TargetProfile(std::move(made));
    }
    case v1::Target::kCapsule: {
      ASSIGN_OR_RETURN(auto made, CapsuleProfile::Make(profile));
      return TargetProfile(std::move(made));
    }
    case v1::Target::kFip: {
      ASSIGN_OR_RETURN(auto made, PackageProfile::Make(profile));
      return TargetProfile(std::move(made));
    }
    case v1::Target::kStm32Header: {
      ASSIGN_OR_RETURN(auto made, FirstStageProfile::Make(profile));
      return TargetProfile(std::move(made));
    }
    case v1::Target::FORMAT_NOT_SET:
      break;
  }
  RETURN_IF_ERROR(CheckProfile(profile));
  return base::Internal("a format without a profile");
}

const v1::Profile& TargetProfile::proto() const {
  return std::visit(
      [](const auto& made) -> const v1::Profile& { return made->proto(); },
      format_);
}

std::string TargetProfile::key_hash() const {
  return std::visit([](const auto& made) { return KeyHash(*made); }, format_);
}

std::string TargetProfile::key_hash_for(absl::string_view digest) const {
  const v1::Target& target = proto().target();
  if (!target.has_fip()) return key_hash();
  return Sha256Of(PublicKeyOf(proto(), KeyFor(target, digest)));
}

}  // namespace bootseal::trust
