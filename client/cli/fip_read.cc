#include "client/cli/fip_read.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
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

std::string InText(const std::vector<FipEntry>& entries) {
  std::vector<std::vector<std::string>> rows;
  for (const FipEntry& entry : entries) {
    rows.push_back(
        {NameOf(entry), HexNumber(entry.offset),
         absl::StrCat(entry.content.size(), " bytes"),
         absl::BytesToHexString(Sha256(entry.content)),
         absl::AsciiStrToLower(image::host::FormatFipUuid(entry.uuid))});
  }
  return FormatTable(rows);
}

Json InJson(const std::vector<FipEntry>& entries) {
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
  return JsonObject().Add("images", Json::Array(elements)).Build();
}

absl::StatusOr<ExitStatus> Info(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   base::ReadFile(options.fip, package::kMaxFipBytes));
  const auto entries = image::host::ListFip(bytes);
  if (!entries.ok()) {
    return WithExit(base::Annotate(entries.status(), Printable(options.fip)),
                    ExitStatus::kLocalFile);
  }
  PrintResult(context.format() == Format::kJson
                  ? absl::StrCat(InJson(*entries).text(), "\n")
                  : InText(*entries));
  return ExitStatus::kDone;
}

absl::StatusOr<ExitStatus> Unpack(const Options& options) {
  ASSIGN_OR_RETURN(const auto package, package::ReadFipFile(options.fip));
  ASSIGN_OR_RETURN(auto files, FilesGiven(options.images));
  if (files.empty()) files = package::FilesOf(package, options.folder);
  RETURN_IF_ERROR(package::WriteImages(
      package, files,
      options.force ? package::Existing::kReplaced : package::Existing::kKept));
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareFipInfo(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("fip", options->fip, "the package")
      ->required()
      ->check(NotEmpty());
  return [options](Context& context) { return Info(context, *options); };
}

Action DeclareFipUnpack(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareImageFiles(app, options->images);
  app.add_option("--out", options->folder,
                 "folder for all images; default: this one")
      ->check(NotEmpty());
  app.add_flag("--force", options->force, "replace files that are there");
  app.add_option("fip", options->fip, "the package")
      ->required()
      ->check(NotEmpty());
  return [options](Context&) { return Unpack(*options); };
}

}  // namespace bootseal::cli
