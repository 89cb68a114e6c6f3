#include "client/fwu/bank.h"

#include <algorithm>
#include <span>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"

namespace bootseal::fwu {
namespace {

constexpr std::uint64_t kChunkBytes = 64 << 10;

absl::StatusOr<std::string> Digest(Storage& storage, std::uint64_t offset,
                                   std::uint64_t size) {
  std::vector<std::byte> buffer(kChunkBytes);
  image::Hash hash(image::HashAlgorithm::kSha256);
  while (size > 0) {
    const auto part = std::span(buffer).first(
        static_cast<std::size_t>(std::min(size, kChunkBytes)));
    RETURN_IF_ERROR(storage.Read(offset, part));
    hash.Update(part);
    offset += part.size();
    size -= part.size();
  }
  return image::host::ToString(hash.Finish().bytes());
}

// Gathers whole units and writes them to one range after another.
class UnitWriter {
 public:
  UnitWriter(Storage& storage, const std::vector<Range>& ranges)
      : storage_(storage), ranges_(ranges) {}

  absl::Status Take(std::size_t image, std::uint64_t offset,
                    image::Bytes bytes) {
    if (offset == 0) {
      RETURN_IF_ERROR(Finish());
      next_ = ranges_[image].offset;
    }
    gathered_.insert(gathered_.end(), bytes.begin(), bytes.end());
    return WriteWhole(gathered_.size() / storage_.unit() * storage_.unit());
  }

  absl::Status Finish() {
    const std::size_t unit = storage_.unit();
    gathered_.resize((gathered_.size() + unit - 1) / unit * unit,
                     std::byte{0xff});
    return WriteWhole(gathered_.size());
  }

 private:
  absl::Status WriteWhole(std::size_t size) {
    if (size == 0) return absl::OkStatus();
    RETURN_IF_ERROR(storage_.Write(next_, std::span(gathered_).first(size)));
    next_ += size;
    gathered_.erase(gathered_.begin(),
                    gathered_.begin() + static_cast<std::ptrdiff_t>(size));
    return absl::OkStatus();
  }

  Storage& storage_;
  const std::vector<Range>& ranges_;
  std::vector<std::byte> gathered_;
  std::uint64_t next_ = 0;
};

std::uint64_t TotalOf(const image::host::ReleaseManifest& manifest) {
  std::uint64_t total = 0;
  for (const auto& image : manifest.images) total += image.size;
  return total;
}

}  // namespace

absl::StatusOr<std::vector<Range>> RangesOfBank(
    const Placement& placement, const image::fwu::Metadata& metadata,
    std::uint8_t bank) {
  std::vector<Range> ranges;
  for (const image::fwu::Image& image : metadata.entries()) {
    const image::Guid& guid = image.banks[bank].guid;
    const Range* range = placement.Find(guid);
    if (range == nullptr) {
      return base::Precondition("PARTITION_MISSING",
                                absl::StrCat("nothing says where image ",
                                             image::host::FormatGuid(guid),
                                             " of bank ", int{bank}, " is"));
    }
    ranges.push_back(*range);
  }
  return ranges;
}

absl::StatusOr<bool> Holds(Storage& storage, const std::vector<Range>& ranges,
                           const image::host::ReleaseManifest& manifest) {
  if (ranges.size() != manifest.images.size()) return false;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const image::host::ReleasedImage& image = manifest.images[i];
    if (image.size > ranges[i].size) return false;
    ASSIGN_OR_RETURN(const std::string digest,
                     Digest(storage, ranges[i].offset, image.size));
    if (digest != image.sha256) return false;
  }
  return true;
}

absl::Status WriteBank(Storage& storage, const std::vector<Range>& ranges,
                       Bundle& bundle, const Progress& progress) {
  const std::uint64_t total = TotalOf(bundle.manifest());
  std::uint64_t done = 0;
  UnitWriter writer(storage, ranges);
  RETURN_IF_ERROR(bundle.ReadImages(
      [&](std::size_t image, std::uint64_t offset, image::Bytes bytes) {
        done += bytes.size();
        if (progress) progress("write", done, total);
        return writer.Take(image, offset, bytes);
      }));
  RETURN_IF_ERROR(writer.Finish());
  RETURN_IF_ERROR(storage.Flush());
  ASSIGN_OR_RETURN(const bool holds, Holds(storage, ranges, bundle.manifest()));
  if (holds) return absl::OkStatus();
  return base::Unavailable("STORAGE_READBACK",
                           "the bank does not hold what was written; nothing "
                           "starts from it");
}

}  // namespace bootseal::fwu
