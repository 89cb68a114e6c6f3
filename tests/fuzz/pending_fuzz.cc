// What a server shows approvers and reviewers: any bytes as an entry, and
// well-formed entries that say anything. These are textproto, with a line "---"
// between: a request that waits, the last release, the log's other entries.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "client/approval/pending.h"
#include "client/approval/pending_text.h"
#include "client/approval/recompute.h"
#include "client/approval/statement.h"
#include "client/cli/tree_builder.h"
#include "client/review/report.h"
#include "client/review/review.h"
#include "client/review/sha256.h"
#include "server/trust/approval.h"
#include "server/trust/entry.h"
#include "server/trust/text.h"
#include "tests/fuzz/quiet.h"
#include "tests/fuzz/shown.h"

namespace bootseal::tests {
namespace {

using Entries = std::vector<v1::LogEntry>;

constexpr std::size_t kPayloadBytes = 1000;
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'100);

std::string Payload() {
  std::string payload;
  for (std::size_t i = 0; i < kPayloadBytes; ++i) {
    payload.push_back(static_cast<char>(i * 7));
  }
  return payload;
}

void RequireOneForm(absl::string_view bytes) {
  const auto entry = trust::DecodeEntry(bytes);
  if (!entry.ok()) return;
  const auto again = trust::EncodeEntry(*entry);
  Require(again.ok() && *again == bytes);
}

// A bit of each entry is another, the same one for the same entry.
void RequireOneFormOfDamaged(std::string bytes) {
  std::size_t at = 0;
  for (const char c : bytes) at = at * 31 + static_cast<unsigned char>(c);
  bytes[at % bytes.size()] ^= static_cast<char>(1 << at % 7);
  RequireOneForm(bytes);
}

// What a server cannot get wrong without being found out at once.
void Restate(v1::Entry& entry) {
  const std::string& requester = entry.caller().identity();
  if (entry.has_signing()) {
    v1::SigningEvent& signing = *entry.mutable_signing();
    signing.set_payload_sha256(review::Sha256(Payload()));
    signing.set_subject_sha256(trust::SubjectOf(requester, signing));
  }
  if (entry.has_key()) {
    v1::KeyEvent& key = *entry.mutable_key();
    key.set_subject_sha256(trust::SubjectOf(requester, key.change()));
  }
}

Entries ReadEntries(absl::string_view text) {
  Entries entries;
  for (const absl::string_view part : absl::StrSplit(text, "\n---\n")) {
    v1::Entry entry;
    trust::Problems problems;
    if (trust::ParseText(part, entry, problems) == trust::Syntax::kBroken) {
      continue;
    }
    Restate(entry);
    const auto bytes = trust::EncodeEntry(entry);
    if (!bytes.ok()) continue;
    v1::LogEntry& added = entries.emplace_back();
    added.set_index(entries.size() - 1);
    added.set_entry(*bytes);
  }
  return entries;
}

v1::ApprovalRequest RequestOf(const Entries& entries) {
  v1::ApprovalRequest request;
  *request.mutable_pending() = entries.front();
  request.set_state(static_cast<v1::RequestState>(entries.size()));
  request.set_needed(2);
  for (const v1::LogEntry& entry : entries) {
    const auto decoded = trust::DecodeEntry(entry.entry());
    request.add_counted(decoded->caller().identity());
    *request.add_approvals() = entry;
  }
  return request;
}

// Pasted into a shell: no character of it means anything there but ours.
void RequireCommandsAlone(const approval::Pending& pending) {
  if (!pending.image) return;
  const std::string commands = approval::RecomputeCommands(pending);
  for (const absl::string_view line : absl::StrSplit(commands, '\n')) {
    Require(line.empty() || line == "{" || line == "  cat payload.bin" ||
            absl::StartsWith(line, "  printf '\\") ||
            absl::StartsWith(line, "  head -c ") ||
            absl::StartsWith(line, "  tail -c +") ||
            absl::StartsWith(line, "} | sha"));
    Require(line.find_first_of("$`;&<>\"!*?~#=()[]") ==
            absl::string_view::npos);
    Require(std::count(line.begin(), line.end(), '\'') % 2 == 0);
  }
}

void RequireStatements(const approval::Pending& pending) {
  for (const v1::Verdict verdict : {v1::APPROVE, v1::DENY}) {
    for (const bool lower : {false, true}) {
      approval::Words words;
      words.verdict = verdict;
      words.reason = "seen";
      words.approver = "rita";
      words.allows_lower_security_counter = lower;
      words.allows_lower_version = lower;
      words.now = kNow;
      words.origin = "bootseal.example/test";
      words.policy_sha256 = std::string(32, 'p');
      const auto statement = approval::MakeStatement(pending, words);
      if (!statement.ok()) continue;
      Require(statement->subject_sha256() == pending.subject);
      Require(trust::DecodeStatement(trust::EncodeStatement(*statement)).ok());
    }
  }
}

void ShowPending(const Entries& entries) {
  const auto pending = approval::ReadPending(entries.front());
  if (!pending.ok()) return;
  approval::Review shown{*pending, RequestOf(entries), {}, {}};
  if (entries.size() > 1) {
    shown.last_release = {1, *trust::DecodeEntry(entries[1].entry()), false};
  }
  RequirePrintable(approval::Describe(shown));
  RequireJson(approval::ToJson(shown));
  for (const std::string& cell : approval::ListRow(shown, kNow)) {
    RequirePrintable(cell);
  }
  RequireCommandsAlone(*pending);
  RequireStatements(*pending);
  (void)approval::CheckPayload(*pending, Payload());
}

// No key is known, so nothing that was signed is good.
void ReviewAll(const Entries& entries) {
  cli::TreeBuilder tree;
  for (const v1::LogEntry& entry : entries) tree.Append(entry.entry());
  review::Known known;
  known.origin = "bootseal.example/test";
  known.head = {"the signed checkpoint", entries.size(), tree.Root()};
  known.now = kNow;
  review::Review review(known, std::nullopt);
  const review::Pages pages = [&entries](std::uint64_t start) {
    return absl::StatusOr<Entries>(Entries(
        entries.begin() + static_cast<std::ptrdiff_t>(start), entries.end()));
  };
  Require(review.Run(pages, [](std::uint64_t) {}).ok());
  Require(review.entries() == entries.size());
  Require(review.findings().count(review::FindingClass::kTree) == 0);
  Require(review.findings().count(review::FindingClass::kEntry) == 0);
  Require(review.releases() == 0 || !review.findings().clean());
  RequirePrintable(review::FormatReport(review));
  RequireJson(review::ReportToJson(review));
}

}  // namespace
}  // namespace bootseal::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace bootseal::tests;
  SilenceProtobuf();
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  RequireOneForm(text);
  const Entries entries = ReadEntries(text);
  if (entries.empty()) return 0;
  for (const bootseal::v1::LogEntry& entry : entries) {
    RequireOneForm(entry.entry());
    RequireOneFormOfDamaged(entry.entry());
  }
  ShowPending(entries);
  ReviewAll(entries);
  return 0;
}
