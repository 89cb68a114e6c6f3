#include "client/fwu/raw_flash_storage.h"

#include <mtd/mtd-user.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::fwu {
namespace {

// What erases: an MTD device on command, a file by being overwritten.
enum class Kind { kFile, kMtd };

struct Medium {
  Kind kind = Kind::kFile;
  std::uint64_t size = 0;
};

class RawFlashStorage final : public Storage {
 public:
  RawFlashStorage(Descriptor file, Medium medium, std::uint32_t erase_block)
      : file_(std::move(file)), medium_(medium), erase_block_(erase_block) {}

  std::uint64_t size() const override { return medium_.size; }
  std::uint32_t unit() const override { return erase_block_; }

  absl::Status Read(std::uint64_t offset, image::MutableBytes to) override {
    RETURN_IF_ERROR(CheckInside(*this, offset, to.size()));
    return file_.ReadAt(offset, to);
  }

  absl::Status Write(std::uint64_t offset, image::Bytes from) override {
    RETURN_IF_ERROR(CheckUnits(*this, offset, from.size()));
    for (; !from.empty(); from = from.subspan(erase_block_)) {
      RETURN_IF_ERROR(Erase(offset));
      RETURN_IF_ERROR(file_.WriteAt(offset, from.first(erase_block_)));
      offset += erase_block_;
    }
    return absl::OkStatus();
  }

  absl::Status Flush() override { return file_.Flush(); }

 private:
  absl::Status Erase(std::uint64_t offset) {
    if (medium_.kind == Kind::kFile) {
      return file_.WriteAt(
          offset, std::vector<std::byte>(erase_block_, std::byte{0xff}));
    }
    loff_t place = static_cast<loff_t>(offset);
    if (ioctl(file_.number(), MEMGETBADBLOCK, &place) > 0) {
      return base::Unavailable("STORAGE_WRITE",
                               absl::StrCat("the block of ", file_.path(),
                                            " at byte ", offset, " is bad"));
    }
    erase_info_user64 block{offset, erase_block_};
    if (ioctl(file_.number(), MEMERASE64, &block) == 0) return absl::OkStatus();
    return base::Unavailable(
        "STORAGE_WRITE",
        absl::StrCat("cannot erase ", file_.path(), " at byte ", offset, ": ",
                     std::strerror(errno)));
  }

  Descriptor file_;
  Medium medium_;
  std::uint32_t erase_block_;
};

absl::Status WrongBlock(const std::string& path, std::uint32_t given,
                        absl::string_view expected) {
  return base::Invalid("UNIT_INVALID", "unit",
                       absl::StrCat("an erase block of ", given, " bytes; ",
                                    path, " ", expected));
}

absl::StatusOr<Medium> MediumOf(const Descriptor& file,
                                std::uint32_t erase_block) {
  struct stat info {};
  if (fstat(file.number(), &info) == 0 && S_ISCHR(info.st_mode)) {
    mtd_info_user mtd{};
    if (ioctl(file.number(), MEMGETINFO, &mtd) != 0) {
      return base::Precondition("FILE_UNREADABLE",
                                absl::StrCat(file.path(), " is no MTD device"));
    }
    if (mtd.erasesize != erase_block) {
      return WrongBlock(file.path(), erase_block,
                        absl::StrCat("has blocks of ", mtd.erasesize));
    }
    return Medium{Kind::kMtd, mtd.size};
  }
  ASSIGN_OR_RETURN(const std::uint64_t size, file.Size());
  if (size % erase_block != 0) {
    return WrongBlock(file.path(), erase_block,
                      absl::StrCat("has ", size, " bytes, no whole number"));
  }
  return Medium{Kind::kFile, size};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Storage>> OpenRawFlashStorage(
    const std::string& path, std::uint32_t erase_block, Access access) {
  if (erase_block < 512 || (erase_block & (erase_block - 1)) != 0) {
    return WrongBlock(path, erase_block, "needs a power of two, 512 at least");
  }
  ASSIGN_OR_RETURN(Descriptor file, Descriptor::Open(path, access));
  ASSIGN_OR_RETURN(const Medium medium, MediumOf(file, erase_block));
  return std::make_unique<RawFlashStorage>(std::move(file), medium,
                                           erase_block);
}

}  // namespace bootseal::fwu
