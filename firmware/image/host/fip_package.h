// FIPs as files: what fiptool makes, byte for byte, and what it reads. Whole
// packages in memory. Thread-safe: free functions.
// Source: TF-A tools/fiptool 2.8; facts: fwu 3.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_FIP_PACKAGE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_FIP_PACKAGE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/fip/toc.h"

namespace bootseal::image::host {

// An image that has a name, as fiptool's options have it ("tos-fw").
struct FipName {
  const char* option;
  const char* words;
  fip::Uuid uuid;
};

// All that fiptool knows, in its order, which is that of a package; then the
// two that it knows when it is built for an STM32MP ("ddr-fw",
// "stm32mp-cfg-cert").
std::span<const FipName> FipNames();
// Those without the last two: all that Debian's fiptool, which is built for no
// platform, knows. It treats all others as blobs, in the order of packages and
// in the words and file names that it gives them; so does what follows here.
std::span<const FipName> GeneralFipNames();
// nullptr for one without a name.
const FipName* FindFipName(const fip::Uuid& uuid);
const FipName* FindFipName(absl::string_view option);

// "05d0e189-53dc-1347-8d2b-500a4b7a3e38", either case; nullopt for other text
// and for zeros, which end a table.
std::optional<fip::Uuid> ParseFipUuid(absl::string_view text);
// In capital letters, as fiptool prints them.
std::string FormatFipUuid(const fip::Uuid& uuid);
// "tos-fw.bin", or the UUID with ".bin" for one that is not among
// GeneralFipNames(): what unpacking calls the file.
std::string FipFileName(const fip::Uuid& uuid);

struct FipImage {
  fip::Uuid uuid;
  std::string content;
};

struct FipPackage {
  std::uint16_t platform_flags = 0;
  // In any order: WriteFip puts those of GeneralFipNames() first.
  std::vector<FipImage> images;
};

struct FipEntry {
  fip::Uuid uuid;
  std::uint64_t offset = 0;
  absl::string_view content;  // of the bytes that were read
};

// The entries of a FIP in the order of its table. INVALID_ARGUMENT with the
// reader's code as reason and, where one is to blame, the image's name.
absl::StatusOr<std::vector<FipEntry>> ListFip(absl::string_view bytes);
absl::StatusOr<FipPackage> ReadFip(absl::string_view bytes);

// What `fiptool info` prints of them, and with --verbose: GeneralFipNames() in
// their order, then the others in that of the table.
enum class FipDigests : std::uint8_t { kLeftOut, kShown };
std::string FormatFipEntries(std::vector<FipEntry> entries, FipDigests digests);

// What `fiptool create` and `update` write: images of GeneralFipNames() in that
// order, then the others as they stand; each aligned to `align`, a power of
// two. An empty image takes a place in the table's room and is not
// named, as in fiptool. INVALID_ARGUMENT: ALIGNMENT, TOO_MANY_IMAGES,
// DUPLICATE_IMAGE.
absl::StatusOr<std::string> WriteFip(const FipPackage& package,
                                     std::uint64_t align = 1);

// What `update` does: `images` replace those of the same UUID; those that are
// not among GeneralFipNames() come before the others that are not.
FipPackage UpdatedFip(FipPackage package, std::vector<FipImage> images);

// NOT_FOUND when there is none of that UUID.
absl::StatusOr<FipPackage> WithoutFipImage(FipPackage package,
                                           const fip::Uuid& uuid);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_FIP_PACKAGE_H_
