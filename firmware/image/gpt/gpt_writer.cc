#include "firmware/image/crc32.h"
#include "firmware/image/gpt/gpt.h"

namespace bootseal::image::gpt {
namespace {

constexpr std::size_t kCrcOffset = 16;

}  // namespace

void WriteHeader(const Header& header, MutableBytes sector) {
  Fill(sector, std::byte{0});
  Writer writer(sector);
  for (const char letter : {'E', 'F', 'I', ' ', 'P', 'A', 'R', 'T'}) {
    writer.U8(static_cast<std::uint8_t>(letter));
  }
  writer.U32(0x00010000);
  writer.U32(kHeaderBytes);
  writer.U32(0);  // CRC, below
  writer.U32(0);
  writer.U64(header.own_sector);
  writer.U64(header.other_sector);
  writer.U64(header.first_usable);
  writer.U64(header.last_usable);
  writer.Append(header.disk.bytes);
  writer.U64(header.entries_sector);
  writer.U32(header.entry_count);
  writer.U32(header.entry_size);
  writer.U32(header.entries_crc);
  Writer(sector.subspan(kCrcOffset)).U32(Crc32Of(writer.written()));
}

void WritePartition(const Partition& partition, MutableBytes entry) {
  Writer writer(entry);
  writer.Append(partition.type.bytes);
  writer.Append(partition.unique.bytes);
  writer.U64(partition.first);
  writer.U64(partition.last);
  writer.U64(partition.attributes);
  for (const std::uint16_t unit : partition.name) writer.U16(unit);
}

}  // namespace bootseal::image::gpt
