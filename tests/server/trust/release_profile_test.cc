// The profile of a target that makes releases.
#include <gtest/gtest.h>

#include "server/trust/target_profile.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_release.h"

namespace bootseal::trust {
namespace {

using tests::MessageHas;
using tests::StatusIs;

v1::Profile OfBoard() {
  v1::Profile profile;
  profile.mutable_target()->set_name("board/release");
  profile.mutable_target()->set_key("app");
  *profile.mutable_target()->mutable_release() = tests::TestReleaseFormat();
  profile.set_algorithm(v1::P256);
  profile.set_public_key(
      tests::SharedKey(image::Algorithm::kP256).public_key());
  return profile;
}

TEST(ReleaseProfile, IsMadeOfAReleaseTarget) {
  const auto made = TargetProfile::Make(OfBoard());
  ASSERT_OK(made);
  EXPECT_EQ(made->proto().target().name(), "board/release");
  EXPECT_EQ(made->key_hash().size(), 32u);
}

TEST(ReleaseProfile, IsNoneOfAnImageAndSaysWhatToUse) {
  v1::Profile profile = OfBoard();
  EXPECT_THAT(McubootProfile::Make(profile), MessageHas("bootseal fwu check"));
  *profile.mutable_target() = tests::ExamplePolicy().targets(0);
  EXPECT_THAT(ReleaseProfile::Make(profile), MessageHas("bootseal sign"));
}

TEST(ReleaseProfile, IsNoneOfACapsuleWithoutACertificate) {
  v1::Profile profile = OfBoard();
  profile.mutable_target()->mutable_capsule();
  EXPECT_THAT(TargetProfile::Make(profile),
              StatusIs(absl::StatusCode::kInvalidArgument, "PROFILE_INVALID"));
}

}  // namespace
}  // namespace bootseal::trust
