// Bootloaders that start nothing that is not in the audit log, on their boards.
// Images signed by a real server: tests/integration/receipt_test.cc.
#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "tests/qemu/bench.h"
#include "tests/support/device.h"
#include "tests/support/process.h"
#include "tests/support/receipt_cases.h"
#include "tests/support/receipt_log.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using testing::HasSubstr;
using testing::Not;

// A device with rules about receipts, and the log that they name.
class LoggedDevice {
 public:
  explicit LoggedDevice(Algorithm algorithm) : device_(algorithm) {
    receipt_ = log_.rules();
    receipt_.log_keys[1] = image::host::AsBytes(next_.key().public_key());
    device_.rules().receipt = &receipt_;
  }

  const Device& device() const { return device_; }
  Device& device() { return device_; }
  const ReceiptLog& log() const { return log_; }
  // Of the same origin, whose key follows.
  const ReceiptLog& next() const { return next_; }

  std::string ImageIn(const ReceiptLog& log, const std::string& payload) const {
    ImageParts image = device_.Parts(payload);
    Embed(image, log.For(image).bytes());
    return Join(image);
  }

 private:
  Device device_;
  ReceiptLog log_;
  ReceiptLog next_;
  image::mcuboot::ReceiptRules receipt_;
};

struct Variant {
  const char* board;
  Algorithm algorithm;
  Crypto crypto;
};

class ReceiptAtBoot : public testing::TestWithParam<Variant> {};

TEST_P(ReceiptAtBoot, StartsWhatEitherKeysLogHasAndRefusesTheRestByReason) {
  const Variant& variant = GetParam();
  const LoggedDevice logged(variant.algorithm);
  const Bench bench(logged.device(), variant.board, variant.crypto);
  const std::string payload = Payload(variant.board);
  for (const ReceiptLog* log : {&logged.log(), &logged.next()}) {
    EXPECT_THAT(bench.Boot(logged.ImageIn(*log, payload), "payload"),
                HasSubstr("verified; starting at"));
  }
  const ReceiptLog third(logged.log().origin());
  EXPECT_EQ(bench.Boot(logged.ImageIn(third, payload), "refused"),
            bench.Refusal(Error::kReceiptKey));
  const ImageParts other = logged.device().Parts(payload + "other");
  for (const ReceiptCase& bad : BadReceipts()) {
    ImageParts image = logged.device().Parts(payload);
    bad.spoil(image, logged.log(), other);
    EXPECT_EQ(bench.Boot(Join(image), "refused"), bench.Refusal(bad.expected))
        << bad.name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Boards, ReceiptAtBoot,
    testing::Values(Variant{"mps2-an505", Algorithm::kRsa2048, Crypto::kOwn},
                    Variant{"mps2-an521", Algorithm::kRsa3072, Crypto::kOwn},
                    Variant{"mps2-an505", Algorithm::kP256, Crypto::kOwn},
                    Variant{"mps2-an521", Algorithm::kP384, Crypto::kOwn},
                    Variant{"mps2-an505", Algorithm::kEd25519, Crypto::kOwn},
                    Variant{"mps2-an521", Algorithm::kRsa3072,
                            Crypto::kLibrary},
                    Variant{"mps2-an505", Algorithm::kP256, Crypto::kLibrary},
                    Variant{"mps2-an505", Algorithm::kP384, Crypto::kLibrary}),
    [](const auto& each) {
      return absl::StrCat(std::string(each.param.board).substr(5), "_",
                          image::TraitsOf(each.param.algorithm)->name,
                          each.param.crypto == Crypto::kOwn ? "" : "_library");
    });

TEST(ReceiptInTheRules, AloneBringsItsJudgeIntoTheBootloader) {
  const LoggedDevice logged(Algorithm::kP256);
  const TemporaryFolder folder;
  const std::string elf = folder.File("boot.elf");
  ASSERT_EQ(logged.device().Provision("mps2-an505", elf), "");
  EXPECT_THAT(tests::Run({"arm-none-eabi-nm", elf}).out,
              HasSubstr("VerifyLogSignature"));
  // It speaks of receipts in a comment.
  const auto example = base::ReadFile(
      BOOTSEAL_SOURCE_DIR "/firmware/boot/rules.example.cc", 1 << 20);
  ASSERT_TRUE(example.ok());
  ASSERT_THAT(*example, HasSubstr(".receipt = &"));
  ASSERT_EQ(logged.device().ProvisionFrom(*example, "mps2-an505", elf), "");
  const std::string symbols = tests::Run({"arm-none-eabi-nm", elf}).out;
  for (const char* symbol : {"eceipt", "VerifyLogSignature", "VerifyEd25519"}) {
    EXPECT_THAT(symbols, Not(HasSubstr(symbol)));
  }
}

TEST(ReceiptInTheRules, LinksWhateverItsSpacingOrNotAtAll) {
  const LoggedDevice logged(Algorithm::kP256);
  const TemporaryFolder folder;
  const std::string elf = folder.File("boot.elf");
  const std::string source = logged.device().RulesSource();
  EXPECT_EQ(logged.device().ProvisionFrom(
                absl::StrReplaceAll(source, {{".receipt = &", ".receipt  =&"}}),
                "mps2-an505", elf),
            "");
  std::filesystem::remove(elf);
  // One that provision does not see: it must not become a bootloader without.
  EXPECT_THAT(logged.device().ProvisionFrom(
                  absl::StrReplaceAll(source, {{".receipt = &",
                                                ".receipt = true ? &kReceipt "
                                                ": &"}}),
                  "mps2-an505", elf),
              HasSubstr("ReceiptIsThere"));
  EXPECT_FALSE(std::filesystem::exists(elf));
}

TEST(ReceiptInTheRules, IsRefusedWithALogKeyThatIsNoEd25519Key) {
  LoggedDevice logged(Algorithm::kP256);
  const TemporaryFolder folder;
  image::mcuboot::ReceiptRules receipt = logged.log().rules();
  receipt.log_keys[0] = logged.device().rules().public_key;
  logged.device().rules().receipt = &receipt;
  EXPECT_THAT(logged.device().Provision("mps2-an505", folder.File("boot.elf")),
              HasSubstr("Ed25519"));
}

}  // namespace
}  // namespace bootseal::tests
