#include "firmware/image/host/mcuboot_prediction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/explain.h"
#include "tests/firmware/image/host/loader_case.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::host::AsBytes;
using image::host::CompareWithVerdict;
using image::host::Explain;
using image::host::PredictedBoot;
using image::host::PredictMcuboot;
using namespace image::mcuboot;
using testing::HasSubstr;

constexpr Algorithm kP = Algorithm::kP256;
constexpr Algorithm kEd = Algorithm::kEd25519;

TEST(McubootPrediction, ComparesItselfWithOurVerdict) {
  TestTarget target(SharedKey(kP));
  ImageParts parts = MakeParts(target, TestPayload(64), {});
  const auto compare = [&target](const std::string& image) {
    return CompareWithVerdict(Explain(target.rules, AsBytes(image)),
                              PredictMcuboot(target.rules, AsBytes(image)));
  };
  EXPECT_EQ(compare(Join(parts)),
            "MCUboot itself would boot this, and so does Bootseal's verifier");
  ImageParts prefix = parts;
  prefix.unprotected[1].value.resize(4);
  EXPECT_EQ(compare(Join(prefix)),
            "MCUboot itself would boot this; Bootseal refuses it because: "
            "signed with another key (KEY_UNKNOWN)");
  ImageParts trailing = parts;
  trailing.unprotected[2].value += 'g';
  EXPECT_THAT(compare(Join(trailing)),
              HasSubstr("with TinyCrypt, PSA would boot this"));
  EXPECT_THAT(compare(Join(trailing)), HasSubstr("with mbedTLS refuses it in"));
  ImageParts without = parts;
  without.unprotected.pop_back();
  EXPECT_THAT(compare(Join(without)),
              HasSubstr("so does Bootseal, because: signature missing"));
}

TEST(McubootPrediction, IsAMatterOfTheDevicesKeyWhenEncrypted) {
  TestTarget target(SharedKey(kP));
  target.rules.encryption = Presence::kOptional;
  target.rules.encryption_tlv = 0x32;
  ImageParts parts = MakeParts(target, TestPayload(64), {});
  parts.header.flags = flags::kEncryptedAes128;
  SignAgain(target, parts);
  parts.unprotected.push_back({0x32, std::string(113, 'e')});
  const auto predictions = PredictMcuboot(target.rules, AsBytes(Join(parts)));
  ASSERT_EQ(predictions.size(), 1U);
  EXPECT_EQ(predictions[0].boot, PredictedBoot::kUndecided);
}

TEST(McubootPrediction, RefusesAContentKeyOfAnotherLength) {
  TestTarget target(SharedKey(kP));
  target.rules.encryption = Presence::kOptional;
  target.rules.encryption_tlv = 0x32;
  ImageParts parts = MakeParts(target, TestPayload(64), {});
  parts.header.flags = flags::kEncryptedAes128;
  SignAgain(target, parts);
  for (const std::size_t size : {0U, 112U, 114U, 129U}) {
    ImageParts with = parts;
    with.unprotected.push_back({0x32, std::string(size, 'e')});
    const auto predictions = PredictMcuboot(target.rules, AsBytes(Join(with)));
    EXPECT_EQ(Summary(predictions), "KEY_UNWRAP") << size;
    ASSERT_EQ(predictions.size(), 1U);
    EXPECT_EQ(predictions[0].boot, PredictedBoot::kRefused) << size;
    EXPECT_THAT(predictions[0].reason, HasSubstr("the build takes 113"));
  }
}

TEST(McubootPrediction, RefusesAnEncryptedImageWhoseSignatureIsPure) {
  TestTarget target(SharedKey(kEd), image::HashAlgorithm::kSha512);
  target.rules.pure = true;
  target.rules.encryption = Presence::kOptional;
  target.rules.encryption_tlv = 0x33;
  ImageParts parts = MakeParts(target, TestPayload(64), {});
  parts.header.flags = flags::kEncryptedAes128;
  SignAgain(target, parts);
  parts.unprotected.push_back({0x33, std::string(80, 'e')});
  const auto clear = PredictMcuboot(target.rules, AsBytes(Join(parts)));
  ASSERT_EQ(clear.size(), 1U);
  EXPECT_EQ(clear[0].boot, PredictedBoot::kUndecided);
  parts.payload[9] ^= 1;
  const auto predictions = PredictMcuboot(target.rules, AsBytes(Join(parts)));
  EXPECT_EQ(Summary(predictions), "SIGNATURE");
  EXPECT_THAT(predictions[0].reason, HasSubstr("MCUBOOT_SIGN_PURE"));
}

TEST(McubootPrediction, ReadsEveryTruncationWithoutStarting) {
  const TestTarget target(SharedKey(kEd));
  const std::string image = MakeImage(target, TestPayload(40), {});
  for (std::size_t size = 0; size < image.size(); ++size) {
    // A file of its own size, for the sanitizer to see its end.
    const std::string cut = image.substr(0, size);
    ASSERT_NE(Summary(PredictMcuboot(target.rules, AsBytes(cut))), kStarts)
        << size;
  }
}

TEST(McubootPrediction, NamesEveryStepOnce) {
  std::set<std::string> codes;
  for (const auto& step : image::host::LoaderSteps()) codes.insert(step.code);
  EXPECT_EQ(codes.size(), image::host::LoaderSteps().size());
}

}  // namespace
}  // namespace bootseal::tests
