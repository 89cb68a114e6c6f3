#include "client/fwu/storage.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/guid.h"

namespace bootseal::fwu {
namespace {

struct NamedRange {
  std::string name;
  Range range;
};

std::string Words(const NamedRange& named) {
  return absl::StrCat(named.name, " (", named.range.size, " bytes at ",
                      named.range.offset, ")");
}

absl::Status Misplaced(const NamedRange& named, absl::string_view what) {
  return base::Invalid("PLACEMENT_INVALID", named.name,
                       absl::StrCat(Words(named), " ", what));
}

std::vector<NamedRange> AllRanges(const Placement& placement) {
  std::vector<NamedRange> all{{"metadata1", placement.metadata[0]},
                              {"metadata2", placement.metadata[1]}};
  for (const Placement::BankImage& image : placement.images) {
    all.push_back({image::host::FormatGuid(image.guid), image.range});
  }
  return all;
}

absl::Status CheckAlone(const Storage& storage, const NamedRange& named) {
  if (named.range.size == 0) return Misplaced(named, "is empty");
  if (!CheckInside(storage, named.range.offset, named.range.size).ok()) {
    return Misplaced(named, absl::StrCat("ends behind the device's ",
                                         storage.size(), " bytes"));
  }
  if (CheckUnits(storage, named.range.offset, named.range.size).ok()) {
    return absl::OkStatus();
  }
  return Misplaced(named, absl::StrCat("is not made of whole units of ",
                                       storage.unit(), " bytes"));
}

}  // namespace

const Range* Placement::Find(const image::Guid& guid) const {
  for (const BankImage& image : images) {
    if (image.guid == guid) return &image.range;
  }
  return nullptr;
}

absl::Status CheckInside(const Storage& storage, std::uint64_t offset,
                         std::uint64_t size) {
  if (offset <= storage.size() && size <= storage.size() - offset) {
    return absl::OkStatus();
  }
  return base::Invalid(
      "STORAGE_RANGE", "offset",
      absl::StrCat(size, " bytes at ", offset, " end behind the device's ",
                   storage.size(), " bytes"));
}

absl::Status CheckUnits(const Storage& storage, std::uint64_t offset,
                        std::uint64_t size) {
  RETURN_IF_ERROR(CheckInside(storage, offset, size));
  if (offset % storage.unit() == 0 && size % storage.unit() == 0) {
    return absl::OkStatus();
  }
  return base::Invalid(
      "STORAGE_RANGE", "offset",
      absl::StrCat(size, " bytes at ", offset, " are not whole units of ",
                   storage.unit(), " bytes"));
}

absl::Status CheckPlacement(const Storage& storage,
                            const Placement& placement) {
  std::vector<NamedRange> all = AllRanges(placement);
  for (const NamedRange& named : all) {
    RETURN_IF_ERROR(CheckAlone(storage, named));
  }
  std::sort(all.begin(), all.end(),
            [](const NamedRange& a, const NamedRange& b) {
              return a.range.offset < b.range.offset;
            });
  for (std::size_t i = 1; i < all.size(); ++i) {
    const Range& before = all[i - 1].range;
    if (all[i].range.offset < before.offset + before.size) {
      return Misplaced(all[i], absl::StrCat("overlaps ", Words(all[i - 1])));
    }
  }
  return absl::OkStatus();
}

}  // namespace bootseal::fwu
