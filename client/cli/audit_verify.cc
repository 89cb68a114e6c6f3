#include "client/cli/audit_verify.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "client/cli/arguments.h"
#include "client/cli/audit_source.h"
#include "client/cli/json.h"
#include "client/cli/log_memory.h"
#include "client/cli/progress.h"
#include "client/cli/public_key.h"
#include "client/cli/release_checks.h"
#include "client/cli/search_checks.h"
#include "client/cli/text.h"
#include "client/cli/tree_builder.h"
#include "client/cli/witness_check.h"
#include "firmware/image/host/convert.h"
#include "server/trust/entry.h"

namespace bootseal::cli {
namespace {

constexpr std::uint32_t kPageEntries = 1000;
constexpr std::size_t kMaxPemBytes = 64 * 1024;
constexpr std::size_t kMaxProblems = 20;

struct Options {
  std::vector<std::string> public_keys;
  WitnessOptions witnesses;
};

// Reads the log once from its first entry and judges it against `head`.
class Walk {
 public:
  Walk(const TrustedCheckpoint& head,
       const std::optional<TrustedCheckpoint>& seen, ReleaseChecks checks,
       SearchChecks::List list)
      : head_(head),
        seen_(seen),
        checks_(std::move(checks)),
        search_(std::move(list), head.size) {}

  absl::Status Run(const Connection& connection) {
    Progress progress("entries", head_.size);
    v1::ListEntriesRequest request;
    request.set_limit(kPageEntries);
    while (tree_.size() < head_.size) {
      request.set_start(tree_.size());
      ASSIGN_OR_RETURN(const v1::ListEntriesReply page,
                       FetchEntries(connection, request));
      RETURN_IF_ERROR(TakePage(page));
      progress.Show(tree_.size());
    }
    RETURN_IF_ERROR(search_.Finish());
    return CheckRoot("the signed checkpoint", head_);
  }

  std::uint64_t releases() const { return checks_.releases(); }
  std::uint64_t over_images() const { return checks_.over_images(); }
  std::uint64_t refusals() const { return checks_.refusals(); }
  const std::vector<std::string>& problems() const { return problems_; }
  const std::vector<std::string>& mismatches() const {
    return search_.mismatches();
  }

 private:
  absl::Status TakePage(const v1::ListEntriesReply& page) {
    if (page.entries().empty()) {
      return base::Precondition("ENTRY_MISSING",
                                absl::StrCat("entry ", tree_.size(),
                                             " is missing; the checkpoint "
                                             "speaks of ",
                                             head_.size));
    }
    for (const v1::LogEntry& entry : page.entries()) {
      if (tree_.size() == head_.size) break;  // newer than the checkpoint
      if (entry.index() != tree_.size()) {
        return base::Precondition(
            "ENTRY_MISSING",
            absl::StrCat("entry ", tree_.size(),
                         " is missing; the next one is ", entry.index()));
      }
      RETURN_IF_ERROR(TakeEntry(entry));
    }
    return absl::OkStatus();
  }

  absl::Status TakeEntry(const v1::LogEntry& entry) {
    tree_.Append(entry.entry());
    RETURN_IF_ERROR(Judge(entry));
    if (seen_ && seen_->size == tree_.size()) {
      return CheckRoot("the checkpoint seen before", *seen_);
    }
    return absl::OkStatus();
  }

  // What is wrong with the entry is a problem, and no reason to stop.
  absl::Status Judge(const v1::LogEntry& entry) {
    const auto decoded = trust::DecodeEntry(entry.entry());
    const absl::Status status =
        decoded.ok() ? checks_.Take(*decoded) : decoded.status();
    if (!status.ok()) {
      problems_.push_back(absl::StrCat("entry ", entry.index(), ": ",
                                       status.message(), " (",
                                       base::ReasonOf(status), ")"));
    }
    return decoded.ok() ? search_.Take(entry.index(), *decoded)
                        : absl::OkStatus();
  }

  absl::Status CheckRoot(absl::string_view what,
                         const TrustedCheckpoint& checkpoint) const {
    const auto root = tree_.Root();
    if (root == checkpoint.root) return absl::OkStatus();
    return base::Precondition(
        "LOG_INCONSISTENT",
        absl::StrCat(
            "the first ", tree_.size(), " entries lead to root ",
            absl::Base64Escape(image::host::ToString(root)), ", ", what,
            " says ",
            absl::Base64Escape(image::host::ToString(checkpoint.root))));
  }

  const TrustedCheckpoint& head_;
  const std::optional<TrustedCheckpoint>& seen_;
  ReleaseChecks checks_;
  SearchChecks search_;
  TreeBuilder tree_;
  std::vector<std::string> problems_;
};

absl::Status AddFileKeys(const Options& options, ReleaseChecks& checks) {
  for (const std::string& path : options.public_keys) {
    ASSIGN_OR_RETURN(const std::string pem, base::ReadFile(path, kMaxPemBytes));
    absl::StatusOr<PublicKey> key = FromPem(pem);
    if (!key.ok()) {
      return WithExit(base::Annotate(key.status(), path),
                      ExitStatus::kLocalFile);
    }
    checks.AddKey(*std::move(key));
  }
  return absl::OkStatus();
}

absl::Status AddServedKeys(const Connection& connection,
                           ReleaseChecks& checks) {
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
  for (const v1::Key& key : reply->keys()) {
    checks.AddKey({key.algorithm(), key.public_key()});
  }
  return absl::OkStatus();
}

std::string Releases(const Walk& walk) {
  std::string text = absl::StrCat(
      walk.releases(), ", each signed with the key that its policy pins");
  if (walk.over_images() == 0) return text;
  return absl::StrCat(text, "; ", walk.over_images(),
                      " signatures are over images themselves, which the log "
                      "does not hold: bootseal verify --receipt checks them");
}

void Print(Format format, const LogKey& key, const TrustedCheckpoint& head,
           const std::optional<TrustedCheckpoint>& seen, const Walk& walk) {
  const std::string root = absl::Base64Escape(image::host::ToString(head.root));
  if (format == Format::kJson) {
    JsonObject json;
    json.Add("origin", Json::Text(key.origin()))
        .Add("size", Json::Number(head.size))
        .Add("root", Json::Text(root))
        .Add("releases", Json::Number(walk.releases()))
        .Add("signatures_over_images", Json::Number(walk.over_images()))
        .Add("refusals", Json::Number(walk.refusals()));
    json.Add("seen_before", seen ? Json::Number(seen->size) : Json::Null());
    PrintResult(json.Build().text() + "\n");
    return;
  }
  PrintResult(FormatTable({
      {"log", Printable(key.origin())},
      {"entries", absl::StrCat(head.size, ", all there; root ", root,
                               " is the signed checkpoint's")},
      {"releases", Releases(walk)},
      {"refusals", absl::StrCat(walk.refusals())},
      {"search", "by decision, target and identity shows what the log holds"},
      {"seen before",
       seen ? absl::StrCat(seen->size, " entries, unchanged since")
            : "nothing; from now on this checkpoint counts"},
  }));
}

std::string Listed(const std::vector<std::string>& findings) {
  const std::size_t shown = std::min(findings.size(), kMaxProblems);
  std::vector<std::string> lines(
      findings.begin(), findings.begin() + static_cast<std::ptrdiff_t>(shown));
  if (findings.size() > shown) {
    lines.push_back(absl::StrCat("and ", findings.size() - shown, " more"));
  }
  return absl::StrJoin(lines, "\n");
}

// Wrong entries first: they were signed into the tree.
absl::Status Summarise(const Walk& walk) {
  const std::size_t wrong = walk.problems().size();
  const std::string search = Listed(walk.mismatches());
  if (wrong != 0) {
    return base::Precondition(
        "LOG_PROBLEMS", absl::StrCat("the log is whole, but ", wrong,
                                     wrong == 1 ? " entry is" : " entries are",
                                     " wrong:\n", Listed(walk.problems()),
                                     search.empty() ? "" : "\n", search));
  }
  if (search.empty()) return absl::OkStatus();
  return base::Precondition(
      "SEARCH_MISMATCH",
      absl::StrCat("the log is whole, but the server's search does not show "
                   "what it holds:\n",
                   search));
}

absl::StatusOr<ExitStatus> Verify(Context& context, const Options& options) {
  ReleaseChecks checks;
  RETURN_IF_ERROR(AddFileKeys(options, checks));
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  RETURN_IF_ERROR(AddServedKeys(*connection, checks));
  ASSIGN_OR_RETURN(const TrustedCheckpoint head,
                   FetchCheckpoint(*connection, key));
  RETURN_IF_ERROR(
      CheckWitnesses(options.witnesses, key, head,
                     [connection](std::uint64_t first, std::uint64_t second) {
                       return FetchConsistencyProof(*connection, first, second);
                     }));
  Walk walk(head, memory.seen(), std::move(checks),
            [connection](const v1::ListEntriesRequest& request) {
              return FetchEntries(*connection, request);
            });
  RETURN_IF_ERROR(walk.Run(*connection));
  RETURN_IF_ERROR(memory.Accept(*connection, head));
  RETURN_IF_ERROR(Summarise(walk));
  Print(context.format(), key, head, memory.seen(), walk);
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareAuditVerify(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--public-key", options->public_keys,
                 "PEM of a key that the server no longer has (repeatable)")
      ->check(NotEmpty());
  DeclareWitnessOptions(app, options->witnesses);
  return [options](Context& context) { return Verify(context, *options); };
}

}  // namespace bootseal::cli
