// bootseald, killed at every call that changes or syncs its log, from its start
// over releases to its end. Every release that a client has is in the log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/note.h"
#include "tests/server/audit/log_check.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

constexpr int kTooMany = 500;

// For processes that are started while it exists.
class KilledAt {
 public:
  KilledAt(const std::string& folder, int call) {
    setenv("LD_PRELOAD", KILL_AT_MODULE, 1);
    setenv("KILL_FOLDER", folder.c_str(), 1);
    setenv("KILL_AT", absl::StrCat(call).c_str(), 1);
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0", 1);
  }
  ~KilledAt() {
    for (const char* name :
         {"LD_PRELOAD", "KILL_FOLDER", "KILL_AT", "ASAN_OPTIONS"}) {
      unsetenv(name);
    }
  }
  KilledAt(const KilledAt&) = delete;
  KilledAt& operator=(const KilledAt&) = delete;
};

// What the receipt of a release says is in the log, and where.
void Keep(const v1::SignReply& reply, Receipted& receipted) {
  const auto proof = image::transparency::ParseProofFile(reply.receipt());
  ASSERT_TRUE(proof.ok());
  std::vector<std::byte> buffer(proof->extra.size());
  const auto bytes = image::transparency::DecodeBase64(proof->extra, buffer);
  ASSERT_TRUE(bytes.ok());
  receipted[proof->index] = image::host::ToString(*bytes);
}

class ServerKillTest : public testing::Test {
 protected:
  ServerKillTest() {
    const std::string folder = server_.folder().File("log");
    std::filesystem::create_directory(folder);
    folder_ = std::filesystem::canonical(folder);
    server_.config().mutable_log()->mutable_sqlite()->set_path(path());
  }
  std::string path() const { return folder_ + "/log.sqlite"; }

  // Releases until the server is gone; false when it was not killed.
  bool LiveUntilKilledAt(int call, Receipted& receipted) {
    {
      const KilledAt killed(folder_, call);
      if (!server_.StartUnlessItEnds()) return true;
    }
    const std::string payload = TestPayload(3000);
    const auto channel = server_.Channel("ci");
    for (int i = 0; i < 2; ++i) {
      v1::SignHeader header = HeaderFor(payload);
      header.set_request_id(absl::StrCat("call-", call, "-", i));
      const auto reply = Sign(channel, header, payload);
      if (reply.ok()) Keep(*reply, receipted);
    }
    server_.process().Signal(SIGTERM);
    return server_.process().Wait(std::chrono::seconds(30)) == 128 + SIGKILL;
  }

  ServerFixture server_;
  std::string folder_;
};

TEST_F(ServerKillTest, NoReleaseThatAClientHasIsLost) {
  Receipted receipted;
  for (int call = 1; call < kTooMany; ++call) {
    SCOPED_TRACE(absl::StrCat("killed at call ", call));
    const bool killed = LiveUntilKilledAt(call, receipted);
    EXPECT_THAT(ProblemsOfLog(path(), receipted), testing::IsEmpty());
    if (HasFailure()) return;
    if (killed) continue;
    EXPECT_GT(call, 20);
    EXPECT_GT(receipted.size(), 10u);
    return;
  }
  ADD_FAILURE() << "it was killed at every of " << kTooMany << " calls";
}

}  // namespace
}  // namespace bootseal::tests
