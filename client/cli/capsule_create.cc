#include "client/cli/capsule_create.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/pending_file.h"
#include "base/status.h"
#include "client/capsule/capsule_check.h"
#include "client/capsule/capsule_words.h"
#include "client/capsule/firmware_version.h"
#include "client/cli/approval_wait.h"
#include "client/cli/arguments.h"
#include "client/cli/believed_profile.h"
#include "client/cli/log_memory.h"
#include "client/cli/output.h"
#include "client/cli/output_places.h"
#include "client/cli/people_wait.h"
#include "client/cli/release.h"
#include "client/cli/release_request.h"
#include "client/cli/signed_already.h"
#include "client/cli/text.h"
#include "server/trust/entry.h"

namespace bootseal::cli {
namespace {

using image::host::VerifiedCapsule;

constexpr std::uint64_t kPieceBytes = 4 << 20;

struct Options {
  std::string input;
  std::string target;
  std::string version;
  std::string request_id;
  std::string output;
  std::string receipt;
  std::string profile;
  std::string wait;
  double timeout_seconds = 300;
};

struct Prepared {
  v1::SignHeader header;
  std::uint32_t firmware_version = 0;
  std::shared_ptr<release::UnchangedFile> firmware;
  std::optional<v1::Profile> pinned;
  absl::Duration wait;
};

absl::StatusOr<Prepared> Prepare(const Options& options) {
  Prepared prepared;
  ASSIGN_OR_RETURN(const capsule::FirmwareVersion version,
                   capsule::ParseFirmwareVersion(options.version));
  prepared.firmware_version = version.number;
  RETURN_IF_ERROR(CheckPlaces(
      {"capsule", options.output, options.receipt, {options.input}}));
  auto firmware = release::UnchangedFile::Open(options.input);
  if (!firmware.ok()) {
    return WithExit(firmware.status(), ExitStatus::kLocalFile);
  }
  prepared.firmware = *std::move(firmware);
  ASSIGN_OR_RETURN(prepared.pinned,
                   PinnedProfile(options.profile, options.target));
  ASSIGN_OR_RETURN(prepared.wait, WaitOf(options.wait));
  prepared.header.set_target(options.target);
  prepared.header.set_version(version.text);
  prepared.header.set_request_id(
      options.request_id.empty() ? RandomRequestId() : options.request_id);
  prepared.header.set_payload_size(prepared.firmware->size());
  return prepared;
}

struct Accepted {
  VerifiedCapsule capsule;
  capsule::Proven proven;
};

absl::StatusOr<Accepted> Accept(const Prepared& prepared,
                                const v1::SignReply& reply, const LogKey& key) {
  ASSIGN_OR_RETURN(
      const v1::Profile profile,
      BelievedProfile(prepared.header.target(), prepared.pinned, reply));
  const capsule::Parts parts{reply.header(), prepared.firmware.get(), 0};
  ASSIGN_OR_RETURN(VerifiedCapsule verified,
                   capsule::VerifyOfTarget(parts, profile));
  RETURN_IF_ERROR(capsule::CheckIsOrdered(profile.target().capsule(),
                                          prepared.firmware_version, verified));
  ASSIGN_OR_RETURN(
      capsule::Proven proven,
      capsule::CheckReceipt(key, reply.receipt(), profile, verified));
  RETURN_IF_ERROR(release::CheckEntryIsOfOrder(proven.entry, prepared.header,
                                               prepared.firmware->sha256()));
  return Accepted{std::move(verified), std::move(proven)};
}

absl::Status AppendFirmware(release::UnchangedFile& firmware,
                            base::PendingFile& file) {
  std::string piece;
  for (std::uint64_t at = 0; at < firmware.size(); at += piece.size()) {
    piece.resize(std::min(kPieceBytes, firmware.size() - at));
    RETURN_IF_ERROR(firmware.ReadAt(
        at, {reinterpret_cast<std::byte*>(piece.data()), piece.size()}));
    RETURN_IF_ERROR(file.Append(piece));
  }
  return absl::OkStatus();
}

// The capsule last: where it is, its receipt is too.
absl::Status WriteFiles(const Options& options, const Prepared& prepared,
                        const v1::SignReply& reply) {
  std::vector<base::PendingFile> pending;
  if (!options.receipt.empty()) {
    ASSIGN_OR_RETURN(
        base::PendingFile receipt,
        base::PendingFile::Write(options.receipt, reply.receipt()));
    pending.push_back(std::move(receipt));
  }
  ASSIGN_OR_RETURN(base::PendingFile file,
                   base::PendingFile::Write(options.output, reply.header()));
  RETURN_IF_ERROR(AppendFirmware(*prepared.firmware, file));
  pending.push_back(std::move(file));
  return base::PutInPlace(std::move(pending));
}

void Print(Format format, const Options& options, const Prepared& prepared,
           const v1::SignReply& reply, const Accepted& accepted) {
  capsule::Description made = capsule::Describe(accepted.capsule.front());
  const std::string& request_id = prepared.header.request_id();
  const std::uint64_t log_size = accepted.proven.checkpoint.size;
  if (format == Format::kJson) {
    PrintResult(made.json.Add("output", Json::Text(options.output))
                    .Add("request_id", Json::Text(request_id))
                    .Add("log_size", Json::Number(log_size))
                    .Add("replayed", Json::Truth(reply.replayed()))
                    .Build()
                    .text() +
                "\n");
    return;
  }
  made.rows.back() = {"signature",
                      "good; it is not over image type, index, "
                      "hardware instance and flags"};
  made.rows.insert(made.rows.begin(), {"capsule", Printable(options.output)});
  made.rows.push_back(
      {"receipt", absl::StrCat("in a log of ", log_size, " entries")});
  made.rows.push_back({"request", Printable(request_id)});
  PrintResult(FormatTable(made.rows));
}

absl::StatusOr<ExitStatus> Create(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const Prepared prepared, Prepare(options));
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  const absl::Duration limit = absl::Seconds(options.timeout_seconds);
  const auto ask = [&](absl::Duration most) {
    return RequestCapsule(*connection, prepared.header, prepared.firmware,
                          std::min(limit, most));
  };
  ASSIGN_OR_RETURN(const v1::SignReply reply,
                   AskUntilApproved(*connection, ask, prepared.wait));
  ASSIGN_OR_RETURN(const Accepted accepted, Accept(prepared, reply, key));
  const std::string& id = prepared.header.request_id();
  RETURN_IF_ERROR(AfterSigning(
      memory.Accept(*connection, accepted.proven.checkpoint, limit), id));
  RETURN_IF_ERROR(AfterSigning(WriteFiles(options, prepared, reply), id));
  Print(context.format(), options, prepared, reply, accepted);
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareCapsuleCreate(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("firmware", options->input, "what the device writes to flash")
      ->required()
      ->check(NotEmpty());
  app.add_option("--target", options->target, "entry of the policy")
      ->required()
      ->check(PlainText());
  app.add_option("--version", options->version,
                 "of the firmware: a number of 32 bits, or "
                 "major.minor.revision, which is 8, 8 and 16 bits of it")
      ->required()
      ->check(PlainText());
  app.add_option("--request-id", options->request_id,
                 "the same id with the same firmware gets the same release; "
                 "default: random")
      ->check(RequestId());
  app.add_option("--profile", options->profile,
                 "believe the certificate of this file, and no other")
      ->check(NotEmpty());
  app.add_option("--receipt", options->receipt,
                 "write the proof that the signature is in the log")
      ->check(NotEmpty());
  app.add_option("--timeout", options->timeout_seconds,
                 "seconds for all attempts together, and as many for the proof "
                 "of the log once it is signed")
      ->check(PositiveSeconds());
  app.add_option("--wait", options->wait,
                 "for people to approve, for example 30m; default: "
                 "BOOTSEAL_WAIT, or end with status 3, and the same command "
                 "later gets it")
      ->check(NotEmpty());
  app.add_option("-o,--output", options->output, "for \\EFI\\UpdateCapsule\\")
      ->required()
      ->check(NotEmpty());
  return [options](Context& context) { return Create(context, *options); };
}

}  // namespace bootseal::cli
