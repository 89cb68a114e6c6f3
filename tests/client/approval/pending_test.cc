#include "client/approval/pending.h"

#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "tests/client/approval/sample_pending.h"
#include "tests/support/status_matchers.h"

namespace bootseal::approval {
namespace {

using ::testing::AllOf;
using tests::Logged;
using tests::MessageHas;
using tests::SampleSigning;
using tests::StatusIs;

auto IsCaught(const char* why) {
  return AllOf(
      StatusIs(absl::StatusCode::kFailedPrecondition, "PENDING_MISMATCH"),
      MessageHas(why));
}

TEST(PendingRequest, IsReadWithWhatTheSignedBytesSay) {
  const auto pending = ReadPending(Logged(SampleSigning()));
  ASSERT_OK(pending);
  ASSERT_TRUE(pending->image);
  EXPECT_EQ(pending->image->security_counter, 7u);
  EXPECT_EQ(pending->image->header.image_size, 1000u);
  EXPECT_EQ(pending->image->room, 0u);
  EXPECT_FALSE(pending->image->compressed);
  ASSERT_EQ(pending->image->vendor_tlvs.size(), 1u);
  EXPECT_EQ(pending->image->vendor_tlvs[0].type(), 0xa5u);
  EXPECT_EQ(pending->image->vendor_tlvs[0].value(), "sbom");
}

TEST(PendingRequest, IsReadWithHeaderRoomOfThePayload) {
  const auto pending = ReadPending(Logged(SampleSigning({.room = 0x100})));
  ASSERT_OK(pending);
  EXPECT_EQ(pending->image->room, 0x100u);
}

TEST(PendingRequest, OfAKeyIsRead) {
  const auto pending = ReadPending(Logged(tests::SampleKeyChange()));
  ASSERT_OK(pending);
  EXPECT_FALSE(pending->image);
}

TEST(PendingRequest, OfAPayloadThatWasSentCompressedSaysSo) {
  v1::Entry entry = SampleSigning();
  entry.mutable_signing()->set_payload_size(400);
  const auto pending = ReadPending(Logged(entry));
  ASSERT_OK(pending);
  EXPECT_TRUE(pending->image->compressed);
}

struct Lie {
  const char* name;
  // What a server that lies does; it computes the subject again if it can.
  std::function<void(v1::Entry&)> tell;
  const char* why;
};
void PrintTo(const Lie& lie, std::ostream* out) { *out << lie.name; }
std::string NameOf(const ::testing::TestParamInfo<Lie>& info) {
  return info.param.name;
}

v1::Preimage& Preimage(v1::Entry& entry) {
  return *entry.mutable_signing()->mutable_digests(0)->mutable_preimage();
}

class LyingServer : public ::testing::TestWithParam<Lie> {};

TEST_P(LyingServer, IsCaught) {
  v1::Entry entry = SampleSigning();
  GetParam().tell(entry);
  EXPECT_THAT(ReadPending(Logged(entry)), IsCaught(GetParam().why));
}

const Lie kLies[] = {
    {"AboutTheSubject",
     [](auto& e) {
       e.mutable_signing()->set_subject_sha256(std::string(32, 's'));
     },
     "the subject is"},
    {"AboutTheRequester",
     [](auto& e) { e.mutable_caller()->set_identity("alice"); },
     "the subject is"},
    {"AboutTheDigest",
     [](auto& e) {
       e.mutable_signing()->mutable_digests(0)->set_digest(
           std::string(32, 'd'));
     },
     "the subject is"},
    {"AboutTheKey",
     [](auto& e) {
       e.mutable_signing()->mutable_digests(0)->set_key("development");
     },
     "the subject is"},
    {"AboutTheVersion",
     [](auto& e) { e.mutable_signing()->set_version("1.2.4"); },
     "the version is 1.2.3+4 in the bytes that get signed, and 1.2.4 in"},
    {"AboutAVersionThatIsNone",
     [](auto& e) { e.mutable_signing()->set_version("new\033[2J"); },
     "its version \"new\\x1b[2J\" is none"},
    {"AboutTheSecurityCounter",
     [](auto& e) { e.mutable_signing()->set_security_counter(8); },
     "the security counter is 7 in the bytes that get signed, and 8 in"},
    {"AboutThePayloadsSize",
     [](auto& e) { e.mutable_signing()->set_payload_size(1001); },
     "the payload's size is 1000 in the bytes that get signed, and 1001 in"},
    {"AboutTheHeadersPadding",
     [](auto& e) { Preimage(e).set_padding_bytes(1); },
     "the header's size is 256 in the bytes that get signed, and 33 in"},
    {"AboutThePaddingByte", [](auto& e) { Preimage(e).set_padding_byte(256); },
     "its padding byte is 256"},
    {"AboutThePayloadsPadding",
     [](auto& e) { Preimage(e).set_payload_padding_bytes(1001); },
     "it pads a payload of 1000 bytes with 1001"},
    {"WithoutProtectedTlvs",
     [](auto& e) { Preimage(e).clear_protected_tlvs(); },
     "the protected area's size is"},
    {"WithProtectedTlvsThatAreNone",
     [](auto& e) {
       const std::size_t size = Preimage(e).protected_tlvs().size();
       Preimage(e).set_protected_tlvs(std::string(size, '\x07'));
     },
     "its protected TLVs cannot be read"},
    {"WithAHeaderThatIsNone",
     [](auto& e) { Preimage(e).set_header(std::string(32, 'h')); },
     "is no MCUboot header"},
    {"WithAHeaderThatIsLonger",
     [](auto& e) { Preimage(e).mutable_header()->push_back('\0'); },
     "is no MCUboot header"},
    {"WithoutPreimage",
     [](auto& e) { e.mutable_signing()->mutable_digests(0)->clear_preimage(); },
     "expected one with what it is over"},
    {"WithoutDigest",
     [](auto& e) {
       e.mutable_signing()->clear_digests();
       tests::Restate(e);
     },
     "it has 0 digests"},
    {"WithTwoDigests",
     [](auto& e) {
       *e.mutable_signing()->add_digests() = e.signing().digests(0);
     },
     "it has 2 digests"},
    {"WithAPureDigestOfAnotherHash",
     [](auto& e) {
       e.mutable_signing()->mutable_digests(0)->set_pure(true);
       tests::Restate(e);
     },
     "its digest has 32 bytes"},
    {"AboutWhatWaits",
     [](auto& e) { e.mutable_signing()->set_decision(v1::ALLOWED); },
     "it is no request that waits"},
    {"AboutWhatItIs",
     [](auto& e) { e.mutable_start()->set_server_version("1"); },
     "it is no request that waits"},
};
INSTANTIATE_TEST_SUITE_P(Signing, LyingServer, ::testing::ValuesIn(kLies),
                         NameOf);

TEST(LyingServerOfAKeyChange, IsCaught) {
  v1::Entry entry = tests::SampleKeyChange();
  entry.mutable_key()->mutable_change()->set_key("other");
  EXPECT_THAT(ReadPending(Logged(entry)), IsCaught("the subject is"));
  entry = tests::SampleKeyChange();
  entry.mutable_key()->mutable_change()->set_action(v1::RETIRE);
  EXPECT_THAT(ReadPending(Logged(entry)), IsCaught("the subject is"));
}

TEST(PendingRequest, IsNoEntryOfAnotherEncoding) {
  v1::LogEntry logged = Logged(SampleSigning());
  logged.mutable_entry()->push_back('\0');
  EXPECT_THAT(ReadPending(logged),
              StatusIs(absl::StatusCode::kInvalidArgument, "ENTRY_MALFORMED"));
}

}  // namespace
}  // namespace bootseal::approval
