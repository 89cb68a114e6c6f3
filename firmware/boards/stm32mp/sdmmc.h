// SDMMC1, version 2 of ST's SD host (RM0436, chapter SDMMC): polled, without
// DMA, one data line. A Host of sd/card.h. Not thread-safe.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32MP_SDMMC_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32MP_SDMMC_H_

#include <cstdint>

#include "firmware/boards/sd/card.h"
#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::boards::stm32mp {

struct Sdmmc {
  // Out of reset, power cycle, 400 kHz. The card's supply is as it was: the ROM
  // started from that card.
  static void Init();
  static void Speed();

  // kStorage: no answer, a wrong CRC or, where it has one, a wrong index.
  static image::Result<sd::Response> Command(std::uint32_t index,
                                             std::uint32_t argument,
                                             sd::Answer answer);

  // One block. What fails is stopped and tried again, twice. kStorage.
  static image::Error ReadData(std::uint32_t index, std::uint32_t argument,
                               image::MutableBytes to);
};

}  // namespace bootseal::boards::stm32mp

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32MP_SDMMC_H_
