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
  if (tlv.type == tlv::kSignaturePure) return rules.pure;
  const std::uint16_t family = FamilyOf(tlv.type);
  return family == kDigest || family == kKey || family == kSignature;
}

bool AllowedProtected(const Rules& rules, const Tlv& tlv) {
  if (IsDecompression(tlv.type)) return rules.compression != Compression::kNone;
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
    {tlv::kSha256, 32},         {tlv::kSha384, 48},
    {tlv::kSha512, 64},         {tlv::kDependency, 12},
    {tlv::kSecurityCounter, 4}, {tlv::kVendorUuid, 16},
    {tlv::kClassUuid, 16},      {tlv::kDecompressedSize, 4},
    {tlv::kCompressedSize, 4},  {tlv::kSignaturePure, 1},
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

bool HasSignatureLength(const Rules& rules, const Tlv& signature) {
  const AlgorithmTraits* traits = TraitsOf(rules.algorithm);
  if (traits == nullptr) return true;
  const std::size_t size = signature.value.size();
  const bool exact = CoordinateSize(rules.algorithm) == 0;
  return exact ? size == traits->max_signature_size
               : size <= traits->max_signature_size;
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

bool IsNoDecompression(const Rules&, const Tlv& tlv) {
  return !IsDecompression(tlv.type);
}

// 0 for one that is not there.
std::size_t ProtectedLength(const Facts& facts, std::uint16_t type) {
  return FindTlv(facts.protected_area, type).value.size();
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

// A compressed image says what must come of it, every other one nothing.
// Whether that does come of it, a device without a decompressor cannot say; who
// seals or accepts one does (image/host/plain_variant.h).
Error DecompressionIsDescribed(const Rules& rules, const Facts& facts) {
  if (!IsCompressed(facts.header)) {
    return Holds(All(facts.protected_area, rules, IsNoDecompression));
  }
  const Tlv signature =
      FindTlv(facts.protected_area, tlv::kDecompressedSignature);
  const bool encrypted = (facts.header.flags & flags::kEncrypted) != 0;
  return Holds(
      ProtectedLength(facts, tlv::kDecompressedSize) == 4 &&
      ProtectedLength(facts, tlv::kDecompressedDigest) ==
          HashSize(rules.hash) &&
      !signature.value.empty() && HasSignatureLength(rules, signature) &&
      (ProtectedLength(facts, tlv::kCompressedSize) != 0) == encrypted);
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

// Proves that whoever signed meant the image itself, as the device does: its
// digest, signed as a message, is another one.
Error SignatureSaysWhatItCovers(const Rules& rules, const Facts& facts) {
  const Tlv pure = FindTlv(facts.unprotected_area, tlv::kSignaturePure);
  return Holds(!rules.pure ||
               (pure.value.size() == 1 && pure.value.front() == std::byte{1}));
}

Error SignatureLengthIsPossible(const Rules& rules, const Facts& facts) {
  const Tlv signature = First(facts, kSignature);
  return Holds(signature.type == 0 || HasSignatureLength(rules, signature));
}

// Padding and long forms are read differently by different bootloaders.
Error SignatureIsCanonical(const Rules& rules, const Facts& facts) {
  const std::size_t coordinate = CoordinateSize(rules.algorithm);
  const Tlv signature = First(facts, kSignature);
  if (coordinate == 0 || signature.type != tlv::kEcdsa) return Error::kOk;
  return Holds(ReadEcdsaSignature(signature.value, coordinate).ok());
}

// Proves that the holder of the key signed this digest, or this image. The
// answer is the backend's own word, not the outcome of a branch here.
Error SignatureMatches(const Rules& rules, const Facts& facts) {
  const Tlv signature = First(facts, kSignature);
  if (signature.type == 0) return Error::kSignatureMismatch;
  const Bytes message = rules.pure ? facts.signed_range : facts.digest.bytes();
  return VerifySignature(rules.algorithm, KeyOf(rules, facts), message,
                         signature.value);
}

}  // namespace bootseal::image::mcuboot::checks
