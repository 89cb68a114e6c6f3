// The settings file, written: what client/cli/settings_file.h reads.
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_LOGIN_SETTINGS_TEXT_H_
#define BOOTSEAL_CLIENT_LOGIN_SETTINGS_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/settings.h"

namespace bootseal::login {

// Lines for `settings` behind the comments of `before`, for a file at `path`.
// Ends with kLocalFile: SETTING_UNWRITABLE for a value that would not be read
// as it is written.
absl::StatusOr<std::string> SettingsText(const cli::Settings& settings,
                                         const std::string& path,
                                         const std::string& before);

// "key = value" for each setting that is there.
std::vector<std::string> SettingsInWords(const cli::Settings& settings);

}  // namespace bootseal::login

#endif  // BOOTSEAL_CLIENT_LOGIN_SETTINGS_TEXT_H_
