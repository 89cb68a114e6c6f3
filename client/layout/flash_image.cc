#include "client/layout/flash_image.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/pending_file.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/output.h"
#include "firmware/image/host/convert.h"

namespace bootseal::layout {
namespace {

constexpr std::uint64_t kChunkBytes = 8 << 20;

absl::Status OutOfRange(std::uint64_t offset, std::uint64_t size,
                        absl::string_view why) {
  return base::Invalid(
      "FLASH_RANGE", "offset",
      absl::StrCat(size, " bytes at byte ", offset, " of the flash ", why));
}

absl::Status AppendBlank(base::PendingFile& file, std::uint64_t count,
                         std::byte blank) {
  if (blank == std::byte{0}) return file.AppendZeros(count);
  const std::string chunk(std::min(count, kChunkBytes),
                          static_cast<char>(blank));
  for (; count > 0; count -= std::min<std::uint64_t>(count, chunk.size())) {
    RETURN_IF_ERROR(file.Append(absl::string_view(chunk).substr(0, count)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FlashImage::Put(std::uint64_t offset, absl::string_view bytes) {
  if (bytes.empty()) return absl::OkStatus();
  if (offset > size_ || bytes.size() > size_ - offset) {
    return OutOfRange(offset, bytes.size(),
                      absl::StrCat("lie behind its end at ", size_));
  }
  const auto next = parts_.lower_bound(offset);
  if (next != parts_.end() && next->first < offset + bytes.size()) {
    return OutOfRange(offset, bytes.size(), "are taken");
  }
  if (next != parts_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second.size() > offset) {
      return OutOfRange(offset, bytes.size(), "are taken");
    }
  }
  parts_.emplace(offset, std::string(bytes));
  return absl::OkStatus();
}

absl::Status FlashImage::ReadAt(std::uint64_t offset, image::MutableBytes to) {
  if (offset > size_ || to.size() > size_ - offset) {
    return base::Unavailable("FILE_UNREADABLE",
                             absl::StrCat("byte ", offset, " of ", size_));
  }
  image::Fill(to, blank_);
  auto part = parts_.upper_bound(offset);
  if (part != parts_.begin()) --part;
  for (; part != parts_.end() && part->first < offset + to.size(); ++part) {
    const std::uint64_t from = std::max(offset, part->first);
    const std::uint64_t end =
        std::min(offset + to.size(), part->first + part->second.size());
    if (from >= end) continue;
    const absl::string_view bytes =
        absl::string_view(part->second).substr(from - part->first, end - from);
    image::Copy(image::host::AsBytes(bytes),
                to.subspan(from - offset, end - from));
  }
  return absl::OkStatus();
}

absl::Status FlashImage::WriteTo(const std::string& path) const {
  if (cli::IsStandardOutput(path) || base::IsWrittenInPlace(path)) {
    return cli::LocalFileError(
        "FILE_NOT_REGULAR",
        absl::StrCat(path,
                     " is no file: make one, check it, and copy it to the "
                     "device then"));
  }
  ASSIGN_OR_RETURN(base::PendingFile file, base::PendingFile::Write(path, ""));
  std::uint64_t at = 0;
  for (const auto& [offset, bytes] : parts_) {
    RETURN_IF_ERROR(AppendBlank(file, offset - at, blank_));
    RETURN_IF_ERROR(file.Append(bytes));
    at = offset + bytes.size();
  }
  RETURN_IF_ERROR(AppendBlank(file, size_ - at, blank_));
  std::vector<base::PendingFile> files;
  files.push_back(std::move(file));
  return base::PutInPlace(std::move(files));
}

}  // namespace bootseal::layout
