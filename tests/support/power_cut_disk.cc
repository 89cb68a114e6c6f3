#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/support/power_cut.h"

namespace bootseal::tests {
namespace {

using Kind = DiskOperation::Kind;

// Smallest unit that a disk writes whole.
constexpr std::size_t kSector = 512;

bool Chance(std::mt19937& random) {
  return std::bernoulli_distribution(0.5)(random);
}

void WriteAt(std::string& content, std::size_t offset,
             const std::string& bytes) {
  if (content.size() < offset + bytes.size()) {
    content.resize(offset + bytes.size(), '\0');
  }
  content.replace(offset, bytes.size(), bytes);
}

void ApplyTo(std::string& content, const DiskOperation& operation) {
  if (operation.kind == Kind::kTruncate) {
    content.resize(operation.offset, '\0');
  } else {
    WriteAt(content, operation.offset, operation.bytes);
  }
}

// Some of its sectors. Bytes beside those written are never touched: SQLite
// counts on that (its SQLITE_IOCAP_POWERSAFE_OVERWRITE).
void ScatterInto(std::string& content, const DiskOperation& operation,
                 std::mt19937& random) {
  if (operation.kind == Kind::kTruncate) {
    if (Chance(random)) ApplyTo(content, operation);
    return;
  }
  std::size_t done = 0;
  while (done < operation.bytes.size()) {
    const std::size_t offset = operation.offset + done;
    const std::size_t length =
        std::min(kSector - offset % kSector, operation.bytes.size() - done);
    if (Chance(random)) {
      WriteAt(content, offset, operation.bytes.substr(done, length));
    }
    done += length;
  }
}

}  // namespace

Disk::Disk(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    names_[entry.path().filename()] = files_.size();
    files_.push_back({{std::istreambuf_iterator<char>(in), {}}, {}});
  }
  synced_names_ = names_;
}

void Disk::Apply(const DiskOperation& operation) {
  switch (operation.kind) {
    case Kind::kCreate:
      names_[operation.name] = files_.size();
      files_.emplace_back();
      return;
    case Kind::kRemove:
      names_.erase(operation.name);
      return;
    case Kind::kSyncFolder:
      synced_names_ = names_;
      return;
    case Kind::kSync: {
      File& file = files_.at(names_.at(operation.name));
      for (const DiskOperation& each : file.pending) {
        ApplyTo(file.synced, each);
      }
      file.pending.clear();
      return;
    }
    case Kind::kWrite:
    case Kind::kTruncate:
      files_.at(names_.at(operation.name)).pending.push_back(operation);
      return;
  }
  std::abort();
}

std::string Disk::ContentOf(const File& file, Survivors survivors,
                            std::mt19937& random) {
  std::string content = file.synced;
  if (survivors == Survivors::kSynced) return content;
  for (const DiskOperation& operation : file.pending) {
    if (survivors == Survivors::kAll) {
      ApplyTo(content, operation);
    } else {
      ScatterInto(content, operation, random);
    }
  }
  return content;
}

Disk::Names Disk::NamesAfter(Survivors survivors, std::mt19937& random) const {
  if (survivors == Survivors::kSynced) return synced_names_;
  if (survivors == Survivors::kAll) return names_;
  std::set<std::string> all;
  for (const auto& [name, file] : names_) all.insert(name);
  for (const auto& [name, file] : synced_names_) all.insert(name);
  Names chosen;
  for (const std::string& name : all) {
    const Names& from = Chance(random) ? names_ : synced_names_;
    const auto found = from.find(name);
    if (found != from.end()) chosen.insert(*found);
  }
  return chosen;
}

void Disk::CopyTo(const std::string& folder, Survivors survivors,
                  std::mt19937& random) const {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  for (const auto& [name, file] : NamesAfter(survivors, random)) {
    std::ofstream(std::filesystem::path(folder) / name, std::ios::binary)
        << ContentOf(files_[file], survivors, random);
  }
}

}  // namespace bootseal::tests
