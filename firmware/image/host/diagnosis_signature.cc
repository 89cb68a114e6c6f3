// Who signed what, and how did it go wrong?
#include <algorithm>
#include <array>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/der.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/diagnosis.h"
#include "firmware/image/host/mcuboot_signature.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/mcuboot/boot_record.h"
#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "firmware/image/mcuboot/trailer.h"

namespace bootseal::image::host {
namespace {

using Found = std::optional<Diagnosis>;
using mcuboot::Tlv;
namespace tlv = mcuboot::tlv;

constexpr char kAnew[] = "sign the payload anew";

std::string Hex(Bytes bytes) { return absl::BytesToHexString(ToString(bytes)); }

Tlv First(const Evidence& e, bool (*family)(std::uint16_t)) {
  for (const Tlv& each : mcuboot::Tlvs(e.reading.facts.unprotected_area)) {
    if (family(each.type)) return each;
  }
  return {};
}

std::uint64_t HeaderOffset(const Evidence& e, const Tlv& one) {
  return e.OffsetOf(one.value) - mcuboot::kTlvHeaderBytes;
}

// The target's key as DER; that of the image where the target pins a hash.
std::string KeyOf(const Evidence& e) {
  if (!e.rules.public_key.empty()) return ToString(e.rules.public_key);
  const Tlv key = First(e, mcuboot::IsKey);
  return key.type == tlv::kPublicKey ? ToString(key.value) : std::string();
}

bool Verifies(const Evidence& e, Bytes message, Bytes signature) {
  const std::string key = KeyOf(e);
  return VerifySignature(e.rules.algorithm, AsBytes(key), message, signature) ==
         Error::kOk;
}

Bytes SignedRange(const Evidence& e) {
  return e.file.first(
      static_cast<std::size_t>(mcuboot::SignedSize(e.reading.facts.header)));
}

std::string MessageOf(const Evidence& e) {
  return ToString(e.rules.pure ? SignedRange(e)
                               : e.reading.facts.digest.bytes());
}

Found Unsigned(const Evidence& e) {
  const Tlv digest = First(e, mcuboot::IsDigest);
  if (!e.whole() || digest.type == 0 ||
      First(e, mcuboot::IsSignature).type != 0) {
    return std::nullopt;
  }
  return Diagnosis{
      "UNSIGNED",
      absl::StrCat("a hash and no signature: imgtool sign without -k, or with "
                   "--fix-sig-pubkey alone, ends with exit status 0"),
      HeaderOffset(e, digest),
      "a signature of the target's key",
      kAnew,
      SignCommandFor(e)};
}

Found RawSignature(const Evidence& e) {
  const std::size_t coordinate = CoordinateSize(e.rules.algorithm);
  const Tlv signature = First(e, mcuboot::IsSignature);
  if (!e.whole() || coordinate == 0 || signature.type != tlv::kEcdsa ||
      signature.value.size() != 2 * coordinate) {
    return std::nullopt;
  }
  if (!Verifies(e, AsBytes(MessageOf(e)), AsBytes(DerOfRaw(signature.value)))) {
    return std::nullopt;
  }
  return Diagnosis{
      "RAW_SIGNATURE",
      absl::StrFormat("r and s, %d bytes each, as PKCS#11 and JWS have them; "
                      "they are right",
                      coordinate),
      e.OffsetOf(signature.value),
      "a DER SEQUENCE of two INTEGERs",
      "encode them as DER, or sign the payload anew",
      SignCommandFor(e)};
}

Found PaddedSignature(const Evidence& e) {
  const std::size_t coordinate = CoordinateSize(e.rules.algorithm);
  const Tlv signature = First(e, mcuboot::IsSignature);
  if (!e.whole() || coordinate == 0 || signature.type != tlv::kEcdsa) {
    return std::nullopt;
  }
  Bytes rest = signature.value;
  while (!rest.empty() && rest.back() == std::byte{0}) {
    rest = rest.first(rest.size() - 1);
    if (!ReadEcdsaSignature(rest, coordinate).ok()) continue;
    return Diagnosis{
        "PADDED_SIGNATURE",
        absl::StrFormat("zero bytes behind the signature (%d): imgtool's "
                        "--pad-sig, or a form before MCUboot 1.5",
                        signature.value.size() - rest.size()),
        e.OffsetOf(signature.value) + rest.size(),
        "nothing after the SEQUENCE: MCUboot with mbedTLS refuses it",
        "sign without --pad-sig",
        SignCommandFor(e)};
  }
  return std::nullopt;
}

constexpr HashAlgorithm kHashes[] = {
    HashAlgorithm::kSha256, HashAlgorithm::kSha384, HashAlgorithm::kSha512};

std::string HashWord(HashAlgorithm hash) {
  return absl::StrCat("SHA-", 8 * HashSize(hash));
}

// The named key is the target's, by another hash of it.
Found OtherKeyHash(const Evidence& e) {
  const Tlv key = First(e, mcuboot::IsKey);
  if (!e.whole() || key.type != tlv::kKeyHash || e.rules.public_key.empty()) {
    return std::nullopt;
  }
  for (const HashAlgorithm hash : kHashes) {
    if (hash == e.rules.hash ||
        !Equal(key.value, HashOf(hash, e.rules.public_key).bytes())) {
      continue;
    }
    return Diagnosis{
        "KEY_HASH_ALGORITHM",
        absl::StrCat("the target's own key, named by its ", HashWord(hash),
                     ": imgtool's getpubhash prints SHA-256 whatever the key"),
        e.OffsetOf(key.value),
        absl::StrCat("its ", HashWord(e.rules.hash), ", ",
                     Hex(e.rules.key_hash)),
        kAnew,
        SignCommandFor(e)};
  }
  return std::nullopt;
}

// MCUboot compares as many bytes as the TLV has.
Found KeyHashPrefix(const Evidence& e) {
  const Tlv key = First(e, mcuboot::IsKey);
  const Bytes wanted = e.rules.key_hash;
  if (!e.whole() || key.type != tlv::kKeyHash ||
      key.value.size() >= wanted.size() ||
      !Equal(key.value, wanted.first(key.value.size()))) {
    return std::nullopt;
  }
  return Diagnosis{
      "KEY_HASH_PREFIX",
      absl::StrFormat("KEYHASH is no more than the first %d of the %d bytes of "
                      "the target's: MCUboot takes it for the first key that "
                      "starts so",
                      key.value.size(), wanted.size()),
      e.OffsetOf(key.value),
      absl::StrCat("all of ", Hex(wanted)),
      kAnew,
      SignCommandFor(e)};
}

// What precedes PKCS#1 in the SubjectPublicKeyInfo of 2048 and 3072 bits.
constexpr absl::string_view kSpki2048 =
    "30820122300d06092a864886f70d01010105000382010f00";
constexpr absl::string_view kSpki3072 =
    "308201a2300d06092a864886f70d01010105000382018f00";

std::string SpkiOf(const Evidence& e) {
  absl::string_view prefix;
  if (e.rules.algorithm == Algorithm::kRsa2048) prefix = kSpki2048;
  if (e.rules.algorithm == Algorithm::kRsa3072) prefix = kSpki3072;
  if (prefix.empty() || e.rules.public_key.empty()) return {};
  return absl::StrCat(absl::HexStringToBytes(prefix),
                      ToString(e.rules.public_key));
}

Found KeyAsSpki(const Evidence& e) {
  const Tlv key = First(e, mcuboot::IsKey);
  const std::string spki = SpkiOf(e);
  if (!e.whole() || key.type == 0 || spki.empty()) return std::nullopt;
  const bool full = Equal(key.value, AsBytes(spki));
  const bool hash = std::any_of(
      std::begin(kHashes), std::end(kHashes), [&](HashAlgorithm each) {
        return Equal(key.value, HashOf(each, AsBytes(spki)).bytes());
      });
  if (!full && !hash) return std::nullopt;
  return Diagnosis{
      "KEY_ENCODING",
      absl::StrCat(full ? "the target's own key as SubjectPublicKeyInfo"
                        : "the target's own key, by a hash over its "
                          "SubjectPublicKeyInfo"),
      e.OffsetOf(key.value),
      absl::StrCat("PKCS#1 RSAPublicKey, whose hash is ",
                   Hex(e.rules.key_hash)),
      kAnew,
      SignCommandFor(e)};
}

bool IsZero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::byte b) { return b == std::byte{0}; });
}

Tlv BootRecordOf(const Evidence& e) {
  return mcuboot::FindTlv(e.reading.facts.protected_area, tlv::kBootRecord);
}

Found NoBootRecord(const Evidence& e) {
  if (!e.whole() || e.rules.boot_record != mcuboot::Presence::kRequired ||
      BootRecordOf(e).type != 0) {
    return std::nullopt;
  }
  return Diagnosis{
      "BOOT_RECORD_ABSENT",
      "there is no boot record",
      e.OffsetOf(e.reading.payload) + e.reading.payload.size(),
      "one before the hash: MCUboot with MCUBOOT_MEASURED_BOOT validates the "
      "image and then fails to boot it",
      "sign with a boot record",
      ImgtoolCommandFor(e)};
}

Found NamelessSigner(const Evidence& e) {
  const Tlv one = BootRecordOf(e);
  if (!e.whole() || one.type == 0) return std::nullopt;
  const auto record = mcuboot::ReadBootRecord(one.value);
  if (!record.ok() || !IsZero(record->signer)) return std::nullopt;
  return Diagnosis{
      "BOOT_RECORD_SIGNER",
      "the boot record names nobody, 32 zero bytes: written without a key, as "
      "the first run of imgtool's external signing does",
      e.OffsetOf(record->signer),
      absl::StrCat("the hash of the target's key, ", Hex(e.rules.key_hash)),
      "sign in one run, with the key",
      SignCommandFor(e)};
}

// Bytes that people sign in place of the right ones.
struct Mistake {
  const char* found;
  std::string (*message)(const Evidence&);  // empty: not for this image
};

constexpr std::size_t kLargestSlot = std::size_t{64} << 20;

// As imgtool's --vector-to-sign writes it with --pad or --confirm.
std::string Padded(const Evidence& e, Bytes vector, mcuboot::TrailerKind kind) {
  std::array<std::byte, 80> buffer{};
  const auto trailer =
      mcuboot::WriteTrailer(e.rules, kind, e.target.erased, buffer);
  const std::size_t slot = e.rules.slot_size;
  if (!trailer.ok() || slot > kLargestSlot ||
      vector.size() + trailer->size() > slot) {
    return {};
  }
  std::string padded = ToString(vector);
  padded.resize(slot - trailer->size(), static_cast<char>(e.target.erased));
  absl::StrAppend(&padded, ToString(*trailer));
  return ToString(HashOf(e.rules.hash, AsBytes(padded)).bytes());
}

template <mcuboot::TrailerKind kKind>
std::string PaddedRange(const Evidence& e) {
  return Padded(e, SignedRange(e), kKind);
}
template <mcuboot::TrailerKind kKind>
std::string PaddedDigest(const Evidence& e) {
  return Padded(e, e.reading.facts.digest.bytes(), kKind);
}

std::string HashedTwice(const Evidence& e) {
  return ToString(HashOf(e.rules.hash, e.reading.facts.digest.bytes()).bytes());
}

std::string TheRangeItself(const Evidence& e) {
  const bool possible = e.rules.algorithm == Algorithm::kEd25519;
  return possible && !e.rules.pure ? ToString(SignedRange(e)) : std::string();
}

// As ECDSA takes a digest of another length: the leftmost bits of a longer one,
// the number of a shorter one. FIPS 186-5, 6.4.1.
std::string Fitted(const std::string& digest, std::size_t size) {
  if (digest.size() > size) return digest.substr(0, size);
  return absl::StrCat(std::string(size - digest.size(), '\0'), digest);
}

template <HashAlgorithm kHash>
std::string OtherDigest(const Evidence& e) {
  const bool rsa = e.rules.algorithm == Algorithm::kRsa2048 ||
                   e.rules.algorithm == Algorithm::kRsa3072;
  if (rsa || (kHash == e.rules.hash && !e.rules.pure)) return {};
  std::string digest = ToString(HashOf(kHash, SignedRange(e)).bytes());
  const std::size_t coordinate = CoordinateSize(e.rules.algorithm);
  return coordinate == 0 ? digest : Fitted(std::move(digest), coordinate);
}

std::string WithNamelessSigner(const Evidence& e) {
  const auto record = mcuboot::ReadBootRecord(BootRecordOf(e).value);
  if (!record.ok() || IsZero(record->signer)) return {};
  std::string range = ToString(SignedRange(e));
  range.replace(static_cast<std::size_t>(e.OffsetOf(record->signer)),
                record->signer.size(),
                std::string(record->signer.size(), '\0'));
  return ToString(HashOf(e.rules.hash, AsBytes(range)).bytes());
}

using enum mcuboot::TrailerKind;
constexpr Mistake kMistakes[] = {
    {"over the exported vector with the slot's fill and trailer behind it "
     "(--vector-to-sign payload with --pad)",
     PaddedRange<kPad>},
    {"over the exported vector with the slot's fill and trailer behind it "
     "(--vector-to-sign payload with --confirm)",
     PaddedRange<kConfirm>},
    {"over the exported digest with the slot's fill and trailer behind it "
     "(--vector-to-sign digest with --pad)",
     PaddedDigest<kPad>},
    {"over the exported digest with the slot's fill and trailer behind it "
     "(--vector-to-sign digest with --confirm)",
     PaddedDigest<kConfirm>},
    {"over the hash of the digest: the digest was hashed once more",
     HashedTwice},
    {"over the image itself, not its digest", TheRangeItself},
    {"over a SHA-256 digest", OtherDigest<HashAlgorithm::kSha256>},
    {"over a SHA-384 digest", OtherDigest<HashAlgorithm::kSha384>},
    {"over a SHA-512 digest", OtherDigest<HashAlgorithm::kSha512>},
    {"over a boot record that names nobody: the first of two runs had no key",
     WithNamelessSigner},
};

Found SignedOtherBytes(const Evidence& e) {
  const Tlv signature = First(e, mcuboot::IsSignature);
  if (!e.whole() || signature.type == 0 || KeyOf(e).empty() ||
      Verifies(e, AsBytes(MessageOf(e)), signature.value)) {
    return std::nullopt;
  }
  for (const Mistake& mistake : kMistakes) {
    const std::string message = mistake.message(e);
    if (message.empty() || !Verifies(e, AsBytes(message), signature.value)) {
      continue;
    }
    return Diagnosis{
        "SIGNED_OTHER_BYTES",
        absl::StrCat("the target's key signed, but ", mistake.found),
        e.OffsetOf(signature.value),
        e.rules.pure
            ? std::string("a signature over header, payload and protected TLVs")
            : absl::StrCat("a signature over the digest ",
                           Hex(e.reading.facts.digest.bytes())),
        kAnew,
        SignCommandFor(e)};
  }
  return std::nullopt;
}

constexpr Detector kDetectors[] = {
    Unsigned,  RawSignature, PaddedSignature, OtherKeyHash,    KeyHashPrefix,
    KeyAsSpki, NoBootRecord, NamelessSigner,  SignedOtherBytes};

}  // namespace

std::span<const Detector> SignatureDetectors() { return kDetectors; }

}  // namespace bootseal::image::host
