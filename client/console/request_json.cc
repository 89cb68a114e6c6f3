#include "client/console/request_json.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/approval/pending.h"
#include "client/approval/recompute.h"
#include "server/trust/entry.h"

namespace bootseal::console {
namespace {

using cli::Json;
using cli::JsonObject;

struct Difference {
  std::string name;
  std::string before;
  std::string now;
};

std::string KeysOf(const v1::SigningEvent& event) {
  std::string keys;
  for (const v1::SignedDigest& digest : event.digests()) {
    absl::StrAppend(&keys, keys.empty() ? "" : ", ", digest.key());
  }
  return keys;
}

std::string DigestsOf(const v1::SigningEvent& event) {
  std::string digests;
  for (const v1::SignedDigest& digest : event.digests()) {
    absl::StrAppend(&digests, digests.empty() ? "" : ", ",
                    absl::BytesToHexString(digest.digest()));
  }
  return digests;
}

std::vector<Difference> Compare(const v1::Entry& before, const v1::Entry& now) {
  const v1::SigningEvent& old = before.signing();
  const v1::SigningEvent& fresh = now.signing();
  return {
      {"version", old.version(), fresh.version()},
      {"security counter", absl::StrCat(old.security_counter()),
       absl::StrCat(fresh.security_counter())},
      {"payload size", absl::StrCat(old.payload_size()),
       absl::StrCat(fresh.payload_size())},
      {"payload sha256", absl::BytesToHexString(old.payload_sha256()),
       absl::BytesToHexString(fresh.payload_sha256())},
      {"digest", DigestsOf(old), DigestsOf(fresh)},
      {"key", KeysOf(old), KeysOf(fresh)},
      {"requester", before.caller().identity(), now.caller().identity()},
      {"policy", absl::BytesToHexString(before.policy_sha256()),
       absl::BytesToHexString(now.policy_sha256())},
  };
}

Json DifferencesToJson(const std::vector<Difference>& differences) {
  std::vector<Json> rows;
  for (const Difference& each : differences) {
    rows.push_back(JsonObject()
                       .Add("name", Json::Text(each.name))
                       .Add("before", Json::Text(each.before))
                       .Add("now", Json::Text(each.now))
                       .Build());
  }
  return Json::Array(rows);
}

// By its length; empty for another.
std::string HashNameOf(const v1::SignedDigest& digest) {
  switch (digest.digest().size()) {
    case 32:
      return "sha256";
    case 48:
      return "sha384";
    case 64:
      return "sha512";
    default:
      return "";
  }
}

// Empty when the entry does not tell what its digest is over.
std::string RecomputeLinesOf(const v1::LogEntry& entry) {
  const auto pending = approval::ReadPending(entry);
  if (!pending.ok() || !pending->entry.has_signing()) return "";
  return approval::RecomputeCommands(*pending);
}

Json PreimageToJson(const v1::Preimage& preimage) {
  return JsonObject()
      .Add("header", Json::Hex(preimage.header()))
      .Add("padding_bytes", Json::Number(preimage.padding_bytes()))
      .Add("padding_byte", Json::Number(preimage.padding_byte()))
      .Add("protected_tlvs", Json::Hex(preimage.protected_tlvs()))
      .Add("payload_padding_bytes",
           Json::Number(preimage.payload_padding_bytes()))
      .Add("message", Json::Text(preimage.message()))
      .Build();
}

Json DigestsToJson(const v1::SigningEvent& event) {
  std::vector<Json> digests;
  for (const v1::SignedDigest& digest : event.digests()) {
    digests.push_back(
        JsonObject()
            .Add("name", Json::Text(digest.name()))
            .Add("key", Json::Text(digest.key()))
            .Add("key_hash", Json::Hex(digest.key_hash()))
            .Add("hash", Json::Text(HashNameOf(digest)))
            .Add("digest", Json::Hex(digest.digest()))
            .Add("preimage", digest.has_preimage()
                                 ? PreimageToJson(digest.preimage())
                                 : Json::Null())
            .Build());
  }
  return Json::Array(digests);
}

absl::StatusOr<Json> DescribeAll(
    const Source& source,
    const google::protobuf::RepeatedPtrField<v1::LogEntry>& entries) {
  std::vector<Json> described;
  for (const v1::LogEntry& entry : entries) {
    ASSIGN_OR_RETURN(const v1::Entry decoded,
                     trust::DecodeEntry(entry.entry()));
    described.push_back(source.Describe(entry.index(), decoded));
  }
  return Json::Array(described);
}

const std::string& SubjectOf(const v1::Entry& entry) {
  return entry.has_key() ? entry.key().subject_sha256()
                         : entry.signing().subject_sha256();
}

std::int64_t ExpiryOf(const v1::Entry& entry) {
  return entry.has_key() ? entry.key().expires_unix_ms()
                         : entry.signing().expires_unix_ms();
}

std::string Title(const v1::Entry& entry) {
  if (!entry.has_key()) {
    return absl::StrCat(entry.signing().target(), " ",
                        entry.signing().version());
  }
  const v1::KeyChange& change = entry.key().change();
  return absl::StrCat(
      absl::AsciiStrToLower(v1::KeyAction_Name(change.action())), " key ",
      change.key());
}

Json Names(const std::vector<std::string>& names) {
  std::vector<Json> list;
  for (const std::string& name : names) list.push_back(Json::Text(name));
  return Json::Array(list);
}

JsonObject Row(const v1::ApprovalRequest& request, const v1::Entry& entry,
               const approval::Count& count) {
  JsonObject row;
  row.Add("subject", Json::Hex(SubjectOf(entry)))
      .Add("index", Json::Number(request.pending().index()))
      .Add("title", Json::Text(Title(entry)))
      .Add("state", Json::Text(absl::AsciiStrToLower(
                        v1::RequestState_Name(request.state()))))
      .Add("requester", Json::Text(entry.caller().identity()))
      .Add("time_unix_ms", Json::Signed(entry.time_unix_ms()))
      .Add("expires_unix_ms", Json::Signed(ExpiryOf(entry)))
      .Add("needed", Json::Number(count.needed))
      .Add("counted", Names(count.people))
      .Add("may_approve", Json::Truth(request.caller_may_approve()));
  return row;
}

// A lower counter or version wants an approval that says so.
void AddLowered(const v1::SigningEvent& event, JsonObject& object) {
  object
      .Add("lowers_security_counter_from",
           event.has_lowers_security_counter_from()
               ? Json::Number(event.lowers_security_counter_from())
               : Json::Null())
      .Add("lowers_version_from", event.has_lowers_version_from()
                                      ? Json::Text(event.lowers_version_from())
                                      : Json::Null());
}

absl::Status AddLastRelease(const Source& source,
                            const v1::ApprovalRequest& request,
                            const v1::Entry& now, JsonObject& object) {
  if (!request.has_last_release()) {
    object.Add("last_release", Json::Null())
        .Add("differences", Json::Array({}));
    return absl::OkStatus();
  }
  const v1::LogEntry& last = request.last_release();
  ASSIGN_OR_RETURN(const v1::Entry before, trust::DecodeEntry(last.entry()));
  object.Add("last_release", source.Describe(last.index(), before))
      .Add("differences", DifferencesToJson(Compare(before, now)));
  return absl::OkStatus();
}

// What of it this machine proved, and what it was only told.
void AddProven(const ShownRequest& shown, const approval::Count& count,
               JsonObject& object) {
  const auto& review = shown.review;
  object.Add("counted_proven", Json::Truth(count.proven))
      .Add("policy_index", review && review->tally
                               ? Json::Number(review->tally->policy_index)
                               : Json::Null())
      .Add("server_differs",
           Json::Truth(review && approval::IsContradicted(*review)))
      .Add("server_needed", Json::Number(shown.request.needed()))
      .Add("server_counted", Names(approval::CountOf(shown.request).people))
      .Add("last_release_proven", Json::Truth(review && review->last_release &&
                                              review->last_release->proven));
}

}  // namespace

cli::Json ErrorToJson(const absl::Status& status) {
  if (status.ok()) return Json::Null();
  return JsonObject()
      .Add("reason", Json::Text(base::ReasonOf(status)))
      .Add("message", Json::Text(status.message()))
      .Add("field", Json::Text(base::FieldOf(status)))
      .Build();
}

absl::StatusOr<cli::Json> RequestToJson(const Source& source,
                                        const ShownRequest& shown) {
  const v1::ApprovalRequest& request = shown.request;
  ASSIGN_OR_RETURN(const v1::Entry entry,
                   trust::DecodeEntry(request.pending().entry()));
  ASSIGN_OR_RETURN(const Json approvals,
                   DescribeAll(source, request.approvals()));
  const approval::Count count = shown.review ? approval::CountOf(*shown.review)
                                             : approval::CountOf(request);
  JsonObject object = Row(request, entry, count);
  object.Add("entry", source.Describe(request.pending().index(), entry))
      .Add("entry_hex", Json::Hex(request.pending().entry()))
      .Add("receipt", Json::Text(request.receipt()))
      .Add("checked", ErrorToJson(shown.checked))
      .Add("origin", Json::Text(request.origin()))
      .Add("policy_sha256", Json::Hex(request.policy_sha256()))
      .Add("approvals", approvals)
      .Add("digests", DigestsToJson(entry.signing()))
      .Add("recompute", Json::Text(RecomputeLinesOf(request.pending())));
  AddLowered(entry.signing(), object);
  AddProven(shown, count, object);
  RETURN_IF_ERROR(AddLastRelease(source, request, entry, object));
  return object.Build();
}

absl::StatusOr<cli::Json> RequestRowToJson(const v1::ApprovalRequest& request) {
  ASSIGN_OR_RETURN(const v1::Entry entry,
                   trust::DecodeEntry(request.pending().entry()));
  return Row(request, entry, approval::CountOf(request)).Build();
}

}  // namespace bootseal::console
