#include "client/cli/settings.h"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/settings_file.h"

namespace bootseal::cli {
namespace {

enum class Kind { kText, kList, kPath, kTextOrPath };

struct Setting {
  std::string Settings::*member;
  const char* environment;
  const char* key;
  Kind kind;
};

// Of tokens: see kTokens.
constexpr std::array<Setting, 5> kSettings{{
    {&Settings::server, "BOOTSEAL_SERVER", "server", Kind::kList},
    {&Settings::ca, "BOOTSEAL_CA", "ca", Kind::kPath},
    {&Settings::certificate, "BOOTSEAL_CERT", "cert", Kind::kPath},
    {&Settings::key, "BOOTSEAL_KEY", "key", Kind::kPath},
    {&Settings::log_key, "BOOTSEAL_LOG_KEY", "log-key", Kind::kTextOrPath},
}};

// `key` is nullptr where the file has none.
constexpr std::array<Setting, 3> kTokens{{
    {&Settings::token, "BOOTSEAL_TOKEN", nullptr, Kind::kText},
    {&Settings::token_file, "BOOTSEAL_TOKEN_FILE", "token-file", Kind::kPath},
    {&Settings::token_audience, "BOOTSEAL_TOKEN_AUDIENCE", "token-audience",
     Kind::kText},
}};

std::vector<Setting> FileSettings() {
  std::vector<Setting> settings(kSettings.begin(), kSettings.end());
  for (const Setting& setting : kTokens) {
    if (setting.key != nullptr) settings.push_back(setting);
  }
  return settings;
}

std::optional<Setting> FindSetting(const std::string& key) {
  for (const Setting& setting : FileSettings()) {
    if (key == setting.key) return setting;
  }
  return std::nullopt;
}

std::string Anchored(const Setting& setting, const std::string& value,
                     const std::string& path) {
  // A vkey has two plus signs and no folder of its own to be relative to.
  const bool text =
      setting.kind == Kind::kText || setting.kind == Kind::kList ||
      (setting.kind == Kind::kTextOrPath && absl::StrContains(value, "+"));
  if (text || absl::StartsWith(value, "/")) return value;
  return absl::StrCat(path.substr(0, path.rfind('/') + 1), value);
}

absl::Status ConfigError(const std::string& path, absl::string_view what) {
  return UsageError("CONFIG_INVALID", absl::StrCat(path, ": ", what));
}

absl::Status Apply(const CLI::ConfigItem& item, const std::string& path,
                   Settings& settings) {
  const std::optional<Setting> setting = FindSetting(item.fullname());
  if (!setting) {
    return ConfigError(
        path,
        absl::StrCat("unknown key \"", item.fullname(), "\"; known: ",
                     absl::StrJoin(FileSettings(), ", ",
                                   [](std::string* out, const auto& each) {
                                     out->append(each.key);
                                   })));
  }
  // The library splits at commas and spaces.
  if (setting->kind == Kind::kList && !item.inputs.empty()) {
    settings.*setting->member = absl::StrJoin(item.inputs, ",");
    return absl::OkStatus();
  }
  if (item.inputs.size() != 1) {
    return ConfigError(
        path, absl::StrCat("key \"", item.fullname(), "\" needs one value"));
  }
  settings.*setting->member = Anchored(*setting, item.inputs.front(), path);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<CLI::ConfigItem>> ParseItems(
    const std::string& path, const std::string& text) {
  std::istringstream stream(text);
  try {
    return CLI::ConfigINI().from_config(stream);
  } catch (const CLI::Error& error) {  // the library reports by exception
    return ConfigError(path, error.what());
  }
}

absl::StatusOr<Settings> ReadConfig(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadFile(path, kMaxSettingsBytes));
  return ParseSettings(path, text);
}

absl::StatusOr<Settings> ReadAnyConfig(const std::string& named) {
  if (!named.empty()) return ReadConfig(named);
  const std::string path = SettingsPath();
  if (path.empty()) return Settings();
  absl::StatusOr<Settings> settings = ReadConfig(path);
  if (base::ReasonOf(settings.status()) == "FILE_NOT_FOUND") return Settings();
  return settings;
}

// How many tokens a source names.
int TokensOf(const Settings& settings) {
  int count = 0;
  for (const Setting& setting : kTokens) {
    if (!(settings.*setting.member).empty()) ++count;
  }
  return count;
}

Settings TokensOfEnvironment() {
  Settings settings;
  for (const Setting& setting : kTokens) {
    settings.*setting.member = FromEnvironment(setting.environment);
  }
  return settings;
}

// A token file on the command line stands against a token in the environment:
// not each by itself, as the others.
absl::StatusOr<Settings> ResolveToken(const Settings& flags,
                                      const Settings& file) {
  for (const Settings& source : {flags, TokensOfEnvironment(), file}) {
    const int tokens = TokensOf(source);
    if (tokens == 0) continue;
    if (tokens > 1) {
      return UsageError("TOKEN_AMBIGUOUS",
                        absl::StrCat(tokens,
                                     " tokens are named, expected one of a "
                                     "token file, a token audience and "
                                     "BOOTSEAL_TOKEN"));
    }
    return source;
  }
  return Settings();
}

}  // namespace

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string SettingsPath() {
  if (const std::string home = FromEnvironment("XDG_CONFIG_HOME");
      !home.empty()) {
    return absl::StrCat(home, "/bootseal/config");
  }
  const std::string home = FromEnvironment("HOME");
  return home.empty() ? "" : absl::StrCat(home, "/.config/bootseal/config");
}

absl::StatusOr<Settings> ParseSettings(const std::string& path,
                                       const std::string& text) {
  ASSIGN_OR_RETURN(const auto items, ParseItems(path, text));
  Settings settings;
  for (const CLI::ConfigItem& item : items) {
    RETURN_IF_ERROR(Apply(item, path, settings));
  }
  return settings;
}

std::vector<SettingLine> SettingLines(const Settings& settings) {
  std::vector<SettingLine> lines;
  for (const Setting& setting : FileSettings()) {
    const std::string& value = settings.*setting.member;
    if (!value.empty()) lines.push_back({setting.key, value});
  }
  return lines;
}

std::vector<std::string> VariablesThatWin() {
  std::vector<std::string> names;
  const auto look = [&names](const Setting& setting) {
    if (FromEnvironment(setting.environment).empty()) return;
    names.emplace_back(setting.environment);
  };
  for (const Setting& setting : kSettings) look(setting);
  for (const Setting& setting : kTokens) look(setting);
  return names;
}

absl::StatusOr<Settings> Resolve(const Flags& flags) {
  ASSIGN_OR_RETURN(const Settings file, ReadAnyConfig(flags.config));
  Settings resolved;
  for (const Setting& setting : kSettings) {
    std::string& value = resolved.*setting.member;
    value = flags.settings.*setting.member;
    if (value.empty()) value = FromEnvironment(setting.environment);
    if (value.empty()) value = file.*setting.member;
  }
  ASSIGN_OR_RETURN(const Settings token, ResolveToken(flags.settings, file));
  for (const Setting& setting : kTokens) {
    resolved.*setting.member = token.*setting.member;
  }
  return resolved;
}

}  // namespace bootseal::cli
