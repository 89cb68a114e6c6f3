#include "client/cli/entry_text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/approval/transcript_words.h"
#include "client/cli/public_key.h"
#include "client/cli/text.h"
#include "server/trust/capsule_format.h"
#include "server/trust/entry.h"

namespace bootseal::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

template <typename Event>
std::string DecisionOf(const Event& event) {
  return absl::StrCat(DecisionName(event.decision()),
                      event.reason().empty() ? "" : ": ", event.reason());
}

std::string OutcomeOf(const v1::Entry& entry) {
  switch (entry.event_case()) {
    case v1::Entry::kSigning:
      return DecisionOf(entry.signing());
    case v1::Entry::kPolicy:
      return absl::StrCat("version ", entry.policy().version());
    case v1::Entry::kStart:
      return absl::StrCat("server ", entry.start().server_version());
    case v1::Entry::kRefusals:
      return absl::StrCat(entry.refusals().count(),
                          " more refusals: ", entry.refusals().last_reason());
    case v1::Entry::kAccess:
      return absl::StrCat("refused: ", entry.access().rpc(), ": ",
                          entry.access().reason());
    case v1::Entry::kApproval:
      return absl::StrCat(VerdictName(entry.approval().verdict()), " by ",
                          entry.approval().approver(), " of entry ",
                          entry.approval().pending_index());
    case v1::Entry::kKey:
      return DecisionOf(entry.key());
    case v1::Entry::kMetadata:
      return absl::StrCat("issued ", entry.metadata().metadata().size(),
                          " bytes of update metadata");
    case v1::Entry::EVENT_NOT_SET:
      return "";
  }
  return "";
}

std::string TargetOf(const v1::Entry& entry) {
  if (entry.has_access()) return entry.access().target();
  if (entry.has_approval()) return entry.approval().target();
  if (entry.has_metadata()) return entry.metadata().target();
  if (entry.has_key()) {
    return absl::StrCat(ActionName(entry.key().change().action()), " ",
                        entry.key().change().key());
  }
  if (!entry.has_signing()) return "";
  return absl::StrCat(entry.signing().target(), " ", entry.signing().version());
}

void AddHex(const char* title, absl::string_view bytes, Rows& rows) {
  if (!bytes.empty()) rows.push_back({title, absl::BytesToHexString(bytes)});
}

void AddTime(const char* title, std::int64_t unix_ms, Rows& rows) {
  if (unix_ms != 0) rows.push_back({title, FormatUnixMilliseconds(unix_ms)});
}

// Of a request that waited for people, or does.
template <typename Event>
void DescribeApprovals(const Event& event, Rows& rows) {
  AddHex("subject sha256", event.subject_sha256(), rows);
  if (event.approvals_needed() != 0) {
    rows.push_back(
        {"approvals needed", absl::StrCat(event.approvals_needed())});
  }
  AddTime("waits until", event.expires_unix_ms(), rows);
  if (event.has_pending_index()) {
    rows.push_back({"request entry", absl::StrCat(event.pending_index())});
  }
  if (!event.approval_indices().empty()) {
    rows.push_back(
        {"approval entries", absl::StrJoin(event.approval_indices(), ", ")});
  }
}

void DescribeLowering(const v1::SigningEvent& event, Rows& rows) {
  if (event.has_lowers_security_counter_from()) {
    rows.push_back({"lowers counter from",
                    absl::StrCat(event.lowers_security_counter_from())});
  }
  if (event.has_lowers_version_from()) {
    rows.push_back(
        {"lowers version from", Printable(event.lowers_version_from())});
  }
}

void DescribePreimage(const v1::Preimage& preimage, Rows& rows) {
  if (trust::IsCapsuleMessage(preimage)) {
    rows.push_back({"digest is over",
                    absl::StrCat("signed attributes ",
                                 absl::BytesToHexString(preimage.message()))});
    return;
  }
  constexpr char kSequence = 0x30;
  if (!preimage.message().empty() && preimage.message()[0] == kSequence) {
    rows.push_back({"digest is over",
                    absl::StrCat("certificate ",
                                 absl::BytesToHexString(preimage.message()))});
    return;
  }
  if (!preimage.message().empty()) {
    rows.push_back({"digest is over", Printable(preimage.message())});
    return;
  }
  rows.push_back(
      {"digest is over",
       absl::StrCat("header ", absl::BytesToHexString(preimage.header()), ", ",
                    preimage.padding_bytes(), " bytes of ",
                    HexNumber(preimage.padding_byte()), ", payload, ",
                    preimage.payload_padding_bytes(), " zeros, TLVs ",
                    absl::BytesToHexString(preimage.protected_tlvs()))});
}

void DescribeVerdict(const v1::SigningEvent& event, Rows& rows) {
  if (!event.has_verdict()) return;
  constexpr std::int64_t kMilliseconds = 1000;
  rows.push_back(
      {"verdict",
       absl::StrCat(
           TrialEndName(event.verdict().end()), " the release on trial, until ",
           FormatUnixMilliseconds(event.verdict().not_after_unix_seconds() *
                                  kMilliseconds))});
}

void DescribeSigning(const v1::SigningEvent& event, Rows& rows) {
  rows.push_back({"target", Printable(event.target())});
  rows.push_back({"version", Printable(event.version())});
  rows.push_back({"security counter", absl::StrCat(event.security_counter())});
  rows.push_back(
      {"payload",
       absl::StrCat(event.payload_size(), " bytes, sha256 ",
                    absl::BytesToHexString(event.payload_sha256()))});
  for (const v1::ComponentDigest& each : event.components()) {
    rows.push_back({absl::StrCat("image ", Printable(each.name())),
                    absl::StrCat(each.size(), " bytes, sha256 ",
                                 absl::BytesToHexString(each.sha256()))});
  }
  DescribeVerdict(event, rows);
  rows.push_back({"decision", DecisionName(event.decision())});
  rows.push_back({"rule", Printable(event.rule())});
  rows.push_back({"reason", Printable(event.reason())});
  AddHex("request sha256", event.request_sha256(), rows);
  DescribeApprovals(event, rows);
  DescribeLowering(event, rows);
  for (const v1::SignedDigest& digest : event.digests()) {
    if (!digest.name().empty()) {
      rows.push_back({"certificate", Printable(digest.name())});
    }
    rows.push_back(
        {"key", absl::StrCat(Printable(digest.key()), " (",
                             AlgorithmName(digest.algorithm()), ")")});
    rows.push_back({"key hash", absl::BytesToHexString(digest.key_hash())});
    rows.push_back({"digest", absl::BytesToHexString(digest.digest())});
    rows.push_back(
        {"signature",
         absl::StrCat(absl::BytesToHexString(digest.signature()),
                      digest.pure() ? " (over the image itself)" : "")});
    if (digest.has_preimage()) DescribePreimage(digest.preimage(), rows);
  }
}

void DescribeApproval(const v1::ApprovalEvent& event, Rows& rows) {
  rows.push_back({"request entry", absl::StrCat(event.pending_index())});
  if (!event.target().empty()) {
    rows.push_back({"target", Printable(event.target())});
  }
  rows.push_back({"verdict", VerdictName(event.verdict())});
  rows.push_back({"approver", Printable(event.approver())});
  AddHex("subject sha256", event.subject_sha256(), rows);
}

void DescribeKey(const v1::KeyEvent& event, Rows& rows) {
  const v1::KeyChange& change = event.change();
  rows.push_back({"change", ActionName(change.action())});
  rows.push_back({"key", Printable(change.key())});
  AddHex("public key sha256", change.public_key_sha256(), rows);
  if (!change.replaces().empty()) {
    rows.push_back({"replaces", Printable(change.replaces())});
    AddHex("replaced key sha256", change.replaces_sha256(), rows);
  }
  approval::AddTranscript(event, rows);
  rows.push_back({"decision", DecisionName(event.decision())});
  rows.push_back({"rule", Printable(event.rule())});
  rows.push_back({"reason", Printable(event.reason())});
  DescribeApprovals(event, rows);
}

void DescribeAccess(const v1::AccessEvent& event, Rows& rows) {
  rows.push_back({"call", Printable(event.rpc())});
  if (!event.target().empty()) {
    rows.push_back({"target", Printable(event.target())});
  }
  rows.push_back({"decision", DecisionName(v1::REFUSED)});
  rows.push_back({"rule", Printable(event.rule())});
  rows.push_back({"reason", Printable(event.reason())});
}

void DescribeEvent(const v1::Entry& entry, Rows& rows) {
  if (entry.has_signing()) return DescribeSigning(entry.signing(), rows);
  if (entry.has_access()) return DescribeAccess(entry.access(), rows);
  if (entry.has_approval()) return DescribeApproval(entry.approval(), rows);
  if (entry.has_key()) return DescribeKey(entry.key(), rows);
  if (entry.has_metadata()) {
    rows.push_back({"target", Printable(entry.metadata().target())});
    AddHex("metadata", entry.metadata().metadata(), rows);
    return;
  }
  rows.push_back({"event", Printable(OutcomeOf(entry))});
  if (entry.has_policy()) {
    rows.push_back({"sha256", absl::BytesToHexString(entry.policy().sha256())});
  }
  if (entry.has_start()) {
    rows.push_back({"binary sha256",
                    absl::BytesToHexString(entry.start().binary_sha256())});
  }
}

Rows DescribeCaller(const v1::Caller& caller) {
  Rows rows{{"identity", Printable(caller.identity())},
            {"subject", Printable(caller.subject())},
            {"roles", Printable(absl::StrJoin(caller.roles(), ", "))}};
  AddHex("certificate sha256", caller.certificate_sha256(), rows);
  if (!caller.issuer().empty()) {
    rows.push_back({"issuer", Printable(caller.issuer())});
  }
  for (const v1::Claim& claim : caller.claims()) {
    rows.push_back({absl::StrCat("claim ", Printable(claim.name())),
                    Printable(claim.value())});
  }
  if (!caller.behind().empty()) {
    rows.push_back({"started by", Printable(caller.behind())});
  }
  for (const std::string& name : caller.also_behind()) {
    rows.push_back({"stands behind", Printable(name)});
  }
  return rows;
}

}  // namespace

std::string DecisionName(v1::Decision decision) {
  return absl::AsciiStrToLower(v1::Decision_Name(decision));
}

std::string TrialEndName(v1::TrialEnd end) {
  if (end == v1::TRIAL_ACCEPT) return "accept";
  if (end == v1::TRIAL_REJECT) return "reject";
  return absl::StrCat(static_cast<int>(end));
}

std::string VerdictName(v1::Verdict verdict) {
  return absl::AsciiStrToLower(v1::Verdict_Name(verdict));
}

std::string ActionName(v1::KeyAction action) {
  return absl::AsciiStrToLower(v1::KeyAction_Name(action));
}

std::vector<std::string> EntryTitles() {
  return {"INDEX", "TIME", "IDENTITY", "EVENT", "TARGET", "OUTCOME"};
}

std::vector<std::string> EntryRow(std::uint64_t index, const v1::Entry& entry) {
  return {absl::StrCat(index),
          FormatUnixMilliseconds(entry.time_unix_ms()),
          Printable(entry.caller().identity()),
          trust::NameOfKind(entry.event_case()),
          Printable(TargetOf(entry)),
          Printable(OutcomeOf(entry))};
}

std::string DescribeEntry(std::uint64_t index, const v1::Entry& entry,
                          const Rows& more) {
  Rows rows{
      {"index", absl::StrCat(index)},
      {"time", FormatUnixMilliseconds(entry.time_unix_ms())},
      {"event", trust::NameOfKind(entry.event_case())},
  };
  const Rows caller = DescribeCaller(entry.caller());
  rows.insert(rows.end(), caller.begin(), caller.end());
  rows.push_back({"request id", Printable(entry.request_id())});
  rows.push_back(
      {"policy sha256", absl::BytesToHexString(entry.policy_sha256())});
  DescribeEvent(entry, rows);
  rows.insert(rows.end(), more.begin(), more.end());
  return FormatTable(rows);
}

}  // namespace bootseal::cli
