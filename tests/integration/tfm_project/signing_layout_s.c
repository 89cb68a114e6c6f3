#include "flash_layout.h"

enum image_attributes {
  RE_SECURE_IMAGE_OFFSET = (0x0),
  RE_SECURE_IMAGE_MAX_SIZE = FLASH_S_PARTITION_SIZE,
  RE_SIGN_BIN_SIZE = FLASH_S_PARTITION_SIZE,
};
