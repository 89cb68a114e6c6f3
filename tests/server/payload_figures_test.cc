// What a real server counts of the payloads that it is sent.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/server/scrape.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

class PayloadFigures : public testing::Test {
 protected:
  PayloadFigures() {
    AddMetrics(server_);
    server_.Start();
  }

  static std::string Series(const std::string& part, const std::string& rpc,
                            const std::string& more = "") {
    return absl::StrCat("bootseal_request_payload_bytes_", part, "{rpc=\"", rpc,
                        "\"", more, "}");
  }
  // gRPC ends a call after its answer left.
  bool Reaches(const std::string& series, double value) {
    return tests::Reaches(server_, series, value);
  }

  ServerFixture server_;
};

TEST_F(PayloadFigures, CountEveryUploadWithAllItsChunks) {
  const std::string rpc = "SigningService.Sign";
  EXPECT_EQ(ValueOf(Scrape(server_), Series("count", rpc)), 0);
  for (const std::size_t bytes : {1000, 5000, 200'000}) {
    const std::string payload = TestPayload(bytes);
    ASSERT_OK(Sign(server_.Channel("ci"), HeaderFor(payload), payload));
  }
  ASSERT_TRUE(Reaches(Series("count", rpc), 3));
  const std::string text = Scrape(server_);
  EXPECT_EQ(ValueOf(text, Series("sum", rpc)), 206'000);
  EXPECT_EQ(ValueOf(text, Series("bucket", rpc, ",le=\"1024\"")), 1);
  EXPECT_EQ(ValueOf(text, Series("bucket", rpc, ",le=\"4096\"")), 1);
  EXPECT_EQ(ValueOf(text, Series("bucket", rpc, ",le=\"16384\"")), 2);
  EXPECT_EQ(ValueOf(text, Series("bucket", rpc, ",le=\"131072\"")), 2);
  EXPECT_EQ(ValueOf(text, Series("bucket", rpc, ",le=\"262144\"")), 3);
  for (const char* other : {"SigningService.SignMany", "FwuService.Release",
                            "FwuService.Capsule"}) {
    EXPECT_EQ(ValueOf(text, Series("count", other)), 0) << other;
  }
}

TEST_F(PayloadFigures, CountEachRequestOfAStreamOfMany) {
  grpc::ClientContext context;
  const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
  const auto stream = stub->SignMany(&context);
  for (const std::size_t bytes : {1000, 5000}) {
    v1::SignManyRequest request;
    request.set_payload(TestPayload(bytes));
    *request.mutable_header() = HeaderFor(request.payload());
    ASSERT_TRUE(stream->Write(request));
    v1::SignManyReply reply;
    ASSERT_TRUE(stream->Read(&reply));
    EXPECT_EQ(reply.failure().reason(), "");
  }
  stream->WritesDone();
  ASSERT_OK(FromRpc(stream->Finish()));
  const std::string text = Scrape(server_);
  EXPECT_EQ(ValueOf(text, Series("count", "SigningService.SignMany")), 2);
  EXPECT_EQ(ValueOf(text, Series("sum", "SigningService.SignMany")), 6000);
  EXPECT_EQ(ValueOf(text, Series("count", "SigningService.Sign")), 0);
}

TEST_F(PayloadFigures, CountWhatCameOfAnUploadThatBrokeOff) {
  {
    grpc::ClientContext context;
    v1::SignReply reply;
    const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
    const auto writer = stub->Sign(&context, &reply);
    v1::SignRequest message;
    *message.mutable_header() = HeaderFor(TestPayload(5000));
    message.set_chunk(TestPayload(2000));
    ASSERT_TRUE(writer->Write(message));
    writer->WritesDone();
    EXPECT_FALSE(writer->Finish().ok());
  }
  EXPECT_TRUE(Reaches(Series("count", "SigningService.Sign"), 1));
  EXPECT_EQ(ValueOf(Scrape(server_), Series("sum", "SigningService.Sign")),
            2000);
}

// What they announce is not what they sent.
TEST_F(PayloadFigures, CountNothingOfStrangersAndOfHeadersAlone) {
  const std::string payload = TestPayload(5000);
  EXPECT_FALSE(Sign(server_.Channel(""), HeaderFor(payload), payload).ok());
  EXPECT_FALSE(
      Sign(server_.Channel("developer"), HeaderFor(payload), payload).ok());
  v1::SignHeader header = HeaderFor(payload);
  header.set_payload_size(std::uint64_t{1} << 60);
  EXPECT_FALSE(Sign(server_.Channel("ci"), header, "").ok());
  const std::string denied =
      R"(bootseal_calls_total{rpc="SigningService.Sign",)"
      R"(code="PERMISSION_DENIED",reason_class="policy"})";
  ASSERT_TRUE(Reaches(denied, 1));
  const std::string calls =
      R"(bootseal_call_duration_seconds_count{rpc="SigningService.Sign"})";
  ASSERT_TRUE(Reaches(calls, 3));
  EXPECT_EQ(ValueOf(Scrape(server_), Series("count", "SigningService.Sign")),
            0);
}

}  // namespace
}  // namespace bootseal::tests
