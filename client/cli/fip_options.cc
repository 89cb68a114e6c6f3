#include "client/cli/fip_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

constexpr char kGroup[] = "Images";
constexpr char kVerbose[] = "--verbose";

void DeclareBlob(CLI::App& app, ImageOptions& options, const char* help) {
  app.add_option("-b,--blob", options.blobs, help)
      ->allow_extra_args(false)
      ->group(kGroup)
      ->check(NotEmpty());
}

}  // namespace

void DeclareVerbose(CLI::App& command) {
  CLI::App* const group = command.get_parent();
  if (group->get_option_no_throw(kVerbose) != nullptr) return;
  const std::string words = "say what is done; info: digests and flags";
  group->add_flag("-v,--verbose", words);
}

Tracer::Tracer(const CLI::App& command, const Context& context)
    : on_(context.format() == Format::kText &&
          command.get_parent()->count(kVerbose) > 0) {}

void Tracer::Say(absl::string_view words) const {
  if (!on_) return;
  std::fputs(absl::StrCat("DEBUG: ", Printable(words), "\n").c_str(), stderr);
}

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
    ASSIGN_OR_RETURN(const auto uuid, package::ParseBlobUuid(text));
    if (std::find(uuids.begin(), uuids.end(), uuid) == uuids.end()) {
      uuids.push_back(uuid);
    }
  }
  return uuids;
}

std::string SpokenName(const image::fip::Uuid& uuid) {
  for (const image::host::FipName& name : image::host::GeneralFipNames()) {
    if (name.uuid == uuid) return name.option;
  }
  return "blob";
}

}  // namespace bootseal::cli
