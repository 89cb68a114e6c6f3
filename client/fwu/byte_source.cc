#include "client/fwu/byte_source.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/fwu/descriptor.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {
namespace {

absl::Status Behind(std::uint64_t offset, std::uint64_t size) {
  return base::Unavailable("FILE_UNREADABLE",
                           absl::StrCat("byte ", offset, " of ", size));
}

class FileSource final : public ByteSource {
 public:
  FileSource(Descriptor file, std::uint64_t size)
      : file_(std::move(file)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  absl::Status ReadAt(std::uint64_t offset, image::MutableBytes to) override {
    const absl::Status status = file_.ReadAt(offset, to);
    if (status.ok()) return status;
    return base::Unavailable("FILE_UNREADABLE", status.message());
  }

 private:
  Descriptor file_;
  std::uint64_t size_;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(absl::string_view bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  absl::Status ReadAt(std::uint64_t offset, image::MutableBytes to) override {
    if (offset > bytes_.size() || to.size() > bytes_.size() - offset) {
      return Behind(offset, bytes_.size());
    }
    image::Copy(image::host::AsBytes(bytes_.substr(offset, to.size())), to);
    return absl::OkStatus();
  }

 private:
  absl::string_view bytes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> FromFile(const std::string& path) {
  ASSIGN_OR_RETURN(Descriptor file, Descriptor::Open(path, Access::kRead));
  ASSIGN_OR_RETURN(const std::uint64_t size, file.Size());
  return std::make_unique<FileSource>(std::move(file), size);
}

std::unique_ptr<ByteSource> FromDescriptor(Descriptor file,
                                           std::uint64_t size) {
  return std::make_unique<FileSource>(std::move(file), size);
}

std::unique_ptr<ByteSource> FromMemory(absl::string_view bytes) {
  return std::make_unique<MemorySource>(bytes);
}

}  // namespace bootseal::fwu
