// Who signed what: digest, key and signature.
#include "firmware/image/algorithm.h"
#include "firmware/image/der.h"
#include "firmware/image/hardened.h"
#include "firmware/image/mcuboot/checks.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::mcuboot::checks {
namespace {

bool HasSignatureLength(const Rules& rules, const Tlv& signature) {
  const AlgorithmTraits* traits = TargetTraits(rules);
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
  return facts.found.of(Kind::kKey).value;
}

constexpr std::uint32_t kDecompression =
    Bits(Kind::kDecompressedSize, Kind::kDecompressedDigest,
         Kind::kDecompressedSignature, Kind::kCompressedSize);
constexpr std::uint32_t kMayRepeat =
    Bits(Kind::kDependency, Kind::kProtectedVendor, Kind::kUnprotectedVendor);

// Unprotected ones are bytes that nobody signed: exactly what the check of a
// signature needs. Vendor TLVs are taken where the device ignores them too.
std::uint32_t ForbiddenKinds(const Rules& rules) {
  std::uint32_t kinds = 0;
  if (rules.allow_list) kinds |= Bits(Kind::kUnprotectedVendor);
  if (!rules.pure) kinds |= Bits(Kind::kSignaturePure);
  if (rules.encryption == Presence::kForbidden)
    kinds |= Bits(Kind::kEncryption);
  if (rules.compression == Compression::kNone) kinds |= kDecompression;
  return kinds;
}

}  // namespace

// Nothing unsigned is read as if it were signed, and nothing is carried that
// the device might read and this verifier does not.
Error EveryTlvIsAllowed(const Rules& rules, const Facts& facts) {
  const Tlv& encryption = facts.found.of(Kind::kEncryption);
  return Holds(
      facts.found.unknown == 0 &&
      (facts.found.seen & ForbiddenKinds(rules)) == 0 &&
      (encryption.type == 0 || encryption.type == rules.encryption_tlv));
}

// From here on "the" TLV is meant: no reader can pick another one.
Error NoTlvIsDoubled(const Rules&, const Facts& facts) {
  return Holds((facts.found.seen_again & ~kMayRepeat) == 0);
}

Error TlvLengthsAreExact(const Rules& rules, const Facts& facts) {
  const Tlv& encryption = facts.found.of(Kind::kEncryption);
  return Holds(
      facts.found.wrong_length == 0 &&
      (encryption.type == 0 ||
       encryption.value.size() ==
           EncryptionTlvSize(encryption.type, rules.encryption_key_bits)));
}

// An image that was signed, and is not encrypted yet, lacks it. One that has it
// ends with it, as it is made after all else.
Error EncryptionTlvIsInPlace(const Rules& rules, const Facts& facts) {
  const Tlv& tlv = facts.found.of(Kind::kEncryption);
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
  const Found& found = facts.found;
  if (!IsCompressed(facts.header)) {
    return Holds((found.seen & kDecompression) == 0);
  }
  const Tlv& signature = found.of(Kind::kDecompressedSignature);
  const bool encrypted = (facts.header.flags & flags::kEncrypted) != 0;
  return Holds(found.of(Kind::kDecompressedSize).value.size() == 4 &&
               found.of(Kind::kDecompressedDigest).value.size() ==
                   HashSize(rules.hash) &&
               !signature.value.empty() &&
               HasSignatureLength(rules, signature) &&
               !found.of(Kind::kCompressedSize).value.empty() == encrypted);
}

Error DigestIsThere(const Rules&, const Facts& facts) {
  return Holds(facts.found.has(Kind::kDigest));
}

Error DigestIsOfTheTargetsType(const Rules& rules, const Facts& facts) {
  const std::uint16_t type = facts.found.of(Kind::kDigest).type;
  return Holds(type == 0 || type == DigestTlv(rules.hash));
}

// Proves that the image is whole; says nothing yet about who made it.
Error DigestMatches(const Rules&, const Facts& facts) {
  const Tlv& digest = facts.found.of(Kind::kDigest);
  if (digest.type == 0) return Error::kOk;
  return Same(digest.value, facts.digest.bytes(), Error::kDigestMismatch);
}

Error KeyIsThere(const Rules&, const Facts& facts) {
  return Holds(facts.found.has(Kind::kKey));
}

Error KeyIsOfTheTargetsFormat(const Rules& rules, const Facts& facts) {
  const std::uint16_t type = facts.found.of(Kind::kKey).type;
  return Holds(type == 0 || type == KeyTlv(rules.key_format));
}

// Proves that the key of the signature check is the one that the target trusts:
// the hash over exactly that key is the provisioned one. A KEYHASH must be
// whole: MCUboot takes a prefix, no signer writes one.
Error KeyIsTheTargets(const Rules& rules, const Facts& facts) {
  const Tlv& key = facts.found.of(Kind::kKey);
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
  return Holds(facts.found.has(Kind::kSignature));
}

Error SignatureIsOfTheTargetsType(const Rules& rules, const Facts& facts) {
  const AlgorithmTraits* traits = TargetTraits(rules);
  const std::uint16_t type = facts.found.of(Kind::kSignature).type;
  return Holds(type == 0 ||
               (traits != nullptr && type == traits->signature_tlv));
}

// MCUboot forgets a signature that comes before its key.
Error SignatureFollowsItsKey(const Rules&, const Facts& facts) {
  const Tlv& key = facts.found.of(Kind::kKey);
  const Tlv& signature = facts.found.of(Kind::kSignature);
  return Holds(key.type == 0 || signature.type == 0 ||
               key.value.data() < signature.value.data());
}

// Proves that whoever signed meant the image itself, as the device does: its
// digest, signed as a message, is another one.
Error SignatureSaysWhatItCovers(const Rules& rules, const Facts& facts) {
  const Tlv& pure = facts.found.of(Kind::kSignaturePure);
  return Holds(!rules.pure ||
               (pure.value.size() == 1 && pure.value.front() == std::byte{1}));
}

Error SignatureLengthIsPossible(const Rules& rules, const Facts& facts) {
  const Tlv& signature = facts.found.of(Kind::kSignature);
  return Holds(signature.type == 0 || HasSignatureLength(rules, signature));
}

// Padding and long forms are read differently by different bootloaders.
Error SignatureIsCanonical(const Rules& rules, const Facts& facts) {
  const std::size_t coordinate = CoordinateSize(rules.algorithm);
  const Tlv& signature = facts.found.of(Kind::kSignature);
  if (coordinate == 0 || signature.type != tlv::kEcdsa) return Error::kOk;
  return Holds(ReadEcdsaSignature(signature.value, coordinate).ok());
}

// Proves that the holder of the key signed this digest, or this image. The
// answer is the backend's own word, not the outcome of a branch here.
Error SignatureMatches(const Rules& rules, const Facts& facts) {
  const Tlv& signature = facts.found.of(Kind::kSignature);
  if (signature.type == 0) return Error::kSignatureMismatch;
  const Bytes message = rules.pure ? facts.signed_range : facts.digest.bytes();
  return VerifySignature(rules.algorithm, KeyOf(rules, facts), message,
                         signature.value);
}

}  // namespace bootseal::image::mcuboot::checks
