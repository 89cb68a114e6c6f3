// The single checks, one function per row of the rule table (rule_rows.h). Each
// says which guarantee it adds, and relies on nothing but the checked structure
// of the areas: rules may be asked in any order, over any Facts whose
// `found` is of their areas. The answer is
// kOk or some other word: which error it is, the table says.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_CHECKS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_CHECKS_H_

#include "firmware/image/algorithm.h"
#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/result.h"

namespace bootseal::image::mcuboot::checks {

// kOk when it does, another word when not.
Error Holds(bool holds);

// What signatures of the target's algorithm are like; null for a value outside
// the enumeration. target_constants.cc, or of one algorithm (device_rules.h).
const AlgorithmTraits* TargetTraits(const Rules& rules);

// header_checks.cc
Error RulesAreConsistent(const Rules&, const Facts&);
Error HeaderSizeIsTheTargets(const Rules&, const Facts&);
Error IsBootable(const Rules&, const Facts&);
Error EncryptionIsTheTargets(const Rules&, const Facts&);
Error CompressionIsTheTargets(const Rules&, const Facts&);
Error FlagsAreTheTargets(const Rules&, const Facts&);
Error LoadAddressIsTheTargets(const Rules&, const Facts&);
Error ProtectedSizeIsPossible(const Rules&, const Facts&);
Error FitsTheSlot(const Rules&, const Facts&);

// integrity_checks.cc
Error EveryTlvIsAllowed(const Rules&, const Facts&);
Error NoTlvIsDoubled(const Rules&, const Facts&);
Error TlvLengthsAreExact(const Rules&, const Facts&);
Error DecompressionIsDescribed(const Rules&, const Facts&);
Error DigestIsThere(const Rules&, const Facts&);
Error DigestIsOfTheTargetsType(const Rules&, const Facts&);
Error DigestMatches(const Rules&, const Facts&);
Error KeyIsThere(const Rules&, const Facts&);
Error KeyIsOfTheTargetsFormat(const Rules&, const Facts&);
Error KeyIsTheTargets(const Rules&, const Facts&);
Error SignatureIsThere(const Rules&, const Facts&);
Error SignatureIsOfTheTargetsType(const Rules&, const Facts&);
Error SignatureFollowsItsKey(const Rules&, const Facts&);
Error SignatureSaysWhatItCovers(const Rules&, const Facts&);
Error SignatureLengthIsPossible(const Rules&, const Facts&);
Error SignatureIsCanonical(const Rules&, const Facts&);
Error SignatureMatches(const Rules&, const Facts&);
Error EncryptionTlvIsInPlace(const Rules&, const Facts&);

// device_checks.cc
Error VectorsAreUsable(const Rules&, const Facts&);
Error NoForbiddenTlv(const Rules&, const Facts&);
Error SecurityCounterIsThere(const Rules&, const Facts&);
Error SecurityCounterIsHighEnough(const Rules&, const Facts&);
Error SecurityCounterIsBelowCeiling(const Rules&, const Facts&);
Error BootRecordIsThere(const Rules&, const Facts&);
Error BootRecordFitsTheDevice(const Rules&, const Facts&);
Error BootRecordIsWellFormed(const Rules&, const Facts&);
Error BootRecordNamesTheSigner(const Rules&, const Facts&);
Error BootRecordNamesTheVersion(const Rules&, const Facts&);
Error BootRecordNamesTheSoftwareType(const Rules&, const Facts&);
Error DependencyIsThere(const Rules&, const Facts&);
Error DependenciesExist(const Rules&, const Facts&);
Error VendorUuidIsTheTargets(const Rules&, const Facts&);
Error ClassUuidIsTheTargets(const Rules&, const Facts&);

}  // namespace bootseal::image::mcuboot::checks

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_CHECKS_H_
