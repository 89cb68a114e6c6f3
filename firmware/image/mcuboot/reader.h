// Reads an image's structure without any rules, for those who show or explain
// one. What it yields is not judged: verifier.h does that.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_READER_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_READER_H_

#include "firmware/image/crypto.h"
#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/result.h"

namespace bootseal::image::mcuboot {

// `facts` holds what was read before `error`; spans point into the image. With
// kOk all of it: `payload`, both areas, and `rest`, the bytes after the image.
struct Reading {
  Error error = Error::kOk;
  Facts facts;
  Bytes header;  // with its padding
  Bytes payload;
  Bytes rest;
};

// kTruncated, kHeaderMagic, kHeaderReserved, kHeaderSize, kTlvMagic,
// kProtectedSize, kTlvLength, kTlvOverrun. The digest is computed with `hash`.
Reading ReadImage(Bytes image, HashAlgorithm hash);

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_READER_H_
