// Where metadata and banks lie on the board's storage: by a partition table
// (gpt_placement.cc) or at fixed offsets (raw_placement.cc), chosen at link
// time. Not thread-safe.
#ifndef BOOTSEAL_FIRMWARE_SECOND_STAGE_PLACEMENT_H_
#define BOOTSEAL_FIRMWARE_SECOND_STAGE_PLACEMENT_H_

#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/fwu/replicas.h"
#include "firmware/image/guid.h"
#include "firmware/image/result.h"

namespace bootseal::second_stage {

struct Area {
  std::uint64_t block = 0;  // of boards::kBlockBytes
  std::uint64_t bytes = 0;
};

struct Opened {
  // Of the primary partition table when the backup had to serve; kOk.
  image::Error damage = image::Error::kOk;
};

// Called first. kStorage, and the errors of gpt::Table::Open.
image::Result<Opened> OpenPlacement();

// kNoPartition, and the errors of gpt::Table.
image::Result<Area> AreaOf(image::fwu::Replica replica);
// Of the image that the metadata calls by `guid`.
image::Result<Area> AreaOf(const image::Guid& guid);

// Bytes [offset, offset + to.size()) of it. kTruncated when that is not inside;
// kStorage.
image::Error ReadArea(const Area& area, std::uint64_t offset,
                      image::MutableBytes to);

}  // namespace bootseal::second_stage

#endif  // BOOTSEAL_FIRMWARE_SECOND_STAGE_PLACEMENT_H_
