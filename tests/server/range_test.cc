// Ranges of other tools, as a caller without our client could send them: signed
// when they are the target's, recorded like payloads, refused by name
// otherwise.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/header.h"
#include "server/trust/entry.h"
#include "tests/server/log_entries.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::ToString;
using Code = absl::StatusCode;

std::string Sha256(absl::string_view bytes) {
  return ToString(
      image::HashOf(image::HashAlgorithm::kSha256, AsBytes(bytes)).bytes());
}

// What the signature of this release covers.
std::string RangeOf(const v1::SignReply& reply, absl::string_view payload) {
  const auto header = image::mcuboot::ReadHeader(AsBytes(reply.header()));
  return absl::StrCat(reply.header(), payload,
                      reply.tlvs().substr(0, header->protected_size));
}

class Range : public testing::Test {
 protected:
  Range() {
    server_.AddKey("edwards", hsm::Algorithm::kEd25519);
    server_.AddTarget("pure", "edwards").mutable_mcuboot()->set_pure(true);
    v1::McubootFormat& counted =
        *server_.AddTarget("counted", "app").mutable_mcuboot();
    counted.set_security_counter(v1::REQUIRED);
    counted.set_default_security_counter(3);
  }

  static v1::SignHeader For(const std::string& target,
                            absl::string_view payload) {
    v1::SignHeader header = HeaderFor(payload);
    header.set_target(target);
    return header;
  }
  static v1::SignHeader Ranged(const std::string& target,
                               absl::string_view payload) {
    v1::SignHeader header = For(target, payload);
    header.mutable_signed_range()->set_header_padding(0xff);
    return header;
  }

  absl::StatusOr<v1::SignReply> Ask(const v1::SignHeader& header,
                                    absl::string_view upload,
                                    const std::string& caller = "ci") {
    return Sign(server_.Channel(caller), header, upload, {4096});
  }

  // As a tool that knows the target would make it.
  std::string MadeFor(const std::string& target, absl::string_view payload) {
    const auto reply = Ask(For(target, payload), payload);
    EXPECT_OK(reply);
    return RangeOf(*reply, payload);
  }

  std::size_t Releases() { return tests::Releases(server_); }

  ServerFixture server_;
};

TEST_F(Range, ThatTheTargetDemandsIsSignedAndTheEntryNamesItsDigest) {
  server_.Start();
  const std::string payload = TestPayload(50'001);
  for (const char* target : {"app", "counted"}) {
    const std::string range = MadeFor(target, payload);
    const v1::SignHeader header = Ranged(target, payload);
    const auto reply = Ask(header, range);
    ASSERT_OK(reply);
    EXPECT_EQ(RangeOf(*reply, payload), range);
    const v1::SigningEvent event = EventOf(*reply);
    ASSERT_EQ(event.digests_size(), 1);
    EXPECT_EQ(event.digests(0).digest(), Sha256(range));
    EXPECT_EQ(event.payload_size(), payload.size());
    EXPECT_EQ(event.payload_sha256(), Sha256(payload));
    EXPECT_EQ(event.request_sha256(),
              trust::RequestDigest(header, Sha256(payload)));
    EXPECT_NE(event.request_sha256(),
              trust::RequestDigest(For(target, payload), Sha256(payload)));
  }
}

TEST_F(Range, OfATargetWithHeaderRoomCountsTheRoom) {
  server_.Start();
  const std::string application = TestPayload(5000);
  const std::size_t size = server_.policy().targets(1).mcuboot().header_size();
  const std::string payload = std::string(size, '\0') + application;
  const auto plain = Ask(For("room", payload), payload);
  ASSERT_OK(plain);
  const std::string range = RangeOf(*plain, application);
  v1::SignHeader header = Ranged("room", payload);
  header.mutable_signed_range()->set_header_padding(0);
  const auto reply = Ask(header, range);
  ASSERT_OK(reply);
  EXPECT_EQ(RangeOf(*reply, application), range);
  EXPECT_EQ(EventOf(*reply).payload_sha256(), Sha256(payload));
}

TEST_F(Range, IsSignedItselfByAKeyOfThatKind) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const std::string range = MadeFor("pure", payload);
  const auto reply = Ask(Ranged("pure", payload), range);
  ASSERT_OK(reply);
  EXPECT_TRUE(EventOf(*reply).digests(0).pure());
}

TEST_F(Range, SentAgainGetsTheSameRelease) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const std::string range = MadeFor("app", payload);
  const v1::SignHeader header = Ranged("app", payload);
  const auto first = Ask(header, range);
  ASSERT_OK(first);
  const auto second = Ask(header, range);
  ASSERT_OK(second);
  EXPECT_TRUE(second->replayed());
  EXPECT_EQ(second->tlvs(), first->tlvs());
  EXPECT_EQ(Releases(), 2u);
}

TEST_F(Range, OfAnIdThatReleasedOtherContentIsRefused) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  std::string range = MadeFor("app", payload);
  v1::SignHeader header = Ranged("app", payload);
  ASSERT_OK(Ask(header, range));
  // The same image, asked for otherwise.
  v1::SignHeader plain = For("app", payload);
  plain.set_request_id(header.request_id());
  EXPECT_THAT(Ask(plain, payload),
              StatusIs(Code::kAlreadyExists, "REQUEST_ID_REUSED"));
  // Another image of the same payload.
  const std::size_t size = server_.policy().targets(0).mcuboot().header_size();
  ASSERT_GT(size, 32u);
  range.replace(32, size - 32, std::string(size - 32, '\0'));
  header.mutable_signed_range()->set_header_padding(0);
  EXPECT_THAT(Ask(header, range),
              StatusIs(Code::kAlreadyExists, "REQUEST_ID_REUSED"));
  EXPECT_EQ(Releases(), 2u);
}

TEST_F(Range, ThatIsADigestIsRefusedAndTheRefusalRecorded) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  for (const std::size_t size : {32, 48, 64}) {
    EXPECT_THAT(Ask(Ranged("app", payload), std::string(size, 'd')),
                StatusIs(Code::kInvalidArgument, "RANGE_IS_DIGEST"));
    // Whatever size the request says it has.
    const std::string digest(size, 'd');
    EXPECT_THAT(Ask(Ranged("app", digest), digest),
                StatusIs(Code::kInvalidArgument, "RANGE_IS_DIGEST"));
  }
  EXPECT_EQ(Releases(), 0u);
  std::size_t recorded = 0;
  for (const v1::Entry& entry : RefusedEntries(server_)) {
    if (entry.signing().rule() == "RANGE_IS_DIGEST") ++recorded;
  }
  EXPECT_EQ(recorded, 6u);
}

TEST_F(Range, IsNoPayloadAndAPayloadIsNoRange) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const std::string range = MadeFor("app", payload);
  EXPECT_THAT(Ask(For("app", range), range),
              StatusIs(Code::kInvalidArgument, "ALREADY_AN_IMAGE"));
  EXPECT_THAT(Ask(Ranged("app", payload), payload),
              StatusIs(Code::kInvalidArgument, "RANGE_MAGIC"));
  EXPECT_EQ(Releases(), 1u);
}

TEST_F(Range, ThatDiffersFromTheRequestIsRefused) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const std::string range = MadeFor("app", payload);
  v1::SignHeader version = Ranged("app", payload);
  version.set_version("1.2.4");
  EXPECT_THAT(Ask(version, range),
              StatusIs(Code::kInvalidArgument, "RANGE_VERSION"));
  v1::SignHeader size = Ranged("app", payload);
  size.set_payload_size(payload.size() - 1);
  EXPECT_THAT(Ask(size, range),
              StatusIs(Code::kInvalidArgument, "RANGE_PAYLOAD_SIZE"));
  v1::SignHeader padding = Ranged("app", payload);
  padding.mutable_signed_range()->set_header_padding(0);
  EXPECT_THAT(Ask(padding, range),
              StatusIs(Code::kInvalidArgument, "RANGE_HEADER_PADDING"));
  padding.mutable_signed_range()->set_header_padding('x');
  EXPECT_THAT(Ask(padding, range),
              StatusIs(Code::kInvalidArgument, "RANGE_HEADER_PADDING"));
  EXPECT_EQ(Releases(), 1u);
}

TEST_F(Range, OfAnotherTargetIsRefused) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const std::string range = MadeFor("app", payload);
  EXPECT_THAT(Ask(Ranged("counted", payload), range),
              StatusIs(Code::kInvalidArgument, "RANGE_TLV_MISSING"));
  EXPECT_THAT(Ask(Ranged("app", payload), MadeFor("counted", payload)),
              StatusIs(Code::kInvalidArgument, "RANGE_TLV_UNEXPECTED"));
  v1::SignHeader counter = Ranged("counted", payload);
  counter.set_security_counter(4);
  EXPECT_THAT(Ask(counter, MadeFor("counted", payload)),
              StatusIs(Code::kInvalidArgument, "RANGE_TLV_VALUE"));
}

TEST_F(Range, IsCutOrGoesOnAndIsRefused) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const std::string range = MadeFor("counted", payload);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{31}, std::size_t{600}, range.size() - 1}) {
    EXPECT_THAT(Ask(Ranged("counted", payload), range.substr(0, size)),
                StatusIs(Code::kInvalidArgument, "RANGE_TRUNCATED"))
        << size;
  }
  for (const auto& [more, reason] :
       {std::pair{std::string("\xff\xff"), "RANGE_IS_PADDED"},
        std::pair{std::string("\x07\x69"), "RANGE_IS_IMAGE"},
        std::pair{std::string("x"), "RANGE_TRAILING_BYTES"}}) {
    EXPECT_THAT(Ask(Ranged("counted", payload), range + more),
                StatusIs(Code::kInvalidArgument, reason));
  }
  EXPECT_EQ(Releases(), 1u);
}

TEST_F(Range, ThatIsSaidToBeCompressedIsRefused) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  v1::SignHeader header = Ranged("app", payload);
  header.set_compression(v1::LZMA2);
  EXPECT_THAT(Ask(header, MadeFor("app", payload)),
              StatusIs(Code::kInvalidArgument, "RANGE_COMPRESSED"));
}

TEST_F(Range, OfWhoMayNotAskIsRefused) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const std::string range = MadeFor("app", payload);
  EXPECT_THAT(Ask(Ranged("app", payload), range, "developer"),
              StatusIs(Code::kPermissionDenied, "WRONG_ROLE"));
  EXPECT_EQ(Releases(), 1u);
}

TEST_F(Range, IsTakenAmongMany) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const std::string range = MadeFor("app", payload);
  const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
  grpc::ClientContext context;
  const auto stream = stub->SignMany(&context);
  v1::SignManyRequest request;
  *request.mutable_header() = Ranged("app", payload);
  request.set_payload(range);
  v1::SignManyReply reply;
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&reply));
  ASSERT_TRUE(reply.has_reply()) << reply.failure().message();
  EXPECT_EQ(RangeOf(reply.reply(), payload), range);
  request.set_payload(Sha256(range));
  *request.mutable_header() = Ranged("app", payload);
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&reply));
  EXPECT_EQ(reply.failure().reason(), "RANGE_IS_DIGEST");
  stream->WritesDone();
  EXPECT_OK(FromRpc(stream->Finish()));
}

// A line of /proc/PID/status in KiB.
long MemoryKib(ServerFixture& server, const std::string& name) {
  std::ifstream status(
      absl::StrCat("/proc/", server.process().pid(), "/status"));
  std::string word;
  while (status >> word) {
    long value = 0;
    if (word == name + ":" && status >> value) return value;
  }
  return 0;
}

TEST_F(Range, IsNotKept) {
  constexpr std::size_t kBytes = 32 << 20;
  for (v1::Target& target : *server_.policy().mutable_targets()) {
    target.mutable_mcuboot()->set_slot_size(kBytes + (1 << 20));
  }
  server_.Start();
  const std::string payload = TestPayload(kBytes);
  const std::string range = MadeFor("app", payload);
  const long before = MemoryKib(server_, "VmHWM");
  ASSERT_GT(before, 0);
  const auto reply =
      Sign(server_.Channel("ci"), Ranged("app", payload), range, {1 << 18});
  ASSERT_OK(reply);
  EXPECT_LT(MemoryKib(server_, "VmHWM") - before, 8192);
}

}  // namespace
}  // namespace bootseal::tests
