#include "client/cli/fip_read.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/fip_options.h"
#include "client/cli/json.h"
#include "client/cli/text.h"
#include "client/package/fip_files.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {
namespace {

using image::host::FipDigests;
using image::host::FipEntry;
using image::host::FipName;

struct Options {
  std::string fip;
  std::string folder;
  bool force = false;
  ImageOptions images;
};

std::string Sha256(absl::string_view content) {
  return image::host::ToString(image::HashOf(image::HashAlgorithm::kSha256,
                                             image::host::AsBytes(content))
                                   .bytes());
}

std::string NameOf(const FipEntry& entry) {
  const FipName* name = image::host::FindFipName(entry.uuid);
  return name ? name->option : "blob";
}

std::string InJson(const image::fip::Toc& toc,
                   const std::vector<FipEntry>& entries) {
  std::vector<Json> elements;
  for (const FipEntry& entry : entries) {
    const std::string uuid =
        absl::AsciiStrToLower(image::host::FormatFipUuid(entry.uuid));
    elements.push_back(JsonObject()
                           .Add("name", Json::Text(NameOf(entry)))
                           .Add("uuid", Json::Text(uuid))
                           .Add("offset", Json::Number(entry.offset))
                           .Add("size", Json::Number(entry.content.size()))
                           .Add("sha256", Json::Hex(Sha256(entry.content)))
                           .Build());
  }
  return JsonObject()
      .Add("platform_flags", Json::Number(toc.platform_flags))
      .Add("images", Json::Array(elements))
      .Build()
      .text();
}

void SayHeader(const Tracer& tracer, const image::fip::Toc& toc) {
  constexpr std::uint32_t kName = 0xaa640001;
  constexpr int kPlatformShift = 32;
  const auto flags = std::uint64_t{toc.platform_flags} << kPlatformShift;
  tracer.Say(absl::StrFormat("toc_header[name]: 0x%X", kName));
  tracer.Say(absl::StrFormat("toc_header[serial_number]: 0x%X", toc.serial));
  tracer.Say(absl::StrFormat("toc_header[flags]: 0x%X", flags));
}

absl::StatusOr<ExitStatus> Info(const CLI::App& app, const Context& context,
                                const Options& options) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   base::ReadFile(options.fip, package::kMaxFipBytes));
  const auto entries = image::host::ListFip(bytes);
  if (!entries.ok()) {
    return WithExit(base::Annotate(entries.status(), Printable(options.fip)),
                    ExitStatus::kLocalFile);
  }
  const image::fip::Toc toc =
      *image::fip::ReadToc(image::host::AsBytes(bytes), bytes.size());
  const Tracer tracer(app, context);
  SayHeader(tracer, toc);
  PrintResult(context.format() == Format::kJson
                  ? absl::StrCat(InJson(toc, *entries), "\n")
                  : image::host::FormatFipEntries(
                        *entries, tracer.on() ? FipDigests::kShown
                                              : FipDigests::kLeftOut));
  return ExitStatus::kDone;
}

absl::StatusOr<ExitStatus> Unpack(const CLI::App& app, const Context& context,
                                  const Options& options) {
  ASSIGN_OR_RETURN(const auto package, package::ReadFipFile(options.fip));
  ASSIGN_OR_RETURN(auto files, FilesGiven(options.images));
  if (files.empty()) files = package::FilesOf(package);
  const Tracer tracer(app, context);
  for (const package::ImageFile& file : files) {
    tracer.Say(absl::StrCat("Unpacking ", file.path));
  }
  RETURN_IF_ERROR(package::WriteImages(
      package, package::Below(options.folder, std::move(files)),
      options.force ? package::Existing::kReplaced : package::Existing::kKept));
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareFipInfo(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareVerbose(app);
  app.add_option("fip", options->fip, "the package")
      ->required()
      ->check(NotEmpty());
  return [options, &app](Context& context) {
    return Info(app, context, *options);
  };
}

Action DeclareFipUnpack(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareVerbose(app);
  DeclareImageFiles(app, options->images);
  app.add_option("-o,--out", options->folder,
                 "folder for the files; default: this one")
      ->check(NotEmpty());
  app.add_flag("-f,--force", options->force, "replace files that are there");
  app.add_option("fip", options->fip, "the package")
      ->required()
      ->check(NotEmpty());
  return [options, &app](Context& context) {
    return Unpack(app, context, *options);
  };
}

}  // namespace bootseal::cli
