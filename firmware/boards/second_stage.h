// What a board that starts packages provides beside kName, Init and Write of
// board.h: storage, a watchdog, registers that survive a reset, fuses, a
// counter, and where images go. Chosen at link time; a test links a simulation.
// Nothing here allocates. Not thread-safe.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_SECOND_STAGE_H_
#define BOOTSEAL_FIRMWARE_BOARDS_SECOND_STAGE_H_

#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/certificate/chain.h"
#include "firmware/image/certificate/public_key.h"
#include "firmware/image/fwu/metadata.h"
#include "firmware/image/result.h"

namespace bootseal::boards {

// Called once, when the watchdog runs and before anything else of what follows:
// the RAM of LoadArea works from then on, and backup registers keep what is
// written. kMemory, kBackup.
image::Error Prepare();

// Storage: an SD card, eMMC or NOR, in blocks. On NAND no driver may skip bad
// blocks over the whole device: TF-A (nand_seek_bb) counts them from where each
// image begins, so that one in an area moves what follows within it alone. This
// contract has no place for where an area begins: a NAND board needs it first.
inline constexpr std::size_t kBlockBytes = 512;

// Called once, before anything is read: how many blocks there are. kStorage
// when nothing answers.
image::Result<std::uint64_t> OpenStorage();
// Consecutive blocks. `to` is a multiple of kBlockBytes, at a multiple of four.
// kStorage: outside the storage, or it cannot be read. It always returns.
image::Error ReadStorage(std::uint64_t block, image::MutableBytes to);

// The watchdog is armed before anything is trusted and is never stopped: what
// is started has to feed it, or to stop it where the hardware lets it.
// Between two feeds lie at most kFeedBytes of an image, read or hashed, or the
// partition table and metadata, or the signatures of the chain
// (certificate::kRoles of them): its time has to be enough for the slowest of
// these, and does not depend on how large an image is.
inline constexpr std::size_t kFeedBytes = 64 << 10;
// Seconds until it resets the device; 0 when the board has none.
std::uint32_t StartWatchdog();
void FeedWatchdog();

// 32 bits each that survive every reset and are lost with the backup domain,
// all of them together. Next stages may read them and not write them. On an
// STM32MP: TAMP backup registers of zone 2.
enum class BackupRegister : std::uint8_t {
  // Bits 3:0 the bank, 7:4 the trials left; the others are not ours and are
  // kept (STM32MP13 and 15: register 10).
  kBoot,
  kDomain,  // a word that is there while the domain was never lost
  kReport,  // of the last boot: second_stage/report.h
  kError,
};
std::uint32_t ReadBackup(BackupRegister which);
void WriteBackup(BackupRegister which, std::uint32_t value);

// Fuses: SHA-256 over the root key in the board's form, 32 bytes. Zeros: nobody
// fused it. kStorage when they cannot be read; where they hold the hash of a
// table of keys, errors of the header that has it.
extern const image::certificate::KeyHashForm kKeyHashForm;
image::Error ReadRootKeyHash(image::MutableBytes to);

// Of both worlds: one counter that goes up by one and never down.
std::uint32_t NvCounter();
void IncrementNvCounter();

// How many banks and images the metadata speaks of; version 1 does not say.
extern const image::fwu::Geometry kGeometry;

// RAM to which an image is loaded, where it is verified, and from whose start
// it is run; a multiple of four. Empty when the board has no use for it: a
// package with one is refused. No two overlap, and none this program.
image::MutableBytes LoadArea(image::certificate::ImageRole role);

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_SECOND_STAGE_H_
