#include "client/cli/fip_make.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/exit_status.h"
#include "client/cli/fip_options.h"
#include "client/cli/output.h"
#include "client/package/fip_files.h"

namespace bootseal::cli {
namespace {

using image::host::FipImage;
using image::host::FipPackage;

struct Options {
  std::string fip;
  std::string output;
  std::uint64_t align = 1;
  std::string platform_flags;
  bool force = false;
  ImageOptions images;
};

// As fiptool takes them: hexadecimal, with or without 0x.
absl::StatusOr<std::optional<std::uint16_t>> PlatformFlags(
    const std::string& text) {
  if (text.empty()) return std::nullopt;
  absl::string_view digits = text;
  if (!absl::ConsumePrefix(&digits, "0x")) absl::ConsumePrefix(&digits, "0X");
  const auto number = ParseNumber(absl::StrCat("0x", digits));
  if (number && *number <= 0xffff) return static_cast<std::uint16_t>(*number);
  return UsageError("PLATFORM_FLAGS",
                    absl::StrCat("--plat-toc-flags \"", text,
                                 "\"; expected hexadecimal, at most ffff"));
}

std::string PlaceOf(const Options& options) {
  return options.output.empty() ? options.fip : options.output;
}

void SaySizes(const Tracer& tracer, const FipPackage& package) {
  std::size_t payload = 0;
  for (const FipImage& image : package.images) payload += image.content.size();
  tracer.Say(absl::StrCat(
      "Metadata size: ", image::fip::TocBytes(package.images.size()),
      " bytes"));
  tracer.Say(absl::StrCat("Payload size: ", payload, " bytes"));
}

absl::StatusOr<ExitStatus> Write(const Tracer& tracer,
                                 const FipPackage& package,
                                 const Options& options) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   image::host::WriteFip(package, options.align));
  SaySizes(tracer, package);
  RETURN_IF_ERROR(WriteOutput(PlaceOf(options), bytes));
  return ExitStatus::kDone;
}

void SayChange(const Tracer& tracer, const FipPackage& package,
               const package::ImageFile& file) {
  const auto same = [&](const FipImage& image) {
    return image.uuid == file.uuid;
  };
  tracer.Say(std::any_of(package.images.begin(), package.images.end(), same)
                 ? absl::StrCat("Replacing ", SpokenName(file.uuid), " with ",
                                file.path)
                 : absl::StrCat("Adding image ", file.path));
}

absl::StatusOr<ExitStatus> Update(const Tracer& tracer, FipPackage package,
                                  const Options& options) {
  ASSIGN_OR_RETURN(const auto flags, PlatformFlags(options.platform_flags));
  ASSIGN_OR_RETURN(const auto files, FilesGiven(options.images));
  ASSIGN_OR_RETURN(auto images, package::ReadImages(files));
  for (const auto& file : files) SayChange(tracer, package, file);
  package.platform_flags = flags.value_or(package.platform_flags);
  return Write(tracer,
               image::host::UpdatedFip(std::move(package), std::move(images)),
               options);
}

absl::StatusOr<ExitStatus> UpdateFile(const Tracer& tracer,
                                      const Options& options) {
  ASSIGN_OR_RETURN(FipPackage package,
                   package::ReadFipFileIfThere(options.fip));
  return Update(tracer, std::move(package), options);
}

absl::StatusOr<ExitStatus> Remove(const Tracer& tracer,
                                  const Options& options) {
  if (!options.output.empty() && !options.force) {
    RETURN_IF_ERROR(package::CheckAbsent(options.output));
  }
  ASSIGN_OR_RETURN(FipPackage package, package::ReadFipFile(options.fip));
  ASSIGN_OR_RETURN(const auto uuids, ImagesNamed(options.images));
  for (const image::fip::Uuid& uuid : uuids) {
    ASSIGN_OR_RETURN(package,
                     image::host::WithoutFipImage(std::move(package), uuid));
    tracer.Say(absl::StrCat("Removing ", SpokenName(uuid)));
  }
  return Write(tracer, package, options);
}

void DeclareAlign(CLI::App& app, Options& options) {
  app.add_option("--align", options.align,
                 "where each image starts: a power of two")
      ->transform(WholeNumber(1, std::uint64_t{1} << 30));
}

void DeclareChange(CLI::App& app, Options& options) {
  DeclareVerbose(app);
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
  return [options, &app](Context& context) {
    return Update(Tracer(app, context), {}, *options);
  };
}

Action DeclareFipUpdate(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareChange(app, *options);
  DeclareOutput(app, *options);
  return [options, &app](Context& context) {
    return UpdateFile(Tracer(app, context), *options);
  };
}

Action DeclareFipRemove(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareVerbose(app);
  DeclareAlign(app, *options);
  DeclareImageNames(app, options->images);
  DeclareOutput(app, *options);
  app.add_flag("-f,--force", options->force,
               "replace the file of --out if it is there");
  app.add_option("fip", options->fip, "the package")
      ->required()
      ->check(NotEmpty());
  return [options, &app](Context& context) {
    return Remove(Tracer(app, context), *options);
  };
}

}  // namespace bootseal::cli
