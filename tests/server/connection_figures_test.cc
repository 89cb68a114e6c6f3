// What a real server shows of the connections to its port.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/connection_figures.h"
#include "tests/server/raw_connection.h"
#include "tests/server/scrape.h"
#include "tests/support/server_fixture.h"

namespace bootseal::tests {
namespace {

constexpr char kOpen[] = "bootseal_connections_open";
constexpr char kLimit[] = "bootseal_connections_limit";

std::string Refused(const std::string& reason) {
  return absl::StrCat("bootseal_connections_refused_total{reason=\"", reason,
                      "\"}");
}

class ConnectionsShown : public testing::Test {
 protected:
  ConnectionsShown() {
    AddMetrics(server_);
    server_.config().mutable_limits()->set_max_concurrent_requests(2);
    server_.config().mutable_limits()->set_max_requests_per_identity(1);
    server_.Start();
    limit_ = static_cast<int>(ValueOf(Scrape(server_), kLimit));
  }

  void Open(const char* from, int count) {
    for (int i = 0; i < count; ++i) {
      held_.push_back(std::make_unique<RawConnection>(Port(), from));
      ASSERT_TRUE(held_.back()->connected());
    }
  }
  int Port() const {
    return std::stoi(server_.address().substr(server_.address().find(':') + 1));
  }

  ServerFixture server_;
  int limit_ = 0;
  std::vector<std::unique_ptr<RawConnection>> held_;
};

TEST_F(ConnectionsShown, BeginWithAZeroForEachReason) {
  const std::string text = Scrape(server_);
  for (const char* reason : server::kConnectionRefusals) {
    EXPECT_EQ(ValueOf(text, Refused(reason)), 0) << reason;
  }
}

TEST_F(ConnectionsShown, FollowThoseThatAreOpenAndThoseThatAreClosed) {
  // Two requests are 36 calls.
  EXPECT_EQ(limit_, 72);
  EXPECT_EQ(ValueOf(Scrape(server_), kOpen), 0);
  Open("127.0.0.2", 10);
  EXPECT_TRUE(Reaches(server_, kOpen, 10));
  held_.resize(3);
  EXPECT_TRUE(Reaches(server_, kOpen, 3));
  held_.clear();
  EXPECT_TRUE(Reaches(server_, kOpen, 0));
  EXPECT_EQ(ValueOf(Scrape(server_), Refused("address")), 0);
}

TEST_F(ConnectionsShown, TellTheShareOfAnAddressFromTheWhole) {
  Open("127.0.0.2", limit_ / 2 + 5);
  EXPECT_TRUE(Reaches(server_, Refused("address"), 5));
  EXPECT_EQ(ValueOf(Scrape(server_), Refused("all")), 0);
  Open("127.0.0.3", limit_ / 2);
  Open("127.0.0.4", 4);
  EXPECT_TRUE(Reaches(server_, Refused("all"), 4));
  const std::string text = Scrape(server_);
  EXPECT_EQ(ValueOf(text, kOpen), limit_);
  EXPECT_EQ(ValueOf(text, Refused("address")), 5);
  EXPECT_EQ(ValueOf(text, Refused("system")), 0);
}

TEST_F(ConnectionsShown, CountWhatTheSystemHasNoRoomFor) {
  const pid_t server = server_.process().pid();
  rlimit whole{};
  ASSERT_EQ(prlimit(server, RLIMIT_NOFILE, nullptr, &whole), 0);
  rlimit none = whole;
  none.rlim_cur = 4;
  ASSERT_EQ(prlimit(server, RLIMIT_NOFILE, &none, nullptr), 0);
  Open("127.0.0.2", 1);
  EXPECT_TRUE(server_.WaitForLog("Too many open files"));
  ASSERT_EQ(prlimit(server, RLIMIT_NOFILE, &whole, nullptr), 0);
  EXPECT_TRUE(Reaches(server_, kOpen, 1));
  EXPECT_GE(ValueOf(Scrape(server_), Refused("system")), 1);
}

}  // namespace
}  // namespace bootseal::tests
