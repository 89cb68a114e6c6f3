#include "absl/strings/escaping.h"
#include "client/cli/entry_text.h"
#include "client/cli/public_key.h"
#include "client/cli/text.h"
#include "server/trust/entry.h"

namespace bootseal::cli {
namespace {

Json ToJson(const v1::Preimage& preimage) {
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

// Of a request that waited for people, or does; null what it has not.
template <typename Event>
void AddApprovals(const Event& event, JsonObject& json) {
  std::vector<Json> indices;
  for (const std::uint64_t index : event.approval_indices()) {
    indices.push_back(Json::Number(index));
  }
  json.Add("subject_sha256", Json::Hex(event.subject_sha256()))
      .Add("pending_index", event.has_pending_index()
                                ? Json::Number(event.pending_index())
                                : Json::Null())
      .Add("approval_indices", Json::Array(indices))
      .Add("approvals_needed", Json::Number(event.approvals_needed()))
      .Add("expires_unix_ms", Json::Signed(event.expires_unix_ms()));
}

Json DigestToJson(const v1::SignedDigest& digest) {
  return JsonObject()
      .Add("name", Json::Text(digest.name()))
      .Add("key", Json::Text(digest.key()))
      .Add("key_hash", Json::Hex(digest.key_hash()))
      .Add("algorithm", Json::Text(AlgorithmName(digest.algorithm())))
      .Add("digest", Json::Hex(digest.digest()))
      .Add("signature", Json::Hex(digest.signature()))
      .Add("pure", Json::Truth(digest.pure()))
      .Add("preimage",
           digest.has_preimage() ? ToJson(digest.preimage()) : Json::Null())
      .Build();
}

Json ComponentsToJson(const v1::SigningEvent& event) {
  std::vector<Json> components;
  for (const v1::ComponentDigest& each : event.components()) {
    components.push_back(JsonObject()
                             .Add("name", Json::Text(each.name()))
                             .Add("size", Json::Number(each.size()))
                             .Add("sha256", Json::Hex(each.sha256()))
                             .Build());
  }
  return Json::Array(components);
}

Json VerdictToJson(const v1::SigningEvent& event) {
  if (!event.has_verdict()) return Json::Null();
  return JsonObject()
      .Add("end", Json::Text(TrialEndName(event.verdict().end())))
      .Add("not_after_unix_seconds",
           Json::Signed(event.verdict().not_after_unix_seconds()))
      .Build();
}

Json EventToJson(const v1::SigningEvent& event) {
  std::vector<Json> digests;
  for (const v1::SignedDigest& digest : event.digests()) {
    digests.push_back(DigestToJson(digest));
  }
  JsonObject json;
  json.Add("target", Json::Text(event.target()))
      .Add("version", Json::Text(event.version()))
      .Add("security_counter", Json::Number(event.security_counter()))
      .Add("payload_size", Json::Number(event.payload_size()))
      .Add("payload_sha256", Json::Hex(event.payload_sha256()))
      .Add("components", ComponentsToJson(event))
      .Add("verdict", VerdictToJson(event))
      .Add("decision", Json::Text(DecisionName(event.decision())))
      .Add("rule", Json::Text(event.rule()))
      .Add("reason", Json::Text(event.reason()))
      .Add("request_sha256", Json::Hex(event.request_sha256()))
      .Add("digests", Json::Array(digests));
  AddApprovals(event, json);
  json.Add("lowers_security_counter_from",
           event.has_lowers_security_counter_from()
               ? Json::Number(event.lowers_security_counter_from())
               : Json::Null())
      .Add("lowers_version_from", event.has_lowers_version_from()
                                      ? Json::Text(event.lowers_version_from())
                                      : Json::Null());
  return json.Build();
}

Json EventToJson(const v1::ApprovalEvent& event) {
  const v1::DsseEnvelope& envelope = event.envelope();
  std::vector<Json> signatures;
  for (const v1::DsseSignature& each : envelope.signatures()) {
    signatures.push_back(
        JsonObject()
            .Add("keyid", Json::Text(each.keyid()))
            .Add("sig", Json::Text(absl::Base64Escape(each.sig())))
            .Build());
  }
  return JsonObject()
      .Add("target", Json::Text(event.target()))
      .Add("approver", Json::Text(event.approver()))
      .Add("verdict", Json::Text(VerdictName(event.verdict())))
      .Add("subject_sha256", Json::Hex(event.subject_sha256()))
      .Add("pending_index", Json::Number(event.pending_index()))
      .Add("envelope",
           JsonObject()
               .Add("payloadType", Json::Text(envelope.payload_type()))
               .Add("payload",
                    Json::Text(absl::Base64Escape(envelope.payload())))
               .Add("signatures", Json::Array(signatures))
               .Build())
      .Build();
}

Json EventToJson(const v1::KeyEvent& event) {
  const v1::KeyChange& change = event.change();
  JsonObject json;
  json.Add("action", Json::Text(ActionName(change.action())))
      .Add("key", Json::Text(change.key()))
      .Add("public_key_sha256", Json::Hex(change.public_key_sha256()))
      .Add("replaces", Json::Text(change.replaces()))
      .Add("replaces_sha256", Json::Hex(change.replaces_sha256()))
      .Add("transcript_sha256", Json::Hex(change.transcript_sha256()))
      .Add("transcript", Json::Text(event.transcript()))
      .Add("decision", Json::Text(DecisionName(event.decision())))
      .Add("rule", Json::Text(event.rule()))
      .Add("reason", Json::Text(event.reason()));
  AddApprovals(event, json);
  return json.Build();
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
      return EventToJson(entry.approval());
    case v1::Entry::kKey:
      return EventToJson(entry.key());
    case v1::Entry::kMetadata:
      return JsonObject()
          .Add("target", Json::Text(entry.metadata().target()))
          .Add("metadata", Json::Hex(entry.metadata().metadata()))
          .Build();
    case v1::Entry::EVENT_NOT_SET:
      return Json::Null();
  }
  return Json::Null();
}

}  // namespace

JsonObject EntryMembers(std::uint64_t index, const v1::Entry& entry) {
  const v1::Caller& caller = entry.caller();
  const std::string kind = trust::NameOfKind(entry.event_case());
  std::vector<Json> roles;
  for (const std::string& role : caller.roles()) {
    roles.push_back(Json::Text(role));
  }
  std::vector<Json> claims;
  for (const v1::Claim& claim : caller.claims()) {
    claims.push_back(JsonObject()
                         .Add("name", Json::Text(claim.name()))
                         .Add("value", Json::Text(claim.value()))
                         .Build());
  }
  JsonObject json;
  json.Add("index", Json::Number(index))
      .Add("time", Json::Text(FormatUnixMilliseconds(entry.time_unix_ms())))
      .Add("time_unix_ms", Json::Signed(entry.time_unix_ms()))
      .Add("identity", Json::Text(caller.identity()))
      .Add("method", Json::Text(caller.method()))
      .Add("subject", Json::Text(caller.subject()))
      .Add("certificate_sha256", Json::Hex(caller.certificate_sha256()))
      .Add("roles", Json::Array(roles))
      .Add("issuer", Json::Text(caller.issuer()))
      .Add("claims", Json::Array(claims))
      .Add("behind", Json::Text(caller.behind()))
      .Add("request_id", Json::Text(entry.request_id()))
      .Add("policy_sha256", Json::Hex(entry.policy_sha256()))
      .Add("event", Json::Text(kind))
      .Add(kind, EventToJson(entry));
  return json;
}

Json EntryToJson(std::uint64_t index, const v1::Entry& entry) {
  return EntryMembers(index, entry).Build();
}

}  // namespace bootseal::cli
