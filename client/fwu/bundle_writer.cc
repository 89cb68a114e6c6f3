#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/fwu/bundle.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {
namespace {

constexpr std::size_t kChunkBytes = 64 << 10;
// What is appended to a pending file goes to the disk at once.
constexpr std::size_t kPieceBytes = 4 << 20;

struct ArchiveDeleter {
  void operator()(struct archive* archive) const {
    archive_write_free(archive);
  }
  void operator()(struct archive_entry* entry) const {
    archive_entry_free(entry);
  }
};

class TarWriter {
 public:
  explicit TarWriter(const ByteSink& sink)
      : sink_(sink), archive_(archive_write_new()) {
    archive_write_set_format_ustar(archive_.get());
    archive_write_set_bytes_per_block(archive_.get(), 512);
    archive_write_set_bytes_in_last_block(archive_.get(), 1);
    archive_write_open(archive_.get(), this, nullptr, Pass, nullptr);
  }

  absl::Status Add(const std::string& path, ByteSource& content) {
    RETURN_IF_ERROR(Begin(path, content.size()));
    std::vector<std::byte> buffer(kChunkBytes);
    for (std::uint64_t offset = 0; offset < content.size();) {
      const auto part = std::span(buffer).first(static_cast<std::size_t>(
          std::min<std::uint64_t>(kChunkBytes, content.size() - offset)));
      RETURN_IF_ERROR(content.ReadAt(offset, part));
      if (archive_write_data(archive_.get(), part.data(), part.size()) < 0) {
        return Failed();
      }
      offset += part.size();
    }
    return absl::OkStatus();
  }

  absl::Status Close() {
    if (archive_write_close(archive_.get()) != ARCHIVE_OK) return Failed();
    return absl::OkStatus();
  }

 private:
  absl::Status Begin(const std::string& path, std::uint64_t size) {
    const std::unique_ptr<struct archive_entry, ArchiveDeleter> entry(
        archive_entry_new());
    archive_entry_set_pathname(entry.get(), path.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
    if (archive_write_header(archive_.get(), entry.get()) != ARCHIVE_OK) {
      return Failed();
    }
    return absl::OkStatus();
  }

  absl::Status Failed() const {
    RETURN_IF_ERROR(failure_);
    const char* text = archive_error_string(archive_.get());
    return base::Invalid("BUNDLE_FORMAT", "bundle",
                         absl::StrCat("the bundle cannot be written: ",
                                      text == nullptr ? "unknown" : text));
  }

  static la_ssize_t Pass(struct archive* archive, void* self, const void* data,
                         std::size_t size) {
    TarWriter& writer = *static_cast<TarWriter*>(self);
    writer.failure_ = writer.sink_({static_cast<const std::byte*>(data), size});
    if (writer.failure_.ok()) return static_cast<la_ssize_t>(size);
    archive_set_error(archive, EIO, "cannot be written");
    return -1;
  }

  const ByteSink& sink_;
  absl::Status failure_;
  std::unique_ptr<struct archive, ArchiveDeleter> archive_;
};

class Pieces {
 public:
  explicit Pieces(base::PendingFile& file) : file_(file) {}
  absl::Status Add(image::Bytes bytes) {
    piece_ += image::host::ToString(bytes);
    return piece_.size() < kPieceBytes ? absl::OkStatus() : Append();
  }
  absl::Status Append() {
    const std::string piece = std::exchange(piece_, {});
    return piece.empty() ? absl::OkStatus() : file_.Append(piece);
  }

 private:
  base::PendingFile& file_;
  std::string piece_;
};

}  // namespace

absl::Status WriteBundle(const BundleParts& parts, const ByteSink& sink) {
  TarWriter writer(sink);
  RETURN_IF_ERROR(
      writer.Add("manifest.json", *FromMemory(parts.head.envelope)));
  RETURN_IF_ERROR(writer.Add("receipt.txt", *FromMemory(parts.head.receipt)));
  RETURN_IF_ERROR(writer.Add("metadata.bin", *FromMemory(parts.metadata)));
  for (const BundleParts::Image& image : parts.images) {
    RETURN_IF_ERROR(
        writer.Add(absl::StrCat("images/", image.name), *image.content));
  }
  return writer.Close();
}

absl::StatusOr<base::PendingFile> PendingBundle(const BundleParts& parts,
                                                const std::string& path) {
  ASSIGN_OR_RETURN(base::PendingFile file, base::PendingFile::Write(path, ""));
  Pieces pieces(file);
  RETURN_IF_ERROR(WriteBundle(
      parts, [&pieces](image::Bytes bytes) { return pieces.Add(bytes); }));
  RETURN_IF_ERROR(pieces.Append());
  return file;
}

absl::Status WriteBundleFile(const BundleParts& parts,
                             const std::string& path) {
  ASSIGN_OR_RETURN(base::PendingFile file, PendingBundle(parts, path));
  std::vector<base::PendingFile> files;
  files.push_back(std::move(file));
  return base::PutInPlace(std::move(files));
}

}  // namespace bootseal::fwu
