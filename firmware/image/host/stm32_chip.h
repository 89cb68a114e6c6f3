// The chips by name: which header their boot ROM reads, and how their second
// stage hashes the root key of certificates. Thread-safe.
// Source: facts: fwu 4.3, 5.6.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_STM32_CHIP_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_STM32_CHIP_H_

#include <span>

#include "absl/strings/string_view.h"
#include "firmware/image/certificate/public_key.h"
#include "firmware/image/stm32/header.h"

namespace bootseal::image::host {

struct Stm32Chip {
  const char* name;  // "stm32mp15"
  stm32::Version header;
  // Of the root key that BL2 demands of certificates.
  certificate::KeyHashForm root_hash;
};

std::span<const Stm32Chip> Stm32Chips();
// nullptr for another name.
const Stm32Chip* FindStm32Chip(absl::string_view name);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_STM32_CHIP_H_
