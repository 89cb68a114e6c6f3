// The options of both `bootseal fwu layout` commands: which board, which store,
// which bootloader.
#ifndef BOOTSEAL_CLIENT_CLI_FWU_LAYOUT_OPTIONS_H_
#define BOOTSEAL_CLIENT_CLI_FWU_LAYOUT_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/layout/check.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace bootseal::cli {

struct FwuLayoutOptions {
  std::string board;
  std::string store;
  std::string reader;
  std::optional<std::uint32_t> metadata_version;
  bool ab = false;
};

struct FwuLayoutDeclared {
  CLI::Option* board;
  CLI::Option* store;
};

// Bound to `options`, which outlives `app`.
FwuLayoutDeclared DeclareFwuLayoutOptions(CLI::App& app,
                                          FwuLayoutOptions& options);

// nullptr where nothing is said. Ends with kUsage: BOARD_UNKNOWN,
// STORE_UNKNOWN, READER_UNKNOWN, naming those that there are; USAGE for a
// version, or --ab, that the reader does not have.
absl::StatusOr<layout::CheckOrder> ParseFwuLayoutOptions(
    const FwuLayoutOptions& options);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FWU_LAYOUT_OPTIONS_H_
