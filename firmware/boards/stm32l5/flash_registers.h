// The flash controller of STM32L552 and L562 (RM0438, chapter 6): offsets and
// bits. Secure and non-secure control and status registers have the same bits.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32L5_FLASH_REGISTERS_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32L5_FLASH_REGISTERS_H_

#include <cstdint>

namespace bootseal::boards::stm32l5 {

inline constexpr std::uint32_t kFlashSize = 0x80000;
inline constexpr std::uint32_t kBankSize = kFlashSize / 2;
// Where the core sees it: as secure memory, and as what is none.
inline constexpr std::uint32_t kSecureAlias = 0x0c000000;
inline constexpr std::uint32_t kNonSecureAlias = 0x08000000;
// Programmed at once, with eight bits of ECC.
inline constexpr std::uint32_t kDoubleword = 8;

inline constexpr std::uint32_t kNonSecureKey = 0x08;
inline constexpr std::uint32_t kSecureKey = 0x0c;
inline constexpr std::uint32_t kNonSecureStatus = 0x20;
inline constexpr std::uint32_t kSecureStatus = 0x24;
inline constexpr std::uint32_t kNonSecureControl = 0x28;
inline constexpr std::uint32_t kSecureControl = 0x2c;
inline constexpr std::uint32_t kEcc = 0x30;
inline constexpr std::uint32_t kOptions = 0x40;
inline constexpr std::uint32_t kWatermark1 = 0x50;
inline constexpr std::uint32_t kProtection1A = 0x58;
inline constexpr std::uint32_t kProtection1B = 0x5c;
inline constexpr std::uint32_t kWatermark2 = 0x60;
inline constexpr std::uint32_t kProtection2A = 0x68;
inline constexpr std::uint32_t kProtection2B = 0x6c;

// In this order, into a key register; anything else locks until reset.
inline constexpr std::uint32_t kKey1 = 0x45670123;
inline constexpr std::uint32_t kKey2 = 0xcdef89ab;

// Status. Errors are cleared by writing ones, and until then nothing starts.
inline constexpr std::uint32_t kEndOfOperation = 1U << 0;
inline constexpr std::uint32_t kOperationError = 1U << 1;
inline constexpr std::uint32_t kProgrammingError = 1U << 3;
inline constexpr std::uint32_t kProtectionError = 1U << 4;
inline constexpr std::uint32_t kAlignmentError = 1U << 5;
inline constexpr std::uint32_t kSizeError = 1U << 6;
inline constexpr std::uint32_t kSequenceError = 1U << 7;
inline constexpr std::uint32_t kErrors = kOperationError | kProgrammingError |
                                         kProtectionError | kAlignmentError |
                                         kSizeError | kSequenceError;
inline constexpr std::uint32_t kBusy = 1U << 16;

// Control.
inline constexpr std::uint32_t kProgram = 1U << 0;
inline constexpr std::uint32_t kErasePage = 1U << 1;
inline constexpr std::uint32_t kMassErase1 = 1U << 2;
inline constexpr unsigned kPageShift = 3;
inline constexpr std::uint32_t kPageMask = 0x7fU << kPageShift;
inline constexpr std::uint32_t kBank2 = 1U << 11;
inline constexpr std::uint32_t kMassErase2 = 1U << 15;
inline constexpr std::uint32_t kStart = 1U << 16;
inline constexpr std::uint32_t kLock = 1U << 31;
inline constexpr std::uint32_t kOperation =
    kProgram | kErasePage | kMassErase1 | kPageMask | kBank2 | kMassErase2;

// ECC. With one bank 128 bits are read at once, and the flags with a 2 are of
// the upper half. Cleared by writing ones.
inline constexpr std::uint32_t kEccAddress = 0x7ffff;
inline constexpr std::uint32_t kEccBank2 = 1U << 21;
inline constexpr std::uint32_t kEccSystemFlash = 1U << 22;
inline constexpr std::uint32_t kCorrected2 = 1U << 28;
inline constexpr std::uint32_t kDetected2 = 1U << 29;
inline constexpr std::uint32_t kCorrected = 1U << 30;
inline constexpr std::uint32_t kDetected = 1U << 31;
inline constexpr std::uint32_t kEccFlags =
    kCorrected2 | kDetected2 | kCorrected | kDetected;

// Options.
inline constexpr std::uint32_t kSwapBanks = 1U << 20;
inline constexpr std::uint32_t kDualBank = 1U << 22;
inline constexpr std::uint32_t kTrustZone = 1U << 31;

// Watermarks and write protection: first and last page; none when the first is
// behind the last.
inline constexpr std::uint32_t kFirstPage = 0x7f;
inline constexpr unsigned kLastPageShift = 16;
inline constexpr std::uint32_t kPages = kFirstPage | kFirstPage
                                                         << kLastPageShift;

}  // namespace bootseal::boards::stm32l5

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32L5_FLASH_REGISTERS_H_
