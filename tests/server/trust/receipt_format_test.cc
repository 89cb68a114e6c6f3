#include "server/trust/receipt_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_join.h"
#include "server/trust/entry.h"
#include "tests/server/trust/example_policy.h"

namespace bootseal::trust {
namespace {

using ::testing::HasSubstr;

// Facts: services, appendix A.
constexpr char kKey[] =
    "fwsign.example/audit+fd33bb95+AQOhB7/"
    "zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

v1::Target Logged(v1::Presence presence) {
  v1::Target target = tests::ExamplePolicy().targets(0);
  v1::ReceiptFormat& receipt = *target.mutable_mcuboot()->mutable_receipt();
  receipt.set_presence(presence);
  receipt.add_log_keys(kKey);
  return target;
}

std::string ProblemsOf(const v1::McubootFormat& format) {
  Problems problems;
  CheckReceiptFormat(format, Field(problems));
  return absl::StrJoin(problems, "\n");
}

TEST(ReceiptFormat, IsTakenWithOneKeyOfTheLog) {
  EXPECT_EQ(ProblemsOf(Logged(v1::REQUIRED).mcuboot()), "");
  EXPECT_EQ(ProblemsOf(Logged(v1::OPTIONAL).mcuboot()), "");
  EXPECT_EQ(ProblemsOf(v1::McubootFormat()), "");
}

TEST(ReceiptFormat, IsRefusedAtTheFieldThatIsWrong) {
  struct Case {
    std::function<void(v1::McubootFormat&)> spoil;
    const char* problem;
  };
  for (const Case& each : std::initializer_list<Case>{
           {[](auto& f) { f.set_allow_list(true); }, "receipt: not with"},
           {[](auto& f) { f.mutable_receipt()->set_presence(v1::FORBIDDEN); },
            "receipt.presence: FORBIDDEN"},
           {[](auto& f) { f.mutable_receipt()->clear_log_keys(); },
            "receipt.log_keys: 0 keys"},
           {[](auto& f) { f.mutable_receipt()->add_log_keys(kKey); },
            "VTG4\" is given twice"},
           {[](auto& f) {
              f.mutable_receipt()->add_log_keys("a+b");
              f.mutable_receipt()->add_log_keys("c+d");
            },
            "receipt.log_keys: 3 keys"},
           {[](auto& f) { f.mutable_receipt()->set_log_keys(0, "origin"); },
            "is no key of a log"},
           {[](auto& f) {
              f.mutable_receipt()->add_log_keys(
                  "other+ac1563dc+AQOhB7/"
                  "zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
            },
            "receipt.log_keys[1]: origin other, expected fwsign.example/audit"},
           {[](auto& f) { f.mutable_receipt()->set_max_entry_bytes(71); },
            "receipt.max_entry_bytes: 71, expected 72 to 32768"},
           {[](auto& f) { f.mutable_receipt()->set_max_entry_bytes(32769); },
            "receipt.max_entry_bytes: 32769"}}) {
    v1::Target target = Logged(v1::REQUIRED);
    each.spoil(*target.mutable_mcuboot());
    EXPECT_THAT(ProblemsOf(target.mcuboot()), HasSubstr(each.problem));
  }
}

TEST(ReceiptFormat, KeepsRoomForTheLargestReceipt) {
  v1::Target target = Logged(v1::REQUIRED);
  EXPECT_EQ(MaxReceiptBytes(target.mcuboot().receipt()), 120 + 40 * 32 + 2048u);
  target.mutable_mcuboot()->mutable_receipt()->set_max_entry_bytes(500);
  EXPECT_EQ(MaxReceiptBytes(target.mcuboot().receipt()), 120 + 40 * 32 + 500u);
}

TEST(ReceiptFormat, GivesRulesTheOriginAndTheKeyInDer) {
  const v1::Target target = Logged(v1::REQUIRED);
  const LogTrust log = LogTrustOf(target.mcuboot().receipt());
  EXPECT_EQ(log.origin, "fwsign.example/audit");
  EXPECT_EQ(log.keys[0].size(), 44u);
  EXPECT_EQ(log.keys[1], "");
  const auto rules = ReceiptRulesOf(target.mcuboot().receipt(), log);
  EXPECT_EQ(rules.presence, image::mcuboot::Presence::kRequired);
  EXPECT_EQ(
      ReceiptRulesOf(Logged(v1::OPTIONAL).mcuboot().receipt(), log).presence,
      image::mcuboot::Presence::kOptional);
}

std::string CodeOf(const Answer& answer) { return answer ? answer->code : ""; }

v1::SignHeader Asking() {
  v1::SignHeader header;
  header.set_embed_receipt(true);
  return header;
}

TEST(RequestedReceipt, IsTakenWhereTheTargetKnowsOfReceipts) {
  EXPECT_EQ(CodeOf(CheckReceipt(Logged(v1::OPTIONAL), Asking())), "");
  EXPECT_EQ(CodeOf(CheckReceipt(Logged(v1::OPTIONAL), {})), "");
  EXPECT_EQ(CodeOf(CheckReceipt(Logged(v1::REQUIRED), {})), "");
  EXPECT_TRUE(CarriesReceipt(Logged(v1::OPTIONAL), Asking()));
  EXPECT_FALSE(CarriesReceipt(Logged(v1::OPTIONAL), {}));
  EXPECT_TRUE(CarriesReceipt(Logged(v1::REQUIRED), {}));
}

TEST(RequestedReceipt, IsRefusedWhereItCannotWork) {
  v1::Target target = Logged(v1::OPTIONAL);
  target.mutable_mcuboot()->clear_receipt();
  EXPECT_EQ(CodeOf(CheckReceipt(target, Asking())), "RECEIPT_NOT_ALLOWED");
  target.mutable_mcuboot()->set_allow_list(true);
  EXPECT_EQ(CodeOf(CheckReceipt(target, Asking())), "RECEIPT_NOT_EMBEDDABLE");
  target.mutable_capsule();
  EXPECT_EQ(CodeOf(CheckReceipt(target, Asking())), "RECEIPT_NOT_EMBEDDABLE");
  EXPECT_EQ(CodeOf(CheckReceipt(target, {})), "");
  v1::SignHeader range;
  range.mutable_signed_range();
  EXPECT_EQ(CodeOf(CheckReceipt(Logged(v1::REQUIRED), range)),
            "RANGE_WITH_RECEIPT");
  EXPECT_EQ(CodeOf(CheckReceipt(Logged(v1::OPTIONAL), range)), "");
}

TEST(RequestedReceipt, IsPartOfTheRequestsDigest) {
  EXPECT_NE(RequestDigest(Asking(), "p"), RequestDigest({}, "p"));
}

}  // namespace
}  // namespace bootseal::trust
