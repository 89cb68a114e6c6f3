#include "firmware/image/result.h"

namespace bootseal::image {

const char* Text(Error error) {
  switch (error) {
#define BOOTSEAL_IMAGE_TEXT(name, index, text) \
  case Error::name:                            \
    return text;
    BOOTSEAL_IMAGE_ERRORS(BOOTSEAL_IMAGE_TEXT)
#undef BOOTSEAL_IMAGE_TEXT
  }
  return "unknown error";
}

}  // namespace bootseal::image
