// STM32MP151, 153 and 157, with pins and 512 MiB of DDR as on ST's
// STM32MP157C-DK2 and -DK1.
#include "firmware/boards/load_areas.h"
#include "firmware/boards/second_stage.h"
#include "firmware/boards/stm32mp/chip.h"
#include "firmware/boards/stm32mp/registers.h"

namespace bootseal::boards {
namespace stm32mp {
namespace {

constexpr std::uint32_t kMemoryBytes = 0x20000000;
constexpr LoadAreas kLoadAreas{{
    {0xc2000000, 0xc2010000},  // fw-config
    {0xc0500000, 0xc0580000},  // hw-config: as TF-A has it
    {0xde000000, 0xdf000000},  // tos-fw: the last 32 MiB are OP-TEE's
    {0xdf000000, 0xdf800000},  // tos-fw-extra1
    {0xdf800000, 0xe0000000},  // tos-fw-extra2
    {0xc2100000, 0xc2110000},  // tos-fw-config
    {0xc0100000, 0xc0500000},  // nt-fw: as TF-A has it
    {0xc2200000, 0xc2210000},  // nt-fw-config
}};
// SYSRAM, where this program is, and all else that is no DDR.
static_assert(AreUsable(kLoadAreas, {0, ddr::kMemory}));
static_assert(AreUsable(kLoadAreas, {ddr::kMemory + kMemoryBytes, 0xffffffff}));

}  // namespace

extern const Chip kChip{
    .clocks = {.oscillators = 0x00c,
               .ready = 0x808,
               .hsi = 0x018,
               .uart_source = 0x8e8,
               .sdmmc_source = 0x8f4,
               .sdmmc_reset = 0x198,
               .ddr = 0x0d8,
               .system_reset = 0x404,
               .enables = {{{0xa00, 1U << 16},  // UART4
                            {0xa28,
                             1U << 2 | 1U << 3 | 1U << 6},  // GPIO C, D, G
                            {0x200, 1U << 15},              // IWDG2
                            {0x208, 1U << 8 | 1U << 16},  // RTC and TAMP, BSEC
                            {0x218, 1U << 16}}}},         // SDMMC1
    .pins =
        {{{'G', 11, 6, 0}, {'C', 8, 12, 1}, {'D', 2, 12, 1}, {'C', 12, 12, 2}}},
    // The registers of TAMP itself are secure when bit 31 is not set: whoever
    // ran before may have left it.
    .secure_backup_mask = 1U << 31,
    .secure_backup = 0,
    .memory_bytes = kMemoryBytes,
    .areas = kLoadAreas};

image::Error RootKeyHashOf(image::Bytes fused, image::MutableBytes to) {
  image::Copy(fused, to);
  return image::Error::kOk;
}

}  // namespace stm32mp

extern const char kName[] = "stm32mp15";
extern const image::certificate::KeyHashForm kKeyHashForm =
    image::certificate::KeyHashForm::kPoint;

}  // namespace bootseal::boards
