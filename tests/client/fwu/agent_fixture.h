// A regular device of either version of the metadata, and an agent on it.
#ifndef BOOTSEAL_TESTS_CLIENT_FWU_AGENT_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_FWU_AGENT_FIXTURE_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/fwu/agent.h"
#include "tests/client/fwu/simulated_device.h"
#include "tests/support/status_matchers.h"

namespace bootseal::fwu {

using image::fwu::BankState;
using image::fwu::State;
using tests::MessageHas;
using tests::StatusIs;
using Code = absl::StatusCode;

// Bank 0 runs the first release, and every other bank has it too. Instantiated
// once, in agent_test.cc.
class AgentOf : public testing::TestWithParam<std::uint32_t> {
 protected:
  AgentOf() : AgentOf(DeviceOptions{.metadata_version = GetParam()}) {}
  explicit AgentOf(const DeviceOptions& options)
      : device_(options),
        first_(Release({.minor = 1})),
        second_(Release({.minor = 2, .counter = 6})) {
    device_.Know(first_);
    device_.Know(second_);
    for (std::uint8_t bank = 0; bank < options.banks; ++bank) {
      device_.Fill(bank, first_);
    }
    Metadata(0, 1, std::vector(options.banks, BankState::kAccepted));
    state().counter = 5;
  }

  // For this device, but for what is said.
  TestRelease Release(ReleaseOptions options) const {
    options.metadata_version = device_.options().metadata_version;
    if (options.banks == ReleaseOptions().banks) {
      options.banks = device_.options().banks;
    }
    return MakeRelease(options);
  }
  const TestRelease& First() const { return first_; }
  const TestRelease& Second() const { return second_; }

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
  TestRelease first_;
  TestRelease second_;
  std::vector<std::uint64_t> writes_;
};

inline std::string NameOfVersion(
    const testing::TestParamInfo<std::uint32_t>& info) {
  return "Version" + std::to_string(info.param);
}

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_TESTS_CLIENT_FWU_AGENT_FIXTURE_H_
