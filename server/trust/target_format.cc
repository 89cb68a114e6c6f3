#include "server/trust/target_format.h"

#include "firmware/image/algorithm.h"
#include "server/trust/format.h"

namespace bootseal::trust {

absl::string_view NameOfFormat(const v1::Target& target) {
  switch (target.format_case()) {
    case v1::Target::kMcuboot:
      return "mcuboot";
    case v1::Target::kRelease:
      return "release";
    case v1::Target::kCapsule:
      return "capsule";
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
      return image::HashAlgorithm::kSha256;
    case v1::Target::kRelease:
    case v1::Target::FORMAT_NOT_SET:
      return image::TraitsOf(ToImage(algorithm))->hash;
  }
  return image::HashAlgorithm::kSha256;
}

bool SignsMessage(const v1::Target& target) {
  switch (target.format_case()) {
    case v1::Target::kMcuboot:
      return target.mcuboot().pure();
    case v1::Target::kRelease:
    case v1::Target::kCapsule:
    case v1::Target::FORMAT_NOT_SET:
      return false;
  }
  return false;
}

}  // namespace bootseal::trust
