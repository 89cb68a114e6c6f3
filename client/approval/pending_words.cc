#include "client/approval/pending_words.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "server/trust/approval.h"
#include "server/trust/entry.h"

namespace bootseal::approval {

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
  if (algorithm == v1::BRAINPOOL_P256T1) return "brainpoolP256t1";
  return absl::AsciiStrToLower(v1::Algorithm_Name(algorithm));
}

std::int64_t ExpiryOf(const Pending& pending) {
  return pending.entry.has_key() ? pending.entry.key().expires_unix_ms()
                                 : pending.entry.signing().expires_unix_ms();
}

std::string VendorText(const std::vector<v1::VendorTlv>& tlvs) {
  return absl::StrJoin(tlvs, ", ", [](std::string* out, const auto& tlv) {
    absl::StrAppendFormat(out, "0x%04x=%s", tlv.type(), Hex(tlv.value()));
  });
}

std::optional<v1::ApprovalStatement> StatementIn(const v1::LogEntry& entry) {
  const auto decoded = trust::DecodeEntry(entry.entry());
  if (!decoded.ok() || !decoded->has_approval()) return std::nullopt;
  auto statement =
      trust::DecodeStatement(decoded->approval().envelope().payload());
  if (!statement.ok()) return std::nullopt;
  return *std::move(statement);
}

Count CountOf(const v1::ApprovalRequest& request) {
  return {{request.counted().begin(), request.counted().end()},
          request.needed(),
          false};
}

Count CountOf(const Review& review) {
  if (!review.tally) return CountOf(review.request);
  return {review.tally->quorum.people, review.tally->needed, true};
}

bool IsContradicted(const Review& review) {
  Count here = CountOf(review);
  Count told = CountOf(review.request);
  std::sort(here.people.begin(), here.people.end());
  std::sort(told.people.begin(), told.people.end());
  return here.people != told.people || here.needed != told.needed;
}

namespace {

constexpr char kNone[] = "none";

std::string DigestIn(const v1::SigningEvent& event, const std::string& name) {
  for (const v1::ComponentDigest& image : event.components()) {
    if (image.name() == name) return Hex(image.sha256());
  }
  return kNone;
}

}  // namespace

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
  for (const v1::ComponentDigest& image : now.components()) {
    all.push_back({absl::StrCat("image ", image.name()),
                   DigestIn(before, image.name()), Hex(image.sha256())});
  }
  for (const v1::ComponentDigest& image : before.components()) {
    if (DigestIn(now, image.name()) != kNone) continue;
    all.push_back(
        {absl::StrCat("image ", image.name()), Hex(image.sha256()), kNone});
  }
  // Only the pending entry of a release says what its TLVs were.
  if (review.pending.image && !before.digests().empty() &&
      before.digests().rbegin()->has_preimage()) {
    all.push_back({"vendor_tlvs",
                   VendorText(VendorTlvsOf(
                       before.digests().rbegin()->preimage().protected_tlvs())),
                   VendorText(review.pending.image->vendor_tlvs)});
  }
  return all;
}

}  // namespace bootseal::approval
