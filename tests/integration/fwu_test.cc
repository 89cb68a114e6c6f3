// From the server's key to the device's next boot, with nothing in between but
// the real programs: `bootseal-fwu` on a disk that sgdisk made and on raw
// flash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/fwu_fixture.h"

namespace bootseal::tests {
namespace {

using image::fwu::BootReason;
using ::testing::HasSubstr;
using Start = FwuDevice::Start;

class UpdateOf
    : public Update,
      public testing::WithParamInterface<std::tuple<DeviceKind, int>> {
 protected:
  UpdateOf()
      : product_(
            Products()[static_cast<std::size_t>(std::get<1>(GetParam()) - 1)]),
        device_(Factory(product_, std::get<0>(GetParam()))) {}

  void ExpectDone(const std::vector<std::string>& command,
                  const std::string& state) {
    const Outcome outcome = device_.Run(command);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
    EXPECT_EQ(FwuDevice::Member(outcome, "state"), state) << outcome.out;
  }
  void ExpectRefusal(const std::vector<std::string>& command,
                     const std::string& reason) {
    const Outcome outcome = device_.Run(command);
    EXPECT_EQ(outcome.exit_code, 1) << outcome.out << outcome.err;
    EXPECT_EQ(FwuDevice::Reason(outcome), reason) << outcome.out;
  }

  Product product_;
  FwuDevice device_;
};

TEST_P(UpdateOf, ComesFromTheServersKeyToTheNextBootAndBack) {
  const std::string& target = product_.target;
  const std::string first = Bundle(target, "1.0.0", 5, Fip('a'));
  const std::string second = Bundle(target, "1.1.0", 5, Fip('b'));
  const std::string third = Bundle(target, "1.2.0", 5, Fip('c'));
  const std::string fourth = Bundle(target, "1.3.0", 6, Fip('d'));

  ExpectDone({"record", first}, "regular");
  ExpectDone({"status"}, "regular");
  ExpectDone({"install", second}, "trial-pending");
  EXPECT_TRUE(device_.BankHolds(1, Fip('b')));
  EXPECT_TRUE(device_.BankHolds(0, Fip('a')));
  ExpectRefusal({"accept"}, "RESET_PENDING");
  EXPECT_EQ(device_.Reset().reason, BootReason::kTrial);
  ExpectDone({"check"}, "trial");
  ExpectDone({"accept"}, "regular");
  EXPECT_EQ(device_.Reset().bank, 1);
  ExpectDone({"check"}, "regular");

  // Back to the release before, and forward again: their counters are equal.
  ExpectDone({"rollback"}, "return-pending");
  EXPECT_EQ(device_.Reset().bank, 0);
  ExpectDone({"check"}, "regular");
  ExpectDone({"rollback", "--bank", "1"}, "return-pending");
  EXPECT_EQ(device_.Reset().bank, 1);

  // A second update is rejected on trial; a third raises the counter.
  ExpectDone({"install", third}, "trial-pending");
  EXPECT_EQ(device_.Reset().bank, 0);
  ExpectDone({"reject"}, "return-pending");
  EXPECT_EQ(device_.Reset().bank, 1);
  ExpectRefusal({"rollback"}, "NO_BANK");
  ExpectDone({"install", fourth}, "trial-pending");
  EXPECT_EQ(device_.Reset().bank, 0);
  ExpectDone({"accept"}, "regular");
  device_.SetCounter(6);  // as the bootloader raises it
  EXPECT_EQ(device_.Reset().bank, 0);
  ExpectRefusal({"rollback"}, "BANK_DOWNGRADE");
  ExpectRefusal({"install", second}, "DOWNGRADE");

  const Outcome status = device_.Run({"status"});
  EXPECT_EQ(FwuDevice::Member(status, "running"), "0");
  EXPECT_EQ(FwuDevice::Member(status, "metadataVersion"),
            absl::StrCat(product_.metadata_version));
  EXPECT_THAT(status.out, HasSubstr("\"version\":\"1.3.0\""));
}

TEST_P(UpdateOf, FallsBackWhenNobodyAccepts) {
  ExpectDone({"install", Bundle(product_.target, "1.1.0", 5, Fip('b'))},
             "trial-pending");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(device_.Reset().bank, 1);
    ExpectDone({"check"}, "trial");
  }
  EXPECT_EQ(device_.Reset().reason, BootReason::kTrialsSpent);
  ExpectDone({"status"}, "fallen-back");
  const Outcome fell = device_.Run({"check"});
  EXPECT_EQ(fell.exit_code, 1);
  EXPECT_EQ(FwuDevice::Member(fell, "fellBack"), "true") << fell.out;
  ExpectDone({"check"}, "regular");
  EXPECT_EQ(device_.Reset().bank, 0);
}

TEST_P(UpdateOf, TriesAgainWhenTheBackupDomainWasLost) {
  const std::string bundle = Bundle(product_.target, "1.1.0", 5, Fip('b'));
  ExpectDone({"install", bundle}, "trial-pending");
  EXPECT_EQ(device_.Reset(Start::kBackupDomainLost).reason,
            BootReason::kTrialLost);
  ExpectRefusal({"install", bundle}, "FELL_BACK");
  EXPECT_EQ(device_.Run({"check"}).exit_code, 1);
  ExpectRefusal({"install", bundle}, "RESET_PENDING");
  EXPECT_EQ(device_.Reset().bank, 0);
  ExpectDone({"install", bundle}, "trial-pending");
  EXPECT_EQ(device_.Reset().bank, 1);
  ExpectDone({"accept"}, "regular");
}

TEST_P(UpdateOf, IsRepairedFromEitherCopy) {
  ExpectDone({"record", Bundle(product_.target, "1.0.0", 5, Fip('a'))},
             "regular");
  const std::string good = device_.Flash();
  for (int copy = 0; copy < 2; ++copy) {
    device_.Damage(device_.MetadataOffset(copy) + 8);
    const Outcome status = device_.Run({"status"});
    EXPECT_EQ(FwuDevice::Member(status, absl::StrCat("metadata", copy + 1)),
              "METADATA_CRC")
        << status.out;
    ExpectDone({"repair"}, "regular");
    EXPECT_TRUE(device_.Flash() == good) << copy;
  }
  for (int copy = 0; copy < 2; ++copy) {
    device_.Damage(device_.MetadataOffset(copy) + 8);
  }
  ExpectRefusal({"status"}, "REPLICAS_DAMAGED");
  ExpectRefusal({"repair"}, "REPLICAS_DAMAGED");
}

std::string NameOfDevice(
    const testing::TestParamInfo<UpdateOf::ParamType>& info) {
  return absl::StrCat(
      std::get<0>(info.param) == DeviceKind::kGpt ? "Gpt" : "Raw", "Metadata",
      std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Devices, UpdateOf,
                         testing::Combine(testing::Values(DeviceKind::kGpt,
                                                          DeviceKind::kRaw),
                                          testing::Values(1, 2)),
                         NameOfDevice);

}  // namespace
}  // namespace bootseal::tests
