// Approvals of images that are more than one digest, and of many at once.
#include <grpcpp/client_context.h>

#include "bootseal/v1/signing.grpc.pb.h"
#include "firmware/image/host/compression.h"
#include "tests/server/approval_fixture.h"
#include "tests/server/log_entries.h"
#include "tests/support/compressed_image.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

class ApprovalImage : public ApprovalFixture {
 protected:
  ApprovalImage() {
    server_.AddKey("edwards", hsm::Algorithm::kEd25519);
    const v1::Target guarded_target = guarded();
    v1::Target& pure = *server_.policy().add_targets();
    pure = guarded_target;
    pure.set_name("pure");
    pure.set_key("edwards");
    pure.mutable_mcuboot()->set_pure(true);
    v1::Target& compressed = *server_.policy().add_targets();
    compressed = guarded_target;
    compressed.set_name("compressed");
    compressed.mutable_mcuboot()->set_strategy(v1::OVERWRITE_ONLY);
    compressed.mutable_mcuboot()->set_compression(v1::LZMA2);
  }
};

TEST_F(ApprovalImage, HasNeitherSignatureOfACompressedOneBefore) {
  payload_ = image::host::Compress(image::mcuboot::Compression::kLzma2,
                                   CompressiblePayload(50'000))
                 .value();
  server_.Start();
  v1::SignHeader header = HeaderFor(payload_);
  header.set_target("compressed");
  header.set_compression(v1::LZMA2);
  const v1::ApprovalRequest request = Waiting(header);
  const std::vector<v1::Entry> entries = PendingEntries();
  ASSERT_EQ(entries.size(), 1u);
  // The outer digest is not there before the inner signature is.
  ASSERT_EQ(entries[0].signing().digests_size(), 1);
  EXPECT_EQ(entries[0].signing().digests(0).signature(), "");
  const std::string inner = entries[0].signing().digests(0).digest();
  EXPECT_EQ(Releases(server_), 0u);
  Approve(request, {&alice_, &bob_});
  const auto reply = Ask(header);
  ASSERT_OK(reply);
  const v1::SigningEvent event = EventOf(*reply);
  ASSERT_EQ(event.digests_size(), 2);
  EXPECT_EQ(event.digests(1).digest(), inner);
  EXPECT_EQ(event.pending_index(), request.pending().index());
  header.set_request_id("again");
  const auto again = Ask(header);
  ASSERT_OK(again);
  EXPECT_EQ(again->tlvs(), reply->tlvs());
}

TEST_F(ApprovalImage, IsApprovedWhenTheKeySignsTheImageItself) {
  server_.Start();
  v1::SignHeader header = HeaderFor(payload_);
  header.set_target("pure");
  const v1::ApprovalRequest request = Waiting(header);
  EXPECT_TRUE(PendingEntries().at(0).signing().digests(0).pure());
  Approve(request, {&alice_, &bob_});
  const auto reply = Ask(header);
  ASSERT_OK(reply);
  EXPECT_TRUE(EventOf(*reply).digests(0).pure());
}

// The answers of one stream, in the order of the requests.
std::vector<v1::SignManyReply> Many(
    const std::shared_ptr<grpc::Channel>& channel,
    const std::vector<v1::SignHeader>& headers, const std::string& payload) {
  const auto stub = v1::SigningService::NewStub(channel);
  grpc::ClientContext context;
  const auto stream = stub->SignMany(&context);
  for (const v1::SignHeader& header : headers) {
    v1::SignManyRequest request;
    *request.mutable_header() = header;
    request.set_payload(payload);
    stream->Write(request);
  }
  stream->WritesDone();
  std::vector<v1::SignManyReply> replies(headers.size());
  v1::SignManyReply reply;
  while (stream->Read(&reply)) {
    for (std::size_t i = 0; i < headers.size(); ++i) {
      if (headers[i].request_id() == reply.request_id()) replies[i] = reply;
    }
  }
  EXPECT_TRUE(stream->Finish().ok());
  return replies;
}

TEST_F(ApprovalImage, WaitsInAStreamOfManyAndHoldsUpNoOther) {
  server_.Start();
  const v1::SignHeader plain = HeaderFor(payload_);
  const v1::SignHeader waiting = GuardedHeader();
  const std::vector<v1::SignHeader> headers = {waiting, plain, GuardedHeader()};
  const auto first = Many(server_.Channel("ci"), headers, payload_);
  EXPECT_EQ(first[0].failure().reason(), "APPROVALS_REQUIRED");
  EXPECT_EQ(first[0].failure().retry_seconds(), 0u);
  EXPECT_TRUE(first[1].has_reply());
  EXPECT_EQ(first[2].failure().details().at("pending_index"),
            first[0].failure().details().at("pending_index"));
  EXPECT_EQ(PendingEntries().size(), 1u);
  const auto request = Get(first[0].failure().details().at("subject"), "alice");
  ASSERT_OK(request);
  Approve(*request, {&alice_, &bob_});
  const auto second = Many(server_.Channel("ci"), headers, payload_);
  ASSERT_TRUE(second[0].has_reply()) << second[0].failure().message();
  ASSERT_TRUE(second[2].has_reply()) << second[2].failure().message();
  EXPECT_EQ(second[0].reply().tlvs(), second[2].reply().tlvs());
  EXPECT_EQ(Releases(server_), 2u);
}

}  // namespace
}  // namespace bootseal::tests
