#include "server/sealing/mcuboot_sealer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/trailer.h"
#include "tests/support/assembled_image.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::sealing {
namespace {

using image::host::AsBytes;
using tests::StatusIs;

v1::Profile SmallProfile() {
  v1::Profile profile;
  profile.mutable_target()->set_name("app");
  profile.set_algorithm(v1::P256);
  profile.set_public_key(
      tests::SharedKey(image::Algorithm::kP256).public_key());
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.set_header_size(0x200);
  format.set_slot_size(0x10000);
  return profile;
}

std::shared_ptr<const trust::McubootProfile> Made(const v1::Profile& profile) {
  auto made = trust::McubootProfile::Make(profile);
  EXPECT_OK(made);
  return *made;
}

Request RequestOf(std::size_t payload_size) {
  Request request;
  request.version = {1, 2, 3, 4};
  request.payload_size = payload_size;
  return request;
}

// Feeds a payload in chunks; the sealer that took all of it, or the error.
absl::StatusOr<std::unique_ptr<McubootSealer>> Fed(const v1::Profile& profile,
                                                   const Request& request,
                                                   absl::string_view payload,
                                                   std::size_t chunk) {
  ASSIGN_OR_RETURN(auto sealer, McubootSealer::Start(Made(profile), request));
  for (std::size_t at = 0; at < payload.size(); at += chunk) {
    RETURN_IF_ERROR(sealer->Payload(payload.substr(at, chunk)));
  }
  return sealer;
}

absl::Status PayloadStatus(const v1::Profile& profile,
                           absl::string_view payload, std::size_t chunk) {
  return Fed(profile, RequestOf(payload.size()), payload, chunk).status();
}

v1::SignReply AsReply(const SealedImage& sealed, const v1::Profile& profile) {
  v1::SignReply reply;
  reply.set_header(sealed.header);
  reply.set_tlvs(sealed.tlvs);
  *reply.mutable_fill() = sealed.fill;
  *reply.mutable_profile() = profile;
  return reply;
}

absl::StatusOr<std::string> Image(const v1::Profile& profile,
                                  const Request& request,
                                  absl::string_view payload,
                                  std::size_t chunk = 4096) {
  ASSIGN_OR_RETURN(const auto sealer, Fed(profile, request, payload, chunk));
  ASSIGN_OR_RETURN(const std::string digest, sealer->EndOfPayload());
  const std::string signature =
      tests::SharedKey(image::Algorithm::kP256).Sign(AsBytes(digest));
  ASSIGN_OR_RETURN(const SealedImage sealed, sealer->Seal(signature));
  return tests::AssembledImage(AsReply(sealed, profile), payload);
}

image::Error Verdict(const v1::Profile& profile, const std::string& image) {
  return image::mcuboot::Verify(Made(profile)->rules(), AsBytes(image)).error();
}

std::size_t LargestPayload(const v1::Profile& profile) {
  const auto status =
      McubootSealer::Start(Made(profile), RequestOf(0x10000000)).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "PAYLOAD_TOO_LARGE"));
  const std::string message(status.message());
  return std::stoul(message.substr(message.find("at most ") + 8));
}

TEST(McubootSealer, MakesTheSameBootableImageFromAnyChunks) {
  const std::string payload = tests::TestPayload(10001);
  for (const std::size_t chunk : {1, 3, 511, 20000}) {
    const auto image =
        Image(SmallProfile(), RequestOf(payload.size()), payload, chunk);
    ASSERT_OK(image);
    EXPECT_EQ(Verdict(SmallProfile(), *image), image::Error::kOk) << chunk;
    EXPECT_EQ(image->substr(0x200, payload.size()), payload);
  }
}

TEST(McubootSealer, PutsTheHeaderIntoTheRoomThatThePayloadBrings) {
  v1::Profile profile = SmallProfile();
  profile.mutable_target()->mutable_mcuboot()->set_payload_has_header_room(
      true);
  const std::string application = tests::TestPayload(3000);
  const std::string payload = std::string(0x200, '\0') + application;
  for (const std::size_t chunk : {1, 300, 4096}) {
    const auto image =
        Image(profile, RequestOf(payload.size()), payload, chunk);
    ASSERT_OK(image);
    EXPECT_EQ(Verdict(profile, *image), image::Error::kOk) << chunk;
    EXPECT_EQ(image->substr(0x200, application.size()), application);
  }
}

TEST(McubootSealer, FillsTheSlotWhenTheTargetPads) {
  v1::Profile profile = SmallProfile();
  profile.mutable_target()->mutable_mcuboot()->set_padding(v1::PAD);
  const std::string payload = tests::TestPayload(3000);
  const auto image = Image(profile, RequestOf(payload.size()), payload);
  ASSERT_OK(image);
  EXPECT_EQ(image->size(), 0x10000U);
  EXPECT_EQ(Verdict(profile, *image), image::Error::kOk);
}

TEST(McubootSealer, TakesTheLargestPayloadThatFits) {
  const std::string payload =
      tests::TestPayload(LargestPayload(SmallProfile()));
  const auto image = Image(SmallProfile(), RequestOf(payload.size()), payload);
  ASSERT_OK(image);
  EXPECT_EQ(Verdict(SmallProfile(), *image), image::Error::kOk);
}

TEST(McubootSealer, RefusesOneByteMoreThanFits) {
  const std::size_t size = LargestPayload(SmallProfile()) + 1;
  EXPECT_THAT(
      McubootSealer::Start(Made(SmallProfile()), RequestOf(size)),
      StatusIs(absl::StatusCode::kInvalidArgument, "PAYLOAD_TOO_LARGE"));
}

TEST(McubootSealer, RefusesAnEmptyPayload) {
  EXPECT_THAT(McubootSealer::Start(Made(SmallProfile()), RequestOf(0)),
              StatusIs(absl::StatusCode::kInvalidArgument, "EMPTY_PAYLOAD"));
}

TEST(McubootSealer, RefusesAPayloadThatIsAnImageAlready) {
  const std::string payload = tests::TestPayload(3000);
  const auto image = Image(SmallProfile(), RequestOf(payload.size()), payload);
  ASSERT_OK(image);
  // The magic may be cut anywhere by the stream.
  for (const std::size_t chunk : {1, 2, 3, 4, 4096}) {
    EXPECT_THAT(
        PayloadStatus(SmallProfile(), *image, chunk),
        StatusIs(absl::StatusCode::kInvalidArgument, "ALREADY_AN_IMAGE"))
        << chunk;
  }
}

TEST(McubootSealer, RefusesAnImageWhereHeaderRoomIsExpected) {
  v1::Profile profile = SmallProfile();
  const std::string payload = tests::TestPayload(3000);
  const auto image = Image(profile, RequestOf(payload.size()), payload);
  ASSERT_OK(image);
  profile.mutable_target()->mutable_mcuboot()->set_payload_has_header_room(
      true);
  EXPECT_THAT(PayloadStatus(profile, *image, 4096),
              StatusIs(absl::StatusCode::kInvalidArgument, "ALREADY_AN_IMAGE"));
}

TEST(McubootSealer, RefusesHeaderRoomThatIsInUse) {
  v1::Profile profile = SmallProfile();
  profile.mutable_target()->mutable_mcuboot()->set_payload_has_header_room(
      true);
  for (const std::size_t used : {0, 4, 0x1ff}) {
    std::string payload = std::string(0x200, '\0') + tests::TestPayload(3000);
    payload[used] = 'x';
    for (const std::size_t chunk : {1, 4096}) {
      const auto status = PayloadStatus(profile, payload, chunk);
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                                   "HEADER_ROOM_NOT_ZERO"));
      EXPECT_THAT(status,
                  tests::MessageHas("byte " + std::to_string(used) + " "));
    }
  }
}

TEST(McubootSealer, RefusesAPayloadThatIsHeaderRoomOnly) {
  v1::Profile profile = SmallProfile();
  profile.mutable_target()->mutable_mcuboot()->set_payload_has_header_room(
      true);
  EXPECT_THAT(McubootSealer::Start(Made(profile), RequestOf(0x200)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "PAYLOAD_WITHOUT_HEADER_ROOM"));
}

TEST(McubootSealer, RefusesMoreBytesThanAnnounced) {
  const std::string payload = tests::TestPayload(3000);
  EXPECT_THAT(Fed(SmallProfile(), RequestOf(2999), payload, 1000),
              StatusIs(absl::StatusCode::kInvalidArgument, "SIZE_MISMATCH"));
}

TEST(McubootSealer, RefusesFewerBytesThanAnnounced) {
  const std::string payload = tests::TestPayload(3000);
  const auto sealer = Fed(SmallProfile(), RequestOf(3001), payload, 1000);
  ASSERT_OK(sealer);
  EXPECT_THAT((*sealer)->EndOfPayload(),
              StatusIs(absl::StatusCode::kInvalidArgument, "SIZE_MISMATCH"));
}

TEST(McubootSealer, RefusesTheSignatureOfAnotherKey) {
  const std::string payload = tests::TestPayload(3000);
  const auto sealer =
      Fed(SmallProfile(), RequestOf(payload.size()), payload, 4096);
  ASSERT_OK(sealer);
  const auto digest = (*sealer)->EndOfPayload();
  ASSERT_OK(digest);
  const tests::SigningKey other(image::Algorithm::kP256);
  EXPECT_THAT(
      (*sealer)->Seal(other.Sign(AsBytes(*digest))),
      StatusIs(absl::StatusCode::kFailedPrecondition, "SIGNATURE_MISMATCH"));
}

TEST(McubootSealer, RefusesACounterAboveTheCeiling) {
  v1::Profile profile = SmallProfile();
  profile.mutable_target()->mutable_mcuboot()->set_security_counter_ceiling(
      512);
  const std::string payload = tests::TestPayload(3000);
  Request request = RequestOf(payload.size());
  request.security_counter = 513;
  EXPECT_THAT(
      Image(profile, request, payload),
      StatusIs(absl::StatusCode::kFailedPrecondition, "SECURITY_COUNTER_HIGH"));
  request.security_counter = 512;
  EXPECT_OK(Image(profile, request, payload));
}

TEST(McubootSealer, RefusesAMissingCounterThatTheDeviceDemands) {
  v1::Profile profile = SmallProfile();
  profile.mutable_target()->mutable_mcuboot()->set_security_counter(
      v1::REQUIRED);
  const std::string payload = tests::TestPayload(3000);
  EXPECT_THAT(Image(profile, RequestOf(payload.size()), payload),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "SECURITY_COUNTER_MISSING"));
}

image::mcuboot::Facts FactsOf(const std::string& image) {
  return image::mcuboot::ReadImage(AsBytes(image),
                                   image::HashAlgorithm::kSha256)
      .facts;
}

std::vector<std::uint16_t> TypesIn(image::Bytes area) {
  std::vector<std::uint16_t> types;
  for (const image::mcuboot::Tlv& tlv : image::mcuboot::Tlvs(area)) {
    types.push_back(tlv.type);
  }
  return types;
}

v1::VendorTlv TlvOf(std::uint32_t type, const std::string& value) {
  v1::VendorTlv tlv;
  tlv.set_type(type);
  tlv.set_value(value);
  return tlv;
}

TEST(McubootSealer, WritesIdentityOwnAndRequestedTlvsInThisOrder) {
  v1::Profile profile = SmallProfile();
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.set_vendor_id("acme.example");
  format.set_class_id("board-1");
  *format.add_vendor_tlvs() = TlvOf(0xa7, "own");
  const std::string payload = tests::TestPayload(3000);
  Request request = RequestOf(payload.size());
  request.security_counter = 1;
  request.vendor_tlvs = {TlvOf(0xa6, "b"), TlvOf(0xa5, std::string(5000, 'a'))};
  const auto image = Image(profile, request, payload);
  ASSERT_OK(image);
  const image::mcuboot::Facts facts = FactsOf(*image);
  EXPECT_EQ(TypesIn(facts.protected_area),
            (std::vector<std::uint16_t>{0x50, 0x74, 0x75, 0xa7, 0xa6, 0xa5}));
  EXPECT_EQ(Verdict(profile, *image), image::Error::kOk);
}

TEST(McubootSealer, RefusesRequestedTlvsThatNoAreaHolds) {
  Request request = RequestOf(3000);
  request.vendor_tlvs = {TlvOf(0xa5, std::string(65536, 'a'))};
  EXPECT_FALSE(McubootSealer::Start(Made(SmallProfile()), request).ok());
}

TEST(McubootSealer, WritesTheSlotThatTheTargetIsFixedTo) {
  v1::Profile profile = SmallProfile();
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.set_strategy(v1::DIRECT_XIP);
  format.set_rom_fixed_address(0x20000);
  const std::string payload = tests::TestPayload(3000);
  const auto image = Image(profile, RequestOf(payload.size()), payload);
  ASSERT_OK(image);
  const image::mcuboot::Header header = FactsOf(*image).header;
  EXPECT_EQ(header.flags, image::mcuboot::flags::kRomFixed);
  EXPECT_EQ(header.load_address, 0x20000u);
}

TEST(McubootSealer, MarksWhatIsNeverStarted) {
  v1::Profile profile = SmallProfile();
  profile.mutable_target()->mutable_mcuboot()->set_non_bootable(true);
  const std::string payload = "no code";
  const auto image = Image(profile, RequestOf(payload.size()), payload);
  ASSERT_OK(image);
  EXPECT_EQ(FactsOf(*image).header.flags, image::mcuboot::flags::kNonBootable);
  EXPECT_EQ(Verdict(SmallProfile(), *image), image::Error::kNonBootable);
}

v1::Profile EncryptingProfile(std::uint32_t bits) {
  v1::Profile profile = SmallProfile();
  profile.mutable_target()->mutable_mcuboot()->set_strategy(v1::OVERWRITE_ONLY);
  v1::EncryptionFormat& encryption =
      *profile.mutable_target()->mutable_mcuboot()->mutable_encryption();
  encryption.set_key_bits(bits);
  encryption.set_key_exchange(v1::ECIES_X25519);
  return profile;
}

TEST(McubootSealer, SignsTheFlagOfTheTargetsKeySizeWhenTheCallerEncrypts) {
  const std::string payload = tests::TestPayload(3008);
  Request request = RequestOf(payload.size());
  for (const auto& [bits, flag] :
       {std::pair{128u, image::mcuboot::flags::kEncryptedAes128},
        std::pair{256u, image::mcuboot::flags::kEncryptedAes256}}) {
    request.encrypted = true;
    const auto image = Image(EncryptingProfile(bits), request, payload);
    ASSERT_OK(image);
    EXPECT_EQ(FactsOf(*image).header.flags, flag);
    request.encrypted = false;
    const auto plain = Image(EncryptingProfile(bits), request, payload);
    ASSERT_OK(plain);
    EXPECT_EQ(FactsOf(*plain).header.flags, 0u);
  }
}

TEST(McubootSealer, DoesNotSealAnEncryptedImageThatNobodyDecrypts) {
  Request request = RequestOf(3008);
  request.encrypted = true;
  EXPECT_THAT(McubootSealer::Start(Made(SmallProfile()), request),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ENCRYPTED"));
}

TEST(McubootSealer, LeavesRoomForTheContentKey) {
  v1::Profile profile = EncryptingProfile(256);
  profile.mutable_target()->mutable_mcuboot()->set_padding(v1::PAD);
  Request request = RequestOf(0);
  request.payload_size = LargestPayload(profile);
  ASSERT_OK(McubootSealer::Start(Made(profile), request));
  request.encrypted = true;
  // 96 bytes behind a TLV header of 4.
  EXPECT_THAT(
      McubootSealer::Start(Made(profile), request),
      StatusIs(absl::StatusCode::kInvalidArgument, "PAYLOAD_TOO_LARGE"));
  request.payload_size -= 99;
  EXPECT_THAT(
      McubootSealer::Start(Made(profile), request),
      StatusIs(absl::StatusCode::kInvalidArgument, "PAYLOAD_TOO_LARGE"));
  request.payload_size -= 1;
  EXPECT_OK(McubootSealer::Start(Made(profile), request));
}

}  // namespace
}  // namespace bootseal::sealing
