// Any bytes as a bundle, and changes of an exported folder: whatever the files
// are, what is taken is the log that the checkpoint's key signed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/tiles/folder_check.h"
#include "client/tiles/folder_reader.h"
#include "client/tiles/tile_path.h"
#include "tests/client/tiles/written_log.h"
#include "tests/fuzz/fuzz_input.h"

namespace bootseal::tests {
namespace {

constexpr int kMostEdits = 3;

void Require(bool holds) {
  if (!holds) std::abort();
}

void Write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

// A log of some size, as it was exported.
class Export {
 public:
  explicit Export(std::uint64_t size) {
    Require(log_.Export(size).ok());
    names_ = log_.Files();
    for (const std::string& name : names_) content_[name] = log_.Read(name);
  }

  const WrittenLog& log() const { return log_; }
  const std::vector<std::string>& names() const { return names_; }
  const std::string& ContentOf(const std::string& name) const {
    return content_.at(name);
  }
  std::string PathOf(const std::string& name) const {
    return absl::StrCat(log_.folder(), "/", name);
  }
  void Restore(const std::string& name) const {
    std::filesystem::remove_all(PathOf(name));
    Write(PathOf(name), ContentOf(name));
  }

 private:
  WrittenLog log_;
  std::vector<std::string> names_;
  std::map<std::string, std::string> content_;
};

using Exports = std::vector<std::unique_ptr<Export>>;

Exports AllExports() {
  Exports exports;
  for (const std::uint64_t size : {1U, 2U, 7U, 255U, 256U, 257U, 513U}) {
    exports.push_back(std::make_unique<Export>(size));
  }
  return exports;
}

const Export& AnyExport(FuzzInput& data) {
  static const Exports exports = AllExports();
  return *exports[data.ConsumeIntegralInRange<std::size_t>(0,
                                                           exports.size() - 1)];
}

const std::string& AnyName(const Export& folder, FuzzInput& data) {
  return folder.names()[data.ConsumeIntegralInRange<std::size_t>(
      0, folder.names().size() - 1)];
}

std::string Changed(std::string content, FuzzInput& data) {
  const auto at = data.ConsumeIntegralInRange<std::size_t>(0, content.size());
  switch (data.ConsumeIntegralInRange(0, 3)) {
    case 0:
      return content.substr(0, at);
    case 1:
      if (at < content.size()) content[at] ^= static_cast<char>(1);
      return content;
    case 2:
      return content.insert(at, data.ConsumeBytes(data.ConsumeByte()));
    default:
      return data.ConsumeBytes(data.ConsumeByte());
  }
}

// Gives the name of the file that is another now.
std::string Edit(const Export& folder, FuzzInput& data) {
  const std::string& name = AnyName(folder, data);
  const std::string path = folder.PathOf(name);
  switch (data.ConsumeIntegralInRange(0, 4)) {
    case 0:
      std::filesystem::remove_all(path);
      break;
    case 1:
      std::filesystem::remove_all(path);
      std::filesystem::create_directory(path);
      break;
    case 2:
      std::filesystem::remove_all(path);
      Write(path, folder.ContentOf(AnyName(folder, data)));
      break;
    default:
      std::filesystem::remove_all(path);
      Write(path, Changed(folder.ContentOf(name), data));
  }
  return name;
}

void RequireHonest(const tiles::FolderReader& reader) {
  std::uint64_t next = 0;
  while (next < reader.head().size) {
    const auto entries = reader.Entries(next);
    Require(entries.ok() && !entries->empty());
    for (const std::string& entry : *entries) {
      Require(entry == absl::StrCat("entry-", next++));
    }
  }
  Require(next == reader.head().size && reader.Entries(next)->empty());
}

void TryEveryPart(const tiles::FolderReader& reader) {
  for (std::uint32_t level = 0; level < 3; ++level) {
    for (std::uint64_t index = 0; index < 3; ++index) {
      const auto tile = reader.Tile(level, index);
      Require(!tile.ok() || tile->size() <= tiles::kTileWidth);
    }
  }
  for (const std::uint64_t start : {0U, 1U, 255U, 256U, 511U}) {
    const auto entries = reader.Entries(start);
    Require(!entries.ok() || entries->size() <= tiles::kTileWidth);
  }
}

void TryFolder(FuzzInput& data) {
  const Export& folder = AnyExport(data);
  std::vector<std::string> edited;
  const int edits = data.ConsumeIntegralInRange(0, kMostEdits);
  for (int i = 0; i < edits; ++i) edited.push_back(Edit(folder, data));
  if (const auto reader = folder.log().Open(); reader.ok()) {
    TryEveryPart(*reader);
    const bool good = tiles::CheckFolder(*reader).ok();
    Require(good || edits > 0);
    if (good) RequireHonest(*reader);
  }
  for (const std::string& name : edited) folder.Restore(name);
}

void TryBundle(absl::string_view bytes) {
  for (const std::uint32_t width : {0U, 1U, 3U, tiles::kTileWidth}) {
    const auto entries = tiles::SplitBundle(bytes, width);
    if (!entries.ok()) continue;
    Require(entries->size() == width);
    std::string again;
    for (const std::string& entry : *entries) {
      absl::StrAppend(&again, tiles::BundleItem(entry));
    }
    Require(absl::StartsWith(bytes, again));
  }
}

}  // namespace
}  // namespace bootseal::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  bootseal::tests::TryBundle({reinterpret_cast<const char*>(bytes), size});
  bootseal::tests::FuzzInput data(bytes, size);
  bootseal::tests::TryFolder(data);
  return 0;
}
