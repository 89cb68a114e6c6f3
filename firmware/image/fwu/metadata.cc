#include "firmware/image/fwu/metadata.h"

#include "firmware/image/crc32.h"

namespace bootseal::image::fwu {
namespace {

constexpr std::uint16_t kDescriptorOffset = 32;
constexpr std::uint16_t kBankBytes = 24;
constexpr std::size_t kSizeOffset = 16;

bool Known(Geometry geometry) {
  return geometry.banks != 0 && geometry.banks <= kMaxBanks &&
         geometry.images <= kMaxImages;
}

// Bytes up to the end that the metadata itself, or the caller, says.
Result<Bytes> Bounded(Bytes bytes, std::uint32_t version, Geometry expected) {
  std::size_t size = SizeOf(version, expected);
  if (version == 2) {
    if (bytes.size() < kDescriptorOffset) return Error::kTruncated;
    size = Reader(bytes.subspan(kSizeOffset)).U32();
    if (size < kDescriptorOffset) return Error::kMetadataGeometry;
  }
  if (size > bytes.size()) return Error::kTruncated;
  return bytes.first(size);
}

bool StateIsKnown(BankState state) {
  return state == BankState::kInvalid || state == BankState::kValid ||
         state == BankState::kAccepted;
}

// The descriptor's counts; `otherwise` when there is none.
Result<Geometry> ReadDescriptor(Reader& reader, std::uint16_t offset,
                                Geometry otherwise) {
  if (offset == 0) return Geometry{otherwise.banks, 0};
  if (offset != kDescriptorOffset) return Error::kMetadataGeometry;
  Geometry geometry;
  geometry.banks = reader.U8();
  const std::uint8_t reserved = reader.U8();
  geometry.images = reader.U16();
  const std::uint16_t entry_bytes = reader.U16();
  if (!Known(geometry) || geometry.images == 0 ||
      entry_bytes != 32 + kBankBytes * geometry.banks ||
      reader.U16() != kBankBytes) {
    return Error::kMetadataGeometry;
  }
  if (reserved != 0) return Error::kMetadataReserved;
  return geometry;
}

// What version 2 has between the indices and the entries. Behind the indices.
Error ReadVersion2(Reader& reader, Metadata& metadata, Geometry otherwise) {
  reader.U32();
  const std::uint16_t offset = reader.U16();
  const std::uint16_t reserved = reader.U16();
  for (BankState& state : metadata.states) {
    state = static_cast<BankState>(reader.U8());
  }
  const std::uint32_t reserved_too = reader.U32();
  const Result<Geometry> geometry = ReadDescriptor(reader, offset, otherwise);
  if (!geometry.ok()) return geometry.error();
  metadata.geometry = *geometry;
  if (reserved != 0 || reserved_too != 0) return Error::kMetadataReserved;
  for (std::size_t bank = 0; bank < kMaxBanks; ++bank) {
    const BankState state = metadata.states[bank];
    const bool exists = bank < metadata.geometry.banks;
    if (exists ? !StateIsKnown(state) : state != BankState::kInvalid) {
      return Error::kMetadataState;
    }
  }
  return Error::kOk;
}

Error ReadImage(Reader& reader, std::uint8_t banks, Image& image) {
  image.type = ReadGuid(reader);
  image.location = ReadGuid(reader);
  for (Bank& bank : std::span(image.banks).first(banks)) {
    bank.guid = ReadGuid(reader);
    const std::uint32_t accepted = reader.U32();
    if (accepted > 1 || reader.U32() != 0) return Error::kMetadataReserved;
    bank.accepted = accepted == 1;
  }
  return Error::kOk;
}

void DeduceStates(Metadata& metadata) {
  for (std::size_t bank = 0; bank < metadata.geometry.banks; ++bank) {
    metadata.states[bank] = BankState::kAccepted;
    for (const Image& image : metadata.entries()) {
      if (!image.banks[bank].accepted) {
        metadata.states[bank] = BankState::kValid;
      }
    }
  }
}

// Values from behind the CRC, which is checked.
Result<Read> ReadValues(Bytes bytes, Geometry expected) {
  Reader reader(bytes.subspan(4));
  Read read;
  Metadata& metadata = read.metadata;
  metadata.version = reader.U32();
  metadata.active = reader.U32();
  metadata.previous = reader.U32();
  metadata.geometry = expected;
  if (metadata.version == 2) {
    BOOTSEAL_TRY(ReadVersion2(reader, metadata, expected));
  }
  if (metadata.active >= metadata.geometry.banks ||
      metadata.previous >= metadata.geometry.banks) {
    return Error::kMetadataIndex;
  }
  for (Image& image :
       std::span(metadata.images).first(metadata.geometry.images)) {
    BOOTSEAL_TRY(ReadImage(reader, metadata.geometry.banks, image));
  }
  if (!reader.ok()) return Error::kMetadataGeometry;
  if (metadata.version != 2) DeduceStates(metadata);
  read.vendor_data = reader.rest();
  return read;
}

Result<Read> ReadChecked(Bytes bytes, std::uint32_t version,
                         Geometry expected) {
  const Result<Bytes> bounded = Bounded(bytes, version, expected);
  if (!bounded.ok()) return bounded.error();
  if (Reader(*bounded).U32() != Crc32Of(bounded->subspan(4))) {
    return Error::kMetadataCrc;
  }
  return ReadValues(*bounded, expected);
}

}  // namespace

Result<Read> ReadMetadata(Bytes bytes, Geometry expected) {
  if (bytes.size() < 8) return Error::kTruncated;
  const std::uint32_t version = Reader(bytes.subspan(4)).U32();
  if (version > 2) return Error::kMetadataVersion;
  if (!Known(expected) || (version != 2 && expected.images == 0)) {
    return Error::kMetadataGeometry;
  }
  const Result<Read> read = ReadChecked(bytes, version, expected);
  if (read.ok() && read->metadata.geometry != expected) {
    return Error::kMetadataGeometry;
  }
  return read;
}

Result<Read> ReadMetadata(Bytes bytes) {
  if (bytes.size() < 8) return Error::kTruncated;
  const std::uint32_t version = Reader(bytes.subspan(4)).U32();
  if (version != 2) return Error::kMetadataVersion;
  return ReadChecked(bytes, version, Geometry{kMaxBanks, 0});
}

}  // namespace bootseal::image::fwu
