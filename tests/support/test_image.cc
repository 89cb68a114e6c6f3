#include "tests/support/test_image.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::ToString;
namespace mcuboot = image::mcuboot;

constexpr std::size_t kMaxAreaBytes = 65535;

template <typename T>
T Value(const image::Result<T>& result) {
  if (!result.ok()) std::abort();
  return *result;
}

std::string U16(std::size_t value) {
  return {static_cast<char>(value & 0xff),
          static_cast<char>(value >> 8 & 0xff)};
}

}  // namespace

TestTarget::TestTarget(const SigningKey& key, image::HashAlgorithm hash)
    : key_(key),
      key_hash_(
          ToString(image::HashOf(hash, AsBytes(key.public_key())).bytes())) {
  rules.algorithm = key.algorithm();
  rules.hash = hash;
  rules.public_key = AsBytes(key.public_key());
  rules.key_hash = AsBytes(key_hash_);
  rules.header_size = 0x20;
  rules.slot_size = 0x10000;
}

void TestTarget::UseHash(image::HashAlgorithm hash) {
  key_hash_ = ToString(image::HashOf(hash, AsBytes(key_.public_key())).bytes());
  rules.hash = hash;
  rules.key_hash = AsBytes(key_hash_);
}

TestTarget::TestTarget(const SigningKey& key)
    : TestTarget(key, image::TraitsOf(key.algorithm())->hash) {}

std::string TestPayload(std::size_t size) {
  std::string payload(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    payload[i] = static_cast<char>(i * 7 + i / 251);
  }
  // Stack pointer 0x20008000, reset vector 0x00000101: Thumb.
  const std::string vectors("\x00\x80\x00\x20\x01\x01\x00\x00", 8);
  payload.replace(0, std::min(size, vectors.size()),
                  vectors.substr(0, std::min(size, vectors.size())));
  return payload;
}

std::string Area(std::uint16_t magic, const std::vector<RawTlv>& tlvs) {
  std::string body;
  for (const RawTlv& tlv : tlvs) {
    absl::StrAppend(&body, U16(tlv.type), U16(tlv.value.size()), tlv.value);
  }
  return absl::StrCat(U16(magic), U16(body.size() + 4), body);
}

std::string SignedPart(const ImageParts& parts) {
  mcuboot::Header header = parts.header;
  header.image_size = static_cast<std::uint32_t>(parts.payload.size());
  header.protected_size =
      static_cast<std::uint16_t>(parts.protected_area.size());
  std::string buffer(header.header_size, '\0');
  const image::Bytes written = Value(mcuboot::WriteHeader(
      header, parts.padding,
      std::as_writable_bytes(std::span(buffer.data(), buffer.size()))));
  return absl::StrCat(ToString(written), parts.payload, parts.protected_area);
}

std::string Join(const ImageParts& parts) {
  return absl::StrCat(SignedPart(parts),
                      Area(mcuboot::kUnprotectedMagic, parts.unprotected));
}

void SignAgain(const TestTarget& target, ImageParts& parts) {
  const mcuboot::Rules& rules = target.rules;
  const std::string range = SignedPart(parts);
  const image::Digest digest = image::HashOf(rules.hash, AsBytes(range));
  const bool full = rules.key_format == mcuboot::KeyFormat::kFull;
  parts.unprotected = {
      {mcuboot::DigestTlv(rules.hash), ToString(digest.bytes())},
      {full ? mcuboot::tlv::kPublicKey : mcuboot::tlv::kKeyHash,
       full ? target.key().public_key() : ToString(rules.key_hash)},
      {image::TraitsOf(rules.algorithm)->signature_tlv,
       target.key().Sign(rules.pure ? AsBytes(range) : digest.bytes())}};
  if (!rules.pure) return;
  parts.unprotected.insert(parts.unprotected.begin() + 1,
                           {mcuboot::tlv::kSignaturePure, "\x01"});
}

ImageParts MakeParts(const TestTarget& target, absl::string_view payload,
                     const mcuboot::ProtectedTlvs& tlvs,
                     const mcuboot::Version& version) {
  ImageParts parts;
  parts.header.header_size =
      static_cast<std::uint16_t>(target.rules.header_size);
  parts.header.version = version;
  parts.payload = std::string(payload);
  std::array<std::byte, kMaxAreaBytes> buffer;
  parts.protected_area = ToString(Value(mcuboot::WriteProtected(
      target.rules, parts.header.version, tlvs, buffer)));
  SignAgain(target, parts);
  return parts;
}

std::string MakeImage(const TestTarget& target, absl::string_view payload,
                      const mcuboot::ProtectedTlvs& tlvs,
                      const mcuboot::Version& version) {
  return Join(MakeParts(target, payload, tlvs, version));
}

}  // namespace bootseal::tests
