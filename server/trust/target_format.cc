#include "server/trust/target_format.h"

#include <algorithm>

#include "firmware/image/algorithm.h"
#include "server/trust/first_stage_format.h"
#include "server/trust/format.h"
#include "server/trust/package_format.h"

namespace bootseal::trust {
namespace {

std::uint32_t OrElse(std::uint32_t value, std::uint32_t otherwise) {
  return value == 0 ? otherwise : value;
}

}  // namespace

absl::string_view NameOfFormat(const v1::Target& target) {
  switch (target.format_case()) {
    case v1::Target::kMcuboot:
      return "mcuboot";
    case v1::Target::kRelease:
      return "release";
    case v1::Target::kCapsule:
      return "capsule";
    case v1::Target::kFip:
      return "fip";
    case v1::Target::kStm32Header:
      return "stm32_header";
    case v1::Target::FORMAT_NOT_SET:
      return "none";
  }
  return "none";
}

absl::string_view HowToAsk(const v1::Target& target) {
  switch (target.format_case()) {
    case v1::Target::kMcuboot:
      return "an image; use SigningService.Sign (bootseal sign)";
    case v1::Target::kRelease:
      return "a release; use FwuService.Release (bootseal fwu bundle), and "
             "`bootseal fwu check` for what comes of it";
    case v1::Target::kCapsule:
      return "a capsule; use FwuService.Capsule (bootseal capsule create), and "
             "`bootseal capsule check` for what comes of it";
    case v1::Target::kFip:
      return "a package; use SigningService.Sign (bootseal sign --component "
             "NAME=FILE ...), and `bootseal fip check` or `bootseal verify` "
             "for what comes of it";
    case v1::Target::kStm32Header:
      return "a first stage; use SigningService.Sign (bootseal sign), and "
             "`bootseal stm32 rom-check` or `bootseal verify` for what comes "
             "of it";
    case v1::Target::FORMAT_NOT_SET:
      return "nothing: it has no format";
  }
  return "nothing";
}

CounterRules CounterRulesOf(const v1::Target& target) {
  switch (target.format_case()) {
    case v1::Target::kMcuboot: {
      const v1::McubootFormat& format = target.mcuboot();
      return {format.security_counter(), format.security_counter_from_version(),
              format.default_security_counter(),
              format.security_counter_ceiling(), 0};
    }
    case v1::Target::kRelease: {
      const v1::ReleaseFormat& format = target.release();
      return {v1::REQUIRED, format.security_counter_from_version(),
              format.default_security_counter(),
              format.security_counter_ceiling(),
              format.security_counter_step()};
    }
    case v1::Target::kCapsule:
      return {v1::REQUIRED, true, 0, 0, 0};
    case v1::Target::kFip: {
      const v1::FipFormat& format = target.fip();
      return {
          v1::REQUIRED, false, format.default_security_counter(),
          OrElse(format.security_counter_ceiling(), kDefaultNvCounterCeiling),
          OrElse(format.security_counter_step(), kDefaultNvCounterStep)};
    }
    case v1::Target::kStm32Header: {
      const v1::Stm32HeaderFormat& format = target.stm32_header();
      return {v1::REQUIRED, false, format.default_security_counter(),
              OrElse(format.security_counter_ceiling(), kMaxImageVersion),
              OrElse(format.security_counter_step(), kDefaultImageVersionStep)};
    }
    case v1::Target::FORMAT_NOT_SET:
      return {};
  }
  return {};
}

image::HashAlgorithm SignedHash(const v1::Target& target,
                                v1::Algorithm algorithm) {
  switch (target.format_case()) {
    case v1::Target::kMcuboot:
      return RulesOf(target.mcuboot(), algorithm).hash;
    case v1::Target::kCapsule:
    case v1::Target::kFip:
      return image::HashAlgorithm::kSha256;
    case v1::Target::kRelease:
    case v1::Target::kStm32Header:
    case v1::Target::FORMAT_NOT_SET:
      return image::SignatureTraitsOf(ToImage(algorithm))->hash;
  }
  return image::HashAlgorithm::kSha256;
}

std::vector<std::string> KeysOf(const v1::Target& target) {
  std::vector<std::string> keys{target.key()};
  if (!target.has_fip()) return keys;
  for (PackageKey& key : FurtherKeysOf(target.fip())) {
    if (std::count(keys.begin(), keys.end(), key.name) != 0) continue;
    keys.push_back(std::move(key.name));
  }
  return keys;
}

std::size_t DigestsOf(const v1::Target& target) {
  return target.has_fip() ? image::certificate::kRoles : 1;
}

std::string KeyFor(const v1::Target& target, absl::string_view digest) {
  if (!target.has_fip()) return target.key();
  for (std::size_t i = 0; i < image::certificate::kRoles; ++i) {
    if (digest != image::certificate::kRoleTraits[i].name) continue;
    return SignerOf(target, static_cast<image::certificate::Role>(i));
  }
  return "";
}

bool SignsMessage(const v1::Target& target) {
  switch (target.format_case()) {
    case v1::Target::kMcuboot:
      return target.mcuboot().pure();
    case v1::Target::kRelease:
    case v1::Target::kCapsule:
    case v1::Target::kFip:
    case v1::Target::kStm32Header:
    case v1::Target::FORMAT_NOT_SET:
      return false;
  }
  return false;
}

}  // namespace bootseal::trust
