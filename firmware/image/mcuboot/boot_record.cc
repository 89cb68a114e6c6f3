#include "firmware/image/mcuboot/boot_record.h"

namespace bootseal::image::mcuboot {
namespace {

// CBOR, RFC 8949: the initial byte is major type and short argument.
constexpr std::uint8_t kMapOfFive = 0xa5;
constexpr std::uint8_t kByteString = 0x40;
constexpr std::uint8_t kTextString = 0x60;
constexpr std::uint8_t kOneByteLength =
    24;  // argument: length in the next byte

struct Field {
  std::uint8_t key;
  std::uint8_t major;
  Bytes BootRecord::*value;
};

constexpr std::array<Field, 5> kFields{{
    {1, kTextString, &BootRecord::software_type},
    {4, kTextString, &BootRecord::version},
    {5, kByteString, &BootRecord::signer},
    {6, kTextString, &BootRecord::hash_name},
    {2, kByteString, &BootRecord::measurement},
}};

// Takes a string of `major` type with the shortest length from the front; empty
// otherwise.
Bytes TakeString(Bytes& rest, std::uint8_t major) {
  if (rest.size() < 2) return {};
  std::size_t length = static_cast<std::size_t>(rest[0]) - major;
  std::size_t begin = 1;
  if (length == kOneByteLength) {
    length = static_cast<std::size_t>(rest[1]);
    begin = 2;
    if (length < kOneByteLength) return {};
  } else if (length > kOneByteLength) {
    return {};
  }
  if (length > rest.size() - begin) return {};
  const Bytes text = rest.subspan(begin, length);
  rest = rest.subspan(begin + length);
  return text;
}

bool IsZero(Bytes bytes) {
  for (const std::byte byte : bytes) {
    if (byte != std::byte{0}) return false;
  }
  return true;
}

template <std::size_t kSize>
Bytes TextBytes(const char (&text)[kSize]) {
  return std::as_bytes(std::span(text)).first(kSize - 1);
}

}  // namespace

Error ReadBootRecord(Bytes value, BootRecord& record) {
  if (value.empty() || value[0] != std::byte{kMapOfFive}) {
    return Error::kBootRecordFormat;
  }
  Bytes rest = value.subspan(1);
  for (const Field& field : kFields) {
    if (rest.empty() || rest[0] != std::byte{field.key}) {
      return Error::kBootRecordFormat;
    }
    rest = rest.subspan(1);
    Bytes& text = record.*field.value;
    text = TakeString(rest, field.major);
    if (text.empty()) return Error::kBootRecordFormat;
  }
  return rest.empty() && IsZero(record.measurement) &&
                 record.software_type.size() <= kMaxSoftwareTypeBytes
             ? Error::kOk
             : Error::kBootRecordFormat;
}

void WriteBootRecord(const BootRecord& record, Writer& writer) {
  writer.U8(kMapOfFive);
  for (const Field& field : kFields) {
    const Bytes value = record.*field.value;
    const auto length = static_cast<std::uint8_t>(value.size());
    writer.U8(field.key);
    if (length < kOneByteLength) {
      writer.U8(static_cast<std::uint8_t>(field.major | length));
    } else {
      writer.U8(static_cast<std::uint8_t>(field.major | kOneByteLength));
      writer.U8(length);
    }
    writer.Append(value);
  }
}

Bytes HashName(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return TextBytes("SHA256");
    case HashAlgorithm::kSha384:
      return TextBytes("SHA384");
    case HashAlgorithm::kSha512:
      return TextBytes("SHA512");
  }
  return {};
}

VersionText::VersionText(const Version& version) {
  Append(version.major);
  text_[size_++] = std::byte{'.'};
  Append(version.minor);
  text_[size_++] = std::byte{'.'};
  Append(version.revision);
}

void VersionText::Append(std::uint32_t number) {
  std::uint32_t unit = 1;
  while (number / unit >= 10) unit *= 10;
  for (; unit > 0; unit /= 10) {
    text_[size_++] = static_cast<std::byte>('0' + number / unit % 10);
  }
}

}  // namespace bootseal::image::mcuboot
