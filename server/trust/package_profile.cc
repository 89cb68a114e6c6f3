#include "server/trust/package_profile.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/certificate/certificate.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/curve_words.h"
#include "server/trust/first_stage_format.h"
#include "server/trust/package_format.h"
#include "server/trust/parts.h"
#include "server/trust/profile.h"
#include "server/trust/target_format.h"

namespace bootseal::trust {
namespace {

namespace certificate = image::certificate;
using certificate::Role;
using image::host::AsBytes;
using image::host::CertificateKeys;
using image::host::ToString;

absl::Status Problem(absl::string_view message) {
  return base::Fail(absl::StatusCode::kInvalidArgument, "PROFILE_INVALID",
                    absl::StrCat("profile: ", message));
}

struct KeyPlace {
  Role role;
  std::string CertificateKeys::*key;
};
constexpr KeyPlace kKeyPlaces[] = {
    {Role::kConfig, &CertificateKeys::root},
    {Role::kTosFwKey, &CertificateKeys::trusted_world},
    {Role::kNtFwKey, &CertificateKeys::non_trusted_world},
    {Role::kTosFw, &CertificateKeys::tos_fw},
    {Role::kNtFw, &CertificateKeys::nt_fw},
};

certificate::Curve CurveOf(const v1::Profile& profile) {
  return profile.algorithm() == v1::BRAINPOOL_P256T1
             ? certificate::Curve::kBrainpoolP256t1
             : certificate::Curve::kP256;
}

absl::StatusOr<CertificateKeys> ReadKeys(const v1::Profile& profile) {
  CertificateKeys keys;
  for (const KeyPlace& place : kKeyPlaces) {
    const std::string name = SignerOf(profile.target(), place.role);
    std::string der = PublicKeyOf(profile, name);
    const auto read = certificate::ReadPublicKey(AsBytes(der));
    if (!read.ok() || read->curve != CurveOf(profile)) {
      return Problem(absl::StrCat(
          "keys: \"", name, "\" of target ", profile.target().name(), " holds ",
          image::host::CurveWords(der), "; expected one of ",
          v1::Algorithm_Name(profile.algorithm()), ", as the root key is"));
    }
    keys.*place.key = std::move(der);
  }
  return keys;
}

certificate::Presence PresenceOf(const v1::FipFormat& format,
                                 const char* name) {
  const v1::FipImage* const image = FindImage(format, name);
  if (image == nullptr) return certificate::Presence::kForbidden;
  return image->presence() == v1::REQUIRED ? certificate::Presence::kRequired
                                           : certificate::Presence::kOptional;
}

}  // namespace

std::string PublicKeyOf(const v1::Profile& profile, absl::string_view key) {
  if (key == profile.target().key()) return profile.public_key();
  for (const v1::ProfileKey& each : profile.keys()) {
    if (each.name() == key) return each.public_key();
  }
  return "";
}

PackageProfile::PackageProfile(const v1::Profile& profile, CertificateKeys keys)
    : proto_(profile),
      keys_(std::move(keys)),
      key_hash_(Sha256Of(profile.public_key())) {
  rules_.key_hash_form = ToImage(format().chip())->root_hash;
  root_hash_ = ToString(
      certificate::KeyHashOf(rules_.key_hash_form,
                             *certificate::ReadPublicKey(AsBytes(keys_.root)))
          .bytes());
  rules_.root_key_hash = AsBytes(root_hash_);
  rules_.curve = CurveOf(profile);
  rules_.counter_ceiling = CounterRulesOf(proto_.target()).ceiling;
  for (std::size_t index = 0; index < certificate::kImageRoles; ++index) {
    rules_.images[index] =
        PresenceOf(format(), certificate::kImageTraits[index].name);
  }
}

absl::StatusOr<std::shared_ptr<const PackageProfile>> PackageProfile::Make(
    const v1::Profile& profile) {
  RETURN_IF_ERROR(CheckProfile(profile));
  RETURN_IF_ERROR(CheckFormatIs(profile, v1::Target::kFip));
  ASSIGN_OR_RETURN(CertificateKeys keys, ReadKeys(profile));
  return std::shared_ptr<const PackageProfile>(
      new PackageProfile(profile, std::move(keys)));
}

FirstStageProfile::FirstStageProfile(const v1::Profile& profile,
                                     image::host::Stm32Keys keys,
                                     std::string fused_hash)
    : proto_(profile),
      keys_(std::move(keys)),
      fused_hash_(std::move(fused_hash)),
      key_hash_(Sha256Of(profile.public_key())) {}

absl::StatusOr<std::shared_ptr<const FirstStageProfile>>
FirstStageProfile::Make(const v1::Profile& profile) {
  RETURN_IF_ERROR(CheckProfile(profile));
  RETURN_IF_ERROR(CheckFormatIs(profile, v1::Target::kStm32Header));
  const v1::Stm32HeaderFormat& format = profile.target().stm32_header();
  auto keys = KeysOf(format, profile.public_key());
  if (!keys.ok()) return Problem(keys.status().message());
  const auto header =
      image::host::PlanStm32Header(DescriptionOf(format, 1), 1, *keys);
  if (!header.ok()) return Problem(header.status().message());
  return std::shared_ptr<const FirstStageProfile>(new FirstStageProfile(
      profile, *std::move(keys),
      ToString(image::stm32::FusedHash(*header).bytes())));
}

}  // namespace bootseal::trust
