// Who signed what: digest, key and signature.
#include "firmware/image/algorithm.h"
#include "firmware/image/der.h"
#include "firmware/image/hardened.h"
#include "firmware/image/mcuboot/checks.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::mcuboot::checks {
namespace {

// A type that stands for all of which an image has one: two digests of
// different kinds count as doubled, too.
constexpr std::uint16_t kDigest = tlv::kSha256;
constexpr std::uint16_t kKey = tlv::kKeyHash;
constexpr std::uint16_t kSignature = tlv::kEcdsa;
constexpr std::uint16_t kEncryption = tlv::kEncryptionRsa2048;

std::uint16_t FamilyOf(std::uint16_t type) {
  if (IsDigest(type)) return kDigest;
  if (IsKey(type)) return kKey;
  if (IsSignature(type)) return kSignature;
  if (IsEncryption(type)) return kEncryption;
  return type;
}

// The first unprotected TLV of a family. Type 0 when there is none;
// NoTlvIsDoubled says whether it is the only one.
Tlv First(const Facts& facts, std::uint16_t family) {
  for (const Tlv& tlv : Tlvs(facts.unprotected_area)) {
    if (FamilyOf(tlv.type) == family) return tlv;
  }
  return {};
}

// Bytes that nobody signed: exactly what the check of a signature needs. Vendor
// TLVs are taken where the device ignores them too.
bool AllowedUnprotected(const Rules& rules, const Tlv& tlv) {
  if (IsVendor(tlv.type)) return !rules.allow_list;
  if (IsEncryption(tlv.type)) {
    return rules.encryption != Presence::kForbidden &&
           tlv.type == rules.encryption_tlv;
  }
  const std::uint16_t family = FamilyOf(tlv.type);
  return family == kDigest || family == kKey || family == kSignature;
}

bool AllowedProtected(const Rules&, const Tlv& tlv) {
  return tlv.type == tlv::kSecurityCounter || tlv.type == tlv::kBootRecord ||
         tlv.type == tlv::kDependency || IsOpaqueProtected(tlv.type);
}

std::size_t Count(Bytes area, std::uint16_t family) {
  std::size_t count = 0;
  for (const Tlv& tlv : Tlvs(area)) {
    if (FamilyOf(tlv.type) == family) ++count;
  }
  return count;
}

bool MayRepeat(std::uint16_t type) {
  return type == tlv::kDependency || IsVendor(type);
}

bool HasDouble(Bytes area) {
  for (const Tlv& tlv : Tlvs(area)) {
    if (!MayRepeat(tlv.type) && Count(area, FamilyOf(tlv.type)) > 1) {
      return true;
    }
  }
  return false;
}

struct ExactLength {
  std::uint16_t type;
  std::uint16_t length;
};

constexpr ExactLength kExactLengths[] = {
    {tlv::kSha256, 32},     {tlv::kSha384, 48},         {tlv::kSha512, 64},
    {tlv::kDependency, 12}, {tlv::kSecurityCounter, 4}, {tlv::kVendorUuid, 16},
    {tlv::kClassUuid, 16},
};

bool HasItsLength(const Rules& rules, const Tlv& tlv) {
  if (IsEncryption(tlv.type)) {
    return tlv.value.size() ==
           EncryptionTlvSize(tlv.type, rules.encryption_key_bits);
  }
  for (const ExactLength& exact : kExactLengths) {
    if (tlv.type == exact.type) return tlv.value.size() == exact.length;
  }
  return true;
}

std::uint16_t KeyTlv(KeyFormat format) {
  return format == KeyFormat::kFull ? tlv::kPublicKey : tlv::kKeyHash;
}

// The key that the signature is checked with. kHash: the target's own. kFull:
// the image's, of which KeyIsTheTargets proves the hash.
Bytes KeyOf(const Rules& rules, const Facts& facts) {
  if (rules.key_format == KeyFormat::kHash) return rules.public_key;
  return First(facts, kKey).value;
}

}  // namespace

// Nothing unsigned is read as if it were signed, and nothing is carried that
// the device might read and this verifier does not.
Error EveryTlvIsAllowed(const Rules& rules, const Facts& facts) {
  return Holds(All(facts.protected_area, rules, AllowedProtected) &&
               All(facts.unprotected_area, rules, AllowedUnprotected));
}

// From here on "the" TLV is meant: no reader can pick another one.
Error NoTlvIsDoubled(const Rules&, const Facts& facts) {
  return Holds(!HasDouble(facts.protected_area) &&
               !HasDouble(facts.unprotected_area));
}

Error TlvLengthsAreExact(const Rules& rules, const Facts& facts) {
  return Holds(All(facts.protected_area, rules, HasItsLength) &&
               All(facts.unprotected_area, rules, HasItsLength));
}

// An image that was signed, and is not encrypted yet, lacks it. One that has it
// ends with it, as it is made after all else.
Error EncryptionTlvIsInPlace(const Rules& rules, const Facts& facts) {
  const Tlv tlv = First(facts, kEncryption);
  const bool encrypted = (facts.header.flags & flags::kEncrypted) != 0;
  if (tlv.type == 0) return Holds(!encrypted || !rules.encryption_tlv_required);
  const Bytes area = facts.unprotected_area;
  return Holds(encrypted && tlv.value.data() + tlv.value.size() ==
                                area.data() + area.size());
}

Error DigestIsThere(const Rules&, const Facts& facts) {
  return Holds(First(facts, kDigest).type != 0);
}

Error DigestIsOfTheTargetsType(const Rules& rules, const Facts& facts) {
  const std::uint16_t type = First(facts, kDigest).type;
  return Holds(type == 0 || type == DigestTlv(rules.hash));
}

// Proves that the image is whole; says nothing yet about who made it.
Error DigestMatches(const Rules&, const Facts& facts) {
  const Tlv digest = First(facts, kDigest);
  if (digest.type == 0) return Error::kOk;
  return Same(digest.value, facts.digest.bytes(), Error::kDigestMismatch);
}

Error KeyIsThere(const Rules&, const Facts& facts) {
  return Holds(First(facts, kKey).type != 0);
}

Error KeyIsOfTheTargetsFormat(const Rules& rules, const Facts& facts) {
  const std::uint16_t type = First(facts, kKey).type;
  return Holds(type == 0 || type == KeyTlv(rules.key_format));
}

// Proves that the key of the signature check is the one that the target trusts:
// the hash over exactly that key is the provisioned one. A KEYHASH must be
// whole: MCUboot takes a prefix, no signer writes one.
Error KeyIsTheTargets(const Rules& rules, const Facts& facts) {
  const Tlv key = First(facts, kKey);
  if (key.type != KeyTlv(rules.key_format)) return Error::kOk;
  const Bytes compared =
      key.type == tlv::kKeyHash ? Bytes(rules.key_hash) : rules.public_key;
  // A target with kFull may pin the hash alone.
  if (!compared.empty() && !Equal(key.value, compared)) {
    return Error::kKeyUnknown;
  }
  return Same(HashOf(rules.hash, KeyOf(rules, facts)).bytes(), rules.key_hash,
              Error::kKeyUnknown);
}

Error SignatureIsThere(const Rules&, const Facts& facts) {
  return Holds(First(facts, kSignature).type != 0);
}

Error SignatureIsOfTheTargetsType(const Rules& rules, const Facts& facts) {
  const AlgorithmTraits* traits = TraitsOf(rules.algorithm);
  const std::uint16_t type = First(facts, kSignature).type;
  return Holds(type == 0 ||
               (traits != nullptr && type == traits->signature_tlv));
}

// MCUboot forgets a signature that comes before its key.
Error SignatureFollowsItsKey(const Rules&, const Facts& facts) {
  const Tlv key = First(facts, kKey);
  const Tlv signature = First(facts, kSignature);
  return Holds(key.type == 0 || signature.type == 0 ||
               key.value.data() < signature.value.data());
}

Error SignatureLengthIsPossible(const Rules& rules, const Facts& facts) {
  const AlgorithmTraits* traits = TraitsOf(rules.algorithm);
  const Tlv signature = First(facts, kSignature);
  if (traits == nullptr || signature.type == 0) return Error::kOk;
  const std::size_t size = signature.value.size();
  const bool exact = CoordinateSize(rules.algorithm) == 0;
  return Holds(exact ? size == traits->max_signature_size
                     : size <= traits->max_signature_size);
}

// Padding and long forms are read differently by different bootloaders.
Error SignatureIsCanonical(const Rules& rules, const Facts& facts) {
  const std::size_t coordinate = CoordinateSize(rules.algorithm);
  const Tlv signature = First(facts, kSignature);
  if (coordinate == 0 || signature.type != tlv::kEcdsa) return Error::kOk;
  return Holds(ReadEcdsaSignature(signature.value, coordinate).ok());
}

// Proves that the holder of the key signed this digest. The answer is the
// backend's own word, not the outcome of a branch here.
Error SignatureMatches(const Rules& rules, const Facts& facts) {
  const Tlv signature = First(facts, kSignature);
  if (signature.type == 0) return Error::kSignatureMismatch;
  return VerifySignature(rules.algorithm, KeyOf(rules, facts),
                         facts.digest.bytes(), signature.value);
}

}  // namespace bootseal::image::mcuboot::checks
