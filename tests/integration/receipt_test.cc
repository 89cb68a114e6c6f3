// Images that carry their receipt, from a real server over TLS to the board:
// what is not in its log does not boot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "tests/integration/boards.h"
#include "tests/integration/installation.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::ToString;
using testing::HasSubstr;
using testing::Not;
namespace mcuboot = image::mcuboot;

constexpr char kReceipt[] =
    " receipt { presence: REQUIRED log_keys: \"@LOG_KEY@\" }";

TestTarget With(TestTarget target, const std::string& format) {
  target.format += format;
  return target;
}

// A target of this name whose images carry a receipt, when asked or always.
TestTarget Logged(const std::string& name, const std::string& receipt) {
  return {name, "p256", "header_size: 0x400 slot_size: 0x80000 " + receipt};
}

Outcome Sign(const Installation& installation, const std::string& target,
             const std::string& payload, const std::string& image,
             std::vector<std::string> more = {}) {
  std::vector<std::string> command{"sign",
                                   "--target",
                                   target,
                                   "--version",
                                   "1.2.3+4",
                                   "-o",
                                   installation.File(image),
                                   payload};
  command.insert(command.end(), more.begin(), more.end());
  return installation.Client(command);
}

std::string U16(std::size_t value) {
  return {static_cast<char>(value), static_cast<char>(value >> 8)};
}

// The image with another value in its receipt's TLV; without one for `none`.
struct Split {
  std::string front;  // all that is signed
  std::string rest;   // TLVs but the receipt
  std::string receipt;
};
Split Take(const std::string& bytes) {
  const auto reading =
      mcuboot::ReadImage(AsBytes(bytes), image::HashAlgorithm::kSha256);
  Split split;
  const std::size_t area = mcuboot::SignedSize(reading.facts.header);
  split.front = bytes.substr(0, area);
  for (const mcuboot::Tlv& tlv :
       mcuboot::Tlvs(reading.facts.unprotected_area)) {
    if (tlv.type == mcuboot::tlv::kReceipt) {
      split.receipt = ToString(tlv.value);
    } else {
      absl::StrAppend(&split.rest, U16(tlv.type), U16(tlv.value.size()),
                      ToString(tlv.value));
    }
  }
  return split;
}
std::string Join(const Split& split) {
  std::string tlvs = split.rest;
  if (!split.receipt.empty()) {
    absl::StrAppend(&tlvs, U16(mcuboot::tlv::kReceipt),
                    U16(split.receipt.size()), split.receipt);
  }
  return absl::StrCat(split.front, U16(mcuboot::kUnprotectedMagic),
                      U16(tlvs.size() + 4), tlvs);
}

std::string ReadAll(const std::string& path) {
  return base::ReadFile(path, 1 << 20).value();
}

class InTheLog : public testing::TestWithParam<BoardAndAlgorithm> {};

TEST_P(InTheLog, BootsWithItsReceiptAndNotWithoutOrWithAnothers) {
  const auto& [board, algorithm] = GetParam();
  Installation installation({With(BoardTarget(algorithm), kReceipt)});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const std::string payload = BoardPayload(board);
  const std::string other =
      installation.Write("other.bin", ReadAll(payload) + "other");
  const std::vector<std::string> id{"--request-id", "one"};
  for (const auto& [file, image] :
       {std::pair(payload, "app.img"), std::pair(other, "other.img")}) {
    const Outcome sign =
        Sign(installation, algorithm, file, image,
             file == payload ? id : std::vector<std::string>());
    ASSERT_EQ(sign.exit_code, 0) << sign.err << installation.ServerLog();
  }
  ProvisionBoard(installation, board, algorithm, algorithm);
  const Outcome boot = BootBoard(installation, board, "app.img");
  EXPECT_EQ(boot.exit_code, 0) << boot.out;
  EXPECT_THAT(boot.out, HasSubstr("1.2.3"));

  const Split app = Take(installation.Read("app.img"));
  const Split another = Take(installation.Read("other.img"));
  ASSERT_EQ(Join(app), installation.Read("app.img"));
  // The log has grown: the same signature, proven in a larger tree.
  ASSERT_EQ(Sign(installation, algorithm, payload, "again.img", id).exit_code,
            0);
  const Split again = Take(installation.Read("again.img"));
  EXPECT_EQ(again.rest, app.rest);
  EXPECT_NE(again.receipt, app.receipt);
  EXPECT_EQ(BootBoard(installation, board, "again.img").exit_code, 0);

  struct Case {
    std::string receipt;
    const char* reason;
  };
  std::string path = app.receipt;
  path[120] ^= 1;
  std::string index = app.receipt;
  index[4] ^= 1;
  std::string signature = app.receipt;
  signature[60] ^= 1;
  for (const Case& each : std::initializer_list<Case>{
           {"", "receipt missing"},
           {another.receipt, "receipt is of another image"},
           {path, "receipt: path does not lead to the checkpoint"},
           {index, "receipt: path does not lead to the checkpoint"},
           {signature, "receipt: checkpoint signed by no pinned key"},
           {app.receipt.substr(0, 200), "receipt malformed"}}) {
    Split bad = app;
    bad.receipt = each.receipt;
    installation.Write("bad.img", Join(bad));
    const Outcome refused = BootBoard(installation, board, "bad.img");
    EXPECT_EQ(refused.exit_code, 1) << each.reason;
    EXPECT_THAT(refused.out, HasSubstr(each.reason));
    // The client says the same.
    const Outcome verify = installation.Client(
        {"verify", "--target", algorithm, installation.File("bad.img")});
    EXPECT_EQ(verify.exit_code, 1);
    EXPECT_THAT(verify.out, HasSubstr(each.reason));
    EXPECT_THAT(installation
                    .Client({"explain", "--target", algorithm,
                             installation.File("bad.img")})
                    .out,
                HasSubstr("--embed-receipt"));
  }
  const Outcome verify = installation.Client(
      {"verify", "--target", algorithm, installation.File("app.img")});
  EXPECT_EQ(verify.exit_code, 0) << verify.out;
  EXPECT_THAT(verify.out, HasSubstr("in the log"));
}

INSTANTIATE_TEST_SUITE_P(
    Boards, InTheLog,
    testing::Values(BoardAndAlgorithm{"mps2-an505", "p256"},
                    BoardAndAlgorithm{"mps2-an521", "p384"},
                    BoardAndAlgorithm{"mps2-an505", "ed25519"},
                    BoardAndAlgorithm{"mps2-an521", "rsa3072"}),
    NameOf);

TEST(EmbedReceipt, IsDoneWhenAskedWhereTheTargetLeavesItToTheRequest) {
  Installation installation(
      {Logged("app", "receipt { log_keys: \"@LOG_KEY@\" }")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const std::string payload = installation.Write("app.bin", Payload(4000));
  ASSERT_EQ(Sign(installation, "app", payload, "plain.img").exit_code, 0);
  EXPECT_EQ(Take(installation.Read("plain.img")).receipt, "");
  const Outcome sign =
      Sign(installation, "app", payload, "app.img", {"--embed-receipt"});
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_NE(Take(installation.Read("app.img")).receipt, "");
  // What is asked for is part of the request.
  ASSERT_EQ(Sign(installation, "app", payload, "x.img",
                 {"--request-id", "x", "--embed-receipt"})
                .exit_code,
            0);
  EXPECT_THAT(
      Sign(installation, "app", payload, "x.img", {"--request-id", "x"}).err,
      HasSubstr("REQUEST_ID_REUSED"));
}

TEST(EmbedReceipt, IsRefusedWithReasonAndFixWhereItCannotWork) {
  Installation installation({Logged("zephyr", "allow_list: true"),
                             Logged("plain", ""), Logged("always", kReceipt)});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const std::string payload = installation.Write("app.bin", Payload(4000));
  const Outcome zephyr =
      Sign(installation, "zephyr", payload, "z.img", {"--embed-receipt"});
  EXPECT_EQ(zephyr.exit_code, 1);
  EXPECT_THAT(zephyr.err, HasSubstr("RECEIPT_NOT_EMBEDDABLE"));
  EXPECT_THAT(zephyr.err, HasSubstr("TLV allow list"));
  EXPECT_THAT(zephyr.err, HasSubstr("MCUBOOT_USE_TLV_ALLOW_LIST"));
  EXPECT_FALSE(installation.Exists("z.img"));
  const Outcome plain =
      Sign(installation, "plain", payload, "p.img", {"--embed-receipt"});
  EXPECT_EQ(plain.exit_code, 1);
  EXPECT_THAT(plain.err, HasSubstr("RECEIPT_NOT_ALLOWED"));
  EXPECT_FALSE(installation.Exists("p.img"));
  // A range: whoever made it puts the image together.
  ASSERT_EQ(Sign(installation, "plain", payload, "p.img").exit_code, 0);
  const std::string range =
      installation.Write("range", Take(installation.Read("p.img")).front);
  const Outcome signed_range =
      installation.Client({"sign-range", "--target", "always", "--signature",
                           installation.File("sig"), range});
  EXPECT_EQ(signed_range.exit_code, 1);
  EXPECT_THAT(signed_range.err, HasSubstr("RANGE_WITH_RECEIPT"));
  EXPECT_FALSE(installation.Exists("sig"));
}

TEST(EmbedReceipt, KeepsRoomInTheSlotAndSaysHowMuch) {
  Installation installation({Logged("app", kReceipt), Logged("bare", "")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const std::string payload =
      installation.Write("app.bin", Payload(0x80000 - 0x400 - 1000));
  ASSERT_EQ(Sign(installation, "bare", payload, "bare.img").exit_code, 0);
  const Outcome sign = Sign(installation, "app", payload, "app.img");
  EXPECT_EQ(sign.exit_code, 1);
  EXPECT_THAT(sign.err, HasSubstr("3452 are kept for the receipt"));
  EXPECT_FALSE(installation.Exists("app.img"));
}

TEST(EmbedReceipt, SignsNothingWhoseEntryTheImageCannotCarry) {
  Installation installation({Logged(
      "app",
      "receipt { log_keys: \"@LOG_KEY@\" presence: REQUIRED max_entry_bytes: "
      "200 }")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const std::string payload = installation.Write("app.bin", Payload(4000));
  const Outcome sign = Sign(installation, "app", payload, "app.img");
  EXPECT_EQ(sign.exit_code, 1);
  EXPECT_THAT(sign.err, HasSubstr("ENTRY_TOO_LARGE_FOR_IMAGE"));
  EXPECT_THAT(sign.err, HasSubstr("raise receipt.max_entry_bytes"));
  const Outcome list = installation.Client({"audit", "list"}, "auditor");
  ASSERT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("policy"));
  EXPECT_THAT(list.out, Not(HasSubstr("allowed")));
}

TEST(EmbedReceipt, StaysInFrontOfTheContentKeyOfAnEncryptedImage) {
  Installation installation({Logged(
      "app",
      "strategy: OVERWRITE_ONLY encryption { presence: OPTIONAL } receipt { "
      "log_keys: \"@LOG_KEY@\" presence: REQUIRED }")});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const std::string payload = installation.Write("app.bin", Payload(4000));
  const std::string key = installation.File("device.pem");
  ASSERT_EQ(tests::Run({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-out", key})
                .exit_code,
            0);
  const Outcome sign =
      Sign(installation, "app", payload, "app.img", {"--encrypt", key});
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  const std::string image = installation.Read("app.img");
  const auto reading =
      mcuboot::ReadImage(AsBytes(image), image::HashAlgorithm::kSha256);
  std::vector<std::uint16_t> types;
  for (const mcuboot::Tlv& tlv :
       mcuboot::Tlvs(reading.facts.unprotected_area)) {
    types.push_back(tlv.type);
  }
  ASSERT_GE(types.size(), 2U);
  EXPECT_EQ(types[types.size() - 2], mcuboot::tlv::kReceipt);
  EXPECT_TRUE(mcuboot::IsEncryption(types.back()));
}

// A policy whose devices would refuse what this server's log proves.
TEST(LogKeysOfAPolicy, MustHoldTheServersOwn) {
  const std::string stranger =
      "bootseal.example/integration+5a3aeb27+"
      "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
  Installation installation({Logged("app", kReceipt)});
  const std::string good = installation.Read("policy.textproto");
  const std::size_t at = good.find("log_keys: \"") + 11;
  const std::string own = good.substr(at, good.find('"', at) - at);
  const std::string bad = absl::StrReplaceAll(good, {{own, stranger}});
  installation.Write("policy.textproto", bad);
  EXPECT_NE(installation.StartServer(), -1);
  EXPECT_THAT(installation.ServerLog(), HasSubstr("log_keys"));
  installation.Write("policy.textproto", good);
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
}

}  // namespace
}  // namespace bootseal::tests
