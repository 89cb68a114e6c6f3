// Any bytes as metadata, with their own CRC and with one that fits: what is
// read is written again as it was, and no operation makes of it what is not.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "firmware/image/crc32.h"
#include "firmware/image/fwu/replicas.h"
#include "firmware/image/fwu/update.h"

namespace {

using namespace bootseal::image;
using namespace bootseal::image::fwu;

void Demand(bool holds) {
  if (!holds) std::abort();
}

void RequireSame(const Read& read, Bytes bytes) {
  std::vector<std::byte> buffer(bytes.size());
  const auto written = WriteMetadata(read.metadata, read.vendor_data, buffer);
  Demand(written.ok());
  Demand(Equal(*written, bytes.first(written->size())));
}

void RequireTable(const Metadata& metadata) {
  for (std::uint8_t running = 0; running <= kMaxBanks; ++running) {
    (void)SelectBank(metadata, {running, 2, true}, running);
    (void)UpdateBank(metadata, running);
    for (std::uint8_t operation = 0; operation < 7; ++operation) {
      const auto after = Apply(static_cast<Operation>(operation), metadata,
                               running, running == 0 ? 1 : 0);
      if (!after.ok()) continue;
      std::array<std::byte, 2048> buffer;
      const auto written = WriteMetadata(*after, {}, buffer);
      Demand(written.ok());
      Demand(ReadMetadata(*written, after->geometry)->metadata == *after);
    }
  }
}

void TryRead(Bytes bytes, Geometry geometry) {
  const auto read = ReadMetadata(bytes, geometry);
  if (!read.ok()) return;
  RequireSame(*read, bytes);
  RequireTable(read->metadata);
  const auto chosen = ChooseReplica({}, bytes, geometry);
  Demand(chosen.ok() && chosen->from == Replica::kSecondary);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size < 2) return 0;
  const Geometry geometry{static_cast<std::uint8_t>(data[0] % 6),
                          static_cast<std::uint16_t>(data[1] % 10)};
  const Bytes bytes = std::as_bytes(std::span(data, size)).subspan(2);
  TryRead(bytes, geometry);
  if (const auto read = ReadMetadata(bytes); read.ok()) {
    RequireSame(*read, bytes);
  }
  if (bytes.size() < 32 || geometry.images == 0) return 0;

  std::vector<std::byte> sealed(bytes.begin(), bytes.end());
  const std::uint32_t version = Reader(bytes.subspan(4)).U32();
  const std::size_t end =
      version == 2 ? Reader(bytes.subspan(16)).U32() : SizeOf(1, geometry);
  if (end < 4 || end > sealed.size()) return 0;
  Writer(sealed).U32(Crc32Of(Bytes(sealed).first(end).subspan(4)));
  TryRead(sealed, geometry);
  if (const auto read = ReadMetadata(sealed); read.ok()) {
    TryRead(sealed, read->metadata.geometry);
  }
  return 0;
}
