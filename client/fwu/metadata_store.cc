#include "client/fwu/metadata_store.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {
namespace {

using image::fwu::Replica;

// Of a copy, at most: metadata of every geometry, and vendor data.
constexpr std::uint64_t kLookedAt = 4096;

constexpr std::size_t IndexOf(Replica replica) {
  return replica == Replica::kPrimary ? 0 : 1;
}
constexpr Replica OtherOf(Replica replica) {
  return replica == Replica::kPrimary ? Replica::kSecondary : Replica::kPrimary;
}
constexpr const char* NameOf(Replica replica) {
  return replica == Replica::kPrimary ? "metadata1" : "metadata2";
}

// Empty when it cannot be read.
std::vector<std::byte> Front(Storage& storage, const Range& range) {
  std::vector<std::byte> bytes(
      static_cast<std::size_t>(std::min(range.size, kLookedAt)));
  if (!storage.Read(range.offset, bytes).ok()) bytes.clear();
  return bytes;
}

absl::Status BothDamaged(image::Error primary) {
  return base::Precondition(
      "REPLICAS_DAMAGED",
      absl::StrCat("neither copy of the metadata can be used, the primary "
                   "because of: ",
                   image::Text(primary),
                   "; nothing was written, and the device has to be "
                   "provisioned anew"));
}

// Whole units, zeros behind.
absl::StatusOr<std::vector<std::byte>> Units(const Storage& storage,
                                             const StoredMetadata& stored) {
  const std::size_t size =
      image::fwu::SizeOf(stored.metadata.version, stored.metadata.geometry) +
      stored.vendor_data.size();
  std::vector<std::byte> units((size + storage.unit() - 1) / storage.unit() *
                               storage.unit());
  const auto written = image::fwu::WriteMetadata(
      stored.metadata, image::host::AsBytes(stored.vendor_data), units);
  if (written.ok()) return units;
  return base::Annotate(image::host::ToStatus(written.error()),
                        "the metadata cannot be written");
}

absl::Status StoreOne(Storage& storage, const Placement& placement,
                      const StoredMetadata& stored, Replica replica) {
  const Range& range = placement.metadata[IndexOf(replica)];
  ASSIGN_OR_RETURN(const std::vector<std::byte> units, Units(storage, stored));
  if (units.size() > range.size) {
    return base::Invalid(
        "PLACEMENT_INVALID", NameOf(replica),
        absl::StrCat(NameOf(replica), " has ", range.size,
                     " bytes, the metadata takes ", units.size()));
  }
  RETURN_IF_ERROR(storage.Write(range.offset, units));
  RETURN_IF_ERROR(storage.Flush());
  std::vector<std::byte> back(units.size());
  RETURN_IF_ERROR(storage.Read(range.offset, back));
  if (back == units) return absl::OkStatus();
  return base::Unavailable(
      "STORAGE_READBACK",
      absl::StrCat(NameOf(replica), " does not hold what was written"));
}

}  // namespace

absl::StatusOr<StoredMetadata> LoadMetadata(Storage& storage,
                                            const Placement& placement,
                                            image::fwu::Geometry geometry) {
  const std::vector<std::byte> primary = Front(storage, placement.metadata[0]);
  const std::vector<std::byte> secondary =
      Front(storage, placement.metadata[1]);
  const auto chosen = image::fwu::ChooseReplica(primary, secondary, geometry);
  if (!chosen.ok()) return BothDamaged(chosen.error());
  return StoredMetadata{chosen->read.metadata,
                        image::host::ToString(chosen->read.vendor_data),
                        chosen->from, chosen->other};
}

absl::Status StoreMetadata(Storage& storage, const Placement& placement,
                           const StoredMetadata& stored) {
  RETURN_IF_ERROR(StoreOne(storage, placement, stored, Replica::kSecondary));
  return StoreOne(storage, placement, stored, Replica::kPrimary);
}

absl::Status RepairReplica(Storage& storage, const Placement& placement,
                           const StoredMetadata& stored) {
  return StoreOne(storage, placement, stored, OtherOf(stored.from));
}

}  // namespace bootseal::fwu
