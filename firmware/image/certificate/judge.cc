#include "firmware/image/certificate/judge.h"

#include <bit>

#include "firmware/image/certificate/checks.h"
#include "firmware/image/hardened.h"

namespace bootseal::image::certificate {
namespace {

// Can these rules be followed?
constexpr Rule kPackageRules[] = {
    Rule{Error::kRules, checks::RulesAreConsistent},
};

// Is it what somebody with the key of this place signed, for this place, and
// does the device still take it?
constexpr Rule kCertificateRules[] = {
    Rule{Error::kCertificateMissing, checks::CertificateIsThere},
    Rule{Error::kCertificateRole, checks::SaysWhatItsPlaceWants},
    Rule{Error::kCertificateKey, checks::KeysAreOfTheTargetsCurve},
    Rule{Error::kRootKeyUnknown, checks::RootKeyIsTheTargets},
    Rule{Error::kCertificateKeyUnknown, checks::KeyIsTheOneThatTheParentNames},
    Rule{Error::kCertificateSignature, checks::SignatureMatches},
    Rule{Error::kCounterLow, checks::CounterIsHighEnough},
    Rule{Error::kCounterHigh, checks::CounterIsBelowCeiling},
};

// Does it still take them together?
constexpr Rule kCounterRules[] = {
    Rule{Error::kCountersDiffer, checks::CountersAgree},
};

// Is each image the one that was signed?
constexpr Rule kImageRules[] = {
    Rule{Error::kPackageImageMissing, checks::ImageIsThere},
    Rule{Error::kPackageImageUnexpected, checks::ImageIsExpected},
    Rule{Error::kPackageImageDigest, checks::ImageMatches},
};

constexpr Phase kPhases[] = {
    Phase{About::kPackage, 1, kPackageRules},
    Phase{About::kCertificate, kRoles, kCertificateRules},
    Phase{About::kPackage, 1, kCounterRules},
    Phase{About::kImage, kImageRoles, kImageRules},
};

// One step of the tally: depends on the rule, its place, its answer and all
// before it.
constexpr std::uint32_t Tally(std::uint32_t tally, Error code,
                              std::size_t index, Error answer) {
  const std::uint32_t place = static_cast<std::uint32_t>(index) * 0x9e3779b9U;
  return std::rotl(tally, 5) +
         (static_cast<std::uint32_t>(code) ^ place ^
          std::rotl(static_cast<std::uint32_t>(answer), 1));
}

constexpr std::uint32_t TallyWhenAllHold() {
  std::uint32_t tally = 0;
  for (const Phase& phase : kPhases) {
    for (std::size_t index = 0; index < phase.count; ++index) {
      for (const Rule& rule : phase.rules) {
        tally = Tally(tally, rule.code, index, Error::kOk);
      }
    }
  }
  return tally;
}

// A signature takes most of a boot, and its answer is computed, not chosen. Of
// every other check the tally takes a second answer.
bool IsAskedOnce(const Rule& rule) {
  return rule.code == Error::kCertificateSignature;
}

}  // namespace

constexpr std::uint32_t kAllPassed = TallyWhenAllHold();

std::span<const Phase> Phases() { return kPhases; }

const char* NameOf(const Place& place) {
  switch (place.about) {
    case About::kCertificate:
      return place.index < kRoles ? kRoleTraits[place.index].name : "";
    case About::kImage:
      return place.index < kImageRoles ? kImageTraits[place.index].name : "";
    case About::kPackage:
      break;
  }
  return "package";
}

Judgement Judge(const Rules& rules, const Facts& facts) {
  Judgement judgement;
  for (const Phase& phase : kPhases) {
    for (std::size_t index = 0; index < phase.count; ++index) {
      for (const Rule& rule : phase.rules) {
        const Error answer = rule.check(rules, facts, index);
        const Error recorded = IsAskedOnce(rule)
                                   ? Launder(answer)
                                   : rule.check(rules, facts, index);
        if (answer != Error::kOk) return {rule.code, {phase.about, index}, 0};
        judgement.passed = Tally(judgement.passed, rule.code, index, recorded);
      }
    }
  }
  judgement.verdict = Error::kOk;
  return judgement;
}

}  // namespace bootseal::image::certificate
