#include "client/cli/log_key.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace bootseal::cli {
namespace {

using absl::StatusCode;
using tests::StatusIs;

// Made independently of this code: entry-2 in a log of five.
constexpr char kKey[] =
    "fwsign.example/"
    "audit+fd33bb95+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
constexpr char kReceipt[] =
    "c2sp.org/tlog-proof@v1\n"
    "index 2\n"
    "J0ebarMh0u5HdFL2i6UndI6GPK/o+9HfK/idFXDRtpc=\n"
    "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk=\n"
    "GUu1otW9EOXRqm/V1CmAs1bK8dpiPNmYfEv6L4F3Htc=\n"
    "\n"
    "fwsign.example/audit\n"
    "5\n"
    "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=\n"
    "\n"
    "\xe2\x80\x94 fwsign.example/audit "
    "/TO7ldQEu+WBNbCGj7kzEtV7BH66QjrcjftrFGmRwu9fZNMC2yqLY/"
    "yewrzkjn92cYiS8aV02iCviRGa0c7UN6knVQc=\n";

TEST(LogKeyReceipt, OpensTheCheckpointThatProvesTheEntry) {
  const auto checkpoint = LogKey::Read(kKey)->OpenReceipt(kReceipt, "entry-2");
  ASSERT_OK(checkpoint);
  EXPECT_EQ(checkpoint->size, 5U);
}

TEST(LogKeyReceipt, RefusesAnotherEntry) {
  EXPECT_THAT(LogKey::Read(kKey)->OpenReceipt(kReceipt, "entry-3"),
              StatusIs(StatusCode::kFailedPrecondition, "RECEIPT_INVALID"));
}

TEST(LogKeyReceipt, RefusesAnotherIndex) {
  std::string receipt = kReceipt;
  receipt.replace(receipt.find("index 2"), 7, "index 3");
  EXPECT_THAT(LogKey::Read(kKey)->OpenReceipt(receipt, "entry-2"),
              StatusIs(StatusCode::kFailedPrecondition, "RECEIPT_INVALID"));
}

TEST(LogKeyReceipt, RefusesAChangedCheckpoint) {
  std::string receipt = kReceipt;
  receipt.replace(receipt.find("\n5\n"), 3, "\n6\n");
  EXPECT_THAT(LogKey::Read(kKey)->OpenReceipt(receipt, "entry-2"),
              StatusIs(StatusCode::kFailedPrecondition, "LOG_KEY_MISMATCH"));
}

TEST(LogKeyReceipt, RefusesWhatIsNoReceipt) {
  EXPECT_THAT(LogKey::Read(kKey)->OpenReceipt("receipt", "entry-2"),
              StatusIs(StatusCode::kFailedPrecondition, "RECEIPT_MALFORMED"));
}

TEST(LogKeyReceipt, RefusesAReceiptWithoutAnEntryInIt) {
  EXPECT_THAT(EntryOfReceipt(kReceipt),
              StatusIs(StatusCode::kFailedPrecondition, "RECEIPT_MALFORMED"));
}

}  // namespace
}  // namespace bootseal::cli
