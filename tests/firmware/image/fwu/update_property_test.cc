// What holds whatever is done to a device, in whatever order.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "firmware/image/fwu/update.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/image/fwu/metadata_case.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::NameOf;
using namespace image::fwu;

constexpr Operation kOperations[] = {Operation::kBegin,    Operation::kCancel,
                                     Operation::kEnd,      Operation::kAccept,
                                     Operation::kReject,   Operation::kRollback,
                                     Operation::kReconcile};

// A device as its metadata and its register: what an update does, in any order
// and whatever fails, ends in one of the six states, and a way back to regular
// is left.
struct Device {
  Metadata metadata;
  BootRegister running;

  // `failed`: banks that do not authenticate.
  bool Reset(std::uint8_t failed) {
    const BootRegister last = running;
    for (std::uint8_t known = 0;;) {
      const auto selected = SelectBank(metadata, last, known);
      if (!selected.ok()) return false;
      running = selected->next;
      if ((failed >> selected->bank & 1) == 0) return true;
      known = static_cast<std::uint8_t>(known | 1 << selected->bank);
    }
  }
  State state() const { return StateOf(metadata, running); }
};

// Steps that bring a device back, as the client takes them.
bool Recovers(Device device) {
  for (int step = 0; step < 6; ++step) {
    const auto apply = [&](Operation operation, std::uint8_t bank) {
      const auto after =
          Apply(operation, device.metadata, device.running.bank, bank);
      if (after.ok()) device.metadata = *after;
      return after.ok();
    };
    switch (device.state()) {
      case State::kRegular:
        return true;
      case State::kStaging:
        for (std::uint8_t bank = 0; bank < kMaxBanks; ++bank) {
          if (apply(Operation::kCancel, bank)) break;
        }
        break;
      case State::kTrial:
        if (!apply(Operation::kAccept, 0)) return false;
        break;
      case State::kFallenBack:
        if (!apply(Operation::kReconcile, 0)) return false;
        break;
      case State::kTrialPending:
      case State::kReturnPending:
        if (!device.Reset(0)) return false;
        break;
    }
  }
  return false;
}

// `failed`: banks that never authenticate.
bool StartsAnAcceptedBankAtLast(Device device, std::uint8_t failed) {
  for (int boot = 0; boot < 5; ++boot) {
    if (!device.Reset(failed)) return false;
  }
  return device.metadata.states[device.running.bank] == BankState::kAccepted;
}

std::uint8_t TriedBank(const Device& device) {
  const std::uint32_t active = device.metadata.active;
  const bool tried = device.metadata.states[active] == BankState::kValid;
  return tried ? static_cast<std::uint8_t>(1 << active) : std::uint8_t{0};
}

struct Fleet {
  std::uint32_t version;
  std::uint8_t banks;
};

class AnyHistory : public testing::TestWithParam<Fleet> {};

TEST_P(AnyHistory, LeavesNeitherTheTableNorTheDeviceWithoutABank) {
  std::mt19937 random(5);
  const auto upto = [&](unsigned bound) {
    return static_cast<std::uint8_t>(random() % bound);
  };
  const Geometry geometry{GetParam().banks, 2};
  std::array<int, 6> seen{};
  for (int history = 0; history < 200; ++history) {
    Device device{MetadataWith(GetParam().version, geometry), {0, 3, true}};
    for (int step = 0; step < 60; ++step) {
      const std::uint8_t bank = upto(geometry.banks + 1u);
      const unsigned event = upto(10);
      if (event < 7) {
        const auto after = Apply(kOperations[event], device.metadata,
                                 device.running.bank, bank);
        if (after.ok()) device.metadata = *after;
      } else if (event == 7) {
        device.running.intact = false;
        ASSERT_TRUE(device.Reset(0));
      } else if (event == 8) {
        ASSERT_TRUE(device.Reset(0));
      } else if (device.state() == State::kTrialPending) {
        const std::uint8_t before = device.running.trials;
        const bool intact = device.running.intact;
        ASSERT_TRUE(device.Reset(
            static_cast<std::uint8_t>(1 << device.metadata.active)));
        // It is tried again until its trials are spent.
        ASSERT_EQ(device.running.trials, intact && before > 0 ? before - 1 : 0);
        ASSERT_EQ(device.state(), device.running.trials > 0
                                      ? State::kTrialPending
                                      : State::kFallenBack);
      }
      ++seen[static_cast<std::size_t>(device.state())];
      // What is written is read as it is, whatever led there.
      const auto read =
          ReadMetadata(AsBytes(Written(device.metadata)), geometry);
      ASSERT_TRUE(read.ok()) << NameOf(read.error());
      ASSERT_EQ(read->metadata, device.metadata);
      ASSERT_TRUE(Recovers(device)) << history << " at " << step;
      for (const std::uint8_t failed : {std::uint8_t{0}, TriedBank(device)}) {
        ASSERT_TRUE(StartsAnAcceptedBankAtLast(device, failed))
            << history << " at " << step << ", failing " << int{failed};
      }
    }
  }
  for (const int times : seen) EXPECT_GT(times, 0);
}

INSTANTIATE_TEST_SUITE_P(Fleets, AnyHistory,
                         testing::Values(Fleet{1, 2}, Fleet{2, 2}, Fleet{1, 3},
                                         Fleet{2, 3}, Fleet{1, 4},
                                         Fleet{2, 4}));

}  // namespace
}  // namespace bootseal::tests
