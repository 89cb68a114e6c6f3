// What is refused before the first byte is written.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/client/fwu/agent_fixture.h"

namespace bootseal::fwu {
namespace {

TEST_P(AgentOf, RefusesAReleaseBelowTheDevicesCounter) {
  state().counter = 7;
  device_.content.records = MemoryRecords();
  const std::string before = state().flash;
  EXPECT_THAT(Install(Second()),
              StatusIs(Code::kFailedPrecondition, "DOWNGRADE"));
  EXPECT_EQ(state().flash, before);
}

TEST_P(AgentOf, RefusesAReleaseBelowTheRunningReleases) {
  const std::string before = state().flash;
  state().counter = 0;
  const TestRelease older = Release({.minor = 9, .counter = 4});
  EXPECT_THAT(Install(older), StatusIs(Code::kFailedPrecondition, "DOWNGRADE"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesAnotherProduct) {
  const std::string before = state().flash;
  EXPECT_THAT(Install(Release({.product = "toaster", .counter = 9})),
              StatusIs(Code::kFailedPrecondition, "PRODUCT_MISMATCH"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesAnotherNumberOfBanks) {
  const std::string before = state().flash;
  EXPECT_THAT(Install(Release({.counter = 9, .banks = 3})),
              StatusIs(Code::kFailedPrecondition, "RELEASE_GEOMETRY"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesAnotherNumberOfImages) {
  const std::string before = state().flash;
  EXPECT_THAT(Install(Release({.counter = 9, .images = 2})),
              StatusIs(Code::kFailedPrecondition, "RELEASE_GEOMETRY"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesAnImageOfAnotherType) {
  const std::string before = state().flash;
  EXPECT_THAT(Install(Release({.counter = 9, .type = image::guids::kFsbl})),
              StatusIs(Code::kFailedPrecondition, "RELEASE_GEOMETRY"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesAReleaseForTheOtherVersionOfMetadata) {
  const std::string before = state().flash;
  const auto refused =
      Install(MakeRelease({.counter = 9, .metadata_version = 3 - GetParam()}));
  EXPECT_THAT(refused, StatusIs(Code::kFailedPrecondition, "RELEASE_GEOMETRY"));
  EXPECT_THAT(refused, MessageHas("metadata of version"));
  ExpectUntouched(before);
}

// ST's tools write 0 for 1.
TEST_P(AgentOf, TakesAReleaseOfVersion1OnADeviceOfVersion0) {
  if (GetParam() != 1) return;
  auto metadata = device_.MetadataOf(state().flash);
  metadata.version = 0;
  device_.StoreMetadata(metadata);
  ASSERT_OK(Install(Second()));
  EXPECT_EQ(device_.MetadataOf(state().flash).version, 0U);
}

TEST_P(AgentOf, RefusesAReleaseWhoseBanksAreElsewhere) {
  const std::string before = state().flash;
  const auto refused =
      Install(Release({.counter = 9, .last_bank = BankGuid(5, 5)}));
  EXPECT_THAT(refused, StatusIs(Code::kFailedPrecondition, "RELEASE_GEOMETRY"));
  EXPECT_THAT(refused, MessageHas("of bank 1"));
  ExpectUntouched(before);
}

// The image would fit; the next release of this layout might not.
TEST_P(AgentOf, RefusesAReleaseThatIsMadeForLargerBanks) {
  const std::string before = state().flash;
  EXPECT_THAT(Install(Release({.counter = 9, .bank_bytes = 128 << 10})),
              StatusIs(Code::kFailedPrecondition, "BANK_TOO_SMALL"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesAnImageLargerThanTheBank) {
  const std::string before = state().flash;
  EXPECT_THAT(Install(Release({.counter = 9,
                               .image_bytes = (64 << 10) + 1,
                               .bank_bytes = 128 << 10})),
              StatusIs(Code::kFailedPrecondition, "BANK_TOO_SMALL"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesAnImageThatIsNotTheManifestsBeforeItWrites) {
  const std::string before = state().flash;
  TestRelease swapped = Second();
  swapped.images[0][100] ^= 1;
  swapped.bundle = TarOf(swapped);
  EXPECT_THAT(Install(swapped),
              StatusIs(Code::kPermissionDenied, "IMAGE_DIGEST"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesToInstallDuringATrial) {
  OnTrial();
  const TestRelease other = Release({.minor = 3, .counter = 8});
  EXPECT_THAT(Install(other),
              StatusIs(Code::kFailedPrecondition, "UPDATE_STATE"));
}

TEST_P(AgentOf, RefusesToInstallOverAnotherPendingTrial) {
  ASSERT_OK(Install(Second()));
  const TestRelease other = Release({.minor = 3, .counter = 8});
  EXPECT_THAT(Install(other),
              StatusIs(Code::kFailedPrecondition, "UPDATE_STATE"));
}

}  // namespace
}  // namespace bootseal::fwu
