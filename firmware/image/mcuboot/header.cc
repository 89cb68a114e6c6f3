#include "firmware/image/mcuboot/header.h"

namespace bootseal::image::mcuboot {

Error ReadHeader(Bytes bytes, Header& header) {
  if (bytes.size() < kHeaderBytes) return Error::kTruncated;
  const std::byte* const at = bytes.data();
  if (Little32(at) != kHeaderMagic) return Error::kHeaderMagic;
  // Whoever gives the word a meaning one day shall not find it set at random.
  if (Little32(at + 28) != 0) return Error::kHeaderReserved;
  header.load_address = Little32(at + 4);
  header.header_size = Little16(at + 8);
  header.protected_size = Little16(at + 10);
  header.image_size = Little32(at + 12);
  header.flags = Little32(at + 16);
  header.version.major = static_cast<std::uint8_t>(at[20]);
  header.version.minor = static_cast<std::uint8_t>(at[21]);
  header.version.revision = Little16(at + 22);
  header.version.build = Little32(at + 24);
  return Error::kOk;
}

}  // namespace bootseal::image::mcuboot
