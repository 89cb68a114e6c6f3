// ToJson of pending_text.h.
#include "absl/strings/ascii.h"
#include "client/approval/capsule_words.h"
#include "client/approval/package_words.h"
#include "client/approval/pending_words.h"
#include "client/approval/recompute.h"
#include "client/approval/release_words.h"
#include "client/release/verdict_words.h"

namespace bootseal::approval {
namespace {

using cli::Json;
using cli::JsonObject;

Json CallerJson(const v1::Caller& caller) {
  std::vector<Json> claims;
  for (const v1::Claim& claim : caller.claims()) {
    claims.push_back(JsonObject()
                         .Add("name", Json::Text(claim.name()))
                         .Add("value", Json::Text(claim.value()))
                         .Build());
  }
  return JsonObject()
      .Add("identity", Json::Text(caller.identity()))
      .Add("method", Json::Text(caller.method()))
      .Add("subject", Json::Text(caller.subject()))
      .Add("issuer", Json::Text(caller.issuer()))
      .Add("claims", Json::Array(claims))
      .Add("behind", Json::Text(caller.behind()))
      .Build();
}

JsonObject WithDigest(JsonObject json, const v1::SignedDigest& digest) {
  return json.Add("key", Json::Text(digest.key()))
      .Add("key_hash", Json::Hex(digest.key_hash()))
      .Add("algorithm", Json::Text(AlgorithmName(digest.algorithm())))
      .Add("digest", Json::Hex(digest.digest()));
}

JsonObject WithLowering(JsonObject json, const v1::SigningEvent& signing) {
  return json
      .Add("lowers_security_counter_from",
           signing.has_lowers_security_counter_from()
               ? Json::Number(signing.lowers_security_counter_from())
               : Json::Null())
      .Add("lowers_version_from",
           signing.has_lowers_version_from()
               ? Json::Text(signing.lowers_version_from())
               : Json::Null());
}

Json ImageJson(const Review& review) {
  if (!review.pending.image) return Json::Null();
  const v1::SigningEvent& signing = review.pending.entry.signing();
  const Image& image = *review.pending.image;
  const v1::SignedDigest& digest = DigestOf(review.pending);
  std::vector<Json> tlvs;
  for (const v1::VendorTlv& tlv : image.vendor_tlvs) {
    tlvs.push_back(JsonObject()
                       .Add("type", Json::Number(tlv.type()))
                       .Add("value", Json::Hex(tlv.value()))
                       .Build());
  }
  JsonObject json;
  json.Add("target", Json::Text(signing.target()))
      .Add("version", Json::Text(signing.version()))
      .Add("security_counter", image.security_counter
                                   ? Json::Number(*image.security_counter)
                                   : Json::Null())
      .Add("payload_size", Json::Number(signing.payload_size()))
      .Add("payload_sha256", Json::Hex(signing.payload_sha256()))
      .Add("header_size", Json::Number(image.header.header_size))
      .Add("image_size", Json::Number(image.header.image_size))
      .Add("protected_size", Json::Number(image.header.protected_size))
      .Add("flags", Json::Number(image.header.flags))
      .Add("compressed", Json::Truth(image.compressed))
      .Add("vendor_tlvs", Json::Array(tlvs));
  json = WithDigest(json, digest);
  json.Add("pure", Json::Truth(digest.pure()));
  return WithLowering(json, signing)
      .Add("recompute", Json::Text(RecomputeCommands(review.pending)))
      .Build();
}

// A request for a release or a capsule, with what gets signed under `name`.
Json MessageRequestJson(const Review& review, const char* name,
                        const Json& message) {
  const v1::SigningEvent& signing = review.pending.entry.signing();
  JsonObject json;
  json.Add("target", Json::Text(signing.target()))
      .Add("version", Json::Text(signing.version()))
      .Add("security_counter", Json::Number(signing.security_counter()))
      .Add("payload_size", Json::Number(signing.payload_size()))
      .Add("payload_sha256", Json::Hex(signing.payload_sha256()))
      .Add(name, message);
  return WithLowering(WithDigest(json, DigestOf(review.pending)), signing)
      .Add("recompute", Json::Text(RecomputeCommands(review.pending)))
      .Build();
}

Json ReleaseRequestJson(const Review& review) {
  if (!review.pending.release) return Json::Null();
  return MessageRequestJson(review, "manifest", ReleaseJson(review.pending));
}

Json CapsuleRequestJson(const Review& review) {
  if (!review.pending.capsule) return Json::Null();
  return MessageRequestJson(review, "signed", CapsuleJson(review.pending));
}

Json PackageRequestJson(const Review& review) {
  if (!review.pending.package) return Json::Null();
  return MessageRequestJson(review, "signed", PackageJson(review.pending));
}

Json FirstStageRequestJson(const Review& review) {
  if (!review.pending.first_stage) return Json::Null();
  return MessageRequestJson(review, "signed", FirstStageJson(review.pending));
}

Json VerdictRequestJson(const Review& review) {
  if (!review.pending.verdict) return Json::Null();
  const v1::SigningEvent& signing = review.pending.entry.signing();
  JsonObject json = release::VerdictJson(*review.pending.verdict);
  json.Add("payload_size", Json::Number(signing.payload_size()))
      .Add("payload_sha256", Json::Hex(signing.payload_sha256()));
  return WithDigest(json, DigestOf(review.pending))
      .Add("recompute", Json::Text(RecomputeCommands(review.pending)))
      .Build();
}

Json KeyChangeJson(const v1::Entry& entry) {
  if (!entry.has_key()) return Json::Null();
  const v1::KeyChange& change = entry.key().change();
  return JsonObject()
      .Add("action", Json::Text(absl::AsciiStrToLower(
                         v1::KeyAction_Name(change.action()))))
      .Add("key", Json::Text(change.key()))
      .Add("public_key_sha256", Json::Hex(change.public_key_sha256()))
      .Add("replaces", Json::Text(change.replaces()))
      .Add("replaces_sha256", Json::Hex(change.replaces_sha256()))
      .Add("transcript_sha256", Json::Hex(change.transcript_sha256()))
      .Add("transcript", Json::Text(entry.key().transcript()))
      .Build();
}

Json ComparedJson(const Review& review) {
  if (!review.last_release || !review.pending.entry.has_signing() ||
      review.pending.verdict) {
    return Json::Null();
  }
  std::vector<Json> differences;
  for (const Difference& each : DifferencesOf(review)) {
    if (each.before == each.now) continue;
    differences.push_back(JsonObject()
                              .Add("field", Json::Text(each.name))
                              .Add("before", Json::Text(each.before))
                              .Add("now", Json::Text(each.now))
                              .Build());
  }
  return JsonObject()
      .Add("index", Json::Number(review.last_release->index))
      .Add("proven", Json::Truth(review.last_release->proven))
      .Add("differences", Json::Array(differences))
      .Build();
}

Json ApprovalsJson(const v1::ApprovalRequest& request) {
  std::vector<Json> approvals;
  for (const v1::LogEntry& entry : request.approvals()) {
    const auto statement = StatementIn(entry);
    if (!statement) continue;
    approvals.push_back(
        JsonObject()
            .Add("index", Json::Number(entry.index()))
            .Add("approver", Json::Text(statement->approver()))
            .Add("verdict", Json::Text(VerdictName(statement->verdict())))
            .Add("reason", Json::Text(statement->reason()))
            .Add("not_after_unix_ms",
                 Json::Signed(statement->not_after_unix_ms()))
            .Build());
  }
  return Json::Array(approvals);
}

}  // namespace

Json ToJson(const Review& review) {
  const v1::Entry& entry = review.pending.entry;
  std::vector<Json> counted;
  const Count count = CountOf(review);
  for (const std::string& name : count.people) {
    counted.push_back(Json::Text(name));
  }
  return JsonObject()
      .Add("id", Json::Text(IdOf(review.pending)))
      .Add("subject_sha256", Json::Hex(review.pending.subject))
      .Add("state", Json::Text(StateName(review.request.state())))
      .Add("index", Json::Number(review.pending.index))
      .Add("request_id", Json::Text(entry.request_id()))
      .Add("requested_unix_ms", Json::Signed(entry.time_unix_ms()))
      .Add("expires_unix_ms", Json::Signed(ExpiryOf(review.pending)))
      .Add("requester", CallerJson(entry.caller()))
      .Add("image", ImageJson(review))
      .Add("release", ReleaseRequestJson(review))
      .Add("verdict", VerdictRequestJson(review))
      .Add("capsule", CapsuleRequestJson(review))
      .Add("package", PackageRequestJson(review))
      .Add("first_stage", FirstStageRequestJson(review))
      .Add("key_change", KeyChangeJson(entry))
      .Add("needed", Json::Number(count.needed))
      .Add("counted", Json::Array(counted))
      .Add("counted_proven", Json::Truth(count.proven))
      .Add("policy_index", review.tally
                               ? Json::Number(review.tally->policy_index)
                               : Json::Null())
      .Add("server_differs", Json::Truth(IsContradicted(review)))
      .Add("approvals", ApprovalsJson(review.request))
      .Add("last_release", ComparedJson(review))
      .Build();
}

}  // namespace bootseal::approval
