#include "tests/client/layout/sample_flash.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <span>
#include <utility>

#include "client/fwu/byte_source.h"
#include "client/layout/gpt_image.h"
#include "client/release/metadata_order.h"
#include "firmware/image/crc32.h"
#include "firmware/image/host/convert.h"

namespace bootseal::layout {
namespace {

namespace gpt = image::gpt;
using image::host::AsBytes;

constexpr std::uint64_t kBackupEntrySectors = 32;

image::MutableBytes Piece(std::string& bytes, std::uint64_t offset,
                          std::size_t size) {
  return std::span(reinterpret_cast<std::byte*>(bytes.data()), bytes.size())
      .subspan(offset, size);
}

void SetName(gpt::Partition& partition, absl::string_view name) {
  partition.name = {};
  for (std::size_t i = 0; i < name.size(); ++i) {
    partition.name[i] = static_cast<unsigned char>(name[i]);
  }
}

}  // namespace

std::string SampleFip(std::size_t image_bytes) {
  std::string fip(16 + 2 * 40, '\0');
  image::Writer writer(Piece(fip, 0, fip.size()));
  writer.U32(0xaa640001);
  writer.U32(0x12345678);
  writer.U64(0);
  // BL33: d6d0eea7-fcea-d54b-9782-9934f234b6e4, as printed.
  writer.Append(
      AsBytes("\xd6\xd0\xee\xa7\xfc\xea\xd5\x4b"
              "\x97\x82\x99\x34\xf2\x34\xb6\xe4"));
  writer.U64(fip.size());
  writer.U64(image_bytes);
  writer.U64(0);
  writer.Repeat(std::byte{0}, 16);
  writer.U64(fip.size() + image_bytes);
  writer.U64(0);
  return fip + std::string(image_bytes, '\x5a');
}

std::string SampleFsbl(std::uint32_t header_version) {
  const std::size_t header = header_version == 0x00010000 ? 0x100 : 0x200;
  const std::string payload(700, '\x03');
  std::string fsbl(header, '\0');
  fsbl.replace(0, 4, "STM2");
  image::Writer writer(Piece(fsbl, 0x44, 12));
  writer.U32(static_cast<std::uint32_t>(3 * payload.size()));
  writer.U32(header_version);
  writer.U32(static_cast<std::uint32_t>(payload.size()));
  return fsbl + payload;
}

std::string SampleMetadata(std::uint32_t version, absl::string_view states,
                           const std::vector<std::string>& images) {
  release::MetadataOrder order;
  order.version = version;
  order.images = images;
  order.states = std::string(states);
  return *release::EncodeMetadata(*release::MakeMetadata(order), "");
}

Build BuildOf(absl::string_view store, std::uint32_t metadata_version,
              absl::string_view board) {
  return {*FindBoard(board), *FindStore(store), GenerationOf(metadata_version)};
}

CreateOrder WholeOrder(const Build& build) {
  CreateOrder order{build};
  order.fip_a = SampleFip(1000);
  order.fip_b = SampleFip(2000);
  if (build.store.has_fsbl) {
    order.fsbl = SampleFsbl(build.board.fsbl_header_version);
  }
  return order;
}

std::string BytesOf(FlashImage& image) {
  std::string bytes(image.size(), '\0');
  if (!image.ReadAt(0, Piece(bytes, 0, bytes.size())).ok()) std::abort();
  return bytes;
}

const std::string& GoodFlash(absl::string_view store,
                             std::uint32_t metadata_version) {
  static auto* flashes =
      new std::map<std::pair<std::string, std::uint32_t>, std::string>;
  std::string& flash = (*flashes)[{std::string(store), metadata_version}];
  if (flash.empty()) {
    auto created =
        CreateFlash(WholeOrder(BuildOf(store, metadata_version)), "disk.img");
    if (!created.ok()) std::abort();
    flash = BytesOf(created->image);
  }
  return flash;
}

Report CheckBytes(absl::string_view bytes, const Build& build) {
  const auto source = fwu::FromMemory(bytes);
  return CheckFlash(*source, build, "disk.img");
}

std::vector<std::string> ReasonsOf(const Report& report) {
  std::vector<std::string> reasons;
  for (const Finding& finding : report.findings) {
    if (std::find(reasons.begin(), reasons.end(), finding.reason) ==
        reasons.end()) {
      reasons.push_back(finding.reason);
    }
  }
  return reasons;
}

Severity SeverityOf(const Report& report, absl::string_view reason) {
  const Finding* finding = report.Find(reason);
  return finding == nullptr ? Severity::kNote : finding->severity;
}

void Overwrite(std::string& flash, std::uint64_t offset,
               absl::string_view bytes) {
  flash.replace(offset, bytes.size(), bytes.data(), bytes.size());
}

EditedDisk::EditedDisk(std::string bytes) : bytes_(std::move(bytes)) {
  for (std::uint32_t i = 0; i < gpt::kMaxEntries; ++i) {
    const auto entry = gpt::ReadPartition(
        Piece(bytes_, 2 * kSector + i * gpt::kEntryBytes, gpt::kEntryBytes));
    entries_.push_back(*entry);
  }
  while (!entries_.empty() && entries_.back().type.zero()) entries_.pop_back();
}

std::size_t EditedDisk::IndexOf(absl::string_view name) const {
  gpt::Partition wanted;
  SetName(wanted, name);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].name == wanted.name) return i;
  }
  std::abort();
}

gpt::Partition& EditedDisk::Named(absl::string_view name) {
  return entries_[IndexOf(name)];
}

void EditedDisk::Move(absl::string_view name, std::size_t index) {
  const gpt::Partition moved = Named(name);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(IndexOf(name)));
  entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(index), moved);
}

void EditedDisk::Add(absl::string_view name, std::uint64_t first,
                     std::uint64_t last) {
  gpt::Partition partition;
  partition.type = image::guids::kLinuxFilesystem;
  partition.unique = DerivedGuid(name);
  partition.first = first;
  partition.last = last;
  SetName(partition, name);
  entries_.push_back(partition);
}

void EditedDisk::Rename(absl::string_view name, absl::string_view to) {
  SetName(Named(name), to);
}

std::string EditedDisk::Sealed() {
  std::string table(gpt::kMaxEntries * gpt::kEntryBytes, '\0');
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    gpt::WritePartition(entries_[i],
                        Piece(table, i * gpt::kEntryBytes, gpt::kEntryBytes));
  }
  const std::uint64_t last = bytes_.size() / kSector - 1;
  gpt::Header header = *gpt::ReadHeader(Piece(bytes_, kSector, kSector), 1,
                                        bytes_.size() / kSector);
  header.entries_crc = image::Crc32Of(AsBytes(table));
  gpt::WriteHeader(header, Piece(bytes_, kSector, kSector));
  Overwrite(bytes_, 2 * kSector, table);
  std::swap(header.own_sector, header.other_sector);
  header.entries_sector = last - kBackupEntrySectors;
  gpt::WriteHeader(header, Piece(bytes_, last * kSector, kSector));
  Overwrite(bytes_, header.entries_sector * kSector, table);
  return bytes_;
}

}  // namespace bootseal::layout
