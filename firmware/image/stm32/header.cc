#include "firmware/image/stm32/header.h"

#include "firmware/image/stm32/encoding.h"

namespace bootseal::image::stm32 {
namespace {

// version, point, hash, signed from, extensions from, unsigned header
constexpr Layout kLayouts[] = {
    {Version::kV1, 64, 0, 0x48, 0, 0x100},
    {Version::kV20, 64, 32, 0x48, 0x80, 0x200},
    {Version::kV22, 64, 32, 0x48, 0x80, 0x200},
    {Version::kV23, 96, 48, 0x68, 0xa0, 0x240},
};

bool HasVersion(Bytes image, const Layout& layout) {
  if (image.size() < layout.signed_from + 4) return false;
  return Reader(image.subspan(layout.signed_from)).U32() ==
         static_cast<std::uint32_t>(layout.version);
}

// A version stands at one of two places; read where it would be.
const Layout* FindLayout(Bytes image) {
  for (const Layout& layout : kLayouts) {
    if (HasVersion(image, layout)) return &layout;
  }
  return nullptr;
}

bool AllZero(Bytes bytes) {
  for (const std::byte byte : bytes) {
    if (byte != std::byte{0}) return false;
  }
  return true;
}

Error CheckAlgorithm(const Header& header, const Layout& layout) {
  const std::size_t point = PointBytes(header.algorithm);
  if (point == 0 || point > layout.point_bytes) return Error::kStm32Algorithm;
  const bool padded = AllZero(Bytes(header.public_key).subspan(point)) &&
                      AllZero(Bytes(header.signature).subspan(point));
  return padded ? Error::kOk : Error::kStm32Algorithm;
}

// Options, algorithm, key and binary type of version 1.
Error ReadTailOfV1(Reader& reader, Header& header) {
  const std::uint32_t options = reader.U32();
  header.algorithm = static_cast<SignatureAlgorithm>(reader.U32());
  Copy(reader.Take(64), header.public_key);
  const bool padding_zero = AllZero(reader.Take(83));
  header.binary_type = reader.U8();
  if (!reader.ok()) return Error::kTruncated;
  if (!padding_zero || options > kNoSignatureOption) {
    return Error::kStm32Reserved;
  }
  header.authenticated = options == 0;
  // Without a signature the algorithm says nothing; stm32image writes 1.
  if (header.algorithm != SignatureAlgorithm::kP256 &&
      header.algorithm != SignatureAlgorithm::kBrainpoolP256t1) {
    return Error::kStm32Algorithm;
  }
  if (!header.authenticated &&
      !(AllZero(header.public_key) && AllZero(header.signature))) {
    return Error::kStm32Reserved;
  }
  return Error::kOk;
}

Error ReadAuthentication(Reader& reader, const Layout& layout, Header& header) {
  if (reader.U32() != kAuthenticationType) return Error::kStm32Extension;
  if (reader.U32() != AuthenticationBytes(layout)) {
    return Error::kStm32Extension;
  }
  header.key_index = reader.U32();
  const std::uint32_t keys = reader.U32();
  header.algorithm = static_cast<SignatureAlgorithm>(reader.U32());
  Copy(reader.Take(layout.point_bytes), header.public_key);
  for (auto& hash : header.key_hashes) {
    Copy(reader.Take(layout.hash_bytes), hash);
  }
  if (!reader.ok() || keys != kTableKeys) return Error::kStm32Extension;
  BOOTSEAL_TRY(CheckAlgorithm(header, layout));
  return header.key_index < kTableKeys ? Error::kOk : Error::kStm32KeyIndex;
}

// Fills all that is left of the extensions.
Error ReadPadding(Reader& reader) {
  const std::size_t length = reader.rest().size();
  const bool sound = reader.U32() == kPaddingType && reader.U32() == length &&
                     AllZero(reader.rest());
  return sound ? Error::kOk : Error::kStm32Extension;
}

// Flags, length and binary type of version 2, and its extensions.
Error ReadTailOfV2(Reader& reader, const Layout& layout, Header& header) {
  const std::uint32_t flags = reader.U32();
  const std::uint32_t length = reader.U32();
  header.binary_type = reader.U32();
  const bool reserved_zero =
      AllZero(reader.Take(layout.version == Version::kV23 ? 8 : 16));
  if (layout.version == Version::kV23) {
    header.non_secure_length = reader.U32();
    header.non_secure_hash = reader.U32();
  }
  if (!reader.ok()) return Error::kTruncated;
  if (!reserved_zero) return Error::kStm32Reserved;
  if ((flags & kEncryptionFlag) != 0) return Error::kStm32Encrypted;
  header.authenticated = (flags & kAuthenticationFlag) != 0;
  if ((flags & ~kAuthenticationFlag) != kPaddingFlag ||
      length != HeaderBytes(header) - layout.extensions_from) {
    return Error::kStm32Extension;
  }
  Reader extensions(reader.Take(length));
  if (!reader.ok()) return Error::kTruncated;
  if (header.authenticated) {
    BOOTSEAL_TRY(ReadAuthentication(extensions, layout, header));
  } else if (!AllZero(header.signature)) {
    return Error::kStm32Reserved;
  }
  return ReadPadding(extensions);
}

Error CheckMagic(Bytes image) {
  if (image.size() < 4) return Error::kTruncated;
  if (Reader(image).U32() != kMagic) return Error::kStm32Magic;
  return image.size() < kSmallestHeader ? Error::kTruncated : Error::kOk;
}

Result<Header> ReadAs(Bytes image, const Layout& layout) {
  Reader reader(image);
  reader.U32();  // the magic
  Header header;
  header.version = layout.version;
  Copy(reader.Take(layout.point_bytes), header.signature);
  header.checksum = reader.U32();
  reader.U32();  // the version
  header.image_length = reader.U32();
  header.entry_point = reader.U32();
  const std::uint32_t reserved_1 = reader.U32();
  header.load_address = reader.U32();
  const std::uint32_t reserved_2 = reader.U32();
  header.image_version = reader.U32();
  if (!reader.ok()) return Error::kTruncated;
  if (reserved_1 != 0 || reserved_2 != 0) return Error::kStm32Reserved;
  BOOTSEAL_TRY(layout.extensions_from == 0
                   ? ReadTailOfV1(reader, header)
                   : ReadTailOfV2(reader, layout, header));
  return header;
}

}  // namespace

std::size_t PointBytes(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kP256:
    case SignatureAlgorithm::kBrainpoolP256t1:
      return 64;
    case SignatureAlgorithm::kP384:
    case SignatureAlgorithm::kBrainpoolP384t1:
      return 96;
  }
  return 0;
}

std::size_t HashBytes(SignatureAlgorithm algorithm) {
  return PointBytes(algorithm) / 2;
}

const Layout* LayoutOf(Version version) {
  for (const Layout& layout : kLayouts) {
    if (layout.version == version) return &layout;
  }
  return nullptr;
}

std::size_t HeaderBytes(const Header& header) {
  const Layout* layout = LayoutOf(header.version);
  if (layout == nullptr) return 0;
  if (layout->extensions_from == 0 || !header.authenticated) {
    return layout->unsigned_bytes;
  }
  // The table of 2.3 is larger than what its unsigned header has room for.
  const std::size_t needed = layout->extensions_from +
                             AuthenticationBytes(*layout) +
                             kExtensionHeaderBytes;
  const std::size_t rounded = (needed + 0x3f) / 0x40 * 0x40;
  return rounded > layout->unsigned_bytes ? rounded : layout->unsigned_bytes;
}

Result<Header> ReadHeader(Bytes image) {
  BOOTSEAL_TRY(CheckMagic(image));
  const Layout* layout = FindLayout(image);
  if (layout == nullptr) return Error::kStm32Version;
  return ReadAs(image, *layout);
}

Result<Header> ReadHeader(Bytes image, Version version) {
  BOOTSEAL_TRY(CheckMagic(image));
  const Layout* layout = LayoutOf(version);
  if (layout == nullptr || !HasVersion(image, *layout)) {
    return Error::kStm32Version;
  }
  return ReadAs(image, *layout);
}

Result<Bytes> PayloadOf(const Header& header, Bytes image) {
  const std::size_t from = HeaderBytes(header);
  if (header.image_length == 0 || from > image.size() ||
      header.image_length > image.size() - from) {
    return Error::kStm32Length;
  }
  return image.subspan(from, header.image_length);
}

std::uint32_t ChecksumOf(Bytes payload) {
  std::uint32_t sum = 0;
  for (const std::byte byte : payload) sum += static_cast<std::uint32_t>(byte);
  return sum;
}

Result<Bytes> SignedRange(const Header& header, Bytes image) {
  const Result<Bytes> payload = PayloadOf(header, image);
  if (!payload.ok()) return payload.error();
  const std::size_t from = LayoutOf(header.version)->signed_from;
  return image.subspan(from, HeaderBytes(header) + payload->size() - from);
}

}  // namespace bootseal::image::stm32
