#include "client/fwu/agent.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/client/fwu/simulated_device.h"
#include "tests/support/status_matchers.h"

namespace bootseal::fwu {
namespace {

using image::fwu::BankState;
using image::fwu::State;
using tests::MessageHas;
using tests::StatusIs;
using Code = absl::StatusCode;

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

const TestRelease& First() {
  static const auto* release = new TestRelease(MakeRelease({.minor = 1}));
  return *release;
}
const TestRelease& Second() {
  static const auto* release =
      new TestRelease(MakeRelease({.minor = 2, .counter = 6}));
  return *release;
}

// A regular device: bank 0 runs the first release, and bank 1 has it too.
class AgentOf : public testing::TestWithParam<std::uint32_t> {
 protected:
  AgentOf() : AgentOf(DeviceOptions{.metadata_version = GetParam()}) {}
  explicit AgentOf(const DeviceOptions& options) : device_(options) {
    device_.Know(First());
    device_.Know(Second());
    device_.Fill(0, First());
    device_.Fill(1, First());
    Metadata(0, 1, std::vector(options.banks, BankState::kAccepted));
    state().counter = 5;
  }

  void Metadata(std::uint32_t active, std::uint32_t previous,
                std::vector<BankState> states) {
    device_.StoreMetadata(
        MakeMetadata(device_.options(), active, previous, std::move(states)));
  }
  void OnTrial() {
    device_.Fill(1, Second());
    Metadata(1, 0, {BankState::kAccepted, BankState::kValid});
    state().boot = {1, 2, true};
  }

  DeviceContent& state() { return device_.content; }

  template <typename Command>
  absl::StatusOr<Outcome> Do(Command command) {
    SimulatedFlash flash(state().flash, device_.options().unit,
                         device_.medium());
    flash.OnWrite(
        [this](const UnitWrite& write) { writes_.push_back(write.offset); });
    auto agent = device_.OpenAgent(flash, state());
    if (!agent.ok()) return agent.status();
    auto outcome = command(*agent);
    state().flash = flash.bytes();
    return outcome;
  }
  absl::StatusOr<Outcome> Install(const TestRelease& release) {
    Bundle bundle = OpenTestBundle(release);
    return Do([&](Agent& agent) { return agent.Install(bundle, nullptr); });
  }
  absl::StatusOr<Outcome> Accept() {
    return Do([](Agent& agent) { return agent.Accept(); });
  }
  absl::StatusOr<Outcome> Reject() {
    return Do([](Agent& agent) { return agent.Reject(); });
  }
  absl::StatusOr<Outcome> Check() {
    return Do([](Agent& agent) { return agent.Check(); });
  }
  absl::StatusOr<Outcome> Rollback(std::optional<std::uint8_t> bank = {}) {
    return Do([bank](Agent& agent) { return agent.Rollback(bank); });
  }
  void Reset() {
    const auto selection = device_.Boot(state());
    ASSERT_TRUE(selection.has_value());
    state().boot = selection->next;
  }

  // Nothing is written and the device starts what it started.
  void ExpectUntouched(const std::string& before) {
    EXPECT_EQ(state().flash, before);
    EXPECT_TRUE(writes_.empty());
    EXPECT_EQ(device_.Boot(state())->bank, 0);
  }

  SimulatedDevice device_;
  std::vector<std::uint64_t> writes_;
};

TEST_P(AgentOf, InstallsTriesAndAccepts) {
  const auto installed = Install(Second());
  ASSERT_OK(installed);
  EXPECT_EQ(installed->state, State::kTrialPending);
  EXPECT_TRUE(installed->reset_needed);
  Reset();
  EXPECT_EQ(state().boot.bank, 1);
  ASSERT_OK(Check());
  const auto accepted = Accept();
  ASSERT_OK(accepted);
  EXPECT_EQ(accepted->state, State::kRegular);
  Reset();
  EXPECT_EQ(state().boot.bank, 1);
  EXPECT_EQ(device_.MetadataOf(state().flash).version, GetParam());
}

TEST_P(AgentOf, NeverWritesTheRunningBank) {
  ASSERT_OK(Install(Second()));
  const Range& running = device_.placement().images[0].range;
  for (const std::uint64_t offset : writes_) {
    EXPECT_FALSE(offset >= running.offset &&
                 offset < running.offset + running.size);
  }
  EXPECT_GT(writes_.size(), 128U);
}

TEST_P(AgentOf, InstallsTheSameReleaseOnce) {
  ASSERT_OK(Install(Second()));
  writes_.clear();
  const auto again = Install(Second());
  ASSERT_OK(again);
  EXPECT_TRUE(again->reset_needed);
  EXPECT_TRUE(writes_.empty());
}

TEST_P(AgentOf, WritesTheSecondaryFirstAndThePrimaryLast) {
  OnTrial();
  ASSERT_OK(Accept());
  EXPECT_EQ(writes_, (std::vector<std::uint64_t>{
                         device_.placement().metadata[1].offset,
                         device_.placement().metadata[0].offset}));
}

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
  const TestRelease older = MakeRelease({.minor = 9, .counter = 4});
  EXPECT_THAT(Install(older), StatusIs(Code::kFailedPrecondition, "DOWNGRADE"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesAnotherProduct) {
  const std::string before = state().flash;
  EXPECT_THAT(Install(MakeRelease({.product = "toaster", .counter = 9})),
              StatusIs(Code::kFailedPrecondition, "PRODUCT_MISMATCH"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesAnotherNumberOfBanks) {
  const std::string before = state().flash;
  EXPECT_THAT(Install(MakeRelease({.counter = 9, .banks = 3})),
              StatusIs(Code::kFailedPrecondition, "RELEASE_GEOMETRY"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesAnotherNumberOfImages) {
  const std::string before = state().flash;
  EXPECT_THAT(Install(MakeRelease({.counter = 9, .images = 2})),
              StatusIs(Code::kFailedPrecondition, "RELEASE_GEOMETRY"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesAnImageOfAnotherType) {
  const std::string before = state().flash;
  EXPECT_THAT(Install(MakeRelease({.counter = 9, .type = image::guids::kFsbl})),
              StatusIs(Code::kFailedPrecondition, "RELEASE_GEOMETRY"));
  ExpectUntouched(before);
}

TEST_P(AgentOf, RefusesAnImageLargerThanTheBank) {
  const std::string before = state().flash;
  EXPECT_THAT(Install(MakeRelease({.counter = 9,
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
  const TestRelease other = MakeRelease({.minor = 3, .counter = 8});
  EXPECT_THAT(Install(other),
              StatusIs(Code::kFailedPrecondition, "UPDATE_STATE"));
}

TEST_P(AgentOf, RefusesToInstallOverAnotherPendingTrial) {
  ASSERT_OK(Install(Second()));
  const TestRelease other = MakeRelease({.minor = 3, .counter = 8});
  EXPECT_THAT(Install(other),
              StatusIs(Code::kFailedPrecondition, "UPDATE_STATE"));
}

TEST_P(AgentOf, DoesNotTryABankThatReadsBackDifferently) {
  SimulatedFlash flash(state().flash, 512, device_.medium());
  flash.CorruptReadsAt(device_.placement().images[1].range.offset + 4711);
  auto agent = device_.OpenAgent(flash, state());
  ASSERT_OK(agent);
  Bundle bundle = OpenTestBundle(Second());
  EXPECT_THAT(agent->Install(bundle, nullptr),
              StatusIs(Code::kUnavailable, "STORAGE_READBACK"));
  state().flash = flash.bytes();
  EXPECT_EQ(device_.MetadataOf(state().flash).active, 0U);
  EXPECT_EQ(device_.Boot(state())->bank, 0);
}

TEST_P(AgentOf, KeepsWhatItStartedWhenTheDeviceIsFull) {
  SimulatedFlash flash(state().flash, 512, device_.medium());
  flash.FailAfter(20, 7);
  auto agent = device_.OpenAgent(flash, state());
  ASSERT_OK(agent);
  Bundle bundle = OpenTestBundle(Second());
  EXPECT_THAT(agent->Install(bundle, nullptr),
              StatusIs(Code::kUnavailable, "STORAGE_WRITE"));
  state().flash = flash.bytes();
  EXPECT_EQ(device_.Boot(state())->bank, 0);
  ASSERT_OK(Install(Second()));
}

TEST_P(AgentOf, DoesNotAcceptWhatDoesNotRunYet) {
  ASSERT_OK(Install(Second()));
  EXPECT_THAT(Accept(), StatusIs(Code::kFailedPrecondition, "RESET_PENDING"));
}

TEST_P(AgentOf, DoesNotAcceptAfterAFallback) {
  OnTrial();
  state().boot = {0, 0, true};
  EXPECT_THAT(Accept(), StatusIs(Code::kFailedPrecondition, "FELL_BACK"));
}

TEST_P(AgentOf, AcceptsWhatIsAcceptedWithoutAWrite) {
  ASSERT_OK(Accept());
  EXPECT_TRUE(writes_.empty());
}

TEST_P(AgentOf, RejectsATrialThatRuns) {
  OnTrial();
  const auto rejected = Reject();
  ASSERT_OK(rejected);
  EXPECT_TRUE(rejected->reset_needed);
  EXPECT_EQ(rejected->state, State::kReturnPending);
  Reset();
  EXPECT_EQ(state().boot.bank, 0);
  ASSERT_OK(Check());
}

TEST_P(AgentOf, RejectsATrialThatWasNotStarted) {
  ASSERT_OK(Install(Second()));
  const auto rejected = Reject();
  ASSERT_OK(rejected);
  EXPECT_FALSE(rejected->reset_needed);
  Reset();
  EXPECT_EQ(state().boot.bank, 0);
}

TEST_P(AgentOf, HasNothingToRejectWhenNothingIsOnTrial) {
  EXPECT_THAT(Reject(), StatusIs(Code::kFailedPrecondition, "UPDATE_STATE"));
}

TEST_P(AgentOf, DoesNotReturnToABankBelowTheDevicesCounter) {
  OnTrial();
  state().counter = 6;
  EXPECT_THAT(Reject(), StatusIs(Code::kFailedPrecondition, "BANK_DOWNGRADE"));
}

TEST_P(AgentOf, RollsBackToABankOfTheSameCounter) {
  const auto back = Rollback();
  ASSERT_OK(back);
  EXPECT_TRUE(back->reset_needed);
  Reset();
  EXPECT_EQ(state().boot.bank, 1);
  // Said by number, it is done already.
  writes_.clear();
  ASSERT_OK(Rollback(1));
  EXPECT_TRUE(writes_.empty());
}

TEST_P(AgentOf, RefusesToRollBackBelowTheRunningRelease) {
  ASSERT_OK(Install(Second()));
  Reset();
  ASSERT_OK(Accept());
  EXPECT_THAT(Rollback(),
              StatusIs(Code::kFailedPrecondition, "BANK_DOWNGRADE"));
}

TEST_P(AgentOf, RefusesToRollBackBelowTheDevicesCounter) {
  state().counter = 6;
  EXPECT_THAT(Rollback(),
              StatusIs(Code::kFailedPrecondition, "BANK_DOWNGRADE"));
}

TEST_P(AgentOf, RefusesToRollBackToWhatNobodyVouchesFor) {
  ASSERT_OK(state().records.Remove(1));
  EXPECT_THAT(Rollback(),
              StatusIs(Code::kFailedPrecondition, "BANK_RELEASE_UNKNOWN"));
}

TEST_P(AgentOf, RefusesToRollBackToADamagedBank) {
  state().flash[device_.placement().images[1].range.offset + 9] ^= 1;
  EXPECT_THAT(Rollback(), StatusIs(Code::kFailedPrecondition, "BANK_CONTENT"));
}

TEST_P(AgentOf, RefusesToRollBackToABankThatDoesNotExist) {
  EXPECT_THAT(Rollback(3), StatusIs(Code::kFailedPrecondition, "NO_BANK"));
}

TEST_P(AgentOf, RefusesToRollBackToABankThatIsNotAccepted) {
  Metadata(0, 1, {BankState::kAccepted, BankState::kValid});
  EXPECT_THAT(Rollback(), StatusIs(Code::kFailedPrecondition, "NO_BANK"));
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

TEST_P(AgentOf, TellsAFallbackAndMendsIt) {
  OnTrial();
  state().boot = {0, 0, true};
  const auto fell = Check();
  ASSERT_OK(fell);
  EXPECT_TRUE(fell->fell_back);
  EXPECT_EQ(fell->state, State::kRegular);
  EXPECT_EQ(fell->bank, 0);
  const auto after = Check();
  ASSERT_OK(after);
  EXPECT_FALSE(after->fell_back);
}

TEST_P(AgentOf, InstallsAfterAFallback) {
  OnTrial();
  state().boot = {0, 0, true};
  const TestRelease third = MakeRelease({.minor = 3, .counter = 7});
  device_.Know(third);
  ASSERT_OK(Install(third));
  state().boot.trials = 3;
  Reset();
  EXPECT_EQ(state().boot.bank, 1);
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

INSTANTIATE_TEST_SUITE_P(Metadata, AgentOf, testing::Values(1u, 2u),
                         [](const auto& each) {
                           return "Version" + std::to_string(each.param);
                         });

class AgentOfThreeBanks : public AgentOf {
 protected:
  AgentOfThreeBanks() : AgentOf(Options()) {}
  static DeviceOptions Options() {
    return {.metadata_version = GetParam(), .banks = 3};
  }
};

TEST_P(AgentOfThreeBanks, TakesTheBankThatNeitherRunsNorIsActive) {
  TestRelease release = MakeRelease({.minor = 2, .counter = 6, .banks = 3});
  device_.Know(release);
  ASSERT_OK(Install(release));
  EXPECT_EQ(device_.MetadataOf(state().flash).active, 1U);
  Reset();
  ASSERT_OK(Accept());
  TestRelease next = MakeRelease({.minor = 3, .counter = 7, .banks = 3});
  ASSERT_OK(Install(next));
  EXPECT_NE(device_.MetadataOf(state().flash).active, 1U);
}

INSTANTIATE_TEST_SUITE_P(Metadata, AgentOfThreeBanks, testing::Values(1u, 2u),
                         [](const auto& each) {
                           return "Version" + std::to_string(each.param);
                         });

}  // namespace
}  // namespace bootseal::fwu
