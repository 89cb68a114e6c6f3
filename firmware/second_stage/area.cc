#include <array>

#include "firmware/boards/second_stage.h"
#include "firmware/second_stage/placement.h"

namespace bootseal::second_stage {
namespace {

using image::Error;
using image::MutableBytes;

constexpr std::size_t kBlock = boards::kBlockBytes;

bool WordAligned(const std::byte* place) {
  return reinterpret_cast<std::uintptr_t>(place) % 4 == 0;
}

// Part of one block, from `skip` on, as much as `to` takes.
Error ReadPart(std::uint64_t block, std::size_t skip, MutableBytes to) {
  alignas(4) std::array<std::byte, kBlock> whole;
  BOOTSEAL_TRY(boards::ReadStorage(block, whole));
  image::Copy(image::Bytes(whole).subspan(skip), to);
  return Error::kOk;
}

// How many bytes the next step reads: whole blocks to where they stay, when
// they may go there; else what one block holds.
std::size_t StepOf(std::size_t skip, MutableBytes to) {
  if (skip == 0 && to.size() >= kBlock) {
    return WordAligned(to.data()) ? to.size() / kBlock * kBlock : kBlock;
  }
  const std::size_t left = kBlock - skip;
  return left < to.size() ? left : to.size();
}

}  // namespace

Error ReadArea(const Area& area, std::uint64_t offset, MutableBytes to) {
  if (offset > area.bytes || to.size() > area.bytes - offset) {
    return Error::kTruncated;
  }
  while (!to.empty()) {
    const std::uint64_t block = area.block + offset / kBlock;
    const std::size_t skip = static_cast<std::size_t>(offset % kBlock);
    const std::size_t step = StepOf(skip, to);
    const bool whole = step % kBlock == 0 && WordAligned(to.data());
    BOOTSEAL_TRY(whole ? boards::ReadStorage(block, to.first(step))
                       : ReadPart(block, skip, to.first(step)));
    to = to.subspan(step);
    offset += step;
  }
  return Error::kOk;
}

}  // namespace bootseal::second_stage
