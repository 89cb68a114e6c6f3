#include "client/fwu/file_storage.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::fwu {
namespace {

class FileStorage final : public Storage {
 public:
  FileStorage(Descriptor file, std::uint64_t size, std::uint32_t unit)
      : file_(std::move(file)), size_(size), unit_(unit) {}

  std::uint64_t size() const override { return size_; }
  std::uint32_t unit() const override { return unit_; }

  absl::Status Read(std::uint64_t offset, image::MutableBytes to) override {
    RETURN_IF_ERROR(CheckInside(*this, offset, to.size()));
    return file_.ReadAt(offset, to);
  }
  absl::Status Write(std::uint64_t offset, image::Bytes from) override {
    RETURN_IF_ERROR(CheckUnits(*this, offset, from.size()));
    return file_.WriteAt(offset, from);
  }
  absl::Status Flush() override { return file_.Flush(); }

 private:
  Descriptor file_;
  std::uint64_t size_;
  std::uint32_t unit_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Storage>> OpenFileStorage(
    const std::string& path, std::uint32_t unit, Access access) {
  if (unit != 512 && unit != 4096) {
    return base::Invalid(
        "UNIT_INVALID", "unit",
        absl::StrCat("a sector of ", unit, " bytes, expected 512 or 4096"));
  }
  ASSIGN_OR_RETURN(Descriptor file, Descriptor::Open(path, access));
  ASSIGN_OR_RETURN(const std::uint64_t size, file.Size());
  if (size % unit != 0) {
    return base::Invalid(
        "UNIT_INVALID", "unit",
        absl::StrCat(path, " has ", size,
                     " bytes, no whole number of sectors of ", unit));
  }
  return std::make_unique<FileStorage>(std::move(file), size, unit);
}

}  // namespace bootseal::fwu
