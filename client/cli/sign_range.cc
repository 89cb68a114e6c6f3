#include "client/cli/sign_range.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/approval_wait.h"
#include "client/cli/arguments.h"
#include "client/cli/output.h"
#include "client/cli/payload.h"
#include "client/cli/people_wait.h"
#include "client/cli/profile_source.h"
#include "client/cli/range_order.h"
#include "client/cli/release.h"
#include "client/cli/sign_report.h"
#include "client/cli/signed_already.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

constexpr char kBase64[] = "base64";
constexpr char kBinary[] = "binary";

struct Options {
  std::string input;
  std::string target;
  std::string request_id;
  std::string image;
  std::string signature;
  std::string signature_format = kBase64;
  std::string receipt;
  std::string profile;
  double timeout_seconds = 300;
  std::string wait;
};

std::vector<std::string> PlacesOf(const Options& options) {
  std::vector<std::string> places;
  for (const std::string& path :
       {options.receipt, options.signature, options.image}) {
    if (!path.empty()) places.push_back(path);
  }
  return places;
}

absl::Status CheckDistinct(const Options& options) {
  const std::vector<std::string> places = PlacesOf(options);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (IsSamePath(places[i], options.input)) {
      return UsageError("OUTPUT_IS_INPUT", absl::StrCat("output ", places[i],
                                                        " would replace its "
                                                        "input"));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (!IsSamePath(places[i], places[j])) continue;
      return UsageError("OUTPUT_TWICE",
                        absl::StrCat("two results would both be ", places[i],
                                     "; give each a name of its own"));
    }
  }
  return absl::OkStatus();
}

// Before anything is signed.
absl::Status CheckPlaces(const Options& options) {
  if (options.image.empty() && options.signature.empty()) {
    return UsageError("OUTPUT_MISSING",
                      "nothing would be written; give --signature, -o or both");
  }
  if (IsHexPath(options.image)) {
    return UsageError("ADDRESS_MISSING",
                      absl::StrCat("output ", options.image,
                                   " needs an address, and a range has none; "
                                   "give it a name that does not end in .hex"));
  }
  RETURN_IF_ERROR(CheckDistinct(options));
  for (const std::string& path : PlacesOf(options)) {
    RETURN_IF_ERROR(CheckOutput(path));
  }
  return absl::OkStatus();
}

// The payload of such a range is still readable.
absl::Status CheckEncrypted(const Options& options, const Order& order) {
  if (!order.header.encrypted() || options.image.empty()) {
    return absl::OkStatus();
  }
  return UsageError("RANGE_ENCRYPTED",
                    "range is one of an image that will be encrypted, and -o "
                    "would write it in plaintext; take the --signature alone, "
                    "and let the tool that made the range encrypt");
}

absl::StatusOr<Order> OrderOf(const Options& options, std::string range,
                              const std::optional<v1::Profile>& profile) {
  v1::SignHeader header;
  header.set_target(options.target);
  header.set_request_id(options.request_id.empty() ? RandomRequestId()
                                                   : options.request_id);
  ASSIGN_OR_RETURN(Order order, MakeRangeOrder(std::move(header),
                                               std::move(range), profile));
  RETURN_IF_ERROR(CheckEncrypted(options, order));
  return order;
}

absl::StatusOr<std::optional<v1::Profile>> LoadPinned(const Options& options) {
  if (options.profile.empty()) return std::optional<v1::Profile>();
  return LoadProfile(options.profile);
}

// The signature last: where it is, the rest is too.
absl::Status WriteFiles(const Options& options, const Release& release) {
  std::string signature = SignatureOf(release);
  if (options.signature_format == kBase64) {
    signature = absl::Base64Escape(signature);
  }
  std::vector<Output> outputs;
  if (!options.receipt.empty()) {
    outputs.push_back({options.receipt, release.reply.receipt()});
  }
  if (!options.image.empty()) {
    outputs.push_back({options.image, release.image.bytes});
  }
  if (!options.signature.empty()) {
    outputs.push_back({options.signature, signature});
  }
  return WriteOutputs(outputs);
}

// Standard output is for a result alone, if one goes there.
void Print(const Options& options, const WrittenRelease& written,
           Format format) {
  const std::string text = FormatRelease(written, format);
  for (const std::string& path : PlacesOf(options)) {
    if (!IsStandardOutput(path)) continue;
    std::fputs(text.c_str(), stderr);
    return;
  }
  PrintResult(text);
}

absl::StatusOr<ExitStatus> SignRange(Context& context, const Options& options) {
  RETURN_IF_ERROR(CheckPlaces(options));
  ASSIGN_OR_RETURN(std::string range,
                   base::ReadFile(options.input, kMaxPayloadBytes));
  RETURN_IF_ERROR(CheckRange(range));
  ASSIGN_OR_RETURN(const std::optional<v1::Profile> pinned,
                   LoadPinned(options));
  ASSIGN_OR_RETURN(const absl::Duration wait, WaitOf(options.wait));
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  const absl::Time deadline =
      absl::Now() + absl::Seconds(options.timeout_seconds);
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  std::optional<v1::Profile> profile = pinned;
  if (!profile) {
    ASSIGN_OR_RETURN(profile, AskForProfile(*connection, options.target,
                                            deadline - absl::Now()));
  }
  ASSIGN_OR_RETURN(const Order order,
                   OrderOf(options, std::move(range), profile));
  ASSIGN_OR_RETURN(v1::SignReply reply,
                   RequestApprovedSignature(*connection, order,
                                            deadline - absl::Now(), wait));
  const std::string& id = order.header.request_id();
  const auto release = Accept(*connection, order, std::move(reply), key, memory,
                              pinned, absl::Seconds(options.timeout_seconds));
  if (!release.ok()) return AfterSigning(release.status(), id);
  RETURN_IF_ERROR(AfterSigning(WriteFiles(options, *release), id));
  Print(
      options,
      {order, *release, options.image, options.receipt, {}, options.signature},
      context.format());
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareSignRange(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("range", options->input,
                 "header, payload and protected TLVs, as imgtool sign "
                 "--vector-to-sign payload writes them")
      ->required()
      ->check(NotEmpty());
  app.add_option("--target", options->target, "entry of the policy")
      ->required()
      ->check(PlainText());
  app.add_option("--signature", options->signature,
                 "write the signature alone, for imgtool sign --fix-sig; -: "
                 "standard output")
      ->check(NotEmpty());
  app.add_option(
         "--signature-format", options->signature_format,
         "base64: as --fix-sig reads it, without a newline; binary: the "
         "bytes of the image's TLV (of ECDSA: DER)")
      ->check(CLI::IsMember({kBase64, kBinary}));
  app.add_option("-o,--output", options->image,
                 "write the signed image, padded where the target says so")
      ->check(NotEmpty());
  app.add_option("--receipt", options->receipt,
                 "write the proof that the signature is in the log")
      ->check(NotEmpty());
  app.add_option("--request-id", options->request_id,
                 "the same id with the same range gets the same release; "
                 "default: random")
      ->check(RequestId());
  app.add_option("--profile", options->profile,
                 "demand the target and key of this file too")
      ->check(NotEmpty());
  app.add_option("--timeout", options->timeout_seconds,
                 "seconds for all attempts together, and as many for the proof "
                 "of the log once it is signed")
      ->check(PositiveSeconds());
  app.add_option("--wait", options->wait,
                 "for people to approve, for example 30m; default: "
                 "BOOTSEAL_WAIT, or end with "
                 "status 3, and the same command later gets it")
      ->check(NotEmpty());
  return [options](Context& context) { return SignRange(context, *options); };
}

}  // namespace bootseal::cli
