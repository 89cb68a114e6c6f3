// The copies of the metadata, and what is known of each bank.
#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <vector>

#include "tests/client/fwu/agent_fixture.h"

namespace bootseal::fwu {
namespace {

// What writes a bank takes a bundle, and a bundle is made of a verified release
// and of nothing else.
static_assert(!std::is_default_constructible_v<Bundle>);
static_assert(!std::is_default_constructible_v<image::host::VerifiedRelease>);
static_assert(
    !std::is_constructible_v<Bundle, std::unique_ptr<ByteSource>, BundleHead,
                             image::host::ReleaseManifest>);
static_assert(std::is_invocable_v<decltype(&Agent::Install), Agent&, Bundle&,
                                  const Progress&>);
static_assert(
    !std::is_invocable_v<decltype(&Agent::Install), Agent&,
                         const image::host::ReleaseManifest&, const Progress&>);

TEST_P(AgentOf, WritesTheSecondaryFirstAndThePrimaryLast) {
  OnTrial();
  ASSERT_OK(Accept());
  EXPECT_EQ(writes_, (std::vector<std::uint64_t>{
                         device_.placement().metadata[1].offset,
                         device_.placement().metadata[0].offset}));
}

TEST_P(AgentOf, RepairsEitherReplica) {
  for (const Range& range : device_.placement().metadata) {
    state().flash[range.offset + 8] ^= 1;
    ASSERT_OK(Do([](Agent& agent) { return agent.Repair(); }));
    EXPECT_TRUE(device_.ReplicasEqual(state().flash));
  }
}

TEST_P(AgentOf, LetsTheValidPrimaryWin) {
  SimulatedDevice other(device_.options());
  other.StoreMetadata(MakeMetadata(device_.options(), 1, 0,
                                   {BankState::kAccepted, BankState::kValid}));
  const Range& secondary = device_.placement().metadata[1];
  state().flash.replace(secondary.offset, secondary.size, other.content.flash,
                        secondary.offset, secondary.size);
  ASSERT_OK(Do([](Agent& agent) { return agent.Repair(); }));
  EXPECT_EQ(device_.MetadataOf(state().flash).active, 0U);
  EXPECT_TRUE(device_.ReplicasEqual(state().flash));
}

TEST_P(AgentOf, RefusesEverythingWhenBothReplicasAreDamaged) {
  for (const Range& range : device_.placement().metadata) {
    state().flash[range.offset + 8] ^= 1;
  }
  const std::string before = state().flash;
  const auto repaired = Do([](Agent& agent) { return agent.Repair(); });
  EXPECT_THAT(repaired,
              StatusIs(Code::kFailedPrecondition, "REPLICAS_DAMAGED"));
  EXPECT_THAT(Install(Second()),
              StatusIs(Code::kFailedPrecondition, "REPLICAS_DAMAGED"));
  EXPECT_EQ(state().flash, before);
}

TEST_P(AgentOf, RefusesABootRegisterThatNamesNoBank) {
  state().boot.bank = 2;
  EXPECT_THAT(Check(),
              StatusIs(Code::kFailedPrecondition, "BOOT_BANK_UNKNOWN"));
}

TEST_P(AgentOf, ExaminesWithoutAWrite) {
  state().flash[device_.placement().metadata[1].offset + 8] ^= 1;
  state().flash[device_.placement().images[1].range.offset] ^= 1;
  SimulatedFlash flash(state().flash, 512, device_.medium());
  auto agent = device_.OpenAgent(flash, state());
  ASSERT_OK(agent);
  const auto condition = agent->Examine();
  ASSERT_OK(condition);
  EXPECT_EQ(condition->state, State::kRegular);
  EXPECT_EQ(condition->stored.other, image::Error::kMetadataCrc);
  EXPECT_EQ(condition->banks[0].content, Content::kVerified);
  EXPECT_EQ(condition->banks[1].content, Content::kDamaged);
  EXPECT_EQ(flash.bytes(), state().flash);
}

TEST_P(AgentOf, RecordsTheReleaseThatTheFactoryLeft) {
  state().records = MemoryRecords();
  Bundle bundle = OpenTestBundle(First());
  ASSERT_OK(Do([&](Agent& agent) { return agent.Record(bundle); }));
  EXPECT_TRUE(writes_.empty());
  Bundle other = OpenTestBundle(Second());
  EXPECT_THAT(Do([&](Agent& agent) { return agent.Record(other); }),
              StatusIs(Code::kFailedPrecondition, "BANK_CONTENT"));
}

INSTANTIATE_TEST_SUITE_P(Metadata, AgentOf, testing::Values(1u, 2u),
                         NameOfVersion);

}  // namespace
}  // namespace bootseal::fwu
