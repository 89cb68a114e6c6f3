#include "firmware/image/stm32/rom_check.h"

#include "firmware/image/der.h"

namespace bootseal::image::stm32 {
namespace {

// What the ROM looks at: the header, if it could be read, and what is behind.
struct Facts {
  const Chip& chip;
  const Header& header;
  const Measured& measured;
};

struct Check {
  RomRule rule;
  Error (*check)(const Facts&);
};

HashAlgorithm HashFor(Version version) {
  return version == Version::kV23 ? HashAlgorithm::kSha384
                                  : HashAlgorithm::kSha256;
}

Bytes PointOf(const Header& header) {
  return Bytes(header.public_key).first(PointBytes(header.algorithm));
}

Error Holds(bool holds) { return holds ? Error::kOk : Error::kFault; }

Error LengthIsPossible(const Facts& facts) {
  return Holds(facts.header.image_length != 0 &&
               facts.header.image_length <= facts.measured.bytes);
}

Error ChecksumMatches(const Facts& facts) {
  return Holds(facts.measured.checksum == facts.header.checksum);
}

Error IsSigned(const Facts& facts) { return Holds(facts.header.authenticated); }

Error KeyHashIsFused(const Facts& facts) {
  return Holds(facts.chip.key_hash.size() != 0);
}

Error KeyIsTheOneOfItsTable(const Facts& facts) {
  const Layout& layout = *LayoutOf(facts.header.version);
  if (layout.hash_bytes == 0) return Error::kOk;
  const Digest hash = PublicKeyHash(
      facts.header.version, facts.header.algorithm, PointOf(facts.header));
  return Holds(
      hash.size() != 0 &&
      Equal(hash.bytes(), Bytes(facts.header.key_hashes[facts.header.key_index])
                              .first(layout.hash_bytes)));
}

Error KeyHashIsTheFusedOne(const Facts& facts) {
  const Digest fused = FusedHash(facts.header);
  return Holds(fused.size() != 0 && fused == facts.chip.key_hash);
}

// A positive INTEGER, minimal.
void WriteInteger(Bytes number, Writer& writer) {
  while (number.size() > 1 && number[0] == std::byte{0}) {
    number = number.subspan(1);
  }
  const bool pad = (number[0] & std::byte{0x80}) != std::byte{0};
  writer.U8(0x02);
  writer.U8(static_cast<std::uint8_t>(number.size() + (pad ? 1 : 0)));
  if (pad) writer.U8(0);
  writer.Append(number);
}

// r || s as crypto.h wants it; at most 104 bytes.
Bytes WriteDer(Bytes signature, MutableBytes buffer) {
  const std::size_t half = signature.size() / 2;
  std::array<std::byte, std::size_t{2} * (48 + 3)> body;
  Writer inner(body);
  WriteInteger(signature.first(half), inner);
  WriteInteger(signature.subspan(half), inner);
  Writer outer(buffer);
  outer.U8(0x30);
  outer.U8(static_cast<std::uint8_t>(inner.size()));
  outer.Append(inner.written());
  return outer.written();
}

struct Verifies {
  SignatureAlgorithm number;
  Algorithm algorithm;
};
// No backend has brainpoolP384t1.
constexpr Verifies kVerifies[] = {
    {SignatureAlgorithm::kP256, Algorithm::kP256},
    {SignatureAlgorithm::kBrainpoolP256t1, Algorithm::kBrainpoolP256t1},
    {SignatureAlgorithm::kP384, Algorithm::kP384},
};

Result<Algorithm> AlgorithmOf(SignatureAlgorithm number) {
  for (const Verifies& each : kVerifies) {
    if (each.number == number) return each.algorithm;
  }
  return Error::kUnsupported;
}

Error SignatureMatches(const Facts& facts) {
  const Result<Algorithm> algorithm = AlgorithmOf(facts.header.algorithm);
  if (!algorithm.ok()) return algorithm.error();
  std::array<std::byte, 24 + kMaxPointBytes + 8> key;
  Writer writer(key);
  writer.Append(RawPublicKeyPrefix(*algorithm));
  writer.Append(PointOf(facts.header));
  std::array<std::byte, 104> der;
  const Bytes signature = WriteDer(
      Bytes(facts.header.signature).first(PointBytes(facts.header.algorithm)),
      der);
  return VerifySignature(*algorithm, writer.written(),
                         facts.measured.digest.bytes(), signature);
}

Error ImageVersionIsHighEnough(const Facts& facts) {
  return Holds(facts.header.image_version >= facts.chip.image_version);
}

constexpr Check kChecks[] = {
    {{Error::kStm32Length, false}, LengthIsPossible},
    {{Error::kStm32Checksum, false}, ChecksumMatches},
    {{Error::kStm32Unsigned, true}, IsSigned},
    {{Error::kStm32NotFused, true}, KeyHashIsFused},
    {{Error::kStm32KeyIndex, true}, KeyIsTheOneOfItsTable},
    {{Error::kStm32KeyHash, true}, KeyHashIsTheFusedOne},
    {{Error::kStm32Signature, true}, SignatureMatches},
    {{Error::kStm32ImageVersion, true}, ImageVersionIsHighEnough},
};

// An open chip lets an image without a signature pass.
bool IsAsked(const Check& check, const Facts& facts) {
  return !check.rule.authentication || facts.chip.closed ||
         facts.header.authenticated;
}

}  // namespace

Digest PublicKeyHash(Version version, SignatureAlgorithm algorithm,
                     Bytes point) {
  const Layout* layout = LayoutOf(version);
  if (layout == nullptr || point.size() != PointBytes(algorithm) ||
      point.empty() || point.size() > layout->point_bytes) {
    return {};
  }
  Hash hash(HashFor(version));
  if (layout->hash_bytes != 0) {
    std::array<std::byte, 4> number;
    Writer(number).U32(static_cast<std::uint32_t>(algorithm));
    hash.Update(number);
  }
  return hash.Update(point).Finish();
}

Digest FusedHash(const Header& header) {
  const Layout* layout = LayoutOf(header.version);
  if (layout == nullptr || !header.authenticated) return {};
  if (layout->hash_bytes == 0) {
    return PublicKeyHash(header.version, header.algorithm, PointOf(header));
  }
  Hash hash(HashFor(header.version));
  for (const auto& entry : header.key_hashes) {
    hash.Update(Bytes(entry).first(layout->hash_bytes));
  }
  return hash.Finish();
}

std::span<const RomRule> RomRules() {
  static constexpr auto kRules = [] {
    std::array<RomRule, std::size(kChecks)> rules{};
    for (std::size_t i = 0; i < rules.size(); ++i) rules[i] = kChecks[i].rule;
    return rules;
  }();
  return kRules;
}

HashAlgorithm SignedHash(SignatureAlgorithm algorithm) {
  return PointBytes(algorithm) == kMaxPointBytes ? HashAlgorithm::kSha384
                                                 : HashAlgorithm::kSha256;
}

Measured Measure(const Header& header, Bytes image) {
  Measured measured;
  const std::size_t front = HeaderBytes(header);
  measured.bytes = image.size() < front ? 0 : image.size() - front;
  const Result<Bytes> payload = PayloadOf(header, image);
  if (!payload.ok()) return measured;
  measured.checksum = ChecksumOf(*payload);
  measured.digest =
      HashOf(SignedHash(header.algorithm), *SignedRange(header, image));
  return measured;
}

bool RomRuleHolds(std::size_t index, const Chip& chip, const Header& header,
                  const Measured& measured) {
  return index < std::size(kChecks) &&
         kChecks[index].check({chip, header, measured}) == Error::kOk;
}

RomDecision RomCheck(const Chip& chip, Bytes image) {
  const Result<Header> header = ReadHeader(image, chip.version);
  if (!header.ok()) {
    return {false, header.error(), RomDecision::Authentication::kNone};
  }
  return RomCheck(chip, *header, Measure(*header, image));
}

RomDecision RomCheck(const Chip& chip, const Header& header,
                     const Measured& measured) {
  using Authentication = RomDecision::Authentication;
  if (header.version != chip.version) {
    return {false, Error::kStm32Version, Authentication::kNone};
  }
  const Facts facts{chip, header, measured};
  const Authentication tried =
      header.authenticated ? Authentication::kFailed : Authentication::kNone;
  for (const Check& check : kChecks) {
    if (!IsAsked(check, facts)) continue;
    const Error answer = check.check(facts);
    if (answer == Error::kOk) continue;
    const Error reason =
        answer == Error::kUnsupported ? answer : check.rule.code;
    const bool starts = check.rule.authentication && !chip.closed;
    return {starts, reason,
            check.rule.authentication ? tried : Authentication::kNone};
  }
  return {
      true, Error::kOk,
      header.authenticated ? Authentication::kPassed : Authentication::kNone};
}

Error CheckTrailing(const Header& header, Bytes image) {
  const Result<Bytes> payload = PayloadOf(header, image);
  if (!payload.ok()) return payload.error();
  for (const std::byte byte :
       image.subspan(HeaderBytes(header) + payload->size())) {
    if (byte != std::byte{0}) return Error::kStm32Trailing;
  }
  return Error::kOk;
}

}  // namespace bootseal::image::stm32
