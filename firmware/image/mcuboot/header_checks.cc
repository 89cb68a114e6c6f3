// What the header alone decides: can this device take the image at all?
#include "firmware/image/algorithm.h"
#include "firmware/image/mcuboot/checks.h"
#include "firmware/image/mcuboot/expected_header.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "firmware/image/mcuboot/trailer.h"

namespace bootseal::image::mcuboot::checks {
namespace {

bool Has(const Facts& facts, std::uint32_t flag) {
  return (facts.header.flags & flag) != 0;
}

// Only Ed25519 leaves a choice of hash, and none when it signs the image
// itself. Facts: mcuboot 1.7.
bool HashFits(const Rules& rules) {
  const AlgorithmTraits* traits = TraitsOf(rules.algorithm);
  if (traits == nullptr) return false;
  if (rules.hash == traits->hash) return !rules.pure;
  return rules.algorithm == Algorithm::kEd25519 &&
         rules.hash == HashAlgorithm::kSha512;
}

bool KeyFits(const Rules& rules) {
  if (rules.key_hash.size() != HashSize(rules.hash)) return false;
  return rules.key_format == KeyFormat::kFull || !rules.public_key.empty();
}

bool IsPowerOfTwo(std::uint32_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

bool GeometryFits(const Rules& rules) {
  constexpr std::uint32_t kMaxHeaderSize = 0xffff;
  return rules.header_size >= kHeaderBytes &&
         rules.header_size <= kMaxHeaderSize && IsPowerOfTwo(rules.align) &&
         rules.align <= 32 && IsPowerOfTwo(rules.max_align) &&
         rules.max_align >= 8 && rules.max_align <= 32 &&
         rules.align <= rules.max_align && MaxImageEnd(rules) != 0;
}

// A RAM-loading device needs to know where to; no image loads to address 0.
// Slots at fixed places are for those that run their images there.
bool AddressFits(const Rules& rules) {
  const bool loads = rules.strategy == Strategy::kRamLoad;
  const bool fixed = rules.rom_fixed != 0;
  return loads == (rules.load_address != 0) &&
         (!fixed || rules.strategy == Strategy::kDirectXip);
}

bool IsUuidOrNone(Bytes uuid) {
  return uuid.empty() || uuid.size() == kUuidBytes;
}

bool EncryptionFits(const Rules& rules) {
  if (rules.encryption == Presence::kForbidden) return true;
  const std::uint32_t bits = rules.encryption_key_bits;
  return (bits == 128 || bits == 256) && IsEncryption(rules.encryption_tlv);
}

}  // namespace

// Once for all checks: in each of them it would be its largest part.
[[gnu::noinline]] Error Holds(bool holds) {
  return holds ? Error::kOk : Error::kFault;
}

// Proves that the checks below mean something: a rule that cannot be followed
// would refuse every image with a misleading reason.
Error RulesAreConsistent(const Rules& rules, const Facts&) {
  return Holds(HashFits(rules) && KeyFits(rules) && GeometryFits(rules) &&
               AddressFits(rules) && IsUuidOrNone(rules.vendor_uuid) &&
               IsUuidOrNone(rules.class_uuid) && EncryptionFits(rules));
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
