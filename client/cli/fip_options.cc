#include "client/cli/fip_options.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/arguments.h"

namespace bootseal::cli {
namespace {

constexpr char kGroup[] = "Images";

void DeclareBlob(CLI::App& app, ImageOptions& options, const char* help) {
  app.add_option("--blob", options.blobs, help)
      ->allow_extra_args(false)
      ->group(kGroup)
      ->check(NotEmpty());
}

}  // namespace

void DeclareImageFiles(CLI::App& app, ImageOptions& options) {
  for (const image::host::FipName& name : image::host::FipNames()) {
    app.add_option(absl::StrCat("--", name.option), options.files[name.option],
                   name.words)
        ->group(kGroup)
        ->check(NotEmpty());
  }
  DeclareBlob(app, options, "uuid=UUID,file=FILE; again for each");
}

void DeclareImageNames(CLI::App& app, ImageOptions& options) {
  for (const image::host::FipName& name : image::host::FipNames()) {
    app.add_flag(absl::StrCat("--", name.option), options.named[name.option],
                 name.words)
        ->group(kGroup);
  }
  DeclareBlob(app, options, "uuid=UUID; again for each");
}

absl::StatusOr<std::vector<package::ImageFile>> FilesGiven(
    const ImageOptions& options) {
  std::vector<package::ImageFile> files;
  for (const image::host::FipName& name : image::host::FipNames()) {
    const auto given = options.files.find(name.option);
    if (given == options.files.end() || given->second.empty()) continue;
    files.push_back({name.uuid, given->second});
  }
  for (const std::string& text : options.blobs) {
    ASSIGN_OR_RETURN(files.emplace_back(), package::ParseBlob(text));
  }
  return files;
}

absl::StatusOr<std::vector<image::fip::Uuid>> ImagesNamed(
    const ImageOptions& options) {
  std::vector<image::fip::Uuid> uuids;
  for (const image::host::FipName& name : image::host::FipNames()) {
    const auto named = options.named.find(name.option);
    if (named != options.named.end() && named->second) {
      uuids.push_back(name.uuid);
    }
  }
  for (const std::string& text : options.blobs) {
    ASSIGN_OR_RETURN(uuids.emplace_back(), package::ParseBlobUuid(text));
  }
  return uuids;
}

}  // namespace bootseal::cli
