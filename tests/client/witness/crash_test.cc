// A witness that is killed at any moment goes neither back nor astray.
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>

#include "firmware/image/host/cosignature.h"
#include "tests/client/witness/growth.h"
#include "tests/client/witness/running_witness.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

constexpr char kOrigin[] = "bootseal.example/test";
constexpr int kRounds = 12;

// Grows the log at the witness, one entry a request, until it is gone.
class Pusher {
 public:
  Pusher(const TestLog& log, int port, std::uint64_t size)
      : begun_(size), acknowledged_(size), thread_([this, &log, port, size] {
          httplib::Client client("127.0.0.1", port);
          client.set_keep_alive(true);
          for (std::uint64_t next = size + 1;; ++next) {
            const auto result = client.Post(
                "/add-checkpoint", Growth(log, next - 1, next), "text/plain");
            if (!result || result->status != 200) return;
            acknowledged_ = next;
          }
        }) {}
  ~Pusher() { thread_.join(); }

  std::uint64_t acknowledged() const { return acknowledged_; }
  // For at most 20 seconds.
  void AwaitAnswer() const {
    for (int i = 0; i < 20'000 && acknowledged_ == begun_; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

 private:
  const std::uint64_t begun_;
  std::atomic<std::uint64_t> acknowledged_;
  std::thread thread_;
};

TEST(WitnessCrash, KeepsEverythingThatItAnswered) {
  const TestLog log;
  const auto key = *image::host::CosignerKey::Parse(WitnessKeyText());
  RunningWitness witness({log.vkey()});
  std::mt19937 random(4);  // NOLINT: the same moments each time
  std::uniform_int_distribution<int> moment(1, 40);
  std::uint64_t size = 0;
  for (int round = 0; round < kRounds; ++round) {
    witness.Start();
    std::uint64_t acknowledged = 0;
    {
      Pusher pusher(log, witness.port(), size);
      // In every other round not before it answers: else nothing is kept.
      if (round % 2 == 0) pusher.AwaitAnswer();
      std::this_thread::sleep_for(std::chrono::milliseconds(moment(random)));
      witness.Kill();
      acknowledged = pusher.acknowledged();
    }
    witness.Start();
    const std::string note = witness.Latest(kOrigin);
    std::uint64_t kept = 0;
    if (!note.empty()) {
      const auto seen = image::host::OpenCosigned(note, key);
      ASSERT_OK(seen);
      EXPECT_EQ(seen->root, RootOf(seen->size));
      kept = seen->size;
    }
    // What was answered, or one more whose answer was lost.
    EXPECT_GE(kept, acknowledged) << "round " << round;
    EXPECT_LE(kept, acknowledged + 1) << "round " << round;
    witness.Kill();
    size = kept;
  }
  EXPECT_GE(size, std::uint64_t{kRounds} / 2);
}

}  // namespace
}  // namespace bootseal::tests
