#include "firmware/image/result.h"

namespace bootseal::image {

const char* Text(Error error) {
  switch (error) {
#define BOOTSEAL_TEXT(name, index, text) \
  case Error::name:                      \
    return text;
    BOOTSEAL_RECEIPT_ERRORS(BOOTSEAL_TEXT)
    BOOTSEAL_TRANSPARENCY_ERRORS(BOOTSEAL_TEXT)
    BOOTSEAL_UPDATE_ERRORS(BOOTSEAL_TEXT)
    BOOTSEAL_PACKAGE_ERRORS(BOOTSEAL_TEXT)
#undef BOOTSEAL_TEXT
    default:
      return ImageText(error);
  }
}

}  // namespace bootseal::image
