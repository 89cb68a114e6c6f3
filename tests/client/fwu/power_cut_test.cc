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

// What a command is to have reached, however often it was begun.
using Goal = std::function<bool(const SimulatedDevice&, const DeviceContent&)>;

struct Case {
  const char* name;
  std::function<void(SimulatedDevice&)> prepare;
  std::function<absl::Status(SimulatedFlash&, const SimulatedDevice&,
                             DeviceContent&)>
      run;
  Goal reached;
  // False where a lost backup domain ends the trial that it is about.
  bool again_without_register = true;
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
    flash.OnWriteCall([&](std::uint64_t offset, bool settled) {
      if (device_.IsFine(offset) && !settled) ++unsettled;
    });
    ASSERT_OK(case_.run(flash, device_, whole));
    whole.flash = flash.bytes();
    EXPECT_EQ(unsettled, 0U) << case_.name
                             << ": written on top of what is "
                                "not on the medium yet";
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
  // Writes of metadata or a table while others were not flushed and read back.
  std::uint64_t unsettled = 0;

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
    if (!SurvivesALostCopy(state)) Count("with a copy lost later", state);
  }

  // Metadata that is whole may be lost as well, after the next start: the other
  // copy alone has to do, with the register and without it.
  bool SurvivesALostCopy(const DeviceContent& cut) {
    DeviceContent state = cut;
    const auto booted = device_.Boot(state);
    if (!booted) return true;  // counted already
    device_.RaiseCounter(state, *booted);
    for (const Range& copy : device_.placement().metadata) {
      char& byte = state.flash[copy.offset + 8];
      byte = static_cast<char>(byte ^ 0x40);
      for (const image::fwu::BootRegister& boot :
           {booted->next, image::fwu::BootRegister()}) {
        state.boot = boot;
        if (device_.HasMetadata(state.flash) && !device_.Boot(state)) {
          last_ = "the bootloader finds no bank";
          return false;
        }
      }
      byte = static_cast<char>(byte ^ 0x40);
    }
    return true;
  }

  bool Survives(DeviceContent state, bool lost) {
    if (lost) state.boot = {};
    const auto booted = device_.Boot(state);
    last_ = "the bootloader finds no bank";
    if (!booted) return false;
    last_ = "the command does not reach its goal";
    if (lost && !case_.again_without_register) return true;
    state.boot = booted->next;
    SimulatedFlash flash(std::move(state.flash), device_.options().unit,
                         device_.medium());
    const absl::Status status = RunAgain(flash, state);
    state.flash = flash.bytes();
    const bool refused = base::ReasonOf(status) == "UPDATE_STATE";
    if (!status.ok() && !refused) {
      last_ = status.ToString();
      return false;
    }
    return case_.reached(device_, state) &&
           device_.ReplicasEqual(state.flash) && device_.Boot(state);
  }

  // After a fallback as the command says: `check`, and a reset.
  absl::Status RunAgain(SimulatedFlash& flash, DeviceContent& state) {
    const absl::Status status = case_.run(flash, device_, state);
    if (base::ReasonOf(status) != "FELL_BACK") return status;
    ASSIGN_OR_RETURN(Agent agent, device_.OpenAgent(flash, state));
    RETURN_IF_ERROR(agent.Check().status());
    state.flash = flash.bytes();
    const auto booted = device_.Boot(state);
    if (!booted) return base::Internal("the bootloader finds no bank");
    state.boot = booted->next;
    return case_.run(flash, device_, state);
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
