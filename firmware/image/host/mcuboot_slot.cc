#include "firmware/image/host/mcuboot_slot.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/facts.h"

namespace bootseal::image::host {
namespace {

constexpr char kErased = '\xff';

}  // namespace

SlotImage::SlotImage(Bytes image) : image_(image) {
  ReadHeader();
  ReadAreas();
}

std::uint64_t SlotImage::signed_size() const {
  return mcuboot::SignedSize(header_);
}

Bytes SlotImage::signed_range() const {
  return image_.first(std::min<std::uint64_t>(signed_size(), image_.size()));
}

const Digest& SlotImage::digest(HashAlgorithm algorithm) const {
  const auto kept = digests_.find(algorithm);
  if (kept != digests_.end()) return kept->second;
  Digest made;
  if (signed_size() <= image_.size()) made = HashOf(algorithm, signed_range());
  return digests_[algorithm] = made;
}

std::string SlotImage::Read(std::uint64_t offset, std::size_t size) const {
  std::string bytes;
  if (offset < image_.size()) {
    const Bytes rest = image_.subspan(offset);
    bytes = ToString(rest.first(std::min(size, rest.size())));
  }
  bytes.resize(size, kErased);
  return bytes;
}

SlotImage::Info SlotImage::ReadInfo(std::uint64_t offset) const {
  const std::string bytes = Read(offset, mcuboot::kTlvInfoBytes);
  Reader reader(AsBytes(bytes));
  Info info{};
  info.magic = reader.U16();
  info.size = reader.U16();
  return info;
}

void SlotImage::ReadHeader() {
  const std::string bytes = Read(0, mcuboot::kHeaderBytes);
  Reader reader(AsBytes(bytes));
  magic_ = reader.U32();
  header_.load_address = reader.U32();
  header_.header_size = reader.U16();
  header_.protected_size = reader.U16();
  header_.image_size = reader.U32();
  header_.flags = reader.U32();
  header_.version.major = reader.U8();
  header_.version.minor = reader.U8();
  header_.version.revision = reader.U16();
  header_.version.build = reader.U32();
}

void SlotImage::ReadAreas() {
  const std::uint64_t start =
      std::uint64_t{header_.header_size} + header_.image_size;
  Info info = ReadInfo(start);
  if (info.magic == mcuboot::kProtectedMagic) {
    if (info.size != header_.protected_size) {
      area_problem_ = absl::StrFormat(
          "the protected area at 0x%x says %d bytes, the header %d", start,
          info.size, header_.protected_size);
      return;
    }
    info = ReadInfo(start + info.size);
  } else if (header_.protected_size != 0) {
    area_problem_ =
        absl::StrFormat("no protected area at 0x%x, the header says %d bytes",
                        start, header_.protected_size);
    return;
  }
  if (info.magic != mcuboot::kUnprotectedMagic) {
    area_problem_ =
        absl::StrFormat("TLV magic 0x%04x at 0x%x", info.magic, signed_size());
    return;
  }
  end_ = signed_size() + info.size;
  ReadTlvs(start + mcuboot::kTlvInfoBytes);
}

void SlotImage::ReadTlvs(std::uint64_t offset) {
  const std::uint64_t protected_end = signed_size();
  while (offset < end_) {
    if (header_.protected_size > 0 && offset == protected_end) {
      offset += mcuboot::kTlvInfoBytes;
      continue;
    }
    const std::string head = Read(offset, mcuboot::kTlvHeaderBytes);
    Reader reader(AsBytes(head));
    SlotTlv one;
    one.type = reader.U16();
    const std::size_t size = reader.U16();
    if (end_ - offset < mcuboot::kTlvHeaderBytes ||
        size > end_ - offset - mcuboot::kTlvHeaderBytes) {
      tlv_problem_ = absl::StrFormat("TLV 0x%02x at 0x%x ends after 0x%x",
                                     one.type, offset, end_);
      return;
    }
    one.offset = offset;
    // Where the value starts decides: one of length 0 at the end is not.
    one.is_protected = offset + mcuboot::kTlvHeaderBytes < protected_end;
    one.value = Read(offset + mcuboot::kTlvHeaderBytes, size);
    tlvs_.push_back(std::move(one));
    offset += mcuboot::kTlvHeaderBytes + size;
  }
}

}  // namespace bootseal::image::host
