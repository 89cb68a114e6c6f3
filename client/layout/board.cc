#include "client/layout/board.h"

#include <array>

#include "absl/strings/str_cat.h"

namespace bootseal::layout {
namespace {

using image::host::MetadataReader;
namespace guids = image::guids;

constexpr std::uint64_t kKib = 1 << 10;
constexpr std::uint64_t kMib = 1 << 20;

constexpr auto kSdPlaces = std::to_array<Place>({
    {"fsbl1", 0x4400, 256 * kKib, guids::kFsbl},
    {"fsbl2", 0x44400, 256 * kKib, guids::kFsbl},
    {"metadata1", 0x84400, 256 * kKib, guids::kMetadata},
    {"metadata2", 0xc4400, 256 * kKib, guids::kMetadata},
    {"fip-a", 0x104400, 4 * kMib, guids::kFip},
    {"fip-b", 0x504400, 4 * kMib, guids::kFip},
    {"u-boot-env", 0x904400, 512 * kKib, guids::kBootEnvironment},
});

constexpr auto kEmmcPlaces = std::to_array<Place>({
    {"metadata1", 0x80000, 512 * kKib, guids::kMetadata},
    {"metadata2", 0x100000, 512 * kKib, guids::kMetadata},
    {"fip-a", 0x180000, 4 * kMib, guids::kFip},
    {"fip-b", 0x580000, 4 * kMib, guids::kFip},
    {"u-boot-env", 0x980000, 512 * kKib, guids::kBootEnvironment},
});

constexpr auto kNorPlaces = std::to_array<Place>({
    {"fsbl1", 0x0, 256 * kKib, guids::kFsbl},
    {"fsbl2", 0x40000, 256 * kKib, guids::kFsbl},
    {"metadata1", 0x80000, 256 * kKib, guids::kMetadata},
    {"metadata2", 0xc0000, 256 * kKib, guids::kMetadata},
    {"fip-a", 0x100000, 4 * kMib, guids::kFip},
    {"fip-b", 0x500000, 4 * kMib, guids::kFip},
    {"u-boot-env", 0x900000, 512 * kKib, guids::kBootEnvironment},
});

// The second copies of a FIP are for who flashes the board anew.
constexpr auto kNandPlaces = std::to_array<Place>({
    {"fsbl1", 0x0, 512 * kKib, guids::kFsbl},
    {"fsbl2", 0x80000, 512 * kKib, guids::kFsbl},
    {"metadata1", 0x100000, 512 * kKib, guids::kMetadata},
    {"metadata2", 0x180000, 512 * kKib, guids::kMetadata},
    {"fip-a", 0x200000, 4 * kMib, guids::kFip},
    {"fip-a2", 0x600000, 4 * kMib, guids::kFip},
    {"fip-b", 0xa00000, 4 * kMib, guids::kFip},
    {"fip-b2", 0xe00000, 4 * kMib, guids::kFip},
});

constexpr char kOpenStLinux[] = "flash layout of OpenSTLinux";

constexpr auto kStores = std::to_array<StoreLayout>({
    {Store::kSd, "sd", true, true, kSdPlaces, kOpenStLinux},
    {Store::kEmmc, "emmc", true, false, kEmmcPlaces, kOpenStLinux},
    {Store::kNor, "nor", false, true, kNorPlaces,
     "plat/st/stm32mp1: STM32MP_NOR_*_OFFSET"},
    {Store::kNand, "nand", false, true, kNandPlaces,
     "plat/st/stm32mp1: STM32MP_NAND_*_OFFSET"},
});

constexpr char kMp1[] =
    "plat/st/stm32mp1/platform.mk: STM32_TF_A_COPIES + 4; FWU_MAX_TRIAL_REBOOT";

constexpr auto kBoards = std::to_array<Board>({
    {"stm32mp1", 6, 12, 3, 0, "TAMP backup register 10", true, kMp1},
    {"stm32mp157", 6, 12, 3, 0x00010000, "TAMP backup register 10 (0x5c00a128)",
     true, kMp1},
    {"stm32mp135", 6, 12, 3, 0x00020000, "TAMP backup register 10 (0x5c00a128)",
     true, kMp1},
    {"stm32mp257", 8, 8, 3, 0x00020200, "TAMP backup register 48", false,
     "plat/st/stm32mp2/platform.mk: STM32_TF_A_COPIES + 6"},
});

constexpr char kPartition[] = "drivers/partition/partition.c";

constexpr auto kGenerations = std::to_array<Generation>({
    {MetadataReader::kTfA210, 1, true, true, kPartition},
    {MetadataReader::kTfA211, 2, true, true, kPartition},
    {MetadataReader::kTfA216, 2, true, false, kPartition},
    {MetadataReader::kBootseal, 2, false, false, "firmware/image"},
});

template <typename Rows>
auto FindByName(const Rows& rows, absl::string_view name)
    -> decltype(rows.data()) {
  for (const auto& row : rows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

struct ReaderWords {
  MetadataReader reader;
  absl::string_view words;
};

constexpr ReaderWords kReaderWords[] = {
    {MetadataReader::kTfA210, "TF-A up to 2.10"},
    {MetadataReader::kTfA211, "TF-A 2.11 to 2.15"},
    {MetadataReader::kTfA216, "TF-A after 2.15"},
    {MetadataReader::kBootseal, "Bootseal's bootloader"},
};

}  // namespace

std::span<const StoreLayout> Stores() { return kStores; }

const StoreLayout& LayoutOf(Store store) {
  for (const StoreLayout& layout : kStores) {
    if (layout.store == store) return layout;
  }
  return kStores.front();
}

const StoreLayout* FindStore(absl::string_view name) {
  return FindByName(kStores, name);
}

const Place* FindPlace(const StoreLayout& layout, absl::string_view name) {
  return FindByName(layout.places, name);
}

std::span<const Board> Boards() { return kBoards; }

const Board* FindBoard(absl::string_view name) {
  return FindByName(kBoards, name);
}

std::span<const Generation> Generations() { return kGenerations; }

const Generation* FindGeneration(MetadataReader reader) {
  for (const Generation& generation : kGenerations) {
    if (generation.reader == reader) return &generation;
  }
  return nullptr;
}

const Generation& GenerationOf(std::uint32_t metadata_version) {
  return metadata_version < 2 ? kGenerations[0] : kGenerations[1];
}

std::uint32_t Build::EntryLimit() const {
  if (!generation.reads_as_tf_a) return 0;
  return images == Images::kFip ? board.entry_limit : board.entry_limit_ab;
}

std::string Build::Words() const {
  for (const ReaderWords& each : kReaderWords) {
    if (each.reader == generation.reader) {
      return absl::StrCat(each.words, " on ", board.name);
    }
  }
  return std::string(board.name);
}

}  // namespace bootseal::layout
