#include "firmware/image/result.h"

namespace bootseal::image {

const char* Text(Error error) {
  switch (error) {
#define BOOTSEAL_UPDATE_TEXT(name, index, text) \
  case Error::name:                             \
    return text;
    BOOTSEAL_UPDATE_ERRORS(BOOTSEAL_UPDATE_TEXT)
#undef BOOTSEAL_UPDATE_TEXT
    default:
      return ImageText(error);
  }
}

}  // namespace bootseal::image
