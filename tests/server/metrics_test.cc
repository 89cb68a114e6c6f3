// Figures of a real server after real calls, as Prometheus gets them.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/server/approval_fixture.h"
#include "tests/server/generic_call.h"
#include "tests/server/held_calls.h"
#include "tests/server/scrape.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Metrics : public ApprovalFixture {
 protected:
  Metrics() {
    AddMetrics(server_);
    AddCanary(server_);
  }

  absl::Status SignOnce(const std::string& target, const std::string& caller) {
    v1::SignHeader header = HeaderFor(payload_);
    header.set_target(target);
    return Sign(server_.Channel(caller), header, payload_).status();
  }

  // gRPC ends a call after its answer left.
  bool Reaches(const std::string& series, double value) {
    return tests::Reaches(server_, series, value);
  }
};

TEST_F(Metrics, CountsDecisionsAndCallsExactly) {
  server_.Start();
  for (int i = 0; i < 3; ++i) ASSERT_OK(SignOnce("app", "ci"));
  EXPECT_FALSE(SignOnce("app", "developer").ok());
  EXPECT_FALSE(SignOnce("no-such-target", "ci").ok());
  Waiting(GuardedHeader());
  const std::string ended =
      R"(bootseal_calls_total{rpc="SigningService.Sign",)"
      R"(code="FAILED_PRECONDITION",reason_class="approvals"})";
  ASSERT_TRUE(Reaches(ended, 1));
  const std::string text = Scrape(server_);
  const struct {
    std::string series;
    double value;
  } kExpected[] = {
      {R"(bootseal_decisions_total{target="app",outcome="allowed"})", 3},
      {R"(bootseal_decisions_total{target="app",outcome="refused"})", 1},
      {R"(bootseal_decisions_total{target="app",outcome="repeated"})", 0},
      {R"(bootseal_decisions_total{target="",outcome="refused"})", 1},
      {R"(bootseal_decisions_total{target="guarded",outcome="pending"})", 1},
      {R"(bootseal_decisions_total{target="guarded",outcome="allowed"})", 0},
      {R"(bootseal_decisions_total{target="room",outcome="allowed"})", 0},
      {R"(bootseal_calls_total{rpc="SigningService.Sign",code="OK",)"
       R"(reason_class="none"})",
       3},
      {R"(bootseal_calls_total{rpc="SigningService.Sign",)"
       R"(code="PERMISSION_DENIED",reason_class="policy"})",
       1},
      {R"(bootseal_calls_total{rpc="SigningService.Sign",code="NOT_FOUND",)"
       R"(reason_class="request"})",
       1},
      {R"(bootseal_call_duration_seconds_count{rpc="SigningService.Sign"})", 6},
      {R"(bootseal_hsm_sign_seconds_count{purpose="firmware",)"
       R"(algorithm="p256"})",
       3},
      {R"(bootseal_hsm_sign_failures_total{purpose="firmware",)"
       R"(algorithm="p256",failure="token_lost"})",
       0},
      // Start, policy, three releases, two refusals, one that waits.
      {"bootseal_log_entries_total", 8},
      {"bootseal_log_size_entries", 8},
      {"bootseal_log_writable", 1},
      {"bootseal_ready", 1},
      {"bootseal_policy_version", 1},
      {R"(bootseal_keys{state="serving"})", 1},
      {R"(bootseal_keys{state="not_serving"})", 0},
      {R"(bootseal_places_in_use{of="requests"})", 0},
      {R"(bootseal_places_max{of="requests"})", 256},
      {R"(bootseal_requests_in_progress{lane="builds"})", 0},
      {R"(bootseal_requests_in_progress{lane="releases"})", 0},
      // An eighth is kept for releases.
      {R"(bootseal_requests_max{lane="builds"})", 224},
      {R"(bootseal_requests_max{lane="releases"})", 256},
      {"bootseal_memory_reserved_bytes", 0},
      {"bootseal_hsm_sessions_max", 8},
      {"bootseal_hsm_session_waiters", 0},
  };
  for (const auto& each : kExpected) {
    EXPECT_EQ(ValueOf(text, each.series), each.value) << each.series;
  }
  // What callers name is nowhere in it.
  EXPECT_THAT(text, Not(HasSubstr("no-such-target")));
  EXPECT_THAT(text, Not(HasSubstr("spiffe")));
}

TEST_F(Metrics, TellARepeatedReleaseFromANewOne) {
  server_.Start();
  v1::SignHeader header = HeaderFor(payload_);
  ASSERT_OK(Ask(header));
  ASSERT_OK(Ask(header));
  const std::string text = Scrape(server_);
  EXPECT_EQ(
      ValueOf(text,
              R"(bootseal_decisions_total{target="app",outcome="allowed"})"),
      1);
  EXPECT_EQ(
      ValueOf(text,
              R"(bootseal_decisions_total{target="app",outcome="repeated"})"),
      1);
}

TEST_F(Metrics, ShowWhatWaitsAndWhenItEnds) {
  server_.Start();
  EXPECT_EQ(ValueOf(Scrape(server_), "bootseal_pending_requests"), 0);
  EXPECT_EQ(ValueOf(Scrape(server_),
                    "bootseal_pending_next_expiry_timestamp_seconds"),
            -1);
  Waiting(GuardedHeader());
  ASSERT_TRUE(Reaches("bootseal_pending_requests", 1));
  EXPECT_GT(ValueOf(Scrape(server_),
                    "bootseal_pending_next_expiry_timestamp_seconds"),
            static_cast<double>(absl::ToUnixSeconds(absl::Now())));
}

TEST_F(Metrics, FollowTheTokenThroughItsLoss) {
  server_.Start();
  const std::string lost =
      R"(bootseal_hsm_sign_failures_total{purpose="canary",)"
      R"(algorithm="ed25519",failure="token_lost"})";
  EXPECT_EQ(ValueOf(Scrape(server_), lost), 0);
  const std::string away = server_.folder().File("away");
  ASSERT_EQ(rename(server_.token().objects_path().c_str(), away.c_str()), 0);
  ASSERT_TRUE(Reaches("bootseal_ready", 0));
  EXPECT_GT(ValueOf(Scrape(server_), lost), 0);
  const HttpAnswer ready = Fetch(server_, "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, StartsWith("not ready: TOKEN_"));
  EXPECT_EQ(Fetch(server_, "/healthz").status, 200);
  ASSERT_EQ(rename(away.c_str(), server_.token().objects_path().c_str()), 0);
  ASSERT_TRUE(Reaches("bootseal_ready", 1));
  EXPECT_EQ(Fetch(server_, "/readyz").body, "ready\n");
  EXPECT_GT(ValueOf(Scrape(server_),
                    R"(bootseal_hsm_recoveries_total{result="recovered"})"),
            0);
}

TEST_F(Metrics, PassTheirOwnLinter) {
  server_.Start();
  ASSERT_OK(SignOnce("app", "ci"));
  Waiting(GuardedHeader());
  const HttpAnswer answer = Fetch(server_, "/metrics");
  EXPECT_THAT(answer.content_type, StartsWith("text/plain; version=0.0.4"));
  const std::string path = server_.folder().File("scrape");
  std::ofstream(path) << answer.body;
  const Outcome linted = tests::Run(
      {"sh", "-c", absl::StrCat(PROMTOOL, " check metrics <", path)});
  EXPECT_EQ(linted.exit_code, 0) << linted.err;
  EXPECT_EQ(linted.err, "");
}

TEST_F(Metrics, DescribeTheProcessItself) {
  server_.Start();
  const std::string text = Scrape(server_);
  const double now = static_cast<double>(absl::ToUnixSeconds(absl::Now()));
  EXPECT_NEAR(ValueOf(text, "process_start_time_seconds"), now, 30);
  EXPECT_GT(ValueOf(text, "process_resident_memory_bytes"), 1 << 20);
  EXPECT_GT(ValueOf(text, "process_virtual_memory_bytes"),
            ValueOf(text, "process_resident_memory_bytes"));
  EXPECT_GT(ValueOf(text, "process_open_fds"), 3);
  EXPECT_GT(ValueOf(text, "process_max_fds"),
            ValueOf(text, "process_open_fds"));
  EXPECT_GT(ValueOf(text, "process_cpu_seconds_total"), 0);
  EXPECT_GT(ValueOf(text, "bootseal_log_free_bytes"), 1 << 20);
  EXPECT_GT(ValueOf(text, "bootseal_tls_certificate_expiry_timestamp_seconds"),
            now);
  EXPECT_GT(
      ValueOf(text,
              R"(bootseal_trust_domain_certificate_expiry_timestamp_seconds)"
              R"({trust_domain=")" +
                  server_.policy().trust_domains(0).name() + "\"}"),
      now);
  EXPECT_NEAR(ValueOf(text, "bootseal_canary_success_timestamp_seconds"), now,
              30);
  EXPECT_EQ(ValueOf(text, "bootseal_canary_interval_seconds"), 1);
}

TEST_F(Metrics, CountCallsOfUnknownNamesUnderOneLabel) {
  server_.Start();
  for (const char* method : {"/evil.Service/Name1", "/evil.Service/Name2"}) {
    EXPECT_FALSE(GenericCall(server_.Channel("ci"), method, "").ok());
  }
  EXPECT_THAT(Scrape(server_), Not(HasSubstr("Name1")));
  EXPECT_EQ(Health(server_.Channel("")), kServing);
  EXPECT_TRUE(Reaches(R"(bootseal_calls_total{rpc="Health.Check",code="OK",)"
                      R"(reason_class="none"})",
                      1));
}

TEST_F(Metrics, TellOfAPolicyFileThatWasRefused) {
  constexpr char kTaken[] = "bootseal_policy_last_reload_successful";
  server_.Start();
  EXPECT_EQ(ValueOf(Scrape(server_), kTaken), 1);
  server_.WritePolicyText("nonsense");
  kill(server_.process().pid(), SIGHUP);
  EXPECT_TRUE(Reaches(kTaken, 0));
  EXPECT_EQ(ValueOf(Scrape(server_), "bootseal_policy_version"), 1);
  server_.WritePolicy();
  kill(server_.process().pid(), SIGHUP);
  EXPECT_TRUE(Reaches(kTaken, 1));
}

TEST_F(Metrics, SeeALaneThatIsFullOfBuilds) {
  server_.config().mutable_limits()->set_max_concurrent_requests(16);
  server_.config().mutable_limits()->set_max_requests_per_identity(16);
  server_.Start();
  const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
  std::vector<std::unique_ptr<HeldUpload>> held;
  for (int i = 0; i < 16; ++i) {
    held.push_back(std::make_unique<HeldUpload>(*stub));
    held.back()->SendHeader();
  }
  EXPECT_TRUE(Reaches(R"(bootseal_requests_in_progress{lane="builds"})", 14));
  const std::string text = Scrape(server_);
  EXPECT_EQ(ValueOf(text, R"(bootseal_requests_max{lane="builds"})"), 14);
  EXPECT_EQ(ValueOf(text, R"(bootseal_places_max{of="requests"})"), 16);
}

TEST_F(Metrics, AreNotServedUnlessTheConfigurationAsksForThem) {
  server_.config().clear_metrics();
  server_.Start();
  EXPECT_FALSE(std::ifstream(server_.folder().File("metrics-port")));
  EXPECT_OK(SignOnce("app", "ci"));
}

TEST_F(Metrics, StopTheStartWhenTheirPortIsTaken) {
  server_.Start();
  const int port = MetricsPort(server_);
  ServerFixture second;
  second.config().mutable_metrics()->set_listen(
      absl::StrCat("127.0.0.1:", port));
  EXPECT_EQ(second.StartAndFail(), 1);
  EXPECT_THAT(second.ServerLog(), HasSubstr("reason=METRICS_LISTEN_FAILED"));
  EXPECT_THAT(second.ServerLog(), HasSubstr(absl::StrCat(port)));
}

TEST_F(Metrics, StopTheStartWithAnAddressThatIsNone) {
  server_.config().mutable_metrics()->set_listen("nonsense");
  EXPECT_EQ(server_.StartAndFail(), 1);
  EXPECT_THAT(server_.ServerLog(),
              HasSubstr("metrics.listen: \\\"nonsense\\\" has no port"));
}

}  // namespace
}  // namespace bootseal::tests
