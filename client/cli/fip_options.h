// fiptool's options that name images of a package: one for each that has a
// name, and --blob for the others.
#ifndef BOOTSEAL_CLIENT_CLI_FIP_OPTIONS_H_
#define BOOTSEAL_CLIENT_CLI_FIP_OPTIONS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
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

// --tos-fw FILE, ..., --blob uuid=UUID,file=FILE
void DeclareImageFiles(CLI::App& app, ImageOptions& options);
// --tos-fw, ..., --blob uuid=UUID
void DeclareImageNames(CLI::App& app, ImageOptions& options);

// Ends with usage: BLOB.
absl::StatusOr<std::vector<package::ImageFile>> FilesGiven(
    const ImageOptions& options);
absl::StatusOr<std::vector<image::fip::Uuid>> ImagesNamed(
    const ImageOptions& options);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FIP_OPTIONS_H_
