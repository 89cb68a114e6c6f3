#include "client/cli/stm32_header.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/json.h"
#include "client/cli/output.h"
#include "client/cli/text.h"
#include "client/package/chip.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/stm32_image.h"

namespace bootseal::cli {
namespace {

using image::host::AsBytes;
using image::host::ToString;
using image::stm32::Header;

constexpr std::size_t kMaxImageBytes = std::size_t{64} << 20;

struct Options {
  std::string chip;
  std::string file;
  std::string output;
  image::host::Stm32Description description;
};

absl::StatusOr<ExitStatus> Make(Options options) {
  if (IsSamePath(options.output, options.file)) {
    return UsageError(
        "OUTPUT_IS_INPUT",
        absl::StrCat("output ", options.output, " would replace its input"));
  }
  ASSIGN_OR_RETURN(const package::ChipKind* const chip,
                   package::FindChip(options.chip));
  ASSIGN_OR_RETURN(const std::string payload,
                   base::ReadFile(options.file, kMaxImageBytes));
  if (absl::StartsWith(payload, "STM2")) {
    return WithExit(base::Invalid("ALREADY_A_FIRST_STAGE", "payload",
                                  absl::StrCat(options.file,
                                               " begins with a header; give "
                                               "what the build made")),
                    ExitStatus::kUsage);
  }
  options.description.version = chip->header;
  ASSIGN_OR_RETURN(const std::string image,
                   image::host::MakeStm32Image(options.description, payload));
  RETURN_IF_ERROR(WriteOutput(options.output, image));
  return ExitStatus::kDone;
}

struct Field {
  const char* name;
  std::string text;
  Json json = Json::Null();
};

Field NumberField(const char* name, std::uint32_t value) {
  return {name, HexNumber(value), Json::Number(value)};
}

std::vector<Field> FieldsOf(const Header& header, absl::string_view image) {
  const auto payload = image::stm32::PayloadOf(header, AsBytes(image));
  const std::string version = image::host::FormatStm32Version(header.version);
  const bool whole =
      payload.ok() && image::stm32::ChecksumOf(*payload) == header.checksum;
  std::vector<Field> fields{
      {"header", version, Json::Text(version)},
      {"payload", absl::StrCat(header.image_length, " bytes"),
       Json::Number(header.image_length)},
      {"checksum", whole ? "matches" : "does not match", Json::Truth(whole)},
      NumberField("entry_point", header.entry_point),
      NumberField("load_address", header.load_address),
      {"image_version", absl::StrCat(header.image_version),
       Json::Number(header.image_version)},
      NumberField("binary_type", header.binary_type),
      {"signed", header.authenticated ? "yes (not checked)" : "no",
       Json::Truth(header.authenticated)}};
  if (!header.authenticated) return fields;
  const std::string algorithm =
      image::host::FormatStm32Algorithm(header.algorithm);
  fields.push_back({"algorithm", algorithm, Json::Text(algorithm)});
  const std::string fused = ToString(image::stm32::FusedHash(header).bytes());
  fields.push_back(
      {"key_hash", absl::BytesToHexString(fused), Json::Hex(fused)});
  if (header.version != image::stm32::Version::kV1) {
    fields.push_back({"key_index", absl::StrCat(header.key_index),
                      Json::Number(header.key_index)});
  }
  return fields;
}

absl::StatusOr<ExitStatus> Show(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const std::string image,
                   base::ReadFile(options.file, kMaxImageBytes));
  const auto header = image::stm32::ReadHeader(AsBytes(image));
  if (!header.ok()) {
    return LocalFileError(image::host::NameOf(header.error()),
                          absl::StrCat(Printable(options.file), ": ",
                                       image::Text(header.error())));
  }
  std::vector<std::vector<std::string>> rows;
  JsonObject json;
  for (const Field& field : FieldsOf(*header, image)) {
    rows.push_back({field.name, field.text});
    json.Add(field.name, field.json);
  }
  PrintResult(context.format() == Format::kJson
                  ? absl::StrCat(json.Build().text(), "\n")
                  : FormatTable(rows));
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareStm32Header(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--chip", options->chip, "stm32mp15, stm32mp13, ...")
      ->required()
      ->check(NotEmpty());
  app.add_option("--load", options->description.load_address, "load address")
      ->required()
      ->transform(WholeNumber32());
  app.add_option("--entry", options->description.entry_point, "entry point")
      ->required()
      ->transform(WholeNumber32());
  app.add_option("--image-version", options->description.image_version,
                 "against OTP: 1 or more for a chip that is to be closed")
      ->required()
      ->transform(WholeNumber32());
  app.add_option("--binary-type", options->description.binary_type,
                 "default: 0x10, TF-A BL2")
      ->transform(WholeNumber32());
  app.add_option("-o,--output", options->output, "the image, unsigned")
      ->required()
      ->check(NotEmpty());
  app.add_option("payload", options->file, "what the build made")
      ->required()
      ->check(NotEmpty());
  return [options](Context&) { return Make(*options); };
}

Action DeclareStm32Show(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("image", options->file, "a first stage with its header")
      ->required()
      ->check(NotEmpty());
  return [options](Context& context) { return Show(context, *options); };
}

}  // namespace bootseal::cli
