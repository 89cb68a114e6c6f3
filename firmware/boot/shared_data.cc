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

void Put(MutableBytes to, std::uint32_t value) {
  for (std::byte& byte : to) {
    byte = static_cast<std::byte>(value);
    value >>= 8;
  }
}

}  // namespace

SharedData::SharedData(MutableBytes area) : area_(area) {
  image::Fill(area_, std::byte{0});
  if (area_.size() < shared_data::kHeaderBytes) return;
  size_ = shared_data::kHeaderBytes;
  Put(area_.first(2), shared_data::kMagic);
  Put(area_.subspan(2, 2), static_cast<std::uint32_t>(size_));
}

Error SharedData::Add(std::uint16_t type, Bytes value) {
  constexpr std::size_t kEntryHeader = 4;
  const std::size_t room = area_.size() - size_;
  if (size_ == 0 || room < kEntryHeader || value.size() > room - kEntryHeader ||
      size_ + kEntryHeader + value.size() > 0xffff) {
    return Error::kBufferTooSmall;
  }
  const MutableBytes entry = area_.subspan(size_, kEntryHeader + value.size());
  Put(entry.first(2), type);
  Put(entry.subspan(2, 2), static_cast<std::uint32_t>(value.size()));
  image::Copy(value, entry.subspan(kEntryHeader));
  size_ += entry.size();
  Put(area_.subspan(2, 2), static_cast<std::uint32_t>(size_));
  return Error::kOk;
}

Error SharedData::AddByte(std::uint16_t type, std::uint8_t value) {
  const std::byte byte{value};
  return Add(type, Bytes(&byte, 1));
}

Error SharedData::AddWord(std::uint16_t type, std::uint32_t value) {
  std::byte word[4];
  Put(word, value);
  return Add(type, word);
}

// Known: the verifier looked at these areas where they lie, and the digest that
// the image states is its digest. The record's measurement is its last value.
Error SharedData::AddBootRecord(const Verified& verified,
                                image::HashAlgorithm hash, std::uint8_t image) {
  Bytes areas(verified.image(), verified.end());
  areas = areas.subspan(verified.payload_offset() + verified.payload_size());
  const auto info = mcuboot::ReadAreaInfo(areas);
  if (!info.ok() || info->magic != mcuboot::kProtectedMagic ||
      info->size > areas.size()) {
    return Error::kBootRecordMissing;
  }
  const mcuboot::Tlv record =
      mcuboot::FindTlv(areas.first(info->size), mcuboot::tlv::kBootRecord);
  if (record.type == 0) return Error::kBootRecordMissing;
  const mcuboot::Tlv digest =
      mcuboot::FindTlv(areas.subspan(info->size), mcuboot::DigestTlv(hash));
  if (digest.value.size() != image::HashSize(hash)) {
    return Error::kDigestMissing;
  }
  if (record.value.size() < digest.value.size()) {
    return Error::kBootRecordFormat;
  }
  BOOTSEAL_TRY(Add(shared_data::BootRecord(image), record.value));
  image::Copy(digest.value, area_.first(size_).last(digest.value.size()));
  return Error::kOk;
}

Error SharedData::AddVersion(const Verified& verified, std::uint8_t image) {
  const Bytes header(verified.image(), verified.payload_offset());
  return Add(shared_data::Version(image),
             header.subspan(kVersionOffset, kVersionBytes));
}

}  // namespace bootseal::boot
