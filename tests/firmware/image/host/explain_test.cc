#include "firmware/image/host/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/mcuboot/judge.h"
#include "tests/firmware/image/host/finding.h"
#include "tests/support/receipt_log.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;
using image::host::Explain;
using image::host::Explanation;
using image::host::Finding;
using image::host::NameOf;
using image::host::Outcome;
using image::host::ToString;
using namespace image::mcuboot;
using testing::HasSubstr;

std::set<std::string> Failures(const Explanation& explanation) {
  std::set<std::string> failures;
  for (const Finding& finding : explanation.findings) {
    if (finding.outcome == Outcome::kFail)
      failures.insert(NameOf(finding.code));
  }
  return failures;
}

Error FirstFailure(const Explanation& explanation) {
  for (const Finding& finding : explanation.findings) {
    if (finding.outcome == Outcome::kFail) return finding.code;
  }
  return Error::kOk;
}

std::string Vector(const std::string& name) {
  auto content = base::ReadFile(
      absl::StrCat(BOOTSEAL_SOURCE_DIR "/tests/vectors/mcuboot/", name),
      1 << 20);
  EXPECT_TRUE(content.ok()) << content.status();
  return content.value_or("");
}

TEST(Explain, OfAnotherVendorsImageNamesBothAndTheOption) {
  TestTarget target(SharedKey(Algorithm::kP256));
  target.rules.vendor_uuid = AsBytes("0123456789abcdef");
  const std::string image = MakeImage(target, TestPayload(304), {});
  const Explanation explanation = Explain(target.rules, AsBytes(image));
  const Finding& vendor = FindingOf(explanation, Error::kVendorUuid);
  EXPECT_EQ(vendor.outcome, Outcome::kFail);
  EXPECT_EQ(vendor.detail,
            "no UUID_VID TLV (0x74), expected "
            "30313233-3435-3637-3839-616263646566");
  EXPECT_EQ(vendor.demanded_by, "MCUBOOT_UUID_VID");
  EXPECT_THAT(vendor.fix,
              HasSubstr("--vid 30313233-3435-3637-3839-616263646566"));
}

// The target of the report that started this project: TF-M's secure image on
// the STM32L552ZE-Q.
class TfmSecure : public testing::Test {
 protected:
  TfmSecure() : key_(Vector("rsa3072.pub.der")) {
    key_hash_ = image::HashOf(image::HashAlgorithm::kSha256, AsBytes(key_));
    rules_.algorithm = Algorithm::kRsa3072;
    rules_.key_format = KeyFormat::kFull;
    rules_.public_key = AsBytes(key_);
    rules_.key_hash = key_hash_.bytes();
    rules_.header_size = 0x400;
    rules_.slot_size = 0x2d000;
    rules_.align = 8;
    rules_.strategy = Strategy::kOverwriteOnly;
    rules_.security_counter = Presence::kRequired;
    rules_.security_counter_ceiling = 512;
    rules_.boot_record = Presence::kRequired;
    rules_.software_type = AsBytes("SPE");
    rules_.image_count = 2;
  }

  std::string key_;
  image::Digest key_hash_;
  Rules rules_;
};

TEST_F(TfmSecure, WithoutBootRecordIsExplainedWithSwitchAndFix) {
  const std::string image = Vector("tfm-s-bare.bin");
  const Explanation explanation = Explain(rules_, AsBytes(image));
  EXPECT_EQ(NameOf(explanation.verdict), "SECURITY_COUNTER_MISSING");
  EXPECT_EQ(Failures(explanation),
            (std::set<std::string>{"SECURITY_COUNTER_MISSING",
                                   "BOOT_RECORD_MISSING"}));
  const Finding& record = FindingOf(explanation, Error::kBootRecordMissing);
  EXPECT_EQ(record.detail, "no BOOT_RECORD TLV (0x60)");
  EXPECT_EQ(record.demanded_by, "MCUBOOT_MEASURED_BOOT");
  EXPECT_THAT(record.fix, HasSubstr("--boot-record SPE"));
  EXPECT_THAT(record.fix, HasSubstr("bootseal sign"));
  const Finding& counter =
      FindingOf(explanation, Error::kSecurityCounterMissing);
  EXPECT_EQ(counter.detail, "no SEC_CNT TLV (0x50)");
  EXPECT_EQ(counter.demanded_by, "MCUBOOT_HW_ROLLBACK_PROT");
  EXPECT_THAT(counter.fix, HasSubstr("-s 1 (at most 512; never -s auto)"));
}

TEST_F(TfmSecure, WithEverythingHasNothingToExplain) {
  const std::string image = Vector("tfm-s.bin");
  const Explanation explanation = Explain(rules_, AsBytes(image));
  EXPECT_EQ(NameOf(explanation.verdict), "OK");
  for (const Finding& finding : explanation.findings) {
    const bool about_nothing =
        finding.code == Error::kVendorUuid || finding.code == Error::kClassUuid;
    EXPECT_EQ(finding.outcome,
              about_nothing ? Outcome::kNothingToJudge : Outcome::kPass)
        << NameOf(finding.code);
    EXPECT_EQ(finding.fix, "") << NameOf(finding.code);
  }
}

// A dependency on itself would be no fix.
TEST_F(TfmSecure, WithoutDependencyIsToldThoseOfTheTarget) {
  rules_.dependency = Presence::kRequired;
  const std::string image = Vector("tfm-s-bare.bin");
  const Explanation told =
      Explain(rules_, AsBytes(image), {.dependencies = "(0,1.2.0+0)"});
  EXPECT_THAT(FindingOf(told, Error::kDependencyMissing).fix,
              HasSubstr("imgtool sign -d \"(0,1.2.0+0)\"; or"));
  const std::string general =
      FindingOf(Explain(rules_, AsBytes(image)), Error::kDependencyMissing).fix;
  EXPECT_THAT(general, HasSubstr("-d \"(ID,VERSION)\""));
  EXPECT_THAT(general, HasSubstr("another image"));
}

TEST_F(TfmSecure, WithADependencyOnNoImageIsToldThoseOfTheTarget) {
  rules_.image_count = 1;
  const std::string image = Vector("tfm-s.bin");
  const Explanation told =
      Explain(rules_, AsBytes(image), {.dependencies = "(0,1.2.0+0)"});
  EXPECT_EQ(FindingOf(told, Error::kDependencyImage).outcome, Outcome::kFail);
  EXPECT_THAT(FindingOf(told, Error::kDependencyImage).fix,
              HasSubstr("-d \"(0,1.2.0+0)\""));
}

// What is not there does not pass a rule about it.
TEST_F(TfmSecure, JudgesNothingOfTlvsThatAreNotThere) {
  rules_.security_counter = Presence::kOptional;
  rules_.boot_record = Presence::kOptional;
  rules_.dependency = Presence::kOptional;
  const std::string image = Vector("tfm-s-bare.bin");
  const Explanation explanation = Explain(rules_, AsBytes(image));
  EXPECT_EQ(NameOf(explanation.verdict), "OK");
  for (const Error code :
       {Error::kSecurityCounterMissing, Error::kSecurityCounterLow,
        Error::kSecurityCounterHigh, Error::kBootRecordMissing,
        Error::kBootRecordSize, Error::kBootRecordFormat,
        Error::kBootRecordSigner, Error::kBootRecordVersion,
        Error::kSoftwareType, Error::kDependencyMissing,
        Error::kDependencyImage}) {
    const Finding& finding = FindingOf(explanation, code);
    EXPECT_EQ(finding.outcome, Outcome::kNothingToJudge) << NameOf(code);
    EXPECT_THAT(finding.detail, HasSubstr("no ")) << NameOf(code);
    EXPECT_EQ(finding.fix, "") << NameOf(code);
  }
  EXPECT_EQ(FindingOf(explanation, Error::kUnexpectedTlv).outcome,
            Outcome::kPass);
}

TEST_F(TfmSecure, FailsARuleAboutATlvThatIsNotThereAllTheSame) {
  rules_.security_counter = Presence::kOptional;
  rules_.minimum_security_counter = 3;
  const std::string image = Vector("tfm-s-bare.bin");
  const Explanation explanation = Explain(rules_, AsBytes(image));
  EXPECT_EQ(FindingOf(explanation, Error::kSecurityCounterLow).outcome,
            Outcome::kFail);
  EXPECT_EQ(FindingOf(explanation, Error::kBootRecordMissing).outcome,
            Outcome::kFail);
  EXPECT_EQ(FindingOf(explanation, Error::kBootRecordSize).outcome,
            Outcome::kNothingToJudge);
}

TEST_F(TfmSecure, WithTheWrongHeaderIsStillReadToItsEnd) {
  rules_.header_size = 0x200;
  const std::string image = Vector("tfm-s-bare.bin");
  const Explanation explanation = Explain(rules_, AsBytes(image));
  EXPECT_EQ(NameOf(explanation.verdict), "HEADER_SIZE");
  EXPECT_EQ(Failures(explanation),
            (std::set<std::string>{"HEADER_SIZE", "SECURITY_COUNTER_MISSING",
                                   "BOOT_RECORD_MISSING"}));
  EXPECT_EQ(FindingOf(explanation, Error::kHeaderSize).detail,
            "header of 0x400 bytes, expected 0x200");
}

// For each byte that can be wrong, one rule is the first to fail, and it is the
// verifier's.
TEST(Explain, AgreesWithTheVerifierWhateverIsFlippedOrCut) {
  const TestTarget target(SharedKey(Algorithm::kEd25519));
  const std::string image = MakeImage(target, TestPayload(40),
                                      {.has_security_counter = true,
                                       .security_counter = 5,
                                       .software_type = AsBytes("SPE"),
                                       .dependencies = {},
                                       .decompression = {},
                                       .vendor = {}});
  for (std::size_t bit = 0; bit < 8 * image.size(); ++bit) {
    std::string changed = image;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    const Explanation explanation = Explain(target.rules, AsBytes(changed));
    ASSERT_EQ(NameOf(FirstFailure(explanation)), NameOf(explanation.verdict))
        << "bit " << bit;
  }
  for (std::size_t size = 0; size < image.size(); ++size) {
    const Explanation explanation =
        Explain(target.rules, AsBytes(image).first(size));
    ASSERT_EQ(NameOf(FirstFailure(explanation)), NameOf(explanation.verdict))
        << "size " << size;
  }
}

TEST(Explain, AgreesWithTheVerifierOnAnAreaSmallerThanItsInfo) {
  const TestTarget target(SharedKey(Algorithm::kEd25519));
  const std::string image = MakeImage(target, TestPayload(40), {});
  const std::size_t area = 0x20 + 40;
  for (const char* magic : {"\x07\x69", "\x08\x69", "xx"}) {
    for (char total = 0; total < 8; ++total) {
      std::string changed = image;
      changed.replace(area, 4, magic + std::string{total, 0});
      const Explanation explanation = Explain(target.rules, AsBytes(changed));
      EXPECT_NE(NameOf(explanation.verdict), "OK");
      EXPECT_EQ(NameOf(FirstFailure(explanation)), NameOf(explanation.verdict))
          << magic << static_cast<int>(total);
    }
  }
}

TEST(Explain, SaysSomethingOfOtherFiles) {
  const TestTarget target(SharedKey(Algorithm::kEd25519));
  const std::string text(1000, 'x');
  const Explanation explanation = Explain(target.rules, AsBytes(text));
  EXPECT_EQ(NameOf(explanation.verdict), "HEADER_MAGIC");
  EXPECT_THAT(FindingOf(explanation, Error::kHeaderMagic).fix,
              HasSubstr("no signed image"));
  EXPECT_EQ(FindingOf(explanation, Error::kSignatureMismatch).outcome,
            Outcome::kNotReached);
}

TEST(Explain, AsksEveryRuleOnceAndHasWordsForIt) {
  TestTarget target(SharedKey(Algorithm::kEd25519));
  const ReceiptLog log;
  const ReceiptRules receipt = log.rules();
  target.rules.receipt = &receipt;  // else nothing is said of receipts
  const Explanation explanation = Explain(target.rules, {});
  std::set<std::string> codes;
  std::set<std::string> rules;
  for (const Finding& finding : explanation.findings) {
    codes.insert(NameOf(finding.code));
    rules.insert(finding.rule);
    // What must hold, not how it fails: "pass: TLV given twice" misleads.
    EXPECT_NE(finding.rule, image::Text(finding.code));
  }
  EXPECT_EQ(codes.size(), explanation.findings.size());
  EXPECT_EQ(rules.size(), explanation.findings.size());
  for (const auto table : {HeaderRules(), ImageRules()}) {
    for (const Rule& rule : table) {
      EXPECT_TRUE(codes.count(NameOf(rule.code)));
    }
  }
}

TEST(Explain, SaysThatACounterHasNoCeiling) {
  TestTarget target(SharedKey(Algorithm::kEd25519));
  const std::string image = MakeImage(target, TestPayload(40),
                                      {.has_security_counter = true,
                                       .security_counter = 5,
                                       .software_type = {},
                                       .dependencies = {},
                                       .decompression = {},
                                       .vendor = {}});
  target.rules.security_counter_ceiling = 0;
  EXPECT_EQ(FindingOf(Explain(target.rules, AsBytes(image)),
                      Error::kSecurityCounterHigh)
                .detail,
            "counter 5; device has 0, no ceiling");
  target.rules.security_counter_ceiling = 7;
  EXPECT_EQ(FindingOf(Explain(target.rules, AsBytes(image)),
                      Error::kSecurityCounterHigh)
                .detail,
            "counter 5; device has 0, ceiling 7");
}

TEST(Explain, SaysWhatItSawOfAnOversizedImage) {
  TestTarget target(SharedKey(Algorithm::kEd25519));
  const std::string image = MakeImage(target, TestPayload(1000), {});
  target.rules.slot_size = 1000;
  const Explanation explanation = Explain(target.rules, AsBytes(image));
  EXPECT_EQ(NameOf(explanation.verdict), "IMAGE_TOO_LARGE");
  EXPECT_EQ(FindingOf(explanation, Error::kImageTooLarge).detail,
            absl::StrCat("image ends at ", image.size(),
                         ", the slot of 1000 bytes allows 952"));
}

TEST(TlvNames, AreMcubootsOwn) {
  EXPECT_EQ(image::host::NameOfTlv(0x60), "BOOT_RECORD");
  EXPECT_EQ(image::host::NameOfTlv(0xa0), "VENDOR");
  EXPECT_EQ(image::host::NameOfTlv(0xffff), "UNKNOWN");
  EXPECT_EQ(image::host::NameOfTlv(0x99), "UNKNOWN");
  EXPECT_EQ(image::host::DescribeTlv(0x10), "SHA256 TLV (0x10)");
}

}  // namespace
}  // namespace bootseal::tests
