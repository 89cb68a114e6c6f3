// Words about the command line: what every help ends with, and what is wrong
// with one that does not parse.
#ifndef BOOTSEAL_CLIENT_CLI_USAGE_H_
#define BOOTSEAL_CLIENT_CLI_USAGE_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace bootseal::cli {

// Global options, environment, defaults and exit status.
extern const char kFooter[];

// What is wrong and which help to read. A word that nobody knows is named
// before anything that is missing. `app` is the root, after it failed to parse
// `arguments`.
std::string UsageProblem(const CLI::App& app,
                         const std::vector<std::string>& arguments,
                         const CLI::ParseError& error);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_USAGE_H_
