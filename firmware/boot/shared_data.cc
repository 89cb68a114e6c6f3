#include "firmware/boot/shared_data.h"

#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::boot {
namespace {

using image::Bytes;
using image::Error;
using image::MutableBytes;
using image::Verified;
namespace mcuboot = image::mcuboot;

// Of the header (facts: mcuboot 1.2).
constexpr std::size_t kVersionOffset = 20;
constexpr std::size_t kVersionBytes = 8;

constexpr std::size_t kWordBytes = 4;

void PutWord(std::byte* to, std::uint32_t value) {
  for (std::size_t i = 0; i < kWordBytes; ++i) {
    to[i] = static_cast<std::byte>(value >> (8 * i));
  }
}

// Of the area and of an entry.
std::uint32_t HeaderOf(std::uint16_t type, std::size_t size) {
  return type | static_cast<std::uint32_t>(size) << 16;
}

}  // namespace

SharedData::SharedData(MutableBytes area) : area_(area) {
  image::Fill(area_, std::byte{0});
  if (area_.size() < shared_data::kHeaderBytes) return;
  size_ = shared_data::kHeaderBytes;
  PutWord(area_.data(), HeaderOf(shared_data::kMagic, size_));
}

Error SharedData::Add(std::uint16_t type, Bytes value) {
  const std::size_t end = size_ + kWordBytes + value.size();
  if (size_ == 0 || end > area_.size() || end > 0xffff) {
    return Error::kBufferTooSmall;
  }
  PutWord(area_.data() + size_, HeaderOf(type, value.size()));
  image::Copy(value, area_.subspan(size_ + kWordBytes));
  size_ = end;
  PutWord(area_.data(), HeaderOf(shared_data::kMagic, size_));
  return Error::kOk;
}

Error SharedData::AddByte(std::uint16_t type, std::uint8_t value) {
  const std::byte byte{value};
  return Add(type, Bytes(&byte, 1));
}

Error SharedData::AddWord(std::uint16_t type, std::uint32_t value) {
  std::byte word[kWordBytes];
  PutWord(word, value);
  return Add(type, word);
}

// Known: the verifier looked at these areas where they lie, and the digest that
// the image states is its digest. The record's measurement is its last value.
// Without a protected area the first one is the other, which has no record.
Error SharedData::AddBootRecord(const Verified& verified,
                                image::HashAlgorithm hash, std::uint8_t image) {
  Bytes areas(verified.image(), verified.end());
  areas = areas.subspan(verified.payload_offset() + verified.payload_size());
  image::Reader reader(areas);
  reader.U16();
  const std::size_t first = reader.U16();
  if (first > areas.size()) return Error::kFault;
  const Bytes record =
      mcuboot::FindTlv(areas.first(first), mcuboot::tlv::kBootRecord).value;
  if (record.empty()) return Error::kBootRecordMissing;
  const Bytes digest =
      mcuboot::FindTlv(areas.subspan(first), mcuboot::DigestTlv(hash)).value;
  if (digest.size() != image::HashSize(hash)) return Error::kDigestMissing;
  if (record.size() < digest.size()) return Error::kBootRecordFormat;
  BOOTSEAL_TRY(Add(shared_data::BootRecord(image), record));
  image::Copy(digest, area_.first(size_).last(digest.size()));
  return Error::kOk;
}

Error SharedData::AddVersion(const Verified& verified, std::uint8_t image) {
  const Bytes header(verified.image(), verified.payload_offset());
  return Add(shared_data::Version(image),
             header.subspan(kVersionOffset, kVersionBytes));
}

}  // namespace bootseal::boot
