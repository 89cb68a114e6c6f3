#include "firmware/image/mcuboot/header.h"

namespace bootseal::image::mcuboot {

Result<Header> ReadHeader(Bytes bytes) {
  Reader reader(bytes);
  const std::uint32_t magic = reader.U32();
  Header header;
  header.load_address = reader.U32();
  header.header_size = reader.U16();
  header.protected_size = reader.U16();
  header.image_size = reader.U32();
  header.flags = reader.U32();
  header.version.major = reader.U8();
  header.version.minor = reader.U8();
  header.version.revision = reader.U16();
  header.version.build = reader.U32();
  const std::uint32_t reserved = reader.U32();
  if (!reader.ok()) return Error::kTruncated;
  if (magic != kHeaderMagic) return Error::kHeaderMagic;
  // Whoever gives the word a meaning one day shall not find it set at random.
  if (reserved != 0) return Error::kHeaderReserved;
  return header;
}

}  // namespace bootseal::image::mcuboot
