#include "firmware/image/result.h"
#include <receipt_part.h>

namespace bootseal::image {
namespace {

// Codes, and their texts end to end, in the order of the list: a switch takes a
// device twice the bytes.
constexpr Error kErrors[] = {
#define BOOTSEAL_IMAGE_CODE(name, index, text) Error::name,
    BOOTSEAL_LINKED_ERRORS(BOOTSEAL_IMAGE_CODE)
#undef BOOTSEAL_IMAGE_CODE
};
constexpr char kTexts[] =
#define BOOTSEAL_IMAGE_TEXT(name, index, text) text "\0"
    BOOTSEAL_LINKED_ERRORS(BOOTSEAL_IMAGE_TEXT);
#undef BOOTSEAL_IMAGE_TEXT

}  // namespace

const char* ImageText(Error error) {
  const char* text = kTexts;
  for (const Error each : kErrors) {
    if (each == error) return text;
    while (*text++ != '\0') {
    }
  }
  return "unknown error";
}

}  // namespace bootseal::image
