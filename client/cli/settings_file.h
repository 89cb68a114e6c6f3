// The settings file as text, for what reads and writes it as a whole. Keys and
// precedence: settings.h. Thread-safe as long as nobody changes the
// environment.
#ifndef BOOTSEAL_CLIENT_CLI_SETTINGS_FILE_H_
#define BOOTSEAL_CLIENT_CLI_SETTINGS_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/settings.h"

namespace bootseal::cli {

inline constexpr std::size_t kMaxSettingsBytes = 64 << 10;

// The one that is read when none is named; empty when neither XDG_CONFIG_HOME
// nor HOME is set.
std::string SettingsPath();

// What a file with `text` says at `path`; its relative paths begin there. Ends
// with kUsage: CONFIG_INVALID.
absl::StatusOr<Settings> ParseSettings(const std::string& path,
                                       const std::string& text);

// A setting that has a key in the file, and a value.
struct SettingLine {
  std::string key;
  std::string value;
};

// In the order of settings.h; BOOTSEAL_TOKEN has no key.
std::vector<SettingLine> SettingLines(const Settings& settings);

// Names of the variables that are set and so win over the file.
std::vector<std::string> VariablesThatWin();

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_SETTINGS_FILE_H_
