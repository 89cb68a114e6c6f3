// What the files of a build say, name by name, with the place where they say
// it: CMakeCache.txt, a configured header, Zephyr's .config. No judgement.
//
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_BOOTLOADER_BUILD_H_
#define BOOTSEAL_CLIENT_BOOTLOADER_BUILD_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::bootloader {

struct Fact {
  std::string value;  // "ON", "0x400"; quotes removed
  std::string place;  // "/build/CMakeCache.txt:212"
};
using Facts = std::map<std::string, Fact>;

// NAME:TYPE=VALUE of each entry. A name that comes twice keeps the last value,
// as CMake reads it.
Facts ReadCMakeCache(absl::string_view text, const std::string& path);

// "#define NAME VALUE" (1 for none) and "/* #undef NAME */" (0), as
// configure_file leaves them. What stands behind #if or #ifdef is left out, for
// which holds is not known; #ifndef guards headers and is none.
Facts ReadHeader(absl::string_view text, const std::string& path);

// "CONFIG_X=value" and "# CONFIG_X is not set" (n).
Facts ReadKconfig(absl::string_view text, const std::string& path);

// As CMake and Kconfig have it: ON, TRUE, YES, y and numbers but 0.
bool IsOn(const std::string& value);

// A TF-M build folder: the BL2's mcuboot_config.h counts before CMakeCache.txt,
// as it is what was compiled. NOT_FOUND (BUILD_NOT_FOUND): neither is there;
// BL2_MISSING: built without BL2; the errors of base/file.h.
absl::StatusOr<Facts> LoadTfmBuild(const std::string& folder);

// Zephyr's .config of MCUboot itself, and of the application where it is given
// or found: files, or build folders of one application or of sysbuild.
// BUILD_NOT_FOUND; CONFIG_NOT_MCUBOOT: none of them is a bootloader's.
absl::StatusOr<Facts> LoadZephyrBuild(const std::vector<std::string>& paths);

// The layout files of a TF-M build, "s", "ns" or "s_ns"; empty: there is none.
std::string FindLayout(const std::string& folder, const std::string& image);

}  // namespace bootseal::bootloader

#endif  // BOOTSEAL_CLIENT_BOOTLOADER_BUILD_H_
