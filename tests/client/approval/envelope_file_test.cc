#include "client/approval/envelope_file.h"

#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "client/approval/statement.h"
#include "server/trust/approval.h"
#include "tests/client/approval/sample_pending.h"
#include "tests/support/status_matchers.h"

namespace bootseal::approval {
namespace {

using ::testing::StartsWith;

auto IsNone() {
  return tests::StatusIs(absl::StatusCode::kInvalidArgument,
                         "ENVELOPE_INVALID");
}

v1::DsseEnvelope Envelope() {
  const auto pending = ReadPending(tests::Logged(tests::SampleSigning()));
  Words words;
  words.verdict = v1::APPROVE;
  words.approver = "alice";
  words.now = absl::FromUnixMillis(1700000100000);
  words.origin = "bootseal.example/audit";
  words.policy_sha256 = std::string(32, 'p');
  v1::DsseEnvelope envelope;
  envelope.set_payload_type(trust::kApprovalPayloadType);
  envelope.set_payload(trust::EncodeStatement(*MakeStatement(*pending, words)));
  envelope.add_signatures()->set_sig("\xfb\xff");
  envelope.mutable_signatures(0)->set_keyid("SHA256:x");
  return envelope;
}

TEST(EnvelopeFile, ComesBackAsItWent) {
  const v1::DsseEnvelope envelope = Envelope();
  const auto back = ReadEnvelopeJson(WriteEnvelopeJson(envelope));
  ASSERT_OK(back);
  EXPECT_EQ(back->SerializeAsString(), envelope.SerializeAsString());
}

TEST(EnvelopeFile, HasTheNamesAndTheBase64OfDsse) {
  const std::string json = WriteEnvelopeJson(Envelope());
  EXPECT_THAT(json, StartsWith("{\"payload\":\""));
  EXPECT_THAT(json,
              ::testing::HasSubstr("\"payloadType\":\"application/"
                                   "vnd.bootseal.approval.v1\",\"signatures\":"
                                   "[{\"sig\":\"+/8=\",\"keyid\":\"SHA256:x\"}"
                                   "]"));
}

TEST(EnvelopeFile, IsRefusedWhenItIsNone) {
  const std::string json = WriteEnvelopeJson(Envelope());
  EXPECT_THAT(ReadEnvelopeJson(""), IsNone());
  EXPECT_THAT(ReadEnvelopeJson("{}"), IsNone());
  EXPECT_THAT(ReadEnvelopeJson(json.substr(0, json.size() / 2)), IsNone());
  EXPECT_THAT(ReadEnvelopeJson(absl::StrReplaceAll(
                  json, {{"\"signatures\"", "\"more\":1,\"signatures\""}})),
              IsNone());
  EXPECT_THAT(ReadEnvelopeJson(
                  absl::StrReplaceAll(json, {{"approval.v1", "approval.v2"}})),
              IsNone());
  v1::DsseEnvelope two = Envelope();
  two.add_signatures()->set_sig("y");
  EXPECT_THAT(ReadEnvelopeJson(WriteEnvelopeJson(two)), IsNone());
  v1::DsseEnvelope empty = Envelope();
  empty.clear_payload();
  EXPECT_THAT(ReadEnvelopeJson(WriteEnvelopeJson(empty)),
              tests::StatusIs(absl::StatusCode::kInvalidArgument,
                              "APPROVAL_MALFORMED"));
}

}  // namespace
}  // namespace bootseal::approval
