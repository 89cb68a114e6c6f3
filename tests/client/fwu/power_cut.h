// Power that goes at every point of every write of a command, and what has to
// be true afterwards.
#ifndef BOOTSEAL_TESTS_CLIENT_FWU_POWER_CUT_H_
#define BOOTSEAL_TESTS_CLIENT_FWU_POWER_CUT_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "tests/client/fwu/simulated_device.h"
#include "tests/support/status_matchers.h"

namespace bootseal::fwu {

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
inline std::vector<std::size_t> PointsOf(const SimulatedDevice& device,
                                         std::uint64_t offset,
                                         std::size_t unit) {
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
    if (!SaysTheTruth(state)) Count("in what a copy says", state);
  }

  // Neither copy calls a bank accepted, or active, that is not complete.
  bool SaysTheTruth(const DeviceContent& state) {
    last_ = "a copy calls a bank good that is not complete";
    for (std::size_t copy = 0; copy < 2; ++copy) {
      const auto said = device_.CopyOf(state.flash, copy);
      if (!said) continue;
      for (std::uint32_t bank = 0; bank < said->geometry.banks; ++bank) {
        const bool good =
            bank == said->active ||
            said->states[bank] == image::fwu::BankState::kAccepted;
        if (good && !device_.IsComplete(state.flash, bank)) return false;
      }
    }
    return true;
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

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_TESTS_CLIENT_FWU_POWER_CUT_H_
