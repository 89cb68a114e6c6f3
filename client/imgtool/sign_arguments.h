// The command line of `sign` and its alias `create`. Facts: mcuboot 2.2, 2.3.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_SIGN_ARGUMENTS_H_
#define BOOTSEAL_CLIENT_IMGTOOL_SIGN_ARGUMENTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/imgtool/options.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::imgtool {

// As typed: what CLI11 judges lies in `options`, the rest is text.
struct SignArguments {
  SignOptions options;
  std::string version;
  std::string security_counter;
  std::string dependencies;
  std::string vid;
  std::string cid;
  std::vector<std::pair<std::string, std::string>> custom;
  std::vector<std::pair<std::string, std::string>> custom_files;
  std::string align = "1";
  std::string max_align;
  std::string erased = "0xff";
  std::string endian = "little";
  std::string key_format = "hash";
  std::string hash = "auto";
  std::string hmac = "auto";
  std::string key_bits = "128";
  std::string vector;
  std::string compression = "disabled";
  std::string strategy;
  std::optional<std::uint32_t> header_size;
  std::optional<std::uint32_t> slot_size;
  bool pad = false;
  bool test = false;
  bool confirm = false;
};

// Adds the options to `app`; parsing fills what is returned.
std::shared_ptr<SignArguments> DeclareSignArguments(CLI::App& app);

// INVALID_ARGUMENT naming the option: a value that cannot be, options that
// contradict one another, a missing file, and an option that swallowed one.
absl::StatusOr<SignOptions> ReadSignArguments(const SignArguments& arguments);

// The same without judging what a target of a server judges: options that
// contradict one another, and -H and -S, which it knows itself.
absl::StatusOr<SignOptions> ReadForServer(const SignArguments& arguments);

// Long names ("--slot-size") of what was on the command line that `app` parsed.
std::set<std::string> GivenOptions(const CLI::App& app);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_SIGN_ARGUMENTS_H_
