#include "server/sealing/first_stage_sealer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/stm32_image.h"
#include "server/trust/first_stage_format.h"
#include "server/trust/parts.h"
#include "tests/support/key_table.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_package.h"

namespace bootseal::sealing {
namespace {

using image::host::AsBytes;
using image::host::ToString;
using tests::PemOf;
using tests::SigningKey;
using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

struct Case {
  v1::Stm32Chip chip;
  image::Algorithm algorithm;
};

v1::Profile ProfileFor(const Case& one) {
  const SigningKey& key = tests::SharedKey(one.algorithm);
  v1::Profile profile;
  v1::Target& target = *profile.mutable_target();
  target.set_name("fsbl");
  target.set_key("fsbl");
  v1::Stm32HeaderFormat& format = *target.mutable_stm32_header();
  format = tests::TestFirstStageFormat();
  format.set_chip(one.chip);
  if (one.chip != v1::STM32MP15) {
    format.set_key_index(5);
    for (int i = 0; i < 8; ++i) format.add_public_keys(PemOf(key.public_key()));
  }
  profile.set_algorithm(one.algorithm == image::Algorithm::kP384 ? v1::P384
                                                                 : v1::P256);
  profile.set_public_key(key.public_key());
  return profile;
}

std::string Payload() { return absl::StrCat("bl2", std::string(20'000, 'b')); }

absl::StatusOr<std::unique_ptr<Sealer>> Fed(const Case& one,
                                            const std::string& payload,
                                            std::size_t chunk = 4096,
                                            std::uint32_t counter = 3) {
  ASSIGN_OR_RETURN(const auto profile,
                   trust::TargetProfile::Make(ProfileFor(one)));
  v1::SignHeader header;
  header.set_payload_size(Payload().size());
  ASSIGN_OR_RETURN(auto sealer, StartSealer(profile, header, counter));
  for (std::size_t at = 0; at < payload.size(); at += chunk) {
    RETURN_IF_ERROR(sealer->Payload(payload.substr(at, chunk)));
  }
  RETURN_IF_ERROR(sealer->EndOfPayload());
  return sealer;
}

absl::StatusOr<Sealed> SealedBy(const Sealer& sealer, const SigningKey& key) {
  return sealer.Seal(
      [&](const Signable& what, Check check) -> absl::StatusOr<std::string> {
        const std::string signature = key.Sign(AsBytes(what.digest));
        RETURN_IF_ERROR(check(signature));
        return signature;
      });
}

class FirstStageSealerOf : public ::testing::TestWithParam<Case> {};

TEST_P(FirstStageSealerOf, MakesWhatAClosedChipStarts) {
  const Case& one = GetParam();
  const auto sealer = Fed(one, Payload());
  ASSERT_OK(sealer);
  const auto sealed = SealedBy(**sealer, tests::SharedKey(one.algorithm));
  ASSERT_OK(sealed);
  const auto& made = std::get<SealedFirstStage>(*sealed);
  const std::string image = made.proof.bytes() + Payload();
  const auto header = image::stm32::ReadHeader(AsBytes(image));
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->image_version, 3u);
  EXPECT_EQ(header->entry_point, 0x2ffc2500u);
  const image::Digest fused(AsBytes(made.fused_hash));
  const auto decision =
      image::stm32::RomCheck({header->version, true, fused, 3}, AsBytes(image));
  EXPECT_TRUE(decision.starts) << image::Text(decision.reason);
  EXPECT_FALSE(
      image::stm32::RomCheck({header->version, true, fused, 4}, AsBytes(image))
          .starts);
  EXPECT_EQ((*sealer)->payload_sha256(), trust::Sha256Of(Payload()));
}

// Byte for byte but for the signature.
TEST_P(FirstStageSealerOf, MakesTheImageThatIsMadeInOnePiece) {
  const Case& one = GetParam();
  const v1::Profile profile = ProfileFor(one);
  const v1::Stm32HeaderFormat& format = profile.target().stm32_header();
  const auto planned = image::host::PlanStm32Image(
      trust::DescriptionOf(format, 3), Payload(),
      trust::KeysOf(format, profile.public_key()).value());
  ASSERT_OK(planned);
  for (const std::size_t chunk : {1, 3, 4097, 1'000'000}) {
    const auto sealer = Fed(one, Payload(), chunk);
    ASSERT_OK(sealer);
    EXPECT_EQ((*sealer)->signable().digest, planned->digest) << chunk;
    const std::string preimage =
        absl::StrCat((*sealer)->preimage().header(), Payload());
    const bool wide = one.algorithm == image::Algorithm::kP384;
    EXPECT_EQ(ToString(image::HashOf(wide ? image::HashAlgorithm::kSha384
                                          : image::HashAlgorithm::kSha256,
                                     AsBytes(preimage))
                           .bytes()),
              planned->digest);
  }
}

TEST_P(FirstStageSealerOf, ReleasesNothingThatAnotherKeySigned) {
  const Case& one = GetParam();
  const auto sealer = Fed(one, Payload());
  ASSERT_OK(sealer);
  const SigningKey other(one.algorithm);
  EXPECT_THAT(SealedBy(**sealer, other), StatusIs(kInvalid, "SIGNATURE"));
}

INSTANTIATE_TEST_SUITE_P(
    Chips, FirstStageSealerOf,
    testing::Values(Case{v1::STM32MP15, image::Algorithm::kP256},
                    Case{v1::STM32MP13, image::Algorithm::kP256},
                    Case{v1::STM32MP23, image::Algorithm::kP256},
                    Case{v1::STM32MP25, image::Algorithm::kP256},
                    Case{v1::STM32MP21, image::Algorithm::kP256},
                    Case{v1::STM32MP21, image::Algorithm::kP384}),
    [](const auto& one) {
      return absl::StrCat(
          v1::Stm32Chip_Name(one.param.chip),
          one.param.algorithm == image::Algorithm::kP384 ? "P384" : "P256");
    });

constexpr Case kOne{v1::STM32MP15, image::Algorithm::kP256};

TEST(FirstStageSealer, RefusesWhatHasAHeaderAlready) {
  std::string payload = Payload();
  payload.replace(0, 4, "STM2");
  EXPECT_THAT(Fed(kOne, payload, 3),
              StatusIs(kInvalid, "ALREADY_A_FIRST_STAGE"));
  payload.replace(0, 4, std::string("\x01\x00\x64\xaa", 4));
  EXPECT_THAT(Fed(kOne, payload, 3), StatusIs(kInvalid, "ALREADY_A_PACKAGE"));
}

TEST(FirstStageSealer, RefusesOtherSizesThanAnnounced) {
  EXPECT_THAT(Fed(kOne, Payload() + "x"), StatusIs(kInvalid, "SIZE_MISMATCH"));
  EXPECT_THAT(Fed(kOne, Payload().substr(1)),
              StatusIs(kInvalid, "SIZE_MISMATCH"));
}

TEST(FirstStageSealer, RefusesTheVersionThatNoClosedChipStarts) {
  EXPECT_THAT(Fed(kOne, Payload(), 4096, 0),
              StatusIs(kInvalid, "IMAGE_VERSION_ZERO"));
}

}  // namespace
}  // namespace bootseal::sealing
