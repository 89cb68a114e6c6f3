#include "tests/client/fwu/simulated_device.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

#include "absl/strings/string_view.h"
#include "base/status.h"
#include "client/fwu/gpt_storage.h"
#include "client/fwu/metadata_store.h"
#include "firmware/image/crc32.h"
#include "firmware/image/gpt/gpt.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {
namespace {

namespace gpt = image::gpt;
using image::fwu::BankState;
using image::host::AsBytes;

constexpr std::uint64_t kSector = gpt::kSectorBytes;
constexpr std::uint64_t kTableSectors = 32;
constexpr std::uint64_t kFirstUsable = 34;

image::MutableBytes Part(std::string& bytes, std::uint64_t offset,
                         std::size_t size) {
  return {reinterpret_cast<std::byte*>(bytes.data()) + offset, size};
}
image::Bytes Part(const std::string& bytes, const Range& range) {
  return AsBytes(bytes).subspan(range.offset, range.size);
}

class MemoryDisk final : public gpt::Disk {
 public:
  explicit MemoryDisk(const std::string& bytes) : bytes_(bytes) {}
  std::uint64_t sectors() const override { return bytes_.size() / kSector; }
  image::Error Read(std::uint64_t sector, image::MutableBytes buffer) override {
    image::Copy(AsBytes(bytes_).subspan(sector * kSector, kSector), buffer);
    return image::Error::kOk;
  }

 private:
  const std::string& bytes_;
};

void AddPartition(std::string& table, std::size_t index, const Range& range,
                  const image::Guid& unique, absl::string_view name) {
  gpt::Partition partition;
  partition.type = image::guids::kMetadata;
  partition.unique = unique;
  partition.first = range.offset / kSector;
  partition.last = (range.offset + range.size) / kSector - 1;
  for (std::size_t i = 0; i < name.size(); ++i) {
    partition.name[i] = static_cast<unsigned char>(name[i]);
  }
  gpt::WritePartition(partition,
                      Part(table, index * gpt::kEntryBytes, gpt::kEntryBytes));
}

}  // namespace

absl::StatusOr<std::optional<image::host::VerifiedRelease>> MemoryRecords::Of(
    std::uint8_t bank) {
  const auto found = releases_.find(bank);
  if (found == releases_.end()) return std::nullopt;
  return found->second;
}

absl::Status MemoryRecords::Put(std::uint8_t bank, const BundleHead& head) {
  auto release =
      image::host::OpenRelease(head.envelope, head.receipt, TestTrust());
  if (!release.ok()) return release.status();
  releases_.insert_or_assign(bank, *std::move(release));
  return absl::OkStatus();
}

absl::Status MemoryRecords::Remove(std::uint8_t bank) {
  releases_.erase(bank);
  trials_.erase(bank);
  return absl::OkStatus();
}

absl::Status MemoryRecords::NoteTrial(std::uint8_t bank, std::uint8_t left) {
  const auto [found, added] = trials_.emplace(bank, left);
  if (!added) found->second = std::min(found->second, left);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::uint8_t>> MemoryRecords::FewestTrials(
    std::uint8_t bank) {
  const auto found = trials_.find(bank);
  if (found == trials_.end()) return std::nullopt;
  return found->second;
}

image::fwu::Metadata MakeMetadata(const DeviceOptions& options,
                                  std::uint32_t active, std::uint32_t previous,
                                  std::vector<BankState> states) {
  image::fwu::Metadata metadata;
  metadata.version = options.metadata_version;
  metadata.active = active;
  metadata.previous = previous;
  metadata.geometry = {options.banks, 1};
  metadata.images[0].type = image::guids::kFip;
  for (std::size_t bank = 0; bank < options.banks; ++bank) {
    metadata.states[bank] = states[bank];
    metadata.images[0].banks[bank] = {BankGuid(0, bank),
                                      states[bank] == BankState::kAccepted};
  }
  return metadata;
}

// Metadata one unit each, then the banks; on a GPT disk behind the table.
SimulatedDevice::SimulatedDevice(const DeviceOptions& options)
    : options_(options) {
  const bool table = options.kind == Kind::kGpt;
  std::uint64_t at = table ? kFirstUsable * kSector : 0;
  at = (at + options.unit - 1) / options.unit * options.unit;
  for (Range& range : placement_.metadata) {
    range = {at, options.unit};
    at += options.unit;
  }
  for (std::size_t bank = 0; bank < options.banks; ++bank) {
    placement_.images.push_back({BankGuid(0, bank), {at, options.bank_bytes}});
    at += options.bank_bytes;
  }
  if (table) at += (kTableSectors + 1) * kSector;
  at = (at + options.unit - 1) / options.unit * options.unit;
  content.flash.assign(at, '\0');
  if (table) BuildGpt();
}

void SimulatedDevice::BuildGpt() {
  std::string& flash = content.flash;
  const std::uint64_t last = flash.size() / kSector - 1;
  std::string table(kTableSectors * kSector, '\0');
  AddPartition(table, 0, placement_.metadata[0], image::MakeGuid(9, 0, 0, 0, 1),
               "metadata1");
  AddPartition(table, 1, placement_.metadata[1], image::MakeGuid(9, 0, 0, 0, 2),
               "metadata2");
  for (std::size_t bank = 0; bank < options_.banks; ++bank) {
    AddPartition(table, 2 + bank, placement_.images[bank].range,
                 placement_.images[bank].guid, bank == 0 ? "fip-a" : "fip-b");
  }
  gpt::Header header;
  header.own_sector = 1;
  header.other_sector = last;
  header.first_usable = kFirstUsable;
  header.last_usable = last - kTableSectors - 1;
  header.disk = image::MakeGuid(9, 9, 9, 9, 9);
  header.entries_sector = 2;
  header.entry_count = gpt::kMaxEntries;
  header.entry_size = gpt::kEntryBytes;
  header.entries_crc = image::Crc32Of(AsBytes(table));
  gpt::WriteHeader(header, Part(flash, kSector, kSector));
  flash.replace(2 * kSector, table.size(), table);
  std::swap(header.own_sector, header.other_sector);
  header.entries_sector = last - kTableSectors;
  gpt::WriteHeader(header, Part(flash, last * kSector, kSector));
  flash.replace(header.entries_sector * kSector, table.size(), table);
}

Medium SimulatedDevice::medium() const {
  return options_.kind == Kind::kGpt ? Medium::kBlock : Medium::kRawFlash;
}

bool SimulatedDevice::IsFine(std::uint64_t offset) const {
  return std::none_of(placement_.images.begin(), placement_.images.end(),
                      [offset](const Placement::BankImage& image) {
                        return offset >= image.range.offset &&
                               offset < image.range.offset + image.range.size;
                      });
}

void SimulatedDevice::Fill(std::uint8_t bank, const TestRelease& release) {
  content.flash.replace(placement_.images[bank].range.offset,
                        release.images[0].size(), release.images[0]);
  if (!content.records.Put(bank, release.head).ok()) std::abort();
}

void SimulatedDevice::StoreMetadata(const image::fwu::Metadata& metadata) {
  for (const Range& range : placement_.metadata) {
    const auto unit = Part(content.flash, range.offset, range.size);
    image::Fill(unit, std::byte{0});
    if (!image::fwu::WriteMetadata(metadata, {}, unit).ok()) std::abort();
  }
}

// By the table where there is one, as a bootloader finds things.
std::optional<Placement> SimulatedDevice::BootloaderPlacement(
    const std::string& flash) const {
  if (options_.kind == Kind::kRaw) return placement_;
  MemoryDisk disk(flash);
  const auto table = gpt::Table::Open(disk);
  if (!table.ok()) return std::nullopt;
  Placement found;
  const absl::string_view names[] = {"metadata1", "metadata2"};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto partition = table->FindByName(disk, AsBytes(names[i]));
    if (!partition.ok()) return std::nullopt;
    found.metadata[i] = {partition->first * kSector, partition->bytes()};
  }
  for (std::size_t bank = 0; bank < options_.banks; ++bank) {
    const auto partition = table->FindByUnique(disk, BankGuid(0, bank));
    if (!partition.ok()) return std::nullopt;
    found.images.push_back(
        {BankGuid(0, bank), {partition->first * kSector, partition->bytes()}});
  }
  return found;
}

const TestRelease* SimulatedDevice::Startable(const DeviceContent& state,
                                              const Range& range) const {
  const absl::string_view bank(state.flash.data() + range.offset, range.size);
  for (const TestRelease* release : known_) {
    if (release->manifest.security_counter >= state.counter &&
        bank.substr(0, release->images[0].size()) == release->images[0]) {
      return release;
    }
  }
  return nullptr;
}

void SimulatedDevice::RaiseCounter(DeviceContent& state,
                                   const image::fwu::Selection& started) const {
  if (started.reason != image::fwu::BootReason::kAccepted) return;
  const TestRelease* release =
      Startable(state, placement_.images[started.bank].range);
  if (release != nullptr) state.counter = release->manifest.security_counter;
}

std::optional<image::fwu::Selection> SimulatedDevice::Boot(
    const DeviceContent& state) const {
  const auto placement = BootloaderPlacement(state.flash);
  if (!placement) return std::nullopt;
  const auto chosen = image::fwu::ChooseReplica(
      Part(state.flash, placement->metadata[0]),
      Part(state.flash, placement->metadata[1]), geometry());
  if (!chosen.ok()) return std::nullopt;
  std::uint8_t failed = 0;
  for (std::size_t tries = 0; tries < options_.banks; ++tries) {
    const auto selection =
        image::fwu::SelectBank(chosen->read.metadata, state.boot, failed);
    if (!selection.ok()) return std::nullopt;
    const Range& range = placement->images[selection->bank].range;
    if (Startable(state, range) != nullptr) return *selection;
    failed = static_cast<std::uint8_t>(failed | 1u << selection->bank);
  }
  return std::nullopt;
}

std::optional<image::fwu::Metadata> SimulatedDevice::CopyOf(
    const std::string& flash, std::size_t copy) const {
  const auto read = image::fwu::ReadMetadata(
      Part(flash, placement_.metadata[copy]), geometry());
  if (!read.ok()) return std::nullopt;
  return read->metadata;
}

bool SimulatedDevice::IsComplete(const std::string& flash,
                                 std::uint32_t bank) const {
  return std::any_of(
      known_.begin(), known_.end(), [&](const TestRelease* release) {
        return BankHas(flash, static_cast<std::uint8_t>(bank), *release);
      });
}

bool SimulatedDevice::HasMetadata(const std::string& flash) const {
  return image::fwu::ChooseReplica(Part(flash, placement_.metadata[0]),
                                   Part(flash, placement_.metadata[1]),
                                   geometry())
      .ok();
}

image::fwu::Metadata SimulatedDevice::MetadataOf(
    const std::string& flash) const {
  const auto chosen = image::fwu::ChooseReplica(
      Part(flash, placement_.metadata[0]), Part(flash, placement_.metadata[1]),
      geometry());
  if (!chosen.ok()) std::abort();
  return chosen->read.metadata;
}

bool SimulatedDevice::ReplicasEqual(const std::string& flash) const {
  const auto chosen = image::fwu::ChooseReplica(
      Part(flash, placement_.metadata[0]), Part(flash, placement_.metadata[1]),
      geometry());
  return chosen.ok() && chosen->other == image::Error::kOk;
}

bool SimulatedDevice::BankHas(const std::string& flash, std::uint8_t bank,
                              const TestRelease& release) const {
  const std::string& image = release.images[0];
  return flash.compare(placement_.images[bank].range.offset, image.size(),
                       image) == 0;
}

absl::StatusOr<Agent> SimulatedDevice::OpenAgent(SimulatedFlash& flash,
                                                 DeviceContent& state) const {
  Placement placement = placement_;
  if (options_.kind == Kind::kGpt) {
    ASSIGN_OR_RETURN(placement, FindInGpt(flash, geometry()));
  }
  Device device{flash,         placement,  geometry(),        kProduct,
                state.counter, state.boot, state.domain_kept, {},
                state.report};
  if (state.domain_kept) {
    device.mark_domain = [&state] {
      state.domain_kept = true;
      return absl::OkStatus();
    };
  }
  return Agent::Open(std::move(device), state.records);
}

}  // namespace bootseal::fwu
