#include "client/approval/pending_text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/approval/recompute.h"
#include "client/cli/text.h"
#include "server/trust/approval.h"
#include "server/trust/entry.h"

namespace bootseal::approval {
namespace {

using cli::Json;
using cli::JsonObject;
using cli::Printable;
using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kIdDigits = 12;

std::string Hex(absl::string_view bytes) {
  return absl::BytesToHexString(bytes);
}

std::string StateName(v1::RequestState state) {
  return absl::AsciiStrToLower(v1::RequestState_Name(state));
}

std::string VerdictName(v1::Verdict verdict) {
  return absl::AsciiStrToLower(v1::Verdict_Name(verdict));
}

std::string AlgorithmName(v1::Algorithm algorithm) {
  return absl::AsciiStrToLower(v1::Algorithm_Name(algorithm));
}

std::string Action(const v1::KeyChange& change) {
  return absl::StrCat(
      absl::AsciiStrToLower(v1::KeyAction_Name(change.action())), " ",
      change.key(), change.replaces().empty() ? "" : " in place of ",
      change.replaces());
}

std::int64_t ExpiryOf(const Pending& pending) {
  return pending.entry.has_key() ? pending.entry.key().expires_unix_ms()
                                 : pending.entry.signing().expires_unix_ms();
}

std::string Counted(const v1::ApprovalRequest& request) {
  return absl::StrCat(request.counted_size(), "/", request.needed());
}

std::string VendorText(const std::vector<v1::VendorTlv>& tlvs) {
  return absl::StrJoin(tlvs, ", ", [](std::string* out, const auto& tlv) {
    absl::StrAppendFormat(out, "0x%04x=%s", tlv.type(), Hex(tlv.value()));
  });
}

// An approval's statement as its entry has it; nobody verified it here.
std::optional<v1::ApprovalStatement> StatementIn(const v1::LogEntry& entry) {
  const auto decoded = trust::DecodeEntry(entry.entry());
  if (!decoded.ok() || !decoded->has_approval()) return std::nullopt;
  auto statement =
      trust::DecodeStatement(decoded->approval().envelope().payload());
  if (!statement.ok()) return std::nullopt;
  return *std::move(statement);
}

void AddCaller(const v1::Entry& entry, Rows& rows) {
  const v1::Caller& caller = entry.caller();
  rows.push_back({"requester", Printable(caller.identity())});
  rows.push_back({"subject", Printable(absl::StrCat(caller.method(), " ",
                                                    caller.subject()))});
  if (!caller.issuer().empty()) {
    rows.push_back({"issuer", Printable(caller.issuer())});
  }
  for (const v1::Claim& claim : caller.claims()) {
    rows.push_back(
        {"job", Printable(absl::StrCat(claim.name(), ": ", claim.value()))});
  }
  if (!caller.behind().empty()) {
    rows.push_back({"started by", Printable(caller.behind())});
  }
  rows.push_back({"request id", Printable(entry.request_id())});
  rows.push_back(
      {"requested", cli::FormatUnixMilliseconds(entry.time_unix_ms())});
}

void AddImage(const Review& review, Rows& rows) {
  const v1::SigningEvent& signing = review.pending.entry.signing();
  const Image& image = *review.pending.image;
  const v1::SignedDigest& digest = DigestOf(review.pending);
  rows.push_back({"target", Printable(signing.target())});
  rows.push_back({"version", Printable(signing.version())});
  rows.push_back({"security counter",
                  image.security_counter ? absl::StrCat(*image.security_counter)
                                         : std::string("none")});
  rows.push_back(
      {"payload", absl::StrCat(signing.payload_size(), " bytes, sha256 ",
                               Hex(signing.payload_sha256()))});
  rows.push_back(
      {"image",
       absl::StrCat("header ", image.header.header_size, " bytes, payload ",
                    image.header.image_size, " bytes, protected TLVs ",
                    image.header.protected_size, " bytes",
                    image.compressed ? ", sent compressed" : "")});
  rows.push_back({"flags", cli::HexNumber(image.header.flags)});
  if (!image.vendor_tlvs.empty()) {
    rows.push_back({"vendor TLVs", VendorText(image.vendor_tlvs)});
  }
  rows.push_back(
      {"key", Printable(absl::StrCat(digest.key(), " (",
                                     AlgorithmName(digest.algorithm()), ")"))});
  rows.push_back({"key hash", Hex(digest.key_hash())});
  rows.push_back(
      {"digest",
       absl::StrCat(Hex(digest.digest()),
                    digest.pure() ? " (of the message that is signed)" : "")});
}

void AddLowering(const v1::SigningEvent& signing, Rows& rows) {
  if (signing.has_lowers_security_counter_from()) {
    rows.push_back(
        {"LOWERS", absl::StrCat("the security counter from ",
                                signing.lowers_security_counter_from(), " to ",
                                signing.security_counter())});
  }
  if (signing.has_lowers_version_from()) {
    rows.push_back(
        {"LOWERS", Printable(absl::StrCat("the version from ",
                                          signing.lowers_version_from(), " to ",
                                          signing.version()))});
  }
}

void AddKeyChange(const v1::KeyChange& change, Rows& rows) {
  rows.push_back({"key change", Printable(Action(change))});
  rows.push_back({"key sha256", Hex(change.public_key_sha256())});
  if (change.replaces().empty()) return;
  rows.push_back({"replaced sha256", Hex(change.replaces_sha256())});
}

void AddApprovals(const Review& review, Rows& rows) {
  rows.push_back(
      {"approvals", Printable(absl::StrCat(
                        Counted(review.request),
                        review.request.counted().empty() ? "" : " counted: ",
                        absl::StrJoin(review.request.counted(), ", ")))});
  for (const v1::LogEntry& entry : review.request.approvals()) {
    const auto statement = StatementIn(entry);
    if (!statement) continue;
    rows.push_back(
        {"",
         Printable(absl::StrCat(
             statement->approver(), ": ", VerdictName(statement->verdict()),
             " until ",
             cli::FormatUnixMilliseconds(statement->not_after_unix_ms()),
             " (entry ", entry.index(), ")",
             statement->reason().empty() ? "" : ": ", statement->reason()))});
  }
  rows.push_back(
      {"expires", cli::FormatUnixMilliseconds(ExpiryOf(review.pending))});
}

struct Difference {
  const char* name;
  std::string before;
  std::string now;
};

std::vector<Difference> DifferencesOf(const Review& review) {
  const v1::SigningEvent& before = review.last_release->entry.signing();
  const v1::SigningEvent& now = review.pending.entry.signing();
  const auto key = [](const v1::SigningEvent& event) {
    return event.digests().empty()
               ? std::string("none")
               : absl::StrCat(event.digests(0).key(), " ",
                              Hex(event.digests(0).key_hash()));
  };
  std::vector<Difference> all{
      {"version", before.version(), now.version()},
      {"security_counter", absl::StrCat(before.security_counter()),
       absl::StrCat(now.security_counter())},
      {"payload_size", absl::StrCat(before.payload_size()),
       absl::StrCat(now.payload_size())},
      {"payload_sha256", Hex(before.payload_sha256()),
       Hex(now.payload_sha256())},
      {"key", key(before), key(now)},
  };
  // Only the pending entry of a release says what its TLVs were.
  if (!before.digests().empty() && before.digests().rbegin()->has_preimage()) {
    all.push_back({"vendor_tlvs",
                   VendorText(VendorTlvsOf(
                       before.digests().rbegin()->preimage().protected_tlvs())),
                   VendorText(review.pending.image->vendor_tlvs)});
  }
  return all;
}

std::string Compared(const Review& review) {
  if (!review.pending.image) return "";
  if (!review.last_release) {
    return "\nthe server knows no release of this target to compare with\n";
  }
  Rows rows{{"", "LAST RELEASE", "THIS REQUEST"}};
  for (const Difference& each : DifferencesOf(review)) {
    rows.push_back(
        {absl::StrCat(each.before == each.now ? "  " : "! ", each.name),
         Printable(each.before),
         each.before == each.now ? "the same" : Printable(each.now)});
  }
  return absl::StrCat("\ncompared with entry ", review.last_release->index,
                      review.last_release->proven
                          ? ", which is in the log"
                          : ", which the server says is the last release",
                      ":\n", cli::FormatTable(rows));
}

std::string Computed(const Review& review) {
  if (!review.pending.image) return "";
  return absl::StrCat(
      "\nto compute the digest, with your own build as payload.bin:\n",
      review.pending.image->compressed
          ? "# the payload was sent compressed; payload.bin is what was "
            "compressed\n"
          : "",
      RecomputeCommands(review.pending));
}

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
  return JsonObject()
      .Add("target", Json::Text(signing.target()))
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
      .Add("vendor_tlvs", Json::Array(tlvs))
      .Add("key", Json::Text(digest.key()))
      .Add("key_hash", Json::Hex(digest.key_hash()))
      .Add("algorithm", Json::Text(AlgorithmName(digest.algorithm())))
      .Add("digest", Json::Hex(digest.digest()))
      .Add("pure", Json::Truth(digest.pure()))
      .Add("lowers_security_counter_from",
           signing.has_lowers_security_counter_from()
               ? Json::Number(signing.lowers_security_counter_from())
               : Json::Null())
      .Add("lowers_version_from",
           signing.has_lowers_version_from()
               ? Json::Text(signing.lowers_version_from())
               : Json::Null())
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
      .Build();
}

Json ComparedJson(const Review& review) {
  if (!review.last_release || !review.pending.image) return Json::Null();
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

std::string IdOf(const Pending& pending) {
  return Hex(pending.subject).substr(0, kIdDigits);
}

std::vector<std::string> ListTitles() {
  return {"ID",  "TARGET",    "VERSION", "REQUESTER",
          "AGE", "APPROVALS", "EXPIRES", "STATE"};
}

std::vector<std::string> ListRow(const Review& review, absl::Time now) {
  const v1::Entry& entry = review.pending.entry;
  const absl::Duration age = absl::Floor(
      now - absl::FromUnixMillis(entry.time_unix_ms()), absl::Seconds(1));
  return {IdOf(review.pending),
          Printable(entry.has_key() ? Action(entry.key().change())
                                    : entry.signing().target()),
          Printable(entry.signing().version()),
          Printable(entry.caller().identity()),
          absl::FormatDuration(std::max(age, absl::ZeroDuration())),
          Counted(review.request),
          cli::FormatUnixMilliseconds(ExpiryOf(review.pending)),
          StateName(review.request.state())};
}

std::string Describe(const Review& review) {
  const v1::Entry& entry = review.pending.entry;
  Rows rows{{"id", IdOf(review.pending)},
            {"state", StateName(review.request.state())},
            {"entry", absl::StrCat(review.pending.index)},
            {"subject sha256", Hex(review.pending.subject)}};
  if (review.pending.image) {
    AddImage(review, rows);
    AddLowering(entry.signing(), rows);
  } else {
    AddKeyChange(entry.key().change(), rows);
  }
  AddCaller(entry, rows);
  AddApprovals(review, rows);
  return absl::StrCat(cli::FormatTable(rows), Compared(review),
                      Computed(review));
}

Json ToJson(const Review& review) {
  const v1::Entry& entry = review.pending.entry;
  std::vector<Json> counted;
  for (const std::string& name : review.request.counted()) {
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
      .Add("key_change", KeyChangeJson(entry))
      .Add("needed", Json::Number(review.request.needed()))
      .Add("counted", Json::Array(counted))
      .Add("approvals", ApprovalsJson(review.request))
      .Add("last_release", ComparedJson(review))
      .Build();
}

}  // namespace bootseal::approval
