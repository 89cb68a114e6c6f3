// The slot's end: does the image fit, and what the trailer says.
// Facts: mcuboot 1.14.
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/payload.h"
#include "client/cli/text.h"
#include "client/imgtool/image.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/trailer.h"

namespace bootseal::imgtool {
namespace {

namespace mcuboot = image::mcuboot;
using cli::HexNumber;

constexpr std::uint64_t kMagicBytes = mcuboot::kTrailerMagicBytes;

constexpr std::uint64_t AlignUp(std::uint64_t size, std::uint64_t align) {
  return (size + align - 1) / align * align;
}

mcuboot::Rules RulesOf(const SignOptions& options) {
  mcuboot::Rules rules;
  rules.slot_size = options.slot_size;
  rules.align = options.align;
  rules.max_align = options.max_align;
  rules.max_sectors = options.max_sectors;
  rules.sector_size = options.sector_size;
  rules.strategy =
      options.overwrite_only
          ? mcuboot::Strategy::kOverwriteOnly
          : options.strategy.value_or(mcuboot::Strategy::kSwapScratch);
  return rules;
}

// Of one of the two keys that the bootloader keeps while it swaps. imgtool
// counts 16 bytes even for a key of 32.
std::uint64_t KeyBytes(const SignOptions& options,
                       std::size_t encryption_tlv_bytes) {
  if (options.save_encryption_tlv) return encryption_tlv_bytes;
  return options.imgtool_compatible ? 16 : options.encryption.key_bits / 8;
}

std::uint64_t TrailerBytes(const SignOptions& options,
                           std::size_t encryption_tlv_bytes) {
  const std::uint64_t cell = options.max_align;
  const std::uint64_t magic = AlignUp(kMagicBytes, cell);
  if (options.overwrite_only) return 2 * cell + magic;
  constexpr std::uint64_t kStates = 3;
  const std::uint64_t status =
      std::uint64_t{options.max_sectors} * kStates * options.align;
  const std::uint64_t keys =
      options.encryption_key.empty()
          ? 0
          : 2 * AlignUp(KeyBytes(options, encryption_tlv_bytes), cell);
  return status + keys + 4 * cell + magic;
}

absl::Status TooLarge(absl::string_view what) {
  return base::Invalid("IMAGE_TOO_LARGE", "--slot-size", what);
}

// The bootloader's own limit, which leaves less than imgtool thinks.
absl::Status CheckStrategy(const SignOptions& options,
                           std::size_t image_bytes) {
  if (!options.strategy) return absl::OkStatus();
  const std::uint32_t limit = mcuboot::MaxImageEnd(RulesOf(options));
  if (image_bytes <= limit) return absl::OkStatus();
  return TooLarge(absl::StrCat("image of ", HexNumber(image_bytes),
                               " bytes, and a bootloader with this --strategy "
                               "takes at most ",
                               HexNumber(limit), " in a slot of ",
                               HexNumber(options.slot_size)));
}

mcuboot::TrailerKind KindOf(Padding padding) {
  return padding == Padding::kConfirm ? mcuboot::TrailerKind::kConfirm
                                      : mcuboot::TrailerKind::kPad;
}

// A HEX file of --test says that image_ok is erased.
std::string ErasedCell(const SignOptions& options) {
  return std::string(
      AlignUp(kMagicBytes, options.max_align) - kMagicBytes + options.max_align,
      static_cast<char>(options.erased));
}

}  // namespace

absl::Status CheckSize(const SignOptions& options, std::size_t image_bytes,
                       std::size_t encryption_tlv_bytes) {
  if (options.slot_size == 0) return absl::OkStatus();
  const std::uint64_t trailer = TrailerBytes(options, encryption_tlv_bytes);
  if (image_bytes + trailer <= options.slot_size) {
    return CheckStrategy(options, image_bytes);
  }
  return TooLarge(absl::StrCat("image of ", HexNumber(image_bytes),
                               " bytes and trailer of ", HexNumber(trailer),
                               " exceed the slot of ",
                               HexNumber(options.slot_size)));
}

absl::StatusOr<std::string> TrailerOf(const SignOptions& options) {
  std::array<std::byte, 128> buffer{};
  const auto trailer = mcuboot::WriteTrailer(
      RulesOf(options), KindOf(options.padding), options.erased, buffer);
  if (!trailer.ok()) return image::host::ToStatus(trailer.error());
  const bool erased =
      options.padding == Padding::kTest && !options.overwrite_only;
  return absl::StrCat(erased ? ErasedCell(options) : "",
                      image::host::ToString(*trailer));
}

absl::StatusOr<std::string> Pad(const SignOptions& options, std::string image) {
  ASSIGN_OR_RETURN(const std::string trailer, TrailerOf(options));
  const std::uint64_t slot = options.slot_size != 0
                                 ? options.slot_size
                                 : image.size() + TrailerBytes(options, 0);
  image.resize(slot - trailer.size(), static_cast<char>(options.erased));
  image += trailer;
  return image;
}

absl::StatusOr<std::vector<cli::HexSegment>> HexSegments(
    const SignOptions& options, std::uint32_t address, absl::string_view image,
    absl::string_view trailer) {
  std::vector<cli::HexSegment> segments{{address, image}};
  if (options.padding == Padding::kNone) return segments;
  const std::uint64_t end = std::uint64_t{address} + options.slot_size;
  if (end > std::uint64_t{1} << 32) {
    return base::Invalid(
        "HEX_ADDRESS", "--hex-addr",
        absl::StrCat("a slot of ", HexNumber(options.slot_size), " at ",
                     HexNumber(address), " leaves the 32-bit address space"));
  }
  const auto place = [&](std::size_t from_end) {
    return static_cast<std::uint32_t>(end - from_end);
  };
  if (trailer.size() > kMagicBytes) {
    segments.push_back(
        {place(trailer.size()), trailer.substr(0, options.max_align)});
  }
  segments.push_back(
      {place(kMagicBytes), trailer.substr(trailer.size() - kMagicBytes)});
  return segments;
}

absl::StatusOr<std::string> FileContent(const SignOptions& options,
                                        std::optional<std::uint32_t> address,
                                        std::string image) {
  const bool is_padded = options.padding != Padding::kNone;
  if (!cli::IsHexPath(options.output)) {
    return is_padded ? Pad(options, std::move(image)) : std::move(image);
  }
  std::string trailer;
  if (is_padded) {
    ASSIGN_OR_RETURN(trailer, TrailerOf(options));
  }
  ASSIGN_OR_RETURN(const auto segments,
                   HexSegments(options, address.value(), image, trailer));
  return cli::WriteIntelHex(segments);
}

}  // namespace bootseal::imgtool
