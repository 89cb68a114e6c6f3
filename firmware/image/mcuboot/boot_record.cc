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

// Takes a string of `major` type with the shortest length; empty otherwise.
Bytes TakeString(Reader& reader, std::uint8_t major) {
  const std::uint8_t initial = reader.U8();
  std::size_t length = static_cast<std::size_t>(initial - major);
  if (initial < major || length > kOneByteLength) return {};
  if (length == kOneByteLength) {
    length = reader.U8();
    if (length < kOneByteLength) return {};
  }
  return reader.Take(length);
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

Result<BootRecord> ReadBootRecord(Bytes value) {
  Reader reader(value);
  BootRecord record;
  if (reader.U8() != kMapOfFive) return Error::kBootRecordFormat;
  for (const Field& field : kFields) {
    if (reader.U8() != field.key) return Error::kBootRecordFormat;
    record.*field.value = TakeString(reader, field.major);
    if ((record.*field.value).empty()) return Error::kBootRecordFormat;
  }
  if (!reader.done() || !IsZero(record.measurement) ||
      record.software_type.size() > kMaxSoftwareTypeBytes) {
    return Error::kBootRecordFormat;
  }
  return record;
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
