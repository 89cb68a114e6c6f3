// Options as imgtool and TF-M's wrapper have them: of several the last counts,
// and a value is never the next option.
//
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_CLI_LAST_OPTION_H_
#define BOOTSEAL_CLIENT_CLI_LAST_OPTION_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "client/cli/arguments.h"

namespace bootseal::cli {

// For an option's value: an option without its own would take the next one for
// it. `app` outlives the validator.
CLI::Validator NoOptionOf(const CLI::App& app);

CLI::Option* LastOf(CLI::Option* option);

CLI::Option* AddText(CLI::App& app, const std::string& names,
                     std::string& value, const std::string& help);

CLI::Option* AddChoice(CLI::App& app, const std::string& names,
                       std::string& value,
                       const std::vector<std::string>& choices,
                       const std::string& help);

// Of 32 bits; std::uint32_t, or an optional one.
template <typename T>
CLI::Option* AddNumber(CLI::App& app, const std::string& names, T& value,
                       const std::string& help) {
  return LastOf(app.add_option(names, value, help))->transform(WholeNumber32());
}

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_LAST_OPTION_H_
