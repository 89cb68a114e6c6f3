// The power goes at every point of every write of every command. Afterwards the
// bootloader's rules still find a complete bank, and the same command finishes
// what it began.
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/fwu/gpt_storage.h"
#include "tests/client/fwu/power_cut.h"
#include "tests/client/fwu/simulated_device.h"
#include "tests/support/status_matchers.h"

namespace bootseal::fwu {
namespace {

using image::fwu::BankState;
using image::fwu::State;

// Of each version of the metadata.
struct Pair {
  TestRelease running;
  TestRelease next;
};

const Pair& Releases(std::uint32_t version) {
  const auto make = [](std::uint32_t made_for) {
    return Pair{
        MakeRelease({.minor = 1, .metadata_version = made_for}),
        MakeRelease({.minor = 2, .counter = 6, .metadata_version = made_for})};
  };
  static const auto* pairs = new std::vector<Pair>{make(1), make(2)};
  return (*pairs)[version - 1];
}
const TestRelease& Running(const SimulatedDevice& device) {
  return Releases(device.options().metadata_version).running;
}
const TestRelease& Next(const SimulatedDevice& device) {
  return Releases(device.options().metadata_version).next;
}

absl::Status WithAgent(SimulatedFlash& flash, const SimulatedDevice& device,
                       DeviceContent& state,
                       const std::function<absl::Status(Agent&)>& command) {
  ASSIGN_OR_RETURN(Agent agent, device.OpenAgent(flash, state));
  return command(agent);
}

absl::Status RunInstall(SimulatedFlash& flash, const SimulatedDevice& device,
                        DeviceContent& state) {
  Bundle bundle = OpenTestBundle(Next(device));
  return WithAgent(flash, device, state, [&bundle](Agent& agent) {
    return agent.Install(bundle, nullptr).status();
  });
}

absl::Status RunRepair(SimulatedFlash& flash, const SimulatedDevice& device,
                       DeviceContent& state) {
  if (device.options().kind == Kind::kGpt) RETURN_IF_ERROR(RepairGpt(flash));
  return WithAgent(flash, device, state,
                   [](Agent& agent) { return agent.Repair().status(); });
}

void TwoAccepted(SimulatedDevice& device) {
  device.Fill(0, Running(device));
  device.Fill(1, Running(device));
  device.StoreMetadata(MakeMetadata(
      device.options(), 0, 1, {BankState::kAccepted, BankState::kAccepted}));
}

void OnTrial(SimulatedDevice& device) {
  device.Fill(0, Running(device));
  device.Fill(1, Next(device));
  device.StoreMetadata(MakeMetadata(device.options(), 1, 0,
                                    {BankState::kAccepted, BankState::kValid}));
  device.content.boot = {1, 2, true};
}

// Bank 1 was tried until no trial was left.
void FallenBack(SimulatedDevice& device) {
  OnTrial(device);
  device.content.boot = {0, 0, true};
}

// Bank 1 has what the counter does not let start any more.
void OneBelow(SimulatedDevice& device) {
  device.Fill(0, Next(device));
  device.Fill(1, Running(device));
  device.StoreMetadata(MakeMetadata(
      device.options(), 0, 1, {BankState::kAccepted, BankState::kAccepted}));
  device.content.counter = 6;
}

bool Retired(const SimulatedDevice& device, const DeviceContent& state) {
  const auto metadata = device.MetadataOf(state.flash);
  return metadata.active == 0 && !metadata.images[0].banks[1].accepted;
}

// As the factory leaves it, with nothing in the other bank.
void OneAccepted(SimulatedDevice& device) {
  device.Fill(0, Running(device));
  device.StoreMetadata(MakeMetadata(
      device.options(), 0, 1, {BankState::kAccepted, BankState::kInvalid}));
}

Goal Active(std::uint32_t bank, bool accepted) {
  return [=](const SimulatedDevice& device, const DeviceContent& state) {
    const auto metadata = device.MetadataOf(state.flash);
    return metadata.active == bank &&
           metadata.images[0].banks[bank].accepted == accepted;
  };
}

bool Installed(const SimulatedDevice& device, const DeviceContent& state) {
  const auto metadata = device.MetadataOf(state.flash);
  const auto bank = static_cast<std::uint8_t>(metadata.active);
  return metadata.images[0].banks[bank].accepted == false &&
         device.BankHas(state.flash, bank, Next(device));
}

bool Repaired(const SimulatedDevice& device, const DeviceContent& state) {
  SimulatedFlash flash(state.flash, device.options().unit, device.medium());
  return device.options().kind == Kind::kRaw ||
         InspectGpt(flash) == GptHealth();
}

template <typename T>
std::function<absl::Status(SimulatedFlash&, const SimulatedDevice&,
                           DeviceContent&)>
Command(T command) {
  return [command](SimulatedFlash& flash, const SimulatedDevice& device,
                   DeviceContent& state) {
    return WithAgent(flash, device, state, [command](Agent& agent) {
      return command(agent).status();
    });
  };
}

void Damage(SimulatedDevice& device, std::uint64_t offset) {
  device.content.flash[offset] = static_cast<char>(
      static_cast<unsigned char>(device.content.flash[offset]) ^ 0x5a);
}

std::function<void(SimulatedDevice&)> DamagedReplica(std::size_t replica) {
  return [replica](SimulatedDevice& device) {
    TwoAccepted(device);
    Damage(device, device.placement().metadata[replica].offset + 8);
  };
}

// The header, or an entry, of either table.
std::function<void(SimulatedDevice&)> DamagedTable(bool primary,
                                                   std::uint64_t byte) {
  return [=](SimulatedDevice& device) {
    TwoAccepted(device);
    if (device.options().kind == Kind::kRaw) return;
    Damage(device, primary ? byte : device.content.flash.size() - byte);
  };
}

// All over the primary table, in each of its sectors.
void SpoiltTable(SimulatedDevice& device) {
  TwoAccepted(device);
  if (device.options().kind == Kind::kRaw) return;
  for (std::uint64_t at = 512; at < 34 * 512; at += 8) Damage(device, at);
}

std::vector<Case> Cases() {
  return {
      {"install", TwoAccepted, RunInstall, Installed},
      {"install the first", OneAccepted, RunInstall, Installed},
      {"accept", OnTrial, Command([](Agent& a) { return a.Accept(); }),
       Active(1, true), false},
      {"reject", OnTrial, Command([](Agent& a) { return a.Reject(); }),
       Active(0, true), false},
      {"rollback", TwoAccepted, Command([](Agent& a) { return a.Rollback(1); }),
       Active(1, true)},
      {"check", FallenBack, Command([](Agent& a) { return a.Check(); }),
       Active(0, true)},
      {"check a low bank", OneBelow,
       Command([](Agent& a) { return a.Check(); }), Retired},
      {"repair metadata1", DamagedReplica(0), RunRepair, Active(0, true)},
      {"repair metadata2", DamagedReplica(1), RunRepair, Active(0, true)},
      {"repair GPT", DamagedTable(true, 512 + 30), RunRepair, Repaired},
      {"repair spoilt GPT", SpoiltTable, RunRepair, Repaired},
      {"repair GPT entries", DamagedTable(true, 1024 + 40), RunRepair,
       Repaired},
      {"repair backup GPT", DamagedTable(false, 512 - 30), RunRepair, Repaired},
  };
}

// `record` and `status` write nothing of the device: there is no point to cut.
TEST(NoPowerCut, CanComeBetweenAWriteOfRecordOrStatus) {
  SimulatedDevice device(DeviceOptions{});
  TwoAccepted(device);
  SimulatedFlash flash(device.content.flash, 512, device.medium());
  int writes = 0;
  flash.OnWrite([&](const UnitWrite&) { ++writes; });
  auto agent = device.OpenAgent(flash, device.content);
  ASSERT_OK(agent);
  Bundle bundle = OpenTestBundle(Running(device));
  ASSERT_OK(agent->Record(bundle));
  ASSERT_OK(agent->Examine());
  EXPECT_EQ(writes, 0);
}

class EveryPowerCut
    : public testing::TestWithParam<std::tuple<Kind, std::uint32_t>> {};

TEST_P(EveryPowerCut, LeavesABankToStartAndACommandToFinish) {
  const auto [kind, version] = GetParam();
  std::uint64_t points = 0;
  std::uint64_t states = 0;
  std::uint64_t failures = 0;
  for (const Case& tested : Cases()) {
    SimulatedDevice device({.kind = kind,
                            .metadata_version = version,
                            .unit = kind == Kind::kGpt ? 512u : 1024u});
    device.Know(Running(device));
    device.Know(Next(device));
    tested.prepare(device);
    PowerCut cut(device, tested);
    cut.TryAll();
    EXPECT_EQ(cut.failures, 0U) << tested.name;
    failures += cut.failures;
    std::printf("%-20s %8llu cut points, %8llu states, %llu failures\n",
                tested.name, static_cast<unsigned long long>(cut.points),
                static_cast<unsigned long long>(cut.states),
                static_cast<unsigned long long>(cut.failures));
    points += cut.points;
    states += cut.states;
  }
  RecordProperty("cut_points", absl::StrCat(points));
  std::printf(
      "all commands         %8llu cut points, %8llu states, "
      "%llu failures\n",
      static_cast<unsigned long long>(points),
      static_cast<unsigned long long>(states),
      static_cast<unsigned long long>(failures));
  EXPECT_GT(points, 30000U);
}

std::string NameOfCase(
    const testing::TestParamInfo<EveryPowerCut::ParamType>& info) {
  return absl::StrCat(std::get<0>(info.param) == Kind::kGpt ? "Gpt" : "Raw",
                      "Metadata", std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Devices, EveryPowerCut,
                         testing::Combine(testing::Values(Kind::kGpt,
                                                          Kind::kRaw),
                                          testing::Values(1u, 2u)),
                         NameOfCase);

}  // namespace
}  // namespace bootseal::fwu
