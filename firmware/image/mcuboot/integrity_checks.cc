// Who signed what: digest, key and signature.
#include "firmware/image/algorithm.h"
#include "firmware/image/der.h"
#include "firmware/image/hardened.h"
#include "firmware/image/mcuboot/checks.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::mcuboot::checks {
namespace {

constexpr Error Unless(bool holds, Error code) {
  return holds ? Error::kOk : code;
}

// The first unprotected TLV of a family: IsDigest, IsKey or IsSignature. Type 0
// when there is none; NoTlvIsDoubled says whether it is the only one.
Tlv First(const Facts& facts, bool (*family)(std::uint16_t)) {
  for (const Tlv& tlv : Tlvs(facts.unprotected_area)) {
    if (family(tlv.type)) return tlv;
  }
  return {};
}

// Bytes that nobody signed: exactly what the check of a signature needs. Vendor
// TLVs are taken where the device ignores them too.
bool AllowedUnprotected(const Rules& rules, std::uint16_t type) {
  if (IsDigest(type) || IsKey(type) || IsSignature(type)) return true;
  return IsVendor(type) && !rules.allow_list;
}

bool AllowedProtected(std::uint16_t type) {
  return type == tlv::kSecurityCounter || type == tlv::kBootRecord ||
         type == tlv::kDependency || IsOpaqueProtected(type);
}

// How often a type's family occurs; two digests of different kinds count as
// doubled, too.
std::size_t Count(Bytes area, std::uint16_t type) {
  std::size_t count = 0;
  for (const Tlv& tlv : Tlvs(area)) {
    const bool same_family = (IsDigest(type) && IsDigest(tlv.type)) ||
                             (IsKey(type) && IsKey(tlv.type)) ||
                             (IsSignature(type) && IsSignature(tlv.type));
    if (tlv.type == type || same_family) ++count;
  }
  return count;
}

bool MayRepeat(std::uint16_t type) {
  return type == tlv::kDependency || IsVendor(type);
}

bool HasDouble(Bytes area) {
  for (const Tlv& tlv : Tlvs(area)) {
    if (!MayRepeat(tlv.type) && Count(area, tlv.type) > 1) return true;
  }
  return false;
}

struct ExactLength {
  std::uint16_t type;
  std::size_t length;
};

constexpr ExactLength kExactLengths[] = {
    {tlv::kSha256, 32},     {tlv::kSha384, 48},         {tlv::kSha512, 64},
    {tlv::kDependency, 12}, {tlv::kSecurityCounter, 4}, {tlv::kVendorUuid, 16},
    {tlv::kClassUuid, 16},
};

bool HasExactLengths(Bytes area) {
  for (const Tlv& tlv : Tlvs(area)) {
    for (const ExactLength& exact : kExactLengths) {
      if (tlv.type == exact.type && tlv.value.size() != exact.length) {
        return false;
      }
    }
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
  return First(facts, IsKey).value;
}

}  // namespace

// Nothing unsigned is read as if it were signed, and nothing is carried that
// the device might read and this verifier does not.
Error EveryTlvIsAllowed(const Rules& rules, const Facts& facts) {
  for (const Tlv& tlv : Tlvs(facts.protected_area)) {
    if (!AllowedProtected(tlv.type)) return Error::kTlvNotAllowed;
  }
  for (const Tlv& tlv : Tlvs(facts.unprotected_area)) {
    if (!AllowedUnprotected(rules, tlv.type)) return Error::kTlvNotAllowed;
  }
  return Error::kOk;
}

// From here on "the" TLV is meant: no reader can pick another one.
Error NoTlvIsDoubled(const Rules&, const Facts& facts) {
  return Unless(
      !HasDouble(facts.protected_area) && !HasDouble(facts.unprotected_area),
      Error::kTlvDuplicate);
}

Error TlvLengthsAreExact(const Rules&, const Facts& facts) {
  return Unless(HasExactLengths(facts.protected_area) &&
                    HasExactLengths(facts.unprotected_area),
                Error::kTlvLength);
}

Error DigestIsThere(const Rules&, const Facts& facts) {
  return Unless(First(facts, IsDigest).type != 0, Error::kDigestMissing);
}

Error DigestIsOfTheTargetsType(const Rules& rules, const Facts& facts) {
  const std::uint16_t type = First(facts, IsDigest).type;
  return Unless(type == 0 || type == DigestTlv(rules.hash), Error::kDigestType);
}

// Proves that the image is whole; says nothing yet about who made it.
Error DigestMatches(const Rules&, const Facts& facts) {
  const Tlv digest = First(facts, IsDigest);
  if (digest.type == 0) return Error::kOk;
  return Same(digest.value, facts.digest.bytes(), Error::kDigestMismatch);
}

Error KeyIsThere(const Rules&, const Facts& facts) {
  return Unless(First(facts, IsKey).type != 0, Error::kKeyMissing);
}

Error KeyIsOfTheTargetsFormat(const Rules& rules, const Facts& facts) {
  const std::uint16_t type = First(facts, IsKey).type;
  return Unless(type == 0 || type == KeyTlv(rules.key_format),
                Error::kKeyFormat);
}

// Proves that the key of the signature check is the one that the target trusts:
// the hash over exactly that key is the provisioned one. A KEYHASH must be
// whole: MCUboot takes a prefix, no signer writes one.
Error KeyIsTheTargets(const Rules& rules, const Facts& facts) {
  const Tlv key = First(facts, IsKey);
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
  return Unless(First(facts, IsSignature).type != 0, Error::kSignatureMissing);
}

Error SignatureIsOfTheTargetsType(const Rules& rules, const Facts& facts) {
  const AlgorithmTraits* traits = TraitsOf(rules.algorithm);
  const std::uint16_t type = First(facts, IsSignature).type;
  return Unless(
      type == 0 || (traits != nullptr && type == traits->signature_tlv),
      Error::kSignatureType);
}

// MCUboot forgets a signature that comes before its key.
Error SignatureFollowsItsKey(const Rules&, const Facts& facts) {
  bool key_seen = First(facts, IsKey).type == 0;
  for (const Tlv& tlv : Tlvs(facts.unprotected_area)) {
    if (IsKey(tlv.type)) key_seen = true;
    if (IsSignature(tlv.type) && !key_seen) return Error::kTlvOrder;
  }
  return Error::kOk;
}

Error SignatureLengthIsPossible(const Rules& rules, const Facts& facts) {
  const AlgorithmTraits* traits = TraitsOf(rules.algorithm);
  const Tlv signature = First(facts, IsSignature);
  if (traits == nullptr || signature.type == 0) return Error::kOk;
  const std::size_t size = signature.value.size();
  const bool exact = CoordinateSize(rules.algorithm) == 0;
  return Unless(exact ? size == traits->max_signature_size
                      : size <= traits->max_signature_size,
                Error::kSignatureLength);
}

// Padding and long forms are read differently by different bootloaders.
Error SignatureIsCanonical(const Rules& rules, const Facts& facts) {
  const std::size_t coordinate = CoordinateSize(rules.algorithm);
  const Tlv signature = First(facts, IsSignature);
  if (coordinate == 0 || signature.type != tlv::kEcdsa) return Error::kOk;
  return Unless(ReadEcdsaSignature(signature.value, coordinate).ok(),
                Error::kDer);
}

// Proves that the holder of the key signed this digest. The answer is the
// backend's own word, not the outcome of a branch here.
Error SignatureMatches(const Rules& rules, const Facts& facts) {
  const Tlv signature = First(facts, IsSignature);
  if (signature.type == 0) return Error::kSignatureMismatch;
  return VerifySignature(rules.algorithm, KeyOf(rules, facts),
                         facts.digest.bytes(), signature.value);
}

}  // namespace bootseal::image::mcuboot::checks
