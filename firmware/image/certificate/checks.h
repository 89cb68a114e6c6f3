// The single checks, one function per row of the tables (judge.cc). Each says
// which guarantee it adds, and relies on nothing but what ReadCertificate has
// checked: rules may be asked in any order, over any Facts. The answer is kOk
// or some other word: which error it is, the table says.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_CHECKS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_CHECKS_H_

#include <cstddef>

#include "firmware/image/certificate/facts.h"
#include "firmware/image/certificate/rules.h"
#include "firmware/image/result.h"

namespace bootseal::image::certificate::checks {

Error RulesAreConsistent(const Rules&, const Facts&, std::size_t);
Error CountersAgree(const Rules&, const Facts&, std::size_t);

// Of the Role `index`.
Error CertificateIsThere(const Rules&, const Facts&, std::size_t index);
Error SaysWhatItsPlaceWants(const Rules&, const Facts&, std::size_t index);
Error KeysAreOfTheTargetsCurve(const Rules&, const Facts&, std::size_t index);
Error RootKeyIsTheTargets(const Rules&, const Facts&, std::size_t index);
Error KeyIsTheOneThatTheParentNames(const Rules&, const Facts&,
                                    std::size_t index);
Error SignatureMatches(const Rules&, const Facts&, std::size_t index);
Error CounterIsHighEnough(const Rules&, const Facts&, std::size_t index);
Error CounterIsBelowCeiling(const Rules&, const Facts&, std::size_t index);

// Of the ImageRole `index`.
Error ImageIsThere(const Rules&, const Facts&, std::size_t index);
Error ImageIsExpected(const Rules&, const Facts&, std::size_t index);
Error ImageMatches(const Rules&, const Facts&, std::size_t index);

}  // namespace bootseal::image::certificate::checks

#endif  // BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_CHECKS_H_
