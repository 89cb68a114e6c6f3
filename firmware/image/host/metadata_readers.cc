#include "firmware/image/host/metadata_readers.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::image::host {
namespace {

constexpr unsigned kVersion0 = 1 << 0;
constexpr unsigned kVersion1 = 1 << 1;
constexpr unsigned kVersion2 = 1 << 2;

struct Range {
  std::size_t least;
  std::size_t most;
};

constexpr Range kAnyBanks = {1, fwu::kMaxBanks};
constexpr Range kAnyImages = {1, fwu::kMaxImages};
constexpr std::size_t kAnyVendorBytes = SIZE_MAX;

// TF-A's counts are those of the STM32MP platforms: two banks, and the FIP, to
// which later ones may add bootfs and rootfs. EDK2 takes the size of an entry
// for that of all entries: the same for one image alone.
struct Row {
  MetadataReader reader;
  const char* word;
  unsigned versions;
  Range banks;
  Range images;
  std::size_t vendor_bytes;
};

constexpr Row kRows[] = {
    {MetadataReader::kBootseal, "bootseal", kVersion0 | kVersion1 | kVersion2,
     kAnyBanks, kAnyImages, kAnyVendorBytes},
    {MetadataReader::kTfA210,
     "tf-a-2.10",
     kVersion0 | kVersion1,
     {2, 2},
     {1, 1},
     0},
    {MetadataReader::kTfA211, "tf-a-2.11", kVersion2, {2, 2}, {1, 1}, 0},
    {MetadataReader::kTfA216, "tf-a-2.16", kVersion2, {2, 2}, {1, 3}, 0},
    {MetadataReader::kUBootV1, "u-boot-v1", kVersion1, kAnyBanks, kAnyImages,
     0},
    {MetadataReader::kUBootV2, "u-boot-v2", kVersion2, kAnyBanks, kAnyImages,
     kAnyVendorBytes},
    {MetadataReader::kTrustedServices, "trusted-services",
     kVersion1 | kVersion2, kAnyBanks, kAnyImages, kAnyVendorBytes},
    {MetadataReader::kEdk2,
     "edk2",
     kVersion2,
     kAnyBanks,
     {1, 1},
     kAnyVendorBytes},
};

const Row& RowOf(MetadataReader reader) {
  for (const Row& row : kRows) {
    if (row.reader == reader) return row;
  }
  return kRows[0];
}

std::string Words(const Range& range) {
  if (range.least == range.most) return absl::StrCat(range.least);
  return absl::StrCat(range.least, " to ", range.most);
}

std::string VersionWords(unsigned versions) {
  std::string words;
  for (unsigned version = 0; version < 3; ++version) {
    if ((versions >> version & 1) == 0) continue;
    absl::StrAppend(&words, words.empty() ? "" : " or ", version);
  }
  return words;
}

absl::Status Unreadable(const Row& row, absl::string_view field,
                        std::size_t value, absl::string_view takes,
                        absl::string_view fix) {
  return base::FailField(
      absl::StatusCode::kFailedPrecondition, "METADATA_UNREADABLE", field,
      absl::StrCat(row.word, " does not read metadata with ", field, " ", value,
                   ", it takes ", takes, ": ", fix));
}

bool Within(std::size_t value, const Range& range) {
  return value >= range.least && value <= range.most;
}

}  // namespace

std::optional<MetadataReader> ParseReader(absl::string_view word) {
  for (const Row& row : kRows) {
    if (row.word == word) return row.reader;
  }
  return std::nullopt;
}

std::string NameOf(MetadataReader reader) { return RowOf(reader).word; }

std::vector<MetadataReader> AllReaders() {
  std::vector<MetadataReader> readers;
  for (const Row& row : kRows) readers.push_back(row.reader);
  return readers;
}

absl::Status CheckReadableBy(MetadataReader reader,
                             const fwu::Metadata& metadata,
                             std::size_t vendor_bytes) {
  const Row& row = RowOf(reader);
  if (metadata.version > 2 || (row.versions >> metadata.version & 1) == 0) {
    const std::string versions = VersionWords(row.versions);
    return Unreadable(row, "version", metadata.version, versions,
                      absl::StrCat("create it in version ", versions,
                                   ", or name the bootloader it is for"));
  }
  if (!Within(metadata.geometry.banks, row.banks)) {
    return Unreadable(row, "banks", metadata.geometry.banks, Words(row.banks),
                      "describe as many banks as the bootloader is built for");
  }
  if (!Within(metadata.geometry.images, row.images)) {
    return Unreadable(row, "images", metadata.geometry.images,
                      Words(row.images),
                      "describe as many images as the bootloader is built for");
  }
  if (vendor_bytes > row.vendor_bytes) {
    return Unreadable(row, "vendor_bytes", vendor_bytes, "none",
                      "leave the vendor data out");
  }
  return absl::OkStatus();
}

}  // namespace bootseal::image::host
