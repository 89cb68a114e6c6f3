// What an argument may be, judged with the command line: a bad one is a usage
// error before a file is read or a server asked.
#ifndef BOOTSEAL_CLIENT_CLI_ARGUMENTS_H_
#define BOOTSEAL_CLIENT_CLI_ARGUMENTS_H_

#include <CLI/CLI.hpp>
#include <cstddef>

namespace bootseal::cli {

inline constexpr std::size_t kMaxRequestIdBytes = 64;

// UTF-8 without control characters: it ends in logs, policies and terminals.
CLI::Validator PlainText();

// The same, of 1 to kMaxRequestIdBytes bytes.
CLI::Validator RequestId();

// A number above 0; not "nan".
CLI::Validator PositiveSeconds();

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_ARGUMENTS_H_
