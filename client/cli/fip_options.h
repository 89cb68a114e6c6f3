// fiptool's options that name images of a package: one for each that has a
// name, and --blob for the others; and its --verbose.
#ifndef BOOTSEAL_CLIENT_CLI_FIP_OPTIONS_H_
#define BOOTSEAL_CLIENT_CLI_FIP_OPTIONS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/context.h"
#include "client/package/fip_files.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::cli {

// Filled when the command line is parsed; must not be moved before.
struct ImageOptions {
  std::map<std::string, std::string> files;  // by option's name
  std::map<std::string, bool> named;
  std::vector<std::string> blobs;
};

// --verbose of the whole group, as fiptool has it before the command's name.
void DeclareVerbose(CLI::App& command);

// What fiptool says with --verbose, on standard error and in its words; nothing
// without it, and nothing with --json. `command` is one of the group.
class Tracer {
 public:
  Tracer(const CLI::App& command, const Context& context);
  bool on() const { return on_; }
  void Say(absl::string_view words) const;

 private:
  bool on_;
};

// --tos-fw FILE, ..., --blob uuid=UUID,file=FILE
void DeclareImageFiles(CLI::App& app, ImageOptions& options);
// --tos-fw, ..., --blob uuid=UUID
void DeclareImageNames(CLI::App& app, ImageOptions& options);

// Ends with usage: BLOB.
absl::StatusOr<std::vector<package::ImageFile>> FilesGiven(
    const ImageOptions& options);
// Each once.
absl::StatusOr<std::vector<image::fip::Uuid>> ImagesNamed(
    const ImageOptions& options);

// As fiptool calls it in what it says: "tos-fw", or "blob".
std::string SpokenName(const image::fip::Uuid& uuid);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FIP_OPTIONS_H_
