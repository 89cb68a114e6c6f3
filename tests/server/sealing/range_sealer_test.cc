// Ranges that other tools made: the one that the target demands is signed, and
// what is no range is refused by name.
#include "server/sealing/range_sealer.h"

#include "firmware/image/mcuboot/verifier.h"
#include "tests/server/sealing/golden_range.h"
#include "tests/support/signing_key.h"

namespace bootseal::sealing {
namespace {

TEST(RangeSealer, SignsWhatImgtoolExportsForTheTarget) {
  const std::string range = Golden("range");
  for (const std::size_t chunk : {1, 3, 31, 65, 4096}) {
    const auto sealer = Fed(GoldenProfile(), GoldenRequest(), range, chunk);
    ASSERT_OK(sealer);
    EXPECT_EQ(DigestOf(**sealer), Sha256(range)) << chunk;
    EXPECT_EQ(DigestOf(**sealer), Golden("digest"));
    EXPECT_EQ((*sealer)->payload_sha256(),
              Sha256(absl::string_view(range).substr(kHeader, kPayload)));
  }
}

TEST(RangeSealer, MakesTheSameRangeAgainOfItsTlvs) {
  EXPECT_EQ(WithTlvs(GoldenTlvs()), Golden("range"));
}

TEST(RangeSealer, TakesEitherPaddingThatTheRequestNames) {
  std::string range = Golden("range");
  range.replace(32, kHeader - 32, std::string(kHeader - 32, '\0'));
  Request request = GoldenRequest();
  request.header_padding = std::byte{0};
  const auto sealer = Fed(GoldenProfile(), request, range);
  ASSERT_OK(sealer);
  EXPECT_EQ(DigestOf(**sealer), Sha256(range));
  EXPECT_THAT(Judged(range), StatusIs(kInvalid, "RANGE_HEADER_PADDING"));
  EXPECT_THAT(Fed(GoldenProfile(), request, Golden("range")),
              StatusIs(kInvalid, "RANGE_HEADER_PADDING"));
}

TEST(RangeSealer, RefusesPaddingOfAnythingElse) {
  for (const std::size_t at : {std::size_t{32}, kHeader - 1}) {
    std::string range = Golden("range");
    range[at] = 'x';
    EXPECT_THAT(Judged(range), StatusIs(kInvalid, "RANGE_HEADER_PADDING"));
    EXPECT_THAT(Judged(range),
                MessageHas(absl::StrCat("byte ", at,
                                        " of its header is 0x78, "
                                        "expected 0xff")));
  }
}

TEST(RangeSealer, CountsHeaderRoomWhereTheTargetHasIt) {
  v1::Profile profile = GoldenProfile();
  profile.mutable_target()->mutable_mcuboot()->set_payload_has_header_room(
      true);
  Request request = GoldenRequest();
  request.payload_size = kHeader + kPayload;
  const std::string range = Golden("range");
  const auto sealer = Fed(profile, request, range, 7);
  ASSERT_OK(sealer);
  EXPECT_EQ(DigestOf(**sealer), Sha256(range));
  EXPECT_EQ(
      (*sealer)->payload_sha256(),
      Sha256(std::string(kHeader, '\0') + range.substr(kHeader, kPayload)));
}

TEST(RangeSealer, BuffersThePayloadForAKeyThatSignsTheImageItself) {
  v1::Profile profile = GoldenProfile();
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.Clear();
  format.set_header_size(kHeader);
  format.set_slot_size(0x1000);
  format.set_pure(true);
  Request request;
  request.version = {1, 2, 3, 4};
  request.payload_size = kPayload;
  request.header_padding = std::byte{0xff};
  const std::string range = WithTlvs({});
  const auto sealer = Fed(profile, request, range, 7);
  ASSERT_OK(sealer);
  std::string message;
  (void)(*sealer)->Seal(
      [&](const Signable& what, Check) -> absl::StatusOr<std::string> {
        message = std::string(what.message);
        return absl::CancelledError("seen");
      });
  EXPECT_EQ(message, range);
}

TEST(RangeSealer, ItsImageBootsAndStartsWithTheRange) {
  v1::Profile profile = GoldenProfile();
  const tests::SigningKey& key = tests::SharedKey(image::Algorithm::kEd25519);
  profile.set_public_key(key.public_key());
  // Of the same line, with the signer that this key is.
  std::vector<RawTlv> tlvs = GoldenTlvs();
  const std::string golden = Sha256(ReadVector("mcuboot/ed25519.pub.der"));
  const std::size_t at = tlvs[1].value.find(golden);
  ASSERT_NE(at, std::string::npos);
  tlvs[1].value.replace(at, golden.size(), Sha256(key.public_key()));
  const std::string range = WithTlvs(tlvs);
  const auto sealer = Fed(profile, GoldenRequest(), range);
  ASSERT_OK(sealer);
  const auto sealed = (*sealer)->Seal(
      [&](const Signable& what, Check check) -> absl::StatusOr<std::string> {
        const std::string signature = key.Sign(AsBytes(what.digest));
        RETURN_IF_ERROR(check(signature));
        return signature;
      });
  ASSERT_OK(sealed);
  const auto& parts = std::get<SealedImage>(*sealed);
  const std::string image =
      absl::StrCat(parts.header, range.substr(kHeader, kPayload), parts.tlvs);
  EXPECT_EQ(image.substr(0, range.size()), range);
  const auto made = trust::McubootProfile::Make(profile);
  ASSERT_OK(made);
  EXPECT_EQ(image::mcuboot::Verify((*made)->rules(), AsBytes(image)).error(),
            image::Error::kOk);
}

TEST(RangeSealer, RefusesADigestAndSaysWhatToExport) {
  ExpectRefused(Golden("digest"), "RANGE_IS_DIGEST",
                "--vector-to-sign payload");
  for (const std::size_t size : {32, 48, 64}) {
    ExpectRefused(std::string(size, 'd'), "RANGE_IS_DIGEST");
  }
}

TEST(RangeSealer, RefusesWhatHasNoHeader) {
  for (const std::size_t size : {0, 1, 4, 31}) {
    EXPECT_THAT(Judged(std::string(size, 'd')),
                StatusIs(kInvalid, "RANGE_TRUNCATED"));
  }
  for (const std::size_t size : {33, 47, 65, 4096}) {
    ExpectRefused(std::string(size, 'd'), "RANGE_MAGIC", "64646464");
  }
  ExpectRefused(tests::TestPayload(500), "RANGE_MAGIC", "3db8f396");
  ExpectRefused(Golden("big-endian"), "RANGE_MAGIC", "--endian big");
}

TEST(RangeSealer, RefusesAWholeImage) {
  ExpectRefused(Golden("range") + Golden("image").substr(544), "RANGE_IS_IMAGE",
                "a whole image");
}

TEST(RangeSealer, RefusesWhatWasPaddedBeforeItWasExported) {
  ExpectRefused(Golden("padded"), "RANGE_IS_PADDED", "--pad");
  ExpectRefused(Golden("range") + std::string(1, '\xff'), "RANGE_IS_PADDED");
  ExpectRefused(Golden("range") + std::string(20, '\0'), "RANGE_IS_PADDED");
}

TEST(RangeSealer, RefusesBytesBehindTheRange) {
  ExpectRefused(Golden("range") + "x", "RANGE_TRAILING_BYTES", "78");
  ExpectRefused(Golden("range") + "xy", "RANGE_TRAILING_BYTES", "7879");
  ExpectRefused(Golden("range") + Golden("range"), "RANGE_TRAILING_BYTES");
}

TEST(RangeSealer, RefusesARangeThatIsCutAnywhere) {
  const std::string range = Golden("range");
  for (std::size_t size = kHeader; size < range.size(); ++size) {
    EXPECT_THAT(Judged(range.substr(0, size)),
                StatusIs(kInvalid, "RANGE_TRUNCATED"))
        << size;
  }
}

TEST(RangeSealer, RefusesABootRecordThatNamesNoSigner) {
  ExpectRefused(Golden("signer-unknown"), "RANGE_SIGNER_ZERO",
                "--fix-sig-pubkey");
}

TEST(RangeSealer, RefusesAProtectedAreaThatIsNone) {
  std::string range = Golden("range");
  range[kHeader + kPayload] = 0x07;
  ExpectRefused(range, "RANGE_TLV_MALFORMED");
  range = Golden("range");
  range[kHeader + kPayload + 6] = '\x7f';
  ExpectRefused(range, "RANGE_TLV_MALFORMED");
}

TEST(RangeSealer, RefusesAPayloadThatIsAnImageItself) {
  std::string range = Golden("range");
  range.replace(kHeader, 4, "\x3d\xb8\xf3\x96");
  ExpectRefused(range, "ALREADY_AN_IMAGE");
}

}  // namespace
}  // namespace bootseal::sealing
