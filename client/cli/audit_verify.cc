#include "client/cli/audit_verify.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "client/cli/arguments.h"
#include "client/cli/audit_source.h"
#include "client/cli/log_memory.h"
#include "client/cli/progress.h"
#include "client/cli/public_key.h"
#include "client/cli/report.h"
#include "client/cli/text.h"
#include "client/cli/usage.h"
#include "client/cli/witness_check.h"
#include "client/review/report.h"
#include "client/review/review.h"
#include "client/tiles/folder_check.h"
#include "client/tiles/folder_reader.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/note.h"

namespace bootseal::cli {
namespace {

namespace transparency = image::transparency;

constexpr std::uint32_t kPageEntries = 1000;
constexpr std::uint64_t kProofs = 1000;
constexpr std::size_t kMaxPemBytes = 64 * 1024;
constexpr std::size_t kMaxNoteBytes = 64 * 1024;
constexpr std::size_t kMaxReceiptBytes = 256 * 1024;

struct Options {
  std::vector<std::string> public_keys;
  std::vector<std::string> checkpoints;
  std::vector<std::string> receipts;
  WitnessOptions witnesses;
  std::string from;
  std::uint64_t proofs = kProofs;
};

review::KnownCheckpoint ToKnown(std::string name,
                                const TrustedCheckpoint& checkpoint) {
  return {std::move(name), checkpoint.size, checkpoint.root};
}

absl::Status AddFileKeys(const Options& options, review::PublicKeys& keys) {
  for (const std::string& path : options.public_keys) {
    ASSIGN_OR_RETURN(const std::string pem, base::ReadFile(path, kMaxPemBytes));
    absl::StatusOr<PublicKey> key = FromPem(pem);
    if (!key.ok()) return base::Annotate(key.status(), path);
    keys.Add(std::move(key->device_der));
  }
  return absl::OkStatus();
}

absl::Status AddServedKeys(const Connection& connection,
                           review::PublicKeys& keys) {
  const auto stub = v1::KeyService::NewStub(connection.channel());
  const absl::StatusOr<v1::ListKeysReply> reply = connection.Unary(
      *stub, &v1::KeyService::Stub::ListKeys, v1::ListKeysRequest());
  if (absl::IsPermissionDenied(reply.status())) {
    Warn(
        "the server does not show us its keys; give those needed with "
        "--public-key");
    return absl::OkStatus();
  }
  if (!reply.ok()) return reply.status();
  for (const v1::Key& key : reply->keys()) keys.Add(key.public_key());
  return absl::OkStatus();
}

absl::Status AddReceipt(const std::string& path, const LogKey& key,
                        review::Known& known) {
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadFile(path, kMaxReceiptBytes));
  const auto proof = transparency::ParseProofFile(text);
  const absl::StatusOr<std::string> entry = EntryOfReceipt(text);
  if (!entry.ok()) return base::Annotate(entry.status(), path);
  const auto checkpoint = key.OpenReceipt(text, *entry);
  if (!checkpoint.ok()) return base::Annotate(checkpoint.status(), path);
  const std::string name = absl::StrCat("receipt ", path);
  known.seen.push_back(ToKnown(name, *checkpoint));
  known.entries.push_back(
      {name, proof->index,
       transparency::LeafHash(image::host::AsBytes(*entry))});
  return absl::OkStatus();
}

// Everything that we have of the log beside it.
absl::Status AddSeen(const Options& options, const LogKey& key,
                     const LogMemory& memory, review::Known& known) {
  if (memory.seen()) {
    known.seen.push_back(ToKnown("the checkpoint seen before", *memory.seen()));
  }
  for (const std::string& path : options.checkpoints) {
    ASSIGN_OR_RETURN(const std::string note,
                     base::ReadFile(path, kMaxNoteBytes));
    const auto checkpoint = key.Open(note);
    if (!checkpoint.ok()) return base::Annotate(checkpoint.status(), path);
    known.seen.push_back(
        ToKnown(absl::StrCat("checkpoint ", path), *checkpoint));
  }
  for (const std::string& path : options.receipts) {
    RETURN_IF_ERROR(AddReceipt(path, key, known));
  }
  ASSIGN_OR_RETURN(const auto witnesses, ReadWitnesses(options.witnesses, key));
  known.seen.insert(known.seen.end(), witnesses.begin(), witnesses.end());
  return absl::OkStatus();
}

review::Pages PagesOf(const Connection& connection) {
  return [&connection](
             std::uint64_t start) -> absl::StatusOr<std::vector<v1::LogEntry>> {
    v1::ListEntriesRequest request;
    request.set_start(start);
    request.set_limit(kPageEntries);
    ASSIGN_OR_RETURN(v1::ListEntriesReply page,
                     FetchEntries(connection, request));
    return std::vector<v1::LogEntry>(page.entries().begin(),
                                     page.entries().end());
  };
}

review::Pages PagesOf(const tiles::FolderReader& folder) {
  return [&folder](
             std::uint64_t start) -> absl::StatusOr<std::vector<v1::LogEntry>> {
    ASSIGN_OR_RETURN(const std::vector<std::string> bundle,
                     folder.Entries(start));
    std::vector<v1::LogEntry> entries;
    for (const std::string& bytes : bundle) {
      v1::LogEntry entry;
      entry.set_index(start + entries.size());
      entry.set_entry(bytes);
      entries.push_back(std::move(entry));
    }
    return entries;
  };
}

review::Server ServerOf(const Connection& connection, std::uint64_t proofs) {
  return {[&connection](const v1::ListEntriesRequest& request) {
            return FetchEntries(connection, request);
          },
          [&connection](std::uint64_t index, std::uint64_t size) {
            return FetchInclusionProof(connection, index, size);
          },
          proofs};
}

absl::Status Run(review::Review& review, const review::Pages& pages) {
  Progress progress("entries", review.known().head.size);
  return review.Run(pages,
                    [&progress](std::uint64_t done) { progress.Show(done); });
}

ExitStatus Deliver(Format format, const review::Review& review) {
  PrintResult(format == Format::kJson
                  ? review::ReportToJson(review).text() + "\n"
                  : review::FormatReport(review));
  return review.findings().clean() ? ExitStatus::kDone : ExitStatus::kRefused;
}

// Whether what was shown is the log that it says it is, whatever it holds.
bool IsSameLog(const review::Findings& findings) {
  return findings.count(review::FindingClass::kTree) == 0 &&
         findings.count(review::FindingClass::kConsistency) == 0 &&
         findings.count(review::FindingClass::kRolledBack) == 0;
}

absl::StatusOr<ExitStatus> VerifyOnline(Context& context,
                                        const Options& options,
                                        const LogKey& key,
                                        review::Known known) {
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  RETURN_IF_ERROR(AddSeen(options, key, memory, known));
  RETURN_IF_ERROR(AddServedKeys(*connection, known.keys));
  ASSIGN_OR_RETURN(const TrustedCheckpoint head,
                   FetchCheckpoint(*connection, key));
  known.head = ToKnown("the signed checkpoint", head);
  review::Review review(std::move(known),
                        ServerOf(*connection, options.proofs));
  RETURN_IF_ERROR(Run(review, PagesOf(*connection)));
  if (IsSameLog(review.findings())) {
    RETURN_IF_ERROR(memory.Accept(*connection, head));
  }
  return Deliver(context.format(), review);
}

absl::StatusOr<ExitStatus> VerifyFolder(Context& context,
                                        const Options& options,
                                        const LogKey& key,
                                        review::Known known) {
  ASSIGN_OR_RETURN(const tiles::FolderReader folder,
                   tiles::FolderReader::Open(options.from, key));
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  RETURN_IF_ERROR(AddSeen(options, key, memory, known));
  known.head = ToKnown("the signed checkpoint", folder.head());
  review::Review review(std::move(known), std::nullopt);
  RETURN_IF_ERROR(Run(review, PagesOf(folder)));
  // Others read the tiles: they must hold what the entries lead to. An entry
  // that leads elsewhere is among the findings.
  const absl::Status tiles = tiles::CheckFolder(folder);
  if (base::ReasonOf(tiles) != "LOG_INCONSISTENT") RETURN_IF_ERROR(tiles);
  return Deliver(context.format(), review);
}

absl::StatusOr<ExitStatus> Verify(Context& context, const Options& options) {
  review::Known known;
  RETURN_IF_ERROR(AddFileKeys(options, known.keys));
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  known.origin = key.origin();
  known.now = absl::Now();
  return options.from.empty()
             ? VerifyOnline(context, options, key, std::move(known))
             : VerifyFolder(context, options, key, std::move(known));
}

}  // namespace

Action DeclareAuditVerify(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--from", options->from,
                 "a folder of `audit export --format tiles`: no server is "
                 "asked, and its search and proofs are not judged")
      ->check(NotEmpty());
  app.add_option("--checkpoint", options->checkpoints,
                 "file with a checkpoint that was seen before (repeatable)")
      ->check(NotEmpty());
  app.add_option("--receipt", options->receipts,
                 "receipt of an entry that must be there (repeatable)")
      ->check(NotEmpty());
  app.add_option("--public-key", options->public_keys,
                 "PEM of a key that the server no longer has (repeatable)")
      ->check(NotEmpty());
  app.add_option("--proofs", options->proofs,
                 "how many entries the server is to prove by itself, spread "
                 "over the log")
      ->transform(WholeNumber());
  DeclareWitnessOptions(app, options->witnesses);
  app.footer(absl::StrCat(
      "Exit status 1 with findings; \"finding_classes\" of --json adds up:\n  ",
      review::ClassBits(), "\n\n", kFooter));
  return [options](Context& context) { return Verify(context, *options); };
}

}  // namespace bootseal::cli
