#include "tests/support/compressed_image.h"

#include "firmware/image/host/compression.h"

namespace bootseal::tests {

namespace tlv = image::mcuboot::tlv;

std::string CompressiblePayload(std::size_t size) {
  std::string payload = TestPayload(8);
  while (payload.size() < size) {
    payload += "all work and no play makes the payload a dull one; ";
    payload += static_cast<char>(payload.size() * 31 >> 7);
  }
  payload.resize(size);
  return payload;
}

std::vector<RawTlv> DecompressionTlvs(const ImageParts& plain) {
  std::string size;
  for (std::size_t rest = plain.payload.size(), i = 0; i < 4; ++i, rest >>= 8) {
    size.push_back(static_cast<char>(rest & 0xff));
  }
  return {{tlv::kDecompressedSize, size},
          {tlv::kDecompressedDigest, plain.unprotected.front().value},
          {tlv::kDecompressedSignature, plain.unprotected.back().value}};
}

ImageParts CompressedParts(const TestTarget& target, const ImageParts& plain,
                           const std::vector<RawTlv>& described) {
  ImageParts parts = plain;
  parts.payload =
      image::host::Compress(target.rules.compression, plain.payload).value();
  parts.header.flags |=
      image::mcuboot::CompressionFlags(target.rules.compression);
  parts.protected_area = Area(image::mcuboot::kProtectedMagic, described);
  SignAgain(target, parts);
  return parts;
}

}  // namespace bootseal::tests
