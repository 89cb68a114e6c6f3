#include "server/trust/approval.h"

#include <gtest/gtest.h>

#include <functional>

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

v1::ApprovalStatement KeyStatement() {
  v1::ApprovalStatement statement = Statement();
  statement.clear_target();
  statement.clear_payload_sha256();
  statement.clear_version();
  statement.clear_security_counter();
  v1::KeyChange& change = *statement.mutable_key_change();
  change.set_action(v1::ROTATE);
  change.set_key("app");
  change.set_public_key_sha256(std::string(32, '\x55'));
  change.set_replaces("secure");
  change.set_replaces_sha256(std::string(32, '\x56'));
  return statement;
}

TEST(PreAuthenticationEncoding, IsThatOfTheSpecification) {
  EXPECT_EQ(PreAuthenticationEncoding("application/vnd.fwsign.approval.v1",
                                      R"({"a":1})"),
            R"(DSSEv1 34 application/vnd.fwsign.approval.v1 7 {"a":1})");
  // protocol.md of DSSE.
  EXPECT_EQ(
      PreAuthenticationEncoding("http://example.com/HelloWorld", "hello world"),
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(PreAuthenticationEncoding(kApprovalPayloadType, ""),
            "DSSEv1 36 application/vnd.bootseal.approval.v1 0 ");
  // Lengths are of bytes.
  EXPECT_EQ(PreAuthenticationEncoding("ä", std::string("\0\n", 2)),
            std::string("DSSEv1 2 ä 2 \0\n", 16));
}

TEST(Statement, ComesBackAsItWent) {
  for (const auto& statement : {Statement(), KeyStatement()}) {
    const auto back = DecodeStatement(EncodeStatement(statement));
    ASSERT_OK(back);
    EXPECT_EQ(EncodeStatement(*back), EncodeStatement(statement));
  }
}

TEST(Statement, IsNotReadInAnotherEncoding) {
  const std::string bytes = EncodeStatement(Statement());
  v1::ApprovalStatement rest = Statement();
  rest.clear_origin();
  v1::ApprovalStatement origin;
  origin.set_origin("bootseal.example/audit");
  ASSERT_EQ(origin.SerializeAsString() + rest.SerializeAsString(), bytes);
  EXPECT_THAT(
      DecodeStatement(rest.SerializeAsString() + origin.SerializeAsString()),
      IsMalformed("not in the canonical encoding"));
  EXPECT_THAT(DecodeStatement(origin.SerializeAsString() + bytes),
              IsMalformed("not in the canonical encoding"));
  // Field 7 once more, with its default.
  EXPECT_THAT(DecodeStatement(bytes + std::string("\x38\x00", 2)),
              IsMalformed("not in the canonical encoding"));
}

TEST(Statement, WithAFieldOfALaterVersionIsNotRead) {
  const std::string bytes = EncodeStatement(Statement());
  EXPECT_THAT(DecodeStatement(bytes + "\xa2\x06\x01x"),
              IsMalformed("fields that are not known"));
  // The same inside key_change, which ends the statement.
  std::string change = EncodeStatement(KeyStatement());
  const std::string inner = KeyStatement().key_change().SerializeAsString();
  change.resize(change.size() - inner.size() - 1);
  change += static_cast<char>(inner.size() + 4);
  EXPECT_THAT(DecodeStatement(change + inner + "\xa2\x06\x01x"),
              IsMalformed("fields that are not known"));
}

TEST(Statement, IsNotReadWhenItIsNone) {
  EXPECT_THAT(DecodeStatement(""), IsMalformed("has no origin"));
  EXPECT_THAT(DecodeStatement("\xff"), IsMalformed("holds no"));
  v1::ApprovalStatement statement = Statement();
  statement.set_reason("\xff");
  EXPECT_THAT(DecodeStatement(EncodeStatement(statement)),
              IsMalformed("holds no"));
}

TEST(Statement, HasAtMost4096Bytes) {
  v1::ApprovalStatement statement = Statement();
  statement.set_version("");
  const std::size_t rest = EncodeStatement(statement).size() + 3;
  statement.set_version(std::string(kMaxStatementBytes - rest, '1'));
  ASSERT_EQ(EncodeStatement(statement).size(), kMaxStatementBytes);
  EXPECT_OK(DecodeStatement(EncodeStatement(statement)));
  statement.mutable_version()->push_back('1');
  EXPECT_THAT(DecodeStatement(EncodeStatement(statement)),
              IsMalformed("expected at most 4096"));
}

struct SpoiltStatement {
  const char* name;
  std::function<void(v1::ApprovalStatement&)> spoil;
  const char* why;
};
void PrintTo(const SpoiltStatement& spoilt, std::ostream* out) {
  *out << spoilt.name;
}
std::string NameOf(const ::testing::TestParamInfo<SpoiltStatement>& info) {
  return info.param.name;
}

class StatementRefused : public ::testing::TestWithParam<SpoiltStatement> {};
TEST_P(StatementRefused, ByField) {
  v1::ApprovalStatement statement = Statement();
  GetParam().spoil(statement);
  EXPECT_THAT(DecodeStatement(EncodeStatement(statement)),
              IsMalformed(GetParam().why));
}

class KeyStatementRefused : public ::testing::TestWithParam<SpoiltStatement> {};
TEST_P(KeyStatementRefused, ByField) {
  v1::ApprovalStatement statement = KeyStatement();
  GetParam().spoil(statement);
  EXPECT_THAT(DecodeStatement(EncodeStatement(statement)),
              IsMalformed(GetParam().why));
}

const SpoiltStatement kStatements[] = {
    {"WithoutOrigin", [](auto& s) { s.clear_origin(); }, "has no origin"},
    {"WithoutRequester", [](auto& s) { s.clear_requester(); },
     "has no requester"},
    {"WithoutApprover", [](auto& s) { s.clear_approver(); }, "has no approver"},
    {"WithoutTarget", [](auto& s) { s.clear_target(); }, "has no target"},
    {"WithoutVersion", [](auto& s) { s.clear_version(); }, "has no version"},
    {"WithoutSubject", [](auto& s) { s.clear_subject_sha256(); },
     "0 bytes in subject_sha256, expected 32"},
    {"ShortSubject", [](auto& s) { s.set_subject_sha256("short"); },
     "5 bytes in subject_sha256, expected 32"},
    {"WithoutPayload", [](auto& s) { s.clear_payload_sha256(); },
     "0 bytes in payload_sha256, expected 32"},
    {"WithoutPolicy", [](auto& s) { s.clear_policy_sha256(); },
     "0 bytes in policy_sha256, expected 32"},
    {"WithoutNonce", [](auto& s) { s.clear_nonce(); },
     "0 bytes in nonce, expected 16"},
    {"LongNonce", [](auto& s) { s.set_nonce(std::string(17, 'n')); },
     "17 bytes in nonce, expected 16"},
    {"WithoutBeginning", [](auto& s) { s.clear_not_before_unix_ms(); },
     "counts from 0 ms"},
    {"BeforeTime", [](auto& s) { s.set_not_before_unix_ms(-1); },
     "counts from -1 ms"},
    {"WithoutEnd", [](auto& s) { s.clear_not_after_unix_ms(); }, "to 0 ms"},
    {"EndsAsItBegins",
     [](auto& s) { s.set_not_after_unix_ms(s.not_before_unix_ms()); },
     "counts from"},
    {"WithoutVerdict", [](auto& s) { s.clear_verdict(); }, "has verdict 0"},
    {"AnotherVerdict",
     [](auto& s) { s.set_verdict(static_cast<v1::Verdict>(3)); },
     "has verdict 3"},
    {"LongReason", [](auto& s) { s.set_reason(std::string(1025, 'r')); },
     "reason of 1025 bytes, expected at most 1024"},
    {"DenialWithoutReason", [](auto& s) { s.set_verdict(v1::DENY); },
     "denies without a reason"},
    {"DenialThatAllows",
     [](auto& s) {
       s.set_verdict(v1::DENY);
       s.set_reason("no");
       s.set_allows_lower_version(true);
     },
     "denies and allows"},
};
INSTANTIATE_TEST_SUITE_P(Signing, StatementRefused,
                         ::testing::ValuesIn(kStatements), NameOf);

const SpoiltStatement kKeyStatements[] = {
    {"WithTarget", [](auto& s) { s.set_target("app"); }, "and about an image"},
    {"WithVersion", [](auto& s) { s.set_version("1"); }, "and about an image"},
    {"WithPayload", [](auto& s) { s.set_payload_sha256(std::string(32, 'p')); },
     "and about an image"},
    {"WithCounter", [](auto& s) { s.set_security_counter(1); },
     "and about an image"},
    {"ThatLowersACounter",
     [](auto& s) { s.set_allows_lower_security_counter(true); },
     "and about an image"},
    {"WithoutAction", [](auto& s) { s.mutable_key_change()->clear_action(); },
     "key_change.action 0"},
    {"AnotherAction",
     [](auto& s) {
       s.mutable_key_change()->set_action(static_cast<v1::KeyAction>(4));
     },
     "key_change.action 4"},
    {"WithoutKey", [](auto& s) { s.mutable_key_change()->clear_key(); },
     "has no key_change.key"},
    {"WithoutHash",
     [](auto& s) { s.mutable_key_change()->clear_public_key_sha256(); },
     "0 bytes in key_change.public_key_sha256"},
    {"RotationOfNothing",
     [](auto& s) { s.mutable_key_change()->clear_replaces(); },
     "against its action"},
    {"RotationWithoutHash",
     [](auto& s) { s.mutable_key_change()->clear_replaces_sha256(); },
     "0 bytes in key_change.replaces_sha256, expected 32"},
    {"ActivationThatReplaces",
     [](auto& s) { s.mutable_key_change()->set_action(v1::ACTIVATE); },
     "against its action"},
    {"RetirementWithAnotherHash",
     [](auto& s) {
       s.mutable_key_change()->set_action(v1::RETIRE);
       s.mutable_key_change()->clear_replaces();
     },
     "32 bytes in key_change.replaces_sha256, expected 0"},
};
INSTANTIATE_TEST_SUITE_P(KeyChange, KeyStatementRefused,
                         ::testing::ValuesIn(kKeyStatements), NameOf);

v1::SigningEvent Signing() {
  v1::SigningEvent signing;
  signing.set_request_sha256(std::string(32, '\x61'));
  v1::SignedDigest& pair = *signing.add_digests();
  pair.set_key("app");
  pair.set_key_hash(std::string(32, '\x62'));
  pair.set_digest(std::string(32, '\x63'));
  return signing;
}

// Parts behind their lengths, hashed by another program.
std::string HashOf(const std::vector<std::string>& parts) {
  std::string text = "bootseal.v1 subject\n";
  for (const std::string& part : parts) {
    text += std::string(7, '\0') + static_cast<char>(part.size()) + part;
  }
  ApproverKeys keys;
  return ApproverKeys::Must({"sh", "-c", "sha256sum < " + keys.File(text)})
      .substr(0, 64);
}

TEST(Subject, OfASigningRequestIsTheHashOfItsParts) {
  const v1::SigningEvent signing = Signing();
  EXPECT_EQ(absl::BytesToHexString(SubjectOf("ci", signing)),
            HashOf({"signing", "ci", std::string(32, '\x61'), "app",
                    std::string(32, '\x62'), std::string(32, '\x63'), ""}));
}

TEST(Subject, OfAKeyChangeIsTheHashOfItsParts) {
  EXPECT_EQ(
      absl::BytesToHexString(SubjectOf("kim", KeyStatement().key_change())),
      HashOf({"key change", "kim", std::string("\0\0\0\0\0\0\0\x02", 8), "app",
              std::string(32, '\x55'), "secure", std::string(32, '\x56')}));
}

TEST(Subject, OfAReleasedCompressedImageIsThatOfItsRequest) {
  v1::SigningEvent released = Signing();
  v1::SignedDigest inner = released.digests(0);
  released.mutable_digests(0)->set_digest(std::string(32, '\x64'));
  inner.set_signature("made");
  *released.add_digests() = inner;
  EXPECT_EQ(SubjectOf("ci", released), SubjectOf("ci", Signing()));
}

TEST(Subject, IsAnotherForAnythingElse) {
  const std::string subject = SubjectOf("ci", Signing());
  EXPECT_NE(SubjectOf("ci2", Signing()), subject);
  const auto differs =
      [&subject](const std::function<void(v1::SigningEvent&)>& change) {
        v1::SigningEvent signing = Signing();
        change(signing);
        return SubjectOf("ci", signing) != subject;
      };
  EXPECT_TRUE(differs([](auto& s) { s.set_request_sha256("other"); }));
  EXPECT_TRUE(differs([](auto& s) { s.mutable_digests(0)->set_key("b"); }));
  EXPECT_TRUE(
      differs([](auto& s) { s.mutable_digests(0)->set_key_hash("b"); }));
  EXPECT_TRUE(differs([](auto& s) { s.mutable_digests(0)->set_digest("b"); }));
  EXPECT_TRUE(differs([](auto& s) { s.mutable_digests(0)->set_pure(true); }));
  EXPECT_TRUE(differs([](auto& s) { s.clear_digests(); }));
}

}  // namespace
}  // namespace bootseal::trust
