// Every rule there is, in the order of judgement, and for which targets it
// matters. Included where a table is made of them: rule_table.cc has all;
// firmware/provision compiles one for a device, without those that hold there
// for any image, or whose images another rule refuses.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_RULE_ROWS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_RULE_ROWS_H_

#include <cstddef>

#include "firmware/image/der.h"
#include "firmware/image/mcuboot/checks.h"
#include "firmware/image/mcuboot/consistency.h"
#include "firmware/image/mcuboot/judge.h"
#include "firmware/image/mcuboot/receipt_checks.h"

namespace bootseal::image::mcuboot {

// What a device learns only when it starts, the key's hash and the counter's
// minimum, is nothing that a rule may depend on here.
namespace matters {

constexpr bool Always(const Rules&) { return true; }
constexpr bool WhenInconsistentRules(const Rules& rules) {
  return !AreConsistent(rules);
}
// Else a TLV of it is not allowed.
constexpr bool WhenEncryption(const Rules& rules) {
  return rules.encryption != Presence::kForbidden;
}
// Else neither its flags nor its TLVs are allowed.
constexpr bool WhenDecompression(const Rules& rules) {
  return rules.compression != Compression::kNone;
}
constexpr bool WhenPureSignature(const Rules& rules) { return rules.pure; }
constexpr bool WhenDerSignature(const Rules& rules) {
  return CoordinateSize(rules.algorithm) != 0;
}
constexpr bool WhenForbiddenTlv(const Rules& rules) {
  return rules.security_counter == Presence::kForbidden ||
         rules.boot_record == Presence::kForbidden ||
         rules.dependency == Presence::kForbidden;
}
constexpr bool WhenRequiredCounter(const Rules& rules) {
  return rules.security_counter == Presence::kRequired;
}
// A device's own counters have an end, which the compiled rules do not tell.
constexpr bool WhenCounterCeiling(const Rules& rules) {
  return rules.security_counter_ceiling != 0 || WhenRequiredCounter(rules);
}
constexpr bool WhenRequiredRecord(const Rules& rules) {
  return rules.boot_record == Presence::kRequired;
}
// Else it is a forbidden TLV.
constexpr bool WhenBootRecord(const Rules& rules) {
  return rules.boot_record != Presence::kForbidden;
}
constexpr bool WhenSoftwareType(const Rules& rules) {
  return WhenBootRecord(rules) && !rules.software_type.empty();
}
constexpr bool WhenRequiredDependency(const Rules& rules) {
  return rules.dependency == Presence::kRequired;
}
constexpr bool WhenDependency(const Rules& rules) {
  return rules.dependency != Presence::kForbidden;
}
constexpr bool WhenVendorUuid(const Rules& rules) {
  return !rules.vendor_uuid.empty();
}
constexpr bool WhenClassUuid(const Rules& rules) {
  return !rules.class_uuid.empty();
}
constexpr bool WhenReceipt(const Rules& rules) {
  return rules.receipt != nullptr;
}

}  // namespace matters

struct RuleRow {
  Rule rule;
  bool (*matters)(const Rules&);
};

namespace matters {

inline constexpr RuleRow kRows[] = {
    // Can these rules be followed, and does the header follow them?
    {{Error::kRules, checks::RulesAreConsistent}, WhenInconsistentRules},
    {{Error::kHeaderSize, checks::HeaderSizeIsTheTargets}, Always},
    {{Error::kNonBootable, checks::IsBootable}, Always},
    {{Error::kEncrypted, checks::EncryptionIsTheTargets}, Always},
    {{Error::kCompressed, checks::CompressionIsTheTargets}, Always},
    {{Error::kFlags, checks::FlagsAreTheTargets}, Always},
    {{Error::kLoadAddress, checks::LoadAddressIsTheTargets}, Always},
    {{Error::kProtectedSize, checks::ProtectedSizeIsPossible}, Always},
    {{Error::kImageTooLarge, checks::FitsTheSlot}, Always},
    // Is there exactly one of everything that is read below?
    {{Error::kTlvNotAllowed, checks::EveryTlvIsAllowed}, Always},
    {{Error::kTlvDuplicate, checks::NoTlvIsDoubled}, Always},
    {{Error::kTlvLength, checks::TlvLengthsAreExact}, Always},
    {{Error::kEncryptionTlv, checks::EncryptionTlvIsInPlace}, WhenEncryption},
    {{Error::kDecompression, checks::DecompressionIsDescribed},
     WhenDecompression},
    // Is it what somebody with the target's key signed?
    {{Error::kDigestMissing, checks::DigestIsThere}, Always},
    {{Error::kDigestType, checks::DigestIsOfTheTargetsType}, Always},
    {{Error::kDigestMismatch, checks::DigestMatches}, Always},
    {{Error::kKeyMissing, checks::KeyIsThere}, Always},
    {{Error::kKeyFormat, checks::KeyIsOfTheTargetsFormat}, Always},
    {{Error::kKeyUnknown, checks::KeyIsTheTargets}, Always},
    {{Error::kSignatureMissing, checks::SignatureIsThere}, Always},
    {{Error::kSignatureType, checks::SignatureIsOfTheTargetsType}, Always},
    {{Error::kTlvOrder, checks::SignatureFollowsItsKey}, Always},
    {{Error::kSignaturePure, checks::SignatureSaysWhatItCovers},
     WhenPureSignature},
    {{Error::kSignatureLength, checks::SignatureLengthIsPossible}, Always},
    {{Error::kDer, checks::SignatureIsCanonical}, WhenDerSignature},
    {{Error::kSignatureMismatch, checks::SignatureMatches}, Always},
    // It is. Does this device start it?
    {{Error::kVectorTable, checks::VectorsAreUsable}, Always},
    {{Error::kUnexpectedTlv, checks::NoForbiddenTlv}, WhenForbiddenTlv},
    {{Error::kSecurityCounterMissing, checks::SecurityCounterIsThere},
     WhenRequiredCounter},
    {{Error::kSecurityCounterLow, checks::SecurityCounterIsHighEnough}, Always},
    {{Error::kSecurityCounterHigh, checks::SecurityCounterIsBelowCeiling},
     WhenCounterCeiling},
    {{Error::kBootRecordMissing, checks::BootRecordIsThere},
     WhenRequiredRecord},
    {{Error::kBootRecordSize, checks::BootRecordFitsTheDevice}, WhenBootRecord},
    {{Error::kBootRecordFormat, checks::BootRecordIsWellFormed},
     WhenBootRecord},
    {{Error::kBootRecordSigner, checks::BootRecordNamesTheSigner},
     WhenBootRecord},
    {{Error::kBootRecordVersion, checks::BootRecordNamesTheVersion},
     WhenBootRecord},
    {{Error::kSoftwareType, checks::BootRecordNamesTheSoftwareType},
     WhenSoftwareType},
    {{Error::kDependencyMissing, checks::DependencyIsThere},
     WhenRequiredDependency},
    {{Error::kDependencyImage, checks::DependenciesExist}, WhenDependency},
    {{Error::kVendorUuid, checks::VendorUuidIsTheTargets}, WhenVendorUuid},
    {{Error::kClassUuid, checks::ClassUuidIsTheTargets}, WhenClassUuid},
    // Is it in the log of those who look after the target?
    {{Error::kReceiptMissing, checks::ReceiptIsThere}, WhenReceipt},
    {{Error::kReceiptTwice, checks::ReceiptIsAlone}, WhenReceipt},
    {{Error::kReceiptFormat, checks::ReceiptIsWellFormed}, WhenReceipt},
    {{Error::kReceiptOfAnother, checks::ReceiptNamesTheImage}, WhenReceipt},
    {{Error::kReceiptNotAllowed, checks::ReceiptAllowsTheSignature},
     WhenReceipt},
    {{Error::kReceiptPath, checks::ReceiptLeadsToItsCheckpoint}, WhenReceipt},
    {{Error::kReceiptKey, checks::CheckpointIsSigned}, WhenReceipt},
};

}  // namespace matters

// The first rule that needs to know more than the header.
inline constexpr Error kFirstImageRule = Error::kTlvNotAllowed;

// The rows of which Matters::Of says so, as rules.
template <typename Matters>
class MadeTable {
 public:
  static constexpr std::size_t Count() {
    std::size_t count = 0;
    for (const RuleRow& row : matters::kRows) count += Matters::Of(row) ? 1 : 0;
    return count;
  }

  // A plain array: g++ 12 puts a deduced std::array of these into writable
  // memory.
  struct Array {
    Rule rules[Count()];
  };

  static constexpr Array Make() {
    Array array{};
    std::size_t count = 0;
    for (const RuleRow& row : matters::kRows) {
      if (Matters::Of(row)) array.rules[count++] = row.rule;
    }
    return array;
  }

  static constexpr std::size_t CountHeaderRules(const Array& array) {
    std::size_t count = 0;
    while (array.rules[count].code != kFirstImageRule) ++count;
    return count;
  }
};

// The tally when all of these hold.
constexpr std::uint32_t TallyWhenAllHold(std::span<const Rule> rules) {
  std::uint32_t tally = 0;
  for (const Rule& rule : rules) tally = Tally(tally, rule.code, Error::kOk);
  return tally;
}

constexpr RuleTable TableOf(std::span<const Rule> all,
                            std::size_t header_count) {
  return {all, header_count, TallyWhenAllHold(all.first(header_count)),
          TallyWhenAllHold(all)};
}

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_RULE_ROWS_H_
