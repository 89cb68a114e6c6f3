// Trace context, from the caller's environment to the server's log.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bootseal/v1/fwu.grpc.pb.h"
#include "tests/support/process.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kSpan[] = "00f067aa0ba902b7";

std::string Parent(const std::string& trace = kTrace) {
  return absl::StrCat("00-", trace, "-", kSpan, "-01");
}

class Trace : public testing::Test {
 protected:
  Trace() { server_.Start(); }

  // One call that the server refuses, with these values of traceparent.
  void Call(const std::vector<std::string>& parents) {
    const auto stub = v1::FwuService::NewStub(server_.Channel("ci"));
    grpc::ClientContext context;
    for (const std::string& each : parents) {
      context.AddMetadata("traceparent", each);
    }
    v1::IssueMetadataRequest request;
    request.set_target("nowhere");
    v1::IssueMetadataReply reply;
    EXPECT_EQ(stub->IssueMetadata(&context, request, &reply).error_code(),
              grpc::NOT_FOUND);
    ASSERT_TRUE(server_.WaitForLog("request method=IssueMetadata"));
  }

  Outcome SignWith(const Environment& more) {
    Environment environment = server_.ClientEnvironment("ci");
    environment.insert(more.begin(), more.end());
    const std::string payload = server_.folder().File("payload");
    std::ofstream(payload) << TestPayload(3000);
    return tests::Run({BOOTSEAL_PROGRAM, "sign", "--target", "app", "--version",
                       "1.0.0", "-o", server_.folder().File("image"), payload},
                      environment);
  }

  ServerFixture server_;
};

TEST_F(Trace, IsInTheLineOfItsCall) {
  Call({Parent()});
  EXPECT_THAT(server_.ServerLog(), HasSubstr(absl::StrCat(" trace_id=", kTrace,
                                                          " span_id=", kSpan)));
}

TEST_F(Trace, IsMissingFromTheLineOfACallWithoutOne) {
  Call({});
  EXPECT_THAT(server_.ServerLog(), Not(HasSubstr("trace_id")));
}

TEST_F(Trace, IsIgnoredWhenItIsNone) {
  const std::string bad[] = {
      "nonsense",
      absl::StrCat("ff", Parent().substr(2)),
      Parent("4BF92F3577B34DA6A3CE929D0E0E4736"),
      Parent(std::string(32, '0')),
      Parent() + "-more",
      Parent() + std::string(8000, 'x'),
  };
  for (const std::string& each : bad) Call({each});
  EXPECT_THAT(server_.ServerLog(), Not(HasSubstr("trace_id")));
  EXPECT_THAT(server_.ServerLog(), Not(HasSubstr("nonsense")));
}

TEST_F(Trace, IsIgnoredWhenThereAreTwo) {
  Call({Parent(), Parent()});
  EXPECT_THAT(server_.ServerLog(), Not(HasSubstr("trace_id")));
}

TEST_F(Trace, ComesFromTheEnvironmentOfTheClient) {
  const Outcome signed_with =
      SignWith({{"TRACEPARENT", Parent()}, {"TRACESTATE", "rojo=1,congo=2"}});
  EXPECT_EQ(signed_with.exit_code, 0) << signed_with.err;
  EXPECT_THAT(signed_with.err, Not(HasSubstr("TRACE")));
  EXPECT_THAT(server_.ServerLog(), HasSubstr(absl::StrCat(" trace_id=", kTrace,
                                                          " span_id=", kSpan)));
}

TEST_F(Trace, OfTheEnvironmentIsNotSentWhenItIsNone) {
  const Outcome signed_with = SignWith({{"TRACEPARENT", "00-ABC-1-01"}});
  EXPECT_EQ(signed_with.exit_code, 0) << signed_with.err;
  EXPECT_THAT(signed_with.err, HasSubstr("TRACEPARENT is \"00-ABC-1-01\""));
  EXPECT_THAT(server_.ServerLog(), Not(HasSubstr("trace_id")));
}

TEST_F(Trace, OfTheEnvironmentIsNotSentWithAnIdOfZeros) {
  const std::string zeros(32, '0');
  const std::string traces[] = {
      absl::StrCat("00-", zeros, "-", kSpan, "-01"),
      absl::StrCat("00-", kTrace, "-", zeros.substr(16), "-01")};
  for (const std::string& trace : traces) {
    const Outcome signed_with = SignWith({{"TRACEPARENT", trace}});
    EXPECT_EQ(signed_with.exit_code, 0) << signed_with.err;
    EXPECT_THAT(signed_with.err,
                HasSubstr(absl::StrCat("TRACEPARENT is \"", trace, "\"")));
    EXPECT_THAT(signed_with.err,
                HasSubstr("neither the 32 nor the 16 all zero"));
  }
  EXPECT_THAT(server_.ServerLog(), Not(HasSubstr("trace_id")));
}

TEST_F(Trace, IsNoneWithAStateAlone) {
  const Outcome signed_with = SignWith({{"TRACESTATE", "rojo=1"}});
  EXPECT_EQ(signed_with.exit_code, 0) << signed_with.err;
  EXPECT_THAT(signed_with.err,
              HasSubstr("TRACESTATE is \"rojo=1\", expected TRACEPARENT "
                        "beside it (W3C trace context); it is not sent"));
  EXPECT_THAT(server_.ServerLog(), Not(HasSubstr("trace_id")));
}

TEST_F(Trace, IsSentWithoutAStateThatIsNone) {
  const Outcome signed_with =
      SignWith({{"TRACEPARENT", Parent()}, {"TRACESTATE", "A=b"}});
  EXPECT_EQ(signed_with.exit_code, 0) << signed_with.err;
  EXPECT_THAT(signed_with.err, HasSubstr("TRACESTATE is \"A=b\""));
  EXPECT_THAT(server_.ServerLog(), HasSubstr(kTrace));
}

}  // namespace
}  // namespace bootseal::tests
