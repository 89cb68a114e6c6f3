#include "client/cli/fip_make.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/exit_status.h"
#include "client/cli/fip_options.h"
#include "client/cli/output.h"
#include "client/package/fip_files.h"

namespace bootseal::cli {
namespace {

using image::host::FipPackage;

struct Options {
  std::string fip;
  std::string output;
  std::uint64_t align = 1;
  std::string platform_flags;
  ImageOptions images;
};

// As fiptool takes them: hexadecimal, with or without 0x.
absl::StatusOr<std::optional<std::uint16_t>> PlatformFlags(
    const std::string& text) {
  if (text.empty()) return std::nullopt;
  const bool prefixed = text.rfind("0x", 0) == 0;
  const auto number = ParseNumber(prefixed ? text : absl::StrCat("0x", text));
  if (number && *number <= 0xffff) return static_cast<std::uint16_t>(*number);
  return UsageError("PLATFORM_FLAGS",
                    absl::StrCat("--plat-toc-flags \"", text,
                                 "\"; expected hexadecimal, at most ffff"));
}

absl::StatusOr<ExitStatus> Write(const FipPackage& package,
                                 const Options& options) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   image::host::WriteFip(package, options.align));
  RETURN_IF_ERROR(WriteOutput(
      options.output.empty() ? options.fip : options.output, bytes));
  return ExitStatus::kDone;
}

absl::StatusOr<ExitStatus> Update(FipPackage package, const Options& options) {
  ASSIGN_OR_RETURN(const auto flags, PlatformFlags(options.platform_flags));
  ASSIGN_OR_RETURN(const auto files, FilesGiven(options.images));
  ASSIGN_OR_RETURN(auto images, package::ReadImages(files));
  package.platform_flags = flags.value_or(package.platform_flags);
  return Write(image::host::UpdatedFip(std::move(package), std::move(images)),
               options);
}

absl::StatusOr<ExitStatus> UpdateFile(const Options& options) {
  ASSIGN_OR_RETURN(FipPackage package, package::ReadFipFile(options.fip));
  return Update(std::move(package), options);
}

absl::StatusOr<ExitStatus> Remove(const Options& options) {
  ASSIGN_OR_RETURN(FipPackage package, package::ReadFipFile(options.fip));
  ASSIGN_OR_RETURN(const auto uuids, ImagesNamed(options.images));
  for (const image::fip::Uuid& uuid : uuids) {
    ASSIGN_OR_RETURN(package,
                     image::host::WithoutFipImage(std::move(package), uuid));
  }
  return Write(package, options);
}

void DeclareAlign(CLI::App& app, Options& options) {
  app.add_option("--align", options.align,
                 "where each image starts: a power of two")
      ->transform(WholeNumber(1, std::uint64_t{1} << 30));
}

void DeclareChange(CLI::App& app, Options& options) {
  DeclareAlign(app, options);
  app.add_option("--plat-toc-flags", options.platform_flags,
                 "16 bits of the header's flags, hexadecimal")
      ->check(NotEmpty());
  DeclareImageFiles(app, options.images);
  app.add_option("fip", options.fip, "the package")
      ->required()
      ->check(NotEmpty());
}

void DeclareOutput(CLI::App& app, Options& options) {
  app.add_option("-o,--out", options.output,
                 "write another file; default: in its place")
      ->check(NotEmpty());
}

}  // namespace

Action DeclareFipCreate(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareChange(app, *options);
  return [options](Context&) { return Update({}, *options); };
}

Action DeclareFipUpdate(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareChange(app, *options);
  DeclareOutput(app, *options);
  return [options](Context&) { return UpdateFile(*options); };
}

Action DeclareFipRemove(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareAlign(app, *options);
  DeclareImageNames(app, options->images);
  DeclareOutput(app, *options);
  app.add_option("fip", options->fip, "the package")
      ->required()
      ->check(NotEmpty());
  return [options](Context&) { return Remove(*options); };
}

}  // namespace bootseal::cli
