#include "server/trust/approval.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "tests/server/trust/approver_keys.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"

namespace bootseal::trust {
namespace {

using ::testing::AllOf;
using tests::ApproverKeys;
using tests::MessageHas;
using tests::StatusIs;

constexpr auto kPermissionDenied = absl::StatusCode::kPermissionDenied;

auto IsMalformed(const char* why) {
  return AllOf(
      StatusIs(absl::StatusCode::kInvalidArgument, "APPROVAL_MALFORMED"),
      MessageHas(why));
}

v1::ApprovalStatement Statement() {
  v1::ApprovalStatement statement;
  statement.set_origin("bootseal.example/audit");
  statement.set_target("guarded");
  statement.set_requester("ci");
  statement.set_subject_sha256(std::string(32, '\x51'));
  statement.set_payload_sha256(std::string(32, '\x52'));
  statement.set_version("1.2.3");
  statement.set_security_counter(4);
  statement.set_policy_sha256(std::string(32, '\x53'));
  statement.set_nonce(std::string(16, '\x54'));
  statement.set_not_before_unix_ms(1700000000000);
  statement.set_not_after_unix_ms(1700000100000);
  statement.set_verdict(v1::APPROVE);
  statement.set_approver("alice");
  return statement;
}

// The example's people with keys of their own: alice with one in PEM and one of
// ssh, audrey with one in PEM and one that is retired.
class Envelope : public ::testing::Test {
 protected:
  Envelope() {
    v1::Policy policy = tests::ExamplePolicy();
    Add(policy, 1, keys_.PemOf(alice_), false);
    Add(policy, 1, ApproverKeys::LineOf(alice_ssh_), false);
    Add(policy, 2, keys_.PemOf(audrey_), false);
    Add(policy, 2, keys_.PemOf(retired_), true);
    policy_ = tests::Parsed(policy);
  }

  static void Add(v1::Policy& policy, int person, const std::string& key,
                  bool retired) {
    v1::ApproverKey& added =
        *policy.mutable_people(person)->add_approver_keys();
    added.set_public_key(key);
    added.set_retired(retired);
  }

  static std::string Message(const v1::DsseEnvelope& envelope) {
    return PreAuthenticationEncoding(envelope.payload_type(),
                                     envelope.payload());
  }

  v1::DsseEnvelope Signed(const v1::ApprovalStatement& statement,
                          const std::string& key) {
    v1::DsseEnvelope envelope;
    envelope.set_payload_type(kApprovalPayloadType);
    envelope.set_payload(EncodeStatement(statement));
    envelope.add_signatures()->set_sig(
        keys_.SignPem(key, "ed25519", Message(envelope)));
    return envelope;
  }

  v1::DsseEnvelope SignedBySsh(const v1::ApprovalStatement& statement,
                               const std::string& name_space) {
    v1::DsseEnvelope envelope;
    envelope.set_payload_type(kApprovalPayloadType);
    envelope.set_payload(EncodeStatement(statement));
    envelope.add_signatures()->set_sig(keys_.SignSsh(
        alice_ssh_, Message(envelope), {.name_space = name_space}));
    return envelope;
  }

  absl::StatusOr<SignedStatement> Open(const v1::DsseEnvelope& envelope) {
    return OpenEnvelope(*policy_, envelope);
  }

  ApproverKeys keys_;
  std::string alice_ = keys_.MakePem("ed25519");
  std::string alice_ssh_ = keys_.MakeSsh("ed25519");
  std::string audrey_ = keys_.MakePem("ed25519");
  std::string retired_ = keys_.MakePem("ed25519");
  std::shared_ptr<const Policy> policy_;
};

TEST_F(Envelope, TellsWhoseKeySignedIt) {
  const v1::DsseEnvelope envelope = Signed(Statement(), alice_);
  const auto opened = Open(envelope);
  ASSERT_OK(opened);
  EXPECT_EQ(opened->approver, policy_->FindPerson("alice"));
  EXPECT_FALSE(opened->retired);
  EXPECT_EQ(opened->statement.SerializeAsString(),
            Statement().SerializeAsString());
  EXPECT_EQ(absl::BytesToHexString(opened->sha256) + "  -\n",
            ApproverKeys::Must(
                {"sh", "-c", "sha256sum < " + keys_.File(envelope.payload())}));
}

TEST_F(Envelope, OfAnSshKeyTellsTheSamePerson) {
  const auto opened = Open(SignedBySsh(Statement(), kSshNamespace));
  ASSERT_OK(opened);
  EXPECT_EQ(opened->approver, policy_->FindPerson("alice"));
}

TEST_F(Envelope, OfARetiredKeyIsToldAsThat) {
  v1::ApprovalStatement statement = Statement();
  statement.set_approver("audrey");
  const auto opened = Open(Signed(statement, retired_));
  ASSERT_OK(opened);
  EXPECT_EQ(opened->approver, policy_->FindPerson("audrey"));
  EXPECT_TRUE(opened->retired);
}

TEST_F(Envelope, TakesTheKeyIdForAHintOnly) {
  v1::DsseEnvelope envelope = Signed(Statement(), alice_);
  const auto audrey = ApproverKey::Parse(keys_.PemOf(audrey_));
  ASSERT_OK(audrey);
  for (const std::string& hint : {audrey->keyid(), std::string("whatever")}) {
    envelope.mutable_signatures(0)->set_keyid(hint);
    const auto opened = Open(envelope);
    ASSERT_OK(opened);
    EXPECT_EQ(opened->approver->name(), "alice");
  }
}

TEST_F(Envelope, OfAKeyThatNobodyHasIsRefused) {
  EXPECT_THAT(Open(Signed(Statement(), keys_.MakePem("ed25519"))),
              StatusIs(kPermissionDenied, "UNKNOWN_APPROVER_KEY"));
}

TEST_F(Envelope, WithAHintAtAKeyThatDidNotSignIsRefused) {
  v1::DsseEnvelope envelope = Signed(Statement(), keys_.MakePem("ed25519"));
  envelope.mutable_signatures(0)->set_keyid(
      ApproverKey::Parse(keys_.PemOf(alice_))->keyid());
  EXPECT_THAT(Open(envelope), StatusIs(kPermissionDenied, "SIGNATURE_INVALID"));
}

TEST_F(Envelope, OfAnotherPersonThanItNamesIsRefused) {
  for (const char* const name : {"audrey", "ci", "nobody"}) {
    v1::ApprovalStatement statement = Statement();
    statement.set_approver(name);
    EXPECT_THAT(Open(Signed(statement, alice_)),
                StatusIs(kPermissionDenied, "APPROVER_DIFFERS"))
        << name;
  }
}

TEST_F(Envelope, WithAnyByteEditedIsRefused) {
  const v1::DsseEnvelope envelope = Signed(Statement(), alice_);
  for (std::size_t at = 0; at < envelope.payload().size(); ++at) {
    v1::DsseEnvelope edited = envelope;
    (*edited.mutable_payload())[at] =
        static_cast<char>(edited.payload()[at] ^ 1);
    EXPECT_FALSE(Open(edited).ok()) << "statement, byte " << at;
  }
  for (std::size_t at = 0; at < envelope.signatures(0).sig().size(); ++at) {
    v1::DsseEnvelope edited = envelope;
    std::string& sig = *edited.mutable_signatures(0)->mutable_sig();
    sig[at] = static_cast<char>(sig[at] ^ 1);
    EXPECT_THAT(Open(edited),
                StatusIs(kPermissionDenied, "UNKNOWN_APPROVER_KEY"))
        << "signature, byte " << at;
  }
}

TEST_F(Envelope, OfAnSshKeyWithAByteEditedIsRefusedAsThatKeys) {
  v1::DsseEnvelope envelope = SignedBySsh(Statement(), kSshNamespace);
  v1::ApprovalStatement statement = Statement();
  statement.set_security_counter(3);
  envelope.set_payload(EncodeStatement(statement));
  EXPECT_THAT(Open(envelope),
              AllOf(StatusIs(kPermissionDenied, "SIGNATURE_INVALID"),
                    MessageHas("does not verify with key SHA256:")));
}

TEST_F(Envelope, OfAnSshKeyForAnotherNamespaceIsRefused) {
  EXPECT_THAT(Open(SignedBySsh(Statement(), "git")),
              AllOf(StatusIs(kPermissionDenied, "SIGNATURE_INVALID"),
                    MessageHas("is for namespace \"git\"")));
}

TEST_F(Envelope, SignedWithoutItsTypeIsRefused) {
  v1::DsseEnvelope envelope = Signed(Statement(), alice_);
  envelope.mutable_signatures(0)->set_sig(
      keys_.SignPem(alice_, "ed25519", envelope.payload()));
  EXPECT_THAT(Open(envelope),
              StatusIs(kPermissionDenied, "UNKNOWN_APPROVER_KEY"));
}

TEST_F(Envelope, OfAnotherTypeIsRefused) {
  v1::DsseEnvelope envelope = Signed(Statement(), alice_);
  for (const char* const type : {"", "application/vnd.bootseal.approval.v2",
                                 "application/vnd.in-toto+json"}) {
    envelope.set_payload_type(type);
    EXPECT_THAT(Open(envelope), IsMalformed("is of type"));
  }
}

TEST_F(Envelope, HasOneSignature) {
  v1::DsseEnvelope envelope = Signed(Statement(), alice_);
  *envelope.add_signatures() = envelope.signatures(0);
  EXPECT_THAT(Open(envelope), IsMalformed("has 2 signatures, expected 1"));
  envelope.clear_signatures();
  EXPECT_THAT(Open(envelope), IsMalformed("has 0 signatures, expected 1"));
}

TEST_F(Envelope, HasNothingOfUnreasonableSize) {
  v1::DsseEnvelope envelope = Signed(Statement(), alice_);
  envelope.mutable_signatures(0)->set_keyid(std::string(129, 'k'));
  EXPECT_THAT(Open(envelope), IsMalformed("a key id of 129"));
  envelope = Signed(Statement(), alice_);
  envelope.mutable_signatures(0)->set_sig(std::string(8193, 's'));
  EXPECT_THAT(Open(envelope), IsMalformed("a signature of 8193 bytes"));
  envelope.mutable_signatures(0)->clear_sig();
  EXPECT_THAT(Open(envelope), IsMalformed("a signature of 0 bytes"));
}

TEST_F(Envelope, HasNoFieldThatIsNotKnown) {
  const std::string bytes =
      Signed(Statement(), alice_).SerializeAsString() + "\xa2\x06\x01x";
  v1::DsseEnvelope envelope;
  ASSERT_TRUE(envelope.ParseFromString(bytes));
  EXPECT_THAT(Open(envelope), IsMalformed("fields that are not known"));
}

TEST_F(Envelope, WithAStatementThatIsNoneIsRefused) {
  v1::ApprovalStatement statement = Statement();
  statement.clear_nonce();
  EXPECT_THAT(Open(Signed(statement, alice_)), IsMalformed("nonce"));
}

}  // namespace
}  // namespace bootseal::trust
