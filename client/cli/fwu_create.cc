#include "client/cli/fwu_create.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/metadata_request.h"
#include "client/cli/output.h"
#include "client/cli/provisioning.h"
#include "client/cli/text.h"
#include "client/fwu/bundle.h"
#include "client/release/metadata_file.h"
#include "client/release/metadata_order.h"
#include "client/release/readers.h"
#include "firmware/image/host/fwumd_json.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kMaxJsonBytes = 1 << 20;

struct Options {
  std::optional<std::uint32_t> version;
  ProvisioningOptions provisioning;
  std::vector<std::string> images;
  std::string location;
  std::string vendor_data;
  std::string json;
  std::vector<std::string> readers;
  std::string target;
  std::string output;
  std::string receipt;
};

absl::Status Conflict(absl::string_view option, absl::string_view with,
                      absl::string_view why) {
  return UsageError(
      "USAGE", absl::StrCat(option, " has no place beside ", with, ": ", why));
}

absl::Status CheckJsonAlone(const Options& options) {
  if (options.json.empty()) return absl::OkStatus();
  const bool more = options.version || !options.images.empty() ||
                    !options.location.empty() || options.provisioning.given();
  if (!more) return absl::OkStatus();
  return Conflict(
      "--metadata-version, --active, --previous, --image, --state "
      "or --location",
      "--json", "the file says all of it");
}

// What the server's target says.
absl::Status CheckOfTarget(const Options& options) {
  if (options.target.empty()) {
    if (options.receipt.empty()) return absl::OkStatus();
    return UsageError("TARGET_MISSING",
                      "--receipt is the server's proof; give --target");
  }
  if (options.version || !options.images.empty() || !options.location.empty() ||
      !options.vendor_data.empty() || !options.readers.empty()) {
    return Conflict(
        "--metadata-version, --image, --location, --vendor-data or "
        "--reader",
        "--target", "the target says which");
  }
  return absl::OkStatus();
}

absl::Status CheckOptions(const Options& options) {
  RETURN_IF_ERROR(CheckJsonAlone(options));
  RETURN_IF_ERROR(CheckOfTarget(options));
  if (!IsSamePath(options.output, options.receipt)) return absl::OkStatus();
  return UsageError("OUTPUT_IS_RECEIPT",
                    absl::StrCat("metadata and receipt would both be ",
                                 options.output, "; give two names"));
}

absl::StatusOr<std::string> ReadLocal(const std::string& path,
                                      std::size_t limit) {
  if (path.empty()) return std::string();
  return base::ReadFile(path, limit);
}

absl::StatusOr<image::fwu::Metadata> MetadataFromJson(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadLocal(path, kMaxJsonBytes));
  auto metadata = image::host::ReadMetadataJson(text);
  if (metadata.ok()) return metadata;
  return WithExit(base::Annotate(metadata.status(), path),
                  ExitStatus::kLocalFile);
}

absl::StatusOr<image::fwu::Metadata> MetadataFromFlags(const Options& options) {
  if (!options.version) {
    return UsageError("USAGE",
                      "--metadata-version is missing; give 1 or 2, or --json, "
                      "or --target");
  }
  if (options.provisioning.states.empty()) {
    return UsageError("USAGE",
                      "--state is missing; give one for each bank, for example "
                      "accepted,invalid");
  }
  release::MetadataOrder order;
  order.version = *options.version;
  order.active = options.provisioning.active.value_or(0);
  order.previous = options.provisioning.previous;
  order.images = options.images;
  order.states = options.provisioning.states;
  order.location = options.location;
  return release::MakeMetadata(order);
}

struct Made {
  std::string metadata;
  std::string receipt;
};

absl::StatusOr<Made> MakeHere(const Options& options) {
  ASSIGN_OR_RETURN(const auto readers, release::ParseReaders(options.readers));
  ASSIGN_OR_RETURN(const image::fwu::Metadata metadata,
                   options.json.empty() ? MetadataFromFlags(options)
                                        : MetadataFromJson(options.json));
  ASSIGN_OR_RETURN(const std::string vendor_data,
                   ReadLocal(options.vendor_data, fwu::kMaxMetadataBytes));
  ASSIGN_OR_RETURN(std::string bytes,
                   release::EncodeMetadata(metadata, vendor_data));
  RETURN_IF_ERROR(release::CheckAllRead(
      release::TryReaders(readers, {metadata, vendor_data})));
  return Made{std::move(bytes), ""};
}

absl::StatusOr<Made> AskServer(Context& context, const Options& options) {
  v1::IssueMetadataRequest request;
  request.set_target(options.target);
  if (!options.json.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_json(),
                     ReadLocal(options.json, kMaxJsonBytes));
  } else if (options.provisioning.given()) {
    ASSIGN_OR_RETURN(*request.mutable_provisioning(),
                     ToProvisioning(options.provisioning));
  }
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  ASSIGN_OR_RETURN(v1::IssueMetadataReply reply,
                   RequestMetadata(*connection, request, key, memory));
  return Made{std::move(*reply.mutable_metadata()),
              std::move(*reply.mutable_receipt())};
}

std::vector<std::string> ReadersThatTake(const release::FoundMetadata& found) {
  std::vector<std::string> names;
  for (const release::Reading& reading :
       release::TryReaders(image::host::AllReaders(), found)) {
    if (reading.status.ok()) names.push_back(NameOf(reading.reader));
  }
  return names;
}

void Print(Format format, const Options& options, const Made& made,
           const release::FoundMetadata& found) {
  const std::vector<std::string> readers = ReadersThatTake(found);
  std::string text;
  if (format == Format::kJson) {
    std::vector<Json> names;
    for (const std::string& name : readers) names.push_back(Json::Text(name));
    text = JsonObject()
               .Add("output", Json::Text(options.output))
               .Add("size", Json::Number(made.metadata.size()))
               .Add("crc32", Json::Hex(made.metadata.substr(0, 4)))
               .Add("readable_by", Json::Array(names))
               .Add("metadata", release::MetadataJson(found))
               .Build()
               .text() +
           "\n";
  } else {
    text = absl::StrCat(options.output, ": metadata version ",
                        found.metadata.version, ", ", made.metadata.size(),
                        " bytes, readable by ", absl::StrJoin(readers, ", "),
                        made.receipt.empty() ? "" : ", in the log", "\n");
  }
  if (IsStandardOutput(options.output)) {
    std::fputs(text.c_str(), stderr);
  } else {
    PrintResult(text);
  }
}

absl::StatusOr<ExitStatus> Create(Context& context, const Options& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  RETURN_IF_ERROR(CheckOutput(options.output));
  if (!options.receipt.empty()) RETURN_IF_ERROR(CheckOutput(options.receipt));
  ASSIGN_OR_RETURN(const Made made, options.target.empty()
                                        ? MakeHere(options)
                                        : AskServer(context, options));
  std::vector<Output> outputs;
  if (!options.receipt.empty()) {
    outputs.push_back({options.receipt, made.receipt});
  }
  outputs.push_back({options.output, made.metadata});
  RETURN_IF_ERROR(WriteOutputs(outputs));
  ASSIGN_OR_RETURN(const release::FoundMetadata found,
                   release::FindMetadata(made.metadata));
  Print(context.format(), options, made, found);
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareFwuCreate(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--metadata-version", options->version,
                 "1 (TF-A up to 2.10) or 2")
      ->transform(WholeNumber(1, 2));
  DeclareProvisioning(app, options->provisioning);
  app.add_option("--image", options->images,
                 "TYPE:BANK0,BANK1[,...], GUIDs or names such as fip, fip-a, "
                 "fip-b; again for each image")
      ->allow_extra_args(false)
      ->check(NotEmpty());
  app.add_option("--location", options->location,
                 "GUID of the device that the images are on; default: zeros")
      ->check(NotEmpty());
  app.add_option("--vendor-data", options->vendor_data,
                 "file, behind the entries of version 2")
      ->check(NotEmpty());
  app.add_option("--json", options->json,
                 "all of it from a file of ST's fwumd_tool")
      ->check(NotEmpty());
  app.add_option("--reader", options->readers,
                 "refuse what this reader would not take; may be repeated")
      ->allow_extra_args(false)
      ->check(PlainText());
  app.add_option("--target", options->target,
                 "ask the server for that of this target")
      ->check(PlainText());
  app.add_option("--receipt", options->receipt,
                 "with --target: write the proof that it is in the log")
      ->check(NotEmpty());
  app.add_option("-o,--output", options->output,
                 "one replica, both are alike; -: standard output")
      ->required()
      ->check(NotEmpty());
  return [options](Context& context) { return Create(context, *options); };
}

}  // namespace bootseal::cli
