#include "firmware/image/crc32.h"
#include "firmware/image/fwu/metadata.h"

namespace bootseal::image::fwu {
namespace {

void WriteVersion2(const Metadata& metadata, std::size_t size, Writer& writer) {
  const Geometry geometry = metadata.geometry;
  const bool descriptor = geometry.images != 0;
  writer.U32(static_cast<std::uint32_t>(size));
  writer.U16(descriptor ? 32 : 0);
  writer.U16(0);
  for (const BankState state : metadata.states) {
    writer.U8(static_cast<std::uint8_t>(state));
  }
  writer.U32(0);
  if (!descriptor) return;
  writer.U8(geometry.banks);
  writer.U8(0);
  writer.U16(geometry.images);
  writer.U16(static_cast<std::uint16_t>(32 + 24 * geometry.banks));
  writer.U16(24);
}

void WriteImage(const Image& image, std::uint8_t banks, Writer& writer) {
  writer.Append(image.type.bytes);
  writer.Append(image.location.bytes);
  for (const Bank& bank : std::span(image.banks).first(banks)) {
    writer.Append(bank.guid.bytes);
    writer.U32(bank.accepted ? 1 : 0);
    writer.U32(0);
  }
}

}  // namespace

Result<Bytes> WriteMetadata(const Metadata& metadata, Bytes vendor_data,
                            MutableBytes buffer) {
  const Geometry geometry = metadata.geometry;
  const bool version2 = metadata.version == 2;
  if (metadata.version > 2 || (!version2 && !vendor_data.empty())) {
    return Error::kMetadataVersion;
  }
  if (geometry.banks > kMaxBanks || geometry.images > kMaxImages) {
    return Error::kMetadataGeometry;
  }
  const std::size_t size =
      SizeOf(metadata.version, geometry) + vendor_data.size();
  if (size > buffer.size()) return Error::kBufferTooSmall;

  Writer writer(buffer);
  writer.U32(0);
  writer.U32(metadata.version);
  writer.U32(metadata.active);
  writer.U32(metadata.previous);
  if (version2) WriteVersion2(metadata, size, writer);
  for (const Image& image : metadata.entries()) {
    WriteImage(image, geometry.banks, writer);
  }
  writer.Append(vendor_data);
  const Bytes written = writer.written();
  Writer(buffer).U32(Crc32Of(written.subspan(4)));
  // What the reader refuses is not written for anybody.
  if (const Result<Read> read = ReadMetadata(written, geometry); !read.ok()) {
    return read.error();
  }
  return written;
}

}  // namespace bootseal::image::fwu
