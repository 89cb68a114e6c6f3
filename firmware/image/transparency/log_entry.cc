#include "firmware/image/transparency/log_entry.h"

namespace bootseal::image::transparency {
namespace {

constexpr std::uint32_t kMagic = 0x31455342;  // "BSE1"
constexpr std::size_t kDigestBytes = 64;

// Of bootseal.v1.Entry, SigningEvent and Decision.
constexpr std::uint32_t kDecisionField = 6;
constexpr std::uint32_t kAllowed = 1;

enum WireType : std::uint32_t { kVarint = 0, kI64 = 1, kLen = 2, kI32 = 5 };

bool IsZero(Bytes bytes) {
  std::byte any{0};
  for (const std::byte byte : bytes) any |= byte;
  return any == std::byte{0};
}

// By number: none, SHA-256, SHA-384, SHA-512.
std::size_t DigestSize(std::uint8_t algorithm) {
  return algorithm == 0 ? 0 : 16 + std::size_t{16} * algorithm;
}

struct Varint {
  std::uint32_t value = 0;
  bool fits = false;  // into 32 bits, and it ends
};

Varint ReadVarint(Reader& reader) {
  constexpr unsigned kMost = 10;  // bytes of 64 bits
  Varint varint;
  std::uint32_t lost = 0;
  for (unsigned i = 0; i < kMost; ++i) {
    const std::uint32_t byte = reader.U8();
    const std::uint32_t bits = byte & 0x7f;
    if (i < 5) varint.value |= bits << (7 * i);
    if (i == 4) lost |= bits >> 4;
    if (i > 4) lost |= bits;
    if (byte >> 7 == 0) {
      varint.fits = reader.ok() && lost == 0;
      return varint;
    }
  }
  return varint;
}

struct Field {
  std::uint32_t key = 0;  // number << 3 | wire type
  Varint varint;
  Bytes bytes;
};

// Reads what follows `field.key`. False for what is no field of protobuf's.
bool ReadValue(Reader& reader, Field& field) {
  switch (field.key & 7) {
    case kVarint:
      field.varint = ReadVarint(reader);
      return true;
    case kI64:
      reader.Take(8);
      return true;
    case kI32:
      reader.Take(4);
      return true;
    case kLen: {
      const Varint size = ReadVarint(reader);
      field.bytes = reader.Take(size.value);
      return size.fits;
    }
    default:
      return false;
  }
}

// The one field with `key`; of key 0 when there is none, or another one, or
// when the message cannot be read to its end.
Field Only(Bytes message, std::uint32_t key) {
  Reader reader(message);
  Field only;
  while (!reader.done()) {
    const Varint read = ReadVarint(reader);
    Field field{.key = read.value, .varint = {}, .bytes = {}};
    if (!read.fits || !ReadValue(reader, field) || !reader.ok()) return {};
    if (field.key != key) continue;
    if (only.key != 0) return {};
    only = field;
  }
  return only;
}

constexpr std::uint32_t Key(std::uint32_t number, WireType type) {
  return number << 3 | type;
}

}  // namespace

Result<EntryHead> ReadEntryHead(Bytes entry) {
  Reader reader(entry);
  const std::uint32_t magic = reader.U32();
  EntryHead head;
  head.kind = reader.U8();
  head.digest_algorithm = reader.U8();
  const std::size_t size = reader.U8();
  const std::uint8_t zero = reader.U8();
  const Bytes digest = reader.Take(kDigestBytes);
  if (!reader.ok() || magic != kMagic || zero != 0 ||
      head.digest_algorithm > 3 || size != DigestSize(head.digest_algorithm) ||
      !IsZero(digest.subspan(size))) {
    return Error::kEntryFormat;
  }
  head.digest = digest.first(size);
  return head;
}

Error CheckAllowed(Bytes entry) {
  const Result<EntryHead> head = ReadEntryHead(entry);
  if (!head.ok() || head->kind != kSigningEvent) return Error::kEntryFormat;
  const Field event =
      Only(entry.subspan(kEntryHeadBytes), Key(kSigningEvent, kLen));
  const Field decision = Only(event.bytes, Key(kDecisionField, kVarint));
  const bool allowed = decision.key != 0 && decision.varint.fits &&
                       decision.varint.value == kAllowed;
  return allowed ? Error::kOk : Error::kEntryFormat;
}

}  // namespace bootseal::image::transparency
