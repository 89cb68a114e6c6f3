// The jump looks again, whatever went before it.
#include "firmware/second_stage/bank.h"
#include "firmware/second_stage/second_stage.h"
#include "tests/firmware/second_stage/second_stage_case.h"

namespace bootseal::tests {
namespace {

using image::Error;
using testing::HasSubstr;

class PackageJump : public testing::Test {
 protected:
  // As ChooseBank makes it.
  second_stage::Started Genuine() {
    FreshBoard({});
    second_stage::Report report;
    auto started = second_stage::ChooseBank(report);
    EXPECT_TRUE(started.ok());
    return *std::move(started);
  }

  // "started", or what the log says.
  std::string Outcome(image::certificate::VerifiedPackage package) {
    Board().log.clear();
    try {
      second_stage::Jump(std::move(package));
    } catch (...) {
      return Board().journal.back() == Event::kStart ? "started" : Board().log;
    }
  }
};

TEST_F(PackageJump, StartsWhatTheVerifierSealed) {
  EXPECT_EQ(Outcome(Genuine().package), "started");
}

TEST_F(PackageJump, RefusesWhatNoVerifierMade) {
  Genuine();
  EXPECT_THAT(Outcome({}), HasSubstr("refused: control flow disturbed"));
}

TEST_F(PackageJump, RefusesASealWithOneBitChanged) {
  for (std::size_t bit = 0; bit < 64; ++bit) {
    second_stage::Started started = Genuine();
    // The seal and its complement stand in front.
    auto* bytes = reinterpret_cast<unsigned char*>(&started.package);
    bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ 1 << bit % 8);
    EXPECT_THAT(Outcome(started.package),
                HasSubstr("refused: control flow disturbed"))
        << bit;
  }
}

TEST_F(PackageJump, RefusesImagesThatLieElsewhere) {
  const second_stage::Started started = Genuine();
  // The areas move: what was verified is not where the board runs it.
  for (auto& area : Board().areas) {
    area = std::vector<std::uint32_t>(area.size() * 2, 0);
  }
  EXPECT_THAT(Outcome(started.package),
              HasSubstr("refused: control flow disturbed"));
}

// It cannot be undone.
TEST_F(PackageJump, WithoutASealTheCounterStaysAsItIs) {
  second_stage::Started started = Genuine();
  Board().counter = 4;
  started.package = {};
  EXPECT_EQ(second_stage::RaiseCounter(started), Error::kFault);
  EXPECT_EQ(Board().counter, 4u);
}

}  // namespace
}  // namespace bootseal::tests
