#include "client/imgtool/dumpinfo.h"

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <string>

#include "absl/strings/strip.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/payload.h"
#include "client/imgtool/image_info.h"
#include "client/imgtool/key_command_parts.h"
#include "client/imgtool/message.h"

namespace bootseal::imgtool {
namespace {

struct Options {
  std::string image;
  std::string output;
  std::string format;
  bool silent = false;
};

struct Form {
  absl::string_view name;
  std::string (*format)(const ImageInfo& info);
};
constexpr std::array<Form, 3> kForms{{
    {"human", FormatHuman},
    {"yaml", FormatYaml},
    {"json", FormatJson},
}};

std::string Format(const Options& options, const ImageInfo& info) {
  std::string name = options.format;
  if (name.empty()) name = options.output.empty() ? "human" : "yaml";
  for (const Form& form : kForms) {
    if (form.name == name) return form.format(info);
  }
  return {};
}

absl::Status Dump(const Options& options) {
  absl::StatusOr<cli::LoadedBytes> file = cli::LoadBytes(options.image);
  if (!file.ok() && absl::IsNotFound(file.status())) {
    return base::Invalid("INPUT_NOT_FOUND", "imgfile", file.status().message());
  }
  RETURN_IF_ERROR(file.status());
  ASSIGN_OR_RETURN(const ImageInfo info,
                   ReadImageInfo(options.image, file->bytes));
  if (info.trailer_magic && !info.trailer) {
    Warn("what follows the image does not end in a trailer's magic");
  }
  const std::string text = Format(options, info);
  // imgtool prints JSON as a line, and writes it to a file as it is.
  const bool is_whole = options.output.empty() || options.format != "json";
  return Deliver(options.output,
                 is_whole ? text : absl::StripSuffix(text, "\n"));
}

}  // namespace

Action DeclareDumpinfo(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("imgfile", options->image, "the image, .bin or .hex")
      ->required();
  app.add_option("-o,--outfile", options->output, "write to this file")
      ->check(cli::NotEmpty());
  app.add_option("-f,--format", options->format,
                 "human (on the terminal), yaml (in a file) or json")
      ->check(CLI::IsMember({"human", "yaml", "json"}));
  app.add_flag("-s,--silent", options->silent, "has no effect, as in imgtool");
  return [options] { return Dump(*options); };
}

}  // namespace bootseal::imgtool
