#include "server/sealing/capsule_sealer.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/open_capsule.h"
#include "server/trust/capsule_format.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_capsule.h"

namespace bootseal::sealing {
namespace {

using image::host::AsBytes;
using image::host::ToString;
using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

v1::Profile TestProfile() {
  v1::Profile profile;
  profile.mutable_target()->set_name("board");
  *profile.mutable_target()->mutable_capsule() = tests::TestCapsuleFormat();
  profile.set_algorithm(v1::RSA2048);
  profile.set_public_key(tests::SharedCapsuleKey().certificate.public_key());
  return profile;
}

v1::SignHeader HeaderFor(const std::string& firmware) {
  v1::SignHeader header;
  header.set_payload_size(firmware.size());
  return header;
}

absl::StatusOr<std::unique_ptr<Sealer>> Fed(const v1::SignHeader& header,
                                            const std::string& firmware,
                                            std::size_t chunk = 4096,
                                            std::uint32_t counter = 7) {
  ASSIGN_OR_RETURN(const auto profile,
                   trust::TargetProfile::Make(TestProfile()));
  ASSIGN_OR_RETURN(auto sealer, StartSealer(profile, header, counter));
  for (std::size_t at = 0; at < firmware.size(); at += chunk) {
    RETURN_IF_ERROR(sealer->Payload(firmware.substr(at, chunk)));
  }
  RETURN_IF_ERROR(sealer->EndOfPayload());
  return sealer;
}

absl::Status Judged(const std::string& firmware, std::size_t chunk = 4096) {
  return Fed(HeaderFor(firmware), firmware, chunk).status();
}

absl::StatusOr<Sealed> SealedBy(const Sealer& sealer, EVP_PKEY* key) {
  return sealer.Seal(
      [&](const Signable& what, Check check) -> absl::StatusOr<std::string> {
        EXPECT_TRUE(what.message.empty());
        const std::string signature = tests::SignPkcs1(key, what.digest);
        RETURN_IF_ERROR(check(signature));
        return signature;
      });
}

std::string Firmware() {
  return absl::StrCat("firmware", std::string(10'000, 'f'));
}

std::string Sha256(const std::string& text) {
  return ToString(
      image::HashOf(image::HashAlgorithm::kSha256, AsBytes(text)).bytes());
}

TEST(CapsuleSealer, MakesWhatTheCertificateOpens) {
  const std::string firmware = Firmware();
  const auto sealer = Fed(HeaderFor(firmware), firmware);
  ASSERT_OK(sealer);
  const auto sealed = SealedBy(**sealer, tests::SharedCapsuleKey().key.get());
  ASSERT_OK(sealed);
  const std::string file = std::get<SealedCapsule>(*sealed).front + firmware;
  EXPECT_EQ(file, tests::MakeCapsule(tests::TestCapsuleHeader(), firmware,
                                     tests::SharedCapsuleKey()));
  const auto opened =
      image::host::OpenCapsule(file, tests::SharedCapsuleKey().certificate);
  ASSERT_OK(opened);
  EXPECT_EQ(opened->front().header,
            trust::CapsuleHeaderOf(tests::TestCapsuleFormat(), 7));
  EXPECT_EQ((*sealer)->payload_sha256(), Sha256(firmware));
}

TEST(CapsuleSealer, MakesTheSameOfAnyChunksAndAtAnyTime) {
  const std::string firmware = Firmware();
  std::string digest;
  for (const std::size_t chunk : {1, 3, 15, 16, 17, 100'000}) {
    const auto sealer = Fed(HeaderFor(firmware), firmware, chunk);
    ASSERT_OK(sealer) << chunk;
    if (digest.empty()) digest = (*sealer)->signable().digest;
    EXPECT_EQ((*sealer)->signable().digest, digest) << chunk;
  }
}

TEST(CapsuleSealer, TellsApproversWhatTheDigestIsOver) {
  const std::string firmware = Firmware();
  const auto sealer = Fed(HeaderFor(firmware), firmware);
  ASSERT_OK(sealer);
  v1::SigningEvent event;
  event.set_security_counter(7);
  v1::SignedDigest& digest = *event.add_digests();
  digest.set_digest((*sealer)->signable().digest);
  *digest.mutable_preimage() = (*sealer)->preimage();
  const auto opened = trust::OpenCapsuleMessage(event);
  ASSERT_OK(opened);
  EXPECT_EQ(opened->content_sha256,
            image::host::ContentSha256(opened->header, firmware));
}

TEST(CapsuleSealer, RefusesASignatureThatDevicesWould) {
  const std::string firmware = Firmware();
  const auto sealer = Fed(HeaderFor(firmware), firmware);
  ASSERT_OK(sealer);
  EXPECT_THAT(
      SealedBy(**sealer, tests::OtherCapsuleKey().key.get()),
      StatusIs(absl::StatusCode::kPermissionDenied, "SIGNATURE_INVALID"));
  EXPECT_THAT(
      SealedBy(**sealer, tests::MakeKey("P-256", 0).get()),
      StatusIs(absl::StatusCode::kPermissionDenied, "SIGNATURE_INVALID"));
  // Whoever signs and does not check gets nothing either.
  const auto unchecked = (*sealer)->Seal(
      [](const Signable&, Check) -> absl::StatusOr<std::string> {
        return std::string("signature");
      });
  EXPECT_EQ(unchecked.status().code(), absl::StatusCode::kInternal);
}

TEST(CapsuleSealer, TakesWhatWasAnnouncedToTheByte) {
  const std::string firmware = Firmware();
  for (const std::size_t chunk : {1, 4096}) {
    EXPECT_THAT(Fed(HeaderFor(firmware), firmware + "x", chunk),
                StatusIs(kInvalid, "SIZE_MISMATCH"));
    EXPECT_THAT(Fed(HeaderFor(firmware),
                    firmware.substr(0, firmware.size() - 1), chunk),
                StatusIs(kInvalid, "SIZE_MISMATCH"));
    EXPECT_THAT(Fed(HeaderFor(firmware), "", chunk),
                StatusIs(kInvalid, "SIZE_MISMATCH"));
  }
}

// A device would believe the version in it, which nobody judged.
TEST(CapsuleSealer, RefusesAFirmwareWithAPayloadHeaderOfItsOwn) {
  for (const std::size_t chunk : {1, 2, 3, 4096}) {
    EXPECT_THAT(Judged("MSS1 and more", chunk),
                StatusIs(kInvalid, "ALREADY_WITH_VERSION"));
    EXPECT_THAT(Judged("MSS1", chunk),
                StatusIs(kInvalid, "ALREADY_WITH_VERSION"));
    EXPECT_OK(Judged("MSS2 and more than a GUID", chunk));
    EXPECT_OK(Judged("MSS", chunk));
  }
}

TEST(CapsuleSealer, RefusesACapsule) {
  for (const std::string& capsule :
       {image::host::WriteAcceptCapsule(image::guids::kFip),
        image::host::WriteRevertCapsule(),
        tests::MakeCapsule(tests::TestCapsuleHeader(), "firmware",
                           tests::SharedCapsuleKey())}) {
    for (const std::size_t chunk : {1, 15, 16, 4096}) {
      EXPECT_THAT(Judged(capsule, chunk),
                  StatusIs(kInvalid, "ALREADY_A_CAPSULE"));
    }
  }
}

TEST(CapsuleSealer, RefusesWhatThePolicyWouldHave) {
  EXPECT_THAT(Judged(""), StatusIs(kInvalid, "EMPTY_PAYLOAD"));
  EXPECT_THAT(Judged(std::string((64 << 10) + 1, 'f')),
              StatusIs(kInvalid, "PAYLOAD_TOO_LARGE"));
  EXPECT_THAT(Fed(HeaderFor("f"), "f", 1, 2),
              StatusIs(kInvalid, "VERSION_BELOW_LOWEST"));
}

}  // namespace
}  // namespace bootseal::sealing
