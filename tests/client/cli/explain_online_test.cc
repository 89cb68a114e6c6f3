// bootseal explain with a server that knows more targets than the one asked
// about.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hsm/algorithm.h"
#include "tests/client/cli/online_fixture.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class ExplainOnlineTest : public OnlineTest {
 protected:
  ExplainOnlineTest() {
    server_.AddKey("other", hsm::Algorithm::kP256);
    server_.AddTarget("twin", "other");
    server_.Start();
    const Outcome signed_image = Sign("ci");
    EXPECT_EQ(signed_image.exit_code, 0) << signed_image.err;
  }
};

TEST_F(ExplainOnlineTest, NamesTheTargetWhoseKeyItIs) {
  const Outcome outcome =
      Bootseal("ci", {"explain", "--target", "twin", File("app.signed.bin")});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("KEY_OF_OTHER_TARGET"));
  EXPECT_THAT(outcome.out, HasSubstr("signed with the key of target app"));
}

TEST_F(ExplainOnlineTest, NamesNoneForTheRightTarget) {
  const Outcome outcome =
      Bootseal("ci", {"explain", "--target", "app", File("app.signed.bin")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, Not(HasSubstr("KEY_OF_OTHER_TARGET")));
}

}  // namespace
}  // namespace bootseal::tests
