#include "firmware/image/mcuboot/judge.h"

#include <bit>

#include "firmware/image/hardened.h"
#include "firmware/image/mcuboot/checks.h"
#include <receipt_part.h>

namespace bootseal::image::mcuboot {
namespace {

// A plain array: g++ 12 puts a deduced std::array of these into writable
// memory.
constexpr Rule kTable[] = {
    // Can these rules be followed, and does the header follow them?
    Rule{Error::kRules, checks::RulesAreConsistent},
    Rule{Error::kHeaderSize, checks::HeaderSizeIsTheTargets},
    Rule{Error::kNonBootable, checks::IsBootable},
    Rule{Error::kEncrypted, checks::EncryptionIsTheTargets},
    Rule{Error::kCompressed, checks::CompressionIsTheTargets},
    Rule{Error::kFlags, checks::FlagsAreTheTargets},
    Rule{Error::kLoadAddress, checks::LoadAddressIsTheTargets},
    Rule{Error::kProtectedSize, checks::ProtectedSizeIsPossible},
    Rule{Error::kImageTooLarge, checks::FitsTheSlot},
    // Is there exactly one of everything that is read below?
    Rule{Error::kTlvNotAllowed, checks::EveryTlvIsAllowed},
    Rule{Error::kTlvDuplicate, checks::NoTlvIsDoubled},
    Rule{Error::kTlvLength, checks::TlvLengthsAreExact},
    Rule{Error::kEncryptionTlv, checks::EncryptionTlvIsInPlace},
    Rule{Error::kDecompression, checks::DecompressionIsDescribed},
    // Is it what somebody with the target's key signed?
    Rule{Error::kDigestMissing, checks::DigestIsThere},
    Rule{Error::kDigestType, checks::DigestIsOfTheTargetsType},
    Rule{Error::kDigestMismatch, checks::DigestMatches},
    Rule{Error::kKeyMissing, checks::KeyIsThere},
    Rule{Error::kKeyFormat, checks::KeyIsOfTheTargetsFormat},
    Rule{Error::kKeyUnknown, checks::KeyIsTheTargets},
    Rule{Error::kSignatureMissing, checks::SignatureIsThere},
    Rule{Error::kSignatureType, checks::SignatureIsOfTheTargetsType},
    Rule{Error::kTlvOrder, checks::SignatureFollowsItsKey},
    Rule{Error::kSignaturePure, checks::SignatureSaysWhatItCovers},
    Rule{Error::kSignatureLength, checks::SignatureLengthIsPossible},
    Rule{Error::kDer, checks::SignatureIsCanonical},
    Rule{Error::kSignatureMismatch, checks::SignatureMatches},
    // It is. Does this device start it?
    Rule{Error::kVectorTable, checks::VectorsAreUsable},
    Rule{Error::kUnexpectedTlv, checks::NoForbiddenTlv},
    Rule{Error::kSecurityCounterMissing, checks::SecurityCounterIsThere},
    Rule{Error::kSecurityCounterLow, checks::SecurityCounterIsHighEnough},
    Rule{Error::kSecurityCounterHigh, checks::SecurityCounterIsBelowCeiling},
    Rule{Error::kBootRecordMissing, checks::BootRecordIsThere},
    Rule{Error::kBootRecordSize, checks::BootRecordFitsTheDevice},
    Rule{Error::kBootRecordFormat, checks::BootRecordIsWellFormed},
    Rule{Error::kBootRecordSigner, checks::BootRecordNamesTheSigner},
    Rule{Error::kBootRecordVersion, checks::BootRecordNamesTheVersion},
    Rule{Error::kSoftwareType, checks::BootRecordNamesTheSoftwareType},
    Rule{Error::kDependencyMissing, checks::DependencyIsThere},
    Rule{Error::kDependencyImage, checks::DependenciesExist},
    Rule{Error::kVendorUuid, checks::VendorUuidIsTheTargets},
    Rule{Error::kClassUuid, checks::ClassUuidIsTheTargets},
    BOOTSEAL_RECEIPT_RULES};

// The first rule that needs to know more than the header.
constexpr Error kFirstImageRule = Error::kTlvNotAllowed;

constexpr std::size_t CountHeaderRules() {
  std::size_t count = 0;
  while (kTable[count].code != kFirstImageRule) ++count;
  return count;
}

constexpr std::span<const Rule> kAllRules(kTable);
constexpr std::span<const Rule> kHeaderRules =
    kAllRules.first(CountHeaderRules());

// One step of the tally: depends on the rule, its answer and all before it.
constexpr std::uint32_t Tally(std::uint32_t tally, Error code, Error answer) {
  return std::rotl(tally, 5) +
         (static_cast<std::uint32_t>(code) ^
          std::rotl(static_cast<std::uint32_t>(answer), 1));
}

// The tally when all of these hold.
constexpr std::uint32_t TallyWhenAllHold(std::span<const Rule> table) {
  std::uint32_t tally = 0;
  for (const Rule& rule : table) tally = Tally(tally, rule.code, Error::kOk);
  return tally;
}

// A signature takes most of a boot, and its answer is computed, not chosen.
// Of every other check the tally takes a second answer: an instruction skipped
// in one of them, or in what is made of it here, is not enough.
bool IsAskedOnce(const Rule& rule) {
  return rule.code == Error::kSignatureMismatch ||
         BOOTSEAL_RECEIPT_IS_ASKED_ONCE(rule.code);
}

Judgement Judge(std::span<const Rule> table, const Rules& rules,
                const Facts& facts) {
  Judgement judgement;
  for (const Rule& rule : table) {
    const Error answer = rule.check(rules, facts);
    const Error recorded =
        IsAskedOnce(rule) ? Launder(answer) : rule.check(rules, facts);
    if (answer != Error::kOk) return {rule.code, 0};
    judgement.passed = Tally(judgement.passed, rule.code, recorded);
  }
  judgement.verdict = Error::kOk;
  return judgement;
}

}  // namespace

constexpr std::uint32_t kAllPassed = TallyWhenAllHold(kAllRules);

std::span<const Rule> HeaderRules() { return kHeaderRules; }
std::span<const Rule> ImageRules() {
  return kAllRules.subspan(kHeaderRules.size());
}

Error JudgeHeader(const Rules& rules, const Facts& facts) {
  constexpr std::uint32_t kHeaderPassed = TallyWhenAllHold(kHeaderRules);
  const Judgement judgement = Judge(kHeaderRules, rules, facts);
  if (judgement.verdict != Error::kOk) return judgement.verdict;
  return judgement.passed == kHeaderPassed ? Error::kOk : Error::kFault;
}

Judgement JudgeImage(const Rules& rules, const Facts& facts) {
  return Judge(kAllRules, rules, facts);
}

}  // namespace bootseal::image::mcuboot
