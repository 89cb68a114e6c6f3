// Texts of errors as a device carries them: end to end, in the order of their
// codes. A switch takes twice the bytes.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_TEXT_TABLE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_TEXT_TABLE_H_

#include <span>

#include "firmware/image/result.h"

// For the X-lists of result.h.
#define BOOTSEAL_ERROR_CODE(name, index, text) Error::name,
#define BOOTSEAL_ERROR_TEXT(name, index, text) text "\0"

namespace bootseal::image {

// `texts` holds one string for each of `errors`.
inline const char* FindText(std::span<const Error> errors, const char* texts,
                            Error error) {
  for (const Error each : errors) {
    if (each == error) return texts;
    while (*texts++ != '\0') {
    }
  }
  return "unknown error";
}

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_TEXT_TABLE_H_
