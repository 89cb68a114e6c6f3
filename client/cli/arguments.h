// What an argument may be, judged with the command line: a bad one is a usage
// error before a file is read or a server asked. An empty one is bad wherever
// these are used: a script's unset variable is no wish for the default.
#ifndef BOOTSEAL_CLIENT_CLI_ARGUMENTS_H_
#define BOOTSEAL_CLIENT_CLI_ARGUMENTS_H_

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "absl/strings/string_view.h"

namespace bootseal::cli {

inline constexpr std::size_t kMaxRequestIdBytes = 64;

CLI::Validator NotEmpty();

// UTF-8 without control characters: it ends in logs, policies and terminals.
CLI::Validator PlainText();

// The same, of 1 to kMaxRequestIdBytes bytes.
CLI::Validator RequestId();

inline constexpr std::uint64_t kMaxNumber =
    std::numeric_limits<std::uint64_t>::max();

// A number above 0; not "nan".
CLI::Validator PositiveSeconds();

// As imgtool takes numbers: decimal without leading zeros, or 0x, 0o, 0b and
// digits; nullopt for anything else and above 64 bits.
std::optional<std::uint64_t> ParseNumber(absl::string_view text);

// Such a number from `least` to `most`, handed on in decimal: for transform(),
// as check() would drop that.
CLI::Validator WholeNumber(std::uint64_t least = 0,
                           std::uint64_t most = kMaxNumber);

// The same, of 32 bits.
CLI::Validator WholeNumber32();

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_ARGUMENTS_H_
