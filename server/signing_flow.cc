#include "server/signing_flow.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "server/audit/record.h"
#include "server/carried_receipt.h"
#include "server/reply.h"
#include "server/rpc_status.h"
#include "server/trust/entry.h"
#include "server/trust/receipt_format.h"
#include "server/trust/target_format.h"

namespace bootseal::server {
namespace {

struct CodeOf {
  absl::string_view reason;
  absl::StatusCode code;
};
// Refusals that are not about permission.
constexpr std::array<CodeOf, 4> kCodes{{
    {"UNKNOWN_TARGET", absl::StatusCode::kNotFound},
    {"UNKNOWN_CALLER", absl::StatusCode::kPermissionDenied},
    {"WRONG_ROLE", absl::StatusCode::kPermissionDenied},
    {"BEHIND_UNKNOWN", absl::StatusCode::kPermissionDenied},
}};

// Calls that ask for the same at once see each other's entries by then.
constexpr int kTries = 8;
constexpr absl::Duration kPublishPatience = absl::Seconds(5);

absl::StatusCode CanonicalCode(absl::string_view reason) {
  for (const CodeOf& each : kCodes) {
    if (each.reason == reason) return each.code;
  }
  return absl::StatusCode::kInvalidArgument;
}

// Whether an error is the requester's, and therefore a decision to record.
bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kFailedPrecondition:
      return true;
    default:
      return false;
  }
}

metrics::Outcome OutcomeOf(const absl::Status& status) {
  if (base::ReasonOf(status) == kApprovalsRequired) {
    return metrics::Outcome::kPending;
  }
  return IsRefusal(status) ? metrics::Outcome::kRefused
                           : metrics::Outcome::kFailed;
}

const v1::SignedDigest* FindDigest(const v1::SigningEvent& signing,
                                   const sealing::Signable& what) {
  for (const v1::SignedDigest& each : signing.digests()) {
    if (each.digest() == what.digest && each.name() == what.name &&
        each.pure() != what.message.empty()) {
      return &each;
    }
  }
  return nullptr;
}

bool Matches(Makes makes, const v1::Target& target) {
  switch (makes) {
    case Makes::kImage:
      return target.has_mcuboot() || target.has_fip() ||
             target.has_stm32_header();
    case Makes::kRelease:
      return target.has_release();
    case Makes::kCapsule:
      return target.has_capsule();
  }
  return false;
}

}  // namespace

absl::Status StatusOf(const trust::Admission& admission) {
  if (admission.decision != v1::REFUSED) return absl::OkStatus();
  return WithRule(base::Fail(CanonicalCode(admission.code), admission.code,
                             admission.reason),
                  admission.rule);
}

absl::Status CheckMakes(Makes makes, const v1::Target& target) {
  if (Matches(makes, target)) return absl::OkStatus();
  return WithRule(
      base::Invalid("WRONG_CALL", "target",
                    absl::StrCat("target ", target.name(), " is for ",
                                 trust::HowToAsk(target))),
      "target");
}

SigningFlow::SigningFlow(const Services& services,
                         std::shared_ptr<const PolicyInForce> policy,
                         v1::Caller caller, v1::SignHeader header, Makes makes)
    : services_(services),
      policy_(std::move(policy)),
      caller_(std::move(caller)),
      header_(std::move(header)),
      makes_(makes) {}

absl::Status SigningFlow::Admit() { return Refused(CheckAdmission()); }

absl::Status SigningFlow::CheckAdmission() {
  admission_ = policy_->judge().Admit(caller_, header_);
  // Before the rules of a format that the call is not for.
  if (!trust::IsAboutCaller(admission_)) {
    RETURN_IF_ERROR(
        CheckMakes(makes_, *policy_->policy().FindTarget(header_.target())));
  }
  RETURN_IF_ERROR(StatusOf(admission_));
  if (header_.payload_size() > services_.max_payload_bytes) {
    return base::Exhausted("UPLOAD_TOO_LARGE",
                           absl::StrCat("payload has ", header_.payload_size(),
                                        " bytes, this server takes at most ",
                                        services_.max_payload_bytes,
                                        " (limits.max_payload_bytes)"));
  }
  ASSIGN_OR_RETURN(profile_, policy_->ProfileOf(header_.target()));
  RETURN_IF_ERROR(ReserveMemory());
  ASSIGN_OR_RETURN(sealer_,
                   sealing::StartSealer(*profile_, header_,
                                        admission_.has_security_counter
                                            ? std::optional<std::uint32_t>(
                                                  admission_.security_counter)
                                            : std::nullopt));
  return absl::OkStatus();
}

absl::Status SigningFlow::ReserveMemory() {
  const std::uint64_t bytes = sealing::BufferedBytes(*profile_, header_);
  if (bytes == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(auto reservation,
                   services_.memory.Reserve(caller_.identity(), bytes));
  memory_.emplace(std::move(reservation));
  return absl::OkStatus();
}

absl::Status SigningFlow::Payload(absl::string_view chunk) {
  return Refused(sealer_->Payload(chunk));
}

absl::StatusOr<v1::SignReply> SigningFlow::Finish() {
  ASSIGN_OR_RETURN(Signed made, Sign());
  if (auto* reply = std::get_if<v1::SignReply>(&made)) return std::move(*reply);
  return Release(
      services_.log.Append(std::get<audit::Record>(std::move(made))));
}

absl::StatusOr<SigningFlow::Signed> SigningFlow::Sign() {
  auto made = SignOrRepeat();
  if (made.ok()) return made;
  return Refused(made.status());
}

absl::StatusOr<v1::SignReply> SigningFlow::Release(
    const absl::StatusOr<audit::Receipt>& receipt) {
  auto reply = ReleaseWith(receipt);
  if (reply.ok()) return reply;
  return Refused(reply.status());
}

absl::StatusOr<SigningFlow::Signed> SigningFlow::SignOrRepeat() {
  RETURN_IF_ERROR(sealer_->EndOfPayload());
  ASSIGN_OR_RETURN(
      const auto earlier,
      services_.log.FindRelease(caller_.identity(), header_.request_id()));
  if (earlier) return Repeat(*earlier);
  return SignAnew();
}

absl::StatusOr<SigningFlow::Signed> SigningFlow::SignAnew() {
  decision_.emplace(
      ReleaseDecision::Services{services_.log, services_.clock,
                                services_.pending, services_.denials,
                                services_.max_pending_per_identity},
      policy_, caller_, Asked());
  for (int i = 0; i < kTries; ++i) {
    RETURN_IF_ERROR(decision_->Decide());
    if (decision_->facts().history.done) return AnswerDone();
    const trust::Ruling& ruling = decision_->ruling();
    if (ruling.decision == v1::ALLOWED) return SignAllowed();
    if (ruling.decision == v1::REFUSED || ruling.pending_index) {
      return decision_->ToStatus();
    }
    ASSIGN_OR_RETURN(const bool waits, decision_->Wait(PendingEntry()));
    if (waits) return decision_->ToStatus();
  }
  return base::Unavailable("LOG_CHANGED", "others ask for the same; ask again");
}

absl::StatusOr<v1::SignReply> SigningFlow::ReleaseWith(
    const absl::StatusOr<audit::Receipt>& receipt) {
  if (base::ReasonOf(receipt.status()) == kReleasedAlready) return AnswerDone();
  if (!receipt.ok()) return receipt.status();
  // Another call with this id was faster; what is recorded is what counts.
  if (receipt->replayed()) return Repeat(*receipt);
  return Answer(*receipt, *std::move(sealed_));
}

absl::StatusOr<v1::SignReply> SigningFlow::AnswerDone() {
  RETURN_IF_ERROR(decision_->Decide());
  const auto done = decision_->facts().history.done;
  if (!done) {
    return base::Unavailable("LOG_CHANGED",
                             "the request is not what it was; ask again");
  }
  // Durable, and perhaps not yet under a checkpoint.
  services_.log.WaitBeyond(*done, absl::Now() + kPublishPatience);
  ASSIGN_OR_RETURN(const audit::Receipt receipt, services_.log.Prove(*done));
  return Repeat(receipt);
}

absl::StatusOr<v1::SignReply> SigningFlow::Repeat(
    const audit::Receipt& receipt) {
  ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(receipt.entry()));
  const v1::SigningEvent& signing = entry.signing();
  if (signing.request_sha256() !=
      trust::RequestDigest(header_, sealer_->payload_sha256())) {
    return base::Fail(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
                      absl::StrCat("request id ", header_.request_id(),
                                   " released other content at log index ",
                                   receipt.index(), "; use a new id"));
  }
  int used = 0;
  const auto repeat = [&](const sealing::Signable& what,
                          sealing::Check check) -> absl::StatusOr<std::string> {
    const v1::SignedDigest* const made = FindDigest(signing, what);
    // Nor by a key that the target had then.
    if (made == nullptr ||
        made->key_hash() != profile_->key_hash_for(what.name)) {
      return NotRepeatable(receipt);
    }
    ++used;
    RETURN_IF_ERROR(check(made->signature()));
    return made->signature();
  };
  ASSIGN_OR_RETURN(sealing::Sealed sealed, sealer_->Seal(repeat));
  if (used != signing.digests_size()) return NotRepeatable(receipt);
  return Answer(receipt, std::move(sealed));
}

absl::Status SigningFlow::NotRepeatable(const audit::Receipt& receipt) const {
  return base::Precondition(
      "RELEASE_NOT_REPEATABLE",
      absl::StrCat("target ", header_.target(), " changed since request id ",
                   header_.request_id(), " was released at log index ",
                   receipt.index(), "; use a new id"));
}

absl::StatusOr<v1::SignReply> SigningFlow::Answer(
    const audit::Receipt& receipt, sealing::Sealed sealed) const {
  if (trust::CarriesReceipt(profile_->proto().target(), header_)) {
    ASSIGN_OR_RETURN(sealed,
                     Carry(receipt, sealed, services_.log.verifier_key()));
  }
  auto reply = BuildReply(receipt, std::move(sealed), profile_->proto());
  if (reply.ok()) {
    Count(receipt.replayed() ? metrics::Outcome::kRepeated
                             : metrics::Outcome::kAllowed);
  }
  return reply;
}

v1::Entry SigningFlow::NewEntry(v1::Decision decision) const {
  v1::Entry entry;
  entry.set_time_unix_ms(absl::ToUnixMillis(services_.clock.Now()));
  *entry.mutable_caller() = caller_;
  entry.set_request_id(Shortened(header_.request_id()));
  entry.set_policy_sha256(policy_->policy().sha256());
  *entry.mutable_signing() = NewEvent();
  entry.mutable_signing()->set_decision(decision);
  return entry;
}

v1::SigningEvent SigningFlow::NewEvent() const {
  v1::SigningEvent signing;
  signing.set_target(Shortened(header_.target()));
  signing.set_version(Shortened(header_.version()));
  if (admission_.has_security_counter) {
    signing.set_security_counter(admission_.security_counter);
  }
  signing.set_payload_size(header_.payload_size());
  if (header_.has_verdict()) *signing.mutable_verdict() = header_.verdict();
  signing.set_rule(admission_.rule);
  if (!sealer_ || sealer_->payload_sha256().empty()) return signing;
  signing.set_payload_sha256(sealer_->payload_sha256());
  for (v1::ComponentDigest& each : sealer_->components()) {
    *signing.add_components() = std::move(each);
  }
  signing.set_request_sha256(
      decision_ ? decision_->asked().request_sha256()
                : trust::RequestDigest(header_, sealer_->payload_sha256()));
  return signing;
}

v1::SigningEvent SigningFlow::Asked() const {
  v1::SigningEvent asked = NewEvent();
  for (const sealing::ToSign& each : sealer_->to_sign()) {
    v1::SignedDigest& digest = *asked.add_digests();
    digest.set_name(each.what.name);
    digest.set_key(trust::KeyFor(*admission_.target, each.what.name));
    digest.set_key_hash(profile_->key_hash_for(each.what.name));
    digest.set_algorithm(profile_->proto().algorithm());
    digest.set_digest(each.what.digest);
    digest.set_pure(!each.what.message.empty());
  }
  return asked;
}

v1::Entry SigningFlow::PendingEntry() const {
  v1::Entry entry = NewEntry(v1::PENDING);
  v1::SigningEvent& signing = *entry.mutable_signing();
  *signing.mutable_digests() = decision_->asked().digests();
  std::vector<sealing::ToSign> all = sealer_->to_sign();
  for (std::size_t i = 0; i < all.size(); ++i) {
    *signing.mutable_digests(static_cast<int>(i))->mutable_preimage() =
        std::move(all[i].preimage);
  }
  return entry;
}

// The image's own digest first: that is the one in the entry's head. Several
// that were decided on together stand as they were asked for.
v1::Entry SigningFlow::ReleaseEntry(
    const std::vector<v1::SignedDigest>& made) const {
  v1::Entry entry = NewEntry(v1::ALLOWED);
  decision_->AddTo(*entry.mutable_signing());
  auto& digests = *entry.mutable_signing()->mutable_digests();
  for (const v1::SignedDigest& one : made) *digests.Add() = one;
  if (made.front().name().empty()) std::reverse(digests.begin(), digests.end());
  return entry;
}

// The names that there can be are those of the policy.
void SigningFlow::Count(metrics::Outcome outcome) const {
  const bool known = policy_->policy().FindTarget(header_.target()) != nullptr;
  services_.decisions.Count(known ? header_.target() : "", outcome);
}

absl::Status SigningFlow::Refused(absl::Status status) {
  if (status.ok()) return status;
  const metrics::Outcome outcome = OutcomeOf(status);
  Count(outcome);
  // The entry of what is pending is the request that waits.
  if (outcome != metrics::Outcome::kRefused) return status;
  v1::Entry entry = NewEntry(v1::REFUSED);
  v1::SigningEvent& signing = *entry.mutable_signing();
  if (const std::string rule = RuleOf(status); !rule.empty()) {
    signing.set_rule(rule);
  } else if (admission_.decision != v1::REFUSED) {
    signing.set_rule(base::ReasonOf(status));
  }
  signing.set_reason(Shortened(std::string(status.message())));
  if (decision_) decision_->AddTo(signing);
  services_.refusals.Record(entry);
  return status;
}

}  // namespace bootseal::server
