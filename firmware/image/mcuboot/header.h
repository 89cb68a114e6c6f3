// Reads the 32-byte image header. The writer is in writer.h.
// Source: MCUboot boot/bootutil/include/bootutil/image.h; facts: mcuboot 1.2.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_HEADER_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_HEADER_H_

#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/result.h"

namespace bootseal::image::mcuboot {

// The same, as a device has it: without a copy.
Error ReadHeader(Bytes bytes, Header& header);

// Takes the struct from the front of `bytes` and judges only magic and reserved
// word. kTruncated, kHeaderMagic, kHeaderReserved.
inline Result<Header> ReadHeader(Bytes bytes) {
  Header header;
  const Error error = ReadHeader(bytes, header);
  if (error != Error::kOk) return error;
  return header;
}

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_HEADER_H_
