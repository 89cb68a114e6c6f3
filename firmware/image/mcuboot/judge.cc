#include "firmware/image/mcuboot/judge.h"

#include <bit>

#include "firmware/image/hardened.h"
#include "firmware/image/mcuboot/checks.h"

namespace bootseal::image::mcuboot {
namespace {

// A plain array: g++ 12 puts a deduced std::array of these into writable
// memory.
constexpr Rule kTable[] = {
    // Can these rules be followed, and does the header follow them?
    Rule{Error::kRules, Stage::kHeader, checks::RulesAreConsistent},
    Rule{Error::kHeaderSize, Stage::kHeader, checks::HeaderSizeIsTheTargets},
    Rule{Error::kNonBootable, Stage::kHeader, checks::IsBootable},
    Rule{Error::kEncrypted, Stage::kHeader, checks::IsNotEncrypted},
    Rule{Error::kCompressed, Stage::kHeader, checks::IsNotCompressed},
    Rule{Error::kFlags, Stage::kHeader, checks::FlagsAreTheTargets},
    Rule{Error::kLoadAddress, Stage::kHeader, checks::LoadAddressIsTheTargets},
    Rule{Error::kProtectedSize, Stage::kHeader,
         checks::ProtectedSizeIsPossible},
    Rule{Error::kImageTooLarge, Stage::kHeader, checks::FitsTheSlot},
    // Is there exactly one of everything that is read below?
    Rule{Error::kTlvNotAllowed, Stage::kImage, checks::EveryTlvIsAllowed},
    Rule{Error::kTlvDuplicate, Stage::kImage, checks::NoTlvIsDoubled},
    Rule{Error::kTlvLength, Stage::kImage, checks::TlvLengthsAreExact},
    // Is it what somebody with the target's key signed?
    Rule{Error::kDigestMissing, Stage::kImage, checks::DigestIsThere},
    Rule{Error::kDigestType, Stage::kImage, checks::DigestIsOfTheTargetsType},
    Rule{Error::kDigestMismatch, Stage::kImage, checks::DigestMatches},
    Rule{Error::kKeyMissing, Stage::kImage, checks::KeyIsThere},
    Rule{Error::kKeyFormat, Stage::kImage, checks::KeyIsOfTheTargetsFormat},
    Rule{Error::kKeyUnknown, Stage::kImage, checks::KeyIsTheTargets},
    Rule{Error::kSignatureMissing, Stage::kImage, checks::SignatureIsThere},
    Rule{Error::kSignatureType, Stage::kImage,
         checks::SignatureIsOfTheTargetsType},
    Rule{Error::kTlvOrder, Stage::kImage, checks::SignatureFollowsItsKey},
    Rule{Error::kSignatureLength, Stage::kImage,
         checks::SignatureLengthIsPossible},
    Rule{Error::kDer, Stage::kImage, checks::SignatureIsCanonical},
    Rule{Error::kSignatureMismatch, Stage::kImage, checks::SignatureMatches},
    // It is. Does this device start it?
    Rule{Error::kVectorTable, Stage::kImage, checks::VectorsAreUsable},
    Rule{Error::kUnexpectedTlv, Stage::kImage, checks::NoForbiddenTlv},
    Rule{Error::kSecurityCounterMissing, Stage::kImage,
         checks::SecurityCounterIsThere},
    Rule{Error::kSecurityCounterLow, Stage::kImage,
         checks::SecurityCounterIsHighEnough},
    Rule{Error::kSecurityCounterHigh, Stage::kImage,
         checks::SecurityCounterIsBelowCeiling},
    Rule{Error::kBootRecordMissing, Stage::kImage, checks::BootRecordIsThere},
    Rule{Error::kBootRecordSize, Stage::kImage,
         checks::BootRecordFitsTheDevice},
    Rule{Error::kBootRecordFormat, Stage::kImage,
         checks::BootRecordIsWellFormed},
    Rule{Error::kBootRecordSigner, Stage::kImage,
         checks::BootRecordNamesTheSigner},
    Rule{Error::kBootRecordVersion, Stage::kImage,
         checks::BootRecordNamesTheVersion},
    Rule{Error::kSoftwareType, Stage::kImage,
         checks::BootRecordNamesTheSoftwareType},
    Rule{Error::kDependencyMissing, Stage::kImage, checks::DependencyIsThere},
    Rule{Error::kDependencyImage, Stage::kImage, checks::DependenciesExist},
};

// One step of the tally: depends on the rule, its answer and all before it.
constexpr std::uint32_t Tally(std::uint32_t tally, Error code, Error answer) {
  return std::rotl(tally, 5) +
         (static_cast<std::uint32_t>(code) ^
          std::rotl(static_cast<std::uint32_t>(answer), 1));
}

// The tally over the first rules of the table when all of them hold.
constexpr std::uint32_t TallyWhenAllHold(bool header_only) {
  std::uint32_t tally = 0;
  for (const Rule& rule : kTable) {
    if (header_only && rule.stage != Stage::kHeader) break;
    tally = Tally(tally, rule.code, Error::kOk);
  }
  return tally;
}

constexpr std::size_t HeaderRules() {
  std::size_t count = 0;
  while (kTable[count].stage == Stage::kHeader) ++count;
  return count;
}

Judgement Judge(std::span<const Rule> table, const Rules& rules,
                const Facts& facts) {
  Judgement judgement;
  for (const Rule& rule : table) {
    const Error answer = Launder(rule.check(rules, facts));
    if (answer != Error::kOk) return {rule.code, 0};
    judgement.passed = Tally(judgement.passed, rule.code, Launder(answer));
  }
  judgement.verdict = Error::kOk;
  return judgement;
}

}  // namespace

constexpr std::uint32_t kAllPassed = TallyWhenAllHold(false);

std::span<const Rule> RuleTable() { return kTable; }

Error JudgeHeader(const Rules& rules, const Facts& facts) {
  constexpr std::uint32_t kHeaderPassed = TallyWhenAllHold(true);
  const Judgement judgement =
      Judge(std::span(kTable).first<HeaderRules()>(), rules, facts);
  if (judgement.verdict != Error::kOk) return judgement.verdict;
  return judgement.passed == kHeaderPassed ? Error::kOk : Error::kFault;
}

Judgement JudgeImage(const Rules& rules, const Facts& facts) {
  return Judge(kTable, rules, facts);
}

}  // namespace bootseal::image::mcuboot
