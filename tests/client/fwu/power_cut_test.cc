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
#include "tests/client/fwu/simulated_device.h"
#include "tests/support/status_matchers.h"

namespace bootseal::fwu {
namespace {

using image::fwu::BankState;
using image::fwu::State;

const TestRelease& Running() {
  static const auto* release = new TestRelease(MakeRelease({.minor = 1}));
  return *release;
}
const TestRelease& Next() {
  static const auto* release =
      new TestRelease(MakeRelease({.minor = 2, .counter = 6}));
  return *release;
}

// What a command is to have reached, however often it was begun.
using Goal = std::function<bool(const SimulatedDevice&, const DeviceContent&)>;

struct Case {
  const char* name;
  std::function<void(SimulatedDevice&)> prepare;
  std::function<absl::Status(SimulatedFlash&, const SimulatedDevice&,
                             DeviceContent&)>
      run;
  Goal reached;
  // A lost backup domain ends a trial: then only install has work left.
  bool again_without_register = false;
};

// Cut points of one unit, as bytes from its front.
std::vector<std::size_t> PointsOf(const SimulatedDevice& device,
                                  std::uint64_t offset, std::size_t unit) {
  if (!device.IsFine(offset)) {
    return {0, unit / 4, unit / 2, 3 * unit / 4};
  }
  std::vector<std::size_t> points(unit);
  for (std::size_t i = 0; i < unit; ++i) points[i] = i;
  return points;
}

// Every write of an undisturbed run, with what was recorded by then.
struct Written {
  UnitWrite write;
  MemoryRecords records;
};

class PowerCut {
 public:
  PowerCut(const SimulatedDevice& device, const Case& tested)
      : device_(device), case_(tested) {}

  void TryAll() {
    DeviceContent whole = device_.content;
    std::vector<Written> log;
    SimulatedFlash flash(whole.flash, device_.options().unit, device_.medium());
    flash.OnWrite([&](const UnitWrite& write) {
      log.push_back({write, whole.records});
    });
    ASSERT_OK(case_.run(flash, device_, whole));
    whole.flash = flash.bytes();
    DeviceContent state = device_.content;
    for (const Written& written : log) {
      state.records = written.records;
      CutUnit(state, written.write);
    }
    ASSERT_EQ(state.flash, whole.flash);
    state.records = whole.records;
    Verify(state);
    ++points;
  }

  std::uint64_t points = 0;
  std::uint64_t states = 0;
  std::uint64_t failures = 0;

 private:
  void CutUnit(DeviceContent& state, const UnitWrite& write) {
    if (device_.medium() == Medium::kRawFlash) {
      Phase(state, write.offset, std::string(write.content.size(), '\xff'));
    }
    Phase(state, write.offset, write.content);
  }

  // The power goes with `point` bytes replaced. What no byte tells from the
  // point before is that point again.
  void Phase(DeviceContent& state, std::uint64_t offset,
             const std::string& content) {
    std::size_t done = 0;
    bool changed = true;
    for (const std::size_t point : PointsOf(device_, offset, content.size())) {
      const std::size_t length = point - done;
      changed |= state.flash.compare(offset + done, length, content, done,
                                     length) != 0;
      state.flash.replace(offset + done, length, content, done, length);
      done = point;
      if (changed) Verify(state);
      changed = false;
      ++points;
    }
    state.flash.replace(offset, content.size(), content);
  }

  void Verify(const DeviceContent& state) {
    ++states;
    if (!Survives(state, false)) Count("with the register", state);
    if (!Survives(state, true)) Count("without the register", state);
  }

  bool Survives(DeviceContent state, bool lost) {
    if (lost) state.boot = {};
    const auto booted = device_.Boot(state);
    if (!booted) return false;
    if (lost && !case_.again_without_register) return true;
    state.boot = booted->next;
    SimulatedFlash flash(std::move(state.flash), device_.options().unit,
                         device_.medium());
    const absl::Status status = case_.run(flash, device_, state);
    state.flash = flash.bytes();
    const bool refused = base::ReasonOf(status) == "UPDATE_STATE";
    if (!status.ok() && !refused) {
      last_ = status.ToString();
      return false;
    }
    return case_.reached(device_, state) &&
           device_.ReplicasEqual(state.flash) && device_.Boot(state);
  }

  void Count(const char* how, const DeviceContent&) {
    ++failures;
    if (failures > 3) return;
    ADD_FAILURE() << case_.name << " " << how << ", point " << points << " "
                  << last_;
  }

  const SimulatedDevice& device_;
  const Case& case_;
  std::string last_;
};

absl::Status WithAgent(SimulatedFlash& flash, const SimulatedDevice& device,
                       DeviceContent& state,
                       const std::function<absl::Status(Agent&)>& command) {
  ASSIGN_OR_RETURN(Agent agent, device.OpenAgent(flash, state));
  return command(agent);
}

absl::Status RunInstall(SimulatedFlash& flash, const SimulatedDevice& device,
                        DeviceContent& state) {
  static auto* bundle = new Bundle(OpenTestBundle(Next()));
  return WithAgent(flash, device, state, [](Agent& agent) {
    return agent.Install(*bundle, nullptr).status();
  });
}

absl::Status RunRepair(SimulatedFlash& flash, const SimulatedDevice& device,
                       DeviceContent& state) {
  if (device.options().kind == Kind::kGpt) RETURN_IF_ERROR(RepairGpt(flash));
  return WithAgent(flash, device, state,
                   [](Agent& agent) { return agent.Repair().status(); });
}

void TwoAccepted(SimulatedDevice& device) {
  device.Fill(0, Running());
  device.Fill(1, Running());
  device.StoreMetadata(MakeMetadata(
      device.options(), 0, 1, {BankState::kAccepted, BankState::kAccepted}));
}

void OnTrial(SimulatedDevice& device) {
  device.Fill(0, Running());
  device.Fill(1, Next());
  device.StoreMetadata(MakeMetadata(device.options(), 1, 0,
                                    {BankState::kAccepted, BankState::kValid}));
  device.content.boot = {1, 2, true};
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
         device.BankHas(state.flash, bank, Next());
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

std::vector<Case> Cases() {
  return {
      {"install", TwoAccepted, RunInstall, Installed, true},
      {"accept", OnTrial, Command([](Agent& a) { return a.Accept(); }),
       Active(1, true)},
      {"reject", OnTrial, Command([](Agent& a) { return a.Reject(); }),
       Active(0, true)},
      {"rollback", TwoAccepted, Command([](Agent& a) { return a.Rollback(1); }),
       Active(1, true)},
      {"repair metadata1", DamagedReplica(0), RunRepair, Active(0, true)},
      {"repair metadata2", DamagedReplica(1), RunRepair, Active(0, true)},
      {"repair GPT", DamagedTable(true, 512 + 30), RunRepair, Repaired},
      {"repair GPT entries", DamagedTable(true, 1024 + 40), RunRepair,
       Repaired},
      {"repair backup GPT", DamagedTable(false, 512 - 30), RunRepair, Repaired},
  };
}

class EveryPowerCut
    : public testing::TestWithParam<std::tuple<Kind, std::uint32_t>> {};

TEST_P(EveryPowerCut, LeavesABankToStartAndACommandToFinish) {
  const auto [kind, version] = GetParam();
  std::uint64_t points = 0;
  std::uint64_t states = 0;
  for (const Case& tested : Cases()) {
    SimulatedDevice device({.kind = kind,
                            .metadata_version = version,
                            .unit = kind == Kind::kGpt ? 512u : 1024u});
    device.Know(Running());
    device.Know(Next());
    tested.prepare(device);
    PowerCut cut(device, tested);
    cut.TryAll();
    EXPECT_EQ(cut.failures, 0U) << tested.name;
    std::printf("%-20s %8llu cut points, %8llu states, %llu failures\n",
                tested.name, static_cast<unsigned long long>(cut.points),
                static_cast<unsigned long long>(cut.states),
                static_cast<unsigned long long>(cut.failures));
    points += cut.points;
    states += cut.states;
  }
  RecordProperty("cut_points", absl::StrCat(points));
  std::printf("all commands         %8llu cut points, %8llu states\n",
              static_cast<unsigned long long>(points),
              static_cast<unsigned long long>(states));
  EXPECT_GT(points, 6000U);
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
