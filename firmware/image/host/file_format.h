// What a file is by its first bytes, when it is no MCUboot image.
// Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_FILE_FORMAT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_FILE_FORMAT_H_

#include "firmware/image/bytes.h"

namespace bootseal::image::host {

struct FileFormat {
  const char* name;          // "an ELF file"
  const char* fix;           // what makes a payload of it
  const char* command = "";  // that does it, FILE for the file; empty: none
};

// nullptr when it is none of those known.
const FileFormat* FindFileFormat(Bytes file);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_FILE_FORMAT_H_
