#include "client/cli/entry_text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/public_key.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string DecisionName(v1::Decision decision) {
  return absl::AsciiStrToLower(v1::Decision_Name(decision));
}

const char* KindOf(const v1::Entry& entry) {
  switch (entry.event_case()) {
    case v1::Entry::kSigning:
      return "signing";
    case v1::Entry::kPolicy:
      return "policy";
    case v1::Entry::kStart:
      return "start";
    case v1::Entry::kRefusals:
      return "refusals";
    case v1::Entry::kAccess:
      return "access";
    case v1::Entry::kApproval:
      return "approval";
    case v1::Entry::kKey:
      return "key";
    case v1::Entry::EVENT_NOT_SET:
      return "unknown";
  }
  return "unknown";
}

std::string OutcomeOf(const v1::Entry& entry) {
  switch (entry.event_case()) {
    case v1::Entry::kSigning:
      return absl::StrCat(DecisionName(entry.signing().decision()),
                          entry.signing().reason().empty() ? "" : ": ",
                          entry.signing().reason());
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
    case v1::Entry::kKey:
    case v1::Entry::EVENT_NOT_SET:
      return "";
  }
  return "";
}

std::string TargetOf(const v1::Entry& entry) {
  if (entry.has_access()) return entry.access().target();
  if (!entry.has_signing()) return "";
  return absl::StrCat(entry.signing().target(), " ", entry.signing().version());
}

void DescribeSigning(const v1::SigningEvent& event, Rows& rows) {
  rows.push_back({"target", Printable(event.target())});
  rows.push_back({"version", Printable(event.version())});
  rows.push_back({"security counter", absl::StrCat(event.security_counter())});
  rows.push_back(
      {"payload",
       absl::StrCat(event.payload_size(), " bytes, sha256 ",
                    absl::BytesToHexString(event.payload_sha256()))});
  rows.push_back({"decision", DecisionName(event.decision())});
  rows.push_back({"rule", Printable(event.rule())});
  rows.push_back({"reason", Printable(event.reason())});
  for (const v1::SignedDigest& digest : event.digests()) {
    rows.push_back(
        {"key", absl::StrCat(Printable(digest.key()), " (",
                             AlgorithmName(digest.algorithm()), ")")});
    rows.push_back({"key hash", absl::BytesToHexString(digest.key_hash())});
    rows.push_back({"digest", absl::BytesToHexString(digest.digest())});
    rows.push_back(
        {"signature",
         absl::StrCat(absl::BytesToHexString(digest.signature()),
                      digest.pure() ? " (over the image itself)" : "")});
  }
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
  rows.push_back({"event", Printable(OutcomeOf(entry))});
  if (entry.has_policy()) {
    rows.push_back({"sha256", absl::BytesToHexString(entry.policy().sha256())});
  }
  if (entry.has_start()) {
    rows.push_back({"binary sha256",
                    absl::BytesToHexString(entry.start().binary_sha256())});
  }
}

Json DigestToJson(const v1::SignedDigest& digest) {
  return JsonObject()
      .Add("key", Json::Text(digest.key()))
      .Add("key_hash", Json::Hex(digest.key_hash()))
      .Add("algorithm", Json::Text(AlgorithmName(digest.algorithm())))
      .Add("digest", Json::Hex(digest.digest()))
      .Add("signature", Json::Hex(digest.signature()))
      .Add("pure", Json::Truth(digest.pure()))
      .Build();
}

Json EventToJson(const v1::SigningEvent& event) {
  std::vector<Json> digests;
  for (const v1::SignedDigest& digest : event.digests()) {
    digests.push_back(DigestToJson(digest));
  }
  return JsonObject()
      .Add("target", Json::Text(event.target()))
      .Add("version", Json::Text(event.version()))
      .Add("security_counter", Json::Number(event.security_counter()))
      .Add("payload_size", Json::Number(event.payload_size()))
      .Add("payload_sha256", Json::Hex(event.payload_sha256()))
      .Add("decision", Json::Text(DecisionName(event.decision())))
      .Add("rule", Json::Text(event.rule()))
      .Add("reason", Json::Text(event.reason()))
      .Add("request_sha256", Json::Hex(event.request_sha256()))
      .Add("digests", Json::Array(digests))
      .Build();
}

Json EventToJson(const v1::Entry& entry) {
  switch (entry.event_case()) {
    case v1::Entry::kSigning:
      return EventToJson(entry.signing());
    case v1::Entry::kPolicy:
      return JsonObject()
          .Add("version", Json::Number(entry.policy().version()))
          .Add("sha256", Json::Hex(entry.policy().sha256()))
          .Build();
    case v1::Entry::kStart:
      return JsonObject()
          .Add("server_version", Json::Text(entry.start().server_version()))
          .Add("binary_sha256", Json::Hex(entry.start().binary_sha256()))
          .Build();
    case v1::Entry::kRefusals:
      return JsonObject()
          .Add("count", Json::Number(entry.refusals().count()))
          .Add("last_reason", Json::Text(entry.refusals().last_reason()))
          .Build();
    case v1::Entry::kAccess:
      return JsonObject()
          .Add("rpc", Json::Text(entry.access().rpc()))
          .Add("target", Json::Text(entry.access().target()))
          .Add("decision", Json::Text(DecisionName(v1::REFUSED)))
          .Add("rule", Json::Text(entry.access().rule()))
          .Add("reason", Json::Text(entry.access().reason()))
          .Build();
    case v1::Entry::kApproval:
    case v1::Entry::kKey:
    case v1::Entry::EVENT_NOT_SET:
      return Json::Null();
  }
  return Json::Null();
}

}  // namespace

std::vector<std::string> EntryTitles() {
  return {"INDEX", "TIME", "IDENTITY", "EVENT", "TARGET", "OUTCOME"};
}

std::vector<std::string> EntryRow(std::uint64_t index, const v1::Entry& entry) {
  return {absl::StrCat(index),
          FormatUnixMilliseconds(entry.time_unix_ms()),
          Printable(entry.caller().identity()),
          KindOf(entry),
          Printable(TargetOf(entry)),
          Printable(OutcomeOf(entry))};
}

std::string DescribeEntry(std::uint64_t index, const v1::Entry& entry) {
  const v1::Caller& caller = entry.caller();
  Rows rows{
      {"index", absl::StrCat(index)},
      {"time", FormatUnixMilliseconds(entry.time_unix_ms())},
      {"event", KindOf(entry)},
      {"identity", Printable(caller.identity())},
      {"subject", Printable(caller.subject())},
      {"roles", Printable(absl::StrJoin(caller.roles(), ", "))},
      {"request id", Printable(entry.request_id())},
      {"policy sha256", absl::BytesToHexString(entry.policy_sha256())},
  };
  DescribeEvent(entry, rows);
  return FormatTable(rows);
}

Json EntryToJson(std::uint64_t index, const v1::Entry& entry) {
  const v1::Caller& caller = entry.caller();
  std::vector<Json> roles;
  for (const std::string& role : caller.roles()) {
    roles.push_back(Json::Text(role));
  }
  return JsonObject()
      .Add("index", Json::Number(index))
      .Add("time", Json::Text(FormatUnixMilliseconds(entry.time_unix_ms())))
      .Add("time_unix_ms", Json::Signed(entry.time_unix_ms()))
      .Add("identity", Json::Text(caller.identity()))
      .Add("method", Json::Text(caller.method()))
      .Add("subject", Json::Text(caller.subject()))
      .Add("certificate_sha256", Json::Hex(caller.certificate_sha256()))
      .Add("roles", Json::Array(roles))
      .Add("request_id", Json::Text(entry.request_id()))
      .Add("policy_sha256", Json::Hex(entry.policy_sha256()))
      .Add("event", Json::Text(KindOf(entry)))
      .Add(KindOf(entry), EventToJson(entry))
      .Build();
}

}  // namespace bootseal::cli
