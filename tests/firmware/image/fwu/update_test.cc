#include "firmware/image/fwu/update.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "firmware/image/host/convert.h"
#include "tests/firmware/image/fwu/metadata_case.h"

namespace bootseal::tests {
namespace {

using image::host::NameOf;
using namespace image::fwu;

constexpr BankState kFF = BankState::kInvalid;
constexpr BankState kFE = BankState::kValid;
constexpr BankState kFC = BankState::kAccepted;

constexpr BootRegister kIntact{.bank = 0, .trials = 3, .intact = true};

constexpr Operation kOperations[] = {Operation::kBegin,    Operation::kCancel,
                                     Operation::kEnd,      Operation::kAccept,
                                     Operation::kReject,   Operation::kRollback,
                                     Operation::kReconcile};

// Two banks; version 1 has no states but what `accepted` says.
Metadata With(std::uint32_t version, std::uint32_t active,
              std::uint32_t previous, BankState a, BankState b) {
  if (version == 1 && a == kFF) a = kFE;
  if (version == 1 && b == kFF) b = kFE;
  return MetadataOf(
      {"", version, active, previous, {a, b}, {a == kFC, b == kFC}, "", 0, ""});
}

std::string CrcOf(const Metadata& metadata) {
  return Written(metadata).substr(0, 4);
}

class UpdateOf : public testing::TestWithParam<std::uint32_t> {
 protected:
  static Metadata Is(std::uint32_t active, std::uint32_t previous, BankState a,
                     BankState b) {
    return With(GetParam(), active, previous, a, b);
  }
  // What both versions have in each state, bank 0 being the old one.
  static Metadata Regular() { return Is(0, 1, kFC, kFC); }
  static Metadata Staging() { return Is(0, 0, kFC, kFF); }
  static Metadata Trial() { return Is(1, 0, kFC, kFE); }
  static Metadata Rejected() { return Is(0, 1, kFC, kFF); }

  static Metadata Done(Operation operation, const Metadata& metadata,
                       std::uint8_t running, std::uint8_t bank = 1) {
    const auto after = Apply(operation, metadata, running, bank);
    EXPECT_TRUE(after.ok()) << NameOf(after.error());
    return *after;
  }
  static std::string Refused(Operation operation, const Metadata& metadata,
                             std::uint8_t running, std::uint8_t bank = 1) {
    return NameOf(Apply(operation, metadata, running, bank).error());
  }
};

TEST_P(UpdateOf, ARegularDeviceGoesThroughStagingAndTrial) {
  Metadata metadata = Regular();
  EXPECT_EQ(StateOf(metadata, 0), State::kRegular);
  metadata = Done(Operation::kBegin, metadata, 0);
  EXPECT_EQ(metadata, Staging());
  EXPECT_EQ(StateOf(metadata, 0), State::kStaging);
  metadata = Done(Operation::kEnd, metadata, 0);
  EXPECT_EQ(metadata, Trial());
  EXPECT_EQ(StateOf(metadata, 0), State::kTrialPending);
  EXPECT_EQ(StateOf(metadata, 1), State::kTrial);
  metadata = Done(Operation::kAccept, metadata, 1);
  EXPECT_EQ(metadata, Is(1, 0, kFC, kFC));
  EXPECT_EQ(StateOf(metadata, 1), State::kRegular);
}

TEST_P(UpdateOf, ACancelledOneIsRegularAndItsBankStaysInvalid) {
  const Metadata cancelled = Done(Operation::kCancel, Staging(), 0);
  EXPECT_EQ(cancelled, Is(0, 1, kFC, kFF));
  EXPECT_EQ(StateOf(cancelled, 0), State::kRegular);
  EXPECT_EQ(Done(Operation::kBegin, cancelled, 0), Staging());
}

TEST_P(UpdateOf, ASecondBeginIsTheFirstAgain) {
  EXPECT_EQ(Done(Operation::kBegin, Staging(), 0), Staging());
}

TEST_P(UpdateOf, ARejectedTrialAwaitsTheResetThatEndsIt) {
  const Metadata rejected = Done(Operation::kReject, Trial(), 1);
  EXPECT_EQ(rejected, Rejected());
  EXPECT_EQ(StateOf(rejected, 1), State::kReturnPending);
  EXPECT_EQ(StateOf(rejected, BootRegister{1, 0, true}), State::kReturnPending);
  EXPECT_EQ(StateOf(rejected, 0), State::kRegular);
}

TEST_P(UpdateOf, ARejectBeforeTheResetLeavesTheOldBank) {
  const Metadata rejected = Done(Operation::kReject, Trial(), 0);
  EXPECT_EQ(rejected, Rejected());
  EXPECT_EQ(StateOf(rejected, 0), State::kRegular);
}

TEST_P(UpdateOf, ATrialThatFellBackIsReconciled) {
  EXPECT_EQ(StateOf(Trial(), BootRegister{0, 0, true}), State::kFallenBack);
  EXPECT_EQ(StateOf(Trial(), BootRegister{0, 3, false}), State::kFallenBack);
  const Metadata reconciled = Done(Operation::kReconcile, Trial(), 0);
  EXPECT_EQ(reconciled, Rejected());
  EXPECT_EQ(StateOf(reconciled, 0), State::kRegular);
}

TEST_P(UpdateOf, ATrialThatAwaitsItsResetHasTrialsLeft) {
  EXPECT_EQ(StateOf(Trial(), kIntact), State::kTrialPending);
}

TEST_P(UpdateOf, ARegularDeviceRollsBack) {
  const Metadata back = Done(Operation::kRollback, Regular(), 0);
  EXPECT_EQ(back, Is(1, 0, kFC, kFC));
  EXPECT_EQ(StateOf(back, kIntact), State::kReturnPending);
  EXPECT_EQ(StateOf(back, 0), State::kFallenBack);
  EXPECT_EQ(StateOf(back, BootRegister{1, 3, true}), State::kRegular);
}

TEST_P(UpdateOf, AnAcceptedBankThatFailedToStartIsReconciled) {
  const Metadata failed = Is(1, 0, kFC, kFC);
  EXPECT_EQ(StateOf(failed, BootRegister{0, 0, true}), State::kFallenBack);
  EXPECT_EQ(Done(Operation::kReconcile, failed, 0), Rejected());
}

TEST_P(UpdateOf, ABankThatRanForAnotherIsAcceptedWhenReconciled) {
  // On trial instead, it would have none left, and no bank to fall back to.
  EXPECT_EQ(Done(Operation::kReconcile, Is(1, 0, kFE, kFE), 0), Rejected());
}

TEST_P(UpdateOf, ADeviceRollsBackToAnAcceptedBankAlone) {
  EXPECT_EQ(Refused(Operation::kRollback, Is(0, 1, kFC, kFE), 0), "NO_BANK");
  EXPECT_EQ(Refused(Operation::kRollback, Is(0, 1, kFC, kFF), 0), "NO_BANK");
}

TEST_P(UpdateOf, ATrialIsNotRejectedWithoutAnAcceptedBank) {
  EXPECT_EQ(Refused(Operation::kReject, Is(1, 0, kFE, kFE), 1), "NO_BANK");
  EXPECT_EQ(Refused(Operation::kReject, Is(1, 0, kFF, kFE), 1), "NO_BANK");
}

TEST_P(UpdateOf, ABankIsNeverTheRunningOneOrOutside) {
  for (const std::uint8_t bank : std::array<std::uint8_t, 5>{0, 2, 3, 4, 255}) {
    EXPECT_EQ(Refused(Operation::kBegin, Regular(), 0, bank), "METADATA_INDEX");
    EXPECT_EQ(Refused(Operation::kEnd, Staging(), 0, bank), "METADATA_INDEX");
    EXPECT_EQ(Refused(Operation::kCancel, Staging(), 0, bank),
              "METADATA_INDEX");
    EXPECT_EQ(Refused(Operation::kRollback, Regular(), 0, bank),
              "METADATA_INDEX");
  }
}

TEST_P(UpdateOf, MetadataThatNamesNoBankIsRefused) {
  for (const Operation operation : kOperations) {
    EXPECT_EQ(Refused(operation, Regular(), 2), "METADATA_INDEX");
    EXPECT_EQ(Refused(operation, Is(2, 0, kFC, kFC), 0), "METADATA_INDEX");
    EXPECT_EQ(Refused(operation, Is(0, 2, kFC, kFC), 0), "METADATA_INDEX");
    Metadata many = Regular();
    many.geometry.banks = 5;
    EXPECT_EQ(Refused(operation, many, 0), "METADATA_INDEX");
    many.geometry = {2, 9};
    EXPECT_EQ(Refused(operation, many, 0), "METADATA_INDEX");
  }
}

// The table of the README, from the outside: each state, each operation.
TEST_P(UpdateOf, EveryStateAllowsWhatItsRowSaysAndNothingElse) {
  struct Example {
    State state;
    Metadata metadata;
    std::uint8_t running;
    std::vector<Operation> allowed;
  };
  using enum Operation;
  std::vector<Example> examples = {
      {State::kRegular, Regular(), 0, {kBegin, kRollback}},
      {State::kStaging, Staging(), 0, {kBegin, kCancel, kEnd}},
      {State::kTrialPending, Trial(), 0, {kReject, kReconcile}},
      {State::kTrial, Trial(), 1, {kAccept, kReject}},
      {State::kFallenBack, Is(1, 0, kFC, kFC), 0, {kReconcile}},
  };
  for (const Example& example : examples) {
    ASSERT_EQ(StateOf(example.metadata, example.running), example.state);
    for (const Operation operation : kOperations) {
      const bool allowed = std::count(example.allowed.begin(),
                                      example.allowed.end(), operation) != 0;
      EXPECT_EQ(Refused(operation, example.metadata, example.running),
                allowed ? "OK" : "UPDATE_STATE")
          << static_cast<int>(example.state) << " "
          << static_cast<int>(operation);
    }
  }
}

TEST_P(UpdateOf, WhatIsToReturnWaitsForTheReset) {
  for (const Operation operation : kOperations) {
    if (operation == Operation::kReconcile) continue;
    EXPECT_EQ(Refused(operation, Rejected(), 1, 0), "UPDATE_STATE");
  }
  // Version 2 says that the running bank is bad; version 1 cannot.
  EXPECT_EQ(Refused(Operation::kReconcile, Rejected(), 1),
            GetParam() == 2 ? "NO_BANK" : "OK");
}

INSTANTIATE_TEST_SUITE_P(Versions, UpdateOf, testing::Values(1u, 2u));

TEST(UpdateOfVersion2, WritesTheVectorsOfEachStep) {
  const auto vector = [](const char* what) {
    for (const MetadataVector& each : MetadataVectors()) {
      if (each.version == 2 && std::string(each.what) == what) {
        return MetadataOf(each);
      }
    }
    ADD_FAILURE() << what;
    return Metadata();
  };
  const auto staging =
      Apply(Operation::kBegin, vector("factory, B empty"), 0, 1);
  EXPECT_EQ(CrcOf(*staging), CrcOf(vector("staging")));
  const auto trial = Apply(Operation::kEnd, *staging, 0, 1);
  EXPECT_EQ(CrcOf(*trial), CrcOf(vector("trial")));
  const auto accepted = Apply(Operation::kAccept, *trial, 1, 0);
  EXPECT_EQ(CrcOf(*accepted), CrcOf(vector("accepted")));
}

TEST(UpdateOfVersion2, NeverAcceptsOrReconcilesAnInvalidBank) {
  const Metadata invalid = With(2, 1, 0, kFC, kFF);
  EXPECT_EQ(NameOf(Apply(Operation::kAccept, invalid, 1, 0).error()),
            "NO_BANK");
  EXPECT_EQ(
      NameOf(
          Apply(Operation::kReconcile, With(2, 1, 0, kFF, kFE), 0, 0).error()),
      "NO_BANK");
}

TEST(UpdateOfThreeBanks, EndsOnlyTheBankThatWasBegun) {
  const Metadata staging =
      *Apply(Operation::kBegin, MetadataWith(2, {3, 1}), 0, 1);
  EXPECT_EQ(NameOf(Apply(Operation::kEnd, staging, 0, 2).error()),
            "UPDATE_STATE");
  EXPECT_EQ(NameOf(Apply(Operation::kCancel, staging, 0, 2).error()),
            "UPDATE_STATE");
  EXPECT_TRUE(Apply(Operation::kEnd, staging, 0, 1).ok());
}

TEST(UpdateOfThreeBanks, PreviousIsAnAcceptedBankWhenThereIsOne) {
  const Metadata staging =
      *Apply(Operation::kBegin, MetadataWith(2, {3, 1}), 0, 1);
  EXPECT_EQ(Apply(Operation::kCancel, staging, 0, 1)->previous, 2u);
  const Metadata trial = *Apply(Operation::kEnd, staging, 0, 1);
  EXPECT_EQ(Apply(Operation::kReject, trial, 1, 0)->previous, 2u);
}

TEST(UpdateBankOf, IsTheLowestThatIsFree) {
  EXPECT_EQ(*UpdateBank(With(2, 0, 1, kFC, kFC), 0), 1);
  EXPECT_EQ(*UpdateBank(With(2, 1, 0, kFC, kFC), 1), 0);
  Metadata three = MetadataWith(2, {3, 1});
  EXPECT_EQ(*UpdateBank(three, 0), 1);
  EXPECT_EQ(*UpdateBank(three, 1), 2);
  three.states[2] = kFE;
  EXPECT_EQ(*UpdateBank(three, 0), 2);
}

TEST(UpdateBankOf, ThereIsNoneWithOneBankOrBothInUse) {
  EXPECT_EQ(NameOf(UpdateBank(MetadataWith(2, {1, 1}), 0).error()), "NO_BANK");
  EXPECT_EQ(NameOf(UpdateBank(With(2, 1, 0, kFC, kFE), 0).error()), "NO_BANK");
}

}  // namespace
}  // namespace bootseal::tests
