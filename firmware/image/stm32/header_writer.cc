#include "firmware/image/stm32/encoding.h"
#include "firmware/image/stm32/header.h"

namespace bootseal::image::stm32 {
namespace {

void WriteTailOfV1(const Header& header, Writer& writer) {
  writer.U32(header.authenticated ? 0 : kNoSignatureOption);
  writer.U32(static_cast<std::uint32_t>(header.algorithm));
  writer.Append(Bytes(header.public_key).first(64));
  writer.Repeat(std::byte{0}, 83);
  writer.U8(static_cast<std::uint8_t>(header.binary_type & 0xff));
}

void WriteAuthentication(const Header& header, const Layout& layout,
                         Writer& writer) {
  writer.U32(kAuthenticationType);
  writer.U32(static_cast<std::uint32_t>(AuthenticationBytes(layout)));
  writer.U32(header.key_index);
  writer.U32(kTableKeys);
  writer.U32(static_cast<std::uint32_t>(header.algorithm));
  writer.Append(Bytes(header.public_key).first(layout.point_bytes));
  for (const auto& hash : header.key_hashes) {
    writer.Append(Bytes(hash).first(layout.hash_bytes));
  }
}

void WriteTailOfV2(const Header& header, const Layout& layout, Writer& writer) {
  const std::size_t end = HeaderBytes(header);
  writer.U32(kPaddingFlag | (header.authenticated ? kAuthenticationFlag : 0));
  writer.U32(static_cast<std::uint32_t>(end - layout.extensions_from));
  writer.U32(header.binary_type);
  if (header.version == Version::kV23) {
    writer.Repeat(std::byte{0}, 8);
    writer.U32(header.non_secure_length);
    writer.U32(header.non_secure_hash);
  } else {
    writer.Repeat(std::byte{0}, 16);
  }
  if (header.authenticated) WriteAuthentication(header, layout, writer);
  const std::size_t left = end - writer.size();
  writer.U32(kPaddingType);
  writer.U32(static_cast<std::uint32_t>(left));
  writer.Repeat(std::byte{0}, left - kExtensionHeaderBytes);
}

}  // namespace

Result<Bytes> WriteHeader(const Header& header, MutableBytes buffer) {
  const Layout* layout = LayoutOf(header.version);
  if (layout == nullptr) return Error::kStm32Version;
  Writer writer(buffer);
  writer.U32(kMagic);
  writer.Append(Bytes(header.signature).first(layout->point_bytes));
  writer.U32(header.checksum);
  writer.U32(static_cast<std::uint32_t>(header.version));
  writer.U32(header.image_length);
  writer.U32(header.entry_point);
  writer.U32(0);
  writer.U32(header.load_address);
  writer.U32(0);
  writer.U32(header.image_version);
  if (layout->extensions_from == 0) {
    WriteTailOfV1(header, writer);
  } else {
    WriteTailOfV2(header, *layout, writer);
  }
  if (!writer.ok()) return Error::kBufferTooSmall;
  const Result<Header> read = ReadHeader(writer.written());
  if (!read.ok()) return read.error();
  // A field that has no place in this version, or not enough of one.
  if (!(*read == header)) return Error::kStm32Reserved;
  return writer.written();
}

}  // namespace bootseal::image::stm32
