// At the offsets of boards::kRawLayout.
#include "firmware/boards/raw_layout.h"
#include "firmware/boards/second_stage.h"
#include "firmware/second_stage/placement.h"

namespace bootseal::second_stage {
namespace {

using image::Error;
using image::Result;

constinit std::uint64_t storage_bytes = 0;

Result<Area> Inside(const boards::RawArea& area) {
  if (area.offset > storage_bytes || area.size > storage_bytes - area.offset) {
    return Error::kNoPartition;
  }
  return Area{area.offset / boards::kBlockBytes, area.size};
}

}  // namespace

Result<Opened> OpenPlacement() {
  const Result<std::uint64_t> blocks = boards::OpenStorage();
  if (!blocks.ok()) return blocks.error();
  storage_bytes = *blocks * boards::kBlockBytes;
  return Opened{};
}

Result<Area> AreaOf(image::fwu::Replica replica) {
  return Inside(boards::kRawLayout.metadata[static_cast<std::size_t>(replica)]);
}

Result<Area> AreaOf(const image::Guid& guid) {
  for (const boards::RawBank& bank : boards::kRawLayout.banks) {
    if (bank.guid == guid) return Inside(bank.area);
  }
  return Error::kNoPartition;
}

}  // namespace bootseal::second_stage
