#include "client/cli/sign.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/json.h"
#include "client/cli/payload.h"
#include "client/cli/profile_source.h"
#include "client/cli/release.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/note.h"

namespace bootseal::cli {
namespace {

struct Options {
  std::string input;
  std::string target;
  std::string version;
  std::optional<std::uint32_t> security_counter;
  std::string request_id;
  std::string output;
  std::string receipt;
  std::string profile;
  std::optional<std::uint32_t> address;
  double timeout_seconds = 300;
};

std::filesystem::path PlaceOf(const std::string& path) {
  std::error_code error;
  return std::filesystem::weakly_canonical(
      std::filesystem::absolute(path, error), error);
}

// One file, whether it is there already or not.
bool IsSamePath(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  std::error_code error;
  return std::filesystem::equivalent(a, b, error) || PlaceOf(a) == PlaceOf(b);
}

absl::Status CheckDistinct(const Options& options) {
  for (const std::string& path : {options.output, options.receipt}) {
    if (!IsSamePath(path, options.input)) continue;
    return UsageError(
        "OUTPUT_IS_INPUT",
        absl::StrCat("output ", path, " would replace its input"));
  }
  if (!IsSamePath(options.output, options.receipt)) return absl::OkStatus();
  return UsageError("OUTPUT_IS_RECEIPT",
                    absl::StrCat("image and receipt would both be ",
                                 options.output, "; give two names"));
}

// Before anything is signed: a place to write to.
absl::Status CheckOutput(const std::string& path) {
  std::string folder = path.substr(0, path.rfind('/') + 1);
  if (folder.empty()) folder = ".";
  if (access(folder.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
  return LocalFileError(
      "FILE_UNWRITABLE",
      absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
}

absl::StatusOr<v1::SignHeader> MakeHeader(const Options& options) {
  const auto version = image::host::ParseVersion(options.version);
  if (!version.ok()) return WithExit(version.status(), ExitStatus::kUsage);
  v1::SignHeader header;
  header.set_target(options.target);
  header.set_version(options.version);
  if (options.security_counter) {
    header.set_security_counter(*options.security_counter);
  }
  header.set_request_id(options.request_id.empty() ? RandomRequestId()
                                                   : options.request_id);
  return header;
}

absl::Status CheckAddress(const Options& options) {
  if (!IsHexPath(options.output) || options.address) return absl::OkStatus();
  return UsageError("ADDRESS_MISSING",
                    absl::StrCat("output ", options.output,
                                 " needs an address; give --address, or a "
                                 ".hex payload"));
}

absl::StatusOr<std::string> FormatOutput(const Options& options,
                                         const AssembledImage& image) {
  if (!IsHexPath(options.output)) return image.bytes;
  return ToIntelHex(image, *options.address);
}

// The image last: where it is, its receipt is too.
absl::Status WriteOutputs(const Options& options, const std::string& receipt,
                          const std::string& content) {
  if (!options.receipt.empty()) {
    RETURN_IF_ERROR(base::WriteFileAtomically(options.receipt, receipt));
  }
  absl::Status status = base::WriteFileAtomically(options.output, content);
  if (!status.ok() && !options.receipt.empty()) {
    std::remove(options.receipt.c_str());
  }
  return status;
}

std::uint64_t IndexOf(const std::string& receipt) {
  return image::transparency::ParseProofFile(receipt)->index;
}

void PrintJson(const Options& options, const Order& order,
               const Release& release) {
  JsonObject json;
  json.Add("target", Json::Text(order.header.target()))
      .Add("version", Json::Text(order.header.version()))
      .Add("image", Json::Text(options.output))
      .Add("image_bytes", Json::Number(release.image.bytes.size()))
      .Add("payload_sha256", Json::Hex(order.payload_sha256))
      .Add("key", Json::Text(release.reply.profile().target().key()))
      .Add("request_id", Json::Text(order.header.request_id()))
      .Add("replayed", Json::Truth(release.reply.replayed()))
      .Add("log_index", Json::Number(IndexOf(release.reply.receipt())))
      .Add("log_size", Json::Number(release.checkpoint.size));
  if (!options.receipt.empty()) {
    json.Add("receipt", Json::Text(options.receipt));
  }
  PrintResult(json.Build().text() + "\n");
}

void PrintText(const Options& options, const Order& order,
               const Release& release) {
  PrintResult(FormatTable({
      {"image", absl::StrCat(Printable(options.output), " (",
                             release.image.bytes.size(), " bytes, bootable)")},
      {"target",
       absl::StrCat(order.header.target(), " ", order.header.version(),
                    ", key ",
                    Printable(release.reply.profile().target().key()))},
      {"payload",
       absl::StrCat("sha256 ", absl::BytesToHexString(order.payload_sha256))},
      {"log",
       absl::StrCat(
           "entry ", IndexOf(release.reply.receipt()), " of ",
           release.checkpoint.size,
           release.reply.replayed() ? ", recorded by an earlier call" : "")},
  }));
}

absl::StatusOr<ExitStatus> Sign(Context& context, Options options) {
  if (options.output.empty()) options.output = SignedPath(options.input);
  ASSIGN_OR_RETURN(v1::SignHeader header, MakeHeader(options));
  ASSIGN_OR_RETURN(LoadedBytes input, LoadPayload(options.input));
  if (!options.address) options.address = input.address;
  RETURN_IF_ERROR(CheckAddress(options));
  RETURN_IF_ERROR(CheckDistinct(options));
  RETURN_IF_ERROR(CheckOutput(options.output));
  if (!options.receipt.empty()) RETURN_IF_ERROR(CheckOutput(options.receipt));
  std::optional<v1::Profile> pinned;
  if (!options.profile.empty()) {
    ASSIGN_OR_RETURN(pinned, LoadProfile(options.profile));
  }
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  const Order order = MakeOrder(std::move(header), std::move(input.bytes));
  ASSIGN_OR_RETURN(v1::SignReply reply,
                   RequestSignature(*connection, order,
                                    absl::Seconds(options.timeout_seconds)));
  ASSIGN_OR_RETURN(
      const Release release,
      Accept(*connection, order, std::move(reply), key, memory, pinned));
  ASSIGN_OR_RETURN(const std::string content,
                   FormatOutput(options, release.image));
  RETURN_IF_ERROR(WriteOutputs(options, release.reply.receipt(), content));
  context.format() == Format::kJson ? PrintJson(options, order, release)
                                    : PrintText(options, order, release);
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareSign(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("payload", options->input,
                 "what the build made: Intel HEX when it is named .hex or "
                 ".ihex, raw bytes otherwise")
      ->required()
      ->check(NotEmpty());
  app.add_option("--target", options->target, "entry of the policy")
      ->required()
      ->check(PlainText());
  app.add_option("--version", options->version,
                 "major[.minor[.revision[+build]]]")
      ->required()
      ->check(PlainText());
  app.add_option("--security-counter", options->security_counter,
                 "default: as the target says")
      ->transform(WholeNumber32());
  app.add_option("--request-id", options->request_id,
                 "the same id with the same payload gets the same release; "
                 "default: random")
      ->check(RequestId());
  app.add_option("-o,--output", options->output,
                 "default: the payload's name with .signed; .hex and .ihex are "
                 "written as Intel HEX; -: standard output")
      ->check(NotEmpty());
  app.add_option("--receipt", options->receipt,
                 "write the proof that the signature is in the log")
      ->check(NotEmpty());
  app.add_option("--profile", options->profile,
                 "demand the target and key of this file too")
      ->check(NotEmpty());
  app.add_option("--address", options->address,
                 "of the payload's first byte, for Intel HEX")
      ->transform(WholeNumber32());
  app.add_option("--timeout", options->timeout_seconds,
                 "seconds for all attempts together")
      ->check(PositiveSeconds());
  return [options](Context& context) { return Sign(context, *options); };
}

}  // namespace bootseal::cli
