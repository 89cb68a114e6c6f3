// Where TF-M and Zephyr keep those files. Facts: mcuboot 4.1, 4.7; sources:
// TF-M's bl2/ext/mcuboot/CMakeLists.txt, Zephyr's sysbuild.
#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "client/bootloader/build.h"

namespace bootseal::bootloader {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{16} * 1024 * 1024;

constexpr std::array<const char*, 2> kHeaders{
    "bl2/ext/mcuboot/mcuboot_config/mcuboot_config.h",
    "mcuboot_config/mcuboot_config.h"};
constexpr std::array<const char*, 1> kCaches{"CMakeCache.txt"};

bool IsFile(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

template <std::size_t kSize>
std::string FirstFile(const std::string& folder,
                      const std::array<const char*, kSize>& names) {
  for (const char* name : names) {
    const fs::path path = fs::path(folder) / name;
    if (IsFile(path)) return path;
  }
  return {};
}

absl::Status NotFound(const std::string& where, absl::string_view expected) {
  return base::NotFound(
      "BUILD_NOT_FOUND",
      absl::StrCat(where, " is no build, expected ", expected));
}

// What `facts` says already counts.
absl::Status Add(const std::string& path,
                 Facts (*read)(absl::string_view, const std::string&),
                 Facts& facts) {
  if (path.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path, kMostBytes));
  facts.merge(read(text, path));
  return absl::OkStatus();
}

// Of one folder: its own .config, or that of each image of sysbuild.
std::vector<std::string> ConfigsIn(const fs::path& folder) {
  for (const char* name : {".config", "zephyr/.config"}) {
    if (IsFile(folder / name)) return {folder / name};
  }
  std::vector<std::string> configs;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const fs::path config = entry.path() / "zephyr/.config";
    if (IsFile(config)) configs.push_back(config);
  }
  std::sort(configs.begin(), configs.end());
  return configs;
}

std::vector<std::string> ConfigsAt(const std::string& path) {
  return IsFile(path) ? std::vector<std::string>{path} : ConfigsIn(path);
}

bool IsSet(const Facts& facts, const std::string& name) {
  const auto found = facts.find(name);
  return found != facts.end() && IsOn(found->second.value);
}

// Of an application only what it is linked for: the rest is its own.
Facts OfApplication(const Facts& facts) {
  Facts kept;
  const auto offset = facts.find("CONFIG_ROM_START_OFFSET");
  if (IsSet(facts, "CONFIG_BOOTLOADER_MCUBOOT") && offset != facts.end()) {
    kept["APPLICATION_ROM_START_OFFSET"] = offset->second;
  }
  return kept;
}

}  // namespace

absl::StatusOr<Facts> LoadTfmBuild(const std::string& folder) {
  const std::string cache = FirstFile(folder, kCaches);
  const std::string header = FirstFile(folder, kHeaders);
  if (cache.empty() && header.empty()) {
    return NotFound(folder,
                    absl::StrCat("TF-M's build folder, with ", kCaches.front(),
                                 " and ", kHeaders.front(), " in it"));
  }
  Facts facts;
  RETURN_IF_ERROR(Add(header, ReadHeader, facts));
  RETURN_IF_ERROR(Add(cache, ReadCMakeCache, facts));
  const auto bl2 = facts.find("BL2");
  if (bl2 != facts.end() && !IsOn(bl2->second.value)) {
    return base::Precondition(
        "BL2_MISSING",
        absl::StrCat("BL2=", bl2->second.value, " (", bl2->second.place,
                     "): this TF-M has no MCUboot to compare "
                     "with"));
  }
  return facts;
}

absl::StatusOr<Facts> LoadZephyrBuild(const std::vector<std::string>& paths) {
  Facts facts;
  std::vector<std::string> read;
  bool has_bootloader = false;
  for (const std::string& path : paths) {
    for (const std::string& config : ConfigsAt(path)) {
      Facts found;
      RETURN_IF_ERROR(Add(config, ReadKconfig, found));
      const bool is_bootloader = IsSet(found, "CONFIG_MCUBOOT");
      has_bootloader = has_bootloader || is_bootloader;
      facts.merge(is_bootloader ? std::move(found) : OfApplication(found));
      read.push_back(config);
    }
  }
  if (read.empty()) {
    return NotFound(absl::StrJoin(paths, ", "),
                    "a .config, or a build folder with zephyr/.config in it");
  }
  if (has_bootloader) return facts;
  return base::Precondition(
      "CONFIG_NOT_MCUBOOT",
      absl::StrCat(absl::StrJoin(read, ", "),
                   ": no CONFIG_MCUBOOT=y, expected the .config of MCUboot "
                   "itself (build/mcuboot/zephyr/.config)"));
}

std::string FindLayout(const std::string& folder, const std::string& image) {
  const std::string name = absl::StrCat("signing_layout_", image, ".o");
  // The combined one is built by the target of the secure one.
  const std::string target =
      absl::StrCat("signing_layout_", image == "ns" ? "ns" : "s", ".dir");
  const std::array<fs::path, 4> places{
      fs::path(folder) / "bl2/ext/mcuboot/CMakeFiles" / target / name,
      fs::path(folder) / "api_ns/image_signing/layout_files" / name,
      fs::path(folder) / "image_signing/layout_files" / name,
      fs::path(folder) / name};
  for (const fs::path& place : places) {
    if (IsFile(place)) return place;
  }
  return {};
}

}  // namespace bootseal::bootloader
