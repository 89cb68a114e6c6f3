// Every state that operations, resets and lost registers can lead a device to,
// from what a factory writes: all of them, not some by chance. The arrows
// between them are those of the picture in client/fwu/README.md, and the
// bootloader finds a bank in each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <deque>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "client/fwu/report.h"
#include "firmware/image/fwu/update.h"
#include "tests/client/fwu/simulated_device.h"

namespace bootseal::fwu {
namespace {

using image::fwu::BankState;
using image::fwu::BootRegister;
using image::fwu::Metadata;
using image::fwu::Operation;
using image::fwu::State;

constexpr std::pair<Operation, const char*> kOperations[] = {
    {Operation::kBegin, "begin"},
    {Operation::kCancel, "cancel"},
    {Operation::kEnd, "end"},
    {Operation::kAccept, "accept"},
    {Operation::kReject, "reject"},
    {Operation::kRollback, "rollback"},
    {Operation::kReconcile, "reconcile"}};

// "regular --> staging: begin"
using Arrow = std::string;

struct Node {
  Metadata metadata;
  BootRegister boot;
};

std::string Key(const Node& node) {
  std::string key =
      absl::StrCat(node.metadata.active, ",", node.metadata.previous, ",",
                   int{node.boot.bank}, ",", int{node.boot.trials}, ",",
                   int{node.boot.intact});
  for (std::size_t bank = 0; bank < node.metadata.geometry.banks; ++bank) {
    absl::StrAppend(&key, ",", static_cast<int>(node.metadata.states[bank]));
  }
  return key;
}

class Reachable {
 public:
  Reachable(std::uint32_t version, std::uint8_t banks)
      : options_({.metadata_version = version, .banks = banks}) {
    std::vector<BankState> factory(banks, BankState::kAccepted);
    Visit({MakeMetadata(options_, 0, 1, factory), {0, 3, true}});
    factory.back() = BankState::kInvalid;
    Visit({AsRead(MakeMetadata(options_, 0, 1, factory)), {0, 3, true}});
    while (!open_.empty()) {
      const Node node = open_.front();
      open_.pop_front();
      Expand(node);
    }
  }

  std::set<Arrow> arrows;
  std::set<State> states;
  std::size_t nodes() const { return seen_.size(); }

 private:
  State StateNow(const Node& node) {
    return image::fwu::StateOf(node.metadata, node.boot);
  }

  // Version 1 has no invalid banks.
  Metadata AsRead(Metadata metadata) const {
    for (std::size_t bank = 0; bank < options_.banks; ++bank) {
      if (options_.metadata_version == 2) continue;
      metadata.states[bank] = metadata.images[0].banks[bank].accepted
                                  ? BankState::kAccepted
                                  : BankState::kValid;
    }
    return metadata;
  }

  void Visit(const Node& node) {
    if (!seen_.insert(Key(node)).second) return;
    states.insert(StateNow(node));
    open_.push_back(node);
  }

  void Go(const Node& from, const Node& to, const std::string& by) {
    arrows.insert(absl::StrCat(NameOf(StateNow(from)), " --> ",
                               NameOf(StateNow(to)), ": ", by));
    Visit(to);
  }

  void Expand(const Node& node) {
    for (const auto& [operation, name] : kOperations) {
      for (std::uint8_t bank = 0; bank < options_.banks; ++bank) {
        if (!Allowed(node, operation)) continue;
        const auto next =
            image::fwu::Apply(operation, node.metadata, node.boot.bank, bank);
        if (next.ok()) Go(node, {AsRead(*next), node.boot}, name);
      }
    }
    Reset(node, node.boot, "reset");
    Reset(node, BootRegister(), "power loss");
  }

  // As the agent does: nothing is begun or rolled back without trials, and a
  // reconciliation is for what fell back.
  bool Allowed(const Node& node, Operation operation) {
    const bool tries =
        operation == Operation::kBegin || operation == Operation::kRollback;
    if (operation == Operation::kReconcile) {
      return StateNow(node) == State::kFallenBack;
    }
    if (StateNow(node) == State::kFallenBack) return false;
    return !tries || node.boot.trials > 0;
  }

  void Reset(const Node& node, const BootRegister& boot,
             const std::string& how) {
    const auto selection = image::fwu::SelectBank(node.metadata, boot, 0);
    ASSERT_TRUE(selection.ok()) << Key(node);
    // What a writer was amid of is never what starts.
    ASSERT_NE(node.metadata.states[selection->bank], BankState::kInvalid)
        << Key(node);
    Go(node, {node.metadata, selection->next}, how);
  }

  DeviceOptions options_;
  std::set<std::string> seen_;
  std::deque<Node> open_;
};

// Lines of the README's picture.
std::set<Arrow> Drawn() {
  const auto text =
      base::ReadFile(BOOTSEAL_SOURCE_DIR "/client/fwu/README.md", 1 << 20);
  EXPECT_TRUE(text.ok());
  std::set<Arrow> drawn;
  bool inside = false;
  for (absl::string_view line : absl::StrSplit(text.value_or(""), '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line == "stateDiagram-v2") inside = true;
    if (line == "```") inside = false;
    if (!inside || line == "stateDiagram-v2") continue;
    // Names in Mermaid have no "-".
    const std::string words = absl::StrReplaceAll(line, {{"_", "-"}});
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(words, absl::MaxSplits(": ", 1));
    for (absl::string_view by : absl::StrSplit(parts.second, ", ")) {
      drawn.insert(absl::StrCat(parts.first, ": ", by));
    }
  }
  return drawn;
}

class StatePicture
    : public testing::TestWithParam<std::tuple<std::uint32_t, std::uint8_t>> {};

TEST_P(StatePicture, IsTheOneOfTheReadme) {
  const auto [version, banks] = GetParam();
  const Reachable reachable(version, banks);
  std::printf("%zu nodes, %zu arrows\n", reachable.nodes(),
              reachable.arrows.size());
  EXPECT_EQ(reachable.states.size(), 6U);
  EXPECT_THAT(reachable.arrows, testing::ContainerEq(Drawn()));
}

INSTANTIATE_TEST_SUITE_P(Devices, StatePicture,
                         testing::Combine(testing::Values(1u, 2u),
                                          testing::Values(std::uint8_t{2},
                                                          std::uint8_t{3})),
                         [](const auto& each) {
                           return absl::StrCat("Metadata",
                                               std::get<0>(each.param), "Banks",
                                               int{std::get<1>(each.param)});
                         });

}  // namespace
}  // namespace bootseal::fwu
