// Builds hold all they may have; a release goes on, over real mutual TLS.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/server/held_calls.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using ::testing::AllOf;

constexpr std::uint32_t kRequests = 16;  // 2 of them for releases
const auto kFull =
    StatusIs(absl::StatusCode::kResourceExhausted, "TOO_MANY_REQUESTS");
const auto kBusy =
    StatusIs(absl::StatusCode::kResourceExhausted, "IDENTITY_BUSY");

// Target "app" is built by "ci" and "developer"; "shipped" is a copy of it in
// the lane of releases.
class LaneTest : public testing::Test {
 protected:
  void Start(std::uint32_t share) {
    v1::Limits& limits = *server_.config().mutable_limits();
    limits.set_max_concurrent_requests(kRequests);
    limits.set_max_requests_per_identity(share);
    server_.policy().mutable_targets(0)->add_requesters("developer");
    server_.policy().mutable_targets(0)->add_requesters("auditor");
    server_.AddTarget("shipped", "app").set_lane(v1::RELEASES);
    server_.Start();
  }

  absl::Status SignFor(const std::string& target, const std::string& caller) {
    const std::string payload = TestPayload(5000);
    v1::SignHeader header = HeaderFor(payload);
    header.set_target(target);
    return Sign(server_.Channel(caller), header, payload).status();
  }

  // Uploads for "app" that stand still, until the caller gets no more of them:
  // the answer to the next one.
  absl::Status HoldAll(const std::string& caller) {
    stubs_.push_back(v1::SigningService::NewStub(server_.Channel(caller)));
    absl::Status status;
    for (int i = 0; i < 1000 && status.ok(); ++i) {
      // One that comes while the probe has the last place is refused.
      held_.push_back(std::make_unique<HeldUpload>(*stubs_.back()));
      held_.back()->SendHeader();
      status = SignFor("app", caller);
    }
    return status;
  }

  ServerFixture server_;
  std::vector<std::unique_ptr<v1::SigningService::Stub>> stubs_;
  std::vector<std::unique_ptr<HeldUpload>> held_;
};

TEST_F(LaneTest, LetsAReleaseInWhileBuildsOfOthersHoldAllTheyMay) {
  Start(kRequests / 2);
  EXPECT_THAT(HoldAll("ci"), kBusy);
  // Its share and all that builds may have are spent by one request.
  EXPECT_THAT(HoldAll("developer"), kFull);
  EXPECT_THAT(SignFor("app", "auditor"),
              AllOf(kFull, MessageHas("limits.places_for_releases")));
  for (int i = 0; i < 10; ++i) EXPECT_OK(SignFor("shipped", "auditor"));
  EXPECT_THAT(SignFor("app", "auditor"), kFull);
}

TEST_F(LaneTest, LetsAReleaseInWhileBuildsOfTheSameIdentityHoldAllTheyMay) {
  Start(kRequests / 2);
  EXPECT_THAT(HoldAll("ci"),
              AllOf(kBusy, MessageHas("identity ci has 7 requests")));
  for (int i = 0; i < 10; ++i) EXPECT_OK(SignFor("shipped", "ci"));
  EXPECT_THAT(SignFor("app", "ci"), kBusy);
}

TEST_F(LaneTest, LetsReleasesInWhileBuildsAreSignedWithoutPause) {
  Start(kRequests / 2);
  const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
  const auto other = v1::SigningService::NewStub(server_.Channel("developer"));
  HeldStream first(*stub);
  HeldStream second(*other);
  first.Flood();
  second.Flood();
  std::vector<std::thread> readers;
  std::atomic<bool> done = false;
  for (HeldStream* stream : {&first, &second}) {
    readers.emplace_back([stream, &done] {
      while (!done) EXPECT_FALSE(stream->Read().request_id().empty());
    });
  }
  for (int i = 0; i < 50; ++i) EXPECT_OK(SignFor("shipped", "auditor"));
  done = true;
  for (std::thread& reader : readers) reader.join();
}

TEST_F(LaneTest, GivesABuildNoneOfThePlacesForReleases) {
  Start(kRequests);
  EXPECT_THAT(HoldAll("ci"),
              AllOf(kFull, MessageHas("the server has 14 requests")));
  EXPECT_THAT(SignFor("app", "developer"), kFull);
}

}  // namespace
}  // namespace bootseal::tests
