#include "tests/client/review/review_fixture.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/public_key.h"
#include "client/cli/tree_builder.h"
#include "client/review/approval_rules.h"
#include "client/review/sha256.h"
#include "firmware/image/host/convert.h"
#include "server/trust/approval.h"
#include "server/trust/entry.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

constexpr char kOrigin[] = "bootseal.example/test";
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;

v1::Person& PersonNamed(const std::string& name, v1::Policy& policy) {
  for (v1::Person& person : *policy.mutable_people()) {
    if (person.name() == name) return person;
  }
  v1::Person& person = *policy.add_people();
  person.set_name(name);
  person.add_subjects(absl::StrCat("spiffe://dev.example/people/", name));
  return person;
}

}  // namespace

ReviewTest::ReviewTest()
    : app_(image::Algorithm::kP256), policy_(ExamplePolicy()) {
  policy_.mutable_keys(0)->set_public_key_sha256(
      absl::BytesToHexString(review::Sha256(app_.public_key())));
  v1::Role& role = *policy_.add_roles();
  role.set_name("release-manager");
  for (const char* name : {"rita", "ruth", "rob", "alice"}) {
    const auto& key =
        approvers_.try_emplace(name, image::Algorithm::kEd25519).first->second;
    v1::Person& person = PersonNamed(name, policy_);
    person.add_approver_keys()->set_public_key(
        *cli::ToPem(v1::ED25519, key.public_key()));
    if (person.name() != "alice") role.add_members(name);
  }
  v1::Target& guarded = *policy_.mutable_targets(3);
  guarded.clear_approvers();
  guarded.add_approvers("release-manager");
  guarded.set_lower_version(v1::ASK);
  guarded.mutable_mcuboot()->set_security_counter(v1::OPTIONAL);
}

std::uint64_t ReviewTest::Add(const v1::Entry& entry) {
  v1::Entry dated = entry;
  now_ms_ += 1000;
  if (dated.time_unix_ms() == 0) dated.set_time_unix_ms(now_ms_);
  const auto bytes = trust::EncodeEntry(dated);
  EXPECT_OK(bytes);
  entries_.push_back(bytes.value_or(""));
  decoded_.push_back(dated);
  return entries_.size() - 1;
}

std::uint64_t ReviewTest::AddPolicy() {
  v1::Entry entry;
  v1::PolicyEvent& event = *entry.mutable_policy();
  event.set_text(TextOf(policy_));
  event.set_version(policy_.version());
  event.set_sha256(review::Sha256(event.text()));
  policy_sha256_ = event.sha256();
  entry.set_policy_sha256(policy_sha256_);
  return Add(entry);
}

v1::Entry ReviewTest::Release(const std::string& target,
                              const std::string& version,
                              std::uint32_t security_counter) {
  v1::Entry entry;
  *entry.mutable_caller() = CallerNamed("ci");
  entry.set_policy_sha256(policy_sha256_);
  v1::SigningEvent& event = *entry.mutable_signing();
  event.set_target(target);
  event.set_version(version);
  event.set_security_counter(security_counter);
  event.set_decision(v1::ALLOWED);
  event.set_payload_sha256(review::Sha256(version));
  event.set_request_sha256(review::Sha256(target + version));
  v1::SignedDigest& digest = *event.add_digests();
  digest.set_key("app");
  digest.set_algorithm(v1::P256);
  digest.set_key_hash(review::Sha256(app_.public_key()));
  digest.set_digest(review::Sha256("image " + version));
  digest.set_signature(app_.Sign(image::host::AsBytes(digest.digest())));
  return entry;
}

v1::Entry ReviewTest::Pending(v1::Entry release) const {
  v1::SigningEvent& event = *release.mutable_signing();
  event.set_decision(v1::PENDING);
  event.set_subject_sha256(review::SubjectOf(release));
  event.set_expires_unix_ms(now_ms_ + 7 * kDayMs);
  event.mutable_digests(0)->clear_signature();
  return release;
}

v1::ApprovalStatement ReviewTest::Statement(const std::string& approver,
                                            std::uint64_t pending) const {
  const v1::Entry& entry = decoded_[pending];
  v1::ApprovalStatement said;
  said.set_origin(kOrigin);
  said.set_requester(entry.caller().identity());
  said.set_subject_sha256(review::SubjectOf(entry));
  said.set_policy_sha256(policy_sha256_);
  said.set_nonce(std::string(trust::kNonceBytes, 'n'));
  said.set_not_before_unix_ms(now_ms_ - kHourMs);
  said.set_not_after_unix_ms(now_ms_ + kDayMs);
  said.set_verdict(v1::APPROVE);
  said.set_approver(approver);
  if (entry.has_key()) {
    *said.mutable_key_change() = entry.key().change();
    return said;
  }
  said.set_target(entry.signing().target());
  said.set_payload_sha256(entry.signing().payload_sha256());
  said.set_version(entry.signing().version());
  said.set_security_counter(entry.signing().security_counter());
  return said;
}

v1::Entry ReviewTest::Approval(const v1::ApprovalStatement& statement,
                               std::uint64_t pending) const {
  v1::Entry entry;
  *entry.mutable_caller() = CallerNamed(statement.approver());
  entry.set_policy_sha256(policy_sha256_);
  v1::ApprovalEvent& event = *entry.mutable_approval();
  v1::DsseEnvelope& envelope = *event.mutable_envelope();
  envelope.set_payload(trust::EncodeStatement(statement));
  envelope.set_payload_type(trust::kApprovalPayloadType);
  const std::string message = trust::PreAuthenticationEncoding(
      envelope.payload_type(), envelope.payload());
  envelope.add_signatures()->set_sig(
      approvers_.at(statement.approver()).Sign(image::host::AsBytes(message)));
  event.set_subject_sha256(statement.subject_sha256());
  event.set_target(statement.target());
  event.set_approver(statement.approver());
  event.set_verdict(statement.verdict());
  event.set_pending_index(pending);
  return entry;
}

v1::Entry ReviewTest::Done(v1::Entry release, std::uint64_t pending,
                           const std::vector<std::uint64_t>& approvals) {
  const std::string subject = review::SubjectOf(release);
  const auto fill = [&](auto& event) {
    event.set_subject_sha256(subject);
    event.set_pending_index(pending);
    for (const std::uint64_t each : approvals) event.add_approval_indices(each);
  };
  if (release.has_key()) {
    fill(*release.mutable_key());
  } else {
    fill(*release.mutable_signing());
  }
  return release;
}

v1::Entry ReviewTest::KeyEvent(v1::KeyAction action,
                               v1::Decision decision) const {
  v1::Entry entry;
  *entry.mutable_caller() = CallerNamed("ci");
  entry.set_policy_sha256(policy_sha256_);
  v1::KeyEvent& event = *entry.mutable_key();
  event.mutable_change()->set_action(action);
  event.mutable_change()->set_key("app");
  event.mutable_change()->set_public_key_sha256(
      review::Sha256(app_.public_key()));
  event.set_decision(decision);
  event.set_subject_sha256(review::SubjectOf(entry));
  event.set_expires_unix_ms(now_ms_ + 7 * kDayMs);
  return entry;
}

std::vector<review::Finding> ReviewTest::Review() {
  std::vector<v1::LogEntry> log;
  cli::TreeBuilder tree;
  for (const std::string& bytes : entries_) {
    tree.Append(bytes);
    v1::LogEntry entry;
    entry.set_index(log.size());
    entry.set_entry(bytes);
    log.push_back(entry);
  }
  review::Known known;
  known.origin = kOrigin;
  known.head = {"the signed checkpoint", log.size(), tree.Root()};
  known.keys.Add(app_.public_key());
  known.now = absl::FromUnixMillis(now_ms_);
  change_(known);
  tamper_(log);
  review::Review review(known, std::nullopt);
  const review::Pages pages = [&log](std::uint64_t start) {
    std::vector<v1::LogEntry> page;
    for (const v1::LogEntry& each : log) {
      if (each.index() >= start && page.size() < 3) page.push_back(each);
    }
    return absl::StatusOr<std::vector<v1::LogEntry>>(page);
  };
  EXPECT_OK(review.Run(pages, [](std::uint64_t) {}));
  return review.findings().held();
}

std::vector<std::string> ReviewTest::Found() {
  std::vector<std::string> found;
  for (const review::Finding& each : Review()) {
    found.push_back(
        absl::StrCat(review::RowOf(each.kind).name, ":", each.reason,
                     each.index ? absl::StrCat("@", *each.index) : "",
                     each.weight == review::Weight::kWarning ? "?" : ""));
  }
  return found;
}

std::string ReviewTest::MessageOf(const std::string& reason) {
  for (const review::Finding& each : Review()) {
    if (each.reason == reason) return each.message;
  }
  return "";
}

}  // namespace bootseal::tests
