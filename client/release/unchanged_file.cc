#include "client/release/unchanged_file.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "firmware/image/host/convert.h"

namespace bootseal::release {
namespace {

constexpr std::size_t kChunkBytes = 256 << 10;

}  // namespace

absl::StatusOr<std::shared_ptr<UnchangedFile>> UnchangedFile::Open(
    const std::string& path) {
  ASSIGN_OR_RETURN(auto source, fwu::FromFile(path));
  if (source->size() == 0) {
    return cli::LocalFileError("FILE_EMPTY", absl::StrCat(path, " is empty"));
  }
  std::shared_ptr<UnchangedFile> file(
      new UnchangedFile(path, std::move(source)));
  ASSIGN_OR_RETURN(file->sha256_, file->HashAll());
  return file;
}

absl::StatusOr<std::string> UnchangedFile::HashAll() {
  std::vector<std::byte> buffer(kChunkBytes);
  image::Hash hash(image::HashAlgorithm::kSha256);
  for (std::uint64_t offset = 0; offset < size();) {
    const auto part = std::span(buffer).first(static_cast<std::size_t>(
        std::min<std::uint64_t>(kChunkBytes, size() - offset)));
    RETURN_IF_ERROR(source_->ReadAt(offset, part));
    hash.Update(part);
    offset += part.size();
  }
  return image::host::ToString(hash.Finish().bytes());
}

absl::Status UnchangedFile::ReadAt(std::uint64_t offset,
                                   image::MutableBytes to) {
  if (offset == 0) {
    hash_ = image::Hash(image::HashAlgorithm::kSha256);
    hashed_ = 0;
  }
  if (offset != hashed_) {
    return base::Internal("a file of a release is read from its front on");
  }
  RETURN_IF_ERROR(source_->ReadAt(offset, to));
  hash_.Update(to);
  hashed_ += to.size();
  if (hashed_ < size()) return absl::OkStatus();
  if (image::host::ToString(hash_.Finish().bytes()) == sha256_) {
    return absl::OkStatus();
  }
  return cli::LocalFileError(
      "FILE_CHANGED",
      absl::StrCat(path_, " was changed while it was being released"));
}

}  // namespace bootseal::release
