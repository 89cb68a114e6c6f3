#include "firmware/image/mcuboot/header.h"

namespace bootseal::image::mcuboot {

Result<Header> ReadHeader(Bytes bytes) {
  if (bytes.size() < kHeaderBytes) return Error::kTruncated;
  const std::byte* const at = bytes.data();
  if (Little32(at) != kHeaderMagic) return Error::kHeaderMagic;
  // Whoever gives the word a meaning one day shall not find it set at random.
  if (Little32(at + 28) != 0) return Error::kHeaderReserved;
  return Header{.load_address = Little32(at + 4),
                .header_size = Little16(at + 8),
                .protected_size = Little16(at + 10),
                .image_size = Little32(at + 12),
                .flags = Little32(at + 16),
                .version = {.major = static_cast<std::uint8_t>(at[20]),
                            .minor = static_cast<std::uint8_t>(at[21]),
                            .revision = Little16(at + 22),
                            .build = Little32(at + 24)}};
}

}  // namespace bootseal::image::mcuboot
