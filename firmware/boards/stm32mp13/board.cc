// STM32MP131, 133 and 135, with pins and 512 MiB of DDR as on ST's
// STM32MP135F-DK.
#include <array>

#include "firmware/boards/load_areas.h"
#include "firmware/boards/second_stage.h"
#include "firmware/boards/stm32mp/chip.h"
#include "firmware/boards/stm32mp/port.h"
#include "firmware/boards/stm32mp/registers.h"
#include "firmware/image/crypto.h"
#include "firmware/image/stm32/header.h"

namespace bootseal::boards {
namespace stm32mp {
namespace {

using image::Error;
using image::Result;
using image::stm32::Header;

// Where the boot ROM leaves the header of what it started: TF-A
// plat/st/common/stm32mp_trusted_boot.c.
constexpr std::uint32_t kHeader = 0x30007e00;
constexpr std::size_t kHeaderBytes = 0x200;
constexpr std::size_t kHashBytes = 32;

Result<Header> ReadOwnHeader() {
  std::array<std::byte, kHeaderBytes> bytes;
  for (std::uint32_t i = 0; i < kHeaderBytes; ++i) {
    const std::uint32_t word = Get(kHeader + i / 4 * 4);
    bytes[i] = static_cast<std::byte>(word >> 8 * (i % 4) & 0xff);
  }
  return image::stm32::ReadHeader(bytes, image::stm32::Version::kV20);
}

image::Digest HashOfTable(const Header& header) {
  image::Hash hash(image::HashAlgorithm::kSha256);
  for (const auto& entry : header.key_hashes) {
    hash.Update(image::Bytes(entry).first(kHashBytes));
  }
  return hash.Finish();
}

bool IsFused(image::Bytes fused) {
  for (const std::byte byte : fused) {
    if (byte != std::byte{0}) return true;
  }
  return false;
}

constexpr std::uint32_t kMemoryBytes = 0x20000000;
constexpr LoadAreas kLoadAreas{{
    {0xc2000000, 0xc2010000},  // fw-config
    {0xc0400000, 0xc0480000},  // hw-config: as TF-A has it
    {0xde000000, 0xdf000000},  // tos-fw: the last 32 MiB are OP-TEE's
    {0xdf000000, 0xdf800000},  // tos-fw-extra1
    {0xdf800000, 0xe0000000},  // tos-fw-extra2
    {0xc2100000, 0xc2110000},  // tos-fw-config
    {0xc0000000, 0xc0400000},  // nt-fw: as TF-A has it
    {0xc2200000, 0xc2210000},  // nt-fw-config
}};
// SYSRAM, where this program is, SRAM3 with its header, and all else that is no
// DDR.
static_assert(AreUsable(kLoadAreas, {0, ddr::kMemory}));
static_assert(AreUsable(kLoadAreas, {ddr::kMemory + kMemoryBytes, 0xffffffff}));

}  // namespace

extern const Chip kChip{
    .clocks = {.oscillators = 0x420,
               .ready = 0x428,
               .hsi = 0x440,
               .uart_source = 0x61c,
               .sdmmc_source = 0x648,
               .sdmmc_reset = 0x6f0,
               .ddr = 0x5c0,
               .system_reset = 0x114,
               .enables = {{{0x700, 1U << 16},            // UART4
                            {0x768, 1U << 2 | 1U << 3},   // GPIO C, D
                            {0x728, 1U << 15},            // IWDG2
                            {0x740, 1U << 8 | 1U << 16},  // RTC and TAMP, BSEC
                            {0x780, 1U << 16}}}},         // SDMMC1
    .pins =
        {{{'D', 6, 8, 0}, {'C', 8, 12, 1}, {'D', 2, 12, 1}, {'C', 12, 12, 1}}},
    // The registers of TAMP itself, and its counter.
    .secure_backup_mask = 1U << 31 | 1U << 15,
    .secure_backup = 1U << 31 | 1U << 15,
    .memory_bytes = kMemoryBytes,
    .areas = kLoadAreas};

// OTP has the hash of a table of eight; the header says which of them signed.
// An open chip starts what the ROM did not verify: so the table is worth
// nothing before it was compared with OTP.
Error RootKeyHashOf(image::Bytes fused, image::MutableBytes to) {
  image::Fill(to, std::byte{0});
  if (!IsFused(fused)) return Error::kOk;
  const Result<Header> header = ReadOwnHeader();
  if (!header.ok()) return header.error();
  if (!header->authenticated) return Error::kStm32Unsigned;
  if (!image::Equal(HashOfTable(*header).bytes(), fused)) {
    return Error::kStm32KeyHash;
  }
  image::Copy(
      image::Bytes(header->key_hashes[header->key_index]).first(kHashBytes),
      to);
  return Error::kOk;
}

}  // namespace stm32mp

extern const char kName[] = "stm32mp13";
extern const image::certificate::KeyHashForm kKeyHashForm =
    image::certificate::KeyHashForm::kNumberedPoint;

}  // namespace bootseal::boards
