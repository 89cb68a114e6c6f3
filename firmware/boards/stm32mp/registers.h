// Registers that STM32MP15 and STM32MP13 have in common, as addresses, and
// their bits. What differs is in chip.h. Source: RM0436 (STM32MP157), RM0475
// (STM32MP13); the addresses as TF-A has them in plat/st/stm32mp1.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32MP_REGISTERS_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32MP_REGISTERS_H_

#include <cstdint>

namespace bootseal::boards::stm32mp {

// Reset and clock control. Of a register that sets, the one that clears is the
// next word.
inline constexpr std::uint32_t kRcc = 0x50000000;
namespace rcc {
inline constexpr std::uint32_t kHsiOn = 1U << 0;     // of the oscillators
inline constexpr std::uint32_t kHsiReady = 1U << 0;  // of their status
inline constexpr std::uint32_t kHsiDivider = 3;      // a power of two
inline constexpr std::uint32_t kSource = 7;          // of a kernel clock
inline constexpr std::uint32_t kUartFromHsi = 2;
inline constexpr std::uint32_t kSdmmcFromHsi = 3;
inline constexpr std::uint32_t kSdmmc1 = 1U << 16;  // enable, reset
inline constexpr std::uint32_t kUart4 = 1U << 16;
inline constexpr std::uint32_t kIwdg2 = 1U << 15;
inline constexpr std::uint32_t kRtcBus = 1U << 8;  // RTC and TAMP
inline constexpr std::uint32_t kBsec = 1U << 16;
inline constexpr std::uint32_t kResetSystem = 1U << 0;
inline constexpr std::uint32_t kDdrController = 1U << 0;
inline constexpr std::uint32_t kDdrControllerBus = 1U << 6;
}  // namespace rcc

namespace pwr {
inline constexpr std::uint32_t kControl1 = 0x50001000;
// After every reset the backup domain cannot be written, until this is set.
inline constexpr std::uint32_t kBackupWritable = 1U << 8;  // DBP
}  // namespace pwr

namespace gpio {
inline constexpr std::uint32_t kPorts = 0x50002000;  // A
inline constexpr std::uint32_t kPortBytes = 0x1000;
inline constexpr std::uint32_t kMode = 0x00;      // two bits for each pin
inline constexpr std::uint32_t kSpeed = 0x08;     // two
inline constexpr std::uint32_t kFunction = 0x20;  // four, in two registers
inline constexpr std::uint32_t kAlternate = 2;    // of kMode
}  // namespace gpio

namespace usart {
inline constexpr std::uint32_t kUart4 = 0x40010000;
inline constexpr std::uint32_t kControl1 = kUart4 + 0x00;
inline constexpr std::uint32_t kControl2 = kUart4 + 0x04;
inline constexpr std::uint32_t kControl3 = kUart4 + 0x08;
inline constexpr std::uint32_t kRate = kUart4 + 0x0c;
inline constexpr std::uint32_t kStatus = kUart4 + 0x1c;
inline constexpr std::uint32_t kTransmit = kUart4 + 0x28;
inline constexpr std::uint32_t kPrescaler = kUart4 + 0x2c;
inline constexpr std::uint32_t kEnable = 1U << 0;             // UE
inline constexpr std::uint32_t kTransmitter = 1U << 3;        // TE
inline constexpr std::uint32_t kComplete = 1U << 6;           // TC
inline constexpr std::uint32_t kEmpty = 1U << 7;              // TXE
inline constexpr std::uint32_t kTransmitterReady = 1U << 21;  // TEACK
}  // namespace usart

// SDMMC version 2.
namespace sdmmc {
inline constexpr std::uint32_t kSdmmc1 = 0x58005000;
inline constexpr std::uint32_t kPower = kSdmmc1 + 0x00;
inline constexpr std::uint32_t kClock = kSdmmc1 + 0x04;
inline constexpr std::uint32_t kArgument = kSdmmc1 + 0x08;
inline constexpr std::uint32_t kCommand = kSdmmc1 + 0x0c;
inline constexpr std::uint32_t kAnswered = kSdmmc1 + 0x10;  // its index
inline constexpr std::uint32_t kResponse = kSdmmc1 + 0x14;  // four words
inline constexpr std::uint32_t kDataTimer = kSdmmc1 + 0x24;
inline constexpr std::uint32_t kDataLength = kSdmmc1 + 0x28;
inline constexpr std::uint32_t kDataControl = kSdmmc1 + 0x2c;
inline constexpr std::uint32_t kStatus = kSdmmc1 + 0x34;
inline constexpr std::uint32_t kClear = kSdmmc1 + 0x38;
inline constexpr std::uint32_t kMask = kSdmmc1 + 0x3c;
inline constexpr std::uint32_t kDmaControl = kSdmmc1 + 0x50;
inline constexpr std::uint32_t kFifo = kSdmmc1 + 0x80;

inline constexpr std::uint32_t kPowerOff = 0;
inline constexpr std::uint32_t kPowerCycle = 2;
inline constexpr std::uint32_t kPowerOn = 3;

inline constexpr std::uint32_t kDivider = 0x3ff;  // by twice as much
inline constexpr std::uint32_t kNegativeEdge = 1U << 16;
inline constexpr std::uint32_t kFlowControl = 1U << 17;  // full FIFO: no clock

inline constexpr std::uint32_t kWithData = 1U << 6;  // CMDTRANS
inline constexpr std::uint32_t kStop = 1U << 7;      // CMDSTOP
inline constexpr std::uint32_t kShort = 1U << 8;     // WAITRESP
inline constexpr std::uint32_t kShortUnchecked = 2U << 8;
inline constexpr std::uint32_t kLong = 3U << 8;
inline constexpr std::uint32_t kRun = 1U << 12;  // CPSMEN

inline constexpr std::uint32_t kFromCard = 1U << 1;    // DTDIR
inline constexpr std::uint32_t kBlockOf512 = 9U << 4;  // DBLOCKSIZE
inline constexpr std::uint32_t kResetFifo = 1U << 13;

inline constexpr std::uint32_t kCommandCrc = 1U << 0;
inline constexpr std::uint32_t kDataCrc = 1U << 1;
inline constexpr std::uint32_t kCommandTimeout = 1U << 2;
inline constexpr std::uint32_t kDataTimeout = 1U << 3;
inline constexpr std::uint32_t kUnderrun = 1U << 4;
inline constexpr std::uint32_t kOverrun = 1U << 5;
inline constexpr std::uint32_t kAnswer = 1U << 6;  // CMDREND
inline constexpr std::uint32_t kSent = 1U << 7;    // CMDSENT
inline constexpr std::uint32_t kDataEnd = 1U << 8;
inline constexpr std::uint32_t kDataActive = 1U << 12;     // DPSMACT
inline constexpr std::uint32_t kCommandActive = 1U << 13;  // CPSMACT
inline constexpr std::uint32_t kHalfFull = 1U << 15;       // RXFIFOHF
inline constexpr std::uint32_t kFifoEmpty = 1U << 19;      // RXFIFOE
inline constexpr std::uint32_t kBusy = 1U << 20;           // BUSYD0
inline constexpr std::uint32_t kClearable = 0x1fe00fff;
inline constexpr std::uint32_t kHalfFifoWords = 8;
}  // namespace sdmmc

namespace tamp {
inline constexpr std::uint32_t kTamp = 0x5c00a000;
inline constexpr std::uint32_t kSecurity = kTamp + 0x20;  // SMCR, SECCFGR
inline constexpr std::uint32_t kCounter = kTamp + 0x40;   // a write counts
inline constexpr std::uint32_t kBackup = kTamp + 0x100;   // 32 words
// Of kSecurity: where zones 2 and 3 begin.
inline constexpr std::uint32_t kZones = 0x00ff00ff;
constexpr std::uint32_t Zones(std::uint32_t second, std::uint32_t third) {
  return third << 16 | second;
}
}  // namespace tamp

namespace iwdg {
inline constexpr std::uint32_t kIwdg2 = 0x5a002000;
inline constexpr std::uint32_t kKey = kIwdg2 + 0x00;
inline constexpr std::uint32_t kPrescaler = kIwdg2 + 0x04;
inline constexpr std::uint32_t kReload = kIwdg2 + 0x08;
inline constexpr std::uint32_t kStatus = kIwdg2 + 0x0c;
inline constexpr std::uint32_t kUpdates = 7;  // PVU, RVU, WVU
inline constexpr std::uint32_t kAccess = 0x5555;
inline constexpr std::uint32_t kFeed = 0xaaaa;
inline constexpr std::uint32_t kStart = 0xcccc;
inline constexpr std::uint32_t kBy256 = 6;
inline constexpr std::uint32_t kLsi = 32'000;  // Hz
inline constexpr std::uint32_t kMaxReload = 0xfff;
}  // namespace iwdg

// Version 2 of BSEC: OTP.
namespace bsec {
inline constexpr std::uint32_t kBsec = 0x5c005000;
inline constexpr std::uint32_t kConfiguration = kBsec + 0x000;
inline constexpr std::uint32_t kControl = kBsec + 0x004;
inline constexpr std::uint32_t kStatus = kBsec + 0x00c;
inline constexpr std::uint32_t kDisturbed = kBsec + 0x01c;  // a bit per word
inline constexpr std::uint32_t kError = kBsec + 0x034;
inline constexpr std::uint32_t kReadLocks = kBsec + 0x094;
inline constexpr std::uint32_t kWords = kBsec + 0x200;  // what was loaded
inline constexpr std::uint32_t kIdentity = kBsec + 0xff8;
inline constexpr std::uint32_t kVersion2 = 0x00100032;  // of kIdentity
inline constexpr std::uint32_t kPower = 1U << 0;        // of kConfiguration
inline constexpr std::uint32_t kInvalid = 1U << 2;      // of kStatus
inline constexpr std::uint32_t kBusy = 1U << 3;
inline constexpr std::uint32_t kPowered = 1U << 5;
}  // namespace bsec

namespace ddr {
inline constexpr std::uint32_t kMemory = 0xc0000000;
inline constexpr std::uint32_t kControllerStatus = 0x5a003004;
inline constexpr std::uint32_t kOperatingMode = 7;
inline constexpr std::uint32_t kNormal = 1;
}  // namespace ddr

}  // namespace bootseal::boards::stm32mp

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32MP_REGISTERS_H_
