// What a bootloader expects of its flash: boards, stores, and generations of
// TF-A, as tables. Facts: fwu 1.5, 1.8, 2.1 to 2.3, 2.6. Thread-safe: constants
// and free functions.
#ifndef BOOTSEAL_CLIENT_LAYOUT_BOARD_H_
#define BOOTSEAL_CLIENT_LAYOUT_BOARD_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "firmware/image/guid.h"
#include "firmware/image/host/metadata_readers.h"

namespace bootseal::layout {

// A part of the flash, as OpenSTLinux places it.
struct Place {
  absl::string_view name;
  std::uint64_t offset = 0;  // bytes
  std::uint64_t size = 0;    // bytes
  image::Guid type;          // of the GPT partition
};

enum class Store : std::uint8_t { kSd, kEmmc, kNor, kNand };

struct StoreLayout {
  Store store;
  absl::string_view name;  // "sd"
  // Found in a GPT; at fixed offsets otherwise, and bank GUIDs are fixed too.
  bool partitioned;
  // The first-stage bootloaders lie here; those of eMMC in boot partitions.
  bool has_fsbl;
  std::span<const Place> places;
  absl::string_view source;
};

std::span<const StoreLayout> Stores();
const StoreLayout& LayoutOf(Store store);
// nullptr for another word.
const StoreLayout* FindStore(absl::string_view name);
// nullptr when the store has no such place.
const Place* FindPlace(const StoreLayout& layout, absl::string_view name);

struct Board {
  absl::string_view name;
  // Entries of the GPT that TF-A keeps (PLAT_PARTITION_MAX_ENTRIES), and those
  // that it keeps when built with STM32MP_PSA_FWU_AB_SUPPORT.
  std::uint32_t entry_limit;
  std::uint32_t entry_limit_ab;
  std::uint32_t trials;  // boots that a bank on trial gets
  // Of the STM32 header, 0x00MMmm00; 0: any.
  std::uint32_t fsbl_header_version;
  absl::string_view boot_register;  // holds the booted bank and the trials left
  // The offsets of Stores() are its own; without, a disk can be checked only.
  bool has_layout;
  absl::string_view source;
};

std::span<const Board> Boards();
const Board* FindBoard(absl::string_view name);

// How a generation of bootloaders goes about it.
struct Generation {
  image::host::MetadataReader reader;
  std::uint32_t metadata_version;  // to be created for it
  // Wants a protective MBR, keeps the first entries only, stops at an unused
  // one, and does without the backup table.
  bool reads_as_tf_a;
  // The FIP has to be the first image of the metadata.
  bool fip_first;
  absl::string_view source;
};

std::span<const Generation> Generations();
// nullptr for a reader that is no first-stage bootloader.
const Generation* FindGeneration(image::host::MetadataReader reader);
// Of those that read metadata of this version, the one most are.
const Generation& GenerationOf(std::uint32_t metadata_version);

// What the flash is judged by.
enum class Images : std::uint8_t {
  kFip,         // a bank is a FIP
  kFipAndRoot,  // and bootfs and rootfs (STM32MP_PSA_FWU_AB_SUPPORT)
};

struct Build {
  const Board& board;
  const StoreLayout& store;
  const Generation& generation;
  Images images = Images::kFip;

  // 0: none.
  std::uint32_t EntryLimit() const;
  // "TF-A 2.11 to 2.15 on stm32mp157"
  std::string Words() const;
};

}  // namespace bootseal::layout

#endif  // BOOTSEAL_CLIENT_LAYOUT_BOARD_H_
