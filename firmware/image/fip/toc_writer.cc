#include "firmware/image/fip/toc.h"

namespace bootseal::image::fip {
namespace {

void WriteRow(const Entry& entry, Writer& writer) {
  writer.Append(entry.uuid.bytes);
  writer.U64(entry.offset);
  writer.U64(entry.size);
  writer.U64(0);
}

}  // namespace

Result<Bytes> WriteToc(const Toc& toc, MutableBytes buffer) {
  if (toc.count > kMaxEntries) return Error::kFipTooMany;
  Writer writer(buffer);
  writer.U32(0xaa640001);
  writer.U32(toc.serial);
  writer.U64(std::uint64_t{toc.platform_flags} << 32);
  for (const Entry& entry : toc.entries()) WriteRow(entry, writer);
  Entry end;
  end.offset = toc.size;
  WriteRow(end, writer);
  if (!writer.ok()) return Error::kBufferTooSmall;
  const Result<Toc> read = ReadToc(writer.written(), toc.size);
  if (!read.ok()) return read.error();
  return writer.written();
}

}  // namespace bootseal::image::fip
