#include "firmware/image/host/fip_package.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"

namespace bootseal::image::host {
namespace {

std::string Named(const fip::Uuid& uuid) {
  const FipName* name = FindFipName(uuid);
  return name ? name->option : FormatFipUuid(uuid);
}

// Place in GeneralFipNames(); behind all of them for another.
std::size_t Rank(const fip::Uuid& uuid) {
  const auto names = GeneralFipNames();
  const auto found =
      std::find_if(names.begin(), names.end(),
                   [&](const FipName& name) { return name.uuid == uuid; });
  return static_cast<std::size_t>(found - names.begin());
}

std::string Line(const FipEntry& entry, FipDigests digests) {
  const std::size_t rank = Rank(entry.uuid);
  const bool named = rank < GeneralFipNames().size();
  std::string line = absl::StrFormat(
      "%s: offset=0x%X, size=0x%X, cmdline=\"--%s\"",
      named ? GeneralFipNames()[rank].words : FormatFipUuid(entry.uuid),
      entry.offset, entry.content.size(),
      named ? GeneralFipNames()[rank].option : "blob");
  if (digests == FipDigests::kShown) {
    absl::StrAppend(
        &line, ", sha256=",
        absl::BytesToHexString(ToString(
            HashOf(HashAlgorithm::kSha256, AsBytes(entry.content)).bytes())));
  }
  return line + "\n";
}

std::uint64_t Aligned(std::uint64_t offset, std::uint64_t align) {
  return (offset + align - 1) & ~(align - 1);
}

absl::Status CheckImages(const std::vector<FipImage>& images) {
  if (images.size() > fip::kMaxEntries) {
    return base::Invalid(
        "TOO_MANY_IMAGES", "fip",
        absl::StrCat(images.size(), " images; expected at most ",
                     fip::kMaxEntries));
  }
  for (auto image = images.begin(); image != images.end(); ++image) {
    const auto same = [&](const FipImage& other) {
      return other.uuid == image->uuid;
    };
    if (std::any_of(images.begin(), image, same)) {
      return base::Invalid("DUPLICATE_IMAGE", Named(image->uuid),
                           absl::StrCat(Named(image->uuid),
                                        " is given twice; expected one image "
                                        "of each kind"));
    }
  }
  return absl::OkStatus();
}

std::vector<FipImage>::iterator FindIn(std::vector<FipImage>& images,
                                       const fip::Uuid& uuid) {
  return std::find_if(images.begin(), images.end(), [&](const FipImage& image) {
    return image.uuid == uuid;
  });
}

}  // namespace

absl::StatusOr<std::vector<FipEntry>> ListFip(absl::string_view bytes) {
  const Result<fip::Toc> toc = fip::ReadToc(AsBytes(bytes), bytes.size());
  if (!toc.ok()) {
    return base::Invalid(NameOf(toc.error()), "fip", Text(toc.error()));
  }
  std::vector<FipEntry> entries;
  for (const fip::Entry& entry : toc->entries()) {
    entries.push_back(
        {entry.uuid, entry.offset, bytes.substr(entry.offset, entry.size)});
  }
  return entries;
}

absl::StatusOr<FipPackage> ReadFip(absl::string_view bytes) {
  ASSIGN_OR_RETURN(const std::vector<FipEntry> entries, ListFip(bytes));
  FipPackage package;
  package.platform_flags =
      fip::ReadToc(AsBytes(bytes), bytes.size())->platform_flags;
  for (const FipEntry& entry : entries) {
    package.images.push_back({entry.uuid, std::string(entry.content)});
  }
  return package;
}

std::string FormatFipEntries(std::vector<FipEntry> entries,
                             FipDigests digests) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const FipEntry& a, const FipEntry& b) {
                     return Rank(a.uuid) < Rank(b.uuid);
                   });
  std::string lines;
  for (const FipEntry& entry : entries) lines += Line(entry, digests);
  return lines;
}

absl::StatusOr<std::string> WriteFip(const FipPackage& package,
                                     std::uint64_t align) {
  constexpr std::uint64_t kMaxAlign = std::uint64_t{1} << 30;
  if (!std::has_single_bit(align) || align > kMaxAlign) {
    return base::Invalid(
        "ALIGNMENT", "align",
        absl::StrCat("alignment ", align, "; expected a power of two up to ",
                     kMaxAlign));
  }
  RETURN_IF_ERROR(CheckImages(package.images));
  std::vector<const FipImage*> images;
  for (const FipImage& image : package.images) images.push_back(&image);
  std::stable_sort(images.begin(), images.end(),
                   [](const FipImage* a, const FipImage* b) {
                     return Rank(a->uuid) < Rank(b->uuid);
                   });
  fip::Toc toc;
  toc.platform_flags = package.platform_flags;
  std::string bytes(fip::TocBytes(images.size()), '\0');
  for (const FipImage* image : images) {
    if (image->content.empty()) continue;
    bytes.resize(Aligned(bytes.size(), align), '\0');
    toc.storage[toc.count++] = {image->uuid, bytes.size(),
                                image->content.size()};
    bytes += image->content;
  }
  bytes.resize(Aligned(bytes.size(), align), '\0');
  toc.size = bytes.size();
  const Result<Bytes> written = fip::WriteToc(
      toc, std::as_writable_bytes(std::span(bytes)).first(bytes.size()));
  if (!written.ok()) return base::Internal(Text(written.error()));
  return bytes;
}

FipPackage UpdatedFip(FipPackage package, std::vector<FipImage> images) {
  std::vector<FipImage> merged = std::move(images);
  for (FipImage& image : package.images) {
    if (FindIn(merged, image.uuid) == merged.end()) {
      merged.push_back(std::move(image));
    }
  }
  package.images = std::move(merged);
  return package;
}

absl::StatusOr<FipPackage> WithoutFipImage(FipPackage package,
                                           const fip::Uuid& uuid) {
  const auto found = FindIn(package.images, uuid);
  if (found == package.images.end()) {
    return base::NotFound("FIP_NO_ENTRY",
                          absl::StrCat("the FIP holds no ", Named(uuid)));
  }
  package.images.erase(found);
  return package;
}

}  // namespace bootseal::image::host
