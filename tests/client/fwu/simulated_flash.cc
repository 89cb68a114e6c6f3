#include "tests/client/fwu/simulated_flash.h"

#include "base/status.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {
namespace {

absl::Status Dead(const char* reason) {
  return base::Unavailable(reason, "the simulated device is off");
}

}  // namespace

void SimulatedFlash::FailAfter(std::size_t units, std::size_t torn_at) {
  units_left_ = units;
  torn_at_ = torn_at;
}

absl::Status SimulatedFlash::Read(std::uint64_t offset,
                                  image::MutableBytes to) {
  if (failed_) return Dead("STORAGE_READ");
  RETURN_IF_ERROR(CheckInside(*this, offset, to.size()));
  image::Copy(image::host::AsBytes(bytes_).subspan(offset, to.size()), to);
  unread_.erase(unread_.lower_bound(offset / unit_ * unit_),
                unread_.lower_bound(offset + to.size()));
  if (corrupt_at_ && *corrupt_at_ >= offset &&
      *corrupt_at_ < offset + to.size()) {
    to[*corrupt_at_ - offset] ^= std::byte{1};
  }
  return absl::OkStatus();
}

absl::Status SimulatedFlash::WriteUnit(const UnitWrite& write) {
  if (failed_) return Dead("STORAGE_WRITE");
  if (on_write_) on_write_(write);
  unflushed_.insert(write.offset);
  if (units_left_ && (*units_left_)-- == 0) {
    failed_ = true;
    if (medium_ == Medium::kRawFlash) {
      bytes_.replace(write.offset, unit_, unit_, '\xff');
    }
    bytes_.replace(write.offset, torn_at_, write.content, 0, torn_at_);
    return Dead("STORAGE_WRITE");
  }
  bytes_.replace(write.offset, write.content.size(), write.content);
  return absl::OkStatus();
}

absl::Status SimulatedFlash::Write(std::uint64_t offset, image::Bytes from) {
  RETURN_IF_ERROR(CheckUnits(*this, offset, from.size()));
  if (on_write_call_) on_write_call_(offset, Settled());
  for (; !from.empty(); from = from.subspan(unit_), offset += unit_) {
    RETURN_IF_ERROR(
        WriteUnit({offset, image::host::ToString(from.first(unit_))}));
  }
  return absl::OkStatus();
}

absl::Status SimulatedFlash::Flush() {
  if (failed_) return Dead("STORAGE_WRITE");
  unread_.merge(unflushed_);
  unflushed_.clear();
  return absl::OkStatus();
}

}  // namespace bootseal::fwu
