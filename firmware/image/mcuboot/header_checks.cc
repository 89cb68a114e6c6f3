// What the header alone decides: can this device take the image at all?
#include "firmware/image/mcuboot/checks.h"
#include "firmware/image/mcuboot/consistency.h"
#include "firmware/image/mcuboot/expected_header.h"
#include "firmware/image/mcuboot/trailer.h"

namespace bootseal::image::mcuboot::checks {
namespace {

bool Has(const Facts& facts, std::uint32_t flag) {
  return (facts.header.flags & flag) != 0;
}

}  // namespace

// Once for all checks: in each of them it would be its largest part.
[[gnu::noinline]] Error Holds(bool holds) {
  return holds ? Error::kOk : Error::kFault;
}

// Proves that the checks below mean something: a rule that cannot be followed
// would refuse every image with a misleading reason.
Error RulesAreConsistent(const Rules& rules, const Facts&) {
  return Holds(AreConsistent(rules));
}

// The device jumps to slot + its own header size: any other one starts the
// payload in its middle.
Error HeaderSizeIsTheTargets(const Rules& rules, const Facts& facts) {
  return Holds(facts.header.header_size == rules.header_size);
}

// That the mark is there where the target demands it, the flags say.
Error IsBootable(const Rules& rules, const Facts& facts) {
  return Holds(rules.non_bootable || !Has(facts, flags::kNonBootable));
}

// Marked as encrypted with the key size of the target, or, where that is left
// to the image, not at all.
Error EncryptionIsTheTargets(const Rules& rules, const Facts& facts) {
  const std::uint32_t found = facts.header.flags & flags::kEncrypted;
  const bool may_be_plain = rules.encryption != Presence::kRequired;
  const bool may_be_encrypted = rules.encryption != Presence::kForbidden;
  return Holds((may_be_plain && found == 0) ||
               (may_be_encrypted && found == EncryptionFlag(rules)));
}

// A device that decompresses takes what it need not decompress, too.
Error CompressionIsTheTargets(const Rules& rules, const Facts& facts) {
  const std::uint32_t found = facts.header.flags & flags::kCompressed;
  return Holds(found == 0 || found == CompressionFlags(rules.compression));
}

// After the three above: nothing is set that this device does not know, and
// what it needs is set.
Error FlagsAreTheTargets(const Rules& rules, const Facts& facts) {
  const std::uint32_t judged = flags::kEncrypted | flags::kCompressed;
  return Holds((facts.header.flags & ~judged) == ExpectedFlags(rules));
}

Error LoadAddressIsTheTargets(const Rules& rules, const Facts& facts) {
  return Holds(facts.header.load_address == ExpectedAddress(rules));
}

// No area, or one with at least one TLV in it: signers write no empty one.
Error ProtectedSizeIsPossible(const Rules&, const Facts& facts) {
  const std::size_t size = facts.header.protected_size;
  return Holds(size == 0 || size >= kTlvInfoBytes + kTlvHeaderBytes);
}

// Asked twice: over the header, when the unprotected area is not known yet, and
// over the whole image.
Error FitsTheSlot(const Rules& rules, const Facts& facts) {
  const std::size_t max = MaxImageEnd(rules);
  const std::size_t beside_payload = std::size_t{facts.header.header_size} +
                                     facts.header.protected_size +
                                     facts.unprotected_area.size();
  const std::size_t payload = facts.header.image_size;
  return Holds(payload <= max && beside_payload <= max - payload);
}

}  // namespace bootseal::image::mcuboot::checks
