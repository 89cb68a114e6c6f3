// Random lives of devices: commands, resets, lost registers, damaged copies,
// writes that fail half-way. Whatever comes, the state is one of the table's
// and was reached by one of its arrows, and the device starts a complete bank.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/fwu/gpt_storage.h"
#include "client/fwu/report.h"
#include "tests/client/fwu/simulated_device.h"
#include "tests/support/status_matchers.h"

namespace bootseal::fwu {
namespace {

using image::fwu::BankState;
using image::fwu::State;
using States = std::set<State>;

constexpr State kR = State::kRegular;
constexpr State kS = State::kStaging;
constexpr State kP = State::kTrialPending;
constexpr State kT = State::kTrial;
constexpr State kF = State::kFallenBack;
constexpr State kB = State::kReturnPending;

enum class Command { kInstall, kAccept, kReject, kRollback, kCheck, kRepair };
constexpr std::array kCommands{Command::kInstall, Command::kAccept,
                               Command::kReject,  Command::kRollback,
                               Command::kCheck,   Command::kRepair};
constexpr const char* kNames[] = {"install",  "accept", "reject",
                                  "rollback", "check",  "repair"};

// Where a command may lead, beside staying. Nothing else changes the state but
// a reset.
const std::map<std::pair<State, Command>, States>& Arrows() {
  static const auto* arrows = new std::map<std::pair<State, Command>, States>{
      {{kR, Command::kInstall}, {kP}},       {{kR, Command::kRollback}, {kB}},
      {{kS, Command::kInstall}, {kP}},       {{kP, Command::kReject}, {kR}},
      {{kT, Command::kAccept}, {kR}},        {{kT, Command::kReject}, {kB}},
      {{kF, Command::kCheck}, {kR, kS, kT}},
  };
  return *arrows;
}

// Where one that failed half-way may have stopped.
const std::map<std::pair<State, Command>, States>& Stops() {
  static const auto* stops = new std::map<std::pair<State, Command>, States>{
      {{kR, Command::kInstall}, {kS}},
  };
  return *stops;
}

std::vector<TestRelease> MakeReleases(std::uint32_t version) {
  const auto make = [version](ReleaseOptions options) {
    options.image_bytes = 1500;
    options.bank_bytes = 4096;
    options.metadata_version = version;
    return MakeRelease(options);
  };
  return {make({.minor = 1}), make({.minor = 2}), make({.minor = 3}),
          make({.minor = 4, .counter = 4}),
          make({.product = "toaster", .minor = 5})};
}

const std::vector<TestRelease>& Releases(std::uint32_t version) {
  static const auto* both = new std::vector<std::vector<TestRelease>>{
      MakeReleases(1), MakeReleases(2)};
  return (*both)[version - 1];
}

class Life {
 public:
  Life(Kind kind, std::uint32_t version, std::uint32_t seed)
      : device_({.kind = kind,
                 .metadata_version = version,
                 .unit = kind == Kind::kGpt ? 512u : 1024u,
                 .bank_bytes = 4096}),
        releases_(Releases(version)),
        random_(seed) {
    for (const TestRelease& release : releases_) device_.Know(release);
    device_.Fill(0, releases_[0]);
    device_.Fill(1, releases_[1]);
    device_.StoreMetadata(MakeMetadata(
        device_.options(), 0, 1, {BankState::kAccepted, BankState::kAccepted}));
    device_.content.counter = 5;
  }

  void Live(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) Step();
  }

  std::set<State> seen;
  std::uint64_t writes = 0;

 private:
  DeviceContent& content() { return device_.content; }
  std::size_t Draw(std::size_t count) { return random_() % count; }
  State StateNow() {
    return image::fwu::StateOf(device_.MetadataOf(content().flash),
                               content().boot);
  }

  void Step() {
    seen.insert(StateNow());
    const std::size_t drawn = Draw(10);
    if (drawn < 6) return RunOne(kCommands[Draw(kCommands.size())]);
    if (drawn == 6) return DamageOne();
    Reset(drawn == 9);
  }

  void Reset(bool lost) {
    if (lost) content().boot = {};
    const auto selection = device_.Boot(content());
    ASSERT_TRUE(selection.has_value()) << trace_;
    content().boot = selection->next;
    absl::StrAppend(&trace_, lost ? "power loss" : "reset", " -> ",
                    NameOf(StateNow()), "\n");
  }

  // One copy of the metadata, so that the other one says what it said; or one
  // copy of the table.
  void DamageOne() {
    if (!device_.ReplicasEqual(content().flash)) return;
    const Range& range = device_.placement().metadata[Draw(2)];
    content().flash[range.offset + Draw(90)] ^= 4;
    absl::StrAppend(&trace_, "damage\n");
  }

  absl::Status Do(Command command, SimulatedFlash& flash) {
    ASSIGN_OR_RETURN(Agent agent, device_.OpenAgent(flash, content()));
    switch (command) {
      case Command::kInstall: {
        Bundle bundle = OpenTestBundle(releases_[Draw(releases_.size())]);
        return agent.Install(bundle, nullptr).status();
      }
      case Command::kAccept:
        return agent.Accept().status();
      case Command::kReject:
        return agent.Reject().status();
      case Command::kRollback:
        return agent.Rollback(std::nullopt).status();
      case Command::kCheck:
        return agent.Check().status();
      case Command::kRepair:
        return agent.Repair().status();
    }
    return base::Internal("no command");
  }

  void RunOne(Command command) {
    const State before = StateNow();
    SimulatedFlash flash(content().flash, device_.options().unit,
                         device_.medium());
    flash.OnWrite([&](const UnitWrite& write) { JudgeWrite(write); });
    if (Draw(3) == 0) flash.FailAfter(Draw(14), Draw(flash.unit()));
    const absl::Status status = Do(command, flash);
    const bool broke = flash.failed();
    content().flash = flash.bytes();
    const State after = StateNow();
    absl::StrAppend(&trace_, NameOf(before), " ",
                    kNames[static_cast<int>(command)], broke ? " broke" : "",
                    " -> ", NameOf(after), " ", status.ToString(), "\n");
    Judge(command, before, after, broke);
  }

  // Never to the bank that runs, nor to the one that the next reset starts.
  void JudgeWrite(const UnitWrite& write) {
    const std::uint32_t active = device_.MetadataOf(content().flash).active;
    for (const std::uint32_t bank :
         {active, std::uint32_t{content().boot.bank}}) {
      const Range& range = device_.placement().images[bank].range;
      const bool inside = write.offset >= range.offset &&
                          write.offset < range.offset + range.size;
      // What fell back is not active any more once the metadata says so.
      const bool given_up =
          bank != content().boot.bank && StateNow() == State::kFallenBack;
      EXPECT_FALSE(inside && !given_up) << "bank " << bank << "\n" << trace_;
    }
    ++writes;
  }

  void Judge(Command command, State before, State after, bool broke) {
    States allowed{before};
    const std::pair key(before, command);
    if (const auto found = Arrows().find(key); found != Arrows().end()) {
      allowed.insert(found->second.begin(), found->second.end());
    }
    if (const auto found = Stops().find(key); broke && found != Stops().end()) {
      allowed.insert(found->second.begin(), found->second.end());
    }
    EXPECT_TRUE(allowed.contains(after)) << trace_;
    EXPECT_TRUE(device_.Boot(content()).has_value()) << trace_;
  }

  SimulatedDevice device_;
  const std::vector<TestRelease>& releases_;
  std::mt19937 random_;
  std::string trace_;
};

class EveryLife
    : public testing::TestWithParam<std::tuple<Kind, std::uint32_t>> {};

TEST_P(EveryLife, StaysInTheStateTable) {
  const auto [kind, version] = GetParam();
  States seen;
  std::uint64_t writes = 0;
  for (std::uint32_t seed = 0; seed < 150 && !HasFailure(); ++seed) {
    Life life(kind, version, seed);
    life.Live(60);
    seen.merge(life.seen);
    writes += life.writes;
  }
  EXPECT_GT(writes, 1000U);
  EXPECT_EQ(seen, (States{kR, kS, kP, kT, kF, kB}));
}

INSTANTIATE_TEST_SUITE_P(
    Devices, EveryLife,
    testing::Combine(testing::Values(Kind::kGpt, Kind::kRaw),
                     testing::Values(1u, 2u)),
    [](const auto& each) {
      return absl::StrCat(std::get<0>(each.param) == Kind::kGpt ? "Gpt" : "Raw",
                          "Metadata", std::get<1>(each.param));
    });

}  // namespace
}  // namespace bootseal::fwu
