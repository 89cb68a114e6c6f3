#include "client/cli/fwu_verdict.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/pending_file.h"
#include "base/status.h"
#include "bootseal/v1/fwu.grpc.pb.h"
#include "client/cli/approval_wait.h"
#include "client/cli/arguments.h"
#include "client/cli/believed_profile.h"
#include "client/cli/log_memory.h"
#include "client/cli/output.h"
#include "client/cli/output_places.h"
#include "client/cli/people_wait.h"
#include "client/cli/release.h"
#include "client/cli/signed_already.h"
#include "client/cli/text.h"
#include "client/fwu/bundle.h"
#include "client/fwu/verdict.h"
#include "client/release/bundle_check.h"
#include "client/release/manifest_words.h"
#include "client/release/release_file.h"
#include "client/release/verdict_time.h"
#include "client/release/verdict_words.h"
#include "firmware/image/host/convert.h"
#include "server/trust/request_id.h"
#include "server/trust/verdict_rules.h"

namespace bootseal::cli {
namespace {

using image::host::ReleaseManifest;
using image::host::TrialEnd;
using image::host::VerifiedVerdict;

struct Options {
  TrialEnd end = TrialEnd::kReject;
  std::string release;
  std::string target;
  std::string version;
  std::string not_after = "7d";
  std::string request_id;
  std::string wait;
  std::string receipt;
  std::string profile;
  std::string output;
  double timeout_seconds = 60;
};

// The verdict that we want, on a release that is not proven yet.
struct Wanted {
  std::string envelope;  // of the release
  ReleaseManifest manifest;
  v1::SignHeader header;
  std::optional<v1::Profile> pinned;
  absl::Duration wait;
};

absl::StatusOr<std::string> EnvelopeOf(const Options& options) {
  ASSIGN_OR_RETURN(release::ReleaseFile file,
                   release::OpenReleaseFile(options.release));
  switch (file.kind) {
    case release::ReleaseFileKind::kBundle: {
      ASSIGN_OR_RETURN(fwu::BundleHead head, fwu::ReadBundleHead(*file.source));
      return std::move(head.envelope);
    }
    case release::ReleaseFileKind::kManifest:
      return std::move(file.front);
    case release::ReleaseFileKind::kMetadata:
      break;
  }
  return base::Precondition(
      "RELEASE_EXPECTED",
      absl::StrCat(Printable(options.release),
                   " is no release; give the bundle that is on trial, or its "
                   "manifest.json"));
}

absl::Status CheckIsMeant(const Options& options,
                          const ReleaseManifest& manifest) {
  const std::string version = image::host::FormatVersion(manifest.version);
  if (!options.target.empty() && options.target != manifest.target) {
    return base::Precondition(
        "RELEASE_OF_ANOTHER",
        absl::StrCat("the release's target is ", Printable(manifest.target),
                     ", expected ", Printable(options.target)));
  }
  if (options.version.empty()) return absl::OkStatus();
  const auto wanted = image::host::ParseVersion(options.version);
  if (!wanted.ok()) return WithExit(wanted.status(), ExitStatus::kUsage);
  if (image::host::FormatVersion(*wanted) == version) return absl::OkStatus();
  return base::Precondition(
      "RELEASE_OF_ANOTHER",
      absl::StrCat("the release's version is ", version, ", expected ",
                   image::host::FormatVersion(*wanted)));
}

v1::SignHeader HeaderOf(const Options& options, const Wanted& wanted,
                        absl::Time not_after) {
  v1::SignHeader header;
  header.set_target(wanted.manifest.target);
  header.set_version(image::host::FormatVersion(wanted.manifest.version));
  header.set_request_id(options.request_id.empty() ? RandomRequestId()
                                                   : options.request_id);
  header.set_payload_size(wanted.envelope.size());
  v1::FirmwareVerdict& verdict = *header.mutable_verdict();
  verdict.set_end(options.end == TrialEnd::kAccept ? v1::TRIAL_ACCEPT
                                                   : v1::TRIAL_REJECT);
  verdict.set_not_after_unix_seconds(absl::ToUnixSeconds(not_after));
  return header;
}

absl::StatusOr<Wanted> Prepare(const Options& options) {
  RETURN_IF_ERROR(CheckPlaces(
      {"verdict", options.output, options.receipt, {options.release}}));
  ASSIGN_OR_RETURN(const absl::Time not_after,
                   release::ParseNotAfter(options.not_after, absl::Now()));
  Wanted wanted;
  ASSIGN_OR_RETURN(wanted.wait, WaitOf(options.wait));
  ASSIGN_OR_RETURN(wanted.envelope, EnvelopeOf(options));
  auto manifest = release::ReadUnproven(wanted.envelope);
  if (!manifest.ok()) {
    return base::Annotate(manifest.status(), Printable(options.release));
  }
  wanted.manifest = *std::move(manifest);
  RETURN_IF_ERROR(CheckIsMeant(options, wanted.manifest));
  ASSIGN_OR_RETURN(wanted.pinned,
                   PinnedProfile(options.profile, wanted.manifest.target));
  wanted.header = HeaderOf(options, wanted, not_after);
  return wanted;
}

absl::StatusOr<v1::SignReply> Request(const Connection& connection,
                                      const Wanted& wanted,
                                      absl::Duration limit) {
  v1::SignReply reply;
  RETURN_IF_ERROR(connection.Call(
      limit, [&](grpc::ClientContext& context, const Channel& channel) {
        reply.Clear();
        context.AddMetadata(trust::kRequestIdMetadata,
                            wanted.header.request_id());
        const auto stub = v1::FwuService::NewStub(channel);
        const auto writer = stub->Release(&context, &reply);
        v1::SignRequest request;
        *request.mutable_header() = wanted.header;
        request.set_chunk(wanted.envelope);
        // The server may answer before it has all; Finish tells what it said.
        if (writer->Write(request)) writer->WritesDone();
        return writer->Finish();
      }));
  return reply;
}

// As a device judges it, which has this release on trial; and it is, byte for
// byte, the verdict that we asked for.
absl::StatusOr<VerifiedVerdict> Verify(const Wanted& wanted,
                                       const v1::SignReply& reply,
                                       const LogKey& key) {
  const std::string& target = wanted.manifest.target;
  ASSIGN_OR_RETURN(const v1::Profile profile,
                   BelievedProfile(target, wanted.pinned, reply));
  ASSIGN_OR_RETURN(auto trust, release::TrustOf(profile, key.text()));
  ASSIGN_OR_RETURN(
      const auto ordered,
      trust::VerdictOf(profile.target(), wanted.header, wanted.manifest));
  ASSIGN_OR_RETURN(VerifiedVerdict verified,
                   fwu::CheckVerdict(reply.verdict(), reply.receipt(), trust,
                                     {ordered.product, wanted.manifest,
                                      ordered.end, absl::Now()}));
  const std::string found = image::host::WriteVerdict(verified.verdict());
  const std::string expected = image::host::WriteVerdict(ordered);
  if (found == expected) return verified;
  return base::Precondition(
      "REPLY_MISMATCH",
      absl::StrCat("the verdict is another than was asked for: ", found,
                   ", expected ", expected));
}

absl::Status WriteFiles(const Options& options, const v1::SignReply& reply) {
  std::vector<base::PendingFile> pending;
  if (!options.receipt.empty()) {
    ASSIGN_OR_RETURN(
        base::PendingFile receipt,
        base::PendingFile::Write(options.receipt, reply.receipt()));
    pending.push_back(std::move(receipt));
  }
  ASSIGN_OR_RETURN(base::PendingFile verdict,
                   base::PendingFile::Write(options.output, reply.verdict()));
  pending.push_back(std::move(verdict));
  return base::PutInPlace(std::move(pending));
}

void Print(Format format, const Options& options, const Wanted& wanted,
           const v1::SignReply& reply, const VerifiedVerdict& verified) {
  const std::uint64_t index = verified.log_index().value_or(0);
  const std::string& request_id = wanted.header.request_id();
  if (format == Format::kJson) {
    PrintResult(
        JsonObject()
            .Add("output", Json::Text(options.output))
            .Add("request_id", Json::Text(request_id))
            .Add("log_index", Json::Number(index))
            .Add("replayed", Json::Truth(reply.replayed()))
            .Add("verdict", release::VerdictJson(verified.verdict()).Build())
            .Build()
            .text() +
        "\n");
    return;
  }
  release::Rows rows{{"file", Printable(options.output)}};
  for (auto& row : release::VerdictRows(verified.verdict())) {
    rows.push_back(row);
  }
  rows.push_back({"receipt", absl::StrCat("log entry ", index)});
  rows.push_back({"request", Printable(request_id)});
  PrintResult(FormatTable(rows));
}

// On another day the same words mean another time, and with it another request.
void TellTime(const Wanted& wanted, const absl::Status& status) {
  if (ApprovalIdOf(status).empty()) return;
  constexpr std::int64_t kMilliseconds = 1000;
  Warn(absl::StrCat(
      "the verdict would hold until ",
      FormatUnixMilliseconds(wanted.header.verdict().not_after_unix_seconds() *
                             kMilliseconds),
      "; on another day say so with --not-after"));
}

absl::StatusOr<ExitStatus> MakeVerdict(Context& context,
                                       const Options& options) {
  ASSIGN_OR_RETURN(const Wanted wanted, Prepare(options));
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  const absl::Duration limit = absl::Seconds(options.timeout_seconds);
  const auto ask = [&](absl::Duration most) {
    return Request(*connection, wanted, std::min(limit, most));
  };
  const auto reply = AskUntilApproved(*connection, ask, wanted.wait);
  if (!reply.ok()) {
    TellTime(wanted, reply.status());
    return reply.status();
  }
  ASSIGN_OR_RETURN(const VerifiedVerdict verified, Verify(wanted, *reply, key));
  ASSIGN_OR_RETURN(const std::string entry, EntryOfReceipt(reply->receipt()));
  ASSIGN_OR_RETURN(const TrustedCheckpoint checkpoint,
                   key.OpenReceipt(reply->receipt(), entry));
  const std::string& id = wanted.header.request_id();
  RETURN_IF_ERROR(
      AfterSigning(memory.Accept(*connection, checkpoint, limit), id));
  RETURN_IF_ERROR(AfterSigning(WriteFiles(options, *reply), id));
  Print(context.format(), options, wanted, *reply, verified);
  return ExitStatus::kDone;
}

Action Declare(CLI::App& app, TrialEnd end) {
  const auto options = std::make_shared<Options>();
  options->end = end;
  app.add_option("release", options->release,
                 "the release on trial: its bundle, or manifest.json of it")
      ->required()
      ->check(NotEmpty());
  app.add_option("--target", options->target,
                 "demand that the release is of this entry of the policy")
      ->check(PlainText());
  app.add_option("--version", options->version,
                 "demand that it is this one, major[.minor[.revision[+build]]]")
      ->check(PlainText());
  app.add_option("--not-after", options->not_after,
                 "how long devices obey it: days, to the end of the last one "
                 "in UTC, or a time like 2027-01-31T00:00:00Z; default: 7d")
      ->check(NotEmpty());
  app.add_option("--request-id", options->request_id,
                 "the same id with the same release gets the same verdict; "
                 "default: random")
      ->check(RequestId());
  app.add_option("--profile", options->profile,
                 "demand the target and key of this file too")
      ->check(NotEmpty());
  app.add_option("--receipt", options->receipt,
                 "write the proof, for devices that demand one")
      ->check(NotEmpty());
  app.add_option("--timeout", options->timeout_seconds,
                 "seconds for each attempt")
      ->check(PositiveSeconds());
  app.add_option("--wait", options->wait,
                 "for people to approve, for example 30m; default: end with "
                 "status 3, and the same command later gets it")
      ->check(NotEmpty());
  app.add_option("-o,--output", options->output, "what the device is given")
      ->required()
      ->check(NotEmpty());
  return [options](Context& context) { return MakeVerdict(context, *options); };
}

}  // namespace

Action DeclareFwuAccept(CLI::App& app) {
  return Declare(app, TrialEnd::kAccept);
}

Action DeclareFwuReject(CLI::App& app) {
  return Declare(app, TrialEnd::kReject);
}

}  // namespace bootseal::cli
